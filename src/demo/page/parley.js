import { createClient } from './graphql-sse/client.mjs'

/** A token is replaced so long before it ends, or at half of its time. */
const RENEW_BEFORE_SECONDS = 60

/** The server says something every 12 seconds: a stream that is silent for longer is dead, even if no network says so. */
const SILENCE_MS = 30_000

/**
 * What a page needs to talk to Parley. Copy it: with a bundler, import `createClient` from the npm package graphql-sse.
 * `fetchSession` asks your own back end for `{ url, token, expiresInSeconds }`; Parley's key stays there.
 */
export function connect(fetchSession) {
  let session = null

  /** The session, renewed in time; several that ask at once share one call. Clocks of browsers are wrong: their pace is not. */
  function current() {
    if (session && performance.now() < session.renewAtMs) return session.promise
    const asked = { renewAtMs: Number.POSITIVE_INFINITY }
    asked.promise = fetchSession().then(({ url, token, expiresInSeconds }) => {
      const goodForSeconds = Math.max(expiresInSeconds - RENEW_BEFORE_SECONDS, expiresInSeconds / 2)
      asked.renewAtMs = performance.now() + goodForSeconds * 1_000
      return { url, token, renewAtMs: asked.renewAtMs }
    })
    asked.promise.catch(() => forget(asked))
    session = asked
    return asked.promise
  }

  function forget(refused) {
    if (session === refused) session = null
  }

  async function query(text, variables) {
    const { errors, data } = (await send(text, variables)) ?? (await send(text, variables)) ?? {}
    if (errors) throw new Error(errors.map(({ message }) => message).join('\n'))
    return data
  }

  /** Null where the token is not taken, as when it was revoked: the next one is a new one. */
  async function send(text, variables) {
    const { url, token } = await current()
    const asked = session
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: text, variables }),
    })
    if (response.status !== 401) return response.json()
    forget(asked)
    return null
  }

  /** One connection of a subscription. True when it completed, false when another is to go on; rejects when it broke off. */
  async function subscribe(text, variables, onData, signal) {
    const { url, token, renewAtMs } = await current()
    const asked = session
    const headers = { authorization: `Bearer ${token}` }
    const client = createClient({ url, headers, retryAttempts: 0, fetchFn: fetchWatched })
    const over = new AbortController()
    let completed = true
    const interrupt = () => {
      completed = false
      client.dispose()
    }
    const renewal = setTimeout(interrupt, renewAtMs - performance.now())
    signal.addEventListener('abort', interrupt, { signal: over.signal })
    // A browser has six connections to a server of HTTP/1.1, for all its tabs: those that nobody sees give theirs back.
    document.addEventListener('visibilitychange', () => document.hidden && interrupt(), { signal: over.signal })
    try {
      await new Promise((resolve, reject) => {
        const next = ({ errors, data }) => (errors ? reject(codedError(errors[0])) : onData(data))
        client.subscribe({ query: text, variables }, { next, complete: resolve, error: reject })
      })
      return completed
    } catch (error) {
      if (error.response?.status === 401 || error.code === 'UNAUTHENTICATED') forget(asked)
      throw error
    } finally {
      clearTimeout(renewal)
      over.abort()
      client.dispose()
    }
  }

  /**
   * Follows a subscription until it completes, beginning anew when the network drops it, when its token is about to end, and
   * when the page is looked at again. `variables()` is asked each time, so that it goes on behind what was told: nothing
   * is lost or told twice. Where it broke off, `onBreak` is told the code of the error, if there is one. Answers what ends it.
   */
  function follow(text, variables, onData, onBreak = () => {}) {
    const stopped = new AbortController()
    let failures = 0
    const onTold = (data) => {
      onData(data)
      failures = 0
    }
    const run = async () => {
      while (!stopped.signal.aborted) {
        await visible()
        try {
          if (await subscribe(text, variables(), onTold, stopped.signal)) return
        } catch (error) {
          if (stopped.signal.aborted) return
          onBreak(error.code)
          await new Promise((resolve) => setTimeout(resolve, Math.min(500 * 2 ** failures++, 15_000)))
        }
      }
    }
    void run()
    return () => stopped.abort()
  }

  return { query, follow }
}

const codedError = ({ message, extensions }) => Object.assign(new Error(message), { code: extensions?.code })

/** Resolves as soon as somebody can see the page. */
async function visible() {
  while (document.hidden) {
    await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }))
  }
}

/** `fetch` for a stream: fails as soon as nothing came for too long. */
async function fetchWatched(url, init) {
  const dead = new AbortController()
  const signal = AbortSignal.any([init.signal, dead.signal])
  let timer
  const listen = () => {
    clearTimeout(timer)
    timer = setTimeout(() => dead.abort(), SILENCE_MS)
  }
  listen()
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
  const response = await fetch(url, { ...init, signal })
  const watched = new TransformStream({
    transform(chunk, stream) {
      listen()
      stream.enqueue(chunk)
    },
    flush: () => clearTimeout(timer),
  })
  return new Response(response.body?.pipeThrough(watched), response)
}

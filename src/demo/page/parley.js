import { createClient } from './graphql-sse/client.mjs'

/** A token is renewed this long before it expires, but not before half of its lifetime. */
const RENEW_BEFORE_SECONDS = 60

/**
 * The server sends something every 12 seconds: a stream that is silent for much longer is dead, even if the network
 * reports nothing.
 */
const SILENCE_MS = 30_000

/**
 * What a page needs to talk to Parley. You can copy this file: with a bundler, import `createClient` from the npm
 * package graphql-sse. `fetchSession` asks your own back end for `{ url, token, expiresInSeconds }`; Parley's key stays
 * there.
 */
export function connect(fetchSession) {
  let session = null

  /**
   * The session, renewed in time. Concurrent callers share one call. The clock of a browser may be wrong, but it runs
   * at the right speed.
   */
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

  /** Null if the token is not accepted, for example because it was revoked: the next call gets a new one. */
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

  /**
   * One connection of a subscription. Resolves with true if it completed, with false if another one should continue it;
   * rejects if it broke off.
   */
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
    // A browser opens six HTTP/1.1 connections to a server, for all its tabs: hidden tabs give theirs back.
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
   * Follows a subscription until it completes. It reconnects if the network drops it, if its token is about to expire,
   * and if the page becomes visible again. `variables()` is called each time, so that the subscription continues after
   * what was delivered: nothing is lost or delivered twice. If it breaks off, `onBreak` is called with the code of the
   * error, if there is one. Returns a function that ends it.
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

/** Resolves as soon as the page is visible. */
async function visible() {
  while (document.hidden) {
    await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }))
  }
}

/** `fetch` for a stream: fails if nothing arrives for too long. */
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

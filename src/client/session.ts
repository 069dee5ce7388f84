import { createClient } from 'graphql-sse'
import { type AnsweredError, messageOf, ParleyRequestError } from './errors.ts'
import { onceHidden, untilVisible } from './page-visibility.ts'
import { type RunOperation, request, type TypedDocument } from './request.ts'
import { type FetchToken, loggedOut, TokenSource } from './token-source.ts'
import { watchedFetch } from './watched-fetch.ts'

export interface SessionOptions {
  /** The GraphQL endpoint, such as `https://parley.example/graphql`. */
  url: string
  /**
   * Asks your own back end for a token, which it creates with `createEmbedToken`. It is called when one is needed: one
   * call at a time, before the last token expires, and if the server refuses it.
   */
  fetchToken: FetchToken
  /** How long a query may take, in milliseconds. Default: 30,000. */
  timeoutMs?: number
}

export interface SubscribeOptions<Data, Variables> {
  /**
   * The variables, or what makes them each time the stream is opened, from the last data that arrived: so a subscription
   * goes on after what was delivered, and nothing is lost or delivered twice.
   */
  variables?: Variables | ((last: Data | null) => Variables)
  onData(data: Data): void
  /** Called each time the stream breaks off. It is opened again. */
  onBreak?(error: ParleyRequestError): void
  /** Called if the subscription ends by itself. */
  onComplete?(): void
}

/** What a page needs to talk to Parley. */
export interface Session {
  query: RunOperation
  /** Follows a subscription, and opens it again whenever it breaks off. Returns a function that ends it. */
  subscribe<Data, Variables = object>(
    document: TypedDocument<Data, Variables> | string,
    options: SubscribeOptions<Data, Variables>,
  ): () => void
  /** Ends the session: forgets the token and ends all streams. */
  logout(): void
}

const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 15_000
/** Timers of more milliseconds go off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

export function createSession({ url, fetchToken, timeoutMs = 30_000 }: SessionOptions): Session {
  const tokens = new TokenSource(fetchToken)

  /** Runs an operation, again with another token if the server refuses the first: then nothing of it was carried out. */
  async function query<Data>(document: string, variables: object | undefined, signal: AbortSignal | undefined) {
    const either = signal ? AbortSignal.any([signal, tokens.signal]) : tokens.signal
    for (let attempts = 1; ; attempts += 1) {
      const token = await tokens.current()
      try {
        const headers = { authorization: `Bearer ${token.token}` }
        return await request<Data>({ url, headers, timeoutMs }, document, variables, either)
      } catch (error) {
        if (tokens.signal.aborted) throw loggedOut()
        if (!isRefusal(error)) throw error
        tokens.forget(token)
        if (attempts > 1) throw error
      }
    }
  }

  /**
   * One connection of a subscription. Resolves with whether the subscription is complete: it is not if the token is about
   * to expire or the page was hidden. Rejects if it broke off.
   */
  async function connect<Data>(
    document: string,
    variables: object | undefined,
    onData: (data: Data) => void,
    signal: AbortSignal,
  ) {
    const token = await tokens.fresh()
    const headers = { authorization: `Bearer ${token.token}` }
    const client = createClient({ url, headers, retryAttempts: 0, fetchFn: watchedFetch })
    const over = new AbortController()
    let isComplete = true
    const interrupt = () => {
      isComplete = false
      client.dispose()
    }
    const now = performance.now()
    const endsInMs = (now < token.renewAtMs ? token.renewAtMs : token.expiresAtMs) - now
    const renewal = setTimeout(interrupt, Math.min(endsInMs, LONGEST_TIMER_MS))
    signal.addEventListener('abort', interrupt, { signal: over.signal })
    // A browser opens six HTTP/1.1 connections to a server, for all its tabs: hidden tabs give theirs back.
    onceHidden(interrupt, over.signal)
    try {
      await new Promise<void>((resolve, reject) => {
        if (signal.aborted) return resolve(interrupt())
        client.subscribe(
          { query: document, variables: variables as Record<string, unknown> },
          {
            next: ({ errors, data }) => (errors ? reject(errorOf(errors)) : onData(data as Data)),
            complete: resolve,
            error: reject,
          },
        )
      })
      return isComplete
    } catch (error) {
      const wrapped = errorOf(error)
      if (isRefusal(wrapped)) tokens.forget(token)
      throw wrapped
    } finally {
      clearTimeout(renewal)
      over.abort()
      client.dispose()
    }
  }

  return {
    query: <Data>(document: unknown, variables?: object, options?: { signal?: AbortSignal }) =>
      query<Data>(String(document), variables, options?.signal),
    subscribe(document, { variables, onData, onBreak, onComplete }) {
      type Data = Parameters<typeof onData>[0]
      const stopped = new AbortController()
      const signal = AbortSignal.any([stopped.signal, tokens.signal])
      let last: Data | null = null
      let failures = 0
      const run = async () => {
        while (!signal.aborted) {
          await untilVisible()
          try {
            const given =
              typeof variables === 'function' ? (variables as (last: Data | null) => unknown)(last) : variables
            const deliver = (data: Data) => {
              last = data
              failures = 0
              if (!signal.aborted) call(() => onData(data))
            }
            if (await connect(String(document), given as object, deliver, signal)) return call(() => onComplete?.())
          } catch (error) {
            if (signal.aborted) return
            call(() => onBreak?.(errorOf(error)))
            await pause(Math.min(FIRST_RETRY_MS * 2 ** failures++, LONGEST_RETRY_MS), signal)
          }
        }
      }
      void run()
      return () => stopped.abort()
    },
    logout: () => tokens.logout(),
  }
}

/** What a listener throws is the page's, and ends no stream. */
function call(listener: () => void) {
  try {
    listener()
  } catch (error) {
    const { reportError = console.error } = globalThis as { reportError?: (error: unknown) => void }
    reportError(error)
  }
}

const isRefusal = (error: unknown) => error instanceof ParleyRequestError && error.code === 'UNAUTHENTICATED'

/** What graphql-sse, fetch or an answer says, as an error of ours. */
function errorOf(error: unknown): ParleyRequestError {
  if (error instanceof ParleyRequestError) return error
  if (Array.isArray(error)) {
    const errors = error as AnsweredError[]
    return new ParleyRequestError(messageOf(errors[0]?.message), errors[0]?.extensions?.code ?? 'UNKNOWN', errors)
  }
  const status = (error as { response?: { status?: number } } | null)?.response?.status
  return new ParleyRequestError(messageOf(error), status === 401 ? 'UNAUTHENTICATED' : 'UNREACHABLE')
}

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => resolve(clearTimeout(timer)), { once: true })
  })

import { ParleyRequestError } from './errors.ts'
import { untilVisible } from './page-visibility.ts'
import { type RunOperation, request, type TypedDocument } from './request.ts'
import { stream, unreachable } from './stream.ts'
import { backoffMs, pause, unlessAborted } from './timers.ts'
import { type FetchToken, type Token, TokenSource } from './token-source.ts'

export interface SessionOptions {
  /** The GraphQL endpoint, such as `https://parley.example/graphql`. */
  url: string
  /**
   * Asks your own back end for a token, which it creates with `createEmbedToken`. It is called when one is needed: one
   * call at a time, before the last token expires, and if the server refuses it. Its `signal` is aborted after 30 s and by
   * `logout`.
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
  /**
   * Called once if the server refuses the subscription and would refuse it again, such as with `FORBIDDEN`. It is not
   * opened again. Default: the error is reported on the console.
   */
  onError?(error: ParleyRequestError): void
  /** Called if the subscription ends by itself. */
  onComplete?(): void
}

/** What a page needs to talk to Parley. */
export interface Session {
  /** The GraphQL endpoint. */
  readonly url: string
  /** Aborted by `logout`. */
  readonly ended: AbortSignal
  query: RunOperation
  /**
   * Follows a subscription, and opens it again whenever it breaks off, unless it is refused for good. Returns a function
   * that ends it.
   */
  subscribe<Data, Variables = object>(
    document: TypedDocument<Data, Variables> | string,
    options: SubscribeOptions<Data, Variables>,
  ): () => void
  /** From now on, the server refuses a token of another tenant with `FORBIDDEN`. */
  keepTo(tenantId: string): void
  /** Ends the session: forgets the token and ends all streams. */
  logout(): void
}

const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 15_000
/** Codes after which the same subscription would be refused again, whatever its token and resume token. */
export const FINAL_CODES: ReadonlySet<string> = new Set([
  'FORBIDDEN',
  'NOT_CONFIGURED',
  'TENANT_REQUIRED',
  'NOT_FOUND',
  'BAD_USER_INPUT',
  'QUERY_TOO_COMPLEX',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'DOCUMENT_NOT_TRUSTED',
  'PERSISTED_QUERY_NOT_FOUND',
])

export function createSession({ url, fetchToken, timeoutMs = 30_000 }: SessionOptions): Session {
  if (!url) throw new TypeError('url is missing: the address of the GraphQL endpoint')
  if (typeof fetchToken !== 'function') throw new TypeError('fetchToken is missing: a function that returns a token')
  const tokens = new TokenSource(fetchToken)
  let tenantId: string | null = null
  const headersOf = ({ token }: Token) => ({
    authorization: `Bearer ${token}`,
    ...(tenantId === null ? {} : { 'x-tenant-id': tenantId }),
  })

  /** Runs an operation, again with another token if the server refuses the first: then nothing of it was carried out. */
  async function query<Data>(document: string, variables: object | undefined, signal: AbortSignal | undefined) {
    const either = signal ? AbortSignal.any([signal, tokens.signal]) : tokens.signal
    for (let attempts = 1; ; attempts += 1) {
      const token = await unlessAborted(tokens.current(), either)
      try {
        const data = await request<Data>({ url, headers: headersOf(token), timeoutMs }, document, variables, either)
        tokens.accept()
        return data
      } catch (error) {
        if (!isRefusal(error)) throw error
        tokens.forget(token, error)
        if (attempts > 1) throw error
      }
    }
  }

  /** One connection of a subscription. Rejects if there is no token. */
  async function connect(
    document: string,
    variables: object | undefined,
    onData: (data: unknown) => void,
    signal: AbortSignal,
  ) {
    const token = await unlessAborted(tokens.fresh(), signal)
    const now = performance.now()
    const endsInMs = (now < token.renewAtMs ? token.renewAtMs : token.expiresAtMs) - now
    const onOpen = () => tokens.accept()
    const headers = headersOf(token)
    const ending = await stream({ url, headers, document, variables, endsInMs, signal, onOpen, onData })
    if (typeof ending === 'object' && isRefusal(ending.error)) tokens.forget(token, ending.error)
    return ending
  }

  return {
    url,
    ended: tokens.signal,
    query: <Data>(document: unknown, variables?: object, options?: { signal?: AbortSignal }) =>
      query<Data>(String(document), variables, options?.signal),
    subscribe(document, { variables, onData, onBreak, onError, onComplete }) {
      type Data = Parameters<typeof onData>[0]
      const stopped = new AbortController()
      const signal = AbortSignal.any([stopped.signal, tokens.signal])
      let last: Data | null = null
      const deliver = (data: unknown) => {
        last = data as Data
        if (!signal.aborted) call(() => onData(data as Data))
      }
      const follow = async () => {
        try {
          const given =
            typeof variables === 'function' ? (variables as (last: Data | null) => unknown)(last) : variables
          return await connect(String(document), given as object, deliver, signal)
        } catch (error) {
          return { error: unreachable(error), retryAfterMs: 0, hasLived: false }
        }
      }
      const run = async () => {
        let failures = 0
        while (!signal.aborted) {
          await untilVisible()
          const ending = await follow()
          if (ending === 'COMPLETE') return call(() => onComplete?.())
          if (ending === 'INTERRUPTED') {
            failures = 0
            continue
          }
          if (signal.aborted) return
          const { error, retryAfterMs, hasLived } = ending
          if (FINAL_CODES.has(error.code)) return call(() => (onError ? onError(error) : report(error)))
          call(() => onBreak?.(error))
          failures = hasLived ? 1 : failures + 1
          await pause(retryAfterMs + backoffMs(failures, FIRST_RETRY_MS, LONGEST_RETRY_MS), signal)
        }
      }
      void run()
      return () => stopped.abort()
    },
    keepTo(id) {
      tenantId = id
    },
    logout: () => tokens.logout(),
  }
}

/** What a listener throws is the page's, and ends no stream. */
function call(listener: () => void) {
  try {
    listener()
  } catch (error) {
    report(error)
  }
}

function report(error: unknown) {
  const { reportError = console.error } = globalThis as { reportError?: (error: unknown) => void }
  reportError(error)
}

const isRefusal = (error: unknown): error is ParleyRequestError =>
  error instanceof ParleyRequestError && error.code === 'UNAUTHENTICATED'

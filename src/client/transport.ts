import { type AnsweredError, messageOf, RETRIED_CODES } from './errors.ts'

export interface Endpoint {
  url: string
  headers: Record<string, string>
  timeoutMs: number
  /** Default: the global `fetch`. */
  fetch?: typeof fetch
}

export interface Answer<Data> {
  data?: Data | null
  errors?: AnsweredError[]
}

/** What one attempt brought. */
export interface Attempt<Data> {
  /** Null if there was no GraphQL answer. */
  answer: Answer<Data> | null
  /** Why it failed, if the same request may succeed later; null if another attempt changes nothing. */
  transient: string | null
  /** How soon the server asks for the next attempt, in milliseconds; null if it does not say. */
  retryAfterMs: number | null
  /** Why there is no answer. */
  failure: string | null
  status: number | null
}

const MAX_RETRY_AFTER_MS = 3_600_000
/** For a proxy that accepts less than the server, and says so in its own words. */
const TOO_LARGE = { errors: [{ message: 'The request is too large.', extensions: { code: 'LIMIT_EXCEEDED' } }] }

/** Sends an operation once. Never rejects. */
export async function attempt<Data>(endpoint: Endpoint, body: string, signal?: AbortSignal): Promise<Attempt<Data>> {
  let response: Response
  let text: string
  try {
    const limit = AbortSignal.timeout(endpoint.timeoutMs)
    response = await (endpoint.fetch ?? fetch)(endpoint.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...endpoint.headers },
      body,
      // One of another kind would make it a GET, or send the key to another host.
      redirect: 'error',
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    })
    text = await response.text()
  } catch (error) {
    const failure = `${endpoint.url} can't be reached: ${reasonOf(error)}`
    return { answer: null, transient: failure, retryAfterMs: null, failure, status: null }
  }
  const { status } = response
  const retryAfterMs = retryAfterOf(response.headers)
  const answer = parseAnswer<Data>(text) ?? (status === 413 ? (TOO_LARGE as Answer<Data>) : null)
  const failure = answer ? null : `${endpoint.url} answered ${status} without a GraphQL response`
  const refused = answer?.errors?.find(({ extensions }) => RETRIED_CODES.has(extensions?.code ?? ''))
  const isTransient = refused !== undefined || status >= 500 || status === 429 || status === 408
  const transient = isTransient ? (refused?.message ?? failure ?? `the server answered ${status}`) : null
  return { answer, transient, retryAfterMs, failure, status }
}

/** Retry-After: seconds, or a date. */
export function retryAfterOf(headers: Headers): number | null {
  const value = headers.get('retry-after') ?? ''
  const delayMs = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now()
  return delayMs > 0 ? Math.min(delayMs, MAX_RETRY_AFTER_MS) : null
}

export function parseAnswer<Data>(text: string): Answer<Data> | null {
  try {
    const answer: unknown = JSON.parse(text)
    // Its data has the shape that the document asked for.
    return isAnswer(answer) ? (answer as Answer<Data>) : null
  } catch {
    return null
  }
}

/** Whether it is an answer of GraphQL's: with errors, or else with data. */
function isAnswer(value: unknown): boolean {
  const { data, errors } = (value ?? {}) as { data?: unknown; errors?: unknown }
  const all = errors ?? []
  if (!Array.isArray(all) || all.some((error) => typeof error?.message !== 'string')) return false
  return all.length > 0 || (typeof data === 'object' && data !== null)
}

/** fetch only says "fetch failed"; the reason is in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const code = (cause as { code?: unknown } | null)?.code
  // If a name has several addresses, the message is empty and only the code gives the reason.
  return messageOf(cause) || String(code)
}

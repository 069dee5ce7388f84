import { setTimeout } from 'node:timers/promises'

export interface GraphQLAnswer<Data> {
  data?: Data | null
  errors?: { message: string; extensions?: { code?: string } }[]
}

export interface ClientOptions {
  /** The GraphQL endpoint. */
  url: string
  key: string
  /** Sent as X-Tenant-Id. */
  tenant?: string | undefined
  /** How long to wait before each further attempt; as many attempts as there are entries, after the first. */
  retryDelaysMs?: readonly number[]
}

/** There was no GraphQL answer, however often it was tried. */
export class Unreachable extends Error {}

const REQUEST_TIMEOUT_MS = 60_000
const RETRY_DELAYS_MS = [250, 1_000, 3_000]
const MAX_RETRY_AFTER_MS = 30_000

export type GraphQLClient = ReturnType<typeof createClient>

/**
 * Sends operations over HTTP. Tries again when the network or the server fails, and so must only be given writes that
 * may arrive twice: an attempt whose answer was lost may have been carried out.
 */
export function createClient({ url, key, tenant, retryDelaysMs = RETRY_DELAYS_MS }: ClientOptions) {
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${key}`,
    ...(tenant === undefined ? {} : { 'x-tenant-id': tenant }),
  }
  return async function ask<Data>(query: string, variables: Record<string, unknown>): Promise<GraphQLAnswer<Data>> {
    const body = JSON.stringify({ query, variables })
    for (const delayMs of retryDelaysMs) {
      const attempt = await send<Data>(url, headers, body)
      if (!attempt.retry) return attempt.answer()
      await setTimeout(Math.max(delayMs, attempt.retryAfterMs))
    }
    return (await send<Data>(url, headers, body)).answer()
  }
}

interface Attempt<Data> {
  retry: boolean
  /** What the server asks to wait, 0 where it asks nothing. */
  retryAfterMs: number
  /** Throws where there is none. */
  answer(): GraphQLAnswer<Data>
}

async function send<Data>(url: string, headers: Record<string, string>, body: string): Promise<Attempt<Data>> {
  let response: Response
  let text: string
  try {
    response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) })
    text = await response.text()
  } catch (error) {
    return failed(`${url} can't be reached: ${reasonOf(error)}`, true)
  }
  const retry = response.status >= 500 || response.status === 429
  const answer = parseAnswer<Data>(text)
  if (!answer) return failed(`${url} answered ${response.status}, and not as a GraphQL server does`, retry)
  return { retry, retryAfterMs: retryAfterMs(response.headers), answer: () => answer }
}

function failed(message: string, retry: boolean): Attempt<never> {
  return {
    retry,
    retryAfterMs: 0,
    answer() {
      throw new Unreachable(message)
    },
  }
}

function retryAfterMs(headers: Headers): number {
  const seconds = Number(headers.get('retry-after') ?? 0)
  return seconds > 0 ? Math.min(seconds * 1_000, MAX_RETRY_AFTER_MS) : 0
}

function parseAnswer<Data>(text: string): GraphQLAnswer<Data> | null {
  try {
    const answer: unknown = JSON.parse(text)
    const isAnswer = typeof answer === 'object' && answer !== null && ('data' in answer || 'errors' in answer)
    // Its data have the shape that the caller's own document asked for.
    return isAnswer ? (answer as GraphQLAnswer<Data>) : null
  } catch {
    return null
  }
}

/** fetch says "fetch failed" and keeps the reason to itself. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  if (!(cause instanceof Error)) return String(cause)
  // Where a name has several addresses, the message is empty and the code says it.
  return cause.message || String((cause as NodeJS.ErrnoException).code)
}

import { setTimeout } from 'node:timers/promises'

export interface GraphQLAnswer<Data> {
  data?: Data | null
  errors?: { message: string; extensions?: { code?: string; inputPath?: string } }[]
}

export interface ClientOptions {
  /** The GraphQL endpoint. */
  url: string
  key: string
  /** Sent as X-Tenant-Id. */
  tenant?: string | undefined
  /** How long to wait before each retry; there are as many retries as entries. */
  retryDelaysMs?: readonly number[]
  /** Aborts when no further attempt is to be made. An attempt in progress is finished. */
  signal?: AbortSignal
  /** Called before each wait with its reason and its length. */
  onWait?: (reason: string, delayMs: number) => void
  wait?: (delayMs: number, signal?: AbortSignal) => Promise<unknown>
}

/** There was no GraphQL answer in any attempt. */
export class Unreachable extends Error {}

const REQUEST_TIMEOUT_MS = 60_000
const RETRY_DELAYS_MS = [250, 1_000, 3_000]
/** Longer waits are cut to an hour: timers can't count weeks. */
const MAX_RETRY_AFTER_MS = 3_600_000

export type GraphQLClient = ReturnType<typeof createClient>

const waitFor = (delayMs: number, signal?: AbortSignal) => setTimeout(delayMs, undefined, signal ? { signal } : {})

/**
 * Sends operations over HTTP. Retries if the network or the server fails, so only give it idempotent writes: an attempt
 * whose answer was lost may have been carried out.
 */
export function createClient(options: ClientOptions) {
  const { url, key, tenant, retryDelaysMs = RETRY_DELAYS_MS, signal, onWait, wait = waitFor } = options
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${key}`,
    ...(tenant === undefined ? {} : { 'x-tenant-id': tenant }),
  }
  return async function ask<Data>(
    query: string,
    variables: Record<string, unknown> = {},
  ): Promise<GraphQLAnswer<Data>> {
    const body = JSON.stringify({ query, variables })
    const delaysMs = [...retryDelaysMs]
    for (;;) {
      const attempt = await send<Data>(url, headers, body)
      if (attempt.failure === null || signal?.aborted) return attempt.answer()
      // A server that says when to come back is working, so waiting for it uses up no attempt.
      const delayMs = attempt.comeBackInMs ?? delaysMs.shift()
      if (delayMs === undefined) return attempt.answer()
      onWait?.(attempt.failure, delayMs)
      // It rejects when it is aborted.
      await wait(delayMs, signal).catch(() => {})
      if (signal?.aborted) return attempt.answer()
    }
  }
}

interface Attempt<Data> {
  /** A failure that may be transient; null if a retry would change nothing. */
  failure: string | null
  /** How soon the server asks for the next attempt; null if it does not say. */
  comeBackInMs: number | null
  /** Throws if there is none. */
  answer(): GraphQLAnswer<Data>
}

async function send<Data>(url: string, headers: Record<string, string>, body: string): Promise<Attempt<Data>> {
  let response: Response
  let text: string
  try {
    response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) })
    text = await response.text()
  } catch (error) {
    return without(`${url} can't be reached: ${reasonOf(error)}`, { isTransient: true, comeBackInMs: null })
  }
  const { status } = response
  const isTransient = status >= 500 || status === 429 || status === 408
  const comeBackInMs = comeBackIn(response.headers)
  const answer = parseAnswer<Data>(text) ?? (status === 413 ? TOO_LARGE : null)
  if (!answer) return without(`${url} answered ${status} without a GraphQL response`, { isTransient, comeBackInMs })
  const failure = isTransient ? `the server answered ${status}: ${answer.errors?.[0]?.message}` : null
  return { failure, comeBackInMs, answer: () => answer }
}

/** For a proxy that accepts less than the server, and says so in its own words. */
const TOO_LARGE = { errors: [{ message: 'The request is too large.', extensions: { code: 'LIMIT_EXCEEDED' } }] }

function without(
  message: string,
  { isTransient, comeBackInMs }: { isTransient: boolean; comeBackInMs: number | null },
) {
  return {
    failure: isTransient ? message : null,
    comeBackInMs,
    answer(): never {
      throw new Unreachable(message)
    },
  }
}

/** Retry-After: seconds, or a date. */
function comeBackIn(headers: Headers): number | null {
  const value = headers.get('retry-after') ?? ''
  const delayMs = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now()
  return delayMs > 0 ? Math.min(delayMs, MAX_RETRY_AFTER_MS) : null
}

function parseAnswer<Data>(text: string): GraphQLAnswer<Data> | null {
  try {
    const answer: unknown = JSON.parse(text)
    const isAnswer = typeof answer === 'object' && answer !== null && ('data' in answer || 'errors' in answer)
    // Its data has the shape that the caller's own document asked for.
    return isAnswer ? (answer as GraphQLAnswer<Data>) : null
  } catch {
    return null
  }
}

/** fetch only says "fetch failed"; the reason is in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  if (!(cause instanceof Error)) return String(cause)
  // If a name has several addresses, the message is empty and only the code gives the reason.
  return cause.message || String((cause as NodeJS.ErrnoException).code)
}

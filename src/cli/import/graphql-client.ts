import { setTimeout } from 'node:timers/promises'
import { type Answer, attempt } from '../../client/transport.ts'

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

export type GraphQLClient = ReturnType<typeof createClient>

const waitFor = (delayMs: number, signal?: AbortSignal) => setTimeout(delayMs, undefined, signal ? { signal } : {})

/**
 * Sends operations over HTTP. Retries if the network or the server fails, so only give it idempotent writes: an attempt
 * whose answer was lost may have been carried out.
 */
export function createClient(options: ClientOptions) {
  const { url, key, tenant, retryDelaysMs = RETRY_DELAYS_MS, signal, onWait, wait = waitFor } = options
  const headers = { authorization: `Bearer ${key}`, ...(tenant === undefined ? {} : { 'x-tenant-id': tenant }) }
  const endpoint = { url, headers, timeoutMs: REQUEST_TIMEOUT_MS }
  return async function ask<Data>(query: string, variables: Record<string, unknown> = {}): Promise<Answer<Data>> {
    const body = JSON.stringify({ query, variables })
    const delaysMs = [...retryDelaysMs]
    for (;;) {
      const { answer, transient, retryAfterMs, failure } = await attempt<Data>(endpoint, body)
      // A server that says when to come back is working, so waiting for it uses up no attempt.
      const delayMs = transient === null || signal?.aborted ? undefined : (retryAfterMs ?? delaysMs.shift())
      if (delayMs !== undefined) {
        onWait?.(transient ?? '', delayMs)
        // It rejects when it is aborted.
        await wait(delayMs, signal).catch(() => {})
        if (!signal?.aborted) continue
      }
      if (answer) return answer
      throw new Unreachable(failure ?? '')
    }
  }
}

import { createClient } from 'graphql-sse'
import { type AnsweredError, messageOf, ParleyRequestError } from './errors.ts'
import { onceHidden } from './page-visibility.ts'
import { LONGEST_TIMER_MS } from './timers.ts'
import { parseAnswer, retryAfterOf } from './transport.ts'
import { watchedFetch } from './watched-fetch.ts'

/** A stream that lasted this long was one that works. */
const LIVED_MS = 5_000

export interface StreamOptions {
  url: string
  headers: Record<string, string>
  document: string
  variables: object | undefined
  /** When the stream gives way to one with another token, in milliseconds from now. */
  endsInMs: number
  signal: AbortSignal
  /** The server has accepted the subscription. */
  onOpen(): void
  onData(data: unknown): void
}

/** How a stream broke off. */
export interface Break {
  error: ParleyRequestError
  /** How long the server asks to wait, in milliseconds. */
  retryAfterMs: number
  hasLived: boolean
}

/**
 * One connection of a subscription. Never rejects. It is interrupted if its token is about to expire, the page is hidden
 * or the signal is aborted.
 */
export async function stream(options: StreamOptions): Promise<'COMPLETE' | 'INTERRUPTED' | Break> {
  const { url, headers, document, variables, signal } = options
  const client = createClient({ url, headers, retryAttempts: 0, fetchFn: watchedFetch })
  const over = new AbortController()
  let isInterrupted = false
  let openedAtMs: number | null = null
  const interrupt = () => {
    isInterrupted = true
    client.dispose()
  }
  const renewal = setTimeout(interrupt, Math.min(options.endsInMs, LONGEST_TIMER_MS))
  signal.addEventListener('abort', interrupt, { signal: over.signal })
  // A browser opens six HTTP/1.1 connections to a server, for all its tabs: hidden tabs give theirs back.
  onceHidden(interrupt, over.signal)
  try {
    await new Promise<void>((resolve, reject) => {
      if (signal.aborted) return resolve(interrupt())
      client.subscribe(
        { query: document, variables: variables as Record<string, unknown> },
        {
          next({ errors, data }) {
            if (over.signal.aborted) return
            if (!errors) return options.onData(data)
            // What follows in the same chunk comes again: otherwise this would be skipped.
            over.abort()
            reject(errors)
          },
          complete: resolve,
          error: reject,
        },
        {
          connected() {
            openedAtMs = performance.now()
            options.onOpen()
          },
        },
      )
    })
    return isInterrupted ? 'INTERRUPTED' : 'COMPLETE'
  } catch (error) {
    const hasLived = openedAtMs !== null && performance.now() - openedAtMs >= LIVED_MS
    return { ...(await reasonOf(error)), hasLived }
  } finally {
    clearTimeout(renewal)
    over.abort()
    client.dispose()
  }
}

/** What graphql-sse, fetch or an answer says. */
async function reasonOf(error: unknown): Promise<Omit<Break, 'hasLived'>> {
  if (Array.isArray(error)) return breakBy(errorOf(error as AnsweredError[]))
  const { response } = (error ?? {}) as { response?: Response }
  if (!response) return breakBy(unreachable(error))
  const { errors = [] } = parseAnswer(await response.text().catch(() => '')) ?? {}
  const code = response.status === 401 ? 'UNAUTHENTICATED' : 'UNREACHABLE'
  const reason = errors.length > 0 ? errorOf(errors) : new ParleyRequestError(messageOf(error), code)
  return { error: reason, retryAfterMs: retryAfterOf(response.headers) ?? reason.retryAfterMs }
}

const breakBy = (error: ParleyRequestError) => ({ error, retryAfterMs: error.retryAfterMs })

const errorOf = (errors: readonly AnsweredError[]) =>
  new ParleyRequestError(messageOf(errors[0]?.message), errors[0]?.extensions?.code ?? 'UNKNOWN', errors)

/** What went wrong before there was an answer, as an error of ours. */
export const unreachable = (error: unknown): ParleyRequestError =>
  error instanceof ParleyRequestError ? error : new ParleyRequestError(messageOf(error), 'UNREACHABLE')

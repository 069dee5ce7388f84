/** An error that Parley answered, or the reason why there was no answer. */
export class ParleyRequestError extends Error {
  override readonly name = 'ParleyRequestError'
  /** A code of Parley's table of errors, such as `BAD_USER_INPUT`; `UNREACHABLE` if there was no answer. */
  readonly code: string
  /** The input that was refused, such as `input.messages[2].chat.role`. */
  readonly inputPath: string | null
  /** How long the server asks to wait before the next request, in milliseconds; 0 if it does not say. */
  readonly retryAfterMs: number
  /** All errors of the answer. */
  readonly errors: readonly AnsweredError[]
  /** What was answered all the same: root fields that were refused are null. */
  readonly data: unknown

  constructor(message: string, code: string, errors: readonly AnsweredError[] = [], data: unknown = null) {
    super(message)
    this.code = code
    this.data = data
    const { inputPath = null, retryAfterSeconds } = errors[0]?.extensions ?? {}
    this.inputPath = inputPath
    this.retryAfterMs = typeof retryAfterSeconds === 'number' ? retryAfterSeconds * 1_000 : 0
    this.errors = errors
  }
}

/** An error as GraphQL answers hold it. */
export interface AnsweredError {
  message: string
  path?: readonly (string | number)[]
  extensions?: { code?: string; inputPath?: string; [name: string]: unknown }
}

/** Codes after which the same request, with the same idempotency key, may be sent again. */
export const RETRIED_CODES: ReadonlySet<string> = new Set([
  'RATE_LIMITED',
  'UNAVAILABLE',
  'OVERLOADED',
  'OUTCOME_UNKNOWN',
  'SERVER_STOPPING',
  'INTERNAL_SERVER_ERROR',
])

export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error)
  } catch {
    return 'an error that has no text'
  }
}

import { GraphQLError } from 'graphql'

/**
 * Every code that `extensions.code` can hold, the HTTP status of an answer that is refused for it, and whether the same
 * request may be sent again. src/http/README.md says what each means.
 */
export const ERROR_CODES = {
  UNAUTHENTICATED: { status: 401, retry: 'no' },
  FORBIDDEN: { status: 200, retry: 'no' },
  NOT_CONFIGURED: { status: 200, retry: 'no' },
  TENANT_REQUIRED: { status: 200, retry: 'no' },
  NOT_FOUND: { status: 200, retry: 'no' },
  BAD_USER_INPUT: { status: 200, retry: 'no' },
  EXTERNAL_ID_TAKEN: { status: 200, retry: 'no' },
  IDEMPOTENCY_CONFLICT: { status: 200, retry: 'no' },
  CONVERSATION_CLOSED: { status: 200, retry: 'no' },
  CONVERSATION_DELETED: { status: 200, retry: 'no' },
  SEQUENCE_CONFLICT: { status: 200, retry: 'no' },
  RESUME_TOKEN_EXPIRED: { status: 200, retry: 'no' },
  LIMIT_EXCEEDED: { status: 200, retry: 'no' },
  QUERY_TOO_COMPLEX: { status: 400, retry: 'no' },
  GRAPHQL_PARSE_FAILED: { status: 400, retry: 'no' },
  GRAPHQL_VALIDATION_FAILED: { status: 400, retry: 'no' },
  DOCUMENT_NOT_TRUSTED: { status: 403, retry: 'no' },
  PERSISTED_QUERY_NOT_FOUND: { status: 200, retry: 'no' },
  RATE_LIMITED: { status: 429, retry: 'yes' },
  UNAVAILABLE: { status: 503, retry: 'yes' },
  OVERLOADED: { status: 503, retry: 'yes' },
  OUTCOME_UNKNOWN: { status: 504, retry: 'with the same key' },
  SERVER_STOPPING: { status: 200, retry: 'yes' },
  INTERNAL_SERVER_ERROR: { status: 500, retry: 'with the same key' },
} as const satisfies Record<string, { status: number; retry: 'no' | 'yes' | 'with the same key' }>

export type ErrorCode = keyof typeof ERROR_CODES

export type InputPath = readonly (string | number)[]

/** `['input', 'messages', 3, 'chat']` as `input.messages[3].chat`. */
export function formatInputPath(path: InputPath): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('')
}

/** An error that a client can act on. Anything else that is thrown reaches the client masked. */
export class ParleyError extends GraphQLError {
  constructor(code: ErrorCode, message: string, extensions: Record<string, unknown> = {}) {
    super(message, { extensions: { code, ...extensions } })
    this.name = 'ParleyError'
  }
}

/** The answer is refused as a whole: no part of it is sent. */
export class AnswerTooLarge extends ParleyError {
  constructor(maxBytes: number, what = 'Ask for fewer entries, fields or aliases.') {
    super('LIMIT_EXCEEDED', `The answer is larger than MAX_ANSWER_BYTES (${maxBytes} bytes). ${what}`, {
      limit: maxBytes,
      setting: 'MAX_ANSWER_BYTES',
    })
  }
}

export const unauthenticated = (message: string, reason: 'MISSING' | 'INVALID' | 'EXPIRED' | 'REVOKED') =>
  new ParleyError('UNAUTHENTICATED', message, {
    reason,
    http: { status: 401, headers: { 'www-authenticate': 'Bearer' } },
  })

export const forbidden = (message: string, extensions: Record<string, unknown> = {}) =>
  new ParleyError('FORBIDDEN', message, extensions)

/** The client can't fix this: only the operator of this deployment can add the setting. */
export const notConfigured = (setting: string) =>
  new ParleyError('NOT_CONFIGURED', `This deployment lacks the setting ${setting}, which the operation needs.`)

export const otherSigningKeySecret = () =>
  new ParleyError(
    'NOT_CONFIGURED',
    'The signing key was encrypted with another SIGNING_KEY_SECRET. Restore that one, or create a new key with rotateSigningKey.',
  )

/** The same error if something never existed, was deleted, or belongs to another tenant. */
export const notFound = (what: string, path?: InputPath) =>
  new ParleyError('NOT_FOUND', `No such ${what}.`, path ? { inputPath: formatInputPath(path) } : {})

export const badInput = (path: InputPath, message: string) => inputError('BAD_USER_INPUT', path, message)

export const limitExceeded = (path: InputPath, message: string, limit: number) =>
  inputError('LIMIT_EXCEEDED', path, message, { limit })

function inputError(code: ErrorCode, path: InputPath, message: string, extensions: Record<string, unknown> = {}) {
  const inputPath = formatInputPath(path)
  return new ParleyError(code, `${inputPath}: ${message}`, { inputPath, ...extensions })
}

/** The delay is random, so that clients that were refused together don't retry together. */
const LONGEST_RETRY_AFTER_SECONDS = 5

/** HTTP 503: nothing was stored, and the same request can succeed later. */
function tryAgain(code: 'UNAVAILABLE' | 'OVERLOADED', what: string, extensions = {}): ParleyError {
  const retryAfterSeconds = 1 + Math.floor(Math.random() * LONGEST_RETRY_AFTER_SECONDS)
  return new ParleyError(code, `${what} Try again in ${retryAfterSeconds} s.`, {
    ...extensions,
    retryAfterSeconds,
    http: { status: 503, headers: { 'retry-after': String(retryAfterSeconds) } },
  })
}

export const unavailable = () => tryAgain('UNAVAILABLE', 'The database is not available.')

export const rowLocked = () => tryAgain('UNAVAILABLE', 'Another write holds a row that this request needs.')

export const overloaded = (what = 'The server has too many requests in progress.', extensions = {}) =>
  tryAgain('OVERLOADED', what, extensions)

export const isOverloaded = (error: unknown): boolean =>
  error instanceof ParleyError && error.extensions['code'] === ('OVERLOADED' satisfies ErrorCode)

export const tookTooLong = () =>
  new ParleyError(
    'LIMIT_EXCEEDED',
    'The request exceeded the statement timeout (DATABASE_STATEMENT_TIMEOUT_MS). Narrow the filter or range, or request less at once.',
  )

/** HTTP 504: a retry without the same idempotency key could store it twice, so there is no Retry-After. */
export const outcomeUnknown = () =>
  new ParleyError(
    'OUTCOME_UNKNOWN',
    'The connection to the database was lost before it confirmed the write, which may or may not be stored. Retry with the same idempotencyKey; without one, check whether it is stored before you write it again.',
    { http: { status: 504 } },
  )

/** The error if `check` refuses its input; null if it accepts it. */
export function refusalOf(check: () => void): ParleyError | null {
  try {
    check()
    return null
  } catch (error) {
    if (error instanceof ParleyError) return error
    throw error
  }
}

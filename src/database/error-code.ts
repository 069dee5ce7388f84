/** The properties in which the drivers say what went wrong. */
export interface DriverError {
  code?: unknown
  originalCode?: unknown
  severity?: unknown
  kind?: unknown
  syscall?: unknown
  message?: unknown
}

const MAX_DEPTH = 5

/** An error and what it wraps: Prisma and the drivers nest errors in several ways. */
export function nestedErrors(error: unknown, depth = 0): DriverError[] {
  if (typeof error !== 'object' || error === null || depth > MAX_DEPTH) return []
  const { driverAdapterError, meta, cause } = error as Record<string, unknown>
  return [error, ...[driverAdapterError, meta, cause].flatMap((inner) => nestedErrors(inner, depth + 1))]
}

/** Five characters. Prisma's own codes, which begin with P1 or P2, are not SQLSTATEs. */
const SQLSTATE = /^(?!P[12])[0-9A-Z]{5}$/

/** The SQLSTATE of a database's error, however it is wrapped; undefined for any other error. */
export function databaseCode(error: unknown): string | undefined {
  for (const { originalCode, code } of nestedErrors(error)) {
    if (typeof originalCode === 'string') return originalCode
    if (typeof code === 'string' && SQLSTATE.test(code)) return code
  }
  return undefined
}

/** SQLSTATE of a statement that was cancelled: it took too long. */
export const QUERY_CANCELED = '57014'

/** SQLSTATE of a lock that was not granted in time. */
export const LOCK_NOT_AVAILABLE = '55P03'

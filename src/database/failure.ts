import { databaseCode, LOCK_NOT_AVAILABLE, nestedErrors } from './error-code.ts'

/**
 * Why the database failed, if the reason is temporary. `UNAVAILABLE`: PostgreSQL is not reachable, is starting or
 * stopping, has run out of resources, or another transaction holds the row. `OVERLOADED`: every connection of this
 * process is in use.
 */
export type PassingFailure = 'UNAVAILABLE' | 'OVERLOADED'

/** SQLSTATE classes: connection exceptions, insufficient resources (connections, disk, memory). */
const UNAVAILABLE_CLASSES = ['08', '53']

const UNAVAILABLE_CODES = new Set([
  ...['57P01', '57P02', '57P03', '57P04', '57P05'], // stopped by an administrator, crashed, starting, dropped, idle
  ...['25P03', '25P04'], // time-outs of idle or long transactions, set by the database's administrator
  '25006', // read-only: a standby, or the primary after a failover
  LOCK_NOT_AVAILABLE,
  '58030', // an I/O error
  ...['28000', '28P01', '3D000'], // no connection: the role or the database is refused
])

const SOCKET_CODES = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'],
  ...['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN'],
])

/** What adapter-pg calls a failed connection. */
const PRISMA_KINDS = new Set([
  ...['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TlsConnectionError', 'TooManyConnections'],
  ...['DatabaseDoesNotExist', 'DatabaseAccessDenied', 'AuthenticationFailed'],
])

/** node-postgres gives these no code. */
const LOST_MESSAGE =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|Query read timeout|timeout expired)/

/** Prisma's own time-out of a transaction, which is then rolled back: each of its statements was answered, but slowly. */
const EXPIRED_MESSAGE = /cannot be executed on an expired transaction/

const POOL_MESSAGE = /^(timeout exceeded when trying to connect|.*Unable to start a transaction in the given time)/

/** Null for an error of any other kind. */
export function passingFailure(error: unknown): PassingFailure | null {
  if (isUnavailableCode(databaseCode(error)) || isConnectionLost(error) || endsSession(error)) return 'UNAVAILABLE'
  if (nestedErrors(error).some(({ message }) => EXPIRED_MESSAGE.test(String(message)))) return 'UNAVAILABLE'
  return nestedErrors(error).some(({ message }) => POOL_MESSAGE.test(String(message))) ? 'OVERLOADED' : null
}

const isUnavailableCode = (code = '') => UNAVAILABLE_CODES.has(code) || UNAVAILABLE_CLASSES.includes(code.slice(0, 2))

/** Whether PostgreSQL ends the session with this error, or refuses to begin one. */
const endsSession = (error: unknown) =>
  nestedErrors(error).some(({ severity }) => severity === 'FATAL' || severity === 'PANIC')

/** Whether there was no connection, or it was lost. */
function isConnectionLost(error: unknown): boolean {
  return nestedErrors(error).some(
    ({ code, kind, syscall, message }) =>
      SOCKET_CODES.has(String(code)) ||
      PRISMA_KINDS.has(String(kind)) ||
      syscall === 'connect' ||
      LOST_MESSAGE.test(String(message)),
  )
}

/** The database may or may not have committed a transaction: the answer to its COMMIT was lost. */
export class OutcomeUnknown extends Error {
  constructor(cause: unknown) {
    super('The connection to the database was lost before it confirmed the write, which may or may not be stored.', {
      cause,
    })
    this.name = 'OutcomeUnknown'
  }
}

/** The driver knew that the connection was broken, and did not send the statement. */
const NOT_SENT_MESSAGE = /^(Client has encountered a connection error|Client was closed)/

/**
 * What a failed COMMIT means: the error itself if nothing was committed. An error that ends the connection (FATAL, a
 * crash, a lost socket) can reach us after the commit.
 */
export function commitFailure(error: unknown): unknown {
  const nested = nestedErrors(error)
  if (nested.some(({ message }) => NOT_SENT_MESSAGE.test(String(message)))) return error
  const code = databaseCode(error) ?? ''
  const isUnanswered = endsSession(error) || isConnectionLost(error) || /^(08|57P0)/.test(code)
  return isUnanswered ? new OutcomeUnknown(error) : error
}

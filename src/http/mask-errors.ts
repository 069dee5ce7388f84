import { GraphQLError } from 'graphql'
import { databaseCode, LOCK_NOT_AVAILABLE, QUERY_CANCELED } from '../database/error-code.ts'
import { OutcomeUnknown, passingFailure } from '../database/failure.ts'
import { READ_TOO_MUCH } from '../database/read-bytes.ts'
import {
  type ErrorCode,
  outcomeUnknown,
  overloaded,
  ParleyError,
  rowLocked,
  tookTooLong,
  unavailable,
} from '../errors.ts'

/** What the database refuses of what is written is messages: all else was checked before. */
const OF_MESSAGES = { inputPath: 'input.messages' }

/** SQLSTATEs that a caller can do something about. */
const KNOWN: Record<string, () => ParleyError> = {
  '22003': () =>
    new ParleyError('LIMIT_EXCEEDED', 'The sum of the conversation’s numbers is too large to store.', OF_MESSAGES),
  // Only until the index of PostgreSQL's words is dropped: see old-text-index.sql.ts.
  '54000': () =>
    new ParleyError(
      'LIMIT_EXCEEDED',
      'A text has more different words than the index for text search can hold.',
      OF_MESSAGES,
    ),
  [LOCK_NOT_AVAILABLE]: rowLocked,
  [READ_TOO_MUCH]: () =>
    new ParleyError(
      'LIMIT_EXCEEDED',
      'The data read for this answer is several times as large as an answer may be (MAX_ANSWER_BYTES): ask for fewer entries or fields.',
      { setting: 'MAX_ANSWER_BYTES' },
    ),
  [QUERY_CANCELED]: tookTooLong,
}

/** The error that a client is shown for one that was thrown: itself when it is meant for clients, else a masked one. */
export function toClientError(error: unknown, requestId: string): GraphQLError {
  const thrown = error instanceof GraphQLError && error.originalError ? error.originalError : error
  const place = error instanceof GraphQLError ? { path: error.path, nodes: error.nodes } : {}
  if (thrown instanceof GraphQLError) return withCode(error instanceof GraphQLError ? error : thrown, thrown)
  if (error instanceof GraphQLError && !error.originalError) return withCode(error, error)
  const known = databaseFailure(thrown)
  if (known) return new GraphQLError(known.message, { ...place, extensions: known.extensions })
  return new GraphQLError('Internal server error.', {
    ...place,
    extensions: { code: 'INTERNAL_SERVER_ERROR' satisfies ErrorCode, requestId, http: { status: 500 } },
  })
}

/** Null if it was not the database that failed, or if the fault is ours. */
function databaseFailure(error: unknown): ParleyError | null {
  if (error instanceof OutcomeUnknown) return outcomeUnknown()
  const known = KNOWN[databaseCode(error) ?? '']
  if (known) return known()
  const passing = passingFailure(error)
  return passing && (passing === 'OVERLOADED' ? overloaded() : unavailable())
}

/** What graphql-js says of an argument that a variable leaves without a value. See useVariableErrors for values that don't fit. */
const ARGUMENT_ERROR = /^Argument "(\w+)" of /

/** What Yoga calls a request that is no GraphQL, or that names no operation. */
const YOGA_CODES: readonly unknown[] = ['BAD_REQUEST', 'OPERATION_RESOLUTION_FAILURE']

/** Errors of GraphQL itself come without a code, or with one of another's: this one has ours. */
function withCode(shown: GraphQLError, thrown: GraphQLError): GraphQLError {
  const given = thrown.extensions['code']
  if (given !== undefined && !YOGA_CODES.includes(given)) return shown
  const code: ErrorCode = 'BAD_USER_INPUT'
  const [, inputPath] = ARGUMENT_ERROR.exec(shown.message) ?? []
  return new GraphQLError(shown.message, {
    nodes: shown.nodes,
    source: shown.source,
    positions: shown.positions,
    path: shown.path,
    extensions: { ...thrown.extensions, code, ...(inputPath ? { inputPath } : {}) },
  })
}

const codeOf = (error: GraphQLError) => error.extensions['code'] as ErrorCode

export const isInternal = (error: GraphQLError) => codeOf(error) === 'INTERNAL_SERVER_ERROR'

const OF_THE_DATABASE: readonly ErrorCode[] = ['UNAVAILABLE', 'OVERLOADED', 'OUTCOME_UNKNOWN']

/** The code of an error that an outage gives to every request; null for any other. */
export const outageCode = (error: GraphQLError) => (OF_THE_DATABASE.includes(codeOf(error)) ? codeOf(error) : null)

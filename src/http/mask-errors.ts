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

/** Only messages can still be refused by the database when they are written: everything else was checked before. */
const OF_MESSAGES = { inputPath: 'input.messages' }

/** SQLSTATEs that a caller can do something about. */
const KNOWN: Record<string, () => ParleyError> = {
  '22003': () => new ParleyError('LIMIT_EXCEEDED', 'The conversation’s totals are too large to store.', OF_MESSAGES),
  // Only until the index of PostgreSQL's words is dropped: see old-text-index.sql.ts.
  '54000': () =>
    new ParleyError(
      'LIMIT_EXCEEDED',
      'A text has more distinct words than the index for text search can hold.',
      OF_MESSAGES,
    ),
  [LOCK_NOT_AVAILABLE]: rowLocked,
  [READ_TOO_MUCH]: () =>
    new ParleyError(
      'LIMIT_EXCEEDED',
      'The data read for this answer is several times the maximum size of an answer (MAX_ANSWER_BYTES): ask for fewer entries or fields.',
      { setting: 'MAX_ANSWER_BYTES' },
    ),
  [QUERY_CANCELED]: tookTooLong,
}

/** The error to show to a client: the one that was thrown if it is meant for clients, else a masked one. */
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

/** The message of graphql-js for an argument whose variable has no value. See useVariableErrors for values that don't fit. */
const ARGUMENT_ERROR = /^Argument "(\w+)" (?:of|has) /

/** Yoga's codes for a request that is not GraphQL, or that names no operation. */
const YOGA_CODES: readonly unknown[] = ['BAD_REQUEST', 'OPERATION_RESOLUTION_FAILURE']

/** Errors of GraphQL itself have no code, or one of Yoga's: they get one of ours. */
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

/** The code of an error that an outage causes in every request; null for any other. */
export const outageCode = (error: GraphQLError) => (OF_THE_DATABASE.includes(codeOf(error)) ? codeOf(error) : null)

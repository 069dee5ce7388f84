import { type ExecutionArgs, type ExecutionResult, type GraphQLError, locatedError } from 'graphql'
import type { Context } from '../context.ts'
import type { Database } from '../database/connect.ts'
import { databaseCode, QUERY_CANCELED } from '../database/error-code.ts'
import { AnswerTooLarge } from '../errors.ts'
import { isAnswerText, memberOf, WrittenData, writeAnswerText } from './answer-text.ts'
import { canBeNull, hasOneField, type RootField, rootFieldsByKey } from './root-fields.ts'

/** Reads a query, or only one of its root fields. */
type Read = (only: RootField | null) => Promise<ExecutionResult>

const tookTooLong = ({ originalError }: GraphQLError) => databaseCode(originalError) === QUERY_CANCELED

/**
 * Answers a query with several root fields. They are read together, from one snapshot. If one of them takes PostgreSQL
 * too long, which ends their transaction, each is read by itself: only what takes too long is null then. So that there
 * is time left for the others, a statement may take half of it. (The embedded database is gone after a statement that
 * took too long, so that nothing else can be read.)
 */
export async function readPartially(
  args: ExecutionArgs,
  context: Context,
  kind: Database['kind'],
  read: Read,
): Promise<ExecutionResult> {
  // Most queries have one field, for which nothing needs to be looked up.
  if (kind === 'pglite' || hasOneField(args)) return read(null)
  const fields = rootFieldsByKey(args)
  // Only those that can be null can be answered without each other.
  if (fields.filter((field) => canBeNull(args, field)).length < 2) return read(null)
  context.databaseBudget?.share(2)
  const together = await read(null)
  const failure = together.errors?.find(tookTooLong)
  if (!failure) return together
  const slow = fields.find(({ key }) => key === failure.path?.[0])
  return readOneByOne(args, { fields, slow }, context, read).catch((error) => {
    if (error instanceof AnswerTooLarge) return { data: null, errors: [error] }
    throw error
  })
}

/** The field that was too slow is read last. Each field may use an equal part of the time that is left. */
async function readOneByOne(
  args: ExecutionArgs,
  { fields, slow }: { fields: readonly RootField[]; slow: RootField | undefined },
  context: Context,
  read: Read,
): Promise<ExecutionResult> {
  const { maxAnswerBytes } = context.limits
  const members = new Map<RootField, Buffer>()
  const errors: GraphQLError[] = []
  let bytes = 0
  for (const field of [...fields.filter((one) => one !== slow), ...(slow ? [slow] : [])]) {
    context.databaseBudget?.share(fields.length - members.size)
    const result = await read(field).catch((error) => ({
      data: null,
      errors: [locatedError(error, field.nodes, [field.key])],
    }))
    errors.push(...(result.errors ?? []))
    if (!isAnswerText(result) && result.data == null && !canBeNull(args, field)) return { data: null, errors }
    // Kept as text, which may have to wait for the others: it must not be more than an answer may hold.
    const text = isAnswerText(result)
      ? result
      : writeAnswerText({ data: result.data ?? { [field.key]: null } }, maxAnswerBytes)
    bytes += text.bytes
    if (bytes > maxAnswerBytes) throw new AnswerTooLarge(maxAnswerBytes)
    members.set(field, memberOf(text, context.cost))
  }
  const data = new WrittenData(fields.flatMap((field) => members.get(field) ?? []))
  return { data, ...(errors.length > 0 ? { errors } : {}) }
}

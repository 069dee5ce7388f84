import {
  type ExecutionArgs,
  type ExecutionResult,
  type FieldNode,
  type GraphQLError,
  getOperationAST,
  isNonNullType,
  Kind,
  locatedError,
} from 'graphql'
import type { Context } from '../context.ts'
import type { Database } from '../database/connect.ts'
import { databaseCode, QUERY_CANCELED } from '../database/error-code.ts'
import { AnswerTooLarge } from '../errors.ts'
import { isAnswerText, writeAnswerText } from './answer-text.ts'
import { keyOf, rootFieldsOf, withRootFields } from './root-fields.ts'

type Read = (args: ExecutionArgs) => Promise<ExecutionResult>

const tookTooLong = ({ errors }: ExecutionResult) =>
  errors?.some(({ originalError }) => databaseCode(originalError) === QUERY_CANCELED) ?? false

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
  if (kind === 'pglite' || hasOneField(args)) return read(args)
  const fields = [...Map.groupBy(rootFieldsOf(args), keyOf).values()]
  // Only those that can be null can be answered without each other.
  const count = fields.filter(([field]) => field && canBeNull(args, field)).length
  if (count < 2) return read(args)
  context.databaseBudget?.share()
  const together = await read(args)
  if (!tookTooLong(together)) return together
  return readOneByOne(args, fields, context, read).catch((error) => {
    if (error instanceof AnswerTooLarge) return { data: null, errors: [error] }
    throw error
  })
}

function hasOneField({ document, operationName }: ExecutionArgs): boolean {
  const [only, ...others] = getOperationAST(document, operationName)?.selectionSet.selections ?? []
  return only?.kind === Kind.FIELD && others.length === 0
}

function canBeNull({ schema }: ExecutionArgs, { name }: FieldNode): boolean {
  const field = schema.getQueryType()?.getFields()[name.value]
  return field !== undefined && !isNonNullType(field.type)
}

async function readOneByOne(
  args: ExecutionArgs,
  fields: readonly (readonly FieldNode[])[],
  context: Context,
  read: Read,
): Promise<ExecutionResult> {
  const { maxAnswerBytes } = context.limits
  const data: Record<string, unknown> = {}
  const errors: GraphQLError[] = []
  let bytes = 0
  for (const same of fields) {
    const [field] = same
    if (!field) continue
    const result = await read(withRootFields(args, same)).catch((error) => ({
      data: null,
      errors: [locatedError(error, same, [keyOf(field)])],
    }))
    errors.push(...(result.errors ?? []))
    if (!isAnswerText(result) && result.data == null && !canBeNull(args, field)) return { data: null, errors }
    // What was read so far is kept as values: it must not be more than an answer may hold.
    const text = isAnswerText(result)
      ? result
      : writeAnswerText({ data: result.data ?? { [keyOf(field)]: null } }, maxAnswerBytes)
    bytes += text.bytes
    if (bytes > maxAnswerBytes) throw new AnswerTooLarge(maxAnswerBytes)
    Object.assign(data, JSON.parse(String(text.stringify())).data)
  }
  return { data, ...(errors.length > 0 ? { errors } : {}) }
}

import { createHash } from 'node:crypto'
import {
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  getOperationAST,
  Kind,
  print,
  type SelectionSetNode,
  visit,
} from 'graphql'
import type { Context } from '../context.ts'
import type { Database } from '../database/connect.ts'
import { throughPrisma } from '../database/sql-transactions.ts'
import { readSnapshotAsTenant, transaction } from '../database/transaction.ts'
import { writeAnswerText } from '../execution/answer-text.ts'
import { knownField } from '../graphql/known-fields.ts'
import type { ReadResult, StreamSource } from './change-stream.ts'
import type { LiveAnswers } from './live-answer.ts'
import { LIVE_SCOPE, type LiveQuery, type PollResult, type Reading, type ResumeArgument } from './live-query.ts'

export interface StreamOptions {
  database: Database
  now: () => Date
  /** Null: graphql-js and Prisma make every answer. Tests compare both paths. */
  compiled: LiveAnswers | null
}

/** A subscription request, and the session that has its rights. */
export interface Asked {
  args: ExecutionArgs
  session: Context
}

/** What was read, and the answer made from it. */
export type WithAnswer<Found> = Found & { result: ExecutionResult | null; bytes: number }

/** The stream for subscribers with the same subscription and rights. The first of them makes its reader. */
export function streamSourceOf<Cursor, Event>(
  options: StreamOptions,
  asked: Asked,
  query: LiveQuery<Cursor, Event>,
  { variant = '' }: { variant?: string },
): StreamSource<Cursor, ExecutionResult> {
  const { conversationId, poll, compare, syncPoint, maxRecent } = query.options
  // The first subscriber's request may end before those of the others.
  const shared = { ...asked, args: { ...asked.args, contextValue: null } }
  return {
    key: `${streamKeyOf(asked, query)} ${variant}`,
    conversationId,
    reader: {
      ...{ compare, syncPoint, maxRecent },
      read: async (from, upTo) => toRead(await readAnswer(options, shared, (reading) => poll(reading, from, upTo))),
    },
  }
}

/**
 * Reads what is new, and makes the answer from it, in one transaction behind both walls. The answer may be sent to
 * others with the same rights, so the read knows only the caller's rights.
 */
export async function readAnswer<Cursor, Event, Found extends PollResult<Cursor, Event>>(
  { database, now, compiled }: StreamOptions,
  { args, session }: Asked,
  find: (reading: Reading) => Promise<Found>,
): Promise<WithAnswer<Found>> {
  const { tenantId, rowRestriction } = session
  const scope = { tenantId, rowRestriction, admin: session.has('ADMIN') }
  const context = session.withRightsOnly(now())
  checkAccess(args, context)
  const write = compiled?.writerFor(args)
  if (write) {
    const answer = await readSnapshotAsTenant(database, scope, async (statements) => {
      const reading = { context, statements }
      const found = await find(reading)
      if (found.event === null) return { ...found, ...NO_ANSWER }
      const answer = await write(reading, found.event)
      return answer && { ...found, result: answer as ExecutionResult, bytes: answer.bytes }
    })
    if (answer) return answer
  }
  return transaction(database, { ...scope, readOnly: true }, async (client) => {
    const contextValue = context.inside(client)
    const found = await find({ context: contextValue, statements: throughPrisma(client) })
    if (found.event === null) return { ...found, ...NO_ANSWER }
    const result = await execute({ ...args, rootValue: found.event, contextValue })
    if (result.errors) return { ...found, result, bytes: 0 }
    const answer = writeAnswerText(result, context.limits.maxAnswerBytes)
    return { ...found, result: answer as ExecutionResult, bytes: answer.bytes }
  })
}

/** An issuer's scopes may be reduced meanwhile, so the field's scopes are checked again at each read. */
function checkAccess(args: ExecutionArgs, context: Context) {
  context.require(LIVE_SCOPE)
  const fields = args.schema.getSubscriptionType()?.getFields() ?? {}
  for (const name of rootFieldsOf(args)) {
    const field = fields[name]
    for (const rule of field ? knownField(field).rules : []) rule(context)
  }
}

function rootFieldsOf({ document, operationName }: ExecutionArgs): string[] {
  const namesIn = ({ selections }: SelectionSetNode): string[] =>
    selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return selection.name.value
      if (selection.kind === Kind.INLINE_FRAGMENT) return namesIn(selection.selectionSet)
      const fragment = document.definitions.find(
        (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === selection.name.value,
      )
      return fragment?.kind === Kind.FRAGMENT_DEFINITION ? namesIn(fragment.selectionSet) : []
    })
  const operation = getOperationAST(document, operationName)
  return operation ? namesIn(operation.selectionSet) : []
}

const NO_ANSWER = { result: null, bytes: 0 }

/** A stream can't continue after an answer with errors. */
function toRead<Cursor>({
  result,
  bytes,
  cursor,
  next,
}: WithAnswer<PollResult<Cursor, unknown>>): ReadResult<Cursor, ExecutionResult> {
  return { answer: result, bytes, cursor, next: result?.errors ? 'FAILED' : next }
}

/** Hashes everything that an answer depends on except where it begins. Subscribers that differ in it share nothing. */
const streamKeyOf = <Cursor, Event>(asked: Asked, { options }: LiveQuery<Cursor, Event>) =>
  keyOf(asked, options.resumeArgument, options.resolvedFilter)

/** The same with where it begins. */
export const firstReadKeyOf = <Cursor, Event>(asked: Asked, { options }: LiveQuery<Cursor, Event>) =>
  keyOf(asked, null, options.resolvedFilter)

function keyOf({ args, session }: Asked, resumeArgument: ResumeArgument | null, resolvedFilter: unknown): string {
  const { document, operationName = null, variableValues } = args
  const used = variablesOf(args, resumeArgument)
  const variables = Object.entries(variableValues ?? {})
    .filter(([name]) => used.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const text = document.loc?.source.body ?? print(document)
  return createHash('sha256')
    .update(JSON.stringify([rightsOf(session), text, operationName, variables, resolvedFilter]))
    .digest('base64url')
}

/** What a credential lets its holder see, as text that can be compared. */
export const rightsOf = ({ tenantId, principal: { scopes, rowRestriction } }: Context): string =>
  JSON.stringify([tenantId, [...scopes].sort(), rowRestriction])

/** The variables that are used for more than where to begin. */
function variablesOf({ document }: ExecutionArgs, resume: ResumeArgument | null): Set<string> {
  const used = new Set<string>()
  visit(document, {
    VariableDefinition: () => false,
    Field: (node) =>
      node.name.value === resume?.field
        ? { ...node, arguments: node.arguments?.filter(({ name }) => name.value !== resume.name) ?? [] }
        : undefined,
    Variable: ({ name }) => void used.add(name.value),
  })
  return used
}

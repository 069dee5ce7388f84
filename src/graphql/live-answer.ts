import {
  type DocumentNode,
  type ExecutionArgs,
  type FragmentDefinitionNode,
  getOperationAST,
  getVariableValues,
  Kind,
} from 'graphql'
import { databaseCode } from '../database/error-code.ts'
import { type Found, NotReadable, rowReader, rowsById, selectRows } from '../database/row-tree.ts'
import type { LiveQueryOptions, Reading } from './live-query.ts'
import { type FieldPlan, Planner } from './read-plan.ts'
import { Run } from './read-run.ts'

/**
 * Writes answers of subscriptions the short way, as `readCompiled` does for queries: one statement for all conversations
 * of an answer, and the schema's own resolvers called on them. (A hundred of them took 3 ms of CPU instead of 10.)
 */

type Conversations<Event> = NonNullable<LiveQueryOptions<never, Event>['conversations']>

const plans = new WeakMap<DocumentNode, Map<string, FieldPlan | null>>()

/** Whether an answer may need more than rows. Then graphql-js and Prisma read it. */
export const needsMoreThanRows = (args: ExecutionArgs): boolean => planOf(args) === null

/** The answer as text; null if it needs more than rows after all, or if anything is wrong with it. */
export async function writeAnswer<Event>(
  args: ExecutionArgs,
  { context, statements }: Reading,
  event: Event,
  { idsIn, toAnswer }: Conversations<Event>,
): Promise<string | null> {
  const root = planOf(args)
  if (!root) return null
  try {
    const run = new Run(context, variablesOf(args))
    const tree = run.treeBelow(root, 'Conversation')
    const ids = idsIn(event)
    const page = rowsById('Conversation', ids, context.tenantId)
    const found = ids.length > 0 ? await statements.run<Found>(selectRows(tree, page, ['id'])) : []
    const rowOf = new Map(found.map(rowReader(tree)).map((row) => [String(row['id']), row]))
    return `{"data":{"${root.key}":${run.write(root.value, toAnswer(event, rowOf))}}}`
  } catch (error) {
    // The transaction has failed. For any other error, graphql-js says what is wrong.
    if (databaseCode(error)) throw error
    plansOf(args).set(args.operationName ?? '', null)
    return null
  }
}

function planOf(args: ExecutionArgs): FieldPlan | null {
  const name = args.operationName ?? ''
  const known = plansOf(args).get(name)
  if (known !== undefined) return known
  const plan = makePlan(args)
  plansOf(args).set(name, plan)
  return plan
}

function plansOf({ document }: ExecutionArgs): Map<string, FieldPlan | null> {
  const ofDocument = plans.get(document) ?? new Map<string, FieldPlan | null>()
  plans.set(document, ofDocument)
  return ofDocument
}

function makePlan({ document, operationName, schema }: ExecutionArgs): FieldPlan | null {
  const type = schema.getSubscriptionType()
  const [selection] = getOperationAST(document, operationName)?.selectionSet.selections ?? []
  if (!type || selection?.kind !== Kind.FIELD) return null
  const fragments = document.definitions.filter(
    (one): one is FragmentDefinitionNode => one.kind === Kind.FRAGMENT_DEFINITION,
  )
  try {
    return new Planner(schema, Object.fromEntries(fragments.map((one) => [one.name.value, one]))).root(type, selection)
  } catch (error) {
    if (error instanceof NotReadable) return null
    throw error
  }
}

function variablesOf({ schema, document, operationName, variableValues }: ExecutionArgs): Record<string, unknown> {
  const operation = getOperationAST(document, operationName)
  const { coerced } = getVariableValues(schema, operation?.variableDefinitions ?? [], variableValues ?? {})
  if (!coerced) throw new NotReadable('variables that do not fit')
  return coerced
}

import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type FragmentDefinitionNode,
  getOperationAST,
  getVariableValues,
  Kind,
  locatedError,
} from 'graphql'
import type { Context } from '../context.ts'
import type { Database } from '../database/connect.ts'
import { databaseCode } from '../database/error-code.ts'
import { passingFailure } from '../database/failure.ts'
import type { Prisma } from '../database/generated/client/client.ts'
import { type Found, NotReadable, type Row, rowReader, selectRows } from '../database/row-tree.ts'
import type { Statements } from '../database/statements.ts'
import { countBehindWall, readBehindWall } from '../database/transaction.ts'
import { checkInput } from '../domain/check-input.ts'
import { type FieldPlan, type Fragments, Planner } from './read-plan.ts'
import { Run } from './read-run.ts'

/**
 * Queries of conversations the short way: one statement for all rows, and the schema's own resolvers called on them
 * without graphql-js and Pothos between. What needs more, and whatever fails, is left to these: null is answered here.
 * (A page of 20 conversations with 6 messages took the server 1.8 ms of CPU instead of 11.)
 */

/** In the extensions of a root field: how its answer is made of rows. */
export interface ReadsRows {
  model: string
  /** Its page is one row, found by its key. */
  findsByKey?: boolean
  /** Fields of its answer that need more than its rows. */
  without?: readonly string[]
  /** `rows` reads a page of the model: a SELECT of its columns, of which `more` are the page's own. */
  read(
    args: Record<string, unknown>,
    context: Context,
    rows: (page: Prisma.Sql, more?: readonly string[]) => Promise<Row[]>,
  ): Promise<unknown>
}

/** In the extensions of a root field: how its answer is made of numbers, which need ANALYTICS_READ. */
export interface ReadsNumbers {
  /** `args`: as the field declares them. */
  count(args: never, context: Context, statements: Statements): Promise<unknown>
}

interface RootPlan {
  root: FieldPlan
  reads: ReadsRows | ReadsNumbers
}

const plans = new WeakMap<DocumentNode, Map<string, RootPlan | null>>()

/** The answer of a query that is rows and no more; null for any other, and where anything is wrong with it. */
export async function readCompiled(
  database: Database,
  args: ExecutionArgs,
  context: Context,
): Promise<ExecutionResult | null> {
  const plan = planOf(args)
  if (!plan || context.anyTenantId === null || context.tenantIsNew) return null
  const { root, reads } = plan
  if (!context.has('count' in reads ? 'ANALYTICS_READ' : 'CONVERSATIONS_READ')) return null
  try {
    const run = new Run(context, variablesOf(args))
    const given = run.argumentsOf(root)
    for (const [name, value] of Object.entries(given)) checkInput(value, [name])
    const { reach } = context
    if ('count' in reads) {
      const result = await countBehindWall(database, reach, (statements) =>
        reads.count(given as never, context, statements),
      )
      return written(root, run.write(root.value, result))
    }
    const tree = run.treeBelow(root, reads.model)
    const result = await reads.read(given, context, async (page, more = []) => {
      const isPlannedAnew = given['filter'] != null || context.lock !== null
      const planning = { isPlannedAnew, findsByKey: reads.findsByKey === true && !isPlannedAnew }
      const rows = await readBehindWall<Found>(database, reach, selectRows(tree, page, more), planning)
      return rows.map(rowReader(tree))
    })
    return written(root, run.write(root.value, result))
  } catch (error) {
    if (error instanceof NotReadable) forget(args)
    // A query is not tried again if it took too long, or if the database is gone.
    const isDatabases = databaseCode(error) === TOO_LONG || passingFailure(error) !== null
    return isDatabases ? { data: null, errors: [placed(error, root)] } : null
  }
}

/** An answer that is text already, which Yoga sends as it is. */
const written = ({ key }: FieldPlan, value: string): ExecutionResult =>
  ({ stringify: () => `{"data":{"${key}":${value}}}` }) as ExecutionResult

/** SQLSTATE of a statement that was cancelled. */
const TOO_LONG = '57014'

const placed = (error: unknown, { key, node }: FieldPlan) => locatedError(error, node, [key])

function planOf(args: ExecutionArgs): RootPlan | null {
  const ofDocument = plans.get(args.document) ?? new Map<string, RootPlan | null>()
  plans.set(args.document, ofDocument)
  const name = args.operationName ?? ''
  const known = ofDocument.get(name)
  if (known !== undefined) return known
  const plan = makePlan(args)
  ofDocument.set(name, plan)
  return plan
}

interface Reading {
  readsRows?: ReadsRows
  readsNumbers?: ReadsNumbers
}

const forget = (args: ExecutionArgs) => plans.get(args.document)?.set(args.operationName ?? '', null)

function makePlan({ document, operationName, schema }: ExecutionArgs): RootPlan | null {
  const operation = getOperationAST(document, operationName)
  const type = schema.getQueryType()
  if (operation?.operation !== 'query' || !type) return null
  const definitions = document.definitions.filter(
    (one): one is FragmentDefinitionNode => one.kind === Kind.FRAGMENT_DEFINITION,
  )
  const fragments: Fragments = Object.fromEntries(definitions.map((one) => [one.name.value, one]))
  const [selection, ...others] = operation.selectionSet.selections
  if (selection?.kind !== 'Field' || others.length > 0) return null
  const { readsRows, readsNumbers } = (type.getFields()[selection.name.value]?.extensions ?? {}) as Reading
  const reads = readsRows ?? readsNumbers
  if (!reads) return null
  try {
    const planner = new Planner(schema, fragments)
    const root = planner.root(type, selection, readsRows?.without)
    return { root, reads }
  } catch (error) {
    if (error instanceof NotReadable) return null
    throw error
  }
}

function variablesOf({ schema, document, operationName, variableValues }: ExecutionArgs): Record<string, unknown> {
  const operation = getOperationAST(document, operationName)
  const { coerced } = getVariableValues(schema, operation?.variableDefinitions ?? [], variableValues ?? {})
  if (!coerced) throw new Error('variables that do not fit')
  return coerced
}

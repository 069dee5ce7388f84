import {
  type DocumentNode,
  type ExecutionArgs,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
} from 'graphql'
import { LRUCache } from 'lru-cache'
import { databaseCode } from '../database/error-code.ts'
import { NeedsPrisma } from '../database/sql-transactions.ts'
import { UnsupportedSelection, UnsupportedValue } from '../rows/row-tree.ts'
import { type Conditions, conditionsOf } from './conditions.ts'
import type { Fallbacks } from './fallbacks.ts'
import { Planner } from './query-plan.ts'

/** What a plan is made from. */
export interface Planning {
  schema: GraphQLSchema
  operation: OperationDefinitionNode
  planner: Planner
}

/** A plan, or why a document is not compiled. Null: it asks for nothing that could be, so there is nothing to report. */
type Kept<Plan> = { plan: Plan } | { reason: string | null }

/** How many fields all cached plans may have together, which are about 20 MB. Some plans have thousands. */
const MAX_KEPT_FIELDS = 50_000

/**
 * The plans of documents, each made once. A document that can't be compiled, or whose plan failed, is not tried again.
 */
export class DocumentPlans<Plan> {
  readonly #fallbacks: Fallbacks
  readonly #make: (planning: Planning) => Plan | null
  readonly #kept = new LRUCache<string, Kept<Plan> & { size: number }>({
    maxSize: MAX_KEPT_FIELDS,
    sizeCalculation: ({ size }) => size,
  })

  /**
   * `make` returns null for what is never compiled, and throws UnsupportedSelection for what could be, except for some
   * part of it.
   */
  constructor(fallbacks: Fallbacks, make: (planning: Planning) => Plan | null) {
    this.#fallbacks = fallbacks
    this.#make = make
  }

  /**
   * Returns null if graphql-js resolves the document, which is counted unless the request is invalid. `variables`: those
   * of the request.
   */
  planOf(args: ExecutionArgs, variables = () => variablesOf(args)): Plan | null {
    const conditions = conditionsOf(args.document, variables)
    if (conditions === null) return null
    const kept = this.#kept.get(keyOf(args, conditions)) ?? this.#plan(args, conditions)
    if ('plan' in kept) return kept.plan
    if (kept.reason !== null) this.#fallbacks.count(kept.reason)
    return null
  }

  /** Remembers that graphql-js resolves this document, including the operation that failed with this error. */
  fallBack(args: ExecutionArgs, error: unknown): void {
    const conditions = conditionsOf(args.document, () => variablesOf(args))
    if (conditions !== null) this.#fallbacks.count(this.#remember(args, conditions, error))
  }

  #plan(args: ExecutionArgs, conditions: Conditions): Kept<Plan> {
    try {
      const planning = planningOf(args, conditions)
      const plan = planning && this.#make(planning)
      const kept = plan ? { plan } : { reason: null }
      this.#kept.set(keyOf(args, conditions), { ...kept, size: 1 + (planning?.planner.size ?? 0) })
      return kept
    } catch (error) {
      return { reason: this.#remember(args, conditions, error) }
    }
  }

  #remember(args: ExecutionArgs, conditions: Conditions, error: unknown): string {
    const isExpected = error instanceof UnsupportedSelection || error instanceof NeedsPrisma
    const reason = isExpected ? error.message : 'an unexpected error'
    const key = keyOf(args, conditions)
    const before = this.#kept.get(key)
    this.#kept.set(key, { reason, size: 1 })
    // Operations that ran at the same time fail for the same reason.
    if (!before || 'plan' in before) this.#fallbacks.logFirst(args, reason, isExpected ? undefined : error)
    return reason
  }
}

const documentIds = new WeakMap<DocumentNode, number>()
let lastDocumentId = 0

function idOf(document: DocumentNode): number {
  const known = documentIds.get(document)
  if (known !== undefined) return known
  lastDocumentId += 1
  documentIds.set(document, lastDocumentId)
  return lastDocumentId
}

/** The key of a plan. */
function keyOf({ document, operationName }: ExecutionArgs, conditions: Conditions): string {
  return `${idOf(document)} ${Object.values(conditions)} ${operationName ?? ''}`
}

function planningOf({ document, operationName, schema }: ExecutionArgs, conditions: Conditions): Planning | null {
  const operation = getOperationAST(document, operationName)
  if (!operation) return null
  const fragments = document.definitions.filter(
    (one): one is FragmentDefinitionNode => one.kind === Kind.FRAGMENT_DEFINITION,
  )
  const planner = new Planner(schema, Object.fromEntries(fragments.map((one) => [one.name.value, one])), conditions)
  return { schema, operation, planner }
}

/** Null if they don't fit: graphql-js says what is wrong with them. */
export function variablesOf({ schema, document, operationName, variableValues }: ExecutionArgs) {
  const operation = getOperationAST(document, operationName)
  return getVariableValues(schema, operation?.variableDefinitions ?? [], variableValues ?? {}).coerced ?? null
}

/** SQLSTATE classes of errors that depend on the values sent: bad data, and more than PostgreSQL can hold. */
const OF_VALUES = new Set(['22', '54'])

export const dependsOnValues = (error: unknown) =>
  error instanceof UnsupportedValue || OF_VALUES.has(databaseCode(error)?.slice(0, 2) ?? '')

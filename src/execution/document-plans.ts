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
import { databaseCode } from '../database/error-code.ts'
import { NeedsPrisma } from '../database/sql-transactions.ts'
import { UnsupportedSelection } from '../rows/row-tree.ts'
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

/** The plan of a document with more fields is not cached: many of them would fill the memory. */
const MAX_KEPT_FIELDS = 300

/**
 * The plans of documents, each made once. A document that can't be compiled, or whose plan failed, is not tried again.
 */
export class DocumentPlans<Plan> {
  readonly #fallbacks: Fallbacks
  readonly #make: (planning: Planning) => Plan | null
  readonly #kept = new WeakMap<DocumentNode, Map<string, Kept<Plan>>>()

  /**
   * `make` returns null for what is never compiled, and throws UnsupportedSelection for what could be, except for some
   * part of it.
   */
  constructor(fallbacks: Fallbacks, make: (planning: Planning) => Plan | null) {
    this.#fallbacks = fallbacks
    this.#make = make
  }

  /** Returns null if graphql-js resolves the document, which is counted. */
  planOf(args: ExecutionArgs): Plan | null {
    const conditions = conditionsOf(args.document, () => variablesOf(args))
    const kept = this.#keptOf(args).get(keyOf(args, conditions)) ?? this.#plan(args, conditions)
    if ('plan' in kept) return kept.plan
    if (kept.reason !== null) this.#fallbacks.count(kept.reason)
    return null
  }

  /** Remembers that graphql-js resolves this document, including the operation that failed with this error. */
  fallBack(args: ExecutionArgs, error: unknown): void {
    const conditions = conditionsOf(args.document, () => variablesOf(args))
    this.#fallbacks.count(this.#remember(args, conditions, error))
  }

  #plan(args: ExecutionArgs, conditions: Conditions): Kept<Plan> {
    try {
      const planning = planningOf(args, conditions)
      const plan = planning && this.#make(planning)
      const kept = plan ? { plan } : { reason: null }
      const size = planning?.planner.size ?? 0
      if (size <= MAX_KEPT_FIELDS) this.#keptOf(args).set(keyOf(args, conditions), kept)
      return kept
    } catch (error) {
      return { reason: this.#remember(args, conditions, error) }
    }
  }

  #remember(args: ExecutionArgs, conditions: Conditions, error: unknown): string {
    const isExpected = error instanceof UnsupportedSelection || error instanceof NeedsPrisma
    const reason = isExpected ? error.message : 'an unexpected error'
    const others = this.#keptOf(args)
    const key = keyOf(args, conditions)
    const before = others.get(key)
    others.set(key, { reason })
    // Operations that ran at the same time fail for the same reason.
    if (!before || 'plan' in before) this.#fallbacks.logFirst(args, reason, isExpected ? undefined : error)
    return reason
  }

  #keptOf({ document }: ExecutionArgs): Map<string, Kept<Plan>> {
    const kept = this.#kept.get(document) ?? new Map<string, Kept<Plan>>()
    this.#kept.set(document, kept)
    return kept
  }
}

/** The key of a plan in its document. */
function keyOf({ operationName }: ExecutionArgs, conditions: Conditions): string {
  const values = Object.values(conditions)
  return values.length === 0 ? (operationName ?? '') : `${operationName ?? ''} ${values}`
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

export const dependsOnValues = (error: unknown) => OF_VALUES.has(databaseCode(error)?.slice(0, 2) ?? '')

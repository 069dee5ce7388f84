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
import { NotReadable } from '../rows/row-selection.sql.ts'
import type { Fallbacks } from './fallbacks.ts'
import { Planner } from './query-plan.ts'

/** What a plan is made of. */
export interface Planning {
  schema: GraphQLSchema
  operation: OperationDefinitionNode
  planner: Planner
}

/** Why a document is not compiled; null: it asks for nothing that could be, so there is nothing to report. */
type Kept<Plan> = { plan: Plan } | { reason: string | null }

/**
 * The plans of documents, each made once. A document that can't be compiled, or whose plan failed, is not tried again.
 */
export class DocumentPlans<Plan> {
  readonly #fallbacks: Fallbacks
  readonly #make: (planning: Planning) => Plan | null
  readonly #kept = new WeakMap<DocumentNode, Map<string, Kept<Plan>>>()

  /**
   * `make` returns null for what is never compiled, and throws NotReadable for what could be, except for some part of
   * it.
   */
  constructor(fallbacks: Fallbacks, make: (planning: Planning) => Plan | null) {
    this.#fallbacks = fallbacks
    this.#make = make
  }

  /** Null: graphql-js resolves the document, which is counted. */
  planOf(args: ExecutionArgs): Plan | null {
    const kept = this.#keptOf(args).get(nameOf(args)) ?? this.#plan(args)
    if ('plan' in kept) return kept.plan
    if (kept.reason !== null) this.#fallbacks.count(kept.reason)
    return null
  }

  /** Remembers that graphql-js resolves this document, including the operation that failed with this error. */
  fallBack(args: ExecutionArgs, error: unknown): void {
    this.#fallbacks.count(this.#remember(args, error))
  }

  #plan(args: ExecutionArgs): Kept<Plan> {
    try {
      const planning = planningOf(args)
      const plan = planning && this.#make(planning)
      const kept = plan ? { plan } : { reason: null }
      this.#keptOf(args).set(nameOf(args), kept)
      return kept
    } catch (error) {
      return { reason: this.#remember(args, error) }
    }
  }

  #remember(args: ExecutionArgs, error: unknown): string {
    const isExpected = error instanceof NotReadable || error instanceof NeedsPrisma
    const reason = isExpected ? error.message : 'an unexpected error'
    const others = this.#keptOf(args)
    const before = others.get(nameOf(args))
    others.set(nameOf(args), { reason })
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

const nameOf = ({ operationName }: ExecutionArgs) => operationName ?? ''

function planningOf({ document, operationName, schema }: ExecutionArgs): Planning | null {
  const operation = getOperationAST(document, operationName)
  if (!operation) return null
  const fragments = document.definitions.filter(
    (one): one is FragmentDefinitionNode => one.kind === Kind.FRAGMENT_DEFINITION,
  )
  const planner = new Planner(schema, Object.fromEntries(fragments.map((one) => [one.name.value, one])))
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

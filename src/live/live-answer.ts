import { type ExecutionArgs, GraphQLError, Kind } from 'graphql'
import { databaseCode } from '../database/error-code.ts'
import { isLargeRow, isTooMuchRead } from '../database/read-limit.ts'
import { AnswerTooLarge } from '../errors.ts'
import { DocumentPlans, type Planning, variablesOf } from '../execution/document-plans.ts'
import type { Fallbacks } from '../execution/fallbacks.ts'
import type { FieldPlan } from '../execution/query-plan.ts'
import { Run } from '../execution/run-plan.ts'
import { type AccessRule, knownField } from '../graphql/known-fields.ts'
import { eventReadsOf, type ReadsConversations } from '../graphql/read-extensions.ts'
import { maxReadBytes } from '../input/limits.ts'
import { type Found, rowReader, rowsById, selectRows } from '../rows/row-selection.sql.ts'
import type { Reading } from './live-query.ts'

interface EventPlan {
  root: FieldPlan
  reads: ReadsConversations
  rules: readonly AccessRule[]
}

/**
 * Writes answers of subscriptions by the compiled path, as `CompiledReads` does for queries: one statement for all
 * conversations of an answer, and the schema's own resolvers called on them. (A hundred of them took 3 ms of CPU
 * instead of 10.)
 */
export class LiveAnswers {
  readonly #plans: DocumentPlans<EventPlan>

  constructor(fallbacks: Fallbacks) {
    this.#plans = new DocumentPlans(fallbacks, makePlan)
  }

  /**
   * A function that writes an answer, or returns null if graphql-js has to make it after all. Null: graphql-js
   * makes all answers of this document.
   */
  writerFor(args: ExecutionArgs) {
    const plan = this.#plans.planOf(args)
    return plan && ((reading: Reading, event: unknown) => this.#write(args, plan, reading, event))
  }

  async #write(args: ExecutionArgs, plan: EventPlan, { context, statements }: Reading, event: unknown) {
    const { root, reads, rules } = plan
    try {
      for (const rule of rules) rule(context)
      const variables = variablesOf(args)
      if (!variables) return null
      const run = new Run(context, variables)
      const tree = run.treeBelow(root, 'Conversation')
      // The event belongs to this field, so its type fits.
      const ids = reads.idsIn(event as never)
      const page = rowsById('Conversation', ids, context.tenantId)
      const found =
        ids.length > 0 ? await statements.run<Found>(selectRows(tree, page, ['id'], maxReadBytes(context.limits))) : []
      const rowOf = new Map(found.map(rowReader(tree)).map((row) => [String(row['id']), row]))
      return await run.answer(root, reads.toAnswer(event as never, rowOf))
    } catch (error) {
      if (isTooMuchRead(error)) throw new AnswerTooLarge(context.limits.maxAnswerBytes)
      if (error instanceof AnswerTooLarge) throw error
      // graphql-js reads it in another transaction.
      if (isLargeRow(error)) return null
      // The transaction has failed. For any other error, graphql-js says what is wrong.
      if (databaseCode(error)) throw error
      if (!(error instanceof GraphQLError)) this.#plans.fallBack(args, error)
      return null
    }
  }
}

function makePlan({ schema, operation, planner }: Planning): EventPlan | null {
  const type = schema.getSubscriptionType()
  const [selection] = operation.selectionSet.selections
  const field = selection?.kind === Kind.FIELD ? type?.getFields()[selection.name.value] : undefined
  const reads = field && eventReadsOf(knownField(field).resolve)
  if (!type || !reads || selection?.kind !== Kind.FIELD) return null
  planner.refuseOuterDirectives(operation)
  return { root: planner.root(type, selection), reads, rules: [...planner.rules] }
}

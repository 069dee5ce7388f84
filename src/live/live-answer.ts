import { type ExecutionArgs, GraphQLError } from 'graphql'
import { databaseCode } from '../database/error-code.ts'
import { isLargeRow, isTooMuchRead } from '../database/read-limit.ts'
import { AnswerTooLarge } from '../errors.ts'
import { answerOf } from '../execution/answer-run.ts'
import { DocumentPlans, type Planning, variablesOf } from '../execution/document-plans.ts'
import type { Fallbacks } from '../execution/fallbacks.ts'
import { PreparedSelections } from '../execution/prepared-selection.ts'
import type { FieldPlan } from '../execution/query-plan.ts'
import { type AccessRule, knownField } from '../graphql/known-fields.ts'
import { eventReadsOf, type ReadsConversations } from '../graphql/read-extensions.ts'
import type { RawRow } from '../rows/row-reader.ts'
import { rowsById } from '../rows/row-selection.sql.ts'
import type { Reading } from './live-query.ts'

interface EventPlan {
  root: FieldPlan
  reads: ReadsConversations
  selections: PreparedSelections
  rules: readonly AccessRule[]
}

/**
 * Writes answers of subscriptions on the compiled path, as `CompiledReads` does for queries: one statement for all
 * conversations of an answer, and the schema's own resolvers called on them. (A hundred of them took 3 ms of CPU
 * instead of 10.)
 */
export class LiveAnswers {
  readonly #plans: DocumentPlans<EventPlan>

  constructor(fallbacks: Fallbacks) {
    this.#plans = new DocumentPlans(fallbacks, makePlan)
  }

  /**
   * Returns a function that writes an answer, or that returns null if graphql-js has to make it after all. Returns null
   * if graphql-js makes all answers of this document.
   */
  writerFor(args: ExecutionArgs) {
    const plan = this.#plans.planOf(args)
    return plan && ((reading: Reading, event: unknown) => this.#write(args, plan, reading, event))
  }

  async #write(args: ExecutionArgs, plan: EventPlan, { context, statements }: Reading, event: unknown) {
    const { root, reads, selections, rules } = plan
    try {
      for (const rule of rules) rule(context)
      const variables = variablesOf(args)
      if (!variables) return null
      const selection = selections.of(variables, context)
      const ids = reads.idsIn(event)
      const page = rowsById('Conversation', ids, context.tenantId)
      const rows = selection.rowsOf('Conversation')
      const found = ids.length > 0 ? await statements.run<RawRow>(rows.statement(page, ['id'])) : []
      const rowOf = new Map(found.map(rows.read).map((row) => [String(row['id']), row]))
      return await answerOf(context, [{ root, selection, found: reads.toAnswer(event, rowOf) }])
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
  if (operation.operation !== 'subscription' || !type) return null
  const [[key, nodes] = ['', []]] = planner.rootNodes(type, operation)
  const field = type.getFields()[nodes[0]?.name.value ?? '']
  const reads = field && eventReadsOf(knownField(field).resolve)
  if (!reads) return null
  planner.refuseOuterDirectives(operation)
  const root = planner.root(type, key, nodes)
  const selections = new PreparedSelections(root, ['Conversation'], planner.variables)
  return { root, reads, selections, rules: [...planner.rules] }
}

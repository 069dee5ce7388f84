import type { Context } from '../context.ts'
import type { Database } from '../database/connect.ts'
import type { Prisma } from '../database/generated/client/client.ts'
import { isTooMuchRead } from '../database/read-limit.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { readAsTenant } from '../database/transaction.ts'
import { AnswerTooLarge } from '../errors.ts'
import { mapInSlices } from '../fairness/time-slice.ts'
import type { ReadsNumbers, ReadsRows } from '../graphql/read-extensions.ts'
import { resolveDates } from '../graphql/resolve-dates.ts'
import { timeZoneOf } from '../graphql/tenant-time-zone.sql.ts'
import { checkInput } from '../input/check-input.ts'
import type { RawRow } from '../rows/row-reader.ts'
import type { Answered } from './answer-run.ts'
import { argumentsOf, type PreparedSelection, PreparedSelections } from './prepared-selection.ts'
import { type FieldPlan, fieldsOf } from './query-plan.ts'

type Arguments = Readonly<Record<string, unknown>>

/** A root field of a document, and how it is read. */
export class RootPlan {
  readonly root: FieldPlan
  /** One of these, or none for `__typename`. */
  readonly rows: ReadsRows | null
  readonly numbers: ReadsNumbers | null
  readonly selections: PreparedSelections
  readonly isCounted: boolean

  /** `variables`: the names of those below the root fields. */
  constructor(root: FieldPlan, reads: ReadsRows | ReadsNumbers | null, variables: Iterable<string>) {
    this.root = root
    this.rows = reads && 'read' in reads ? reads : null
    this.numbers = reads && 'count' in reads ? reads : null
    this.selections = new PreparedSelections(root, this.rows?.models ?? [], variables)
    this.isCounted = fieldsOf(root.value).some(({ field }) => field.name === 'totalCount')
  }
}

/** Reads a root field once. */
export class RootRead implements Answered {
  readonly root: FieldPlan
  readonly selection: PreparedSelection
  found: unknown
  /** Why it could not be read. */
  error: unknown
  readonly #plan: RootPlan
  readonly #given: Arguments
  /** Null if the tenant's time zone is needed to know when a date in them begins. */
  readonly #resolved: Arguments | null
  readonly #context: Context

  /** Throws for arguments that can't be stored or compared. */
  constructor(plan: RootPlan, variables: Arguments, context: Context) {
    this.root = plan.root
    this.#plan = plan
    this.#context = context
    this.#given = argumentsOf(plan.root, variables)
    for (const [name, value] of Object.entries(this.#given)) checkInput(value, [name])
    this.#resolved = resolveDates(plan.root.field.args, this.#given, null)
    this.selection = plan.selections.of(variables, context)
  }

  /** Whether it is one statement, which can run in a transaction of its own. */
  get isOneStatement(): boolean {
    const { rows, isCounted } = this.#plan
    return rows !== null && !rows.readsSeveralPages && !isCounted && this.#resolved !== null
  }

  /** Reads in a transaction of its own. */
  readAlone(database: Database): Promise<void> {
    const isPlannedAnew = this.#given['filter'] != null || this.#context.rowRestriction !== null
    const findsByKey = this.#plan.rows?.findsByKey === true && !isPlannedAnew
    return this.#read(<Row>(statement: Prisma.Sql) =>
      readAsTenant<Row>(database, this.#context.accessScope, statement, { isPlannedAnew, findsByKey }),
    )
  }

  /** Reads in a transaction that also reads other fields. */
  async readWithin(statements: Statements): Promise<void> {
    try {
      await this.#read(statements.run, statements)
    } catch (error) {
      this.error = error
      throw error
    }
  }

  async #resolveDates(run: Statements['run']): Promise<Arguments> {
    const timeZone = await timeZoneOf({ run }, this.#context.tenantId)
    return resolveDates(this.#plan.root.field.args, this.#given, timeZone)
  }

  async #read(run: Statements['run'], statements: Statements | null = null) {
    const { root, rows, numbers, isCounted } = this.#plan
    const args = this.#resolved ?? (await this.#resolveDates(run))
    if (rows) {
      this.found = await rows.read(args, this.#context, {
        rows: async (page, more, model = rows.models[0]) => {
          const selection = this.selection.rowsOf(model)
          const found = await run<RawRow>(selection.statement(page, more)).catch((error) => {
            throw isTooMuchRead(error) ? new AnswerTooLarge(this.#context.limits.maxAnswerBytes) : error
          })
          return mapInSlices(found, selection.read, this.#context.timeSlice(statements ? undefined : null))
        },
        count: isCounted ? async (statement) => (await run<{ count: number }>(statement))[0]?.count ?? 0 : null,
      })
    } else if (numbers) {
      if (!statements) throw new Error('numbers must be read within a transaction')
      this.found = await numbers.count(args, this.#context, statements, { ...{ key: root.key, isCounted } })
    } else this.found = root.resolve(undefined, {}, this.#context)
  }
}

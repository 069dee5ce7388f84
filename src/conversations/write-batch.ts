import DataLoader from 'dataloader'
import type { Context } from '../context.ts'
import { type Statements, throughPrisma } from '../database/sql-transactions.ts'
import type { TimeSlice } from '../fairness/time-slice.ts'
import { type RawRow, type Row, RowSelection, type RowTree, rowsById } from '../rows/row-selection.sql.ts'
import { type AppendedMessages, appendMessages, type GivenAppend } from './append-messages.ts'
import {
  type GivenConversation,
  type LoggedConversation,
  type LogOutcome,
  logConversations,
} from './log-conversations.ts'

/** What is written in one transaction, by one request or by several at once: what is alike is stored together. */
export class WriteBatch {
  readonly #db: Statements
  readonly #tenantId: string
  readonly #timeSlice: TimeSlice
  readonly #logs: DataLoader<GivenConversation, LoggedConversation>
  readonly #appends: DataLoader<GivenAppend, AppendedMessages>
  /** By the shape of what is read. */
  readonly #readers = new Map<string, DataLoader<string, Row | null>>()

  constructor(db: Statements, tenantId: string, timeSlice: TimeSlice) {
    this.#db = db
    this.#tenantId = tenantId
    this.#timeSlice = timeSlice
    // An outcome that is an error rejects its own promise alone.
    this.#logs = new DataLoader<GivenConversation, LoggedConversation>(
      (given) => logConversations(db, tenantId, given, timeSlice),
      { cache: false },
    )
    this.#appends = new DataLoader<GivenAppend, AppendedMessages>(
      (given) => appendMessages(db, tenantId, given, timeSlice),
      { cache: false },
    )
  }

  /** Stores a conversation; rejects with why it is refused, and then nothing of it is stored. */
  log(given: GivenConversation): Promise<LoggedConversation> {
    return this.#logs.load(given)
  }

  /** Stores many, each or not, and answers what became of each. */
  logMany(given: readonly GivenConversation[]): Promise<LogOutcome[]> {
    return logConversations(this.#db, this.#tenantId, given, this.#timeSlice)
  }

  /** Appends to a conversation; rejects with why it is refused, and then nothing of it is stored. */
  append(given: GivenAppend): Promise<AppendedMessages> {
    return this.#appends.load(given)
  }

  /** A row by its UUID as it is now, null where there is none; those that are asked the same of in one statement. */
  read(id: string, tree: RowTree): Promise<Row | null> {
    const shape = JSON.stringify(tree, (_key, value) =>
      value instanceof Set || value instanceof Map ? [...value] : value,
    )
    const reader = this.#readers.get(shape) ?? this.#reader(tree)
    this.#readers.set(shape, reader)
    return reader.load(id)
  }

  #reader(tree: RowTree): DataLoader<string, Row | null> {
    const selection = new RowSelection(tree)
    const load = async (ids: readonly string[]) => {
      const page = rowsById(tree.model, ids, this.#tenantId)
      const rows = await this.#db.run<RawRow>(selection.statement(page, ['id']))
      const byId = new Map(rows.map(selection.read).map((row) => [row['id'], row]))
      return ids.map((id) => byId.get(id) ?? null)
    }
    // Not kept: between two fields of a mutation it may be written to.
    return new DataLoader(load, { cache: false })
  }
}

/** What the operation writes in its transaction, of its own or shared with others. */
export function writeBatchOf(context: Context): WriteBatch {
  context.group ??= new WriteBatch(throughPrisma(context.db), context.tenantId, context.timeSlice())
  return context.group
}

import DataLoader from 'dataloader'
import type { Context } from '../context.ts'
import { type Statements, throughPrisma } from '../database/sql-transactions.ts'
import type { TimeSlice } from '../fairness/time-slice.ts'
import type { RawRow } from '../rows/row-reader.ts'
import { RowSelection, rowsById } from '../rows/row-selection.sql.ts'
import type { Row, RowTree } from '../rows/row-tree.ts'
import { type AppendedMessages, appendMessages, type GivenAppend } from './append-messages.ts'
import {
  type GivenConversation,
  type LoggedConversation,
  type LogOutcome,
  logConversations,
} from './log-conversations.ts'

/** The writes of one transaction, from one request or several. Similar writes are stored together. */
export class WriteBatch {
  readonly #db: Statements
  readonly #tenantId: string
  readonly #timeSlice: TimeSlice
  readonly #logs: DataLoader<GivenConversation, LoggedConversation>
  readonly #appends: DataLoader<GivenAppend, AppendedMessages>
  /** By the shape of the selection. */
  readonly #readers = new Map<string, DataLoader<string, Row | null>>()

  constructor(db: Statements, tenantId: string, timeSlice: TimeSlice) {
    this.#db = db
    this.#tenantId = tenantId
    this.#timeSlice = timeSlice
    // An outcome that is an error rejects only its own promise.
    this.#logs = new DataLoader<GivenConversation, LoggedConversation>(
      (given) => logConversations(db, tenantId, given, timeSlice),
      { cache: false },
    )
    this.#appends = new DataLoader<GivenAppend, AppendedMessages>(
      (given) => appendMessages(db, tenantId, given, timeSlice),
      { cache: false },
    )
  }

  /** Stores a conversation. If it is refused, rejects with the reason and stores nothing of it. */
  log(given: GivenConversation): Promise<LoggedConversation> {
    return this.#logs.load(given)
  }

  /** Stores many conversations and returns the outcome of each. A refused one does not affect the others. */
  logMany(given: readonly GivenConversation[]): Promise<LogOutcome[]> {
    return logConversations(this.#db, this.#tenantId, given, this.#timeSlice)
  }

  /** Appends to a conversation. If that is refused, rejects with the reason and stores nothing of it. */
  append(given: GivenAppend): Promise<AppendedMessages> {
    return this.#appends.load(given)
  }

  /** Reads a row by its UUID as it is now; null if there is none. Rows with the same selection share a statement. */
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
    // Not cached: the row may change between two fields of a mutation.
    return new DataLoader(load, { cache: false })
  }
}

/** The write batch of the operation's transaction, which it may share with other operations. */
export function writeBatchOf(context: Context): WriteBatch {
  context.group ??= new WriteBatch(throughPrisma(context.db), context.tenantId, context.timeSlice())
  return context.group
}

import { createHash } from 'node:crypto'
import {
  type ConversationFilter,
  type FilterScope,
  filterConversations,
} from '../conversations/conversation-filter.sql.ts'
import type { Database } from '../database/connect.ts'
import { Prisma } from '../database/generated/client/client.ts'
import type { ConversationChangeKind } from '../database/generated/client/enums.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { ownRows } from '../database/tenant-scope.ts'
import { writeAsTenant } from '../database/transaction.ts'
import { requireSnapshot, type Snapshot } from './snapshot.ts'

export type { ConversationChangeKind }

/**
 * How far changes were read. Transactions commit in another order than they begin, so no number says it: what says it
 * is which transactions could be seen.
 */
export interface ChangePosition {
  /** The database, and the life of it, whose numbers of transactions these are. */
  database: string
  /** What it could see was read. */
  seen: Snapshot
  /**
   * Of what came then, not all was read: of those that `until` could see, up to the `count`-th row of this transaction.
   * (Not by its id, which may be one that the reader is not to know.)
   */
  within?: { until: Snapshot; transactionId: number; count: number }
}

export interface ConversationChange {
  conversationId: string
  kind: ConversationChangeKind
}

/** How long changes can be caught up with. */
export const KEPT_HOURS = 24

const { sql, empty } = Prisma

/** The rows of `conversation_changes`, under the alias `ch`, that a snapshot could see, or could not yet. */
const seenIn = ({ xmin, xmax, open }: Snapshot) =>
  sql`(ch.transaction_id < ${xmin}::bigint OR ch.transaction_id < ${xmax}::bigint AND ch.transaction_id <> ALL(${open}::bigint[]))`

const unseenIn = ({ xmin, xmax, open }: Snapshot) =>
  sql`ch.transaction_id >= ${xmin}::bigint
    AND (ch.transaction_id >= ${xmax}::bigint OR ch.transaction_id = ANY(${open}::bigint[]))`

/** Where changes are read from, as one transaction sees it. */
export interface ChangeLog {
  /** What resume tokens are encrypted with before clients are given them. */
  key: Uint8Array
  /** After everything that can be read now. */
  end: ChangePosition
}

interface ChangeLogRow {
  now: string
  key: Uint8Array
  identity: string
}

const changeLog = sql`SELECT pg_current_snapshot()::text AS now, l.sealing_key AS key, l.identity FROM read_change_log() l`

function toChangeLog(row: ChangeLogRow | undefined): ChangeLog {
  if (!row) throw new Error('the database has no key for resume tokens')
  // Short: every token carries it.
  const database = createHash('sha256').update(row.identity).digest('base64url').slice(0, 22)
  return { key: row.key, end: { database, seen: requireSnapshot(row.now) } }
}

export async function loadChangeLog({ run }: Statements): Promise<ChangeLog> {
  const [row] = await run<ChangeLogRow>(changeLog)
  return toChangeLog(row)
}

export interface ChangesRead {
  changes: ConversationChange[]
  /** After them. */
  position: ChangePosition
  /** Whether more may be there already. */
  more: boolean
  log: ChangeLog
}

/**
 * The changes after a position; of those, with `upTo`, the ones that this snapshot could see. Null if the position is of
 * another database, or another life of this one.
 */
export async function loadChanges(
  { run }: Statements,
  tenantId: string,
  { database, seen, within }: ChangePosition,
  { limit, upTo }: { limit: number; upTo?: Snapshot | null },
): Promise<ChangesRead | null> {
  const end = within?.until ?? upTo ?? null
  const rest = sql`${end ? sql`AND ${seenIn(end)}` : empty} ${within ? sql`AND ${after(tenantId, within)}` : empty}`
  const [row] = await run<ChangeLogRow & { changes: [number, string, ConversationChangeKind][] | null }>(sql`
    SELECT l.*, (
      SELECT json_agg(json_build_array(c.transaction_id, c.conversation_id, c.kind) ORDER BY c.transaction_id, c.conversation_id)
      FROM (
        SELECT ch.* FROM conversation_changes ch WHERE ${ownRows(tenantId, 'ch')} AND ${unseenIn(seen)} ${rest}
        ORDER BY ch.transaction_id, ch.conversation_id LIMIT ${limit}
      ) c
    ) AS changes FROM (${changeLog}) l`)
  const log = toChangeLog(row)
  if (log.end.database !== database) return null
  const rows = row?.changes ?? []
  const until = end ?? log.end.seen
  const changes = rows.map(([, conversationId, kind]) => ({ conversationId, kind }))
  const [last] = rows.at(-1) ?? []
  if (last === undefined || rows.length < limit) {
    return { changes, position: { database, seen: until }, more: end !== null, log }
  }
  const before = within?.transactionId === last ? within.count : 0
  const count = before + rows.filter(([transactionId]) => transactionId === last).length
  return { changes, position: { database, seen, within: { until, transactionId: last, count } }, more: true, log }
}

const after = (tenantId: string, { transactionId, count }: { transactionId: number; count: number }) =>
  sql`(ch.transaction_id, ch.conversation_id) > (${transactionId}::bigint, (
    SELECT t.conversation_id FROM conversation_changes t
    WHERE ${ownRows(tenantId, 't')} AND t.transaction_id = ${transactionId}::bigint
    ORDER BY t.conversation_id OFFSET ${count - 1}::integer LIMIT 1))`

/**
 * Whether everything after a position is still there. Pruning leaves the last of what it might remove, so nothing was
 * lost if the oldest row is young, or comes before all that was not yet seen. A position that the database has yet to
 * reach is of another life of it, whatever it says.
 */
export async function isWithinRetention(
  { run }: Statements,
  tenantId: string,
  { seen, within }: ChangePosition,
): Promise<boolean> {
  const reached = Math.max(seen.xmax, within?.until.xmax ?? 0)
  const [row] = await run<{ kept: boolean }>(sql`
    SELECT ${reached}::bigint <= pg_snapshot_xmax(pg_current_snapshot())::text::bigint AND coalesce((
      SELECT ch.transaction_id < ${seen.xmin}::bigint OR ch.changed_at >= now() - make_interval(hours => ${KEPT_HOURS}::integer)
      FROM conversation_changes ch WHERE ${ownRows(tenantId, 'ch')}
      ORDER BY ch.transaction_id, ch.conversation_id LIMIT 1), true) AS kept`)
  return row?.kept ?? false
}

export interface Changed {
  /** UUIDs; null: too many to say. */
  conversationIds: ReadonlySet<string> | null
  /** From where to look next time. */
  end: ChangePosition
}

/** What changed since a position, if it is no more than this; with null, nothing, but from where to look from now on. */
export async function whatChanged(
  { run }: Statements,
  tenantId: string,
  since: ChangePosition | null,
  maxChanges: number,
): Promise<Changed> {
  const rows = await run<ChangeLogRow & { id: string | null }>(sql`
    SELECT l.*, c.id FROM (${changeLog}) l
    LEFT JOIN (
      SELECT ch.conversation_id::text AS id FROM conversation_changes ch
      WHERE ${ownRows(tenantId, 'ch')} AND ${since ? unseenIn(since.seen) : sql`FALSE`} LIMIT ${maxChanges + 1}
    ) c ON true`)
  const { end } = toChangeLog(rows[0])
  const ids = rows.flatMap(({ id }) => id ?? [])
  const isOther = since !== null && since.database !== end.database
  return { conversationIds: isOther || ids.length > maxChanges ? null : new Set(ids), end }
}

/** Those of the conversations that may be seen, and whether each fits a filter. Looked up one by one, as `rowsById` does. */
export async function whichFit(
  { run }: Statements,
  ids: readonly string[],
  filter: ConversationFilter,
  scope: FilterScope,
): Promise<Map<string, boolean>> {
  if (ids.length === 0) return new Map()
  const oneOf = (condition: Prisma.Sql) =>
    sql`LATERAL (SELECT c.id FROM conversations c WHERE ${condition} AND c.id = given.id LIMIT 1)`
  const rows = await run<{ id: string; fits: boolean }>(sql`
    SELECT given.id::text AS id, fitting.id IS NOT NULL AS fits FROM unnest(${ids}::uuid[]) AS given (id)
    JOIN ${oneOf(filterConversations({}, scope))} seen ON true
    LEFT JOIN ${oneOf(filterConversations(filter, scope))} fitting ON true`)
  return new Map(rows.map(({ id, fits }) => [id, fits]))
}

/** A mark of the conversation's row as it is; another one after each change. Null where it can't be seen. */
export async function conversationVersion({ run }: Statements, id: string, scope: FilterScope): Promise<string | null> {
  const [row] = await run<{ version: string }>(sql`
    SELECT c.xmin::text AS version FROM conversations c WHERE ${filterConversations({}, scope)} AND c.id = ${id}::uuid`)
  return row?.version ?? null
}

/** Rows that one step of pruning removes at most. */
const PRUNED_AT_ONCE = 10_000

/**
 * Removes changes of a tenant that are older than what is kept, from the oldest on; the last of these stays, see
 * `isWithinRetention`. In the background.
 */
export async function pruneChanges(database: Database, tenantId: string): Promise<void> {
  const own = (alias: string) => ownRows(tenantId, alias)
  await writeAsTenant(
    database,
    { tenantId, admin: false, rowRestriction: null },
    ({ run }) =>
      run(sql`
        WITH young AS (
          SELECT ch.transaction_id, ch.conversation_id FROM conversation_changes ch
          WHERE ${own('ch')} AND ch.changed_at >= now() - ${`${KEPT_HOURS} hours`}::interval ORDER BY 1, 2 LIMIT 1
        ), last AS (
          SELECT ch.transaction_id, ch.conversation_id FROM conversation_changes ch
          WHERE ${own('ch')} AND (NOT EXISTS (SELECT FROM young) OR (ch.transaction_id, ch.conversation_id) < (SELECT * FROM young))
          ORDER BY 1 DESC, 2 DESC LIMIT 1
        )
        DELETE FROM conversation_changes d WHERE ${own('d')} AND (d.transaction_id, d.conversation_id) IN (
          SELECT ch.transaction_id, ch.conversation_id FROM conversation_changes ch
          WHERE ${own('ch')} AND (ch.transaction_id, ch.conversation_id) < (SELECT * FROM last)
          ORDER BY 1, 2 LIMIT ${PRUNED_AT_ONCE})`),
    { inBackground: true },
  )
}

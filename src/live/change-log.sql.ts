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
 * How far changes were read. Transactions do not commit in the order in which they begin, so a number can't express
 * this: a position is the set of transactions that were visible.
 */
export interface ChangePosition {
  /** The database that the transaction ids are from, and its incarnation. */
  database: string
  /** Everything that this snapshot could see was read. */
  seen: Snapshot
  /**
   * What came after `seen` was read only in part: of the rows that `until` could see, those up to the `count`-th row of
   * this transaction. (It is a count because the reader may not be allowed to know the id of that row.)
   */
  within?: { until: Snapshot; transactionId: number; count: number }
}

export interface ConversationChange {
  conversationId: string
  kind: ConversationChangeKind
}

/** How long changes are kept. */
export const KEPT_HOURS = 24

const { sql, empty } = Prisma

/** Matches the rows of `conversation_changes` (alias `ch`) that a snapshot could see, or could not see yet. */
const seenIn = ({ xmin, xmax, open }: Snapshot) =>
  sql`(ch.transaction_id < ${xmin}::bigint OR ch.transaction_id < ${xmax}::bigint AND ch.transaction_id <> ALL(${open}::bigint[]))`

const unseenIn = ({ xmin, xmax, open }: Snapshot) =>
  sql`ch.transaction_id >= ${xmin}::bigint
    AND (ch.transaction_id >= ${xmax}::bigint OR ch.transaction_id = ANY(${open}::bigint[]))`

/** The change log, as one transaction sees it. */
export interface ChangeLog {
  /** The key that resume tokens are encrypted with. */
  key: Uint8Array
  /** The position after everything that can be read now. */
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
  // Short, because every token contains it.
  const database = createHash('sha256').update(row.identity).digest('base64url').slice(0, 22)
  return { key: row.key, end: { database, seen: requireSnapshot(row.now) } }
}

export async function loadChangeLog({ run }: Statements): Promise<ChangeLog> {
  const [row] = await run<ChangeLogRow>(changeLog)
  return toChangeLog(row)
}

export interface ChangesRead {
  changes: ConversationChange[]
  /** The position after these changes. */
  position: ChangePosition
  /** Whether there may already be more changes. */
  more: boolean
  log: ChangeLog
}

/**
 * The changes after a position; with `upTo`, only those that this snapshot could see. Null if the position is from
 * another database, or from another incarnation of this one.
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
 * Whether all changes after a position are still stored. Pruning keeps the last row that it could remove, so nothing
 * was lost if the oldest row is within the retention time, or precedes everything that was not seen yet. A position
 * that the database has not reached yet is from another incarnation, whatever it claims.
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
  /** UUIDs; null: too many to list. */
  conversationIds: ReadonlySet<string> | null
  /** Where the next read begins. */
  end: ChangePosition
}

/** The conversations that changed since a position, unless more than `maxChanges`. For null: none, only `end`. */
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

/**
 * Those of the conversations that the caller may see, and whether each matches a filter. Looked up one by one, as in
 * `rowsById`.
 */
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

/** The version of a conversation's row, which differs after each change. Null if the caller can't see the row. */
export async function conversationVersion({ run }: Statements, id: string, scope: FilterScope): Promise<string | null> {
  const [row] = await run<{ version: string }>(sql`
    SELECT c.xmin::text AS version FROM conversations c WHERE ${filterConversations({}, scope)} AND c.id = ${id}::uuid`)
  return row?.version ?? null
}

/** The number of rows that one step of pruning removes at most. */
const PRUNED_AT_ONCE = 10_000

/**
 * Removes changes of a tenant that are older than the retention time, oldest first. The last of them stays, see
 * `isWithinRetention`. Runs in the background.
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

import pg from 'pg'
import { type ConversationFilter, type FilterScope, filterConversations } from './conversation-filter.ts'
import type { ConversationChangeKind } from './generated/client/enums.ts'
import { TENANT_ROLE } from './roles.ts'
import type { Session } from './session.ts'
import { type Client, ownRows } from './tenant-scope.ts'

export type { ConversationChangeKind }

/**
 * A place in the order of changes. One transaction may change several conversations: among these, by UUID. Everything
 * up to a place that was read has been seen, and nothing can come before it any more.
 */
export interface ChangePosition {
  transactionId: number
  conversationId: string
}

export interface ConversationChange extends ChangePosition {
  kind: ConversationChangeKind
}

/** How long changes can be caught up with. */
export const KEPT_HOURS = 24

const LAST_UUID = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

/** The transactions below this one have all ended: what they changed is to be seen, all of it. */
const HORIZON = 'pg_snapshot_xmin(pg_current_snapshot())::text::bigint'

/** The place behind everything that can be read now. */
export async function currentPosition(client: Client): Promise<ChangePosition> {
  const [row] = await client.$queryRawUnsafe<{ horizon: bigint }[]>(`SELECT ${HORIZON} AS horizon`)
  return { transactionId: Number(row?.horizon) - 1, conversationId: LAST_UUID }
}

/** The changes behind a place, oldest first. */
export async function readChanges(
  client: Client,
  tenantId: string,
  after: ChangePosition,
  limit: number,
): Promise<ConversationChange[]> {
  const rows = await client.$queryRaw<{ transaction_id: bigint; conversation_id: string; kind: ConversationChangeKind }[]>`
    SELECT ch.transaction_id, ch.conversation_id::text AS conversation_id, ch.kind::text AS kind
    FROM conversation_changes ch
    WHERE ${ownRows(tenantId, 'ch')}
      AND (ch.transaction_id, ch.conversation_id) > (${after.transactionId}::bigint, ${after.conversationId}::uuid)
      AND ch.transaction_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
    ORDER BY ch.transaction_id, ch.conversation_id
    LIMIT ${limit}`
  return rows.map((row) => ({
    transactionId: Number(row.transaction_id),
    conversationId: row.conversation_id,
    kind: row.kind,
  }))
}

/**
 * Whether everything behind a place is still there. Pruning leaves the last of what it might remove, so a place before
 * the oldest row has lost something exactly where that row is old enough. A place that the database has yet to reach is
 * of another life of it: it was restored from a dump since.
 */
export async function isKept(client: Client, tenantId: string, { transactionId, conversationId }: ChangePosition) {
  const [row] = await client.$queryRaw<{ kept: boolean }[]>`
    SELECT ${transactionId}::bigint < pg_snapshot_xmin(pg_current_snapshot())::text::bigint AND NOT coalesce((
      SELECT (ch.transaction_id, ch.conversation_id) > (${transactionId}::bigint, ${conversationId}::uuid)
        AND ch.changed_at < now() - make_interval(hours => ${KEPT_HOURS}::integer)
      FROM conversation_changes ch WHERE ${ownRows(tenantId, 'ch')}
      ORDER BY ch.transaction_id, ch.conversation_id LIMIT 1), false) AS kept`
  return row?.kept ?? false
}

/** More conversations than this at once are not told apart. */
const MAX_CHANGED = 1_000

export interface Changed {
  /** UUIDs of what was changed by this transaction or a later one; null: too many to say. */
  conversationIds: string[] | null
  /** From where to look next time. */
  from: number
  /** Whether some of it can't be read in order yet: an earlier transaction is still open. */
  pending: boolean
}

/** What has changed since the transaction `from`; with null, nothing, but from where to look from now on. */
export async function whatChanged(client: Client, tenantId: string, from: number | null): Promise<Changed> {
  const rows = await client.$queryRaw<{ conversation_id: string | null; horizon: bigint; pending: boolean | null }[]>`
    SELECT h.horizon, ch.conversation_id::text AS conversation_id, bool_or(ch.transaction_id >= h.horizon) AS pending
    FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon) h
    LEFT JOIN conversation_changes ch ON ${ownRows(tenantId, 'ch')} AND ch.transaction_id >= ${from}::bigint
    GROUP BY h.horizon, ch.conversation_id LIMIT ${MAX_CHANGED + 1}`
  return {
    conversationIds: rows.length > MAX_CHANGED ? null : rows.flatMap((row) => row.conversation_id ?? []),
    from: Number(rows[0]?.horizon),
    pending: rows.some((row) => row.pending) || rows.length > MAX_CHANGED,
  }
}

/** Which of these conversations fit a filter and may be seen. */
export async function whichFit(client: Client, ids: readonly string[], filter: ConversationFilter, scope: FilterScope) {
  if (ids.length === 0) return new Set<string>()
  const rows = await client.$queryRaw<{ id: string }[]>`
    SELECT c.id::text AS id FROM conversations c
    WHERE ${filterConversations(filter, scope)} AND c.id = ANY(${ids}::uuid[])`
  return new Set(rows.map(({ id }) => id))
}

/** A mark of the conversation's row as it is; another one after each change. Null where it can't be seen. */
export async function conversationVersion(client: Client, id: string, scope: FilterScope): Promise<string | null> {
  const [row] = await client.$queryRaw<{ version: string }[]>`
    SELECT c.xmin::text AS version FROM conversations c WHERE ${filterConversations({}, scope)} AND c.id = ${id}::uuid`
  return row?.version ?? null
}

/** Rows that one step of pruning removes at most. */
const PRUNED_AT_ONCE = 10_000

/**
 * Removes changes of a tenant that are older than what is kept, from the oldest on; the last of these stays, see
 * `isKept`. All in one message to the database, which makes it a transaction of its own.
 */
export async function pruneChanges(session: Session, tenantId: string): Promise<void> {
  const tenant = pg.escapeLiteral(tenantId)
  const own = (alias: string) => `${alias}.tenant_id = ${tenant}`
  const place = (alias: string) => `(${alias}.transaction_id, ${alias}.conversation_id)`
  await session.execute(`
    SET LOCAL ROLE ${TENANT_ROLE};
    SET LOCAL app.tenant_id = ${tenant};
    WITH young AS (
      SELECT ch.transaction_id, ch.conversation_id FROM conversation_changes ch
      WHERE ${own('ch')} AND ch.changed_at >= now() - interval '${KEPT_HOURS} hours' ORDER BY 1, 2 LIMIT 1
    ), last AS (
      SELECT ch.transaction_id, ch.conversation_id FROM conversation_changes ch
      WHERE ${own('ch')} AND (NOT EXISTS (SELECT FROM young) OR ${place('ch')} < (SELECT * FROM young))
      ORDER BY 1 DESC, 2 DESC LIMIT 1
    )
    DELETE FROM conversation_changes d WHERE ${own('d')} AND ${place('d')} IN (
      SELECT ch.transaction_id, ch.conversation_id FROM conversation_changes ch
      WHERE ${own('ch')} AND ${place('ch')} < (SELECT * FROM last) ORDER BY 1, 2 LIMIT ${PRUNED_AT_ONCE})`)
}

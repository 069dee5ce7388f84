import type { BenchDatabase } from './database.ts'
import { send, stamped, toBytes } from './measure.ts'
import type { System } from './systems/system.ts'
import { conversationToWrite } from './systems/written.ts'

/** Tenants that are written to, and removed with all they have. */
export async function makeTenants(database: BenchDatabase, prefix: string, count: number): Promise<string[]> {
  const rows = await database.sql<{ id: string }>(
    `INSERT INTO tenants (id, name, time_zone) SELECT 'bench-' || $1 || '-' || n, 'Written to by a benchmark', 'UTC'
     FROM generate_series(0, $2::int - 1) n RETURNING id`,
    [prefix, count],
  )
  return rows.map(({ id }) => id)
}

/** Columns that every writer has values of its own in. */
const OWN = ['id', 'tenant_id', 'conversation_id', 'external_id', 'created_at', 'updated_at', 'slot']

/** Columns, also of the sums, that differ by what is derived and taken out. */
export const DERIVED = [
  ...['content', 'language', 'sentiment', 'token_count', 'cost', 'derived', 'redactions'],
  ...['priced_message_count', 'sentiment_count', 'sentiment_sum'],
  ...['tokens', 'priced_conversations', 'scored_messages'],
]

/** All that a tenant's conversations consist of, as rows to compare, without these columns. */
export async function storedRows(database: BenchDatabase, tenantId: string, without: readonly string[]) {
  return database.sql<{ kind: string; row: unknown }>(
    `SELECT 'conversation' AS kind, to_jsonb(c) - $2::text[] AS row FROM conversations c WHERE tenant_id = $1
     UNION ALL (SELECT 'message', to_jsonb(m) - $2::text[] FROM messages m WHERE tenant_id = $1 ORDER BY sequence)
     UNION ALL (SELECT 'entry', to_jsonb(e) - $2::text[] FROM conversation_metadata e WHERE tenant_id = $1 ORDER BY path, value)
     UNION ALL (SELECT 'sum', to_jsonb(r) - $2::text[] FROM conversation_rollups r WHERE tenant_id = $1 ORDER BY minutes)`,
    [tenantId, [...OWN, ...without]],
  )
}

/** Begins conversations that grow, and answers their UUIDs. */
export async function openConversations(
  database: BenchDatabase,
  system: System,
  tenantId: string,
  count: number,
): Promise<string[]> {
  const question = system.log?.(tenantId, conversationToWrite('ACTIVE'))
  if (!question) throw new Error(`${system.name} does not write`)
  const { requests } = stamped([toBytes(system.origin, question)])
  await send(system.origin, Array.from({ length: count }, requests))
  const rows = await database.sql<{ id: string }>(
    `SELECT id FROM conversations WHERE tenant_id = $1 AND status = 'ACTIVE' ORDER BY id DESC LIMIT $2`,
    [tenantId, count],
  )
  return rows.map(({ id }) => id)
}

/** How many conversations tenants have; throws where one has other messages than it says, or a place is empty. */
export async function countStored(database: BenchDatabase, tenantIds: readonly string[]): Promise<number> {
  const [row] = await database.sql<{ count: number; wrong: number }>(
    `SELECT count(*)::int AS count,
       count(*) FILTER (WHERE c.message_count <> m.count OR m.count <> m.last + 1)::int AS wrong
     FROM conversations c, LATERAL (
       SELECT count(*) AS count, max(sequence) AS last FROM messages
       WHERE tenant_id = c.tenant_id AND conversation_id = c.id) m
     WHERE c.tenant_id = ANY ($1)`,
    [tenantIds],
  )
  if (row?.wrong !== 0) throw new Error(`${row?.wrong} conversations lack messages`)
  return row.count
}

const TABLES = [
  'messages',
  'conversation_metadata',
  'conversation_rollups',
  'idempotency_keys',
  'audit_events',
  'conversations',
]

/** As if nothing had been written: rows, sums, changes, and the space they took. */
export async function removeWritten(database: BenchDatabase): Promise<void> {
  // What grew among the data: by its external ids, with the triggers that take it out of the sums.
  await database.sql(`DELETE FROM conversations WHERE tenant_id = 't000' AND external_id LIKE 'bench-%'`)
  await removeConversations(database)
  await database.sql(
    `BEGIN; SET LOCAL session_replication_role = replica;
     DELETE FROM tenants WHERE id LIKE 'bench-%';
     DELETE FROM api_keys WHERE name = 'bench';
     COMMIT`,
  )
}

/** The rows of tenants that are written to. The tenants and their keys stay. */
export async function removeConversations(database: BenchDatabase): Promise<void> {
  await database.sql(
    // Their sums are deleted as a whole, so no trigger needs to subtract each conversation.
    `BEGIN; SET LOCAL session_replication_role = replica;
     ${TABLES.map((table) => `DELETE FROM ${table} WHERE tenant_id LIKE 'bench-%'`).join(';')};
     TRUNCATE conversation_changes;
     COMMIT`,
  )
  for (const table of TABLES) await database.sql(`VACUUM ${table}`)
}

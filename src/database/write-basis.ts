import { Prisma } from './generated/client/client.ts'
import type { Statements } from './statements.ts'
import { type Client, ownRows } from './tenant-scope.ts'

/** Which fields of messages a tenant wants filled in where it gave none, and whether personal data is taken out. */
export interface DerivationSettings {
  sentiment: boolean
  language: boolean
  tokenCount: boolean
  cost: boolean
  redactsPersonalData: boolean
}

/** What must be known before messages are written, in one statement. */
export interface WriteBasis {
  settings: DerivationSettings
  /** Of the agents that took part, in their order: those that have a model. */
  agentModels: { id: string; model: string }[]
  /** The one appended to, locked to the end of the transaction. */
  conversation: { id: string; model: string | null; language: string | null; tokenCount: number } | null
}

/** The same for conversations that are new, or are to be. */
export interface LogBasis {
  settings: DerivationSettings
  agents: { id: string; externalId: string | null; model: string | null }[]
  /** Those of the external ids that exist. */
  conversations: { id: string; externalId: string }[]
}

const { sql } = Prisma

const SETTINGS = sql`jsonb_build_object('sentiment', t.derives_sentiment, 'language', t.derives_language,
  'tokenCount', t.derives_token_count, 'cost', t.derives_cost, 'redactsPersonalData', t.redacts_personal_data)`

/** `agentIds` are UUIDs. */
export async function readLogBasis(
  db: Statements,
  tenantId: string,
  { externalIds, agentIds, agentExternalIds }: Record<'externalIds' | 'agentIds' | 'agentExternalIds', string[]>,
): Promise<LogBasis> {
  const [row] = await db.run<{ basis: LogBasis }>(sql`
    SELECT jsonb_build_object(
      'settings', ${SETTINGS},
      'agents', coalesce((
        SELECT jsonb_agg(jsonb_build_object('id', a.id, 'externalId', a.external_id, 'model', a.model)) FROM agents a
        WHERE ${ownRows(tenantId, 'a')} AND (a.id = ANY (${agentIds}::uuid[]) OR a.external_id = ANY (${agentExternalIds}::text[]))
      ), '[]'),
      'conversations', coalesce((
        SELECT jsonb_agg(jsonb_build_object('id', c.id, 'externalId', c.external_id)) FROM conversations c
        WHERE ${ownRows(tenantId, 'c')} AND c.external_id = ANY (${externalIds}::text[])
      ), '[]')) AS basis
    FROM tenants t WHERE t.id = ${tenantId}`)
  if (!row) throw new Error('the tenant of this transaction is not there')
  return row.basis
}

/**
 * Reads it in the transaction that writes, so that a setting holds from the moment it is changed. `conversation`: the
 * condition on `c` that finds the one to append to. `agentIds`: the agents that are named now.
 */
export async function readWriteBasis(
  db: Client,
  tenantId: string,
  { conversation, agentIds }: { conversation?: Prisma.Sql; agentIds: readonly string[] },
): Promise<WriteBasis> {
  const ids = sql`${[...agentIds]}::uuid[]`
  // The same lock as that of the update that follows: it lets others look up the row's key, as inserted messages do.
  const locked = conversation
    ? sql`SELECT c.id, c.model, c.language, c.token_count FROM conversations c
          WHERE ${ownRows(tenantId, 'c')} AND ${conversation} FOR NO KEY UPDATE`
    : sql`SELECT NULL::uuid AS id, NULL::text AS model, NULL::text AS language, 0 AS token_count WHERE false`
  const [row] = await db.$queryRaw<{ basis: WriteBasis }[]>`
    WITH locked AS MATERIALIZED (${locked})
    SELECT jsonb_build_object(
      'settings', ${SETTINGS},
      'conversation', CASE WHEN c.id IS NOT NULL THEN
        jsonb_build_object('id', c.id, 'model', c.model, 'language', c.language, 'tokenCount', c.token_count) END,
      'agentModels', coalesce((
        SELECT jsonb_agg(jsonb_build_object('id', a.id, 'model', a.model) ORDER BY l.position, array_position(${ids}, a.id))
        FROM agents a
        LEFT JOIN conversation_agents l ON ${ownRows(tenantId, 'l')} AND l.conversation_id = c.id AND l.agent_id = a.id
        WHERE ${ownRows(tenantId, 'a')} AND a.model IS NOT NULL AND (l.agent_id IS NOT NULL OR a.id = ANY (${ids}))
      ), '[]')) AS basis
    FROM tenants t LEFT JOIN locked c ON true
    WHERE t.id = ${tenantId}`
  if (!row) throw new Error('the tenant of this transaction is not there')
  return row.basis
}

import { Prisma } from '../database/generated/client/client.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { ownRows } from '../database/tenant-scope.ts'
import { type DerivationSettings, SETTINGS } from '../tenants/tenant-settings.sql.ts'

/**
 * What must be known before messages are written. It is read in the transaction that writes, so that a changed setting
 * takes effect at once.
 */
export interface WritePrerequisites {
  settings: DerivationSettings
  /** The named agents that exist. */
  agents: { id: string; externalId: string | null; model: string | null }[]
}

/** The same for new conversations. */
export interface LogPrerequisites extends WritePrerequisites {
  /** The existing conversations with one of the external ids. */
  conversations: { id: string; externalId: string }[]
}

export interface PrerequisiteKeys {
  /** Of conversations. */
  externalIds: readonly string[]
  /** UUIDs. */
  agentIds: readonly string[]
  agentExternalIds: readonly string[]
}

const { sql } = Prisma

export const knownAgents = (tenantId: string, { agentIds, agentExternalIds }: PrerequisiteKeys) => sql`coalesce((
  SELECT jsonb_agg(jsonb_build_object('id', a.id, 'externalId', a.external_id, 'model', a.model)) FROM agents a
  WHERE ${ownRows(tenantId, 'a')} AND (a.id = ANY (${agentIds}::uuid[]) OR a.external_id = ANY (${agentExternalIds}::text[]))
), '[]')`

export async function loadLogPrerequisites(
  db: Statements,
  tenantId: string,
  keys: PrerequisiteKeys,
): Promise<LogPrerequisites> {
  const [row] = await db.run<{ prerequisites: LogPrerequisites }>(sql`
    SELECT jsonb_build_object('settings', ${SETTINGS}, 'agents', ${knownAgents(tenantId, keys)},
      'conversations', coalesce((
        SELECT jsonb_agg(jsonb_build_object('id', c.id, 'externalId', c.external_id)) FROM conversations c
        WHERE ${ownRows(tenantId, 'c')} AND c.external_id = ANY (${keys.externalIds}::text[])
      ), '[]')) AS prerequisites
    FROM tenants t WHERE t.id = ${tenantId}`)
  if (!row) throw new Error('the tenant of this transaction does not exist')
  return row.prerequisites
}

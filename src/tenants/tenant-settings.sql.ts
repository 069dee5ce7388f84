import { Prisma } from '../database/generated/client/client.ts'
import type { Statements } from '../database/sql-transactions.ts'

/** Which fields of messages are derived if the caller gives no value, and whether personal data is redacted. */
export interface DerivationSettings {
  sentiment: boolean
  language: boolean
  tokenCount: boolean
  cost: boolean
  redactsPersonalData: boolean
}

const { sql } = Prisma

export const SETTINGS = sql`jsonb_build_object('sentiment', t.derives_sentiment, 'language', t.derives_language,
  'tokenCount', t.derives_token_count, 'cost', t.derives_cost, 'redactsPersonalData', t.redacts_personal_data)`

/** The tenant's settings for storing messages. */
export async function loadSettings(db: Statements, tenantId: string): Promise<DerivationSettings> {
  const [row] = await db.run<{ settings: DerivationSettings }>(
    sql`SELECT ${SETTINGS} AS settings FROM tenants t WHERE t.id = ${tenantId}`,
  )
  if (!row) throw new Error('the tenant of this transaction does not exist')
  return row.settings
}

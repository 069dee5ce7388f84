import { Prisma } from '../database/generated/client/client.ts'
import type { Statements } from '../database/sql-transactions.ts'

/** A pattern of a tenant, in RE2's syntax, and what replaces its matches. */
export interface RedactionPattern {
  name: string
  pattern: string
  replacement: string
}

/** What is redacted before texts are stored. */
export interface RedactionSettings {
  redactsPersonalData: boolean
  redactsPhoneNumbers: boolean
  /** ISO 3166 code of the country whose way of writing phone numbers is known besides the international one. */
  phoneRegion: string | null
  redactsIbans: boolean
  redactionPatterns: readonly RedactionPattern[]
}

/** Which fields of messages are derived if the caller gives no value, and what is redacted. */
export interface DerivationSettings extends RedactionSettings {
  sentiment: boolean
  language: boolean
  tokenCount: boolean
  cost: boolean
}

const { sql } = Prisma

export const SETTINGS = sql`jsonb_build_object('sentiment', t.derives_sentiment, 'language', t.derives_language,
  'tokenCount', t.derives_token_count, 'cost', t.derives_cost, 'redactsPersonalData', t.redacts_personal_data,
  'redactsPhoneNumbers', t.redacts_phone_numbers, 'phoneRegion', t.phone_region, 'redactsIbans', t.redacts_ibans,
  'redactionPatterns', t.redaction_patterns)`

/** The tenant's settings for storing messages. */
export async function loadSettings(db: Statements, tenantId: string): Promise<DerivationSettings> {
  const [row] = await db.run<{ settings: DerivationSettings }>(
    sql`SELECT ${SETTINGS} AS settings FROM tenants t WHERE t.id = ${tenantId}`,
  )
  if (!row) throw new Error('the tenant of this transaction does not exist')
  return row.settings
}

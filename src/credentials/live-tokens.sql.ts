import { Prisma } from '../database/generated/client/client.ts'
import type { Statements } from '../database/sql-transactions.ts'

const { sql } = Prisma

/** How many embed tokens are accepted now, those of one key for one tenant together. */
export interface LiveTokens {
  /** In the format of the API. */
  keyId: string
  tenantId: string
  liveCount: number
  /** How many of them end with the previous secret of the key. */
  previousSecretCount: number
}

/** Those of these keys, or those for these tenants; of none twice. Only for administrators. */
export const listLiveTokens = (
  db: Statements,
  now: Date,
  wanted: { keyIds: readonly string[] } | { tenantIds: readonly string[] },
) => {
  const [keyIds, tenantIds] = 'keyIds' in wanted ? [[...wanted.keyIds], []] : [[], [...wanted.tenantIds]]
  return db.run<LiveTokens>(sql`
    SELECT key_id AS "keyId", tenant_id AS "tenantId", live_count AS "liveCount", previous_secret_count AS "previousSecretCount"
    FROM count_live_tokens(${now}::timestamptz, ${keyIds}::text[], ${tenantIds}::text[])`)
}

/** How many of the transaction's tenant are accepted now. */
export async function countOwnLiveTokens(db: Statements, now: Date): Promise<number> {
  const [row] = await db.run<{ count: number }>(sql`SELECT count_own_live_tokens(${now}::timestamptz) AS count`)
  return row?.count ?? 0
}

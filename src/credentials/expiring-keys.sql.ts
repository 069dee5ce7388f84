import { Prisma } from '../database/generated/client/client.ts'
import type { Statements } from '../database/sql-transactions.ts'

export interface ExpiringKey {
  id: string
  name: string
  tenantId: string | null
  expiresAt: Date
}

/** The active keys that expire before then, the first ones first. */
export const listExpiringKeys = (db: Statements, now: Date, before: Date) =>
  db.run<ExpiringKey>(Prisma.sql`
    SELECT id::text AS id, name, tenant_id AS "tenantId", expires_at AS "expiresAt" FROM api_keys
    WHERE revoked_at IS NULL AND expires_at > ${now} AND expires_at <= ${before} ORDER BY expires_at, id`)

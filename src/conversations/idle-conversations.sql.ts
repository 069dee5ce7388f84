import { Prisma } from '../database/generated/client/client.ts'
import type { Session } from '../database/session.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { ownRows } from '../database/tenant-scope.ts'

const { sql } = Prisma

/** The tenants whose idle conversations are closed, and after how many minutes. */
export const listAbandoningTenants = (session: Session) =>
  session.query<{ tenantId: string; afterMinutes: number }>(
    'SELECT tenant_id AS "tenantId", after_minutes AS "afterMinutes" FROM list_abandoning_tenants()',
  )

/**
 * Closes up to `limit` open conversations that nothing was written to since a time. Those that somebody is writing to are
 * skipped. Returns how many were closed.
 */
export async function abandonIdle(
  db: Statements,
  tenantId: string,
  { idleSince, now, limit }: { idleSince: Date; now: Date; limit: number },
): Promise<number> {
  const closed = await db.run(sql`
    UPDATE conversations c SET status = 'ABANDONED', is_abandoned_as_idle = true, updated_at = ${now}
    WHERE ${ownRows(tenantId, 'c')} AND c.id = ANY (ARRAY(
      SELECT i.id FROM conversations i
      -- Only open ones have no end, which is what their index is for.
      WHERE ${ownRows(tenantId, 'i')} AND i.ended_at IS NULL AND i.updated_at < ${idleSince}
        AND i.status IN ('QUEUED', 'RINGING', 'ACTIVE')
      ORDER BY i.updated_at LIMIT ${limit} FOR NO KEY UPDATE SKIP LOCKED))
    RETURNING 1`)
  return closed.length
}

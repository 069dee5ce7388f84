import { Prisma } from '../database/generated/client/client.ts'
import type { Session } from '../database/session.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { ownRows } from '../database/tenant-scope.ts'

/** The table of unfinished work on stored rows, and its progress. */

const { sql } = Prisma

/** The unfinished jobs of all tenants. */
export const listJobs = (session: Session) =>
  session.query<{ tenantId: string; name: string }>('SELECT tenant_id AS "tenantId", name FROM list_tenant_jobs()')

/**
 * The progress of a job of this tenant, locked until the end of the transaction. Null if it is done, or if another
 * process works on it.
 */
export async function lockJob(
  db: Statements,
  tenantId: string,
  name: string,
): Promise<{ afterId: string | null } | null> {
  const [row] = await db.run<{ afterId: string | null }>(sql`
    SELECT j.after_id::text AS "afterId" FROM tenant_jobs j WHERE ${ownRows(tenantId, 'j')} AND j.name = ${name}
    FOR UPDATE SKIP LOCKED`)
  return row ?? null
}

/** Records that all rows up to this one are done. */
export async function moveJob(db: Statements, tenantId: string, name: string, afterId: string): Promise<void> {
  await db.run(sql`
    UPDATE tenant_jobs j SET after_id = ${afterId}::uuid WHERE ${ownRows(tenantId, 'j')} AND j.name = ${name}`)
}

export async function endJob(db: Statements, tenantId: string, name: string): Promise<void> {
  await db.run(sql`DELETE FROM tenant_jobs j WHERE ${ownRows(tenantId, 'j')} AND j.name = ${name}`)
}

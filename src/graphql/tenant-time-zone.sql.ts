import { Prisma } from '../database/generated/client/client.ts'
import type { Statements } from '../database/sql-transactions.ts'

/** The time zone in which a tenant's days begin unless a query names another. */
export async function timeZoneOf({ run }: Pick<Statements, 'run'>, tenantId: string): Promise<string> {
  const [tenant] = await run<{ time_zone: string }>(Prisma.sql`SELECT time_zone FROM tenants WHERE id = ${tenantId}`)
  if (!tenant) throw new Error('the tenant does not exist')
  return tenant.time_zone
}

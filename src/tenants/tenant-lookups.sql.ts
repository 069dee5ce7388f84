import { Prisma } from '../database/generated/client/client.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { ownRows } from '../database/tenant-scope.ts'

const { sql } = Prisma

/** The time zone in which a tenant's days begin unless a query names another. */
export async function timeZoneOf(statements: Statements, tenantId: string): Promise<string> {
  const [tenant] = await statements.run<{ time_zone: string }>(
    sql`SELECT time_zone FROM tenants WHERE id = ${tenantId}`,
  )
  if (!tenant) throw new Error('the tenant does not exist')
  return tenant.time_zone
}

/** The names of agents by UUID. */
export async function agentNames(
  statements: Statements,
  tenantId: string,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const agents = await statements.run<{ id: string; name: string }>(sql`
    SELECT a.id::text AS id, a.name FROM agents a WHERE ${ownRows(tenantId, 'a')} AND a.id = ANY(${[...ids]}::uuid[])`)
  return new Map(agents.map(({ id, name }) => [id, name]))
}

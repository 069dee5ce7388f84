import { Prisma } from '../database/generated/client/client.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { ownRows } from '../database/tenant-scope.ts'

const { sql } = Prisma

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

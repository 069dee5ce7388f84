import { transaction } from '../../src/database/transaction.ts'
import type { TestServer } from '../support/server.ts'

/** Takes row-level security away from every table. The roles keep their grants, so the application serves on. */
export async function takeDownRowLevelSecurity(server: TestServer): Promise<void> {
  const tables = await server.owner(`
    SELECT relname AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relrowsecurity`)
  for (const { name } of tables) await server.owner(`ALTER TABLE ${name} DISABLE ROW LEVEL SECURITY`)
}

/** Of whose rows a query without any condition is answered inside a tenant's transaction: hand-written SQL, and Prisma's. */
export async function tenantsSeen(server: TestServer, tenantId: string): Promise<{ sql: string[]; prisma: string[] }> {
  return transaction(
    server.database,
    { tenantId, admin: false, readOnly: true, rowRestriction: null },
    async (client) => {
      const rows = await client.$queryRaw<{ tenant_id: string }[]>`SELECT DISTINCT tenant_id FROM conversations`
      const found = await client.conversation.findMany({ select: { tenantId: true } })
      return {
        sql: rows.map((row) => row.tenant_id).sort(),
        prisma: [...new Set(found.map((row) => row.tenantId))].sort(),
      }
    },
  )
}

import { Prisma } from './generated/client/client.ts'
import { type Client, ownRows } from './tenant-scope.ts'

/** Locks that are held until the end of the transaction. */

const { sql, raw } = Prisma

/** Nobody else can write to the table, or lock it like this. */
export async function lockTable(account: Client, table: 'api_keys' | 'signing_keys' | 'token_issuers'): Promise<void> {
  await account.$executeRaw(sql`LOCK TABLE ${raw(table)} IN SHARE ROW EXCLUSIVE MODE`)
}

/** Nobody else can change the row with this id (UUID). Returns whether there is one. */
export async function lockRow(account: Client, table: 'api_keys' | 'token_issuers', id: string): Promise<boolean> {
  const rows = await account.$queryRaw<unknown[]>(sql`SELECT 1 FROM ${raw(table)} WHERE id = ${id}::uuid FOR UPDATE`)
  return rows.length > 0
}

/** The same for a conversation of the tenant. */
export async function lockConversationRow(db: Client, tenantId: string, id: string): Promise<void> {
  await db.$queryRaw(
    sql`SELECT 1 FROM conversations c WHERE ${ownRows(tenantId, 'c')} AND c.id = ${id}::uuid FOR UPDATE`,
  )
}

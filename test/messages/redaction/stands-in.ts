import type { TestServer, TestTenant } from '../../support/server.ts'

/** Where the database holds one of these texts, in any column of any table, in a row that names the tenant. */
export async function standsIn(server: TestServer, texts: readonly string[], { id }: TestTenant): Promise<string[]> {
  const columns = await server.owner(`
    SELECT table_name AS "table", column_name AS "column" FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'`)
  const found: string[] = []
  for (const { table, column } of columns) {
    const [row] = await server.owner(
      `SELECT count(*)::int AS count FROM "${table}" t
       WHERE strpos(t::text, '${id}') > 0 AND (${texts.map((text) => `strpos("${column}"::text, '${text}') > 0`).join(' OR ')})`,
    )
    if (row?.['count'] !== 0) found.push(`${table}.${column}`)
  }
  return found
}

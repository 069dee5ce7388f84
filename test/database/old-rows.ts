import pg from 'pg'

/** Rows of tables as JSON, moved between databases of different versions. */

export type Row = Record<string, unknown>

/** Rows by table, in the order in which the tables were made: each refers only to those before it. */
export type Tables = Record<string, Row[]>

/** SQL as somebody whom no policy stops. */
export type RunSql = (sql: string) => Promise<Row[]>

/** Of the database and not of a tenant, or of the moment. */
const NOT_OF_TENANTS = [
  ...['_prisma_migrations', 'migration_compatibility', 'position_key', 'rate_counts', 'sealed_secrets', 'tenant_jobs'],
]

const WRITTEN_BY_TRIGGERS = ['conversation_changes', 'conversation_rollups']

/** One signing key signs, and there can't be two. */
const CONDITIONS: Record<string, string> = { signing_keys: 'verify_until IS NOT NULL' }

/** All rows that tenants have, without what triggers wrote. */
export async function readTables(run: RunSql): Promise<Tables> {
  const names = await run(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY oid`,
  )
  const tables: Tables = {}
  for (const name of names.map((row) => String(row['name']))) {
    if ([...NOT_OF_TENANTS, ...WRITTEN_BY_TRIGGERS].includes(name)) continue
    tables[name] = await rowsOf(run, `SELECT * FROM ${name} WHERE ${CONDITIONS[name] ?? 'true'}`)
  }
  return tables
}

/** The sums of roll-ups: how much of one is in which slot is by chance. */
export async function readRollups(run: RunSql): Promise<Row[]> {
  const keys = ['tenant_id', 'minutes', 'started_at']
  const sums = (await columnsOf(run, 'conversation_rollups')).filter((name) => ![...keys, 'slot'].includes(name))
  return rowsOf(
    run,
    `SELECT ${keys}, ${sums.map((name) => `sum(${name})::float8 AS ${name}`)} FROM conversation_rollups
     GROUP BY ${keys} HAVING ${sums.map((name) => `sum(${name}) <> 0`).join(' OR ')}`,
  )
}

async function rowsOf(run: RunSql, query: string): Promise<Row[]> {
  const [first] = await run(`SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]') AS rows FROM (${query}) t`)
  return inOrder(first?.['rows'] as Row[])
}

/** Two lists of the same rows are then equal. */
export const inOrder = (rows: readonly Row[]) => {
  const ordered = rows.map((row) => ({ row, text: JSON.stringify([row['id'], row['conversation_id'], row]) }))
  return ordered.sort((one, other) => (one.text < other.text ? -1 : 1)).map(({ row }) => row)
}

async function columnsOf(run: RunSql, table: string): Promise<string[]> {
  const columns = await run(
    `SELECT attname AS name FROM pg_attribute WHERE attrelid = to_regclass('${table}') AND attnum > 0 AND NOT attisdropped`,
  )
  return columns.map((row) => String(row['name']))
}

/** Stores rows in those tables and columns that there are. Returns which, as `table.column`. */
export async function storeRows(run: RunSql, tables: Tables): Promise<ReadonlySet<string>> {
  const stored = new Set<string>()
  for (const [table, rows] of Object.entries(tables)) {
    const columns = (await columnsOf(run, table)).filter((column) => column in (rows[0] ?? {}))
    if (columns.length === 0) continue
    for (const column of columns) stored.add(`${table}.${column}`)
    await run(`INSERT INTO ${table} (${columns})
      SELECT ${columns} FROM jsonb_populate_recordset(NULL::${table}, ${pg.escapeLiteral(JSON.stringify(rows))}::jsonb)`)
  }
  return stored
}

/** The same rows of another tenant. Ids that are unique among all tenants become others. */
export function ofTenant(tables: Tables, [from, to]: readonly [from: string, to: string], number: number): Tables {
  const account = ['api_keys', 'audit_events', 'token_issuers', 'account_documents'].flatMap(
    (table) => tables[table] ?? [],
  )
  const unique = account.flatMap((row) => [row['id'], row['sha256'] ?? []].flat().map(String))
  const end = number.toString(16).padStart(2, '0')
  let text = JSON.stringify(tables).replaceAll(from, to)
  for (const id of unique) text = text.replaceAll(id, `${id.slice(0, -2)}${end}`)
  const { signing_keys: signingKeys = [], ...rest } = JSON.parse(text) as Tables
  return { ...rest, signing_keys: signingKeys.map((row) => ({ ...row, id: `${row['id']} ${to}` })) }
}

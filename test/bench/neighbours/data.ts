import pg from 'pg'
import { copyTable } from '../copy.ts'
import { type BenchDatabase, openFilledDatabase } from '../database.ts'
import { startParley } from '../systems/parley.ts'
import { type Copy, readTemplates, TABLES, type Template } from './copies.ts'
import { TEMPLATES, templateInput } from './templates.ts'

/** Raised when the code below makes different rows: databases filled before are then filled anew. */
const DATA_VERSION = 2

export interface Shape {
  tenants: number
  /** Of each tenant. */
  conversations: number
}

/** When the conversations took place. Fixed, so that a kept database answers the same on any day. */
export const PERIOD = { from: Date.parse('2026-05-01T00:00:00Z'), to: Date.parse('2026-10-28T00:00:00Z') }

export const tenantIds = (count: number) => Array.from({ length: count }, (_, n) => `n${String(n).padStart(3, '0')}`)

/** Tenants of one size, with conversations of six messages over half a year. */
export const openNeighbours = (adminUrl: string, shape: Shape): Promise<BenchDatabase> =>
  openFilledDatabase(adminUrl, {
    name: `parley_bench_${shape.tenants}x${shape.conversations}`,
    size: shape.tenants * shape.conversations,
    version: DATA_VERSION,
    fill: (url) => fill(url, shape),
  })

/** Holds the conversations that the others are copied from. */
const SOURCE = 'templates'

/** Conversations per COPY. */
const STEP = 10_000

async function fill(url: string, shape: Shape): Promise<void> {
  await writeTemplates(url, shape)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await copyAll(client, await readTemplates(client, SOURCE), shape)
  await client.query(`DELETE FROM conversations WHERE tenant_id = '${SOURCE}'`)
  await client.query(`DELETE FROM conversation_rollups WHERE tenant_id = '${SOURCE}'`)
  await client.query(`DELETE FROM tenants WHERE id = '${SOURCE}'`)
  // Nobody needs to be notified of what was loaded.
  await client.query('TRUNCATE conversation_changes')
  await client.query('VACUUM (ANALYZE)')
  await client.query('CHECKPOINT')
  await client.end()
}

/** Through a server, which also creates the tables. */
async function writeTemplates(url: string, { tenants }: Shape): Promise<void> {
  const parley = await startParley(url)
  const client = new pg.Client({ connectionString: url })
  try {
    await client.connect()
    await client.query(
      `INSERT INTO tenants (id, name, time_zone) SELECT id, 'Tenant ' || id, 'UTC' FROM unnest($1::text[]) AS id`,
      [[SOURCE, ...tenantIds(tenants)]],
    )
    const log = 'mutation ($input: LogConversationInput!) { logConversation(input: $input) { created } }'
    for (let n = 0; n < TEMPLATES; n += 1) await parley.ask(SOURCE, log, { input: templateInput(n) })
  } finally {
    await client.end()
    await parley.stop()
  }
}

async function copyAll(client: pg.Client, templates: readonly Template[], { tenants, conversations }: Shape) {
  const size = tenants * conversations
  const ids = tenantIds(tenants)
  const stepMs = (PERIOD.to - PERIOD.from) / size
  const [index] = (await client.query<{ sql: string }>(`SELECT pg_get_indexdef('messages_by_words'::regclass) AS sql`))
    .rows
  // Made once at the end: maintaining it while loading would take most of the time.
  await client.query('DROP INDEX messages_by_words')
  await client.query('SET synchronous_commit = off')
  for (let from = 0; from < size; from += STEP) {
    const rows: Record<string, string> = Object.fromEntries(TABLES.map((table) => [table, '']))
    for (let n = from; n < Math.min(from + STEP, size); n += 1) {
      // As if they arrived, taking the tenants in turn, so that rows of different tenants lie side by side on the pages
      // of the tables.
      const copy: Copy = { tenantId: ids[n % tenants] ?? '', n, beginMs: Math.floor(PERIOD.from + n * stepMs) }
      const template = templates[(n * 7_919 + Math.floor(n / tenants)) % templates.length]
      for (const table of TABLES) rows[table] += template?.[table](copy) ?? ''
    }
    await copyStep(client, templates, rows)
    process.stderr.write(`\r${Math.min(from + STEP, size)} of ${size} conversations`)
  }
  process.stderr.write('\n')
  await client.query(`SET maintenance_work_mem = '1GB'`)
  await client.query(index?.sql ?? '')
}

async function copyStep(client: pg.Client, templates: readonly Template[], rows: Record<string, string>) {
  await client.query('BEGIN')
  // With the triggers, which maintain the sums by time.
  await copyTable(client, `conversations (${templates[0]?.columns.conversations})`, rows['conversations'] ?? '')
  // The rows that these refer to were just stored, so no foreign key needs checking. These tables have no other
  // triggers.
  await client.query('SET LOCAL session_replication_role = replica')
  for (const table of ['messages', 'conversation_metadata'] as const)
    await copyTable(client, `${table} (${templates[0]?.columns[table]})`, rows[table] ?? '')
  await client.query('COMMIT')
}

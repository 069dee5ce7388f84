import type pg from 'pg'
import { field } from '../copy.ts'
import { BEGIN_MS, PLACES } from './templates.ts'

export const TABLES = ['conversations', 'messages', 'conversation_metadata'] as const
type Table = (typeof TABLES)[number]

/** What distinguishes one copy of a template. */
export interface Copy {
  tenantId: string
  /** Its number among all. */
  n: number
  beginMs: number
}

/** For each table, the rows of a copy in COPY's text format, and their columns. */
export type Template = Record<Table, (copy: Copy) => string> & { columns: Record<Table, string> }

type Row = Record<string, string | null>
/** A part of a row, which is either the same in every copy or not. */
type Part = string | ((copy: Copy) => string)

/** Every conversation of this tenant, as it is stored. */
export async function readTemplates(client: pg.Client, tenantId: string): Promise<Template[]> {
  const times = await namesOf(client, `data_type = 'timestamp with time zone'`)
  const columns = await namesOf(client, 'true')
  const read = async (table: Table, order: string) => {
    // Times in milliseconds since the template began.
    const fields = columns[table].map((name) =>
      times[table].includes(name)
        ? `(extract(epoch FROM "${name}") * 1000 - ${BEGIN_MS})::bigint::text AS "${name}"`
        : `"${name}"::text`,
    )
    const text = `SELECT ${fields} FROM ${table} WHERE tenant_id = $1 ORDER BY ${order}`
    return (await client.query<Row>(text, [tenantId])).rows
  }
  const conversations = await read('conversations', 'id')
  const messages = await read('messages', 'conversation_id, sequence')
  const entries = await read('conversation_metadata', 'conversation_id, path, value')
  const rowsOf = (table: Table, rows: Row[]) => {
    const parts = joined(rows.flatMap((row) => partsOf(table, row, columns[table], times[table])))
    return (copy: Copy) => parts.map((part) => (typeof part === 'string' ? part : part(copy))).join('')
  }
  return conversations.map((conversation) => {
    const isOf = (row: Row) => row['conversation_id'] === conversation['id']
    return {
      conversations: rowsOf('conversations', [storedAtItsEnd(conversation)]),
      messages: rowsOf('messages', messages.filter(isOf)),
      conversation_metadata: rowsOf('conversation_metadata', entries.filter(isOf)),
      columns: mapTables((table) => columns[table].map((name) => `"${name}"`).join(', ')),
    }
  })
}

const mapTables = <Value>(of: (table: Table) => Value) =>
  Object.fromEntries(TABLES.map((table) => [table, of(table)])) as Record<Table, Value>

async function namesOf(client: pg.Client, where: string): Promise<Record<Table, string[]>> {
  const { rows } = await client.query<{ table: string; name: string }>(
    `SELECT table_name AS table, column_name AS name FROM information_schema.columns
     WHERE table_name = ANY ($1) AND table_schema = 'public' AND is_generated = 'NEVER' AND ${where} ORDER BY ordinal_position`,
    [TABLES],
  )
  return mapTables((table) => rows.filter((row) => row.table === table).map(({ name }) => name))
}

/** A second after the conversation ended, as if it was logged once it was over. */
function storedAtItsEnd(conversation: Row): Row {
  const storedMs = String(Number(conversation['ended_at']) + 1_000)
  return { ...conversation, created_at: storedMs, updated_at: storedMs }
}

function partsOf(table: Table, row: Row, columns: readonly string[], times: readonly string[]): Part[] {
  const fields = columns.map((name): Part[] => {
    const value = row[name] ?? null
    if (value === null) return ['\\N']
    if (times.includes(name)) return [({ beginMs }) => new Date(beginMs + Number(value)).toISOString()]
    if (name === 'tenant_id') return [({ tenantId }) => tenantId]
    if (name === (table === 'conversations' ? 'id' : 'conversation_id')) return [(copy) => uuid(copy, 0)]
    if (name === 'id') return [(copy) => uuid(copy, Number(row['sequence']) + 1)]
    return placesIn(field(value))
  })
  return [...fields.flatMap((parts, i) => (i === 0 ? parts : ['\t', ...parts])), '\n']
}

/** Ids of a copy, in order of time like UUIDs of version 7. */
function uuid({ n, beginMs }: Copy, part: number): string {
  const [time, number] = [beginMs, n].map((value) => value.toString(16).padStart(12, '0'))
  return `${time?.slice(0, 8)}-${time?.slice(8)}-7000-8${part.toString(16).padStart(3, '0')}-${number}`
}

const eight = (value: number) => String(value).padStart(8, '0')

/** One of `count`, without a pattern that tenants or templates could share. */
const drawn = (n: number, count: number) => (Math.imul(n + 1, 2_654_435_761) >>> 8) % count

const VALUES: Record<string, (copy: Copy) => string> = {
  [PLACES.order]: ({ n }) => eight(n),
  [PLACES.customer]: ({ n }) => eight(drawn(n, 50)),
  [PLACES.user]: ({ n }) => eight(drawn(n, 500)),
}

const placesIn = (text: string): Part[] =>
  text.split(new RegExp(`(${Object.values(PLACES).join('|')})`)).map((part) => VALUES[part] ?? part)

/** The same, with neighbouring texts merged. */
function joined(parts: readonly Part[]): Part[] {
  const all: Part[] = []
  for (const part of parts) {
    const last = all.at(-1)
    if (typeof part === 'string' && typeof last === 'string') all[all.length - 1] = last + part
    else all.push(part)
  }
  return all
}

import { Prisma } from '../database/generated/client/client.ts'
import { unlessLarge } from '../database/read-limit.ts'

/**
 * Rows as the JSON of an answer, written by PostgreSQL: where a field is a column as it stands, nothing is left to do but to
 * pass it on. (120 messages took the server 0.5 ms of CPU so; as rows, with ids to be made of their UUIDs as well, 1.0 ms.)
 */

export interface JsonTemplate {
  /** The integer that tells a row's place in its list. */
  place: string
  /** How rows are written: all in one way, or each kind in its own. */
  variants: { kind: Kind | null; parts: TextPart[] }[]
  /** The id that stands for a UUID in an answer. */
  encodeId(type: string, uuid: string): string
}

/** Rows with this value in this column. */
export interface Kind {
  column: string
  value: string
}

/** JSON as it stands, a column of which JSON is made, or a UUID, of which the id of a type is made. */
export type TextPart = string | { column: string; isNullable: boolean } | { uuid: string; idOf: string }

/** Control characters stand in no JSON text. */
const BETWEEN_ROWS = '\x1e'
/** Before and behind a type and a UUID. */
const AROUND_ID = '\x1f'

/** Where a row of an answer carries its own text. */
export const TEXT = Symbol('text')

const { sql, raw, join, empty } = Prisma

interface Column {
  /** As SQL names it. */
  sql: Prisma.Sql
  /** As Prisma does; `list` for one of any. */
  type: string
}

/** Rows in one text. `rows` is a SELECT of `text` for each. None may be larger than `maxBytes`. */
export const inOneText = (rows: Prisma.Sql, maxBytes: number | null) => sql`
  SELECT string_agg(coalesce(w.text, ''), ${BETWEEN_ROWS}) FROM (${rows}) w
  ${maxBytes === null ? empty : sql`WHERE ${unlessLarge(sql`octet_length(w.text)`, maxBytes)}`}`

/** What is selected of a row: its place, and right behind that an object. */
export function textOf({ place, variants: forms }: JsonTemplate, columnOf: (name: string) => Column): Prisma.Sql {
  const cases = forms.map(({ kind, parts }) => {
    const json = parts.map((part) => jsonOf(part, columnOf))
    const isOfKind = kind ? sql`${columnOf(kind.column).sql} = ${raw(`'${kind.value}'`)}` : sql`TRUE`
    return sql`WHEN ${isOfKind} THEN ${join(json, ' || ')}`
  })
  return sql`${columnOf(place).sql}::text || CASE ${join(cases, ' ')} END AS text`
}

function jsonOf(part: TextPart, columnOf: (name: string) => Column): Prisma.Sql {
  if (typeof part === 'string') return sql`${part}::text`
  if ('uuid' in part)
    return sql`${`${AROUND_ID}${part.idOf} `}::text || ${columnOf(part.uuid).sql} || ${AROUND_ID}::text`
  const column = columnOf(part.column)
  const json = (JSON_OF[column.type] ?? jsonOfAny)(column.sql)
  return part.isNullable ? sql`coalesce(${json}, 'null')` : json
}

const asItStands = (column: Prisma.Sql) => sql`${column}::text`
const jsonOfAny = (column: Prisma.Sql) => sql`to_json(${column})::text`

const JSON_OF: Record<string, (column: Prisma.Sql) => Prisma.Sql> = {
  Boolean: asItStands,
  Float: asItStands,
  Int: asItStands,
  Json: asItStands,
  // As JavaScript writes it; connections are in UTC.
  DateTime: (column) => sql`'"' || to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"'`,
}

/** The rows of one text. Each has its place, and the text that stands for the rest. */
export function parseTexts(text: string | null, { place, encodeId }: JsonTemplate): object[] | null {
  if (text === null) return []
  const rows = []
  for (const found of text.split(BETWEEN_ROWS)) {
    const record = found.includes(AROUND_ID) ? withIds(found, encodeId) : found
    const start = record.indexOf('{')
    // A value that must be there was not.
    if (start < 0) return null
    rows.push({ [place]: Number(record.slice(0, start)), [TEXT]: record.slice(start) })
  }
  return rows
}

const withIds = (record: string, encodeId: JsonTemplate['encodeId']) =>
  record
    .split(AROUND_ID)
    .map((piece, i) => {
      if (i % 2 === 0) return piece
      const [type = '', uuid = ''] = piece.split(' ')
      return `"${encodeId(type, uuid)}"`
    })
    .join('')

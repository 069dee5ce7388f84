import { Prisma } from '../database/generated/client/client.ts'
import { parseTexts } from './row-text.sql.ts'
import { fieldOf, type Row, type RowTree, textsOf, UnsupportedSelection } from './row-tree.ts'

/** From this length on, a row with many aliases, or with many rows below it, takes milliseconds to write. */
const LONG_LENGTH = 8_192
const longRows = new WeakSet<object>()

/** Whether a row is long, with its related rows but without texts. */
export const isLongRow = (value: unknown) => typeof value === 'object' && value !== null && longRows.has(value)

/** A row as it is read: one JSON object, and a text for each relation that is read as text, by its number. */
export type RawRow = { row: string } & Record<`text${number}`, string | null>

/** Makes of what is found what Prisma would return: times as Date, decimals as Decimal. */
export function rowReader(tree: RowTree): (found: RawRow) => Row {
  const read = valueReader(tree)
  const texts = textsOf(tree)
  return (found) => {
    const row = read(JSON.parse(found.row))
    if (found.row.length >= LONG_LENGTH) longRows.add(row)
    for (const [i, [key, , text]] of texts.entries()) {
      const rows = parseTexts(found[`text${i}`] ?? null, text)
      if (!rows) throw new UnsupportedSelection(key)
      row[key] = rows
    }
    return row
  }
}

/** Changes the row in place: copying each took longer than reading it. */
function valueReader(tree: RowTree): (row: Row) => Row {
  const columns = [...tree.columns].flatMap((name) => {
    const read = READERS[fieldOf(tree.model, name).type]
    return read ? [[name, read] as const] : []
  })
  const relations = [...tree.relations].flatMap(([key, relation]) =>
    relation.text ? [] : [[key, valueReader(relation.tree)] as const],
  )
  return (row) => {
    for (const [name, read] of columns) {
      const value = row[name]
      if (value !== null) row[name] = read(value as string)
    }
    for (const [key, read] of relations) {
      const value = row[key]
      if (Array.isArray(value)) for (const one of value) read(one)
      else if (value !== null) read(value as Row)
    }
    return row
  }
}

const READERS: Record<string, (text: string) => unknown> = {
  DateTime: (text) => new Date(text),
  Decimal: (text) => new Prisma.Decimal(text),
}

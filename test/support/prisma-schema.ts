/** What the Prisma schema says of the tables. Prisma's own reading of it is not to be had without its engines. */
export interface PrismaSchema {
  models: Model[]
  enums: { name: string; type: string; values: string[] }[]
}

export interface Model {
  name: string
  table: string
  /** The fields that are columns; relations are not. */
  fields: Field[]
  keys: { columns: string[]; primary: boolean }[]
}

export interface Field {
  name: string
  column: string
  type: string
  required: boolean
  list: boolean
  hasDefault: boolean
  /** What follows `@db.` */
  native: string | undefined
}

/** Reads models and enums line by line, and refuses a line that it does not know. */
export function readPrismaSchema(text: string): PrismaSchema {
  const blocks = [...text.matchAll(/^(model|enum) (\w+) \{\n(.*?)^\}/gms)].map(([, kind, name, body]) => ({
    kind,
    name: String(name),
    lines: String(body)
      .split('\n')
      .map((line) => line.replace(/\/\/.*/, '').trim())
      .filter((line) => line !== ''),
  }))
  const modelNames = new Set(blocks.filter(({ kind }) => kind === 'model').map(({ name }) => name))
  return {
    models: blocks.filter(({ kind }) => kind === 'model').map(({ name, lines }) => readModel(name, lines, modelNames)),
    enums: blocks
      .filter(({ kind }) => kind === 'enum')
      .map(({ name, lines }) => ({
        name,
        type: mapped(lines, name),
        values: lines.filter((line) => !line.startsWith('@@')),
      })),
  }
}

function readModel(name: string, lines: string[], modelNames: Set<string>): Model {
  const fields: Field[] = []
  const keys: Model['keys'] = []
  const columnOf = (field: string) => fields.find(({ name }) => name === field)?.column ?? field
  // Attributes of the whole model name its fields, and may stand before them.
  for (const line of [...lines].sort((a, b) => Number(a.startsWith('@@')) - Number(b.startsWith('@@')))) {
    const [, attribute, listed] = /^@@(id|unique|index|map)\(\[?([^\])]*)/.exec(line) ?? []
    if (attribute === 'id' || attribute === 'unique') {
      keys.push({ columns: String(listed).split(/,\s*/).map(columnOf), primary: attribute === 'id' })
    } else if (attribute === undefined) {
      const field = readField(line)
      if (modelNames.has(field.type)) continue
      fields.push(field)
      const [, key] = / @(id|unique)\b/.exec(line) ?? []
      if (key) keys.push({ columns: [field.column], primary: key === 'id' })
    }
  }
  return { name, table: mapped(lines, name), fields, keys }
}

function readField(line: string): Field {
  const [, name, type, arity] = /^(\w+)\s+(\w+)(\[\]|\?)?(?: |$)/.exec(line) ?? []
  if (name === undefined || type === undefined) throw new Error(`the Prisma schema: what is "${line}"?`)
  return {
    name,
    type,
    column: / @map\("(\w+)"\)/.exec(line)?.[1] ?? name,
    required: arity !== '?',
    list: arity === '[]',
    hasDefault: line.includes(' @default('),
    native: / @db\.(\w+(?:\([^)]*\))?)/.exec(line)?.[1],
  }
}

const mapped = (lines: string[], name: string) =>
  lines.map((line) => /^@@map\("(\w+)"\)/.exec(line)?.[1]).find((found) => found) ?? name

/** PostgreSQL's name for what a field without `@db.` is, and for what follows `@db.` */
const TYPES: Record<string, string> = {
  String: 'text',
  Int: 'integer',
  BigInt: 'bigint',
  Float: 'double precision',
  Decimal: 'numeric',
  Boolean: 'boolean',
  Bytes: 'bytea',
  Json: 'jsonb',
  Uuid: 'uuid',
  SmallInt: 'smallint',
  'Timestamptz(3)': 'timestamp(3) with time zone',
}

/** `Decimal(18, 9)` as PostgreSQL writes it. */
const decimalType = (native = '') =>
  /^Decimal\(/.test(native) ? native.toLowerCase().replace('decimal', 'numeric').replace(' ', '') : undefined

/** Each column of a model with its type, as PostgreSQL writes it. */
export function columnTypes({ fields }: Model, { enums }: PrismaSchema): Record<string, string> {
  return Object.fromEntries(
    fields.map(({ column, type, native, list, required }) => {
      const known = TYPES[native ?? type] ?? decimalType(native) ?? enums.find(({ name }) => name === type)?.type
      if (known === undefined) throw new Error(`the Prisma schema: which type is ${native ?? type}?`)
      return [column, `${known}${list ? '[]' : ''}${required ? ' not null' : ''}`]
    }),
  )
}

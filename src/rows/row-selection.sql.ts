import { Prisma } from '../database/generated/client/client.ts'
import { getDatamodel } from '../database/generated/pothos.ts'
import { limited, unlessLarge } from '../database/read-limit.ts'
import { ownRows } from '../database/tenant-scope.ts'
import { inOneText, type JsonTemplate, parseTexts, textOf } from './row-text.sql.ts'

/**
 * Reads rows with all their related rows in one statement, as PostgreSQL's JSON. Prisma would need a transaction, a
 * query compiler and several times the CPU. (A page of 20 conversations with 6 messages took the server 11 ms with
 * Prisma.)
 */

/** What is read of a row: fields of its model, and related rows under keys that the reader chooses. */
export interface RowTree {
  model: string
  columns: Set<string>
  relations: Map<string, Relation>
}

/** Rows that a relation of Prisma's schema relates to another one, in the terms of a Prisma query. */
export interface Relation {
  name: string
  where?: Where | undefined
  orderBy?: Record<string, 'asc' | 'desc'> | undefined
  take?: number | undefined
  tree: RowTree
  /** Reads text instead, if nothing else is needed of the rows. Only for relations of the rows that are selected. */
  text?: JsonTemplate | undefined
}

type Where = { [name: string]: unknown }

export type Row = Record<string, unknown>

/** Something that this reader does not support. */
export class UnsupportedSelection extends Error {}

const { sql, raw, join, empty } = Prisma

const TABLES: Record<string, string> = {
  Agent: 'agents',
  Conversation: 'conversations',
  ConversationAgent: 'conversation_agents',
  Message: 'messages',
}

const { models } = getDatamodel().datamodel
type Field = (typeof models)[string]['fields'][number]
const fields = new Map(
  Object.entries(models).map(([model, { fields }]) => [model, new Map(fields.map((field) => [field.name, field]))]),
)

function fieldOf(model: string, name: string): Field {
  const field = fields.get(model)?.get(name)
  if (!field || !TABLES[model]) throw new UnsupportedSelection(`${model}.${name}`)
  return field
}

type Select = { [name: string]: unknown }

/** The tree for the `select` of a Prisma query, if it can be expressed as one. */
export function treeOf(model: string, { select, ...more }: { select?: object }): RowTree {
  if (!select || Object.keys(more).length > 0) throw new UnsupportedSelection(`${model}: ${Object.keys(more)}`)
  const tree: RowTree = { model, columns: new Set(), relations: new Map() }
  for (const [name, what] of Object.entries(select as Select)) {
    if (what === true) tree.columns.add(name)
    else if (what) {
      const { where, orderBy, take, ...below } = what as Omit<Relation, 'name' | 'tree'> & { select?: object }
      tree.relations.set(name, { name, where, orderBy, take, tree: treeOf(modelOfRelation(model, name), below) })
    }
  }
  return tree
}

/** Throws if this is not a relation that can be read. */
export function modelOfRelation(model: string, name: string): string {
  const { kind, type } = fieldOf(model, name)
  if (kind !== 'object') throw new UnsupportedSelection(`${model}.${name}`)
  return type
}

/** Columns have the names of the fields, in snake case; a test compares schema.prisma with the tables. */
const columnOf = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** From this length on, a row with many aliases, or with many rows below it, takes milliseconds to write. */
const LONG_LENGTH = 8_192
const longRows = new WeakSet<object>()

/** Whether a row is long, with its related rows but without texts. */
export const isLongRow = (value: unknown) => typeof value === 'object' && value !== null && longRows.has(value)

/** A row as it is read: one JSON object, and a text for each relation that is read as text, by its number. */
export type RawRow = { row: string } & Record<`text${number}`, string | null>

/** Reads pages of rows of one tree: the part of the statement around a page is built only once. */
export class RowSelection {
  readonly #tree: RowTree
  readonly #maxBytes: number | null
  readonly #around = new Map<string, (page: Prisma.Sql) => Prisma.Sql>()
  /** Converts a raw row to what Prisma would return: times as Date, decimals as Decimal. */
  readonly read: (found: RawRow) => Row

  constructor(tree: RowTree, maxBytes: number | null = null) {
    this.#tree = tree
    this.#maxBytes = maxBytes
    this.read = rowReader(tree)
  }

  /**
   * Reads rows in the order of `page`, a SELECT of rows of the tree's model, with further `columns` of its own. It
   * fails if the rows are larger than `maxBytes` (`isTooMuchRead`), or if a related row could make them so
   * (`isLargeRow`).
   */
  statement(page: Prisma.Sql, columns: readonly string[] = []): Prisma.Sql {
    const key = columns.join()
    const around = this.#around.get(key) ?? aroundPage((page) => selectRows(this.#tree, page, columns, this.#maxBytes))
    this.#around.set(key, around)
    return around(page)
  }
}

/** Builds the same statement for any page. */
function aroundPage(statementOf: (page: Prisma.Sql) => Prisma.Sql): (page: Prisma.Sql) => Prisma.Sql {
  const place = {}
  const { strings, values } = statementOf(sql`${place}`)
  const i = values.indexOf(place)
  const before = new Prisma.Sql(strings.slice(0, i + 1), values.slice(0, i))
  const after = new Prisma.Sql(strings.slice(i + 1), values.slice(i + 1))
  return (page) => sql`${before}${page}${after}`
}

function selectRows(tree: RowTree, page: Prisma.Sql, columns: readonly string[], maxBytes: number | null): Prisma.Sql {
  const rowBytes = maxBytes === null ? null : Math.floor(maxBytes / Math.max(1, rowsBelow(tree)))
  const own = columns.filter((name) => !tree.columns.has(name)).map((name) => raw(`p."${name}"`))
  const texts = textsOf(tree).map(
    ([, relation, text], i) =>
      sql`, (${inOneText(relationQuery(tree.model, 'p', relation, `t${i}`, text), rowBytes)}) AS ${raw(`text${i}`)}`,
  )
  const all = [...own, ...selected(tree, 'p', rowBytes)]
  const row = all.length > 0 ? sql`(SELECT row_to_json(r) FROM (SELECT ${join(all)}) r)::text` : sql`'{}'`
  const rows = sql`SELECT ${row} AS row ${texts.length > 0 ? join(texts, ' ') : empty} FROM (${page}) p`
  const names = [raw('row'), ...texts.map((_, i) => raw(`text${i}`))]
  return maxBytes === null ? rows : limited(rows, names, maxBytes)
}

/** The length assumed for a list without a limit, such as the agents of a conversation. */
const ASSUMED_LENGTH = 50

/** How many related rows one row can have. */
function rowsBelow({ model, relations }: RowTree): number {
  return [...relations.values()].reduce((sum, { name, take = ASSUMED_LENGTH, tree }) => {
    const length = fieldOf(model, name).isList ? Math.abs(take) : 1
    return sum + length * (1 + rowsBelow(tree))
  }, 0)
}

const textsOf = ({ relations }: RowTree) =>
  [...relations].flatMap(([key, relation]) => (relation.text ? [[key, relation, relation.text] as const] : []))

/**
 * The rows with these UUIDs, all columns, as a page of a `RowSelection`. They are looked up one by one: otherwise
 * PostgreSQL scans all rows of a tenant that has grown since statistics were taken.
 */
export const rowsById = (model: string, ids: readonly string[], tenantId: string) => sql`
  SELECT r.* FROM unnest(${[...ids]}::uuid[]) AS given (id),
    LATERAL (SELECT t.* FROM ${raw(TABLES[model] ?? '')} t WHERE ${ownRows(tenantId, 't')} AND t.id = given.id LIMIT 1) r`

function selected(tree: RowTree, alias: string, rowBytes: number | null): Prisma.Sql[] {
  const columns = [...tree.columns].map((name) => {
    const { type } = fieldOf(tree.model, name)
    return raw(`${alias}."${columnOf(name)}"${type === 'Decimal' ? '::text' : ''} AS "${name}"`)
  })
  const relations = [...tree.relations].flatMap(([key, relation], i) =>
    relation.text
      ? []
      : [sql`(${inJson(tree.model, alias, relation, `${alias}${i}`, rowBytes)}) AS ${raw(`"${key}"`)}`],
  )
  return [...columns, ...relations]
}

function inJson(model: string, alias: string, relation: Relation, inner: string, rowBytes: number | null): Prisma.Sql {
  const rows = relationQuery(model, alias, relation, inner, undefined, rowBytes)
  if (!fieldOf(model, relation.name).isList) return sql`SELECT row_to_json(j) FROM (${rows}) j`
  if (rowBytes === null) return sql`SELECT coalesce(json_agg(j), '[]') FROM (${rows}) j`
  // Including the rows related to these.
  const maxBytes = rowBytes * (1 + rowsBelow(relation.tree))
  return sql`
    SELECT coalesce(json_agg(k.json), '[]') FROM (SELECT row_to_json(j) AS json FROM (${rows}) j OFFSET 0) k
    WHERE ${unlessLarge(sql`octet_length(k.json::text)`, maxBytes)}`
}

/** The rows of a relation in their order: what is selected of them, or their text. */
function relationQuery(
  model: string,
  alias: string,
  relation: Relation,
  inner: string,
  text: JsonTemplate | undefined,
  rowBytes: number | null = null,
): Prisma.Sql {
  const { tree, where, orderBy, take } = relation
  const field = fieldOf(model, relation.name)
  const conditions = [linked(model, alias, field, inner), ...(where ? conditionsOf(tree.model, inner, where) : [])]
  const order = Object.entries(orderBy ?? {}).map(([name, direction]) => {
    fieldOf(tree.model, name)
    return raw(`${inner}."${columnOf(name)}" ${direction === 'desc' ? 'DESC' : 'ASC'}`)
  })
  const columnIn = (name: string) => {
    const { isList, type } = fieldOf(tree.model, name)
    return { sql: raw(`${inner}."${columnOf(name)}"`), type: isList ? 'list' : type }
  }
  return sql`
    SELECT ${text ? textOf(text, columnIn) : join(selected(tree, inner, rowBytes))} FROM ${raw(TABLES[tree.model] ?? '')} ${raw(inner)}
    WHERE ${join(conditions, ' AND ')} ${order.length > 0 ? sql`ORDER BY ${join(order)}` : empty}
    ${take === undefined ? empty : sql`LIMIT ${Math.abs(take)}::integer`}`
}

/** Every key begins with the tenant, so no row of another tenant can be related to this one. */
function linked(model: string, alias: string, field: Field, inner: string): Prisma.Sql {
  const back = [...(fields.get(field.type)?.values() ?? [])].find((one) => one.relationName === field.relationName)
  const [ours, theirs] = field.isList
    ? [models[model]?.primaryKey?.fields, back?.relationFromFields]
    : [field.relationFromFields, models[field.type]?.primaryKey?.fields]
  if (!ours || !theirs || ours.length !== theirs.length || ours[0] !== 'tenantId')
    throw new UnsupportedSelection(field.name)
  const equal = ours.map((name, i) => `${inner}."${columnOf(theirs[i] ?? '')}" = ${alias}."${columnOf(name)}"`)
  return raw(equal.join(' AND '))
}

const COMPARISONS = { lt: '<', lte: '<=', gt: '>', gte: '>=', equals: '=' }

function conditionsOf(model: string, alias: string, where: Where): Prisma.Sql[] {
  return Object.entries(where).flatMap(([name, value]) => {
    if (value === undefined) return []
    if (name === 'AND') return [value].flat().flatMap((part) => conditionsOf(model, alias, part as Where))
    if (name === 'OR') {
      const parts = (value as Where[]).map((part) => conditionsOf(model, alias, part))
      return sql`(${join(
        parts.map((part) => (part.length > 0 ? sql`(${join(part, ' AND ')})` : sql`TRUE`)),
        ' OR ',
      )})`
    }
    const field = fieldOf(model, name)
    const cast = castOf(field)
    // Ids are UUIDs in some columns and text in others: related rows are few, so both are compared as text.
    const column = raw(`${alias}."${columnOf(name)}"${field.type === 'String' ? '::text' : ''}`)
    const tests = typeof value === 'object' && value !== null ? Object.entries(value) : [['equals', value]]
    return tests.map(([test, operand]) => {
      if (test === 'in') return sql`${column} = ANY(${operand}${raw(cast('[]'))})`
      const operator = COMPARISONS[test as keyof typeof COMPARISONS]
      if (!operator || operand === null) throw new UnsupportedSelection(`${model}.${name} ${test}`)
      return sql`${column} ${raw(operator)} ${operand}${raw(cast(''))}`
    })
  })
}

/** Parameters are sent as text or numbers: the cast gives PostgreSQL their types. */
function castOf(field: Field): (list: '' | '[]') => string {
  if (field.kind === 'enum') {
    const type = columnOf(field.type).slice(1)
    return (list) => `::text${list}::${type}${list}`
  }
  if (field.type === 'String') return (list) => `::text${list}`
  if (field.type === 'Int') return (list) => `::integer${list}`
  throw new UnsupportedSelection(`a condition on ${field.name}`)
}

function rowReader(tree: RowTree): (found: RawRow) => Row {
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

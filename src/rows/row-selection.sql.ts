import { Prisma } from '../database/generated/client/client.ts'
import { limited, unlessLarge } from '../database/read-limit.ts'
import { ownRows } from '../database/tenant-scope.ts'
import { type RawRow, rowReader } from './row-reader.ts'
import { inOneText, type JsonTemplate, textOf } from './row-text.sql.ts'
import {
  columnOf,
  type Field,
  fieldOf,
  fields,
  models,
  type Relation,
  type Row,
  type RowTree,
  TABLES,
  textsOf,
  UnsupportedSelection,
  type Where,
} from './row-tree.ts'

/**
 * Reads rows with all their related rows in one statement, as PostgreSQL's JSON. Prisma would need a transaction, a
 * query compiler and several times the CPU. (A page of 20 conversations with 6 messages took the server 11 ms with
 * Prisma.)
 */

const { sql, raw, join, empty } = Prisma

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
  const columns = text ? [textOf(text, columnIn)] : selected(tree, inner, rowBytes)
  // Of some rows, only the type is asked for.
  return sql`
    SELECT ${columns.length > 0 ? join(columns) : raw('NULL AS nothing')} FROM ${raw(TABLES[tree.model] ?? '')} ${raw(inner)}
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

/** A Prisma condition on the rows of a model, as conditions in SQL. */
export function conditionsOf(model: string, alias: string, where: Where): Prisma.Sql[] {
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

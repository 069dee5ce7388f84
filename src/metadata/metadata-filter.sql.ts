import { Prisma } from '../database/generated/client/client.ts'
import { ownRows } from '../database/tenant-scope.ts'
import { encodeScalar, indexedPart, isScalar, isWholeString, type Scalar, toPointer } from './metadata-entries.ts'

/** Conditions on the value at one path; those that are given must all hold. Type-strict: 245 is not "245". */
export interface MetadataCondition {
  path: string[]
  eq?: unknown
  ne?: unknown
  in?: unknown[] | null | undefined
  gt?: string | number
  gte?: string | number
  lt?: string | number
  lte?: string | number
  exists?: boolean | null | undefined
  contains?: unknown
  startsWith?: string | null | undefined
}

const { sql, join, raw, empty } = Prisma

/**
 * Makes a condition `c.id IN (SELECT …)` a join as long as there are few. `IS TRUE` keeps the meaning and prevents the
 * join.
 */
export type ByIds = (condition: Prisma.Sql) => Prisma.Sql

/** The condition over `conversations c`, answered from the index on `conversation_metadata`. */
export function metadataCondition(condition: MetadataCondition, tenantId: string, byIds: ByIds): Prisma.Sql {
  const at = entriesAt(condition.path, tenantId, byIds)
  const parts: Prisma.Sql[] = []
  if (condition.eq !== undefined) parts.push(equal(condition.path, condition.eq, at))
  if (condition.ne !== undefined) parts.push(sql`NOT ${equal(condition.path, condition.ne, at)}`)
  if (condition.in) parts.push(anyEqual(condition.path, condition.in, at))
  for (const [operator, bound] of bounds(condition)) parts.push(compare(condition.path, operator, bound, at))
  if (condition.exists != null) parts.push(condition.exists ? at(empty) : sql`NOT ${at(empty)}`)
  if (condition.contains !== undefined) parts.push(contains(condition.path, condition.contains, at))
  if (condition.startsWith != null) parts.push(startsWith(condition.path, condition.startsWith, at))
  return sql`(${join(parts, ' AND ')})`
}

type Entries = (condition: Prisma.Sql) => Prisma.Sql

/** "The conversation has an entry at this path that matches": a semi-join, which PostgreSQL runs from either side. */
const entriesAt =
  (path: string[], tenantId: string, byIds: ByIds): Entries =>
  (condition) =>
    byIds(sql`(c.id IN (SELECT e.conversation_id FROM conversation_metadata e
      WHERE ${ownRows(tenantId, 'e')} AND e.path = ${toPointer(path)} ${condition}))`)

/** The value in the metadata itself at the path. It decides if the index holds only part of it. */
const valueAt = (path: string[]) => sql`c.metadata #> ${path}::text[]`
const textAt = (path: string[]) => sql`(c.metadata #>> ${path}::text[]) COLLATE "C"`

function equal(path: string[], value: unknown, at: Entries): Prisma.Sql {
  if (!isScalar(value)) {
    const kind = Array.isArray(value) ? 'a' : 'o'
    return sql`(${at(sql`AND e.value = ${kind}`)} AND ${valueAt(path)} = ${JSON.stringify(value)}::jsonb)`
  }
  const entry = at(sql`AND e.value = ${encodeScalar(value)}`)
  return isIndexed(value) ? entry : sql`(${entry} AND ${textAt(path)} = ${value})`
}

/** Lists are one parameter each, however long they are: PostgreSQL accepts 65,535 parameters per statement. */
function anyEqual(path: string[], values: unknown[], at: Entries): Prisma.Sql {
  const scalars = values.filter(isScalar)
  const indexed = scalars.filter(isIndexed).map(encodeScalar)
  const long = scalars.filter((value) => !isIndexed(value))
  const json = values.filter((value) => !isScalar(value)).map((value) => JSON.stringify(value))
  const parts = [
    at(sql`AND e.value = ANY(${indexed}::text[])`),
    ...(long.length === 0
      ? []
      : [
          sql`(${at(sql`AND e.value = ANY(${long.map(encodeScalar)}::text[])`)} AND ${textAt(path)} = ANY(${long}::text[]))`,
        ]),
    ...(json.length === 0
      ? []
      : [sql`(${at(sql`AND e.value IN ('a', 'o')`)} AND ${valueAt(path)} = ANY(${json}::text[]::jsonb[]))`]),
  ]
  return sql`(${join(parts, ' OR ')})`
}

const isIndexed = (value: Scalar) => typeof value !== 'string' || isWholeString(value)

function* bounds(condition: MetadataCondition): Generator<['>' | '>=' | '<' | '<=', string | number]> {
  if (condition.gt !== undefined) yield ['>', condition.gt]
  if (condition.gte !== undefined) yield ['>=', condition.gte]
  if (condition.lt !== undefined) yield ['<', condition.lt]
  if (condition.lte !== undefined) yield ['<=', condition.lte]
}

/** Compares numbers with numbers, and strings with strings (by code point). Nothing else is comparable. */
function compare(path: string[], operator: '>' | '>=' | '<' | '<=', bound: string | number, at: Entries): Prisma.Sql {
  const type = typeof bound === 'number' ? 'd' : 's'
  const sameType = sql`AND e.value >= ${type} AND e.value < ${String.fromCharCode(type.charCodeAt(0) + 1)}`
  if (isIndexed(bound)) return at(sql`${sameType} AND e.value ${raw(operator)} ${encodeScalar(bound)}`)
  const inclusive = operator.startsWith('>') ? '>=' : '<='
  const entry = at(sql`${sameType} AND e.value ${raw(inclusive)} ${encodeScalar(bound)}`)
  return sql`(${entry} AND ${textAt(path)} ${raw(operator)} ${bound})`
}

function contains(path: string[], value: unknown, at: Entries): Prisma.Sql {
  const json = JSON.stringify(value)
  if (!isScalar(value)) {
    // As an element of an array, or as part of the object or array itself: @> by itself is only the second.
    const held = sql`(${valueAt(path)} @> ${json}::jsonb OR ${valueAt(path)} @> jsonb_build_array(${json}::jsonb))`
    return sql`(${at(sql`AND e.value IN ('a', 'o')`)} AND ${held})`
  }
  const entry = at(sql`AND e.value = ${`e${encodeScalar(value)}`}`)
  return isIndexed(value) ? entry : sql`(${entry} AND ${valueAt(path)} @> ${json}::jsonb)`
}

/** The first text that sorts after all with this prefix. It increments the last character that has a successor. */
function behind(prefix: string): string {
  const characters = [...prefix]
  while (characters.at(-1) === '\u{10FFFF}') characters.pop()
  const last = characters.pop()?.codePointAt(0) ?? 0
  // UTF-8 has no surrogates.
  return characters.join('') + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1)
}

function startsWith(path: string[], prefix: string, at: Entries): Prisma.Sql {
  const from = `s${indexedPart(prefix)}`
  const entry = at(sql`AND e.value >= ${from} AND e.value < ${behind(from)}`)
  return isWholeString(prefix) ? entry : sql`(${entry} AND starts_with(c.metadata #>> ${path}::text[], ${prefix}))`
}

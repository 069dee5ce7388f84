import { Prisma } from '../database/generated/client/client.ts'
import { throughPrisma } from '../database/sql-transactions.ts'
import type { Client } from '../database/tenant-scope.ts'
import {
  type ConversationFilter,
  type FilterScope,
  filterConversations,
  messageCount,
} from './conversation-filter.sql.ts'

export type ConversationOrderField = 'STARTED_AT' | 'CREATED_AT' | 'UPDATED_AT' | 'MESSAGE_COUNT'

/** A position in a sorted list: the sort value (times in milliseconds since 1970), and the UUID to break ties. */
export interface Position {
  value: number
  id: string
}

export interface ListOptions {
  filter: ConversationFilter
  scope: FilterScope
  field: ConversationOrderField
  descending: boolean
  /** Only rows after this position, in the order of the statement. */
  after: Position | null
  before: Position | null
  limit: number
}

const { sql, raw } = Prisma

function sortBy(field: ConversationOrderField, scope: FilterScope): { column: string; type: 'time' | 'number' } {
  switch (field) {
    case 'STARTED_AT':
      return { column: 'c.started_at', type: 'time' }
    case 'CREATED_AT':
      return { column: 'c.created_at', type: 'time' }
    case 'UPDATED_AT':
      return { column: 'c.updated_at', type: 'time' }
    case 'MESSAGE_COUNT':
      return { column: messageCount(scope), type: 'number' }
  }
}

/**
 * The conversations that match, in order, each with its sort value. A page continues after a value, not a row, so it is
 * right even if that row was deleted. (Prisma's own cursors are rows, and then return an empty page.) `columns` are
 * those of `c`.
 */
export function conversationPage(options: ListOptions, columns: string): Prisma.Sql {
  const { column, type } = sortBy(options.field, options.scope)
  const place = (position: Position) =>
    sql`(${type === 'time' ? sql`${new Date(position.value)}::timestamptz` : sql`${position.value}::integer`}, ${position.id}::uuid)`
  const [behind, ahead] = options.descending ? ['<', '>'] : ['>', '<']
  const direction = raw(options.descending ? 'DESC' : 'ASC')
  const value = raw(type === 'time' ? `(extract(epoch FROM ${column}) * 1000)::double precision` : column)
  return sql`
    SELECT ${raw(columns)}, ${value} AS value
    FROM conversations c
    WHERE ${filterConversations(options.filter, options.scope)}
      ${options.after ? sql`AND (${raw(column)}, c.id) ${raw(behind)} ${place(options.after)}` : Prisma.empty}
      ${options.before ? sql`AND (${raw(column)}, c.id) ${raw(ahead)} ${place(options.before)}` : Prisma.empty}
    ORDER BY ${raw(column)} ${direction}, c.id ${direction}
    LIMIT ${options.limit}::integer`
}

/** The named conversation with all its columns, if it is visible. */
export const conversationRow = (where: { id: string } | { externalId: string }, scope: FilterScope) => sql`
  SELECT c.* FROM conversations c
  WHERE ${filterConversations({}, scope)} AND ${'id' in where ? sql`c.id = ${where.id}::uuid` : sql`c.external_id = ${where.externalId}`}`

/** One row with a `count`. */
export const conversationCount = (filter: ConversationFilter, scope: FilterScope) => sql`
  SELECT count(*)::int AS count FROM conversations c WHERE ${filterConversations(filter, scope)}`

export async function countConversations(client: Client, filter: ConversationFilter, scope: FilterScope) {
  const [row] = await throughPrisma(client).run<{ count: number }>(conversationCount(filter, scope))
  return row?.count ?? 0
}

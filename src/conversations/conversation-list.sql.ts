import { Prisma } from '../database/generated/client/client.ts'
import { throughPrisma } from '../database/sql-transactions.ts'
import { type Client, ownRows } from '../database/tenant-scope.ts'
import {
  type ConversationFilter,
  DURATION_MS,
  type FilterScope,
  filterConversations,
  messageCount,
} from './conversation-filter.sql.ts'

export type ConversationOrderField =
  | 'STARTED_AT'
  | 'CREATED_AT'
  | 'UPDATED_AT'
  | 'ENDED_AT'
  | 'DURATION'
  | 'MESSAGE_COUNT'
  | 'COST'

/** A position in a sorted list: the sort value (times in milliseconds since 1970), and the UUID to break ties. */
export interface Position {
  value: number | null
  id: string
}

export interface ListOptions {
  filter: ConversationFilter
  scope: FilterScope
  field: ConversationOrderField
  /** The direction of the statement, which is that of the list unless the page is read backward. */
  descending: boolean
  /** Conversations without a sort value come last in the list, in both directions. */
  nullsFirst: boolean
  /** Only rows after this position, in the order of the statement. */
  after: Position | null
  before: Position | null
  limit: number
}

const { sql, raw, empty } = Prisma

interface SortKey {
  /** An expression on `c`. */
  column: string
  type: 'timestamptz' | 'integer' | 'double precision'
  hasNulls?: true
}

/** A cost is compared as it is shown, as a double; costs that only differ beyond that are ties. */
function sortBy(field: ConversationOrderField, scope: FilterScope): SortKey {
  switch (field) {
    case 'STARTED_AT':
      return { column: 'c.started_at', type: 'timestamptz' }
    case 'CREATED_AT':
      return { column: 'c.created_at', type: 'timestamptz' }
    case 'UPDATED_AT':
      return { column: 'c.updated_at', type: 'timestamptz' }
    case 'ENDED_AT':
      return { column: 'c.ended_at', type: 'timestamptz', hasNulls: true }
    case 'DURATION':
      return { column: DURATION_MS, type: 'double precision', hasNulls: true }
    case 'MESSAGE_COUNT':
      return { column: messageCount(scope), type: 'integer' }
    case 'COST':
      return { column: COST, type: 'double precision', hasNulls: true }
  }
}

const COST = 'coalesce(c.given_cost, CASE WHEN c.priced_message_count > 0 THEN c.cost END)::double precision'

/**
 * The conversations that match, in order, each with its sort value. A page continues after a value, not a row, so it is
 * right even if that row was deleted. (Prisma's own cursors are rows, and then return an empty page.) `columns` are
 * those of `c`, and `condition` is one on `c` besides the filter.
 */
export function conversationPage(options: ListOptions, columns: string, condition?: Prisma.Sql): Prisma.Sql {
  const { after, before, descending, nullsFirst } = options
  const key = sortBy(options.field, options.scope)
  const { column, type, hasNulls = false } = key
  const [behind, ahead] = descending ? (['<', '>'] as const) : (['>', '<'] as const)
  const direction = raw(descending ? 'DESC' : 'ASC')
  // An index serves only the default place of nulls, which does not matter if there are none.
  const nulls = raw(hasNulls ? (nullsFirst ? 'NULLS FIRST' : 'NULLS LAST') : '')
  const value = raw(type === 'timestamptz' ? `(extract(epoch FROM ${column}) * 1000)::double precision` : column)
  const beyond = (place: Position | null, operator: '<' | '>', includesNulls: boolean) =>
    place ? sql`AND ${isBeyond(place, key, operator, hasNulls && includesNulls)}` : empty
  return sql`
    SELECT ${raw(columns)}, ${value} AS value
    FROM conversations c
    WHERE ${filterConversations(options.filter, options.scope)} ${condition ? sql`AND ${condition}` : empty}
      ${beyond(after, behind, !nullsFirst)} ${beyond(before, ahead, nullsFirst)}
    ORDER BY ${raw(column)} ${direction} ${nulls}, c.id ${direction}
    LIMIT ${options.limit}::integer`
}

/** That `c` is on one side of a position. `includesNulls`: those without a sort value are beyond all that have one. */
function isBeyond({ value, id }: Position, key: SortKey, operator: '<' | '>', includesNulls: boolean): Prisma.Sql {
  const { column, type } = key
  const isNull = raw(`${column} IS NULL`)
  if (value === null) {
    const tie = sql`(${isNull} AND c.id ${raw(operator)} ${id}::uuid)`
    return includesNulls ? tie : sql`(${tie} OR ${raw(column)} IS NOT NULL)`
  }
  const given = type === 'timestamptz' ? new Date(value) : value
  const place = sql`(${raw(column)}, c.id) ${raw(operator)} (${given}::${raw(type)}, ${id}::uuid)`
  return includesNulls ? sql`(${place} OR ${isNull})` : place
}

/** What conversations belong to: an agent's UUID, or an end user by the caller's id. */
export type ConversationParent = 'AGENT' | 'END_USER'

/** That a conversation `c` belongs to `g.parent`. */
const belongs = (kind: ConversationParent, { tenantId }: FilterScope) =>
  kind === 'END_USER'
    ? sql`c.end_user_id = g.parent`
    : sql`c.id IN (SELECT a.conversation_id FROM conversation_agents a
        WHERE ${ownRows(tenantId, 'a')} AND a.agent_id = g.parent::uuid)`

/**
 * A page of each of these parents in one statement. Each row has its `parent`. The limit of a page bounds what is read
 * of its parent, as an index has its conversations in the default order.
 */
export function conversationPagesOf(kind: ConversationParent, parents: readonly string[], options: ListOptions) {
  return sql`
    SELECT l.*, g.parent FROM unnest(${[...parents]}::text[]) WITH ORDINALITY AS g (parent, place)
    CROSS JOIN LATERAL (
      SELECT page.*, row_number() OVER () AS rank
      FROM (${conversationPage(options, 'c.*', belongs(kind, options.scope))}) page
    ) l ORDER BY g.place, l.rank`
}

/** How many conversations each of these parents has: rows of `parent` and `count`. */
export const conversationCountsOf = (
  kind: ConversationParent,
  parents: readonly string[],
  { filter, scope }: Pick<ListOptions, 'filter' | 'scope'>,
) => sql`
  SELECT g.parent, l.count FROM unnest(${[...parents]}::text[]) AS g (parent)
  CROSS JOIN LATERAL (
    SELECT count(*)::int AS count FROM conversations c WHERE ${filterConversations(filter, scope)} AND ${belongs(kind, scope)}
  ) l`

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

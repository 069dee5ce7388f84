import {
  type ConversationFilter,
  type FilterScope,
  filterConversations,
} from '../conversations/conversation-filter.sql.ts'
import { timeArray } from '../database/array-parameters.ts'
import { Prisma } from '../database/generated/client/client.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { ownRows } from '../database/tenant-scope.ts'

/** Breakdowns of the conversations that match a filter: by tool, language, end user and cohort. */

export interface Conversations {
  filter: ConversationFilter
  scope: FilterScope
  /** The half-open range in which they began; null: any time. */
  period: { from: Date; to: Date } | null
}

const { sql, raw, empty } = Prisma

const within = ({ filter, scope, period }: Conversations) => sql`${filterConversations(filter, scope)}
  ${period ? sql`AND c.started_at >= ${period.from}::timestamptz AND c.started_at < ${period.to}::timestamptz` : empty}`

export interface ToolRow {
  name: string
  calls: number
  errors: number
  conversations: number
  mean_ms: number | null
  p50_ms: number | null
  p95_ms: number | null
}

/** The tools that were called, most called first. */
export function toolMetrics(statements: Statements, conversations: Conversations, limit: number): Promise<ToolRow[]> {
  return statements.run<ToolRow>(sql`
    SELECT m.name, count(*)::int AS calls, count(m.error)::int AS errors,
      count(DISTINCT m.conversation_id)::int AS conversations, avg(m.duration_ms) AS mean_ms,
      percentile_cont(0.5) WITHIN GROUP (ORDER BY m.duration_ms) AS p50_ms,
      percentile_cont(0.95) WITHIN GROUP (ORDER BY m.duration_ms) AS p95_ms
    FROM messages m
    WHERE ${ownRows(conversations.scope.tenantId, 'm')} AND m.kind = 'TOOL'
      AND m.conversation_id IN (SELECT c.id FROM conversations c WHERE ${within(conversations)})
    GROUP BY m.name ORDER BY calls DESC, m.name COLLATE "C" LIMIT ${limit}`)
}

export interface LanguageRow {
  /** Null: unknown. */
  language: string | null
  messages: number
  user_messages: number
  conversations: number
  sentiment: number | null
}

/** The languages of chat messages, most used first. Tool calls and events have none and are not counted. */
export function languageMetrics(
  statements: Statements,
  conversations: Conversations,
  limit: number,
): Promise<LanguageRow[]> {
  const { scope } = conversations
  return statements.run<LanguageRow>(sql`
    SELECT m.language, count(*)::int AS messages, count(*) FILTER (WHERE m.role = 'USER')::int AS user_messages,
      count(DISTINCT m.conversation_id)::int AS conversations, avg(m.sentiment) FILTER (WHERE m.role = 'USER') AS sentiment
    FROM messages m
    WHERE ${ownRows(scope.tenantId, 'm')} AND m.kind = 'CHAT' ${scope.seesInternals ? empty : sql`AND m.role <> 'SYSTEM'`}
      AND m.conversation_id IN (SELECT c.id FROM conversations c WHERE ${within(conversations)})
    GROUP BY m.language ORDER BY messages DESC, m.language COLLATE "C" NULLS LAST LIMIT ${limit}`)
}

export type EndUserOrder = 'LAST_SEEN' | 'FIRST_SEEN' | 'CONVERSATIONS'

export interface EndUserRow {
  id: string
  /** The sort value; times are in milliseconds since 1970. */
  place: number
  /** The tie-breaker: a UUID derived from the id, which may be any text. */
  key: string
  conversations: number
  messages: number
  user_messages: number
  sentiment: number | null
  rating: number | null
  first_seen_at: Date
  last_seen_at: Date
}

export interface EndUserPage {
  order: EndUserOrder
  descending: boolean
  /** Returns end users after this one, in the requested order. */
  after: { place: number; key: string } | null
  before: { place: number; key: string } | null
  limit: number
}

const PLACES: Record<EndUserOrder, string> = {
  LAST_SEEN: '(extract(epoch FROM max(c.started_at)) * 1000)::bigint',
  FIRST_SEEN: '(extract(epoch FROM min(c.started_at)) * 1000)::bigint',
  CONVERSATIONS: 'count(*)',
}

/**
 * A page of end users, with totals of all their conversations. Keyset pagination, as in every list: changes between two
 * pages do not shift them.
 */
export function listEndUsers(
  statements: Statements,
  conversations: Conversations,
  page: EndUserPage,
): Promise<EndUserRow[]> {
  const { scope } = conversations
  const [behind, ahead] = page.descending ? ['<', '>'] : ['>', '<']
  const direction = raw(page.descending ? 'DESC' : 'ASC')
  const beyond = (operator: string, place: EndUserPage['after']) =>
    place ? sql`AND (place, key) ${raw(operator)} (${place.place}::bigint, ${place.key}::uuid)` : empty
  const messages = raw(
    scope.seesInternals
      ? 'sum(c.message_count)'
      : 'sum(c.message_count - c.system_message_count - c.internal_event_count)',
  )
  return statements.run<EndUserRow>(sql`
    SELECT * FROM (
      SELECT c.end_user_id AS id, md5(c.end_user_id)::uuid AS key, ${raw(PLACES[page.order])} AS place, count(*)::int AS conversations,
        ${messages}::int AS messages, sum(c.user_message_count)::int AS user_messages,
        (sum(c.sentiment_sum) / NULLIF(sum(c.sentiment_count), 0))::float8 AS sentiment,
        (sum(c.rating_sum)::numeric / NULLIF(sum(c.rating_count), 0))::float8 AS rating,
        min(c.started_at) AS first_seen_at, max(c.started_at) AS last_seen_at
      FROM conversations c WHERE ${within(conversations)} AND c.end_user_id IS NOT NULL GROUP BY c.end_user_id
    ) users
    WHERE true ${beyond(behind, page.after)} ${beyond(ahead, page.before)}
    ORDER BY place ${direction}, key ${direction} LIMIT ${page.limit}`)
}

/**
 * Those of these end users that have a conversation, and when the first and the last of them began, tests left out: null
 * if they have only tests.
 */
export function endUsersSeen(
  statements: Statements,
  endUserIds: readonly string[],
  scope: FilterScope,
): Promise<{ id: string; first_seen_at: Date | null; last_seen_at: Date | null }[]> {
  return statements.run(sql`
    SELECT c.end_user_id AS id, min(c.started_at) FILTER (WHERE NOT c.is_test) AS first_seen_at,
      max(c.started_at) FILTER (WHERE NOT c.is_test) AS last_seen_at
    FROM conversations c WHERE ${filterConversations({ endUserIds: [...endUserIds] }, scope)} GROUP BY c.end_user_id`)
}

export async function countEndUsersOf(statements: Statements, conversations: Conversations): Promise<number> {
  const [row] = await statements.run<{ count: number }>(sql`
    SELECT count(DISTINCT c.end_user_id)::int AS count FROM conversations c WHERE ${within(conversations)}`)
  return row?.count ?? 0
}

/**
 * The number of end users by the bucket of their first conversation (`cohort`) and a bucket in which they had one
 * (`bucket`, which may be the same). Both are indexes.
 */
export function retention(
  statements: Statements,
  { filter, scope }: Conversations,
  edges: readonly Date[],
): Promise<{ cohort: number; bucket: number; end_users: number }[]> {
  const times = timeArray(edges.map((edge) => edge.getTime()))
  return statements.run(sql`
    WITH seen AS (
      SELECT c.end_user_id, c.started_at, min(c.started_at) OVER (PARTITION BY c.end_user_id) AS first_at
      FROM conversations c WHERE ${filterConversations(filter, scope)} AND c.end_user_id IS NOT NULL
    )
    SELECT width_bucket(first_at, ${times}) - 1 AS cohort, width_bucket(started_at, ${times}) - 1 AS bucket,
      count(DISTINCT end_user_id)::int AS end_users
    FROM seen WHERE first_at >= ${edges[0]}::timestamptz AND started_at < ${edges.at(-1)}::timestamptz
    GROUP BY 1, 2`)
}

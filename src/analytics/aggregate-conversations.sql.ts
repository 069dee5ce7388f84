import {
  type ConversationFilter,
  DURATION_MS,
  type FilterScope,
  filterConversations,
  restrictionConditions,
} from '../conversations/conversation-filter.sql.ts'
import { Prisma } from '../database/generated/client/client.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { ownRows } from '../database/tenant-scope.ts'
import { CONVERSATION_SUMS, type ConversationSum, MESSAGE_SUMS, type Sums } from './conversation-sums.sql.ts'
import type { GroupKeys } from './dimensions.sql.ts'
import type { Timing, TimingAggregates } from './measure-kinds.ts'
import { bucketOf } from './time-bucket.sql.ts'

/** Aggregates computed from the conversations themselves, for everything that roll-ups don't hold. */

/** The conversations to aggregate, and the edges of the buckets. */
export interface Selection {
  filter: ConversationFilter
  scope: FilterScope
  edges: readonly Date[]
}

/** How conversations are grouped. */
export interface Grouping {
  by: GroupKeys
  /** The keys that have a line of their own. All others share the last line. */
  keys: readonly (string | null)[]
}

/** The aggregates of one bucket of one line; if `bucket` is null, of all its buckets together. */
export type Cell<Found> = Found & { line: number; bucket: number | null }

const { sql, raw, join, empty } = Prisma

/**
 * Sums by line and bucket, and for each whole line, as the doubles nearest to the decimals. A bucket or line without
 * conversations has no cell.
 */
export function sumConversations(
  statements: Statements,
  selection: Selection,
  grouping: Grouping | null,
  sums: readonly ConversationSum[],
): Promise<Cell<Sums>[]> {
  const parts = grouping && 'ofMessage' in grouping.by ? MESSAGE_SUMS : CONVERSATION_SUMS
  const summed = sums.map((name) => raw(`sum(${parts[name]}) AS ${name}`))
  const columns = sums.map((name) => raw(`coalesce(sum(${name}), 0)::float8 AS ${name}`))
  return statements.run<Cell<Sums>>(sql`
    SELECT line, bucket, ${join(columns)}
    FROM (SELECT ${line(grouping)} AS line, ${bucket(selection)} AS bucket, ${join(summed)}
          FROM ${conversations(selection, grouping)} WHERE ${within(selection)} GROUP BY 1, 2) found
    GROUP BY GROUPING SETS ((line, bucket), (line))`)
}

/** The number of distinct end users. That of a line is not the sum of those of its buckets. */
export function countEndUsers(
  statements: Statements,
  selection: Selection,
  grouping: Grouping | null,
): Promise<Cell<{ end_users: number }>[]> {
  return statements.run(sql`
    SELECT line, bucket, count(DISTINCT end_user_id)::int AS end_users
    FROM (${linesOf(selection, grouping, [sql`c.end_user_id`])}) found
    GROUP BY GROUPING SETS ((line, bucket), (line))`)
}

/**
 * The number of end users whose first conversation is in the bucket, among all conversations that the caller may see,
 * including tests if they count. The index finds an earlier conversation of each end user (LIMIT prevents a join). As a
 * join, before the table had statistics, it took 14 seconds for 300 conversations.
 */
export function countNewEndUsers(
  statements: Statements,
  selection: Selection,
  grouping: Grouping | null,
): Promise<Cell<{ new_end_users: number }>[]> {
  return statements.run(sql`
    SELECT ${line(grouping)} AS line, ${bucket(selection)} AS bucket, count(*)::int AS new_end_users
    FROM ${conversations(selection, grouping)} CROSS JOIN LATERAL (SELECT c.end_user_id, c.started_at, c.id) AS this (end_user_id, started_at, id)
    WHERE ${within(selection)} AND c.end_user_id IS NOT NULL AND (
      SELECT true FROM conversations c
      WHERE ${join([ownRows(selection.scope.tenantId, 'c'), ...restrictionConditions(selection.scope)], ' AND ')}
        AND c.end_user_id = this.end_user_id AND (c.started_at, c.id) < (this.started_at, this.id)
        ${selection.filter.isTest === false ? sql`AND NOT c.is_test` : empty}
      LIMIT 1) IS NULL
    GROUP BY 1, 2`)
}

/** The interpolated median and 95th percentile of the AI agents' response times, in milliseconds. */
export function latencyPercentiles(
  statements: Statements,
  selection: Selection,
  grouping: Grouping | null,
): Promise<Cell<TimingAggregates>[]> {
  return statements.run(sql`
    SELECT line, bucket, ${percentiles('latency', sql`m.latency_ms`)}
    FROM (${linesOf(selection, grouping, [sql`c.tenant_id`, sql`c.id`], sql`c.latency_count > 0`)}) found
    JOIN messages m ON m.tenant_id = found.tenant_id AND m.conversation_id = found.id
    WHERE ${ownRows(selection.scope.tenantId, 'm')} AND m.role = 'ASSISTANT' AND m.latency_ms IS NOT NULL
    GROUP BY GROUPING SETS ((line, bucket), (line))`)
}

/** The same of the durations of conversations. */
export function durationPercentiles(
  statements: Statements,
  selection: Selection,
  grouping: Grouping | null,
): Promise<Cell<TimingAggregates>[]> {
  return statements.run(sql`
    SELECT line, bucket, ${percentiles('duration', sql`duration_ms`)}
    FROM (${linesOf(selection, grouping, [sql`${raw(DURATION_MS)} AS duration_ms`], sql`c.ended_at > c.started_at`)}) found
    GROUP BY GROUPING SETS ((line, bucket), (line))`)
}

export const percentiles = (name: Timing, value: Prisma.Sql) => sql`
  percentile_cont(0.5) WITHIN GROUP (ORDER BY ${value}) AS ${raw(`${name}_p50`)},
  percentile_cont(0.95) WITHIN GROUP (ORDER BY ${value}) AS ${raw(`${name}_p95`)}, count(*)::int AS ${raw(`${name}_count`)}`

/** The conversations of the selection that meet a condition, once for each line that they belong to. */
export const linesOf = (
  selection: Selection,
  grouping: Grouping | null,
  columns: readonly Prisma.Sql[],
  condition = sql`TRUE`,
): Prisma.Sql => sql`
  SELECT ${join([sql`${line(grouping)} AS line`, sql`${bucket(selection)} AS bucket`, ...columns])}
  FROM ${conversations(selection, grouping)} WHERE ${within(selection)} AND ${condition}`

/**
 * The keys with the most conversations (or messages) in this period and the previous one together, most frequent first.
 */
export function frequentKeys(
  statements: Statements,
  { selection, previous }: { selection: Selection; previous: Selection | null },
  by: GroupKeys,
  limit: number,
): Promise<{ key: string | null }[]> {
  const { key, from } = keyOf(by, selection)
  return statements.run(sql`
    SELECT key FROM (SELECT ${key} COLLATE "C" AS key FROM ${from} WHERE ${within(selection, ...(previous ? [previous] : []))}) found
    GROUP BY key ORDER BY count(*) DESC, key NULLS LAST LIMIT ${limit}`)
}

function keyOf(by: GroupKeys, { scope }: Selection): { key: Prisma.Sql; from: Prisma.Sql } {
  if ('one' in by) return { key: by.one, from: sql`conversations c` }
  if ('ofMessage' in by) return { key: by.ofMessage, from: chatMessages(scope) }
  const keys = sql`SELECT DISTINCT key FROM ${orNone(by.each)}`
  return { key: sql`own.key`, from: sql`conversations c CROSS JOIN LATERAL (${keys}) AS own` }
}

/** Matches the period of the selection, or that of another selection with the same filter. */
const within = ({ filter, scope, edges }: Selection, ...others: Selection[]) => {
  const periods = [edges, ...others.map((other) => other.edges)].map(
    (edges) => sql`c.started_at >= ${edges[0]}::timestamptz AND c.started_at < ${edges.at(-1)}::timestamptz`,
  )
  return sql`${filterConversations(filter, scope)} AND (${join(periods, ' OR ')})`
}

const bucket = ({ edges }: Selection) =>
  bucketOf(
    sql`c.started_at`,
    edges.map((edge) => edge.getTime()),
  )

/** The line that a conversation belongs to. */
function line(grouping: Grouping | null): Prisma.Sql {
  if (!grouping) return sql`0`
  if ('one' in grouping.by) return lineOf(grouping.by.one, grouping)
  return 'ofMessage' in grouping.by ? lineOf(grouping.by.ofMessage, grouping) : sql`own.line`
}

/** Conversations, with one row for each line that they belong to, or for each of their chat messages. */
function conversations({ scope }: Selection, grouping: Grouping | null): Prisma.Sql {
  if (!grouping || 'one' in grouping.by) return sql`conversations c`
  if ('ofMessage' in grouping.by) return chatMessages(scope)
  const lines = sql`SELECT DISTINCT ${lineOf(sql`key`, grouping)} AS line FROM ${orNone(grouping.by.each)}`
  return sql`conversations c CROSS JOIN LATERAL (${lines}) AS own`
}

/** Conversations joined with those of their chat messages that the caller may see. */
const chatMessages = (scope: FilterScope) => sql`conversations c JOIN messages m
  ON ${ownRows(scope.tenantId, 'm')} AND m.conversation_id = c.id AND m.kind = 'CHAT'
    ${scope.seesInternals ? empty : sql`AND m.role <> 'SYSTEM'`}`

/** The keys that a query returns, or a single null if it returns none. */
const orNone = (keys: Prisma.Sql) => sql`(SELECT) AS one LEFT JOIN (${keys}) AS keys (key) ON true`

/** Keys are prefixed with "=", so that none is mistaken for "no key". */
function lineOf(key: Prisma.Sql, { keys }: Grouping): Prisma.Sql {
  const marked = keys.map((known) => (known === null ? '' : `=${known}`))
  return sql`coalesce(array_position(${marked}::text[], coalesce('=' || ${key}, '')) - 1, ${keys.length}::integer)`
}

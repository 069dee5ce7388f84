import { uuidsOf } from '../agents/agents.sql.ts'
import { Prisma } from '../database/generated/client/client.ts'
import type { ConversationStatus } from '../database/generated/client/enums.ts'
import { ownRows, type RowRestriction } from '../database/tenant-scope.ts'
import type { AgentSet } from '../input/agent-set.ts'
import type { ByIds } from '../metadata/metadata-filter.sql.ts'
import { type MetadataCondition, metadataCondition } from '../metadata/metadata-filter.sql.ts'
import { type SearchQuery, searchMessages } from '../search/message-search.sql.ts'
import { FINAL_STATUSES } from './conversation-reference.ts'
import { columnType, type PlainField, type PlainFilter, plainEntries } from './plain-fields.ts'

type Maybe<Value> = Value | null | undefined

/** Half-open: `from` included, `to` excluded. */
export interface TimeRange {
  from?: Maybe<Date>
  to?: Maybe<Date>
}

export interface NumberRange {
  gt?: Maybe<number>
  gte?: Maybe<number>
  lt?: Maybe<number>
  lte?: Maybe<number>
}

/**
 * Filters conversations. All conditions must hold. Absent or null is no condition; an empty list of values matches
 * nothing. Lists, counts, series and metrics use this one type, so that a series adds up to the count of a list.
 */
export interface ConversationFilter extends PlainFilter {
  startedAt?: Maybe<TimeRange>
  endedAt?: Maybe<TimeRange>
  createdAt?: Maybe<TimeRange>
  updatedAt?: Maybe<TimeRange>
  externalIds?: Maybe<string[]>
  statuses?: Maybe<ConversationStatus[]>
  agents?: Maybe<AgentSet>
  languages?: Maybe<string[]>
  labels?: Maybe<string[]>
  isTest?: Maybe<boolean>
  isLlmConversation?: Maybe<boolean>
  ratings?: Maybe<number[]>
  sentiment?: Maybe<NumberRange>
  durationMs?: Maybe<NumberRange>
  messageCount?: Maybe<NumberRange>
  hasNotUnderstood?: Maybe<boolean>
  toolNames?: Maybe<string[]>
  eventNames?: Maybe<string[]>
  messageExternalIds?: Maybe<string[]>
  intents?: Maybe<string[]>
  analysisStatuses?: Maybe<string[]>
  analysisTags?: Maybe<string[]>
  analysisPending?: Maybe<boolean>
  search?: Maybe<SearchQuery>
  metadata?: Maybe<MetadataCondition[]>
  and?: Maybe<ConversationFilter[]>
  or?: Maybe<ConversationFilter[]>
  not?: Maybe<ConversationFilter>
}

/** Who a filter is compiled for: whose rows it may match, and whether internals may decide the match. */
export interface FilterScope {
  tenantId: string
  seesInternals: boolean
  /** The rows that the token is restricted to; null: all. */
  rowRestriction: RowRestriction | null
}

const { sql, join, raw, empty } = Prisma

/**
 * How many conditions on other tables PostgreSQL may plan as joins. Planning time grows much faster than their number:
 * with 100, it took seconds.
 */
const MAX_JOINS = 8

const noJoin: ByIds = (condition) => sql`(${condition} IS TRUE)`

function fewJoins(): ByIds {
  let joins = 0
  return (condition) => {
    joins += 1
    return joins > MAX_JOINS ? noJoin(condition) : condition
  }
}

/**
 * How many other conditions a filter may have for its search to become a join. PostgreSQL assumes that each condition
 * leaves a part of the rows, so that many leave a single row; it then repeated the search for each row that was really
 * left. A search that is not a join runs once.
 */
const MAX_BESIDE_SEARCH = 4

const searchIsJoin = (filter: ConversationFilter) => {
  const { searches, others } = countConditions(filter)
  return searches === 1 && others <= MAX_BESIDE_SEARCH
}

function countConditions(filter: ConversationFilter): { searches: number; others: number } {
  const { and, or, not, metadata, search, ...columns } = filter
  const parts = [...(and ?? []), ...(or ?? []), ...(not ? [not] : [])].map(countConditions)
  const given = Object.values(columns).filter((value) => value != null).length
  return {
    searches: parts.reduce((sum, part) => sum + part.searches, search == null ? 0 : 1),
    others: parts.reduce((sum, part) => sum + part.others, given + (metadata?.length ?? 0)),
  }
}

interface JoiningScope extends FilterScope {
  byIds: ByIds
  bySearch: ByIds
}

/** The filter as a condition on `conversations`, with the alias `c`. It is always restricted to the tenant. */
export function filterConversations(filter: ConversationFilter, scope: FilterScope): Prisma.Sql {
  const byIds = fewJoins()
  const joining = { ...scope, byIds, bySearch: searchIsJoin(filter) ? byIds : noJoin }
  return allOf([ownRows(scope.tenantId, 'c'), ...restrictionConditions(scope), ...conditions(filter, joining)])
}

function conditions(filter: ConversationFilter, scope: JoiningScope): Prisma.Sql[] {
  return [
    ...inTime('c.started_at', filter.startedAt),
    ...inTime('c.ended_at', filter.endedAt),
    ...inTime('c.created_at', filter.createdAt),
    ...inTime('c.updated_at', filter.updatedAt),
    ...anyOf('c.external_id', 'text', filter.externalIds),
    ...anyOf('c.status', 'conversation_status', filter.statuses),
    ...anyOf('c.language', 'text', filter.languages),
    ...plainEntries.flatMap(([, field]) => plainCondition(field, filter)),
    ...(filter.labels ? [sql`c.labels && ${filter.labels}::text[]`] : []),
    ...(filter.isTest == null ? [] : [sql`c.is_test = ${filter.isTest}`]),
    ...(filter.isLlmConversation == null ? [] : [sql`${IS_LLM_CONVERSATION} = ${filter.isLlmConversation}`]),
    // Without two different times, there is no duration.
    ...inRange(DURATION_MS, filter.durationMs),
    ...inRange(messageCount(scope), filter.messageCount),
    ...(filter.hasNotUnderstood == null ? [] : [sql`(c.not_understood_count > 0) = ${filter.hasNotUnderstood}`]),
    ...analysisConditions(filter),
    ...(filter.agents ? [scope.byIds(withAgent(filter.agents, scope))] : []),
    ...messageConditions(filter, scope),
    ...(filter.metadata ?? []).map((condition) => metadataCondition(condition, scope.tenantId, scope.byIds)),
    ...(filter.and ?? []).map((part) => allOf(conditions(part, scope))),
    ...(filter.or ? [oneOf(filter.or.map((part) => allOf(conditions(part, scope))))] : []),
    // IS NOT TRUE, because a comparison with null is neither true nor false: what does not match must match `not`.
    ...(filter.not ? [sql`${allOf(conditions(filter.not, scope))} IS NOT TRUE`] : []),
  ]
}

/** As given; without that, true if there are counts of what a language model did. */
const IS_LLM_CONVERSATION = sql`coalesce(c.is_llm_conversation, CASE WHEN c.llm_stats IS NOT NULL THEN TRUE END)`

const plainCondition = (field: PlainField, filter: PlainFilter) =>
  field.filter ? anyOf(`c.${field.column}`, columnType(field), filter[field.filter.name as keyof PlainFilter]) : []

/** The analysis is not indexed: it is looked at in the rows that meet all other conditions. */
const analysisConditions = ({ analysisStatuses, analysisTags, analysisPending }: ConversationFilter) => [
  ...anyOf("c.analysis ->> 'status'", 'text', analysisStatuses),
  ...(analysisTags ? [sql`c.analysis -> 'tags' ?| ${analysisTags}::text[]`] : []),
  ...(analysisPending == null ? [] : [sql`${IS_PENDING} = ${analysisPending}`]),
]

const IS_PENDING = sql`(c.status = ANY(${[...FINAL_STATUSES]}::text[]::conversation_status[])
  AND coalesce(c.analysis ->> 'status', 'PENDING') IN ('PENDING', 'RUNNING'))`

/** The conditions of a row restriction, on `c`. */
export function restrictionConditions({ rowRestriction, ...scope }: FilterScope): Prisma.Sql[] {
  if (!rowRestriction) return []
  return [
    ...(rowRestriction.agents ? [withAgent(rowRestriction.agents, { ...scope, rowRestriction: null })] : []),
    ...anyOf('c.end_user_id', 'text', rowRestriction.endUserIds),
    ...rowRestriction.metadata.map(
      ({ path, value }) => sql`c.id IN (SELECT e.conversation_id FROM conversation_metadata e
        WHERE ${ownRows(scope.tenantId, 'e')} AND e.path = ${path} AND e.value = ${value})`,
    ),
  ]
}

const withAgent = (agents: AgentSet, scope: FilterScope) =>
  sql`c.id IN (SELECT a.conversation_id FROM conversation_agents a
    WHERE ${ownRows(scope.tenantId, 'a')} AND a.agent_id = ANY(${uuidsOf(scope.tenantId, agents)}) ${andVisible(scope)})`

/** A token that is restricted to agents can't find out which others took part; on `conversation_agents a`. */
export const andVisible = ({ tenantId, rowRestriction }: FilterScope) =>
  rowRestriction?.agents ? sql`AND a.agent_id = ANY(${uuidsOf(tenantId, rowRestriction.agents)})` : empty

/** Which transcript entries `m` the caller may see. */
export const visibleEntries = ({ seesInternals }: FilterScope) =>
  seesInternals ? sql`TRUE` : sql`m.role IS DISTINCT FROM 'SYSTEM' AND m.visibility IS DISTINCT FROM 'INTERNAL'`

function messageConditions(filter: ConversationFilter, scope: JoiningScope): Prisma.Sql[] {
  const withMessage = (condition: Prisma.Sql) =>
    scope.byIds(
      sql`c.id IN (SELECT m.conversation_id FROM messages m WHERE ${ownRows(scope.tenantId, 'm')} AND ${condition})`,
    )
  const visible = visibleEntries(scope)
  return [
    ...(filter.ratings ? [withMessage(sql`m.rating = ANY(${filter.ratings}::integer[]) AND ${visible}`)] : []),
    ...(filter.toolNames ? [withMessage(sql`m.kind = 'TOOL' AND m.name = ANY(${filter.toolNames}::text[])`)] : []),
    ...(filter.eventNames
      ? [withMessage(sql`m.kind = 'EVENT' AND m.name = ANY(${filter.eventNames}::text[]) AND ${visible}`)]
      : []),
    ...(filter.messageExternalIds
      ? [withMessage(sql`m.external_id = ANY(${filter.messageExternalIds}::text[]) AND ${visible}`)]
      : []),
    ...(filter.intents ? [withMessage(sql`m.intent_name = ANY(${filter.intents}::text[]) AND ${visible}`)] : []),
    ...(filter.search ? [scope.bySearch(sql`c.id IN (${searchMessages(filter.search, scope.seesInternals)})`)] : []),
    ...inRange(
      `(SELECT avg(m.sentiment) FROM messages m WHERE m.tenant_id = c.tenant_id AND m.conversation_id = c.id AND m.role = 'USER')`,
      filter.sentiment,
    ),
  ]
}

/** The duration, as SQL over `c`: between two equal times, there is none. */
export const DURATION_MS =
  '(extract(epoch FROM NULLIF(c.ended_at, c.started_at) - c.started_at) * 1000)::double precision'

/** The number of visible messages, as SQL over `c`. */
export const messageCount = (scope: FilterScope) =>
  scope.seesInternals ? 'c.message_count' : '(c.message_count - c.system_message_count - c.internal_event_count)'

function anyOf(column: string, type: string, values: Maybe<readonly string[]>): Prisma.Sql[] {
  return values ? [sql`${raw(column)} = ANY(${values}::text[]::${raw(type)}[])`] : []
}

function inTime(column: string, range: Maybe<TimeRange>): Prisma.Sql[] {
  return [
    ...(range?.from ? [sql`${raw(column)} >= ${range.from}`] : []),
    ...(range?.to ? [sql`${raw(column)} < ${range.to}`] : []),
  ]
}

function inRange(expression: string, range: Maybe<NumberRange>): Prisma.Sql[] {
  const compare = (operator: string, bound: Maybe<number>) =>
    bound == null ? [] : [sql`${raw(`${expression} ${operator}`)} ${bound}::double precision`]
  return [
    ...compare('>', range?.gt),
    ...compare('>=', range?.gte),
    ...compare('<', range?.lt),
    ...compare('<=', range?.lte),
  ]
}

const allOf = (parts: Prisma.Sql[]) => (parts.length === 0 ? sql`TRUE` : sql`(${join(parts, ' AND ')})`)
const oneOf = (parts: Prisma.Sql[]) => (parts.length === 0 ? sql`FALSE` : sql`(${join(parts, ' OR ')})`)

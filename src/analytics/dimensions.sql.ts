import { andVisible, type FilterScope, visibleEntries } from '../conversations/conversation-filter.sql.ts'
import { type PlainDimension, plainEntries } from '../conversations/plain-fields.ts'
import { Prisma } from '../database/generated/client/client.ts'
import { ownRows } from '../database/tenant-scope.ts'

/** What conversations can be grouped by. */
export type Dimension =
  | PlainDimension
  | 'AGENT'
  | 'STATUS'
  | 'LANGUAGE'
  | 'LABEL'
  | 'FIRST_INTENT'
  | 'TOOL_NAME'
  | 'EVENT_NAME'
  | 'ANALYSIS_TAG'
  | 'MESSAGE_LANGUAGE'

const { sql, raw, join, empty } = Prisma

const COLUMNS = {
  STATUS: 'c.status::text',
  LANGUAGE: 'c.language',
  ...(Object.fromEntries(
    plainEntries.flatMap(([, { dimension, column }]) => (dimension ? [[dimension.name, `c.${column}::text`]] : [])),
  ) as Record<PlainDimension, string>),
}

/**
 * The keys of a conversation `c`, as text. `one`: an expression, null if it has none. `each`: a query for any number of
 * keys; the conversation counts in the group of each.
 */
export type ConversationKeys = { one: Prisma.Sql } | { each: Prisma.Sql }

/** `ofMessage`: an expression on the chat messages `m` of conversations, which are then grouped instead. */
export type GroupKeys = ConversationKeys | { ofMessage: Prisma.Sql }

export const dimensionKeys = (dimension: Dimension, scope: FilterScope): GroupKeys =>
  dimension === 'MESSAGE_LANGUAGE' ? { ofMessage: sql`m.language` } : conversationKeys(dimension, scope)

/** An agent's key is its UUID. */
export function conversationKeys(
  dimension: Exclude<Dimension, 'MESSAGE_LANGUAGE'>,
  scope: FilterScope,
): ConversationKeys {
  switch (dimension) {
    case 'AGENT':
      return {
        each: sql`SELECT a.agent_id::text FROM conversation_agents a
          WHERE ${ownRows(scope.tenantId, 'a')} AND a.conversation_id = c.id ${andVisible(scope)}`,
      }
    case 'LABEL':
      return { each: sql`SELECT unnest(c.labels)` }
    case 'TOOL_NAME':
      return namesOf('TOOL', scope)
    case 'EVENT_NAME':
      return namesOf('EVENT', scope)
    case 'ANALYSIS_TAG':
      // Tags that were given as null are null in JSON, and no array.
      return {
        each: sql`SELECT jsonb_array_elements_text(CASE jsonb_typeof(c.analysis -> 'tags') WHEN 'array' THEN c.analysis -> 'tags' END)`,
      }
    case 'FIRST_INTENT':
      return { one: intentKey('FIRST', [], scope) }
    default:
      return { one: raw(COLUMNS[dimension]) }
  }
}

const namesOf = (kind: 'TOOL' | 'EVENT', scope: FilterScope) => ({
  each: sql`SELECT m.name FROM messages m
    WHERE ${ownRows(scope.tenantId, 'm')} AND m.conversation_id = c.id AND m.kind = ${raw(`'${kind}'`)} AND ${visibleEntries(scope)}`,
})

export type WhichIntent = 'FIRST' | 'LAST' | 'FIRST_MEANINGFUL'

/** Intents are ordered by the sequence of their messages; the first meaningful one is the earliest by time. */
const ORDERS: Record<WhichIntent, string> = {
  FIRST: 'm.sequence',
  LAST: 'm.sequence DESC',
  FIRST_MEANINGFUL: 'm.timestamp, m.sequence',
}

/** One of a conversation's intents, except the excluded ones. An intent is meaningful unless it is marked otherwise. */
export function intentKey(which: WhichIntent, excluded: readonly string[], scope: FilterScope): Prisma.Sql {
  return sql`(SELECT m.intent_name FROM messages m
    WHERE ${ownRows(scope.tenantId, 'm')} AND m.conversation_id = c.id AND m.intent_name IS NOT NULL
      AND m.intent_name <> ALL(${[...excluded]}::text[]) AND ${scope.seesInternals ? sql`TRUE` : sql`m.role <> 'SYSTEM'`}
      ${which === 'FIRST_MEANINGFUL' ? sql`AND m.intent_meaningful IS NOT FALSE` : empty}
    ORDER BY ${raw(ORDERS[which])} LIMIT 1)`
}

/** The metadata value under these keys, as JSON text: 245 is not "245". JSON null counts as no value. */
export const metadataKey = (path: readonly string[]): Prisma.Sql =>
  sql`NULLIF(${join([sql`c.metadata`, ...path.map((key) => sql`${key}::text`)], ' -> ')}, 'null'::jsonb)::text`

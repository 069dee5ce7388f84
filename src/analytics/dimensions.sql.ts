import type { FilterScope } from '../conversations/conversation-filter.sql.ts'
import { Prisma } from '../database/generated/client/client.ts'
import { ownRows } from '../database/tenant-scope.ts'

/** What conversations can be told apart by. */
export type Dimension =
  | 'AGENT'
  | 'STATUS'
  | 'CHANNEL'
  | 'DIRECTION'
  | 'CAMPAIGN'
  | 'LANGUAGE'
  | 'MODEL'
  | 'OUTCOME'
  | 'RESOLUTION'
  | 'LABEL'
  | 'FIRST_INTENT'
  | 'TOOL_NAME'
  | 'MESSAGE_LANGUAGE'

const { sql, raw, join, empty } = Prisma

const COLUMNS = {
  STATUS: 'c.status::text',
  CHANNEL: 'c.channel::text',
  DIRECTION: 'c.direction::text',
  CAMPAIGN: 'c.campaign',
  LANGUAGE: 'c.language',
  MODEL: 'c.model',
  OUTCOME: 'c.outcome::text',
  RESOLUTION: 'c.resolution::text',
} as const satisfies Partial<Record<Dimension, string>>

/**
 * The keys of a conversation `c`, as text. `one`: an expression, null if it has none. `each`: a query of as many as it has;
 * it counts in the group of each. `ofMessage`: an expression of its chat messages `m`, which are then told apart instead.
 */
export type GroupKeys = { one: Prisma.Sql } | { each: Prisma.Sql } | { ofMessage: Prisma.Sql }

/** An agent's key is its UUID. */
export function dimensionKeys(dimension: Dimension, scope: FilterScope): GroupKeys {
  switch (dimension) {
    case 'AGENT': {
      // A token that is locked to agents is not told of the others that took part.
      const visible = scope.rowRestriction?.agentIds
        ? sql`AND a.agent_id = ANY(${[...scope.rowRestriction.agentIds]}::uuid[])`
        : empty
      return {
        each: sql`SELECT a.agent_id::text FROM conversation_agents a
          WHERE ${ownRows(scope.tenantId, 'a')} AND a.conversation_id = c.id ${visible}`,
      }
    }
    case 'LABEL':
      return { each: sql`SELECT unnest(c.labels)` }
    case 'TOOL_NAME':
      return {
        each: sql`SELECT m.name FROM messages m
          WHERE ${ownRows(scope.tenantId, 'm')} AND m.conversation_id = c.id AND m.kind = 'TOOL'`,
      }
    case 'MESSAGE_LANGUAGE':
      return { ofMessage: sql`m.language` }
    case 'FIRST_INTENT':
      return { one: intentKey('FIRST', [], scope) }
    default:
      return { one: raw(COLUMNS[dimension]) }
  }
}

export type WhichIntent = 'FIRST' | 'LAST' | 'FIRST_MEANINGFUL'

/** In the order in which intents were triggered; the first meaningful one by when its message was sent. */
const ORDERS: Record<WhichIntent, string> = {
  FIRST: 'm.sequence',
  LAST: 'm.sequence DESC',
  FIRST_MEANINGFUL: 'm.timestamp, m.sequence',
}

/** One of the intents of a conversation's messages, but for these. One that nobody said is meaningless is meaningful. */
export function intentKey(which: WhichIntent, excluded: readonly string[], scope: FilterScope): Prisma.Sql {
  return sql`(SELECT m.intent_name FROM messages m
    WHERE ${ownRows(scope.tenantId, 'm')} AND m.conversation_id = c.id AND m.intent_name IS NOT NULL
      AND m.intent_name <> ALL(${[...excluded]}::text[]) AND ${scope.seesInternals ? sql`TRUE` : sql`m.role <> 'SYSTEM'`}
      ${which === 'FIRST_MEANINGFUL' ? sql`AND m.intent_meaningful IS NOT FALSE` : empty}
    ORDER BY ${raw(ORDERS[which])} LIMIT 1)`
}

/** The metadata value under these keys, as JSON text: 245 is not "245". JSON null is none. */
export const metadataKey = (path: readonly string[]): Prisma.Sql =>
  sql`NULLIF(${join([sql`c.metadata`, ...path.map((key) => sql`${key}::text`)], ' -> ')}, 'null'::jsonb)::text`

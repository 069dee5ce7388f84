import type { FilterScope } from './conversation-filter.ts'
import { Prisma } from './generated/client/client.ts'
import { ownRows } from './tenant-scope.ts'

/** What conversations can be told apart by. Where one has several, its first counts: groups make up the whole. */
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
  LABEL: 'c.labels[1]',
} as const satisfies Partial<Record<Dimension, string>>

/** The key of a conversation `c` in a dimension, as text; an agent's is its UUID. */
export function dimensionKey(dimension: Dimension, scope: FilterScope): Prisma.Sql {
  switch (dimension) {
    case 'AGENT': {
      // A token that is locked to agents is not told of the others that took part.
      const visible = scope.lock?.agentIds ? sql`AND a.agent_id = ANY(${[...scope.lock.agentIds]}::uuid[])` : empty
      return sql`(SELECT a.agent_id::text FROM conversation_agents a
        WHERE ${ownRows(scope.tenantId, 'a')} AND a.conversation_id = c.id ${visible} ORDER BY a.position LIMIT 1)`
    }
    case 'FIRST_INTENT':
      return firstMessage('intent_name', scope.seesInternals ? sql`TRUE` : sql`m.role <> 'SYSTEM'`, scope)
    case 'TOOL_NAME':
      return firstMessage('name', sql`m.kind = 'TOOL'`, scope)
    default:
      return raw(COLUMNS[dimension])
  }
}

export type WhichIntent = 'FIRST' | 'LAST' | 'FIRST_MEANINGFUL'

/** One of the intents of a conversation's messages, but for these. One that nobody said is meaningless is meaningful. */
export function intentKey(which: WhichIntent, excluded: readonly string[], scope: FilterScope): Prisma.Sql {
  return sql`(SELECT m.intent_name FROM messages m
    WHERE ${ownRows(scope.tenantId, 'm')} AND m.conversation_id = c.id AND m.intent_name IS NOT NULL
      AND m.intent_name <> ALL(${[...excluded]}::text[]) AND ${scope.seesInternals ? sql`TRUE` : sql`m.role <> 'SYSTEM'`}
      ${which === 'FIRST_MEANINGFUL' ? sql`AND m.intent_meaningful IS NOT FALSE` : empty}
    ORDER BY m.sequence ${raw(which === 'LAST' ? 'DESC' : 'ASC')} LIMIT 1)`
}

/** The metadata value under these keys, as JSON text: 245 is not "245". JSON null is none. */
export const metadataKey = (path: readonly string[]): Prisma.Sql =>
  sql`NULLIF(${join([sql`c.metadata`, ...path.map((key) => sql`${key}::text`)], ' -> ')}, 'null'::jsonb)::text`

const firstMessage = (column: 'intent_name' | 'name', condition: Prisma.Sql, scope: FilterScope) => sql`
  (SELECT m.${raw(column)} FROM messages m
   WHERE ${ownRows(scope.tenantId, 'm')} AND m.conversation_id = c.id AND m.${raw(column)} IS NOT NULL AND ${condition}
   ORDER BY m.sequence LIMIT 1)`

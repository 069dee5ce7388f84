import {
  type ConversationFilter,
  type FilterScope,
  filterConversations,
} from '../conversations/conversation-filter.sql.ts'
import { Prisma } from '../database/generated/client/client.ts'
import { throughPrisma } from '../database/sql-transactions.ts'
import type { Client } from '../database/tenant-scope.ts'
import { ownRows } from '../database/tenant-scope.ts'
import type { Reply } from '../messages/message-row.ts'

/** Values that are loaded for many rows of a list in one statement. Ids are UUIDs. */

const { sql } = Prisma

export interface IntentRow {
  conversation_id: string
  name: string
  /** Null: not given. */
  meaningful: boolean | null
  externalId: string | null
  sequence: number
  timestamp: Date
}

/** The intents of these conversations' messages, in order. */
export function intentsOf(client: Client, ids: readonly string[], scope: FilterScope): Promise<IntentRow[]> {
  return throughPrisma(client).run<IntentRow>(sql`
    SELECT m.conversation_id::text AS conversation_id, m.intent_name AS name, m.intent_meaningful AS meaningful,
      m.intent_external_id AS "externalId", m.sequence, m.timestamp
    FROM messages m
    WHERE ${ownRows(scope.tenantId, 'm')} AND m.conversation_id = ANY(${ids}::uuid[]) AND m.intent_name IS NOT NULL
      AND ${scope.seesInternals ? sql`TRUE` : sql`m.role <> 'SYSTEM'`}
    ORDER BY m.conversation_id, m.sequence`)
}

export interface ReplyRow {
  conversation_id: string
  /** Of the message, a UUID. */
  id: string
  reply: Reply
  language: string | null
  sequence: number
  timestamp: Date
}

/** The messages of these conversations that are replies of a dialogue, in order. */
export function repliesOf(client: Client, ids: readonly string[], scope: FilterScope): Promise<ReplyRow[]> {
  return throughPrisma(client).run<ReplyRow>(sql`
    SELECT m.conversation_id::text AS conversation_id, m.id::text AS id, m.reply, m.language, m.sequence, m.timestamp
    FROM messages m
    WHERE ${ownRows(scope.tenantId, 'm')} AND m.conversation_id = ANY(${ids}::uuid[]) AND m.reply IS NOT NULL
      AND ${scope.seesInternals ? sql`TRUE` : sql`m.role <> 'SYSTEM'`}
    ORDER BY m.conversation_id, m.sequence`)
}

/**
 * How much the mean sentiment rises from the first half of the user messages that have one to the second half. A
 * message in the middle belongs to the first half. A conversation with fewer than two of them has no row.
 */
export function sentimentRises(client: Client, ids: readonly string[], scope: FilterScope) {
  return throughPrisma(client).run<{ conversation_id: string; rise: number }>(sql`
    SELECT conversation_id::text AS conversation_id,
      avg(sentiment) FILTER (WHERE half = 2) - avg(sentiment) FILTER (WHERE half = 1) AS rise
    FROM (
      SELECT m.conversation_id, m.sentiment, ntile(2) OVER (PARTITION BY m.conversation_id ORDER BY m.sequence) AS half
      FROM messages m
      WHERE ${ownRows(scope.tenantId, 'm')} AND m.conversation_id = ANY(${ids}::uuid[]) AND m.role = 'USER' AND m.sentiment IS NOT NULL
    ) halves
    GROUP BY conversation_id HAVING count(*) > 1`)
}

export interface AgentTotals {
  agent_id: string
  conversations: number
  messages: number
  last_conversation_at: Date | null
}

/** Totals of the conversations that these agents took part in, that match the filter and that the caller may see. */
export function agentTotals(
  client: Client,
  ids: readonly string[],
  filter: ConversationFilter,
  scope: FilterScope,
): Promise<AgentTotals[]> {
  return throughPrisma(client).run<AgentTotals>(sql`
    SELECT a.agent_id::text AS agent_id, count(*)::int AS conversations,
      coalesce(sum(c.assistant_message_count), 0)::int AS messages, max(c.started_at) AS last_conversation_at
    FROM conversation_agents a JOIN conversations c ON c.tenant_id = a.tenant_id AND c.id = a.conversation_id
    WHERE ${ownRows(scope.tenantId, 'a')} AND a.agent_id = ANY(${ids}::uuid[]) AND ${filterConversations(filter, scope)}
    GROUP BY a.agent_id`)
}

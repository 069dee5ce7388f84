import { Prisma } from '../database/generated/client/client.ts'
import type { DerivedField, MessageRole } from '../database/generated/client/enums.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { ownRows } from '../database/tenant-scope.ts'
import type { Reply } from '../messages/message-row.ts'
import type { RedactionCounts } from '../messages/redaction/redact-text.ts'

/** What can be changed of a chat message, by the names of the columns. */
export interface ChangeableColumns {
  rating: number | null
  sentiment: number | null
  language: string | null
  translation: string | null
  understood: boolean | null
  intent_name: string | null
  intent_meaningful: boolean | null
  intent_external_id: string | null
  reply: Reply | null
  /** The columns whose values Parley derived. */
  derived: DerivedField[]
  redactions: RedactionCounts | null
}

export interface ChatMessageRow extends ChangeableColumns {
  /** UUID. */
  id: string
  external_id: string | null
  role: MessageRole
}

const { sql } = Prisma

/** The chat messages of a conversation with these UUIDs or external ids. */
export const loadChatMessages = (
  db: Statements,
  tenantId: string,
  conversationId: string,
  { ids, externalIds }: { ids: readonly string[]; externalIds: readonly string[] },
): Promise<ChatMessageRow[]> =>
  db.run(sql`
    SELECT m.id::text AS id, m.external_id, m.role::text AS role, m.rating, m.sentiment, m.language, m.translation, m.understood,
      m.intent_name, m.intent_meaningful, m.intent_external_id, m.reply, to_jsonb(m.derived) AS derived, m.redactions
    FROM messages m
    WHERE ${ownRows(tenantId, 'm')} AND m.conversation_id = ${conversationId}::uuid AND m.kind = 'CHAT'
      AND (m.id = ANY (${[...ids]}::uuid[]) OR m.external_id = ANY (${[...externalIds]}::text[]))`)

/** Stores changed messages, and what their conversation counts and sums of its messages. */
export async function storeChatMessages(
  db: Statements,
  tenantId: string,
  conversationId: string,
  messages: readonly ChatMessageRow[],
  now: Date,
): Promise<void> {
  await db.run(sql`
    UPDATE messages m SET rating = d.rating, sentiment = d.sentiment, language = d.language, translation = d.translation,
      understood = d.understood, intent_name = d.intent_name, intent_meaningful = d.intent_meaningful,
      intent_external_id = d.intent_external_id, reply = d.reply, derived = d.derived, redactions = d.redactions
    FROM jsonb_populate_recordset(NULL::messages, ${JSON.stringify(messages)}::jsonb) d
    WHERE ${ownRows(tenantId, 'm')} AND m.conversation_id = ${conversationId}::uuid AND m.id = d.id`)
  await db.run(sql`
    WITH chat AS (
      SELECT m.* FROM messages m
      WHERE ${ownRows(tenantId, 'm')} AND m.conversation_id = ${conversationId}::uuid AND m.kind = 'CHAT'
    ), summed AS (
      SELECT count(m.rating) FILTER (WHERE m.role = 'ASSISTANT') AS rating_count,
        coalesce(sum(m.rating) FILTER (WHERE m.role = 'ASSISTANT'), 0) AS rating_sum,
        count(m.sentiment) FILTER (WHERE m.role = 'USER') AS sentiment_count,
        coalesce(sum(round(m.sentiment::numeric, 9)) FILTER (WHERE m.role = 'USER'), 0) AS sentiment_sum,
        count(*) FILTER (WHERE m.role = 'USER' AND m.understood) AS understood_count,
        count(*) FILTER (WHERE m.role = 'USER' AND NOT m.understood) AS not_understood_count
      FROM chat m
    ), spoken AS (
      SELECT m.language, count(*) AS messages, (extract(epoch FROM min(m."timestamp")) * 1000)::bigint AS first_ms,
        (array_agg(m.sequence ORDER BY m."timestamp", m.sequence))[1] AS first_sequence
      FROM chat m WHERE m.role = 'USER' AND m.language IS NOT NULL GROUP BY m.language
    ), languages AS (
      SELECT coalesce(jsonb_object_agg(s.language, jsonb_build_array(s.messages, s.first_ms, s.first_sequence)), '{}') AS counts,
        (array_agg(s.language ORDER BY s.messages DESC, s.first_ms, s.first_sequence))[1] AS most_used
      FROM spoken s
    )
    UPDATE conversations c SET rating_count = s.rating_count, rating_sum = s.rating_sum, sentiment_count = s.sentiment_count,
      sentiment_sum = s.sentiment_sum, understood_count = s.understood_count, not_understood_count = s.not_understood_count, user_languages = l.counts,
      language = coalesce(c.given_language, l.most_used), updated_at = ${now}
    FROM summed s, languages l WHERE ${ownRows(tenantId, 'c')} AND c.id = ${conversationId}::uuid`)
}

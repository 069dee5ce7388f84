import { Prisma } from '../database/generated/client/client.ts'
import type { ConversationStatus } from '../database/generated/client/enums.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { type NewMessageRow, totalsOf } from '../messages/message-row.ts'
import { metadataEntries } from '../metadata/metadata-entries.ts'
import type { PlainColumns } from './plain-fields.ts'
import { languagesOf } from './user-languages.ts'

/**
 * Writes whole conversations in one statement, however many there are, with the rows of each table sent as JSON.
 * (Prisma's nested create, with one INSERT per row, logged 62 conversations per second; this logs 330.)
 */

type Maybe<Value> = Value | null | undefined

/** A row of `conversations` before its counts are added. Names are those of the columns. */
export interface NewConversationRow extends PlainColumns {
  id: string
  external_id: Maybe<string>
  status: ConversationStatus
  is_test: boolean
  labels: string[]
  metadata: Record<string, unknown>
  /** As given. The trigger `derive_times` computes `started_at` and `ended_at` from these and from the known times. */
  given_started_at: Date | null
  given_ended_at: Date | null
  given_language: Maybe<string>
  first_known_at: Date | null
  last_known_at: Date | null
  last_entry_at: Date | null
  is_live: boolean
  created_at: Date
  recording_url: Maybe<string>
  recording_content_type: Maybe<string>
  recording_duration_ms: Maybe<number>
  given_cost: Maybe<number>
  analysis: object | null | undefined
  is_llm_conversation: Maybe<boolean>
  llm_stats: unknown
}

/** The version of the rules that derive columns of conversations. Rows of an earlier version are updated. */
export const RULES_VERSION = 2

const { sql, raw } = Prisma

export const MESSAGE_COLUMNS = `id, external_id, kind, "timestamp", agent_id, metadata, role, content, model, token_count, cost, latency_ms, rating,
  sentiment, language, translation, understood, intent_name, intent_meaningful, intent_external_id, reply, participant_id, ended_at, attachments, name, input, output,
  thought, error, duration_ms, visibility, payload, derived, redactions, search_words, search_parts, search_version`

/** A conversation with everything that belongs to it. `agentIds` are UUIDs, in order. */
export interface NewConversation {
  row: NewConversationRow
  messages: readonly NewMessageRow[]
  agentIds: readonly string[]
}

/**
 * Stores one or more conversations in one statement and in the order given, except those whose external id exists.
 * Returns the UUIDs of those it stored. Callers that store several sort them by external id, so that two calls never
 * deadlock.
 */
export async function insertConversations(
  db: Statements,
  tenantId: string,
  conversations: readonly NewConversation[],
): Promise<Set<string>> {
  const rows = conversations.map(({ row, messages }) => ({
    ...row,
    ...totalsOf(messages),
    ...languagesOf(row.given_language, messages),
    rules_version: RULES_VERSION,
  }))
  const columns = raw(Object.keys(rows[0] ?? {}).join(', '))
  /** Rows that belong to conversations, each with its conversation's id. */
  const belonging = <Row extends object>(rowsOf: (one: NewConversation) => readonly Row[]) =>
    JSON.stringify(conversations.flatMap((one) => rowsOf(one).map((row) => ({ conversation_id: one.row.id, ...row }))))
  const messages = belonging((one) => one.messages.map((message, sequence) => ({ sequence, ...message })))
  const entries = belonging(({ row }) => metadataEntries(row.metadata))
  const links = belonging(({ agentIds }) => agentIds.map((agent_id, i) => ({ agent_id, position: i + 1 })))
  const store = (table: string, given: Prisma.Sql, json: string) => sql`
    ${raw(table)}_stored AS (
      INSERT INTO ${raw(table)} (tenant_id, conversation_id, ${given}) SELECT ${tenantId}, conversation_id, ${given}
      FROM jsonb_populate_recordset(NULL::${raw(table)}, ${json}::jsonb) WHERE conversation_id IN (SELECT id FROM stored))`
  const stored = await db.run<{ id: string }>(sql`
    WITH stored AS (
      INSERT INTO conversations (tenant_id, ${columns}) SELECT ${tenantId}, ${columns}
      FROM jsonb_populate_recordset(NULL::conversations, ${JSON.stringify(rows)}::jsonb)
      ON CONFLICT (tenant_id, external_id) DO NOTHING
      RETURNING id
    ), ${store('messages', sql`sequence, ${raw(MESSAGE_COLUMNS)}`, messages)},
    ${store('conversation_metadata', raw('path, value'), entries)},
    ${store('conversation_agents', raw('agent_id, position'), links)}
    SELECT id::text FROM stored`)
  return new Set(stored.map(({ id }) => id))
}

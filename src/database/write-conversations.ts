import { Prisma } from './generated/client/client.ts'
import type {
  Channel,
  ConversationStatus,
  DerivedField,
  Direction,
  MessageKind,
  MessageRole,
  Outcome,
  Resolution,
  Visibility,
} from './generated/client/enums.ts'
import type { SearchColumns } from './message-search.ts'
import { metadataEntries } from './metadata-entries.ts'
import type { Statements } from './statements.ts'
import { languagesOf } from './user-languages.ts'

/**
 * Writing whole conversations: one statement for the rows of each table, however many there are, sent as JSON.
 * (A nested create of Prisma's, one INSERT a row, logged 62 conversations a second where this logs 330.)
 */

type Maybe<Value> = Value | null | undefined

/** A row of `messages` before it has a place; names are the columns'. */
export interface NewMessageRow extends Partial<SearchColumns> {
  id: string
  kind: MessageKind
  timestamp: Date
  metadata: Record<string, unknown>
  /** Which of its columns Parley filled in. */
  derived: DerivedField[]
  agent_id?: Maybe<string>
  role?: Maybe<MessageRole>
  content?: Maybe<string>
  model?: Maybe<string>
  token_count?: Maybe<number>
  cost?: Maybe<number>
  latency_ms?: Maybe<number>
  rating?: Maybe<number>
  sentiment?: Maybe<number>
  language?: Maybe<string>
  translation?: Maybe<string>
  understood?: Maybe<boolean>
  intent_name?: Maybe<string>
  intent_meaningful?: Maybe<boolean>
  participant_id?: Maybe<string>
  ended_at?: Maybe<Date>
  name?: Maybe<string>
  input?: unknown
  output?: unknown
  thought?: Maybe<string>
  error?: Maybe<string>
  duration_ms?: Maybe<number>
  visibility?: Maybe<Visibility>
  payload?: unknown
  redactions?: object
}

/** A row of `conversations` before it is counted; names are the columns'. */
export interface NewConversationRow {
  id: string
  external_id: Maybe<string>
  status: ConversationStatus
  channel: Maybe<Channel>
  direction: Maybe<Direction>
  campaign: Maybe<string>
  is_test: boolean
  end_user_id: Maybe<string>
  company_name: Maybe<string>
  model: Maybe<string>
  labels: string[]
  description: Maybe<string>
  feedback: Maybe<string>
  metadata: Record<string, unknown>
  outcome: Maybe<Outcome>
  resolution: Maybe<Resolution>
  /** As the caller said; the trigger `derive_times` makes `started_at` and `ended_at` of these and of what is known. */
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
  recording_duration_seconds: Maybe<number>
  analysis: unknown
  llm_stats: unknown
}

/** What a conversation's columns count of its messages. */
export interface MessageTotals {
  message_count: number
  system_message_count: number
  user_message_count: number
  assistant_message_count: number
  human_agent_message_count: number
  tool_call_count: number
  tool_error_count: number
  public_event_count: number
  internal_event_count: number
  not_understood_count: number
  token_count: number
  cost: Prisma.Decimal
  priced_message_count: number
  rating_count: number
  rating_sum: number
  sentiment_count: number
  sentiment_sum: number
  latency_count: number
  latency_sum_ms: number
  last_message_at: Date | null
}

/** The rules by which this code derives columns of conversations. Rows of an earlier version are brought up to date. */
export const RULES_VERSION = 1

export function totalsOf(messages: readonly NewMessageRow[]): MessageTotals {
  const count = (fits: (message: NewMessageRow) => boolean) => messages.filter(fits).length
  const sum = (part: (message: NewMessageRow) => Maybe<number>, of = messages) =>
    of.reduce((all, message) => all + (part(message) ?? 0), 0)
  const answers = messages.filter((message) => message.role === 'ASSISTANT')
  const questions = messages.filter((message) => message.role === 'USER')
  return {
    message_count: messages.length,
    system_message_count: count((message) => message.role === 'SYSTEM'),
    user_message_count: count((message) => message.role === 'USER'),
    assistant_message_count: count((message) => message.role === 'ASSISTANT'),
    human_agent_message_count: count((message) => message.role === 'HUMAN_AGENT'),
    tool_call_count: count((message) => message.kind === 'TOOL'),
    tool_error_count: count((message) => message.kind === 'TOOL' && message.error != null),
    public_event_count: count((message) => message.visibility === 'PUBLIC'),
    internal_event_count: count((message) => message.visibility === 'INTERNAL'),
    not_understood_count: questions.filter((message) => message.understood === false).length,
    token_count: sum((message) => message.token_count),
    cost: exactSum(messages.flatMap((message) => message.cost ?? [])),
    priced_message_count: count((message) => message.cost != null),
    rating_count: answers.filter((message) => message.rating != null).length,
    rating_sum: sum((message) => message.rating, answers),
    sentiment_count: questions.filter((message) => message.sentiment != null).length,
    // Each as the column keeps it: a sum is then the same however its messages came in.
    sentiment_sum: sum((message) => rounded(message.sentiment, 9), questions),
    latency_count: answers.filter((message) => message.latency_ms != null).length,
    latency_sum_ms: sum((message) => rounded(message.latency_ms, 3), answers),
    last_message_at: latest(messages.map((message) => message.timestamp)),
  }
}

/** With room for all digits that a sum of doubles can have. */
const Decimal = Prisma.Decimal.clone({ precision: 400 })
const ZERO = new Decimal(0)

/** Of the decimals that doubles are written as: 0.1 and 0.2 are 0.3. (A double itself would be 0.30000000000000004.) */
const exactSum = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum.plus(number), ZERO)

const rounded = (value: Maybe<number>, digits: number) => (value == null ? value : Number(value.toFixed(digits)))

export const earliest = (times: readonly Date[]) => extreme(times, (a, b) => a < b)
export const latest = (times: readonly Date[]) => extreme(times, (a, b) => a > b)

const extreme = (times: readonly Date[], better: (a: Date, b: Date) => boolean) =>
  times.reduce<Date | null>((best, time) => (best === null || better(time, best) ? time : best), null)

const { sql, raw } = Prisma

export const MESSAGE_COLUMNS = `id, kind, "timestamp", agent_id, metadata, role, content, model, token_count, cost, latency_ms, rating,
  sentiment, language, translation, understood, intent_name, intent_meaningful, participant_id, ended_at, name, input, output,
  thought, error, duration_ms, visibility, payload, derived, redactions, search_words, search_parts, search_version`

/** A conversation with all that belongs to it; `agentIds`: UUIDs, in order. */
export interface NewConversation {
  row: NewConversationRow
  messages: readonly NewMessageRow[]
  agentIds: readonly string[]
}

/**
 * Stores conversations, one or more, in one statement and in the order given, but those whose external id exists; answers the
 * UUIDs of those it stored. Whoever stores several gives them in the order of their external ids, so that two never wait for
 * each other in a circle.
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
  /** Rows of what belongs to conversations, each with the id of its own. */
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

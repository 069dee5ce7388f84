import { type NamedAgent, parseAgents } from '../agents/agent-directory.ts'
import type { ConversationStatus } from '../database/generated/client/enums.ts'
import { badInput, type InputPath } from '../errors.ts'
import { checkName, checkTime, unlessBlank } from '../input/check-input.ts'
import type { Reference } from '../input/exactly-one.ts'
import { newUuid } from '../input/ids.ts'
import { earliest, type NewMessageRow, type UntimedRow } from '../messages/message-row.ts'
import { type MessageInput, parseMessages, type ReadMessages } from '../messages/parse-messages.ts'
import { type ConversationFields, checkFields, checkMetadata, reservedFields } from './conversation-fields.ts'
import { isFinal } from './conversation-reference.ts'
import type { NewConversationRow } from './insert-conversations.sql.ts'
import { isLive, timeEntries } from './known-times.ts'
import { parseTranscript } from './parse-transcript.ts'
import { toPlainColumns } from './plain-fields.ts'

type Maybe<Value> = Value | null | undefined

export interface LogConversationInput extends ConversationFields {
  idempotencyKey?: Maybe<string>
  externalId?: Maybe<string>
  onConflict: 'ERROR' | 'RETURN_EXISTING' | 'APPEND'
  /** Absent: COMPLETED if it is new, no change if it is appended to. */
  status?: Maybe<ConversationStatus>
  messages?: Maybe<MessageInput[]>
  transcript?: Maybe<string>
  agents?: Maybe<Reference[]>
  metadata?: Maybe<Record<string, unknown>>
  startedAt?: Maybe<Date>
  endedAt?: Maybe<Date>
}

/** A checked conversation as rows. Nothing was looked up. */
export interface ReadConversation {
  row: NewConversationRow
  /** Its entries with their times, if the conversation is new. */
  timed: NewMessageRow[]
  /** The entries as given. */
  messages: ReadMessages
  agents: NamedAgent[]
}

export function parseConversation(input: LogConversationInput, now: Date, path: InputPath): ReadConversation {
  const given = input.transcript == null ? 'messages' : 'transcript'
  const messages = parseMessages(messagesOf(input, path), now, [...path, given])
  return {
    ...toRow(input, messages.rows, now, path),
    messages,
    agents: parseAgents(input.agents ?? [], messages, path),
  }
}

function messagesOf(input: LogConversationInput, path: InputPath): MessageInput[] {
  if (input.messages && input.transcript != null)
    throw badInput([...path, 'transcript'], "can't be given together with messages.")
  if (input.transcript != null) return parseTranscript(input.transcript, [...path, 'transcript'])
  if (!input.messages) throw badInput([...path, 'messages'], 'either messages or transcript must be given.')
  if (input.messages.length === 0 && statusOf(input) === 'COMPLETED') {
    throw badInput([...path, 'messages'], 'must have at least one entry if the conversation is COMPLETED.')
  }
  return input.messages
}

function toRow(
  input: LogConversationInput,
  messages: readonly UntimedRow[],
  now: Date,
  path: InputPath,
): Pick<ReadConversation, 'row' | 'timed'> {
  if (input.externalId != null) checkName(input.externalId, [...path, 'externalId'])
  checkFields(input, path)
  const metadata = input.metadata ?? {}
  checkMetadata(metadata, [...path, 'metadata'])
  checkTime(input.startedAt, now, [...path, 'startedAt'])
  checkTime(input.endedAt, now, [...path, 'endedAt'])
  const status = statusOf(input)
  if (input.endedAt && !isFinal(status)) {
    throw badInput([...path, 'endedAt'], `can't be given with the status ${status}.`)
  }
  const { startedAt: givenStartedAt = null, endedAt: givenEndedAt = null } = input
  const live = isLive({ status, startedAt: givenStartedAt, arrival: now }, messages)
  const { rows: timed, known } = timeEntries(messages, {
    ...{ isLive: live, arrival: now, before: null, startedAt: givenStartedAt },
  })
  // A live conversation takes place when it arrives.
  const firstKnownAt = earliest([known.first, live ? now : null])
  const row: NewConversationRow = {
    id: newUuid(),
    external_id: input.externalId,
    status,
    ...toPlainColumns({ ...input, ...reservedFields(input, metadata, [...path, 'metadata']) }),
    is_test: input.isTest ?? false,
    labels: [...new Set(input.labels ?? [])],
    metadata,
    given_started_at: givenStartedAt,
    given_ended_at: givenEndedAt,
    given_language: unlessBlank(input.language),
    first_known_at: firstKnownAt,
    last_known_at: known.last,
    last_entry_at: timed.at(-1)?.timestamp ?? null,
    is_live: live,
    created_at: now,
    recording_url: input.recording?.url,
    recording_content_type: input.recording?.contentType,
    recording_duration_ms: input.recording?.durationMs,
    given_cost: input.costUsd,
    analysis: input.analysis,
    is_llm_conversation: input.isLlmConversation,
    llm_stats: input.llmStats,
  }
  return { row, timed }
}

const statusOf = (input: LogConversationInput): ConversationStatus => input.status ?? 'COMPLETED'

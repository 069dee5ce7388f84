import type { ConversationStatus } from '../database/generated/client/enums.ts'
import { earliest, latest, type NewConversationRow, type NewMessageRow } from '../database/write-conversations.ts'
import { badInput, type InputPath } from '../errors.ts'
import { type AgentReference, type NamedAgent, readAgents } from './agents.ts'
import { checkTime } from './check-input.ts'
import { type ConversationFields, checkFields, checkMetadata, reservedFields } from './conversation-fields.ts'
import { isFinal } from './conversations.ts'
import { newUuid } from './ids.ts'
import { checkName, type MessageInput, type ReadMessages, readMessages } from './message-rows.ts'
import { readTranscript } from './transcript.ts'

type Maybe<Value> = Value | null | undefined

export interface LogConversationInput extends ConversationFields {
  idempotencyKey?: Maybe<string>
  externalId?: Maybe<string>
  onConflict: 'ERROR' | 'RETURN_EXISTING' | 'APPEND'
  /** Absent: COMPLETED where it is new, no change where it is appended to. */
  status?: Maybe<ConversationStatus>
  messages?: Maybe<MessageInput[]>
  transcript?: Maybe<string>
  agents?: Maybe<AgentReference[]>
  metadata?: Maybe<Record<string, unknown>>
  startedAt?: Maybe<Date>
  endedAt?: Maybe<Date>
}

/** A conversation as rows, checked; nothing was looked up. */
export interface ReadConversation {
  row: NewConversationRow
  messages: ReadMessages
  agents: NamedAgent[]
}

export function readConversation(input: LogConversationInput, now: Date, path: InputPath): ReadConversation {
  const given = input.transcript == null ? 'messages' : 'transcript'
  const messages = readMessages(messagesOf(input, path), { now, defaultTime: input.startedAt ?? now }, [...path, given])
  const row = toRow(input, messages.rows, now, path)
  return { row, messages, agents: readAgents(input.agents ?? [], messages, path) }
}

function messagesOf(input: LogConversationInput, path: InputPath): MessageInput[] {
  if (input.messages && input.transcript != null)
    throw badInput([...path, 'transcript'], "can't be given together with messages.")
  if (input.transcript != null) return readTranscript(input.transcript, [...path, 'transcript'])
  if (!input.messages) throw badInput([...path, 'messages'], 'or transcript must be given.')
  if (input.messages.length === 0 && statusOf(input) === 'COMPLETED') {
    throw badInput([...path, 'messages'], 'must have at least one entry where the conversation is COMPLETED.')
  }
  return input.messages
}

function toRow(input: LogConversationInput, messages: NewMessageRow[], now: Date, path: InputPath): NewConversationRow {
  if (input.externalId != null) checkName(input.externalId, [...path, 'externalId'])
  checkFields(input, path)
  const metadata = input.metadata ?? {}
  checkMetadata(metadata, [...path, 'metadata'])
  checkTime(input.startedAt, now, [...path, 'startedAt'])
  checkTime(input.endedAt, now, [...path, 'endedAt'])
  const times = messages.map((message) => message.timestamp)
  const startedAt = input.startedAt ?? earliest(times) ?? now
  const status = statusOf(input)
  if (input.endedAt && !isFinal(status)) {
    throw badInput([...path, 'endedAt'], `can't be given with the status ${status}.`)
  }
  if (input.endedAt && input.endedAt < startedAt) throw badInput([...path, 'endedAt'], 'is before the start.')
  const endedAt = isFinal(status) ? (input.endedAt ?? latest([startedAt, latest(times) ?? now])) : null
  const { endUserId, model } = reservedFields(input, metadata, [...path, 'metadata'])
  return {
    id: newUuid(),
    external_id: input.externalId,
    status,
    channel: input.channel,
    direction: input.direction,
    campaign: input.campaign,
    is_test: input.isTest ?? false,
    end_user_id: endUserId,
    company_name: input.companyName,
    language: input.language,
    model,
    labels: [...new Set(input.labels ?? [])],
    description: input.description,
    feedback: input.feedback,
    metadata,
    outcome: input.outcome,
    resolution: input.resolution,
    started_at: startedAt,
    ended_at: endedAt,
    recording_url: input.recording?.url,
    recording_content_type: input.recording?.contentType,
    recording_duration_seconds: input.recording?.durationSeconds,
    analysis: input.analysis,
    llm_stats: input.llmStats,
  }
}

const statusOf = (input: LogConversationInput): ConversationStatus => input.status ?? 'COMPLETED'

import type { ConversationStatus } from '../database/generated/client/enums.ts'
import type { Client } from '../database/tenant-scope.ts'
import { readWriteBasis } from '../database/write-basis.ts'
import {
  earliest,
  insertConversation,
  latest,
  type NewConversationRow,
  type NewMessageRow,
} from '../database/write-conversations.ts'
import { badInput, type InputPath, ParleyError } from '../errors.ts'
import { type AgentReference, assignAgents } from './agents.ts'
import { appendRows } from './append-rows.ts'
import { checkTime } from './check-input.ts'
import { type ConversationFields, checkFields, checkMetadata, reservedFields } from './conversation-fields.ts'
import { isFinal } from './conversations.ts'
import { prepareMessages } from './derivation/derive-messages.ts'
import { newUuid } from './ids.ts'
import { checkName, type MessageInput, readMessages } from './message-rows.ts'
import { redactConversation } from './redaction/redact-conversation.ts'
import { readTranscript } from './transcript.ts'

type Maybe<Value> = Value | null | undefined

export interface LogConversationInput extends ConversationFields {
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

export interface LoggedConversation {
  /** UUID. */
  conversationId: string
  created: boolean
}

/** Stores a whole conversation, or begins one that grows. */
export async function logConversation(
  db: Client,
  tenantId: string,
  input: LogConversationInput,
  now: Date,
): Promise<LoggedConversation> {
  const path: InputPath = ['input']
  const given = input.transcript == null ? 'messages' : 'transcript'
  const messages = readMessages(messagesOf(input, path), { now, defaultTime: input.startedAt ?? now }, [...path, given])
  const conversation = toRow(input, messages.rows, now, path)
  if (input.onConflict === 'RETURN_EXISTING' && input.externalId != null) {
    // Before the agents, of which unknown ones are registered: where it exists, nothing is stored.
    const { externalId } = input
    const existing = await db.conversation.findFirst({ where: { externalId }, select: { id: true } })
    if (existing) return { conversationId: existing.id, created: false }
  }
  const agentIds = await assignAgents(db, tenantId, input.agents ?? [], messages, path)
  const basis = await readWriteBasis(db, tenantId, { agentIds })
  const kept = basis.settings.redactsPersonalData ? redactConversation(conversation) : conversation
  const rows = await prepareMessages(messages.rows, basis, {
    model: conversation.model,
    language: conversation.language,
    tokenCount: 0,
  })
  const created = await insertConversation(db, tenantId, kept, rows, agentIds)
  if (created) return { conversationId: conversation.id, created: true }

  const existing = await db.conversation.findFirstOrThrow({
    where: { externalId: conversation.external_id ?? '' },
    select: { id: true },
  })
  if (input.onConflict === 'ERROR') {
    throw new ParleyError('EXTERNAL_ID_TAKEN', `input.externalId: a conversation "${input.externalId}" exists.`, {
      inputPath: 'input.externalId',
    })
  }
  if (input.onConflict === 'APPEND') {
    await appendRows(db, tenantId, { id: existing.id }, messages.rows, {
      metadata: input.metadata ?? null,
      status: input.status ?? null,
      endedAt: input.endedAt ?? null,
      expectedSequence: null,
      agentIds,
    })
  }
  return { conversationId: existing.id, created: false }
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
  }
}

const statusOf = (input: LogConversationInput): ConversationStatus => input.status ?? 'COMPLETED'

import type { ConversationStatus } from '../database/generated/client/enums.ts'
import { throughPrisma } from '../database/statements.ts'
import type { Client } from '../database/tenant-scope.ts'
import { badInput, type InputPath } from '../errors.ts'
import { type AgentReference, assignAgents } from './agents.ts'
import { appendRows, sequenceConflict } from './append-rows.ts'
import { checkTime } from './check-input.ts'
import { type ConversationReference, findConversation, isFinal } from './conversations.ts'
import { logConversation } from './log-conversation.ts'
import { type MessageInput, readMessages } from './message-rows.ts'

type Maybe<Value> = Value | null | undefined

export interface AppendMessagesInput extends ConversationReference {
  messages: MessageInput[]
  agents?: Maybe<AgentReference[]>
  status?: Maybe<ConversationStatus>
  metadata?: Maybe<Record<string, unknown>>
  endedAt?: Maybe<Date>
  expectedSequence?: Maybe<number>
  createIfMissing: boolean
}

export interface AppendedMessages {
  conversationId: string
  created: boolean
  /** UUIDs, in order. */
  messageIds: string[]
}

/** Adds messages behind those there are. */
export async function appendMessages(
  db: Client,
  tenantId: string,
  input: AppendMessagesInput,
  now: Date,
): Promise<AppendedMessages> {
  const path: InputPath = ['input']
  if (input.messages.length === 0) throw badInput([...path, 'messages'], 'must have at least one entry.')
  if (input.createIfMissing && input.externalId == null)
    throw badInput([...path, 'createIfMissing'], 'needs externalId.')
  if (input.endedAt && !(input.status && isFinal(input.status)))
    throw badInput([...path, 'endedAt'], 'needs a final status.')
  checkTime(input.endedAt, now, [...path, 'endedAt'])
  const where = findConversation(input, undefined, path)
  if (input.createIfMissing) {
    const created = await createMissing(db, tenantId, input, now)
    if (created) return created
  }
  const messages = readMessages(input.messages, { now, defaultTime: now }, [...path, 'messages'])
  const agentIds = await assignAgents(db, tenantId, input.agents ?? [], messages, path)
  const conversationId = await appendRows(db, tenantId, where, messages.rows, {
    status: input.status ?? null,
    metadata: input.metadata ?? null,
    endedAt: input.endedAt ?? null,
    expectedSequence: input.expectedSequence ?? null,
    agentIds,
  })
  return { conversationId, created: false, messageIds: messages.rows.map((row) => row.id) }
}

/** Begins the conversation with these messages, unless its external id exists. */
async function createMissing(
  db: Client,
  tenantId: string,
  input: AppendMessagesInput,
  now: Date,
): Promise<AppendedMessages | null> {
  const existing = await db.conversation.findFirst({
    where: { externalId: input.externalId ?? '' },
    select: { id: true },
  })
  if (existing) return null
  if (input.expectedSequence) throw sequenceConflict(input.expectedSequence, 0)
  const { externalId, messages, agents, metadata, endedAt } = input
  const status = input.status ?? 'ACTIVE'
  const begun = { externalId, messages, agents, metadata, endedAt, status, onConflict: 'RETURN_EXISTING' } as const
  const logged = await logConversation(throughPrisma(db), tenantId, { input: begun, path: ['input'], now })
  // Somebody else began it in between: then these messages go behind theirs.
  if (!logged.created) return null
  const stored = await db.message.findMany({
    where: { conversationId: logged.conversationId },
    orderBy: { sequence: 'asc' },
    select: { id: true },
  })
  return { ...logged, messageIds: stored.map(({ id }) => id) }
}

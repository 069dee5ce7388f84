import type { MessageKind, MessageRole, Visibility } from '../database/generated/client/enums.ts'
import { badInput, type InputPath, limitExceeded } from '../errors.ts'
import {
  checkCount,
  checkJsonSize,
  checkLanguage,
  checkLength,
  checkName,
  checkTime,
  checkUrl,
  unlessBlank,
} from '../input/check-input.ts'
import { digitsOf } from '../input/exact-number.ts'
import type { Reference } from '../input/exactly-one.ts'
import { newUuid } from '../input/ids.ts'
import { LIMITS } from '../input/limits.ts'
import type { Attachment, NewMessageRow, Reply, UntimedRow } from './message-row.ts'

type Maybe<Value> = Value | null | undefined

interface EntryInput {
  externalId?: Maybe<string>
  timestamp?: Maybe<Date>
  metadata?: Maybe<Record<string, unknown>>
  agent?: Maybe<Reference>
}

/** What may be found out about a chat message only after it took place. */
export interface ChatFindings {
  rating?: Maybe<number>
  sentiment?: Maybe<number>
  language?: Maybe<string>
  translation?: Maybe<string>
  understood?: Maybe<boolean>
  intent?: Maybe<{ name: string; meaningful: boolean; externalId?: Maybe<string> }>
  reply?: Maybe<Reply>
}

export interface ChatMessageInput extends EntryInput, ChatFindings {
  role: MessageRole
  content: string
  model?: Maybe<string>
  tokenCount?: Maybe<number>
  costUsd?: Maybe<number>
  latencyMs?: Maybe<number>
  participantId?: Maybe<string>
  authorName?: Maybe<string>
  attachments?: Maybe<Attachment[]>
  endedAt?: Maybe<Date>
}

export interface ToolCallInput extends EntryInput {
  name: string
  input?: unknown
  output?: unknown
  thought?: Maybe<string>
  error?: Maybe<string>
  durationMs?: Maybe<number>
  costUsd?: Maybe<number>
}

export interface ConversationEventInput extends EntryInput {
  name: string
  visibility: Visibility
  payload?: unknown
}

/** One entry of a transcript, of one of three kinds. */
export interface MessageInput {
  chat?: Maybe<ChatMessageInput>
  tool?: Maybe<ToolCallInput>
  event?: Maybe<ConversationEventInput>
}

/** Checked entries as rows. */
export interface ReadMessages {
  rows: UntimedRow[]
  /** The paths of entries in the input, by their UUIDs. */
  paths: ReadonlyMap<string, InputPath>
  /** The agents that entries name, each with the UUID of its entry. */
  agents: { messageId: string; reference: Reference; path: InputPath }[]
  /** How many entries were left out: their external id is that of another entry, which was there first. */
  duplicateCount: number
}

export const NO_MESSAGES: ReadMessages = { rows: [], paths: new Map(), agents: [], duplicateCount: 0 }

export function parseMessages(inputs: readonly MessageInput[], now: Date, path: InputPath): ReadMessages {
  checkCount(inputs, LIMITS.messagesPerCall, path)
  const agents: ReadMessages['agents'] = []
  const paths = new Map<string, InputPath>()
  const all = inputs.map((input, index) => {
    const [name, entry] = entryOf(input)
    const entryPath = [...path, index, name]
    const row = parseMessage(input, entry, now, entryPath)
    paths.set(row.id, entryPath)
    if (entry.agent) agents.push({ messageId: row.id, reference: entry.agent, path: [...entryPath, 'agent'] })
    return row
  })
  const messages = withoutKnown({ rows: all, paths, agents, duplicateCount: 0 })
  checkSum(sumOf(messages.rows, 'token_count'), 'token count', LIMITS.tokensOfConversation, path)
  checkSum(sumOf(messages.rows, 'cost'), 'cost', LIMITS.costOfConversation, path)
  return messages
}

/** Leaves out entries whose external id is known or that of an entry before them. */
export function withoutKnown(messages: ReadMessages, known: ReadonlySet<string> = new Set()): ReadMessages {
  if (messages.rows.every((row) => row.external_id == null)) return messages
  const seen = new Set(known)
  const rows = messages.rows.filter(({ external_id: id }) => {
    if (id == null) return true
    const isNew = !seen.has(id)
    seen.add(id)
    return isNew
  })
  const kept = new Set(rows.map(({ id }) => id))
  return {
    rows,
    paths: messages.paths,
    agents: messages.agents.filter(({ messageId }) => kept.has(messageId)),
    duplicateCount: messages.duplicateCount + messages.rows.length - rows.length,
  }
}

/** Rounded like any sum of doubles: only for comparison with a limit. */
export const sumOf = (rows: readonly UntimedRow[], name: 'token_count' | 'cost') =>
  rows.reduce((sum, row) => sum + (row[name] ?? 0), 0)

/** Refuses a sum that exceeds what a conversation may have. */
export function checkSum(sum: number, what: string, limit: number, path: InputPath) {
  if (sum > limit) throw limitExceeded(path, `bring the total ${what} to ${sum}; the maximum is ${limit}.`, limit)
}

function entryOf(input: MessageInput): [name: 'chat' | 'tool' | 'event', entry: EntryInput] {
  if (input.chat) return ['chat', input.chat]
  if (input.tool) return ['tool', input.tool]
  if (input.event) return ['event', input.event]
  // GraphQL ensures that a @oneOf input has exactly one field.
  throw new Error('a message that is neither a chat message nor a tool call nor an event')
}

function parseMessage(input: MessageInput, entry: EntryInput, now: Date, path: InputPath): UntimedRow {
  if (entry.externalId != null) checkName(entry.externalId, [...path, 'externalId'])
  checkTime(entry.timestamp, now, [...path, 'timestamp'])
  checkJsonSize(entry.metadata, LIMITS.json, [...path, 'metadata'])
  const common = {
    id: newUuid(),
    external_id: entry.externalId,
    timestamp: entry.timestamp ?? null,
    metadata: entry.metadata ?? {},
    derived: [],
  }
  if (input.chat) return { ...common, kind: 'CHAT' satisfies MessageKind, ...parseChat(input.chat, now, path) }
  if (input.tool) return { ...common, kind: 'TOOL' satisfies MessageKind, ...parseTool(input.tool, path) }
  return { ...common, kind: 'EVENT' satisfies MessageKind, ...parseEvent(input.event as ConversationEventInput, path) }
}

function parseChat(chat: ChatMessageInput, now: Date, path: InputPath): Partial<NewMessageRow> {
  checkLength(chat.content, LIMITS.content, [...path, 'content'])
  for (const name of ['model', 'participantId', 'authorName'] as const)
    checkLength(chat[name], LIMITS.name, [...path, name])
  checkFindings(chat, path)
  for (const name of ['tokenCount', 'costUsd', 'latencyMs'] as const) checkNotNegative(chat[name], [...path, name])
  checkCost(chat.costUsd, [...path, 'costUsd'])
  checkAttachments(chat.attachments ?? [], [...path, 'attachments'])
  checkTime(chat.endedAt, now, [...path, 'endedAt'])
  if (chat.endedAt && chat.timestamp && chat.endedAt < chat.timestamp)
    throw badInput([...path, 'endedAt'], 'is before the timestamp.')
  return {
    role: chat.role,
    content: chat.content,
    model: chat.model,
    token_count: chat.tokenCount,
    cost: chat.costUsd,
    latency_ms: chat.latencyMs,
    rating: chat.rating,
    sentiment: chat.sentiment,
    language: unlessBlank(chat.language),
    translation: chat.translation,
    understood: chat.understood,
    intent_name: chat.intent?.name,
    intent_meaningful: chat.intent?.meaningful,
    intent_external_id: unlessBlank(chat.intent?.externalId),
    reply: chat.reply,
    participant_id: chat.participantId,
    ended_at: chat.endedAt,
    attachments: chat.attachments?.length ? chat.attachments : null,
    name: unlessBlank(chat.authorName),
  }
}

function checkAttachments(attachments: readonly Attachment[], path: InputPath) {
  checkCount(attachments, LIMITS.attachments, path)
  for (const [index, { url, name, mediaType }] of attachments.entries()) {
    checkUrl(url, ['https'], [...path, index, 'url'])
    checkLength(name, LIMITS.name, [...path, index, 'name'])
    checkLength(mediaType, LIMITS.name, [...path, index, 'mediaType'])
  }
}

function parseTool(tool: ToolCallInput, path: InputPath): Partial<NewMessageRow> {
  checkName(tool.name, [...path, 'name'])
  checkJsonSize(tool.input, LIMITS.json, [...path, 'input'])
  checkJsonSize(tool.output, LIMITS.json, [...path, 'output'])
  checkLength(tool.thought, LIMITS.content, [...path, 'thought'])
  checkLength(tool.error, LIMITS.content, [...path, 'error'])
  for (const name of ['durationMs', 'costUsd'] as const) checkNotNegative(tool[name], [...path, name])
  checkCost(tool.costUsd, [...path, 'costUsd'])
  return {
    name: tool.name,
    input: tool.input,
    output: tool.output,
    thought: tool.thought,
    // Some frameworks send an empty string if nothing failed.
    error: unlessBlank(tool.error),
    duration_ms: tool.durationMs,
    cost: tool.costUsd,
  }
}

function parseEvent(event: ConversationEventInput, path: InputPath): Partial<NewMessageRow> {
  checkName(event.name, [...path, 'name'])
  checkJsonSize(event.payload, LIMITS.json, [...path, 'payload'])
  return { name: event.name, visibility: event.visibility, payload: event.payload }
}

export function checkFindings(findings: ChatFindings, path: InputPath) {
  const { rating, sentiment, language, translation, intent, reply } = findings
  if (rating != null && ![-1, 0, 1].includes(rating)) throw badInput([...path, 'rating'], 'must be -1, 0 or 1.')
  checkBetween(sentiment, -1, 1, [...path, 'sentiment'])
  checkLanguage(language, [...path, 'language'])
  checkLength(translation, LIMITS.content, [...path, 'translation'])
  if (intent) checkName(intent.name, [...path, 'intent', 'name'])
  checkLength(intent?.externalId, LIMITS.name, [...path, 'intent', 'externalId'])
  if (reply) checkName(reply.name, [...path, 'reply', 'name'])
  for (const name of ['externalId', 'type'] as const) checkLength(reply?.[name], LIMITS.name, [...path, 'reply', name])
}

const COST_DECIMALS = 12

/** A small cost may have more decimal places, if it has no more significant digits than that. */
export function checkCost(cost: Maybe<number>, path: InputPath) {
  checkBetween(cost, 0, LIMITS.costOfConversation, path)
  const written = digitsOf(String(cost))
  if (written && written.exponent < -COST_DECIMALS && written.digits.length > COST_DECIMALS) {
    throw badInput(path, `must have at most ${COST_DECIMALS} decimal places or ${COST_DECIMALS} significant digits.`)
  }
}

function checkBetween(value: Maybe<number>, min: number, max: number, path: InputPath) {
  if (value != null && (value < min || value > max)) throw badInput(path, `must be between ${min} and ${max}.`)
}

function checkNotNegative(value: Maybe<number>, path: InputPath) {
  if (value != null && value < 0) throw badInput(path, 'must not be negative.')
}

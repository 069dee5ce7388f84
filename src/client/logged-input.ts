import type {
  AgentReference,
  AppendMessagesInput,
  ChatMessageInput,
  CompleteConversationInput,
  ConversationBy,
  ConversationEventInput,
  LogConversationInput,
  MessageBy,
  MessageInput,
  MessageUpdate,
  ToolCallInput,
  UpdateMessagesInput,
} from './generated/schema-types.ts'
import { roleOf, statusOf } from './vocabulary.ts'

/** An agent by reference, or by name: an agent with this name as its external id is created if there is none. */
type NamedAgent = AgentReference | string

type Loose<Input> = Omit<Input, 'agent' | 'role'> & { agent?: NamedAgent | null }

/** A chat message. Its role may be a word of another product, such as `bot` or `visitor`. */
export type LoggedChat = Loose<ChatMessageInput> & { role: string }
export type LoggedToolCall = Loose<ToolCallInput>
export type LoggedEvent = Loose<ConversationEventInput>

/** An entry of a transcript: a chat message as it is, or one of the forms of `MessageInput`. */
export type LoggedMessage =
  | LoggedChat
  | { chat: LoggedChat }
  | { tool: LoggedToolCall }
  | { event: LoggedEvent }
  | MessageInput

interface Status {
  /** A status of Parley's, or a word of another product, such as `in_progress`. */
  status?: string | null
}

export interface LoggedConversation
  extends Status,
    Omit<Partial<LogConversationInput>, 'messages' | 'status' | 'agents' | 'idempotencyKey'> {
  messages?: readonly LoggedMessage[] | null
  /** One agent that took part. */
  agent?: NamedAgent | null
  /** The agents that took part. */
  agents?: readonly NamedAgent[] | null
}

export interface AppendOptions
  extends Status,
    Omit<Partial<AppendMessagesInput>, 'by' | 'messages' | 'status' | 'agents' | 'idempotencyKey'> {
  agents?: readonly NamedAgent[] | null
}

export interface CompleteOptions
  extends Status,
    Omit<Partial<CompleteConversationInput>, 'by' | 'status' | 'idempotencyKey'> {}

/** What became known of a message. A text names the message by its external id. */
export type LoggedUpdate = Omit<MessageUpdate, 'by'> & { by: MessageBy | string }
export type Reference = ConversationBy | string

/** A text names a conversation or a message by its external id. */
export const referenceOf = (reference: Reference): ConversationBy =>
  typeof reference === 'string' ? { externalId: reference } : reference

export function prepareConversation(conversation: LoggedConversation, now: Date): LogConversationInput {
  const { agent, agents, messages, status, ...others } = conversation
  checkDates(others)
  const isFinal = status == null || !OPEN.has(statusOf(status))
  const entries = messages == null ? messages : prepareMessages(messages, isFinal ? null : now)
  const isTimed =
    others.startedAt != null ||
    others.endedAt != null ||
    (entries ?? []).some((entry) => timesOf(entry).some((time) => time))
  const all = [...(agent == null ? [] : [agent]), ...(agents ?? [])]
  const input = {
    ...others,
    // Otherwise what is sent later than it was logged would begin later.
    ...(isTimed ? {} : { startedAt: now }),
    ...(entries && { messages: entries }),
    ...(status != null && { status: statusOf(status) }),
    ...(all.length > 0 && { agents: all.map(agentOf) }),
  }
  return input as LogConversationInput
}

export function prepareAppend(
  reference: Reference,
  messages: readonly LoggedMessage[],
  { status, agents, ...others }: AppendOptions,
  now: Date,
): AppendMessagesInput {
  const input = {
    by: referenceOf(reference),
    createIfMissing: 'externalId' in referenceOf(reference),
    messages: prepareMessages(messages, now),
    ...checkDates(others),
    ...(status != null && { status: statusOf(status) }),
    ...(agents && { agents: agents.map(agentOf) }),
  }
  return input as AppendMessagesInput
}

export function prepareCompletion(
  reference: Reference,
  { status, endedAt, ...others }: CompleteOptions,
  now: Date,
): CompleteConversationInput {
  const input = {
    by: referenceOf(reference),
    ...others,
    ...(status != null && { status: statusOf(status) }),
    ...checkDates({ endedAt: endedAt ?? now }),
  }
  return input as CompleteConversationInput
}

export function prepareUpdate(reference: Reference, updates: readonly LoggedUpdate[]): UpdateMessagesInput {
  const messages = updates.map(({ by, ...others }) => ({
    by: typeof by === 'string' ? { externalId: by } : by,
    ...others,
  }))
  return { by: referenceOf(reference), messages }
}

const OPEN: ReadonlySet<string> = new Set(['QUEUED', 'RINGING', 'ACTIVE'])

const agentOf = (agent: NamedAgent): AgentReference => (typeof agent === 'string' ? { externalId: agent } : agent)

/** JSON would make null of a date that is none, and so leave it out. */
function checkDates<Fields extends object>(fields: Fields): Fields {
  for (const [name, value] of Object.entries(fields)) {
    if (value instanceof Date && Number.isNaN(value.getTime())) throw new TypeError(`${name} is an invalid date`)
  }
  return fields
}

function prepareMessages(messages: readonly LoggedMessage[], now: Date | null): MessageInput[] {
  if (!Array.isArray(messages)) throw new TypeError('messages must be a list')
  return (messages as readonly LoggedMessage[]).map((message, index) => {
    if (typeof message !== 'object' || message === null) throw new TypeError(`messages[${index}] must be an object`)
    return prepareMessage(message, now)
  })
}

/** The entry as Parley's input, with a time if it is logged as it happens. */
function prepareMessage(message: LoggedMessage, now: Date | null): MessageInput {
  const prepare = <Input extends object>(entry: Input) => {
    const { agent, ...others } = entry as Input & { agent?: NamedAgent | null; timestamp?: unknown }
    return {
      ...checkDates(others),
      ...(others.timestamp == null && now && { timestamp: now }),
      ...(agent != null && { agent: agentOf(agent) }),
    }
  }
  const form = message as { chat?: LoggedChat | null; tool?: LoggedToolCall | null; event?: LoggedEvent | null }
  if (form.tool) return { tool: prepare(form.tool) } as MessageInput
  if (form.event) return { event: prepare(form.event) } as MessageInput
  const chat = form.chat ?? (message as LoggedChat)
  return { chat: { ...prepare(chat), role: roleOf(chat.role) } } as MessageInput
}

function timesOf(message: MessageInput): unknown[] {
  const { timestamp, endedAt } = (message.chat ?? message.tool ?? message.event) as {
    timestamp?: unknown
    endedAt?: unknown
  }
  return [timestamp, endedAt]
}

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

// What follows runs at every call, in the midst of its host's work. So an object is copied once, and what JSON is to leave
// out becomes undefined: V8 is slow to make the rest of an object, and to merge several.

export function prepareConversation(conversation: LoggedConversation, now: string): LogConversationInput {
  const input: Prepared = { ...conversation }
  writeDates(input)
  const { agent, agents, messages, status } = input
  const known = status == null ? undefined : statusOf(status)
  if (status !== undefined) input.status = known
  let isTimed = input.startedAt != null || input.endedAt != null
  if (messages !== undefined) {
    const isFinal = known === undefined || !OPEN.has(known)
    const entries = messages === null ? undefined : prepareMessages(messages, isFinal ? null : now)
    isTimed ||= entries?.some(isTimedEntry) ?? false
    input.messages = entries
  }
  // Otherwise what is sent later than it was logged would begin later.
  if (!isTimed) input.startedAt = now
  if (agent !== undefined || agents !== undefined) {
    const all = [...(agent == null ? [] : [agent]), ...(agents ?? [])]
    input.agent = undefined
    input.agents = all.length > 0 ? all.map(agentOf) : undefined
  }
  return input as LogConversationInput
}

export function prepareAppend(
  reference: Reference,
  messages: readonly LoggedMessage[],
  options: AppendOptions,
  now: string,
): AppendMessagesInput {
  const by = referenceOf(reference)
  const input: Prepared = { by, createIfMissing: 'externalId' in by, ...options }
  writeDates(input)
  const { agents, status } = input
  if (status !== undefined) input.status = status === null ? undefined : statusOf(status)
  if (agents !== undefined) input.agents = agents?.map(agentOf)
  input.messages = prepareMessages(messages, now)
  return input as AppendMessagesInput
}

export function prepareCompletion(
  reference: Reference,
  { status, endedAt, ...others }: CompleteOptions,
  now: string,
): CompleteConversationInput {
  const input = {
    by: referenceOf(reference),
    ...others,
    ...(status != null && { status: statusOf(status) }),
    ...writeDates({ endedAt: endedAt ?? now }),
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

/** What is changed in the copy of what the caller gave. */
interface Prepared {
  by?: ConversationBy
  createIfMissing?: boolean | undefined
  agent?: NamedAgent | null | undefined
  agents?: readonly NamedAgent[] | null | undefined
  messages?: readonly LoggedMessage[] | null | undefined
  role?: string
  status?: string | null | undefined
  startedAt?: unknown
  endedAt?: unknown
  timestamp?: unknown
}

const OPEN: ReadonlySet<string> = new Set(['QUEUED', 'RINGING', 'ACTIVE'])

const agentOf = (agent: NamedAgent): AgentReference => (typeof agent === 'string' ? { externalId: agent } : agent)

/** Dates as text. JSON would make null of one that is none, and so leave it out; and it takes longer to write them. */
function writeDates<Fields extends object>(fields: Fields): Fields {
  for (const name of Object.keys(fields) as (keyof Fields & string)[]) {
    const value: unknown = fields[name]
    if (typeof value !== 'object' || !(value instanceof Date)) continue
    if (Number.isNaN(value.getTime())) throw new TypeError(`${name} is an invalid date`)
    Object.assign(fields, { [name]: value.toISOString() })
  }
  return fields
}

function prepareMessages(messages: readonly LoggedMessage[], now: string | null): MessageInput[] {
  if (!Array.isArray(messages)) throw new TypeError('messages must be a list')
  return (messages as readonly LoggedMessage[]).map((message, index) => {
    if (typeof message !== 'object' || message === null) throw new TypeError(`messages[${index}] must be an object`)
    return prepareMessage(message, now)
  })
}

/** The entry as Parley's input, with a time if it is logged as it happens. */
function prepareMessage(message: LoggedMessage, now: string | null): MessageInput {
  const form = message as { chat?: LoggedChat | null; tool?: LoggedToolCall | null; event?: LoggedEvent | null }
  if (form.tool) return { tool: prepareEntry(form.tool, now) } as MessageInput
  if (form.event) return { event: prepareEntry(form.event, now) } as MessageInput
  const chat = prepareEntry(form.chat ?? (message as LoggedChat), now)
  chat.role = roleOf(chat.role)
  return { chat } as MessageInput
}

function prepareEntry(entry: object, now: string | null): Prepared {
  const prepared: Prepared = { ...entry }
  writeDates(prepared)
  const { agent, timestamp } = prepared
  if (now && timestamp == null) prepared.timestamp = now
  if (agent !== undefined) prepared.agent = agent === null ? undefined : agentOf(agent)
  return prepared
}

function isTimedEntry({ chat, tool, event }: MessageInput): boolean {
  const { timestamp, endedAt } = (chat ?? tool ?? event) as Prepared
  return Boolean(timestamp || endedAt)
}

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

/** What is sent, with the names of the agents that must exist before. */
export interface Prepared<Input> {
  input: Input
  agentNames: string[]
}

/** A text names a conversation or a message by its external id. */
export const referenceOf = (reference: Reference): ConversationBy =>
  typeof reference === 'string' ? { externalId: reference } : reference

export function prepareConversation(conversation: LoggedConversation, now: Date): Prepared<LogConversationInput> {
  const { agent, agents, messages, status, ...others } = conversation
  const names = new AgentNames()
  const isFinal = status == null || !OPEN.has(statusOf(status))
  const entries = messages?.map((message) => prepareMessage(message, names, isFinal ? null : now))
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
    ...(all.length > 0 && { agents: all.map((one) => names.reference(one)) }),
  }
  return { input: input as LogConversationInput, agentNames: names.all }
}

export function prepareAppend(
  reference: Reference,
  messages: readonly LoggedMessage[],
  { status, agents, ...others }: AppendOptions,
  now: Date,
): Prepared<AppendMessagesInput> {
  const names = new AgentNames()
  const input = {
    by: referenceOf(reference),
    createIfMissing: 'externalId' in referenceOf(reference),
    messages: messages.map((message) => prepareMessage(message, names, now)),
    ...others,
    ...(status != null && { status: statusOf(status) }),
    ...(agents && { agents: agents.map((one) => names.reference(one)) }),
  }
  return { input: input as AppendMessagesInput, agentNames: names.all }
}

export function prepareCompletion(
  reference: Reference,
  { status, endedAt, ...others }: CompleteOptions,
  now: Date,
): Prepared<CompleteConversationInput> {
  const input = {
    by: referenceOf(reference),
    ...others,
    ...(status != null && { status: statusOf(status) }),
    endedAt: endedAt ?? now,
  }
  return { input: input as CompleteConversationInput, agentNames: [] }
}

export function prepareUpdate(reference: Reference, updates: readonly LoggedUpdate[]): Prepared<UpdateMessagesInput> {
  const messages = updates.map(({ by, ...others }) => ({
    by: typeof by === 'string' ? { externalId: by } : by,
    ...others,
  }))
  return { input: { by: referenceOf(reference), messages }, agentNames: [] }
}

const OPEN: ReadonlySet<string> = new Set(['QUEUED', 'RINGING', 'ACTIVE'])

/** The agents that are referred to by name. */
class AgentNames {
  readonly #names = new Set<string>()

  reference(agent: NamedAgent): AgentReference {
    if (typeof agent !== 'string') return agent
    this.#names.add(agent)
    return { externalId: agent }
  }

  get all(): string[] {
    return [...this.#names]
  }
}

/** The entry as Parley's input, with a time if it is logged as it happens. */
function prepareMessage(message: LoggedMessage, names: AgentNames, now: Date | null): MessageInput {
  const prepare = <Input extends object>(entry: Input) => {
    const { agent, ...others } = entry as Input & { agent?: NamedAgent | null; timestamp?: unknown }
    return {
      ...others,
      ...(others.timestamp == null && now && { timestamp: now }),
      ...(agent != null && { agent: names.reference(agent) }),
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

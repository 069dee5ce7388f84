import { builder, type Types } from '../graphql/builder.ts'
import { MessageRole, Visibility } from './message-enums.graphql.ts'

export const AgentReference = builder.inputType('AgentReference', {
  description: 'An agent, by exactly one of its ids.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ required: false, description: '`agent_…` of an agent of the tenant.' }),
    externalId: t.string({
      required: false,
      description: "The caller's own id. Where a write names an unknown one, an agent of that name is registered.",
    }),
  }),
})

const IntentInput = builder.inputType('IntentInput', {
  description: 'What a message was recognised to be about.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'The name of the intent, up to 256 characters.' }),
    meaningful: t.boolean({
      required: true,
      defaultValue: true,
      description: 'False for greetings, thanks and the like.',
    }),
  }),
})

const timestampField = (t: PothosSchemaTypes.InputFieldBuilder<Types, 'InputObject'>) =>
  t.field({
    type: 'DateTime',
    required: false,
    description:
      "When. Default in a conversation that grows while it takes place (created open, by a call that knows of nothing older than an hour): its arrival. Default in another one: the time of the message before it, else of the next one that has a time, else the conversation's start, else its arrival.",
  })

const ChatMessageInput = builder.inputType('ChatMessageInput', {
  description: 'Something said.',
  fields: (t) => ({
    role: t.field({ type: MessageRole, required: true, description: 'Who said it.' }),
    content: t.string({ required: true, description: 'What was said, up to 262,144 characters.' }),
    timestamp: timestampField(t),
    endedAt: t.field({
      type: 'DateTime',
      required: false,
      description: 'When it was said to the end, in speech. Not before `timestamp`.',
    }),
    agent: t.field({ type: AgentReference, required: false, description: 'The agent it came from.' }),
    participantId: t.string({ required: false, description: 'Which speaker, where there are several.' }),
    metadata: t.field({ type: 'JSONObject', required: false, description: 'Anything else, up to 100 KB.' }),
    model: t.string({ required: false, description: 'The language model that wrote it.' }),
    tokenCount: t.int({ required: false, description: 'Its length in tokens.' }),
    cost: t.float({
      required: false,
      description: 'What it cost, US dollars; with up to 12 decimals, or 12 significant digits.',
    }),
    latencyMs: t.float({ required: false, description: 'How long the answer took, milliseconds.' }),
    rating: t.int({ required: false, description: '−1 bad, 0 neutral, 1 good.' }),
    sentiment: t.float({ required: false, description: 'From −1 (negative) to 1 (positive).' }),
    language: t.string({ required: false, description: 'BCP 47 language tag, such as en or pt-BR.' }),
    translation: t.string({ required: false, description: 'The content in another language.' }),
    understood: t.boolean({ required: false, description: 'Whether the agent understood it.' }),
    intent: t.field({ type: IntentInput, required: false, description: 'What it was recognised to be about.' }),
  }),
})

const ToolCallInput = builder.inputType('ToolCallInput', {
  description: 'A tool that an agent called.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Which tool, up to 256 characters.' }),
    input: t.field({ type: 'JSON', required: false, description: 'What it was called with, up to 100 KB.' }),
    output: t.field({ type: 'JSON', required: false, description: 'What it answered, up to 100 KB.' }),
    thought: t.string({ required: false, description: 'Why the agent called it.' }),
    error: t.string({ required: false, description: 'What went wrong. Absent: nothing.' }),
    durationMs: t.float({ required: false, description: 'How long it took, milliseconds.' }),
    timestamp: timestampField(t),
    agent: t.field({ type: AgentReference, required: false, description: 'The agent that called it.' }),
    metadata: t.field({ type: 'JSONObject', required: false, description: 'Anything else, up to 100 KB.' }),
  }),
})

const ConversationEventInput = builder.inputType('ConversationEventInput', {
  description: 'Something that happened.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'What, up to 256 characters.' }),
    visibility: t.field({ type: Visibility, required: true, defaultValue: 'PUBLIC', description: 'Who may see it.' }),
    payload: t.field({ type: 'JSON', required: false, description: 'More about it, up to 100 KB.' }),
    timestamp: timestampField(t),
    agent: t.field({ type: AgentReference, required: false, description: 'The agent it came from.' }),
    metadata: t.field({ type: 'JSONObject', required: false, description: 'Anything else, up to 100 KB.' }),
  }),
})

export const MessageInput = builder.inputType('MessageInput', {
  description: 'One entry of a transcript: exactly one of these.',
  isOneOf: true,
  fields: (t) => ({
    chat: t.field({ type: ChatMessageInput, required: false, description: 'Something said.' }),
    tool: t.field({ type: ToolCallInput, required: false, description: 'A tool that was called.' }),
    event: t.field({ type: ConversationEventInput, required: false, description: 'Something that happened.' }),
  }),
})

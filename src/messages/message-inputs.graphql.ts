import { builder, type InputFields } from '../graphql/builder.ts'
import { MessageBy } from '../graphql/look-ups.ts'
import { MessageRole, Visibility } from './message-enums.graphql.ts'
import { VOICE_EVENTS } from './voice-events.ts'

export const AgentReference = builder.inputType('AgentReference', {
  description: 'An agent, by exactly one of its ids.',
  isOneOf: true,
  fields: (t) => ({
    id: t.id({ required: false, description: 'Id of an existing agent of the tenant, `agent_…`.' }),
    externalId: t.string({
      required: false,
      description: 'External id of an agent. If it is unknown, an agent is created with it as external id and name.',
    }),
  }),
})

const IntentInput = builder.inputType('IntentInput', {
  description: 'The intent that was recognised in a message.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Name of the intent, up to 256 characters.' }),
    meaningful: t.boolean({
      required: true,
      defaultValue: true,
      description: 'False for greetings, thanks and the like, which do not show what a conversation is about.',
    }),
    externalId: t.string({
      required: false,
      description: "External id: the caller's own id for the intent, up to 256 characters.",
    }),
  }),
})

const ReplyInput = builder.inputType('ReplyInput', {
  description: 'The reply of a dialogue that was triggered.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Name of the reply, up to 256 characters.' }),
    externalId: t.string({
      required: false,
      description: "External id: the caller's own id for the reply, up to 256 characters.",
    }),
    type: t.string({ required: false, description: "Type of the reply, in the caller's words, up to 256 characters." }),
  }),
})

const AttachmentInput = builder.inputType('AttachmentInput', {
  description: 'A file that was sent with a message, and is hosted elsewhere.',
  fields: (t) => ({
    url: t.string({
      required: true,
      description:
        'URL of the file, https, up to 10,000 characters. Keep other addresses, such as `data:` and `file:`, in `metadata`.',
    }),
    name: t.string({ required: false, description: 'Name of the file, up to 256 characters.' }),
    mediaType: t.string({ required: false, description: 'Media type, such as image/png, up to 256 characters.' }),
  }),
})

const externalIdField = (t: InputFields) =>
  t.string({
    required: false,
    description:
      "External id: the caller's or a provider's own id for the entry, such as the id of a tool call, unique within the conversation, up to 256 characters. An entry whose id the conversation has already is the same entry: it is left out, and nothing is overwritten.",
  })

/** What may be found out about a chat message only after it took place. */
const findingFields = (t: InputFields, ifAbsent = '', ifUnknown = '') => ({
  rating: t.int({ required: false, description: 'Rating: -1 is bad, 0 neutral, 1 good.' }),
  sentiment: t.float({
    required: false,
    description: `Sentiment from -1 (negative) to 1 (positive).${ifAbsent}`,
  }),
  language: t.string({
    required: false,
    description: `BCP 47 language tag, such as en or pt-BR, up to 256 characters; it is stored as given.${ifAbsent}`,
  }),
  translation: t.string({
    required: false,
    description: 'Translation of the content into another language, up to 262,144 characters.',
  }),
  understood: t.boolean({
    required: false,
    description: `Whether the AI agent understood this user message.${ifUnknown}`,
  }),
  intent: t.field({ type: IntentInput, required: false, description: 'The intent that was recognised in it.' }),
  reply: t.field({
    type: ReplyInput,
    required: false,
    description: 'The reply of the dialogue that it is, if the agent follows dialogues that somebody wrote.',
  }),
})

const timestampField = (t: InputFields) =>
  t.field({
    type: 'DateTime',
    required: false,
    description:
      'When it happened, from 1970 to at most a day ahead. Default in a live conversation (see `Conversation.startedAt`): when it arrives. Default in any other conversation: the time of the entry before it; failing that, of the next entry that has one, then the given start of the conversation, then when it arrives.',
  })

const ChatMessageInput = builder.inputType('ChatMessageInput', {
  description:
    "A chat message. Language, sentiment, tokens and cost that are not given are derived, as far as the tenant's `enrichment` says.",
  fields: (t) => ({
    externalId: externalIdField(t),
    role: t.field({ type: MessageRole, required: true, description: 'Who the message is from.' }),
    authorName: t.string({ required: false, description: 'Name of its author, up to 256 characters.' }),
    content: t.string({ required: true, description: 'Text of the message, up to 262,144 characters.' }),
    timestamp: timestampField(t),
    endedAt: t.field({
      type: 'DateTime',
      required: false,
      description: 'For speech: when the utterance ended. Not before `timestamp`, and at most a day ahead.',
    }),
    attachments: t.field({
      type: [AttachmentInput],
      required: false,
      description: 'Files that were sent with it, up to 20.',
    }),
    agent: t.field({ type: AgentReference, required: false, description: 'The agent it came from.' }),
    participantId: t.string({
      required: false,
      description: 'Id of the speaker, if the conversation has several; up to 256 characters.',
    }),
    metadata: t.field({ type: 'JSONObject', required: false, description: 'Any other data, up to 100 KB.' }),
    model: t.string({
      required: false,
      description:
        'The language model that wrote it, up to 256 characters. Default for deriving the cost: the model of the conversation or agent.',
    }),
    tokenCount: t.int({ required: false, description: 'Length in tokens, not negative. Default: derived.' }),
    costUsd: t.float({
      required: false,
      description:
        'Cost in US dollars, from 0 to 999,999,999, with up to 12 decimal places or 12 significant digits. Default: derived.',
    }),
    latencyMs: t.float({
      required: false,
      description: 'How long the AI agent took to answer, in milliseconds; not negative.',
    }),
    ...findingFields(t, ' Default: derived.', ' Default: unknown, which counts as understood.'),
  }),
})

export const MessageUpdate = builder.inputType('MessageUpdate', {
  description:
    'What was found out about a chat message after it was logged. Absent fields keep their value. Null clears a field; a language or sentiment that is cleared is not derived again.',
  fields: (t) => ({
    by: t.field({ type: MessageBy, required: true, description: 'Which chat message.' }),
    ...findingFields(t),
  }),
})

const ToolCallInput = builder.inputType('ToolCallInput', {
  description: 'A tool call by an agent.',
  fields: (t) => ({
    externalId: externalIdField(t),
    name: t.string({ required: true, description: 'Name of the tool, up to 256 characters.' }),
    input: t.field({ type: 'JSON', required: false, description: 'Input of the call, up to 100 KB.' }),
    output: t.field({ type: 'JSON', required: false, description: 'Output of the call, up to 100 KB.' }),
    thought: t.string({ required: false, description: 'Why the agent called it, up to 262,144 characters.' }),
    error: t.string({
      required: false,
      description: 'Error message, up to 262,144 characters. Default, also if blank: the call succeeded.',
    }),
    durationMs: t.float({ required: false, description: 'Duration of the call in milliseconds; not negative.' }),
    costUsd: t.float({
      required: false,
      description:
        'Cost in US dollars, from 0 to 999,999,999, with up to 12 decimal places or 12 significant digits. Default: unknown.',
    }),
    timestamp: timestampField(t),
    agent: t.field({ type: AgentReference, required: false, description: 'The agent that called it.' }),
    metadata: t.field({ type: 'JSONObject', required: false, description: 'Any other data, up to 100 KB.' }),
  }),
})

const ConversationEventInput = builder.inputType('ConversationEventInput', {
  description: 'An event in a conversation.',
  fields: (t) => ({
    externalId: externalIdField(t),
    name: t.string({
      required: true,
      description: `Name of the event, up to 256 characters. Internal events named ${VOICE_EVENTS.join(', ')} are voice events: the times between them are measured (see \`SeriesMeasure\` and \`Conversation.voiceTimings\`).`,
    }),
    visibility: t.field({ type: Visibility, required: true, defaultValue: 'PUBLIC', description: 'Who may see it.' }),
    payload: t.field({ type: 'JSON', required: false, description: 'Details of the event, up to 100 KB.' }),
    timestamp: timestampField(t),
    agent: t.field({ type: AgentReference, required: false, description: 'The agent it came from.' }),
    metadata: t.field({ type: 'JSONObject', required: false, description: 'Any other data, up to 100 KB.' }),
  }),
})

export const MessageInput = builder.inputType('MessageInput', {
  description: 'One transcript entry: give exactly one of these fields.',
  isOneOf: true,
  fields: (t) => ({
    chat: t.field({
      type: ChatMessageInput,
      required: false,
      description:
        "A chat message. Language, sentiment, tokens and cost that are not given are derived, as far as the tenant's `enrichment` says.",
    }),
    tool: t.field({ type: ToolCallInput, required: false, description: 'A tool call.' }),
    event: t.field({ type: ConversationEventInput, required: false, description: 'An event.' }),
  }),
})

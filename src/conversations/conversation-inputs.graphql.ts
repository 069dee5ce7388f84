import { builder, type InputFields } from '../graphql/builder.ts'
import { ConversationBy } from '../graphql/look-ups.ts'
import type { ItemExtensions } from '../graphql/read-extensions.ts'
import { idempotencyKey } from '../idempotency/idempotency.graphql.ts'
import { AgentReference, MessageInput, MessageUpdate } from '../messages/message-inputs.graphql.ts'
import { ConversationStatus, Outcome, Resolution } from './conversation-enums.graphql.ts'
import { AnalysisInput, RecordingInput } from './conversation-parts.graphql.ts'
import { LlmStatsInput } from './llm-stats.graphql.ts'
import { plainInputFields } from './plain-fields.graphql.ts'

/** Fields that `logConversation` sets and `updateConversation` changes. */
const conversationFields = (t: InputFields) => ({
  ...plainInputFields(t),
  language: t.string({
    required: false,
    description:
      'BCP 47 language tag, such as en or pt-BR, up to 256 characters; it is stored as given. If none is given, or null on an update, it is the most frequent language of its user messages.',
  }),
  labels: t.stringList({
    required: false,
    description: 'Up to 50 labels of up to 256 characters each, none of them blank.',
  }),
  recording: t.field({
    type: RecordingInput,
    required: false,
    description:
      'Audio or video recording of the conversation, hosted elsewhere. On an update, it replaces the current one as a whole.',
  }),
  analysis: t.field({
    type: AnalysisInput,
    required: false,
    description: "The results of the caller's own analysis. On an update, they replace the current ones as a whole.",
  }),
  costUsd: t.float({
    required: false,
    description:
      'Cost of the whole conversation in US dollars, such as what a call really cost, from 0 to 999,999,999, with up to 12 decimal places or 12 significant digits. It counts instead of the sum of its entries, which is the default.',
  }),
  isLlmConversation: t.boolean({
    required: false,
    description:
      'Whether a language model took part. If not given, or null on an update, it is true if `llmStats` are given.',
  }),
  llmStats: t.field({
    type: LlmStatsInput,
    required: false,
    description:
      'Counts of what a language model did in the conversation. On an update, they replace the current ones as a whole: absent counts become 0.',
  }),
  idempotencyKey: idempotencyKey(t),
})

/** What a write names its conversation by. */
const reference = (t: InputFields) => ({
  by: t.field({ type: ConversationBy, required: true, description: 'Which conversation.' }),
})

const OnConflict = builder.enumType('OnConflict', {
  description: 'What to do if a conversation with this external id already exists.',
  values: {
    ERROR: { description: 'Refuse the call with EXTERNAL_ID_TAKEN.' },
    RETURN_EXISTING: { description: 'Store nothing and return the existing conversation.' },
    APPEND: {
      description:
        'Append the messages, add the agents, merge the metadata and set `status` and `endedAt` if given; all other fields are ignored. If the existing conversation is closed, refuse the call with CONVERSATION_CLOSED, as `appendMessages` does.',
    },
  } as const,
})

export const LogConversationInput = builder.inputType('LogConversationInput', {
  description:
    'A conversation to store, with either `messages` or a `transcript`. `messages` may be an empty list, unless the status is COMPLETED.',
  extensions: { isCoercedByItself: true } satisfies ItemExtensions,
  fields: (t) => ({
    externalId: t.string({
      required: false,
      description:
        "External id: the caller's own id for the conversation, unique within the tenant, up to 256 characters.",
    }),
    onConflict: t.field({
      type: OnConflict,
      required: true,
      defaultValue: 'ERROR',
      description: 'What to do if a conversation with this external id already exists.',
    }),
    status: t.field({
      type: ConversationStatus,
      required: false,
      description:
        'Lifecycle status. With an open one, such as ACTIVE, `appendMessages` can continue the conversation. Default: COMPLETED, or no change if `onConflict: APPEND` finds an existing conversation.',
    }),
    messages: t.field({
      type: [MessageInput],
      required: false,
      description: 'The transcript, in order; up to 5,000 entries.',
    }),
    transcript: t.string({
      required: false,
      description:
        'The transcript as text. Each message starts on a line with a label, in any case: for user messages `User:`, `Human:`, `Customer:`, `Visitor:`, `Client:` or `Guest:`; for AI agent messages `Assistant:`, `AI:`, `Agent:`, `Bot:` or `Chatbot:`; for system prompts `System:`. A line without a label continues the message above it. Text that looks like an unknown label and recurs is refused.',
    }),
    startedAt: t.field({
      type: 'DateTime',
      required: false,
      description:
        'When the conversation began, from 1970 to at most a day ahead. Default: the earliest known time; see `Conversation.startedAt`.',
    }),
    endedAt: t.field({
      type: 'DateTime',
      required: false,
      description:
        'When the conversation ended: not before its start, and at most a day ahead. Only accepted with a final status. Default: the latest known time of a message, or else the start.',
    }),
    agents: t.field({
      type: [AgentReference],
      required: false,
      description: 'The agents that took part, up to 50, including those that messages name.',
    }),
    metadata: t.field({
      type: 'JSONObject',
      required: false,
      description:
        'Any JSON object of up to 100 KB and 32 levels, in which each key with its parent keys has at most 1,000 bytes. If `endUserId` is absent, the key `user_id` or `userId` is used instead; if `model` is absent, the key `model`. It is not redacted.',
    }),
    isTest: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Whether it is a test. Analytics exclude tests by default.',
    }),
    ...conversationFields(t),
  }),
})

export const AppendMessagesInput = builder.inputType('AppendMessagesInput', {
  description: 'Messages to append to an open conversation. Send only the new ones.',
  fields: (t) => ({
    ...reference(t),
    messages: t.field({
      type: [MessageInput],
      required: true,
      description: 'The new entries, in order; 1 to 5,000.',
    }),
    createIfMissing: t.boolean({
      required: true,
      defaultValue: false,
      description:
        'Whether to create the conversation if there is none with this `externalId`, which is then required. Its status is ACTIVE unless `status` is given.',
    }),
    expectedSequence: t.int({
      required: false,
      description:
        'The sequence that the first of these entries must get: the number of entries so far. If it would get another one, nothing is stored, and the call fails with SEQUENCE_CONFLICT. Default: not checked.',
    }),
    status: t.field({
      type: ConversationStatus,
      required: false,
      description:
        'The new status: a final one, or one further along from QUEUED to RINGING to ACTIVE. Default: no change.',
    }),
    endedAt: t.field({
      type: 'DateTime',
      required: false,
      description:
        'When the conversation ended: not before its start, and at most a day ahead. Only accepted with a final status. Default: the latest known time of a message, or else the start. A closed conversation keeps the end that it was given.',
    }),
    metadata: t.field({
      type: 'JSONObject',
      required: false,
      description:
        'Merged into the existing metadata by top-level key; these values win. As in `logConversation`, its `user_id`, `userId` and `model` are used if the conversation has no `endUserId` or `model`. Default: no change.',
    }),
    agents: t.field({
      type: [AgentReference],
      required: false,
      description: 'Agents to add to those that took part, up to 50 per call, including those that messages name.',
    }),
    idempotencyKey: idempotencyKey(t),
  }),
})

export const CompleteConversationInput = builder.inputType('CompleteConversationInput', {
  description: 'The conversation to close, and how it ended.',
  fields: (t) => ({
    ...reference(t),
    status: t.field({
      type: ConversationStatus,
      required: true,
      defaultValue: 'COMPLETED',
      description: 'The final status.',
    }),
    outcome: t.field({
      type: Outcome,
      required: false,
      description: 'Who or what handled it in the end. Default: no change.',
    }),
    resolution: t.field({
      type: Resolution,
      required: false,
      description: 'What it achieved for the end user. Default: no change.',
    }),
    endedAt: t.field({
      type: 'DateTime',
      required: false,
      description:
        'When the conversation ended: not before its start, and at most a day ahead. Default: the latest known time of a message, or else the start.',
    }),
    idempotencyKey: idempotencyKey(t),
  }),
})

export const UpdateConversationInput = builder.inputType('UpdateConversationInput', {
  description:
    'The conversation to update, open or closed, and its new values. Absent fields keep their value. Null clears a field: lists become empty, `isTest` false, and `startedAt`, `endedAt` and `language` are derived again.',
  fields: (t) => ({
    ...reference(t),
    status: t.field({
      type: ConversationStatus,
      required: false,
      description:
        'The open status that it moves forward to: from QUEUED to RINGING or ACTIVE, from RINGING to ACTIVE. `completeConversation` closes a conversation, and `reopenConversation` opens it again. Absent or null: no change.',
    }),
    startedAt: t.field({
      type: 'DateTime',
      required: false,
      description:
        'When the conversation began, from 1970 to at most a day ahead. Null clears the given start, so that it is derived; see `Conversation.startedAt`.',
    }),
    endedAt: t.field({
      type: 'DateTime',
      required: false,
      description:
        'When the conversation ended: not before its start, and at most a day ahead. Only accepted if it is closed. Null clears the given end, so that it is derived; see `Conversation.endedAt`.',
    }),
    agents: t.field({
      type: [AgentReference],
      required: false,
      description: 'The agents that took part, up to 50. They replace the current ones.',
    }),
    metadata: t.field({
      type: 'JSONObject',
      required: false,
      description:
        'Merged into the existing metadata by top-level key; these values win. Null clears it. The limits are those of `LogConversationInput.metadata`.',
    }),
    deleteMetadataKeys: t.stringList({
      required: false,
      description: 'Top-level metadata keys to delete, up to 1,000. Deleted after `metadata` is merged.',
    }),
    isTest: t.boolean({ required: false, description: 'Whether it is a test.' }),
    ...conversationFields(t),
  }),
})

export const UpdateMessagesInput = builder.inputType('UpdateMessagesInput', {
  description:
    'What was found out about chat messages of one conversation, open or closed. If one of the messages is unknown, nothing is stored.',
  fields: (t) => ({
    ...reference(t),
    messages: t.field({
      type: [MessageUpdate],
      required: true,
      description: 'The messages, 1 to 5,000, each at most once, and their new values.',
    }),
    idempotencyKey: idempotencyKey(t),
  }),
})

export const ReopenConversationInput = builder.inputType('ReopenConversationInput', {
  description: 'The conversation to reopen.',
  fields: (t) => ({
    ...reference(t),
    idempotencyKey: idempotencyKey(t),
  }),
})

export const DeleteConversationInput = builder.inputType('DeleteConversationInput', {
  description: 'The conversation to delete, with its transcript.',
  fields: (t) => ({
    ...reference(t),
    idempotencyKey: idempotencyKey(t),
  }),
})

import { builder, type Types } from '../graphql/builder.ts'
import type { ItemExtensions } from '../graphql/read-extensions.ts'
import { idempotencyKey } from '../idempotency/idempotency.graphql.ts'
import { AgentReference, MessageInput } from '../messages/message-inputs.graphql.ts'
import {
  AnalysisStatus,
  Channel,
  ConversationStatus,
  Direction,
  Outcome,
  Resolution,
} from './conversation-enums.graphql.ts'
import { LlmStatsInput } from './llm-stats.graphql.ts'

const RecordingInput = builder.inputType('RecordingInput', {
  description: 'The audio or video recording of a conversation, stored elsewhere.',
  fields: (t) => ({
    url: t.string({ required: true, description: 'Its URL, http or https.' }),
    contentType: t.string({ required: false, description: 'Its media type, such as audio/ogg.' }),
    durationSeconds: t.float({ required: false, description: 'Its length, seconds.' }),
  }),
})

const AnalysisInput = builder.inputType('AnalysisInput', {
  description: "The results of the caller's own analysis; stored unchanged, up to 100 KB.",
  fields: (t) => ({
    status: t.field({
      type: AnalysisStatus,
      required: true,
      defaultValue: 'COMPLETED',
      description: 'Progress of the analysis.',
    }),
    summary: t.string({ required: false, description: 'A summary in a few sentences.' }),
    tags: t.stringList({ required: false, description: 'Its topics.' }),
    extractedData: t.field({ type: 'JSON', required: false, description: 'Data extracted from the transcript.' }),
  }),
})

/** What logging says of a conversation and updating changes. */
const conversationFields = (t: PothosSchemaTypes.InputFieldBuilder<Types, 'InputObject'>) => ({
  channel: t.field({ type: Channel, required: false, description: 'Channel the conversation took place on.' }),
  direction: t.field({ type: Direction, required: false, description: 'Which side started it.' }),
  campaign: t.string({ required: false, description: 'The campaign it belongs to.' }),
  endUserId: t.string({ required: false, description: "Whom the agent talked to: the caller's id." }),
  companyName: t.string({ required: false, description: "The end user's company." }),
  language: t.string({
    required: false,
    description: 'BCP 47 language tag, such as en or pt-BR. Default: that of most of its user messages.',
  }),
  model: t.string({ required: false, description: 'The language model that answered.' }),
  labels: t.stringList({ required: false, description: 'Up to 50 labels.' }),
  description: t.string({ required: false, description: 'What it is about, in free text.' }),
  feedback: t.string({ required: false, description: 'What the end user said about it, in free text.' }),
  outcome: t.field({ type: Outcome, required: false, description: 'Who or what handled it in the end.' }),
  resolution: t.field({ type: Resolution, required: false, description: 'What the end user got out of it.' }),
  recording: t.field({
    type: RecordingInput,
    required: false,
    description: 'Its audio or video recording, stored elsewhere.',
  }),
  analysis: t.field({ type: AnalysisInput, required: false, description: "The results of the caller's own analysis." }),
  llmStats: t.field({ type: LlmStatsInput, required: false, description: 'Counts of a language model’s work.' }),
  idempotencyKey: idempotencyKey(t),
})

/** By which of its ids a write names a conversation. */
const reference = (t: PothosSchemaTypes.InputFieldBuilder<Types, 'InputObject'>) => ({
  conversationId: t.id({ required: false, description: '`conv_…`: this or `externalId`.' }),
  externalId: t.string({ required: false, description: "The caller's own id: this or `conversationId`." }),
})

const OnConflict = builder.enumType('OnConflict', {
  description: 'What to do where the external id exists.',
  values: {
    ERROR: { description: 'Refuse: EXTERNAL_ID_TAKEN.' },
    RETURN_EXISTING: { description: 'Store nothing and answer the conversation that exists.' },
    APPEND: { description: 'Append the messages to it, if it is open, and merge the metadata.' },
  } as const,
})

export const LogConversationInput = builder.inputType('LogConversationInput', {
  description: 'A conversation to store, with `messages` or with a `transcript`.',
  extensions: { isCoercedByItself: true } satisfies ItemExtensions,
  fields: (t) => ({
    externalId: t.string({
      required: false,
      description: "The caller's own id, unique in the tenant, up to 256 characters.",
    }),
    onConflict: t.field({
      type: OnConflict,
      required: true,
      defaultValue: 'ERROR',
      description: 'What to do where the external id exists.',
    }),
    status: t.field({
      type: ConversationStatus,
      required: false,
      description:
        'Lifecycle status. ACTIVE begins a conversation that grows by `appendMessages`. Default: COMPLETED; with APPEND to one that exists: no change.',
    }),
    messages: t.field({
      type: [MessageInput],
      required: false,
      description: 'The transcript, in order; up to 5,000 a call.',
    }),
    transcript: t.string({
      required: false,
      description:
        'The transcript as text. A message begins on a line with a label: `User:`, `Human:`, `Customer:`, `Visitor:`, `Client:` or `Guest:`; `Assistant:`, `AI:`, `Agent:`, `Bot:` or `Chatbot:`; or `System:`. A line without one continues the message above. An unknown label that recurs is refused.',
    }),
    startedAt: t.field({
      type: 'DateTime',
      required: false,
      description: 'When it began. Default: the earliest time that is known, as `Conversation.startedAt` says.',
    }),
    endedAt: t.field({
      type: 'DateTime',
      required: false,
      description: 'With a final status only. Default: the latest time that is known of a message, else the start.',
    }),
    agents: t.field({ type: [AgentReference], required: false, description: 'The agents that took part, up to 50.' }),
    metadata: t.field({
      type: 'JSONObject',
      required: false,
      description:
        'Any JSON object up to 100 KB, 32 levels and 1,000 bytes a path. Where `endUserId` or `model` are absent, its `user_id` (or `userId`) and `model` stand in.',
    }),
    isTest: t.boolean({
      required: true,
      defaultValue: false,
      description: 'A test: left out of analytics unless asked for.',
    }),
    ...conversationFields(t),
  }),
})

export const AppendMessagesInput = builder.inputType('AppendMessagesInput', {
  description: 'Messages to add to an open conversation: the new ones alone.',
  fields: (t) => ({
    ...reference(t),
    messages: t.field({
      type: [MessageInput],
      required: true,
      description: 'At least one, in order; up to 5,000 a call.',
    }),
    createIfMissing: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Where the external id does not exist, begin a conversation with it (status ACTIVE unless given).',
    }),
    expectedSequence: t.int({
      required: false,
      description: 'The sequence that the first of these must get; otherwise SEQUENCE_CONFLICT and nothing is stored.',
    }),
    status: t.field({
      type: ConversationStatus,
      required: false,
      description: 'The status from now on. Absent: no change.',
    }),
    endedAt: t.field({
      type: 'DateTime',
      required: false,
      description: 'With a final status only. Default: the latest time that is known of a message, else the start.',
    }),
    metadata: t.field({ type: 'JSONObject', required: false, description: 'Merged in, key by key; these win.' }),
    agents: t.field({ type: [AgentReference], required: false, description: 'Agents that took part as well.' }),
    idempotencyKey: idempotencyKey(t),
  }),
})

export const CompleteConversationInput = builder.inputType('CompleteConversationInput', {
  description: 'A conversation to close, and how it ended.',
  fields: (t) => ({
    ...reference(t),
    status: t.field({
      type: ConversationStatus,
      required: true,
      defaultValue: 'COMPLETED',
      description: 'A final one.',
    }),
    outcome: t.field({ type: Outcome, required: false, description: 'Who or what handled it in the end.' }),
    resolution: t.field({ type: Resolution, required: false, description: 'What the end user got out of it.' }),
    endedAt: t.field({
      type: 'DateTime',
      required: false,
      description: 'When it ended. Default: the latest time that is known of a message, else the start.',
    }),
    idempotencyKey: idempotencyKey(t),
  }),
})

export const UpdateConversationInput = builder.inputType('UpdateConversationInput', {
  description: 'What to change of a conversation, open or closed: absent keeps, null clears.',
  fields: (t) => ({
    ...reference(t),
    startedAt: t.field({
      type: 'DateTime',
      required: false,
      description: 'When it began. Null: as if nobody had said, see `Conversation.startedAt`.',
    }),
    endedAt: t.field({
      type: 'DateTime',
      required: false,
      description: 'When it ended, if it is closed. Null: as if nobody had said, see `Conversation.endedAt`.',
    }),
    agents: t.field({
      type: [AgentReference],
      required: false,
      description: 'The agents that took part: these instead.',
    }),
    metadata: t.field({
      type: 'JSONObject',
      required: false,
      description: 'Merged in, key by key; null clears all of it.',
    }),
    removeMetadataKeys: t.stringList({ required: false, description: 'Keys of the metadata to drop.' }),
    isTest: t.boolean({ required: false, description: 'Whether it is a test.' }),
    ...conversationFields(t),
  }),
})

const MessageRating = builder.inputType('MessageRating', {
  description: 'A rating of one message.',
  fields: (t) => ({
    messageId: t.id({ required: true, description: '`msg_…` of a chat message of this conversation.' }),
    rating: t.int({ required: false, description: '−1 bad, 0 neutral, 1 good; null takes it back.' }),
  }),
})

export const RateMessagesInput = builder.inputType('RateMessagesInput', {
  description: 'Ratings of messages of one conversation, open or closed. An unknown message refuses them all.',
  fields: (t) => ({
    ...reference(t),
    ratings: t.field({ type: [MessageRating], required: true, description: 'At least one.' }),
    idempotencyKey: idempotencyKey(t),
  }),
})

export const DeleteConversationInput = builder.inputType('DeleteConversationInput', {
  description: 'A conversation to delete, with its transcript.',
  fields: (t) => ({
    ...reference(t),
    idempotencyKey: idempotencyKey(t),
  }),
})

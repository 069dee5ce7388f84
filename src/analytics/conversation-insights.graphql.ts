import { filterScope } from '../conversations/conversation-filter.graphql.ts'
import type { Prisma } from '../database/generated/client/client.ts'
import { loaderFor } from '../graphql/batch-loader.ts'
import { builder } from '../graphql/builder.ts'
import { FROM_ROW } from '../graphql/read-extensions.ts'
import { encodeId } from '../input/ids.ts'
import { type IntentRow, intentsOf, type ReplyRow, repliesOf, sentimentRises } from './conversation-insights.sql.ts'
import { type VoiceTimingsRow, voiceTimingsOf } from './voice-timings.sql.ts'

/** Fields of a conversation that are computed from its messages. */

const loadIntents = loaderFor(async (context, ids) =>
  Map.groupBy(await intentsOf(context.db, ids, filterScope(context)), ({ conversation_id }) => conversation_id),
)

const loadReplies = loaderFor(async (context, ids) =>
  Map.groupBy(await repliesOf(context.db, ids, filterScope(context)), ({ conversation_id }) => conversation_id),
)

const loadRise = loaderFor(async (context, ids) => {
  const rows = await sentimentRises(context.db, ids, filterScope(context))
  return new Map(rows.map(({ conversation_id, rise }) => [conversation_id, rise]))
})

const loadVoiceTimings = loaderFor(async (context, ids) => {
  const rows = await voiceTimingsOf(context.db, ids, filterScope(context))
  return new Map(rows.map((row) => [row.id, row]))
})

const TriggeredIntent = builder.objectRef<IntentRow>('TriggeredIntent').implement({
  description: 'An intent of a message in a conversation.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the intent.' }),
    meaningful: t.exposeBoolean('meaningful', {
      nullable: true,
      description:
        'False for greetings, thanks and the like, which do not show what a conversation is about. Null if not given.',
    }),
    externalId: t.exposeString('externalId', {
      nullable: true,
      description: "External id: the caller's own id for the intent. Null if not given.",
    }),
    sequence: t.exposeInt('sequence', { description: 'Sequence of the message.' }),
    timestamp: t.expose('timestamp', { type: 'DateTime', description: 'Time of the message.' }),
  }),
})

const TriggeredReply = builder.objectRef<ReplyRow>('TriggeredReply').implement({
  description: 'A reply of a dialogue that was triggered in a conversation.',
  fields: (t) => ({
    name: t.string({ description: 'Name of the reply.', resolve: ({ reply }) => reply.name }),
    externalId: t.string({
      nullable: true,
      description: "External id: the caller's own id for the reply. Null if not given.",
      resolve: ({ reply }) => reply.externalId,
    }),
    type: t.string({
      nullable: true,
      description: "Type of the reply, in the caller's words. Null if not given.",
      resolve: ({ reply }) => reply.type,
    }),
    language: t.exposeString('language', {
      nullable: true,
      description: 'BCP 47 language tag of the message. Null if unknown.',
    }),
    messageId: t.id({ description: 'Id of the message, `msg_…`.', resolve: ({ id }) => encodeId('Message', id) }),
    sequence: t.exposeInt('sequence', { description: 'Sequence of the message.' }),
    timestamp: t.expose('timestamp', { type: 'DateTime', description: 'Time of the message.' }),
  }),
})

const VoiceTimings = builder.objectRef<VoiceTimingsRow>('VoiceTimings').implement({
  description:
    'Mean times between the voice events of a conversation, in milliseconds, as in the measures of `conversationSeries`. Null if no such step was logged.',
  fields: (t) => ({
    sttToLlmMs: t.exposeFloat('stt_to_llm', {
      nullable: true,
      description: 'Mean time from STT_FINAL to LLM_REQUEST.',
    }),
    timeToFirstTokenMs: t.exposeFloat('time_to_first_token', {
      nullable: true,
      description: 'Mean time from LLM_REQUEST to LLM_FIRST_TOKEN.',
    }),
    firstTokenToTtsMs: t.exposeFloat('first_token_to_tts', {
      nullable: true,
      description: 'Mean time from LLM_FIRST_TOKEN to TTS_STREAM.',
    }),
    voiceLatencyMs: t.exposeFloat('voice_latency', {
      nullable: true,
      description: 'Mean time from STT_FINAL to TTS_STREAM: how long the caller waited for the voice of the agent.',
    }),
    interruptionCount: t.exposeInt('interruptions', { description: 'Number of events named INTERRUPTION.' }),
  }),
})

const SentimentTrend = builder.enumType('SentimentTrend', {
  description:
    'How the sentiment of user messages changed: the mean of the later half compared with that of the earlier half. With an odd number, the middle one belongs to the earlier half.',
  values: {
    UP: { description: 'Higher by 0.25 or more.' },
    FLAT: { description: 'Changed by less than 0.25.' },
    DOWN: { description: 'Lower by 0.25 or more.' },
  } as const,
})

const SentimentLabel = builder.enumType('SentimentLabel', {
  description: 'A sentiment as a word.',
  values: {
    POSITIVE: { description: '0.25 or more.' },
    NEUTRAL: { description: 'Between -0.25 and 0.25, both exclusive.' },
    NEGATIVE: { description: '-0.25 or less.' },
  } as const,
})

/** Sentiment ranges from −1 to 1. A sentiment smaller than this is neutral, and a smaller change is flat. */
const THRESHOLD = 0.25

/** The first word for a value of at least the threshold, the last for at most its negative, else the second. */
const inWord = <Word>(value: number, [good, neither, bad]: readonly [Word, Word, Word]) =>
  value >= THRESHOLD ? good : value <= -THRESHOLD ? bad : neither

const SENTIMENT = { sentimentSum: true, sentimentCount: true } as const

const meanOf = ({ sentimentSum, sentimentCount }: { sentimentSum: Prisma.Decimal; sentimentCount: number }) =>
  sentimentCount === 0 ? null : sentimentSum.toNumber() / sentimentCount

builder.prismaObjectFields('Conversation', (t) => {
  const intent = (description: string, pick: (intents: IntentRow[]) => IntentRow | undefined) =>
    t.field({
      type: TriggeredIntent,
      nullable: true,
      description,
      select: { id: true },
      resolve: async ({ id }, _args, context) => pick((await loadIntents(context, id)) ?? []) ?? null,
    })
  return {
    intents: t.field({
      type: [TriggeredIntent],
      description: 'The intents of its messages, in the order of the transcript.',
      select: { id: true },
      resolve: async ({ id }, _args, context) => (await loadIntents(context, id)) ?? [],
    }),
    triggeredReplies: t.field({
      type: [TriggeredReply],
      description: 'The replies of a dialogue that its messages are, in the order of the transcript.',
      select: { id: true },
      resolve: async ({ id }, _args, context) => (await loadReplies(context, id)) ?? [],
    }),
    firstIntent: intent('The first of `intents`. Null if there is none.', (intents) => intents.at(0)),
    lastIntent: intent('The last of `intents`. Null if there is none.', (intents) => intents.at(-1)),
    firstMeaningfulIntent: t.field({
      type: TriggeredIntent,
      nullable: true,
      description: 'The intent with the earliest message time whose `meaningful` is not false. Null if there is none.',
      select: { id: true },
      args: {
        exclude: t.arg.stringList({ required: true, defaultValue: [], description: 'Names of intents to ignore.' }),
      },
      resolve: async ({ id }, args, context) => {
        const exclude = new Set(args.exclude)
        return (
          ((await loadIntents(context, id)) ?? [])
            .filter(({ name, meaningful }) => meaningful !== false && !exclude.has(name))
            .toSorted((a, b) => a.timestamp.getTime() - b.timestamp.getTime() || a.sequence - b.sequence)[0] ?? null
        )
      },
    }),
    sentiment: t.float({
      nullable: true,
      description: 'Mean sentiment (-1 to 1) of the user messages that have one. Null if none has.',
      select: SENTIMENT,
      extensions: FROM_ROW,
      resolve: meanOf,
    }),
    sentimentLabel: t.field({
      type: SentimentLabel,
      nullable: true,
      description: 'The value of `sentiment` as a word. Null if that is null.',
      select: SENTIMENT,
      extensions: FROM_ROW,
      resolve: (sums) => {
        const mean = meanOf(sums)
        return mean === null ? null : inWord(mean, ['POSITIVE', 'NEUTRAL', 'NEGATIVE'] as const)
      },
    }),
    sentimentTrend: t.field({
      type: SentimentTrend,
      nullable: true,
      description: 'How the sentiment of the user messages changed. Null if fewer than two of them have a sentiment.',
      select: { id: true },
      resolve: async ({ id }, _args, context) => {
        const rise = await loadRise(context, id)
        if (rise === null) return null
        return inWord(rise, ['UP', 'FLAT', 'DOWN'] as const)
      },
    }),
    voiceTimings: t.field({
      type: VoiceTimings,
      nullable: true,
      description:
        'Mean times between its voice events, and its interruptions. Null if there are no voice events (see `ConversationEventInput.name`), or without the scope INTERNALS_READ.',
      select: { id: true },
      resolve: async ({ id }, _args, context) =>
        context.has('INTERNALS_READ') ? await loadVoiceTimings(context, id) : null,
    }),
  }
})

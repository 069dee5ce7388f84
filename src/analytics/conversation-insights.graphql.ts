import { filterScope } from '../conversations/conversation-filter.graphql.ts'
import type { Prisma } from '../database/generated/client/client.ts'
import { loaderFor } from '../graphql/batch-loader.ts'
import { builder } from '../graphql/builder.ts'
import { FROM_ROW } from '../graphql/read-extensions.ts'
import { type IntentRow, intentsOf, sentimentRises } from './conversation-insights.sql.ts'

/** What is read out of transcripts. */

const loadIntents = loaderFor(async (context, ids) =>
  Map.groupBy(await intentsOf(context.db, ids, filterScope(context)), ({ conversation_id }) => conversation_id),
)

const loadRise = loaderFor(async (context, ids) => {
  const rows = await sentimentRises(context.db, ids, filterScope(context))
  return new Map(rows.map(({ conversation_id, rise }) => [conversation_id, rise]))
})

const TriggeredIntent = builder.objectRef<IntentRow>('TriggeredIntent').implement({
  description: 'An intent that a message of a conversation had.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    meaningful: t.exposeBoolean('meaningful', {
      nullable: true,
      description: 'Whether it tells what the user wants, unlike a greeting; null: nobody said.',
    }),
    sequence: t.exposeInt('sequence', { description: 'Which message.' }),
    timestamp: t.expose('timestamp', { type: 'DateTime', description: 'When that was.' }),
  }),
})

const SentimentTrend = builder.enumType('SentimentTrend', {
  description: 'How the sentiment of user messages went: the mean of the later half beside that of the earlier half.',
  values: {
    UP: { description: 'Better by a quarter or more.' },
    FLAT: { description: 'Neither.' },
    DOWN: { description: 'Worse by a quarter or more.' },
  } as const,
})

const SentimentLabel = builder.enumType('SentimentLabel', {
  description: 'What a sentiment is called.',
  values: {
    POSITIVE: { description: '0.25 or more.' },
    NEUTRAL: { description: 'Between them.' },
    NEGATIVE: { description: '−0.25 or less.' },
  } as const,
})

/** Sentiment goes from −1 to 1: less than this is neither a mood nor a change of it. */
const THRESHOLD = 0.25

/** The first of three words where a sentiment, or its change, is good enough, the last where it is that bad. */
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
      description: 'The intents of its messages, in order.',
      select: { id: true },
      resolve: async ({ id }, _args, context) => (await loadIntents(context, id)) ?? [],
    }),
    firstIntent: intent('The first of them.', (intents) => intents.at(0)),
    lastIntent: intent('The last of them.', (intents) => intents.at(-1)),
    firstMeaningfulIntent: t.field({
      type: TriggeredIntent,
      nullable: true,
      description: 'The earliest of them, by when its message was sent, that was not said to be meaningless.',
      select: { id: true },
      args: {
        exclude: t.arg.stringList({ required: true, defaultValue: [], description: 'Intents that do not count.' }),
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
      description: 'Mean sentiment (−1 … 1) of the user messages that have one; null: none has.',
      select: SENTIMENT,
      extensions: FROM_ROW,
      resolve: meanOf,
    }),
    sentimentLabel: t.field({
      type: SentimentLabel,
      nullable: true,
      description: 'The same in a word.',
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
      description: 'How the mood of the user went; null with fewer than two user messages that have a sentiment.',
      select: { id: true },
      resolve: async ({ id }, _args, context) => {
        const rise = await loadRise(context, id)
        if (rise === null) return null
        return inWord(rise, ['UP', 'FLAT', 'DOWN'] as const)
      },
    }),
  }
})

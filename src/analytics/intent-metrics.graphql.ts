import type { Context } from '../context.ts'
import { filterScope } from '../conversations/conversation-filter.graphql.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { badInput } from '../errors.ts'
import { builder } from '../graphql/builder.ts'
import { FROM_ROW, readsNumbers } from '../graphql/read-extensions.ts'
import {
  type AnalyticsArguments,
  analyticsArgs,
  parseAnalyticsFilter,
  resolveTimeZone,
} from './analytics-arguments.graphql.ts'
import { MEASURES, type MeasureName } from './measures.ts'
import { conversationSeries, type SeriesLine } from './series.ts'
import { parsePeriod } from './time-buckets.ts'

const WhichIntent = builder.enumType('WhichIntent', {
  description: 'By which of its intents a conversation is counted.',
  values: {
    FIRST: { description: 'The first.' },
    LAST: { description: 'The last.' },
    FIRST_MEANINGFUL: { description: 'The first but for those that were said to be meaningless.' },
  } as const,
})

/** In the order in which they are asked for. */
const FIGURES = {
  meanSentiment: 'SENTIMENT_MEAN',
  meanRating: 'RATING_MEAN',
  meanTurns: 'TURNS_MEAN',
  notUnderstoodRate: 'NOT_UNDERSTOOD_RATE',
  botHandledRate: 'BOT_HANDLED_RATE',
  escalationRate: 'ESCALATION_RATE',
} as const satisfies Record<string, MeasureName>

const NAMES: MeasureName[] = ['CONVERSATIONS', ...Object.values(FIGURES)]

interface IntentMetrics {
  intent: string | null
  isOther: boolean
  of(measure: MeasureName): number | null
}

const IntentMetrics = builder.objectRef<IntentMetrics>('IntentMetrics').implement({
  description: 'What the conversations of one intent add up to.',
  fields: (t) => ({
    intent: t.exposeString('intent', { nullable: true, description: 'Its name; null: conversations without one.' }),
    isOther: t.exposeBoolean('isOther', { description: 'Whether these are all further intents together.' }),
    conversations: t.int({
      description: MEASURES.CONVERSATIONS.description,
      extensions: FROM_ROW,
      resolve: ({ of }) => of('CONVERSATIONS') ?? 0,
    }),
    ...(Object.fromEntries(
      Object.entries(FIGURES).map(([field, name]) => [
        field,
        t.float({
          nullable: true,
          description: MEASURES[name].description,
          extensions: FROM_ROW,
          resolve: ({ of }) => of(name),
        }),
      ]),
    ) as Record<keyof typeof FIGURES, ReturnType<typeof t.float>>),
  }),
})

builder.queryField('intentMetrics', (t) =>
  t.field({
    type: [IntentMetrics],
    description:
      'What conversations were about, most frequent first: each counts for one of its intents, so that all rows make up the whole. Needs the scope ANALYTICS_READ.',
    authScopes: { $all: { scope: 'ANALYTICS_READ', tenant: true } },
    args: {
      ...analyticsArgs,
      by: t.arg({ type: WhichIntent, required: true, defaultValue: 'FIRST_MEANINGFUL', description: 'Which intent.' }),
      excludeIntents: t.arg.stringList({ required: true, defaultValue: [], description: 'Intents that do not count.' }),
      first: t.arg.int({ required: true, defaultValue: 20, description: 'How many intents have a row, 1 to 100.' }),
    },
    resolve: readsNumbers(loadIntentMetrics),
  }),
)

interface IntentArguments extends AnalyticsArguments {
  by: typeof WhichIntent.$inferType
  excludeIntents: string[]
  first: number
}

async function loadIntentMetrics(args: IntentArguments, context: Context, statements: Statements) {
  if (args.first < 1 || args.first > 100) throw badInput(['first'], 'must be between 1 and 100.')
  const filter = parseAnalyticsFilter(context, args.filter)
  const period = parsePeriod(args.range, await resolveTimeZone(context, args.timeZone, statements), context.now)
  const lines = await conversationSeries(statements, {
    ...{ scope: filterScope(context), filter, period, previous: null, measures: NAMES },
    includeTests: args.includeTests,
    edges: [period.from, period.to],
    groupBy: { intent: { which: args.by, excluded: args.excludeIntents }, first: args.first },
  })
  const groups = lines.filter(({ measure }) => measure === 'CONVERSATIONS')
  return groups.map(({ group }) => ({
    intent: group?.key ?? null,
    isOther: group?.other ?? false,
    of: (name: MeasureName) =>
      lines.find((line: SeriesLine) => line.measure === name && line.group === group)?.total.value ?? null,
  }))
}

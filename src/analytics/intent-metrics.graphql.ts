import type { Context } from '../context.ts'
import { filterScope } from '../conversations/conversation-filter.graphql.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { builder } from '../graphql/builder.ts'
import { type EntryLimits, entryCount, parseEntryCount } from '../graphql/entry-count.ts'
import { FROM_ROW, readsNumbers } from '../graphql/read-extensions.ts'
import {
  type AnalyticsArguments,
  analyticsArgs,
  parseAnalyticsFilter,
  resolveTimeZone,
} from './analytics-arguments.graphql.ts'
import { MEASURES, type MeasureName } from './measures.ts'
import { mapValues } from './metrics.graphql.ts'
import { conversationSeries, type SeriesLine } from './series.ts'
import { parsePeriod } from './time-buckets.ts'

const INTENTS: EntryLimits = { min: 1, max: 100, default: 20 }

const WhichIntent = builder.enumType('WhichIntent', {
  description: 'Which of its intents a conversation is counted under.',
  values: {
    FIRST: { description: 'Its first intent, in the order of the transcript.' },
    LAST: { description: 'Its last intent, in the order of the transcript.' },
    FIRST_MEANINGFUL: {
      description: 'The intent with the earliest message time whose `meaningful` is not false.',
    },
  } as const,
})

/** The measure behind each field, in the order in which they are queried. */
const COUNTS = {
  conversationCount: 'CONVERSATIONS',
  // What the rates rest on, as in `conversationMetrics`.
  conversationsWithOutcomeCount: 'CONVERSATIONS_WITH_OUTCOME',
  userMessageCount: 'USER_MESSAGES',
  messagesWithUnderstoodCount: 'MESSAGES_WITH_UNDERSTOOD',
} as const satisfies Record<string, MeasureName>

/** Null if there is nothing to compute them from. */
const FIGURES = {
  meanSentiment: 'SENTIMENT_MEAN',
  meanRating: 'RATING_MEAN',
  meanTurns: 'TURNS_MEAN',
  notUnderstoodRate: 'NOT_UNDERSTOOD_RATE',
  botHandledRate: 'BOT_HANDLED_RATE',
  escalationRate: 'ESCALATION_RATE',
} as const satisfies Record<string, MeasureName>

const NAMES: MeasureName[] = [...Object.values(COUNTS), ...Object.values(FIGURES)]

interface IntentMetrics {
  intent: string | null
  isOther: boolean
  of(measure: MeasureName): number | null
}

const IntentMetrics = builder.objectRef<IntentMetrics>('IntentMetrics').implement({
  description:
    'Metrics of the conversations that count under one intent. Rates are 0 to 1. Means and rates are null if there is nothing to compute them from. The counts with `With` tell a rate from missing data, as in `ConversationMetrics`.',
  fields: (t) => ({
    intent: t.exposeString('intent', {
      nullable: true,
      description: 'Name of the intent. Null for conversations without one, or if `isOther` is true.',
    }),
    isOther: t.exposeBoolean('isOther', {
      description: 'Whether this row combines all intents that have no row of their own.',
    }),
    ...mapValues(COUNTS, (name) =>
      t.int({ description: MEASURES[name].description, extensions: FROM_ROW, resolve: ({ of }) => of(name) ?? 0 }),
    ),
    ...mapValues(FIGURES, (name) =>
      t.float({
        nullable: true,
        description: MEASURES[name].description,
        extensions: FROM_ROW,
        resolve: ({ of }) => of(name),
      }),
    ),
  }),
})

builder.queryField('intentMetrics', (t) =>
  t.field({
    type: [IntentMetrics],
    nullable: true,
    description:
      'What conversations were about, by intent, most frequent first. Each conversation counts under one of its intents, so all rows add up to the whole. A ranking has no pages: `first` says how many. Needs the scope ANALYTICS_READ.',
    authScopes: { $all: { scope: 'ANALYTICS_READ', tenant: true } },
    args: {
      ...analyticsArgs,
      by: t.arg({
        type: WhichIntent,
        required: true,
        defaultValue: 'FIRST_MEANINGFUL',
        description: 'Which of its intents a conversation counts under.',
      }),
      excludeIntents: t.arg.stringList({
        required: true,
        defaultValue: [],
        description: 'Names of intents to ignore.',
      }),
      first: t.arg.int(
        entryCount('How many intents have a row of their own, 1 to 100; all others share one.', INTENTS),
      ),
    },
    resolve: readsNumbers(loadIntentMetrics),
  }),
)

interface IntentArguments extends AnalyticsArguments {
  by: typeof WhichIntent.$inferType
  excludeIntents: string[]
  first?: number | null
}

async function loadIntentMetrics(args: IntentArguments, context: Context, statements: Statements) {
  const first = parseEntryCount(args.first, INTENTS, ['first'])
  const filter = parseAnalyticsFilter(context, args.filter)
  const period = parsePeriod(args.range, await resolveTimeZone(context, args, statements), context.now)
  const lines = await conversationSeries(statements, {
    ...{ scope: filterScope(context), filter, period, previous: null, measures: NAMES },
    includeTests: args.includeTests,
    groupBy: { intent: { which: args.by, excluded: args.excludeIntents }, first },
  })
  const groups = lines.filter(({ measure }) => measure === 'CONVERSATIONS')
  return groups.map(({ group }) => ({
    intent: group?.key ?? null,
    isOther: group?.other ?? false,
    of: (name: MeasureName) =>
      lines.find((line: SeriesLine) => line.measure === name && line.group === group)?.total.value ?? null,
  }))
}

import type { Context } from '../context.ts'
import { filterScope } from '../conversations/conversation-filter.graphql.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { builder, type Types } from '../graphql/builder.ts'
import { FROM_ROW, readsNumbers } from '../graphql/read-extensions.ts'
import {
  type AnalyticsArguments,
  analyticsArgs,
  parseAnalyticsFilter,
  resolveTimeZone,
} from './analytics-arguments.graphql.ts'
import { MEASURES, type MeasureName } from './measures.ts'
import { conversationSeries, type SeriesLine } from './series.ts'
import { Comparison } from './series-enums.graphql.ts'
import { type Period, parsePeriod, previousDays } from './time-buckets.ts'

/** The measure behind each metric, computed over the whole range. */
const METRICS = {
  conversationCount: 'CONVERSATIONS',
  suggestionOnlyConversationCount: 'SUGGESTION_ONLY_CONVERSATIONS',
  botHandledConversationCount: 'BOT_HANDLED_CONVERSATIONS',
} as const satisfies Record<string, MeasureName>

/** Null if there is nothing to divide by. */
const RATES = {
  botHandledRate: 'BOT_HANDLED_RATE',
  deflectionRate: 'DEFLECTION_RATE',
  escalationRate: 'ESCALATION_RATE',
  failedEscalationRate: 'FAILED_ESCALATION_RATE',
  informedRate: 'INFORMED_RATE',
  automationRate: 'AUTOMATION_RATE',
  messagesUnderstoodRate: 'MESSAGES_UNDERSTOOD_RATE',
  completionRate: 'COMPLETION_RATE',
  abandonmentRate: 'ABANDONMENT_RATE',
  meanTurns: 'TURNS_MEAN',
} as const satisfies Record<string, MeasureName>

interface Metrics extends Period {
  value(measure: MeasureName): number | null
}

/** The fields of the requested range and of the previous one. */
const figures = <Shape extends Metrics>(t: PothosSchemaTypes.ObjectFieldBuilder<Types, Shape>) => ({
  from: t.field({
    type: 'DateTime',
    description: 'Start of the range, inclusive.',
    extensions: FROM_ROW,
    resolve: ({ from }) => from,
  }),
  to: t.field({
    type: 'DateTime',
    description: 'End of the range, exclusive.',
    extensions: FROM_ROW,
    resolve: ({ to }) => to,
  }),
  ...mapValues(METRICS, (name) =>
    t.int({ description: MEASURES[name].description, extensions: FROM_ROW, resolve: ({ value }) => value(name) ?? 0 }),
  ),
  ...mapValues(RATES, (name) =>
    t.float({
      nullable: true,
      description: MEASURES[name].description,
      extensions: FROM_ROW,
      resolve: ({ value }) => value(name),
    }),
  ),
})

const PreviousMetrics = builder.objectRef<Metrics>('PreviousConversationMetrics').implement({
  description:
    'The same key figures for the previous period. Rates are 0 to 1. Rates and means are null if there is nothing to divide by.',
  fields: figures,
})

const ConversationMetrics = builder.objectRef<Metrics & { previous: Metrics | null }>('ConversationMetrics').implement({
  description:
    'Key figures of the conversations that began in a range. Rates are 0 to 1. Rates and means are null if there is nothing to divide by. Unless a rate says otherwise, it is a share of all conversations, also of those without an outcome or resolution.',
  fields: (t) => ({
    ...figures(t),
    previous: t.expose('previous', {
      type: PreviousMetrics,
      nullable: true,
      description: 'The same figures for the previous period. Null without `compareTo`.',
    }),
  }),
})

builder.queryField('conversationMetrics', (t) =>
  t.field({
    type: ConversationMetrics,
    nullable: true,
    description: "Key figures of the tenant's conversations. Needs the scope ANALYTICS_READ.",
    authScopes: { $all: { scope: 'ANALYTICS_READ', tenant: true } },
    args: {
      ...analyticsArgs,
      compareTo: t.arg({
        type: Comparison,
        required: false,
        description:
          'Also returns `previous`, the figures of the preceding days: as many days of the time zone as the range touches. Default: no comparison.',
      }),
    },
    resolve: readsNumbers(loadMetrics),
  }),
)

async function loadMetrics(
  args: AnalyticsArguments & { compareTo?: unknown },
  context: Context,
  statements: Statements,
): Promise<Metrics & { previous: Metrics | null }> {
  const filter = parseAnalyticsFilter(context, args.filter)
  const timeZone = await resolveTimeZone(context, args.timeZone, statements)
  const period = parsePeriod(args.range, timeZone, context.now)
  const previous = args.compareTo ? previousDays(period, timeZone) : null
  const lines = await conversationSeries(statements, {
    ...{ scope: filterScope(context), filter, period, previous, groupBy: null },
    includeTests: args.includeTests,
    measures: [...Object.values(METRICS), ...Object.values(RATES)],
  })
  return {
    ...period,
    value: readerOf(lines, ({ total }) => total.value),
    previous: previous && {
      ...previous,
      value: readerOf(lines, ({ previousTotal }) => previousTotal?.value ?? null),
    },
  }
}

const readerOf = (lines: readonly SeriesLine[], read: (line: SeriesLine) => number | null): Metrics['value'] => {
  const values = new Map(lines.map((line) => [line.measure, read(line)]))
  return (measure) => values.get(measure) ?? null
}

function mapValues<Key extends string, Value, Result>(object: Record<Key, Value>, map: (value: Value) => Result) {
  return Object.fromEntries(Object.entries<Value>(object).map(([key, value]) => [key, map(value)])) as Record<
    Key,
    Result
  >
}

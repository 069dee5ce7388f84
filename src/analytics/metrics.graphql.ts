import type { Context } from '../context.ts'
import { filterScope } from '../conversations/conversation-filter.graphql.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { builder } from '../graphql/builder.ts'
import { FROM_ROW, readsNumbers } from '../graphql/read-extensions.ts'
import type { Grouping } from './aggregate-conversations.sql.ts'
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

/** The measure behind each count, computed over the whole range. */
const COUNTS = {
  conversationCount: 'CONVERSATIONS',
  suggestionOnlyConversationCount: 'SUGGESTION_ONLY_CONVERSATIONS',
  botHandledConversationCount: 'BOT_HANDLED_CONVERSATIONS',
  // How much is known: a rate is 0 also if nobody said anything.
  conversationsWithOutcomeCount: 'CONVERSATIONS_WITH_OUTCOME',
  conversationsWithResolutionCount: 'CONVERSATIONS_WITH_RESOLUTION',
  userMessageCount: 'USER_MESSAGES',
  messagesWithUnderstoodCount: 'MESSAGES_WITH_UNDERSTOOD',
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

export interface Metrics extends Period {
  value(measure: MeasureName): number | null
}

export const ConversationMetrics = builder.objectRef<Metrics>('ConversationMetrics').implement({
  description:
    'Key figures of the conversations that began in a range. Rates are 0 to 1. Rates and means are null if there is nothing to divide by. Each is taken over all conversations (`conversationCount`), also those without an outcome or resolution, except `messagesUnderstoodRate`, which is taken over all user messages (`userMessageCount`). Use the counts with `With` to tell a rate from missing data: with no outcomes, `deflectionRate` is 0, and with no `understood`, `messagesUnderstoodRate` is 1.',
  fields: (t) => ({
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
    ...mapValues(COUNTS, (name) =>
      t.int({
        description: MEASURES[name].description,
        extensions: FROM_ROW,
        resolve: ({ value }) => value(name) ?? 0,
      }),
    ),
    ...mapValues(RATES, (name) =>
      t.float({
        nullable: true,
        description: MEASURES[name].description,
        extensions: FROM_ROW,
        resolve: ({ value }) => value(name),
      }),
    ),
  }),
})

interface ComparedMetrics {
  current: Metrics
  previous: Metrics | null
}

const ConversationMetricsComparison = builder.objectRef<ComparedMetrics>('ConversationMetricsComparison').implement({
  description: 'Key figures of a range and, with `compareTo`, of the period before it.',
  fields: (t) => ({
    current: t.expose('current', { type: ConversationMetrics, description: 'The figures of the requested range.' }),
    previous: t.expose('previous', {
      type: ConversationMetrics,
      nullable: true,
      description: 'The same figures for the previous period. Null without `compareTo`.',
    }),
  }),
})

builder.queryField('conversationMetrics', (t) =>
  t.field({
    type: ConversationMetricsComparison,
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
    resolve: readsNumbers(compareMetrics),
  }),
)

async function compareMetrics(
  args: AnalyticsArguments & { compareTo?: unknown },
  context: Context,
  statements: Statements,
): Promise<ComparedMetrics> {
  return (await loadMetricsOf(null, args, context, statements))(null)
}

/** The metrics of each group by its key, or of all conversations. */
export async function loadMetricsOf(
  grouping: Grouping | null,
  args: AnalyticsArguments & { compareTo?: unknown },
  context: Context,
  statements: Statements,
): Promise<(key: string | null) => ComparedMetrics> {
  const filter = parseAnalyticsFilter(context, args.filter)
  const timeZone = await resolveTimeZone(context, args, statements)
  const period = parsePeriod(args.range, timeZone, context.now)
  const previous = args.compareTo ? previousDays(period, timeZone) : null
  const lines = await conversationSeries(statements, {
    ...{ scope: filterScope(context), filter, period, previous, groupBy: null, grouping },
    includeTests: args.includeTests,
    measures: [...Object.values(COUNTS), ...Object.values(RATES)],
  })
  return (key) => {
    const ofGroup = lines.filter(({ group }) => (group?.key ?? null) === key)
    return {
      current: { ...period, value: readerOf(ofGroup, ({ total }) => total.value) },
      previous: previous && {
        ...previous,
        value: readerOf(ofGroup, ({ previousTotal }) => previousTotal?.value ?? null),
      },
    }
  }
}

const readerOf = (lines: readonly SeriesLine[], read: (line: SeriesLine) => number | null): Metrics['value'] => {
  const values = new Map(lines.map((line) => [line.measure, read(line)]))
  return (measure) => values.get(measure) ?? null
}

export function mapValues<Key extends string, Value, Result>(
  object: Record<Key, Value>,
  map: (value: Value) => Result,
) {
  return Object.fromEntries(Object.entries<Value>(object).map(([key, value]) => [key, map(value)])) as Record<
    Key,
    Result
  >
}

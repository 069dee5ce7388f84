import { filterScope } from '../conversations/conversation-filter.graphql.ts'
import { builder } from '../graphql/builder.ts'
import { type EntryLimits, entryCount, parseEntryCount } from '../graphql/entry-count.ts'
import { FROM_ROW, readsNumbers } from '../graphql/read-extensions.ts'
import {
  type AnalyticsArguments,
  analyticsArgs,
  parseAnalyticsFilter,
  resolveTimeZone,
} from './analytics-arguments.graphql.ts'
import { type ToolRow, toolMetrics } from './breakdowns.sql.ts'
import { withoutTests } from './series.ts'
import { parsePeriod } from './time-buckets.ts'

const TOOLS: EntryLimits = { min: 1, max: 100, default: 20 }

const ToolMetrics = builder.objectRef<ToolRow>('ToolMetrics').implement({
  description: 'Metrics of the calls of one tool.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the tool.' }),
    callCount: t.exposeInt('calls', { description: 'Number of calls.' }),
    errorCount: t.exposeInt('errors', { description: 'Number of calls that failed.' }),
    errorRate: t.float({
      description: 'Share of calls that failed, 0 to 1.',
      extensions: FROM_ROW,
      resolve: ({ errors, calls }) => errors / calls,
    }),
    conversationCount: t.exposeInt('conversations', { description: 'Number of conversations with calls of the tool.' }),
    meanDurationMs: t.exposeFloat('mean_ms', {
      nullable: true,
      description: 'Mean duration, in milliseconds, of the calls that have one. Null if none has.',
    }),
    p50DurationMs: t.exposeFloat('p50_ms', {
      nullable: true,
      description: 'Median duration, in milliseconds, of the calls that have one. Null if none has.',
    }),
    p95DurationMs: t.exposeFloat('p95_ms', {
      nullable: true,
      description: '95th percentile of the duration, in milliseconds, of the calls that have one. Null if none has.',
    }),
  }),
})

builder.queryField('toolMetrics', (t) =>
  t.field({
    type: [ToolMetrics],
    nullable: true,
    description:
      'Tools that were called in conversations that began in a range, most called first. A ranking has no pages: `first` says how many. Needs the scope ANALYTICS_READ.',
    authScopes: { $all: { scope: 'ANALYTICS_READ', tenant: true } },
    args: {
      ...analyticsArgs,
      first: t.arg.int(entryCount('How many tools to return, 1 to 100.', TOOLS)),
    },
    resolve: readsNumbers(async (args: AnalyticsArguments & { first?: number | null }, context, statements) => {
      const first = parseEntryCount(args.first, TOOLS, ['first'])
      const filter = withoutTests(parseAnalyticsFilter(context, args.filter), args.includeTests)
      const period = parsePeriod(args.range, await resolveTimeZone(context, args, statements), context.now)
      return toolMetrics(statements, { filter, period, scope: filterScope(context) }, first)
    }),
  }),
)

import { filterScope } from '../conversations/conversation-filter.graphql.ts'
import { badInput } from '../errors.ts'
import { builder } from '../graphql/builder.ts'
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

const ToolMetrics = builder.objectRef<ToolRow>('ToolMetrics').implement({
  description: 'What the calls of one tool add up to.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The tool.' }),
    calls: t.exposeInt('calls', { description: 'How often it was called.' }),
    errors: t.exposeInt('errors', { description: 'How often that went wrong.' }),
    errorRate: t.float({
      description: 'Share of calls that went wrong.',
      extensions: FROM_ROW,
      resolve: ({ errors, calls }) => errors / calls,
    }),
    conversations: t.exposeInt('conversations', { description: 'In how many conversations.' }),
    meanDurationMs: t.exposeFloat('mean_ms', {
      nullable: true,
      description: 'Mean duration of the calls that say theirs, milliseconds.',
    }),
    p50DurationMs: t.exposeFloat('p50_ms', { nullable: true, description: 'Their median duration, milliseconds.' }),
    p95DurationMs: t.exposeFloat('p95_ms', { nullable: true, description: 'The 95th percentile, milliseconds.' }),
  }),
})

builder.queryField('toolMetrics', (t) =>
  t.field({
    type: [ToolMetrics],
    description:
      'The tools that were called in conversations that began in a range, most called first. Needs the scope ANALYTICS_READ.',
    authScopes: { $all: { scope: 'ANALYTICS_READ', tenant: true } },
    args: {
      ...analyticsArgs,
      first: t.arg.int({ required: true, defaultValue: 20, description: 'How many tools, 1 to 100.' }),
    },
    resolve: readsNumbers(async (args: AnalyticsArguments & { first: number }, context, statements) => {
      if (args.first < 1 || args.first > 100) throw badInput(['first'], 'must be between 1 and 100.')
      const filter = withoutTests(parseAnalyticsFilter(context, args.filter), args.includeTests)
      const period = parsePeriod(args.range, await resolveTimeZone(context, args.timeZone, statements), context.now)
      return toolMetrics(statements, { filter, period, scope: filterScope(context) }, args.first)
    }),
  }),
)

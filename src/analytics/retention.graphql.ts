import { filterScope } from '../conversations/conversation-filter.graphql.ts'
import { badInput } from '../errors.ts'
import { builder } from '../graphql/builder.ts'
import { readsNumbers } from '../graphql/read-extensions.ts'
import {
  type AnalyticsArguments,
  analyticsArgs,
  parseAnalyticsFilter,
  resolveTimeZone,
} from './analytics-arguments.graphql.ts'
import { retention } from './breakdowns.sql.ts'
import { withoutTests } from './series.ts'
import { DayOfWeek } from './series-enums.graphql.ts'
import { bucketEdges, type Calendar, checkYears, previousPeriod } from './time-buckets.ts'

interface Week {
  week: number
  endUsers: number
  share: number | null
}

interface Cohort {
  start: Date
  end: Date
  size: number
  weeks: Week[]
}

const RetentionWeek = builder.objectRef<Week>('RetentionWeek').implement({
  description: 'How many of a cohort came in one week.',
  fields: (t) => ({
    week: t.exposeInt('week', { description: 'How many weeks after their first; 0 is that one.' }),
    endUsers: t.exposeInt('endUsers', { description: 'How many of them had a conversation then.' }),
    share: t.exposeFloat('share', {
      nullable: true,
      description: 'Their share of the cohort; null where that is empty.',
    }),
  }),
})

const RetentionCohort = builder.objectRef<Cohort>('RetentionCohort').implement({
  description: 'End users whose first conversation was in the same week.',
  fields: (t) => ({
    start: t.expose('start', { type: 'DateTime', description: 'When the week begins. Included.' }),
    end: t.expose('end', { type: 'DateTime', description: 'When it ends. Excluded.' }),
    size: t.exposeInt('size', { description: 'How many they are.' }),
    weeks: t.expose('weeks', {
      type: [RetentionWeek],
      description: 'Week by week, from their first to the last one asked for.',
    }),
  }),
})

interface RetentionArguments extends Omit<AnalyticsArguments, 'range'> {
  weeks: number
  until?: Date | null | undefined
  weekStart: Calendar['weekStart']
}

builder.queryField('retention', (t) =>
  t.field({
    type: [RetentionCohort],
    description:
      'Who comes back: end users by the week of their first conversation (of all that fit and may be seen), oldest week first. Needs the scope ANALYTICS_READ.',
    authScopes: { $all: { scope: 'ANALYTICS_READ', tenant: true } },
    args: {
      weeks: t.arg.int({ required: true, defaultValue: 8, description: 'How many weeks, 1 to 52.' }),
      until: t.arg({
        type: 'DateTime',
        required: false,
        description: 'The last week has this moment in it. Default: now.',
      }),
      timeZone: analyticsArgs.timeZone,
      weekStart: t.arg({ type: DayOfWeek, required: true, defaultValue: 1, description: 'On which day weeks begin.' }),
      filter: analyticsArgs.filter,
      includeTests: analyticsArgs.includeTests,
    },
    resolve: readsNumbers(async (args: RetentionArguments, context, statements) => {
      if (args.weeks < 1 || args.weeks > 52) throw badInput(['weeks'], 'must be between 1 and 52.')
      const filter = withoutTests(parseAnalyticsFilter(context, args.filter), args.includeTests)
      const timeZone = await resolveTimeZone(context, args.timeZone, statements)
      const calendar = { interval: 'WEEK', timeZone, weekStart: args.weekStart } as const
      const until = args.until ?? context.now
      const moment = checkYears({ from: until, to: new Date(until.getTime() + 1) }, ['until'])
      const { from } = previousPeriod(moment, calendar, args.weeks - 1, ['until'])
      const edges = await context.piece(() => bucketEdges({ from, to: moment.to }, calendar))
      const found = await retention(statements, { filter, scope: filterScope(context), period: null }, edges)
      const seen = new Map(found.map(({ cohort, bucket, end_users }) => [`${cohort} ${bucket}`, end_users]))
      const cohorts = edges.slice(0, -1)
      return cohorts.map((start, cohort): Cohort => {
        const size = seen.get(`${cohort} ${cohort}`) ?? 0
        const weeks = cohorts.slice(cohort).map((_, week): Week => {
          const endUsers = seen.get(`${cohort} ${cohort + week}`) ?? 0
          return { week, endUsers, share: size === 0 ? null : endUsers / size }
        })
        return { start, end: edges[cohort + 1] ?? start, size, weeks }
      })
    }),
  }),
)

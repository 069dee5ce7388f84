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
import { bucketEdges, type Calendar, checkYears, previousPeriod, startOfBucket } from './time-buckets.ts'

interface Week {
  week: number
  endUserCount: number
  rate: number | null
}

interface Cohort {
  start: Date
  end: Date
  endUserCount: number
  weeks: Week[]
}

const RetentionWeek = builder.objectRef<Week>('RetentionWeek').implement({
  description: 'How many end users of a cohort had a conversation in one week.',
  fields: (t) => ({
    week: t.exposeInt('week', { description: 'Number of weeks after the first week of the cohort, which has 0.' }),
    endUserCount: t.exposeInt('endUserCount', {
      description: 'Number of end users of the cohort who had a conversation in this week.',
    }),
    rate: t.exposeFloat('rate', {
      nullable: true,
      description: 'Their share of the cohort, 0 to 1. Null if the cohort is empty.',
    }),
  }),
})

const RetentionCohort = builder.objectRef<Cohort>('RetentionCohort').implement({
  description: 'End users whose first conversation was in the same week.',
  fields: (t) => ({
    start: t.expose('start', { type: 'DateTime', description: 'Start of their first week, inclusive.' }),
    end: t.expose('end', { type: 'DateTime', description: 'End of their first week, exclusive.' }),
    endUserCount: t.exposeInt('endUserCount', { description: 'Number of end users in the cohort.' }),
    weeks: t.expose('weeks', {
      type: [RetentionWeek],
      description: 'One entry for each week, from their first week to the last one requested.',
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
    nullable: true,
    description:
      'How many end users come back, by the week of their first conversation, oldest week first. Only conversations that match the filter and that the credential may see are considered. Needs the scope ANALYTICS_READ.',
    authScopes: { $all: { scope: 'ANALYTICS_READ', tenant: true } },
    args: {
      weeks: t.arg.int({
        required: true,
        defaultValue: 8,
        description: 'Number of weeks, and so of cohorts, 1 to 52.',
      }),
      until: t.arg({
        type: 'DateOrDateTime',
        required: false,
        description: 'A date or time in the last week. Default: now.',
      }),
      timeZone: t.arg.string({
        required: false,
        description:
          "IANA time zone of the weeks and of a date in `until`, such as Europe/Berlin. Default: the tenant's. It does not affect dates in `filter`.",
      }),
      weekStart: t.arg({ type: DayOfWeek, required: true, defaultValue: 1, description: 'First day of each week.' }),
      filter: analyticsArgs.filter,
      includeTests: analyticsArgs.includeTests,
    },
    resolve: readsNumbers(async (args: RetentionArguments, context, statements) => {
      if (args.weeks < 1 || args.weeks > 52) throw badInput(['weeks'], 'must be between 1 and 52.')
      const filter = withoutTests(parseAnalyticsFilter(context, args.filter), args.includeTests)
      const timeZone = await resolveTimeZone(context, args, statements)
      const calendar = { interval: 'WEEK', timeZone, weekStart: args.weekStart } as const
      const until = args.until ?? context.now
      const moment = checkYears({ from: until, to: new Date(until.getTime() + 1) }, ['until'])
      const week = { from: startOfBucket(moment.from, calendar), to: moment.to }
      const { from } = previousPeriod(week, calendar, args.weeks - 1, ['until'])
      const edges = await context.piece(() => bucketEdges({ from, to: moment.to }, calendar))
      const found = await retention(statements, { filter, scope: filterScope(context), period: null }, edges)
      const seen = new Map(found.map(({ cohort, bucket, end_users }) => [`${cohort} ${bucket}`, end_users]))
      const cohorts = edges.slice(0, -1)
      return cohorts.map((start, cohort): Cohort => {
        const size = seen.get(`${cohort} ${cohort}`) ?? 0
        const weeks = cohorts.slice(cohort).map((_, week): Week => {
          const endUserCount = seen.get(`${cohort} ${cohort + week}`) ?? 0
          return { week, endUserCount, rate: size === 0 ? null : endUserCount / size }
        })
        return { start, end: edges[cohort + 1] ?? start, endUserCount: size, weeks }
      })
    }),
  }),
)

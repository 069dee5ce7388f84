import type { Context } from '../context.ts'
import { filterScope } from '../conversations/conversation-filter.graphql.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { badInput, limitExceeded } from '../errors.ts'
import { builder } from '../graphql/builder.ts'
import { FROM_ROW, readsNumbers } from '../graphql/read-extensions.ts'
import type { InputLimits } from '../graphql/read-limits.ts'
import { LIMITS } from '../input/limits.ts'
import {
  type AnalyticsArguments,
  analyticsArgs,
  parseAnalyticsFilter,
  resolveTimeZone,
} from './analytics-arguments.graphql.ts'
import { isOfMessages, MEASURES, type MeasureName, measure, type Reading } from './measures.ts'
import { conversationSeries, type GroupBy, type SeriesLine as Line } from './series.ts'
import {
  Comparison,
  DayOfWeek,
  MeasureUnitType,
  SeriesDimension,
  SeriesInterval,
  SeriesMeasure,
} from './series-enums.graphql.ts'
import { type LabelledGroup, labelGroups } from './series-labels.ts'
import {
  bucketEdges,
  type Calendar,
  type Interval,
  MAX_POINTS,
  type Period,
  parsePeriod,
  previousPeriod,
} from './time-buckets.ts'

interface Point extends Reading {
  start: Date
  end: Date
  isPartial: boolean
}

interface Series extends Period {
  interval: Interval
  timeZone: string
  lines: (Omit<Line, 'group' | 'points'> & { group: LabelledGroup | null; points: Point[] })[]
}

const SeriesPoint = builder.objectRef<Point>('SeriesPoint').implement({
  description: 'What was measured in one bucket of time.',
  fields: (t) => ({
    start: t.expose('start', { type: 'DateTime', description: 'When the bucket begins by the calendar. Included.' }),
    end: t.expose('end', { type: 'DateTime', description: 'When it ends. Excluded.' }),
    value: t.exposeFloat('value', {
      nullable: true,
      description: 'The measure; 0 for counts and sums of nothing, null for means and shares of nothing.',
    }),
    count: t.exposeInt('count', {
      description: 'How many things the value rests on: messages that were rated, conversations that have ended.',
    }),
    isPartial: t.exposeBoolean('isPartial', {
      description: 'Whether the range takes in only part of it, or it is not over yet.',
    }),
  }),
})

const SeriesGroup = builder.objectRef<LabelledGroup>('SeriesGroup').implement({
  description: 'Which conversations a line is about.',
  fields: (t) => ({
    key: t.expose('key', {
      type: 'JSON',
      nullable: true,
      description: 'What they have in common: an `agent_…` id, an enum value, a name or a metadata value; null: none.',
    }),
    label: t.exposeString('label', { description: 'The same for people.' }),
    isOther: t.exposeBoolean('other', {
      description: 'Whether these are all further groups. With them, the lines make up the whole.',
    }),
  }),
})

const SeriesLine = builder.objectRef<Series['lines'][number]>('SeriesLine').implement({
  description: 'One measure of one group, bucket by bucket.',
  fields: (t) => ({
    measure: t.expose('measure', { type: SeriesMeasure, description: 'What was measured.' }),
    group: t.expose('group', {
      type: SeriesGroup,
      nullable: true,
      description: 'Of which group; null without groups.',
    }),
    total: t.float({
      nullable: true,
      description: 'The measure of the whole range: of means the mean of all, not of the buckets.',
      extensions: FROM_ROW,
      resolve: ({ total }) => total.value,
    }),
    totalCount: t.int({
      description: 'How many items the total is based on.',
      extensions: FROM_ROW,
      resolve: ({ total }) => total.count,
    }),
    previousTotal: t.float({
      nullable: true,
      description: 'The same of the range that it is compared with; null without `compareTo`.',
      extensions: FROM_ROW,
      resolve: ({ previousTotal }) => previousTotal?.value ?? null,
    }),
    points: t.expose('points', { type: [SeriesPoint], description: 'Every bucket of the range, in order.' }),
  }),
})

const ConversationSeries = builder.objectRef<Series>('ConversationSeries').implement({
  description: 'Measures of conversations over time.',
  fields: (t) => ({
    interval: t.expose('interval', { type: SeriesInterval, description: 'How long a bucket is.' }),
    timeZone: t.exposeString('timeZone', { description: 'In which time zone buckets begin.' }),
    from: t.expose('from', { type: 'DateTime', description: 'Start of the range, inclusive.' }),
    to: t.expose('to', { type: 'DateTime', description: 'End of the range, exclusive.' }),
    lines: t.expose('lines', {
      type: [SeriesLine],
      description: 'A line for each measure and group, in the order asked for.',
    }),
  }),
})

const SeriesGroupBy = builder.inputType('SeriesGroupBy', {
  description: 'By what lines are told apart: exactly one of `dimension` and `metadataPath`.',
  fields: (t) => ({
    dimension: t.field({ type: SeriesDimension, required: false, description: 'By a property of conversations.' }),
    metadataPath: t.stringList({
      required: false,
      description: `By the metadata value under these keys, outermost first, at most ${LIMITS.metadataPathKeys}. 245 is not "245".`,
      extensions: { isPath: true } satisfies InputLimits,
    }),
    first: t.int({
      required: true,
      defaultValue: 5,
      description:
        'How many groups have a line of their own, those with most conversations (of both periods together, if two are compared), 1 to 100; all others share one.',
    }),
  }),
})

builder.queryField('conversationSeries', (t) =>
  t.field({
    type: ConversationSeries,
    description: `Measures of the tenant's conversations over time, by when they began. At most ${MAX_POINTS.toLocaleString('en')} buckets × lines. Needs the scope ANALYTICS_READ.`,
    authScopes: { $all: { scope: 'ANALYTICS_READ', tenant: true } },
    args: {
      measures: t.arg({
        type: [SeriesMeasure],
        required: true,
        description: 'What to measure: see `availableSeries`.',
      }),
      interval: t.arg({
        type: SeriesInterval,
        required: true,
        defaultValue: 'DAY',
        description: 'How long a bucket is.',
      }),
      ...analyticsArgs,
      weekStart: t.arg({ type: DayOfWeek, required: true, defaultValue: 1, description: 'On which day weeks begin.' }),
      groupBy: t.arg({ type: SeriesGroupBy, required: false, description: 'A line for each group.' }),
      compareTo: t.arg({ type: Comparison, required: false, description: 'What `previousTotal` is about.' }),
    },
    resolve: readsNumbers(loadSeries),
  }),
)

interface SeriesArguments extends AnalyticsArguments {
  measures: MeasureName[]
  interval: Interval
  weekStart: Calendar['weekStart']
  groupBy?: typeof SeriesGroupBy.$inferInput | null
  compareTo?: unknown
}

async function loadSeries(args: SeriesArguments, context: Context, statements: Statements): Promise<Series> {
  const measures = [...new Set(args.measures)]
  if (measures.length === 0) throw badInput(['measures'], 'must name at least one.')
  if (measures.some((name) => measure(name).internal)) context.require('INTERNALS_READ')
  const filter = parseAnalyticsFilter(context, args.filter)
  const groupBy = args.groupBy ? parseGroupBy(args.groupBy) : null
  const ofOthers = groupBy?.dimension === 'MESSAGE_LANGUAGE' ? measures.find((name) => !isOfMessages(name)) : undefined
  if (ofOthers)
    throw badInput(['groupBy', 'dimension'], `MESSAGE_LANGUAGE tells messages apart, and ${ofOthers} is not of them.`)
  const lines = measures.length * (groupBy ? groupBy.first + 1 : 1)
  if (lines > MAX_POINTS) throw limitExceeded(['measures'], `with groups make up to ${lines} lines.`, MAX_POINTS)
  const timeZone = await resolveTimeZone(context, args.timeZone, statements)
  const calendar = { interval: args.interval, timeZone, weekStart: args.weekStart }
  const period = parsePeriod(args.range, timeZone, context.now)
  const edges = await context.piece(() => bucketEdges(period, calendar, Math.floor(MAX_POINTS / lines)))
  const previous = args.compareTo ? previousPeriod(period, calendar, edges.length - 1) : null
  const found = await conversationSeries(statements, {
    ...{ scope: filterScope(context), filter, measures, edges, period, previous, groupBy },
    includeTests: args.includeTests,
  })
  const label = await labelGroups(context, statements, groupBy, found)
  const times = bucketTimes(edges, period, context.now)
  return {
    ...{ interval: args.interval, timeZone, ...period },
    lines: found.map((line) => ({
      ...line,
      group: line.group && label(line.group),
      points: times.map((time, bucket) => {
        const { value = null, count = 0 } = line.points[bucket] ?? {}
        return { ...time, value, count }
      }),
    })),
  }
}

function bucketTimes(edges: readonly Date[], { from, to }: Period, now: Date) {
  // As numbers: to compare a year of Dates takes as long as to sum it.
  const [first, last] = [from.getTime(), Math.min(to.getTime(), now.getTime())]
  return edges.slice(1).map((end, bucket) => {
    const start = edges[bucket] ?? from
    return { start, end, isPartial: start.getTime() < first || end.getTime() > last }
  })
}

function parseGroupBy({ dimension, metadataPath, first }: typeof SeriesGroupBy.$inferInput): GroupBy {
  if ((dimension == null) === (metadataPath == null))
    throw badInput(['groupBy'], 'must have exactly one of `dimension` and `metadataPath`.')
  if (metadataPath?.length === 0) throw badInput(['groupBy', 'metadataPath'], 'must name at least one key.')
  if (first < 1 || first > 100) throw badInput(['groupBy', 'first'], 'must be between 1 and 100.')
  return { ...(dimension ? { dimension } : {}), ...(metadataPath ? { metadataPath } : {}), first }
}

const AvailableSeries = builder.objectRef<MeasureName>('AvailableSeries').implement({
  description: 'A measure that there can be a series of.',
  fields: (t) => ({
    measure: t.field({
      type: SeriesMeasure,
      description: 'Its name in `conversationSeries`.',
      resolve: (name) => name,
    }),
    description: t.string({ description: 'What it means.', resolve: (name) => MEASURES[name].description }),
    unit: t.field({
      type: MeasureUnitType,
      description: 'In what it is counted.',
      resolve: (name) => MEASURES[name].unit,
    }),
  }),
})

builder.queryField('availableSeries', (t) =>
  t.field({
    type: [AvailableSeries],
    description: 'The measures that this credential can have series of. Needs the scope ANALYTICS_READ.',
    authScopes: { scope: 'ANALYTICS_READ' },
    resolve: (_root, _args, context) =>
      (Object.keys(MEASURES) as MeasureName[]).filter(
        (name) => !measure(name).internal || context.has('INTERNALS_READ'),
      ),
  }),
)

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
  description: 'The value of a measure in one bucket of time.',
  fields: (t) => ({
    start: t.expose('start', {
      type: 'DateTime',
      description: 'Start of the whole bucket, inclusive; may be before the range.',
    }),
    end: t.expose('end', {
      type: 'DateTime',
      description: 'End of the whole bucket, exclusive; may be after the range.',
    }),
    value: t.exposeFloat('value', {
      nullable: true,
      description: 'The value. Without data, counts and sums are 0; means, shares and percentiles are null.',
    }),
    count: t.exposeInt('count', {
      description: 'How many items the value is based on, such as rated messages or conversations with a duration.',
    }),
    isPartial: t.exposeBoolean('isPartial', {
      description: 'Whether the range covers only part of the bucket, or the bucket has not ended yet.',
    }),
  }),
})

const SeriesGroup = builder.objectRef<LabelledGroup>('SeriesGroup').implement({
  description: 'The group of conversations that a line is about.',
  fields: (t) => ({
    key: t.expose('key', {
      type: 'JSON',
      nullable: true,
      description:
        'What the conversations have in common: an `agent_…` id, an enum value, a name or a metadata value. Null for those without one (for metadata, also with JSON null), or if `isOther` is true.',
    }),
    label: t.exposeString('label', {
      description:
        "Readable label of the group: the agent's name, or the key as text. `None` for conversations without a key, `Other` if `isOther` is true.",
    }),
    isOther: t.exposeBoolean('other', {
      description:
        'Whether this line combines all remaining groups. Together with it, the lines cover all conversations.',
    }),
  }),
})

const SeriesLine = builder.objectRef<Series['lines'][number]>('SeriesLine').implement({
  description: 'One measure of one group, bucket by bucket.',
  fields: (t) => ({
    measure: t.expose('measure', { type: SeriesMeasure, description: 'The measure.' }),
    group: t.expose('group', {
      type: SeriesGroup,
      nullable: true,
      description: 'The group of conversations. Null without `groupBy`.',
    }),
    total: t.float({
      nullable: true,
      description:
        'The measure over the whole range, null as in `SeriesPoint.value`. A mean is taken over all items, not over the buckets.',
      extensions: FROM_ROW,
      resolve: ({ total }) => total.value,
    }),
    totalCount: t.int({
      description: 'How many items the total is based on, as in `SeriesPoint.count`.',
      extensions: FROM_ROW,
      resolve: ({ total }) => total.count,
    }),
    previousTotal: t.float({
      nullable: true,
      description: 'The total of the previous period. Null without `compareTo`, or as in `SeriesPoint.value`.',
      extensions: FROM_ROW,
      resolve: ({ previousTotal }) => previousTotal?.value ?? null,
    }),
    points: t.expose('points', { type: [SeriesPoint], description: 'Every bucket of the range, in order.' }),
  }),
})

const ConversationSeries = builder.objectRef<Series>('ConversationSeries').implement({
  description: 'Measures of conversations over time.',
  fields: (t) => ({
    interval: t.expose('interval', { type: SeriesInterval, description: 'Length of a bucket.' }),
    timeZone: t.exposeString('timeZone', { description: 'IANA time zone of the buckets.' }),
    from: t.expose('from', { type: 'DateTime', description: 'Start of the range, inclusive.' }),
    to: t.expose('to', { type: 'DateTime', description: 'End of the range, exclusive.' }),
    lines: t.expose('lines', {
      type: [SeriesLine],
      description:
        'One line for each measure and group: measures in the requested order, then groups, those with the most conversations first.',
    }),
  }),
})

const SeriesGroupBy = builder.inputType('SeriesGroupBy', {
  description: 'What to group by: give exactly one of `dimension` and `metadataPath`.',
  fields: (t) => ({
    dimension: t.field({
      type: SeriesDimension,
      required: false,
      description: 'Groups by a property of conversations.',
    }),
    metadataPath: t.stringList({
      required: false,
      description: `Groups by the metadata value under these keys, outermost first, 1 to ${LIMITS.metadataPathKeys}. Types are strict: 245 is not "245". JSON null counts as no value.`,
      extensions: { isPath: true } satisfies InputLimits,
    }),
    first: t.int({
      required: true,
      defaultValue: 5,
      description:
        'How many groups have a line of their own, 1 to 100: those with the most conversations (with `compareTo`, in both periods together). All others share one.',
    }),
  }),
})

builder.queryField('conversationSeries', (t) =>
  t.field({
    type: ConversationSeries,
    description: `Measures of the tenant's conversations over time, by when they began. At most ${MAX_POINTS.toLocaleString('en')} points: measures × buckets, with \`groupBy\` times \`groupBy.first\` + 1. Needs the scope ANALYTICS_READ.`,
    authScopes: { $all: { scope: 'ANALYTICS_READ', tenant: true } },
    args: {
      measures: t.arg({
        type: [SeriesMeasure],
        required: true,
        description: 'What to measure, at least one measure. `availableSeries` lists them with their units.',
      }),
      interval: t.arg({
        type: SeriesInterval,
        required: true,
        defaultValue: 'DAY',
        description: 'Length of a bucket.',
      }),
      ...analyticsArgs,
      weekStart: t.arg({
        type: DayOfWeek,
        required: true,
        defaultValue: 1,
        description: 'First day of each week. Used only with the interval WEEK.',
      }),
      groupBy: t.arg({
        type: SeriesGroupBy,
        required: false,
        description:
          'Returns one line per measure for each group. Default: one line per measure for all conversations.',
      }),
      compareTo: t.arg({
        type: Comparison,
        required: false,
        description: 'Period that `previousTotal` covers. Default: no comparison.',
      }),
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
  if (measures.length === 0) throw badInput(['measures'], 'must name at least one measure.')
  if (measures.some((name) => measure(name).internal)) context.require('INTERNALS_READ')
  const filter = parseAnalyticsFilter(context, args.filter)
  const groupBy = args.groupBy ? parseGroupBy(args.groupBy) : null
  const ofOthers = groupBy?.dimension === 'MESSAGE_LANGUAGE' ? measures.find((name) => !isOfMessages(name)) : undefined
  if (ofOthers)
    throw badInput(['groupBy', 'dimension'], `MESSAGE_LANGUAGE groups messages, but ${ofOthers} does not measure them.`)
  const lines = measures.length * (groupBy ? groupBy.first + 1 : 1)
  if (lines > MAX_POINTS)
    throw limitExceeded(
      ['measures'],
      `make up to ${lines} lines with groups; at most ${MAX_POINTS} are accepted.`,
      MAX_POINTS,
    )
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
  // As numbers: comparing a year of Dates takes as long as summing it.
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
  description: 'A measure that `conversationSeries` can return.',
  fields: (t) => ({
    measure: t.field({
      type: SeriesMeasure,
      description: 'Its name in `conversationSeries`.',
      resolve: (name) => name,
    }),
    description: t.string({ description: 'Meaning of the measure.', resolve: (name) => MEASURES[name].description }),
    unit: t.field({
      type: MeasureUnitType,
      description: 'Unit of its values.',
      resolve: (name) => MEASURES[name].unit,
    }),
  }),
})

builder.queryField('availableSeries', (t) =>
  t.field({
    type: [AvailableSeries],
    description:
      'The measures that this credential may request in `conversationSeries`. Needs the scope ANALYTICS_READ.',
    authScopes: { scope: 'ANALYTICS_READ' },
    resolve: (_root, _args, context) =>
      (Object.keys(MEASURES) as MeasureName[]).filter(
        (name) => !measure(name).internal || context.has('INTERNALS_READ'),
      ),
  }),
)

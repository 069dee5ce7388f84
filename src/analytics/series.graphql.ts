import type { Context } from '../context.ts'
import { filterScope } from '../conversations/conversation-filter.graphql.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { badInput } from '../errors.ts'
import { builder } from '../graphql/builder.ts'
import { type EntryLimits, entryCount, parseEntryCount } from '../graphql/entry-count.ts'
import { type RootField, readsNumbers } from '../graphql/read-extensions.ts'
import type { InputLimits } from '../graphql/read-limits.ts'
import { LIMITS } from '../input/limits.ts'
import {
  type AnalyticsArguments,
  analyticsArgs,
  parseAnalyticsFilter,
  resolveTimeZone,
} from './analytics-arguments.graphql.ts'
import { isOfMessages, MEASURES, type MeasureName, measure } from './measures.ts'
import { conversationSeries, type GroupBy } from './series.ts'
import {
  Comparison,
  DayOfWeek,
  MeasureUnitType,
  SeriesDimension,
  SeriesInterval,
  SeriesMeasure,
} from './series-enums.graphql.ts'
import { labelGroups } from './series-labels.ts'
import { bucketsOf, lazy, pointsOf, SeriesPoints } from './series-points.ts'
import { ConversationSeries, type Series } from './series-types.graphql.ts'
import { type Calendar, type Interval, type Period, parsePeriod, previousPeriod } from './time-buckets.ts'

const GROUPS: EntryLimits = { min: 1, max: 100, default: 5 }

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
    first: t.int(
      entryCount(
        'How many groups have a line of their own, 1 to 100: those with the most conversations (with `compareTo`, in both periods together). All others share one.',
        GROUPS,
      ),
    ),
  }),
})

builder.queryField('conversationSeries', (t) =>
  t.field({
    type: ConversationSeries,
    nullable: true,
    description: `Measures of the tenant's conversations over time, by when they began. All series of an operation have at most ${LIMITS.seriesPoints.toLocaleString('en')} points together, even if points are not selected: measures × buckets × groups, if there are groups. \`previousPoints\` are not counted. Needs the scope ANALYTICS_READ.`,
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
        description: 'Period that `previousTotal` and `previousPoints` cover. Default: no comparison.',
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

async function loadSeries(
  args: SeriesArguments,
  context: Context,
  statements: Statements,
  { key }: RootField,
): Promise<Series> {
  const measures = [...new Set(args.measures)]
  if (measures.length === 0) throw badInput(['measures'], 'must name at least one measure.')
  if (measures.some((name) => measure(name).internal)) context.require('INTERNALS_READ')
  const filter = parseAnalyticsFilter(context, args.filter)
  const groupBy = args.groupBy ? parseGroupBy(args.groupBy) : null
  const ofOthers = groupBy?.dimension === 'MESSAGE_LANGUAGE' ? measures.find((name) => !isOfMessages(name)) : undefined
  if (ofOthers)
    throw badInput(['groupBy', 'dimension'], `MESSAGE_LANGUAGE groups messages, but ${ofOthers} does not measure them.`)
  const timeZone = await resolveTimeZone(context, args, statements)
  const calendar = { interval: args.interval, timeZone, weekStart: args.weekStart }
  // Refused before anything is read, if there are too many points for one group; else once the groups are known.
  const allowed = new SeriesPoints(context, key, measures.length)
  const inBuckets = (of: Period) => context.piece(() => allowed.inBuckets(of, calendar))
  const period = await inBuckets(parsePeriod(args.range, timeZone, context.now))
  const count = period.edges.length - 1
  const previous = args.compareTo ? await inBuckets(previousPeriod(period, calendar, count)) : null
  const mostBuckets = Math.max(count, (previous?.edges.length ?? 1) - 1)
  const found = await conversationSeries(statements, {
    ...{ scope: filterScope(context), filter, measures, groupBy, period, previous },
    includeTests: args.includeTests,
    checkGroups: (groups) => allowed.checkGroups(groups, mostBuckets),
  })
  const label = await labelGroups(context, statements, groupBy, found)
  const buckets = lazy(() => bucketsOf(calendar, period, context.now))
  const previousBuckets = lazy(() => (previous ? bucketsOf(calendar, previous, context.now) : []))
  return {
    ...{ interval: args.interval, timeZone, from: period.from, to: period.to },
    lines: found.map(({ reading, previousReading, ...line }) => ({
      ...line,
      group: line.group && label(line.group),
      points: lazy(() => pointsOf(buckets(), reading)),
      previousPoints: previousReading && lazy(() => pointsOf(previousBuckets(), previousReading)),
    })),
  }
}

function parseGroupBy({ dimension, metadataPath, first }: typeof SeriesGroupBy.$inferInput): GroupBy {
  if ((dimension == null) === (metadataPath == null))
    throw badInput(['groupBy'], 'must have exactly one of `dimension` and `metadataPath`.')
  if (metadataPath?.length === 0) throw badInput(['groupBy', 'metadataPath'], 'must name at least one key.')
  const lines = parseEntryCount(first, GROUPS, ['groupBy', 'first'])
  return { ...(dimension ? { dimension } : {}), ...(metadataPath ? { metadataPath } : {}), first: lines }
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
    nullable: true,
    description:
      'The measures that this credential may request in `conversationSeries`. Needs the scope ANALYTICS_READ.',
    authScopes: { scope: 'ANALYTICS_READ' },
    resolve: (_root, _args, context) =>
      (Object.keys(MEASURES) as MeasureName[]).filter(
        (name) => !measure(name).internal || context.has('INTERNALS_READ'),
      ),
  }),
)

import { builder } from '../graphql/builder.ts'
import { FROM_ROW } from '../graphql/read-extensions.ts'
import { bucketLabel } from './bucket-labels.ts'
import type { SeriesLine as Line } from './series.ts'
import { SeriesInterval, SeriesMeasure } from './series-enums.graphql.ts'
import type { LabelledGroup } from './series-labels.ts'
import type { Point } from './series-points.ts'
import type { Interval, Period } from './time-buckets.ts'

interface LabelledLine extends Omit<Line, 'group' | 'reading' | 'previousReading'> {
  group: LabelledGroup | null
  /** Made when they are selected. */
  points(): Point[]
  previousPoints: (() => Point[]) | null
}

export interface Series extends Period {
  interval: Interval
  timeZone: string
  lines: LabelledLine[]
}

const SeriesPoint = builder.objectRef<Point>('SeriesPoint').implement({
  description: 'The value of a measure in one bucket of time.',
  fields: (t) => ({
    start: t.field({
      type: 'DateTime',
      description: 'Start of the whole bucket, inclusive; may be before the range.',
      extensions: FROM_ROW,
      resolve: ({ bucket }) => bucket.start,
    }),
    end: t.field({
      type: 'DateTime',
      description: 'End of the whole bucket, exclusive; may be after the range.',
      extensions: FROM_ROW,
      resolve: ({ bucket }) => bucket.end,
    }),
    label: t.string({
      description:
        'Name of the bucket in the time zone: `2026`, `2026-Q1`, `2026-01`, `2026-W01` (or the date on which the week begins, unless that is a Monday), `2026-01-01`, or `2026-11-01T01-04:00` for an hour.',
      extensions: FROM_ROW,
      resolve: ({ bucket }) => bucketLabel(bucket.start, bucket.calendar),
    }),
    value: t.exposeFloat('value', {
      nullable: true,
      description: 'The value. Without data, counts and sums are 0; means, shares and percentiles are null.',
    }),
    sampleCount: t.exposeInt('count', {
      description: 'How many items the value is based on, such as rated messages or conversations with a duration.',
    }),
    isPartial: t.boolean({
      description: 'Whether the range covers only part of the bucket, or the bucket has not ended yet.',
      extensions: FROM_ROW,
      resolve: ({ bucket }) => bucket.isPartial,
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
        'What the conversations have in common: an `agent_…` id, an enum value, a name, the id of an end user or a metadata value. Null for those without one (for metadata, also with JSON null), or if `isOther` is true.',
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

const SeriesLine = builder.objectRef<LabelledLine>('SeriesLine').implement({
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
    totalSampleCount: t.int({
      description: 'How many items the total is based on, as in `SeriesPoint.sampleCount`.',
      extensions: FROM_ROW,
      resolve: ({ total }) => total.count,
    }),
    previousTotal: t.float({
      nullable: true,
      description: 'The total of the previous period. Null without `compareTo`, or as in `SeriesPoint.value`.',
      extensions: FROM_ROW,
      resolve: ({ previousTotal }) => previousTotal?.value ?? null,
    }),
    points: t.field({
      type: [SeriesPoint],
      description: 'Every bucket of the range, in order.',
      extensions: FROM_ROW,
      resolve: ({ points }) => points(),
    }),
    previousPoints: t.field({
      type: [SeriesPoint],
      nullable: true,
      description: 'Every bucket of the previous period, in order. Null without `compareTo`.',
      extensions: FROM_ROW,
      resolve: ({ previousPoints }) => previousPoints?.() ?? null,
    }),
  }),
})

export const ConversationSeries = builder.objectRef<Series>('ConversationSeries').implement({
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

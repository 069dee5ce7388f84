import type { SeriesInterval, TimeRange } from '../../client/generated/schema-types.ts'

/** Intervals, with the days that a range has to have so that a chart of them can be read. */
const INTERVALS: readonly [interval: SeriesInterval, minDays: number, maxDays: number][] = [
  ['HOUR', 0, 8],
  ['DAY', 2, 100],
  ['WEEK', 14, 800],
  ['MONTH', 60, 4_000],
  ['QUARTER', 180, 10_000],
  ['YEAR', 700, Number.POSITIVE_INFINITY],
]

/** The intervals that suit the range, and the one that is chosen. */
export function intervalsFor(period: TimeRange, chosen: string): SeriesInterval[] {
  const days = daysOf(period)
  return INTERVALS.filter(
    ([interval, minDays, maxDays]) => interval === chosen || (days >= minDays && days <= maxDays),
  ).map(([interval]) => interval)
}

/** Rounded, and as of UTC: this only says what is offered. */
function daysOf({ from, to }: TimeRange): number {
  if (!from) return 365
  const end = to ? Date.parse(String(to)) : Date.now()
  return Math.round((end - Date.parse(String(from))) / 86_400_000)
}

import { Temporal } from 'temporal-polyfill'
import type { Calendar } from './time-buckets.ts'

/** A label takes longer than a point, and dashboards ask for the same buckets again: their edges are cached. */
const labels = new WeakMap<Date, string>()

/**
 * What a bucket is called in its time zone: `2026`, `2026-Q1`, `2026-01`, `2026-W01` (the start date, if weeks don't
 * begin on Monday), `2026-01-01` or, for an hour, `2026-11-01T01-04:00`. `start`: of the whole bucket.
 */
export function bucketLabel(start: Date, calendar: Calendar): string {
  const known = labels.get(start)
  if (known !== undefined) return known
  const label = makeLabel(start, calendar)
  labels.set(start, label)
  return label
}

function makeLabel(start: Date, { interval, timeZone, weekStart }: Calendar): string {
  const time = Temporal.Instant.fromEpochMilliseconds(start.getTime()).toZonedDateTimeISO(timeZone)
  const date = time.toPlainDate()
  const year = padded(date.year, 4)
  switch (interval) {
    case 'YEAR':
      return year
    case 'QUARTER':
      return `${year}-Q${Math.ceil(date.month / 3)}`
    case 'MONTH':
      return `${year}-${padded(date.month, 2)}`
    case 'WEEK':
      return weekStart === 1 ? `${padded(date.yearOfWeek ?? 0, 4)}-W${padded(date.weekOfYear ?? 0, 2)}` : String(date)
    case 'DAY':
      return String(date)
    case 'HOUR':
      return `${date}T${padded(time.hour, 2)}${time.offset}`
  }
}

const padded = (value: number, length: number) => String(value).padStart(length, '0')

import type { DayOfWeek, TimeRange } from '../client/generated/schema-types.ts'

export const RANGES = [
  'today',
  'last-24-hours',
  'last-7-days',
  'last-30-days',
  'last-90-days',
  'last-12-months',
  'this-week',
  'this-month',
  'this-year',
] as const

/**
 * The range of an attribute: a name of `RANGES`, or two dates or times of ISO 8601 such as `2026-03-01/2026-04-01`, of
 * which the second is exclusive and either may be left out. Dates are days of the time zone. Throws a `RangeError` if it
 * is neither.
 */
export function parseRange(
  range: string,
  timeZone: string,
  now = new Date(),
  weekStart: DayOfWeek = 'MONDAY',
): TimeRange {
  const fixed = /^(\d{4}-\d\d[\dT:.Z+-]*)?\/(\d{4}-\d\d[\dT:.Z+-]*)?$/.exec(range)
  if (fixed && range !== '/' && fixed.slice(1).every(isTime))
    return { from: fixed[1] ?? null, to: fixed[2] ?? null, timeZone }
  if (range === 'last-24-hours') {
    const to = new Date(now)
    return { from: new Date(to.getTime() - 86_400_000).toISOString(), to: to.toISOString() }
  }
  const from = firstDay(range, dayIn(timeZone, now), DAYS.indexOf(weekStart))
  if (!from) throw new RangeError(`the range "${range}" is unknown; use ${RANGES.join(', ')} or two dates with a slash`)
  // The end of today: what has a time in the future, such as by a wrong clock, is not counted twice by the next range.
  return { from: isoDay(from), to: isoDay(addDays(dayIn(timeZone, now), 1)), timeZone }
}

const isTime = (bound: string | undefined) => !bound || Number.isFinite(Date.parse(bound))

/** The day of a time in the time zone, as the midnight of UTC on which this day begins. */
export function dayIn(timeZone: string, now: Date): Date {
  const format = new Intl.DateTimeFormat('en-US-u-ca-gregory', {
    timeZone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  })
  const parts = format.formatToParts(now)
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value)
  return new Date(Date.UTC(part('year'), part('month') - 1, part('day')))
}

/** As `getUTCDay` counts. */
const DAYS: readonly DayOfWeek[] = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY']

function firstDay(range: string, today: Date, weekStart: number): Date | null {
  const [year, month] = [today.getUTCFullYear(), today.getUTCMonth()]
  switch (range) {
    case 'today':
      return today
    case 'last-7-days':
      return addDays(today, -6)
    case 'last-30-days':
      return addDays(today, -29)
    case 'last-90-days':
      return addDays(today, -89)
    case 'last-12-months':
      return new Date(Date.UTC(year, month - 11, 1))
    case 'this-week':
      return addDays(today, -((today.getUTCDay() - weekStart + 7) % 7))
    case 'this-month':
      return new Date(Date.UTC(year, month, 1))
    case 'this-year':
      return new Date(Date.UTC(year, 0, 1))
    default:
      return null
  }
}

const addDays = (day: Date, days: number) => new Date(day.getTime() + days * 86_400_000)
const isoDay = (day: Date) => day.toISOString().slice(0, 10)

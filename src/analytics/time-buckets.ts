import { LRUCache } from 'lru-cache'
import { Temporal } from 'temporal-polyfill'
import { badInput, type InputPath } from '../errors.ts'
import { withIsoText } from '../graphql/iso-text.ts'
import { startOfDate } from '../input/local-date.ts'
import { ZoneOffsets } from './zone-offsets.ts'

/** The length of a bucket, by the calendar and clock of a time zone. */
export type Interval = 'HOUR' | 'DAY' | 'WEEK' | 'MONTH' | 'QUARTER' | 'YEAR'

/** ISO 8601: Monday is 1, Sunday 7. */
export type DayOfWeek = 1 | 2 | 3 | 4 | 5 | 6 | 7

/** Half-open. */
export interface Period {
  from: Date
  to: Date
}

/** How time is divided into buckets. */
export interface Calendar {
  interval: Interval
  timeZone: string
  weekStart: DayOfWeek
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const DAYS_BY_DEFAULT = 7

/** The requested range. By default it begins with a whole day, covers seven days including the last, and ends now. */
export function parsePeriod(
  range: { from?: Date | null | undefined; to?: Date | null | undefined } | null | undefined,
  timeZone: string,
  now: Date,
): Period {
  const to = range?.to ?? now
  const lastMoment = zoned(new Date(to.getTime() - 1), timeZone)
  const from = range?.from ?? startOfDate(lastMoment.toPlainDate().subtract({ days: DAYS_BY_DEFAULT - 1 }), timeZone)
  if (from >= to) throw badInput(['range'], '`from` must be before `to`.')
  return checkYears({ from, to })
}

const YEAR_1 = Date.parse('0001-01-01T00:00:00Z')
/** The year 9999 is excluded: what touches it would end in, or be rounded to, a year with more than four digits. */
const YEAR_9999 = Date.parse('9999-01-01T00:00:00Z')

/** Days, weeks and previous periods of a requested period must be times that can be written and queried. */
export function checkYears(period: Period, path: InputPath = ['range']): Period {
  if (period.from.getTime() < YEAR_1 || period.to.getTime() > YEAR_9999)
    throw badInput(path, 'must be within the years 1 to 9998, including any earlier period that it is compared with.')
  return period
}

/**
 * The edges of the buckets that a period touches: whole days of 23 to 25 hours, whole weeks, … The first and the last
 * bucket may extend beyond the period. If there are more than `atMost`, throws what `tooMany` makes of the fewest that
 * there can be.
 */
export function bucketEdges(
  period: Period,
  calendar: Calendar,
  atMost = Number.POSITIVE_INFINITY,
  tooMany = (fewest: number): Error => new Error(`there are ${fewest} buckets or more`),
): Date[] {
  const to = period.to.getTime()
  // Certainly too many, and not worth computing.
  const fewest = Math.floor((to - period.from.getTime()) / LONGEST_MS[calendar.interval])
  if (fewest > atMost) throw tooMany(fewest)
  const [key, all] = edgesFrom(period.from, calendar)
  const knownBefore = all.known.length
  for (let count = 1; count <= atMost + 1; count += 1) {
    while (all.known.length < count) all.known.push(withIsoText(all.rest.next().value))
    if ((all.known[count - 1]?.getTime() ?? to) < to) continue
    // Again, if it has grown.
    if (all.known.length !== knownBefore) latestEdges.set(key, all)
    return all.known.slice(0, count)
  }
  throw tooMany(atMost + 1)
}

/** No bucket is longer, whatever a zone does with its clocks and its calendar. */
const LONGEST_MS: Record<Interval, number> = {
  HOUR: 2 * HOUR_MS,
  DAY: 2 * DAY_MS,
  WEEK: 9 * DAY_MS,
  MONTH: 33 * DAY_MS,
  QUARTER: 95 * DAY_MS,
  YEAR: 368 * DAY_MS,
}

/** How many edges all cached calendars may have together, each with its text and its label: about 20 MB. */
const MAX_KEPT_EDGES = 100_000

/** The edges from one on, as far as they have been requested. */
interface Edges {
  known: Date[]
  rest: Iterator<Date, never>
}

/** Dashboards request the same days repeatedly, and computing a year of edges takes longer than summing it. */
const latestEdges = new LRUCache<string, Edges>({
  maxSize: MAX_KEPT_EDGES,
  sizeCalculation: ({ known }) => 1 + known.length,
})

function edgesFrom(from: Date, { interval, timeZone, weekStart }: Calendar): [key: string, edges: Edges] {
  const first = interval === 'HOUR' ? fullHour(from, timeZone) : firstDate(from, interval, timeZone, weekStart)
  const key = `${interval} ${timeZone} ${first}`
  const found = latestEdges.get(key)
  if (found) return [key, found]
  const offsets = new ZoneOffsets(timeZone)
  const rest = typeof first === 'number' ? hours(first, offsets) : dates(first, interval as DateInterval, offsets)
  return [key, { known: [], rest }]
}

/**
 * The same number of buckets before a period: the previous seven days for seven days, January for February. If an end
 * is on a day that the previous month does not have, the whole last day of that month is included.
 */
export function previousPeriod(
  { from, to }: Period,
  { interval, timeZone }: Calendar,
  buckets: number,
  path?: InputPath,
): Period {
  const back = (time: Date, end: 'from' | 'to') =>
    interval === 'HOUR'
      ? backByHours(time.getTime(), buckets, timeZone)
      : backByDate(zoned(time, timeZone), interval, buckets, end)
  const [fromMs, toMs] = [back(from, 'from'), back(to, 'to')]
  // The clock may skip one end and not the other. Then the previous period is as long as this one.
  const lengthMs = fromMs < toMs ? toMs - fromMs : to.getTime() - from.getTime()
  return checkYears({ from: new Date(toMs - lengthMs), to: new Date(toMs) }, path)
}

/** As far into an hour of the clock as now: where the clock changed by half an hour, one of them was longer. */
function backByHours(time: number, hours: number, timeZone: string): number {
  const offsets = new ZoneOffsets(timeZone)
  const earlier = time - hours * HOUR_MS
  const further = sinceFullHour(earlier, offsets) - sinceFullHour(time, offsets)
  return earlier - ((further + HOUR_MS) % HOUR_MS)
}

function backByDate(time: Temporal.ZonedDateTime, interval: DateInterval, buckets: number, end: 'from' | 'to'): number {
  const { timeZoneId: timeZone } = time
  const today = time.toPlainDate()
  const by = steps(interval, buckets)
  const date = interval === 'DAY' ? daysBefore(today, buckets, timeZone) : today.subtract(by)
  // By the calendar: a day that only this zone has skipped does not count as missing.
  const isMissing = (by.months !== undefined || by.years !== undefined) && date.day !== time.day
  if (isMissing) return startOfDate(end === 'from' ? date : date.add({ days: 1 }), timeZone).getTime()
  // A day begins later if the clock skips midnight, and the day before it need not.
  const isStart = time.epochMilliseconds === startOfDate(today, timeZone).getTime()
  if (isStart) return startOfDate(date, timeZone).getTime()
  return date.toZonedDateTime({ timeZone, plainTime: time.toPlainTime() }).epochMilliseconds
}

/** The date that many days before, of those that the zone did not skip. */
function daysBefore(date: Temporal.PlainDate, days: number, timeZone: string): Temporal.PlainDate {
  const earlier = date.subtract({ days })
  const skipped = days - daysBetween(earlier, date, timeZone)
  return skipped > 0 ? earlier.subtract({ days: skipped }) : earlier
}

const daysBetween = (first: Temporal.PlainDate, last: Temporal.PlainDate, timeZone: string) =>
  Math.round((startOfDate(last, timeZone).getTime() - startOfDate(first, timeZone).getTime()) / DAY_MS)

/** The same for a period without buckets, by the number of days that it touches. */
export function previousDays(period: Period, timeZone: string): Period {
  const date = (time: number) => zoned(new Date(time), timeZone).toPlainDate()
  const [first, last] = [date(period.from.getTime()), date(period.to.getTime() - 1)]
  const days = Math.min(first.until(last).days, daysBetween(first, last, timeZone)) + 1
  return previousPeriod(period, { interval: 'DAY', timeZone, weekStart: 1 }, days)
}

/** When the bucket of a time begins. */
export const startOfBucket = (time: Date, { interval, timeZone, weekStart }: Calendar & { interval: DateInterval }) =>
  startOfDate(firstDate(time, interval, timeZone, weekStart), timeZone)

const zoned = (time: Date, timeZone: string) =>
  Temporal.Instant.fromEpochMilliseconds(time.getTime()).toZonedDateTimeISO(timeZone)

type DateInterval = Exclude<Interval, 'HOUR'>

function firstDate(from: Date, interval: DateInterval, timeZone: string, weekStart: DayOfWeek): Temporal.PlainDate {
  const date = zoned(from, timeZone).toPlainDate()
  switch (interval) {
    case 'DAY':
      return date
    case 'WEEK':
      return date.subtract({ days: (date.dayOfWeek - weekStart + 7) % 7 })
    case 'MONTH':
      return date.with({ day: 1 })
    case 'QUARTER':
      return date.with({ day: 1, month: date.month - ((date.month - 1) % 3) })
    case 'YEAR':
      return date.with({ day: 1, month: 1 })
  }
}

/** A date that a zone skipped, such as 30 December 2011 in Apia, begins when the next one does, and has no bucket. */
function* dates(first: Temporal.PlainDate, interval: DateInterval, offsets: ZoneOffsets): Generator<Date, never> {
  const startOf = starts(first, interval, offsets)
  let last: number | null = null
  for (let step = 0; ; step += 1) {
    const start = startOf(step)
    if (start !== last) yield new Date(start)
    last = start
  }
}

/** When each step begins. Clocks mostly change between steps of a month or longer, so each of those is looked up. */
function starts(first: Temporal.PlainDate, interval: DateInterval, offsets: ZoneOffsets): (step: number) => number {
  const days = DAYS[interval]
  if (days === undefined) return (step) => startOfDate(first.add(steps(interval, step)), offsets.timeZone).getTime()
  const firstMs = first.toZonedDateTime('UTC').epochMilliseconds
  return (step) => offsets.startOfDate(firstMs + step * days * DAY_MS)
}

const DAYS: Partial<Record<DateInterval, number>> = { DAY: 1, WEEK: 7 }

/** Milliseconds since the clock of the zone last showed a full hour. */
function sinceFullHour(time: number, offsets: ZoneOffsets): number {
  const local = time + offsets.at(time)
  return ((local % HOUR_MS) + HOUR_MS) % HOUR_MS
}

const fullHour = (time: Date, timeZone: string) =>
  time.getTime() - sinceFullHour(time.getTime(), new ZoneOffsets(timeZone))

/** Full hours of the zone's clock. If the clock changes by half an hour, one of them is longer. */
function* hours(first: number, offsets: ZoneOffsets): Generator<Date, never> {
  for (let time = first; ; time += HOUR_MS) {
    const since = sinceFullHour(time, offsets)
    if (since > 0) time += HOUR_MS - since
    yield new Date(time)
  }
}

type Step = Partial<Record<'days' | 'weeks' | 'months' | 'years', number>>

function steps(interval: DateInterval, count: number): Step {
  switch (interval) {
    case 'DAY':
      return { days: count }
    case 'WEEK':
      return { weeks: count }
    case 'MONTH':
      return { months: count }
    case 'QUARTER':
      return { months: count * 3 }
    case 'YEAR':
      return { years: count }
  }
}

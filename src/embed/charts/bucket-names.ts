import type { ConversationSeries, SeriesInterval, SeriesPoint } from '../../client/generated/schema-types.ts'

/** What a bucket is called: beside an axis, in a table, and read aloud. */
export interface BucketName {
  tick: string
  name: string
  spoken: string
}

type Bucket = Pick<SeriesPoint, 'start' | 'end'>
type Calendar = Pick<ConversationSeries, 'interval' | 'timeZone'>

const HOUR_MS = 3_600_000

/** The names of buckets that follow each other, in the time zone of the answer. */
export function bucketNames(
  buckets: readonly Bucket[],
  { interval, timeZone }: Calendar,
  language: string,
  quarterText: (quarter: string, year: string) => string,
): BucketName[] {
  const isOfMonths = interval === 'MONTH' || interval === 'YEAR'
  const calendar = isOfMonths && !hasGregorianMonths(language) ? 'gregory' : undefined
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { timeZone, calendar, ...options })
  const numbers = new Intl.DateTimeFormat('en-US-u-ca-gregory', { timeZone, year: 'numeric', month: 'numeric' })
  const yearMonth = (date: Date) => {
    const part = (type: string) => numbers.formatToParts(date).find((one) => one.type === type)?.value ?? ''
    return { year: part('year'), month: Number(part('month')) }
  }
  const first = buckets[0]
  const last = buckets.at(-1)
  const isOneYear = !first || !last || yearMonth(date(first)).year === yearMonth(date(last)).year
  const nameOne = naming(interval, format, isOneYear)
  return buckets.map((bucket, at) => {
    if (interval === 'QUARTER') {
      const { year, month } = yearMonth(date(bucket))
      const name = quarterText(String(Math.ceil(month / 3)), year)
      return { tick: name, name, spoken: name }
    }
    return nameOne(bucket, at === 0)
  })
}

/** In other calendars the server's months and years begin in the middle of one, whose name would be wrong. */
const hasGregorianMonths = (language: string) =>
  /gregory|buddhist|japanese/.test(new Intl.DateTimeFormat(language).resolvedOptions().calendar)

const date = ({ start }: Pick<Bucket, 'start'>) => new Date(start)

type Naming = (bucket: Bucket, isFirst: boolean) => BucketName
type Format = (options: Intl.DateTimeFormatOptions) => Intl.DateTimeFormat

function naming(interval: Exclude<SeriesInterval, never>, format: Format, isOneYear: boolean): Naming {
  const year = isOneYear ? {} : ({ year: 'numeric' } as const)
  const dayTick = format({ day: 'numeric', month: 'short' })
  const daySpoken = format({ day: 'numeric', month: 'long', ...year })
  const day = format({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' })
  switch (interval) {
    case 'HOUR':
      return hours(format, dayTick)
    case 'WEEK': {
      const name = format({ day: 'numeric', month: 'short', year: 'numeric' })
      const spoken = format({ day: 'numeric', month: 'long', ...year })
      return ({ start, end }) => {
        const [from, to] = [new Date(start), new Date(Date.parse(end) - 1)]
        return { tick: dayTick.format(from), name: name.formatRange(from, to), spoken: spoken.formatRange(from, to) }
      }
    }
    case 'MONTH': {
      const name = format({ month: 'long', year: 'numeric' })
      const [tick, january] = [format({ month: 'short' }), format({ month: 'short', year: 'numeric' })]
      const firstMonth = format({ month: 'numeric' })
      return (bucket, isFirst) => {
        const isJanuary = firstMonth.format(date(bucket)) === firstMonth.format(new Date(Date.UTC(2026, 0, 15)))
        const text = name.format(date(bucket))
        return { tick: (isFirst || isJanuary ? january : tick).format(date(bucket)), name: text, spoken: text }
      }
    }
    case 'YEAR': {
      const name = format({ year: 'numeric' })
      return (bucket) => {
        const text = name.format(date(bucket))
        return { tick: text, name: text, spoken: text }
      }
    }
    default:
      return (bucket) => ({
        tick: dayTick.format(date(bucket)),
        name: day.format(date(bucket)),
        spoken: daySpoken.format(date(bucket)),
      })
  }
}

/** An hour that occurs twice, when clocks go back, gets its offset. */
function hours(format: Format, dayTick: Intl.DateTimeFormat): Naming {
  const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
  const short = { day: 'numeric', month: 'short' } as const
  const time = format(clock)
  const name = format({ weekday: 'short', ...short, year: 'numeric', ...clock })
  const spoken = format({ day: 'numeric', month: 'long', ...clock })
  const zone = { timeZoneName: 'short' } as const
  const zonedTime = format({ ...clock, ...zone })
  const zonedName = format({ weekday: 'short', ...short, year: 'numeric', ...clock, ...zone })
  const zonedSpoken = format({ day: 'numeric', month: 'long', ...clock, ...zone })
  return (bucket, isFirst) => {
    const start = date(bucket)
    const at = (hoursLater: number) => spoken.format(new Date(start.getTime() + hoursLater * HOUR_MS))
    const isTwice = at(0) === at(1) || at(0) === at(-1)
    const previous = new Date(start.getTime() - 1)
    const beginsDay = isFirst || dayTick.format(previous) !== dayTick.format(start)
    return {
      tick: beginsDay ? dayTick.format(start) : (isTwice ? zonedTime : time).format(start),
      name: (isTwice ? zonedName : name).format(start),
      spoken: (isTwice ? zonedSpoken : spoken).format(start),
    }
  }
}

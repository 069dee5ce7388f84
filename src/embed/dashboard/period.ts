import type { TimeRange } from '../../client/generated/schema-types.ts'
import { dayIn, parseRange } from '../time-range.ts'

/** The range as two times; without any if it can't be, which is said when something is loaded. */
export function periodOf(range: string, timeZone: string): TimeRange {
  try {
    return parseRange(range, timeZone)
  } catch {
    return {}
  }
}

const DAY = /^\d{4}-\d\d-\d\d$/

/** How a reader says when it is: `Mar 1 – 31, 2026`. The end of a range is exclusive, and not named. */
export function describePeriod({ from, to }: TimeRange, language: string, timeZone: string): string {
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' })
  const first = from && dayOf(String(from), 0, timeZone)
  const last = to && dayOf(String(to), 1, timeZone)
  if (first && last) return format.formatRange(first, last)
  return [first ? format.format(first) : '', last ? format.format(last) : ''].join(' – ').trim()
}

/** The day some milliseconds before a bound. A bound that is a day is one of the time zone already. */
function dayOf(bound: string, before: number, timeZone: string): Date {
  const time = new Date(Date.parse(bound) - before)
  return DAY.test(bound) ? time : dayIn(timeZone, time)
}

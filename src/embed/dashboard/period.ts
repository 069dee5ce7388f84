import type { TimeRange } from '../../client/generated/schema-types.ts'
import { parseRange } from '../time-range.ts'

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
  const hasTimes = [from, to].some((bound) => bound && !DAY.test(String(bound)))
  // Days are those of the time zone already.
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: hasTimes ? timeZone : 'UTC' })
  const first = from && new Date(String(from))
  const last = to && new Date(Date.parse(String(to)) - 1)
  if (first && last) return format.formatRange(first, last)
  return [first ? format.format(first) : '', last ? format.format(last) : ''].join(' – ').trim()
}

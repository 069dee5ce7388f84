import { expect, test } from 'vitest'
import { bucketEdges, type Interval } from '../../src/analytics/time-buckets.ts'
import { bucketNames } from '../../src/embed/charts/bucket-names.ts'

/** Named as the server divides time. */
function namesOf(interval: Interval, timeZone: string, from: string, to: string, language = 'en-GB') {
  const period = { from: new Date(from), to: new Date(to) }
  const edges = bucketEdges(period, { interval, timeZone, weekStart: 1 }).map((edge) => edge.toISOString())
  const buckets = edges.slice(1).map((end, at) => ({ start: edges[at] ?? '', end }))
  return bucketNames(buckets, { interval, timeZone }, language, (quarter, year) => `Q${quarter} ${year}`)
}

const NEW_YORK = 'America/New_York'

test('the day of 23 hours in New York is one day', () => {
  const names = namesOf('DAY', NEW_YORK, '2026-03-07T05:00:00Z', '2026-03-10T04:00:00Z')
  expect(names.map(({ tick }) => tick)).toEqual(['7 Mar', '8 Mar', '9 Mar'])
  expect(names.map(({ name }) => name)).toEqual(['Sat, 7 Mar 2026', 'Sun, 8 Mar 2026', 'Mon, 9 Mar 2026'])
  expect(names.map(({ spoken }) => spoken)).toEqual(['7 March', '8 March', '9 March'])
})

test('an hour that the clock skips has no name', () => {
  const names = namesOf('HOUR', NEW_YORK, '2026-03-08T05:00:00Z', '2026-03-08T09:00:00Z')
  expect(names.map(({ tick }) => tick)).toEqual(['8 Mar', '01:00', '03:00', '04:00'])
})

test('an hour that the clock shows twice has two names, and no other hour names its zone', () => {
  const names = namesOf('HOUR', NEW_YORK, '2026-11-01T04:00:00Z', '2026-11-01T08:00:00Z', 'en-US')
  expect(names.map(({ spoken }) => spoken)).toEqual([
    'November 1 at 00:00',
    'November 1 at 01:00 EDT',
    'November 1 at 01:00 EST',
    'November 1 at 02:00',
  ])
  expect(new Set(names.map(({ name }) => name)).size).toBe(4)
  expect(new Set(names.map(({ tick }) => tick)).size).toBe(4)
})

test('a day that begins at one because its midnight is skipped is that day', () => {
  const names = namesOf('DAY', 'America/Santiago', '2026-09-05T04:00:00Z', '2026-09-07T03:00:00Z')
  expect(names.map(({ tick }) => tick)).toEqual(['5 Sept', '6 Sept'])
})

test('weeks, months, quarters and years', () => {
  const names = (interval: Interval, to: string) => namesOf(interval, 'UTC', '2025-12-29T00:00:00Z', to)
  // Unicode's data have thin spaces.
  const weeks = names('WEEK', '2026-01-12T00:00:00Z').map(({ name }) => name.replaceAll(/\s+/g, ' '))
  expect(weeks).toEqual(['29 Dec 2025 – 4 Jan 2026', '5 – 11 Jan 2026'])
  expect(names('MONTH', '2026-03-01T00:00:00Z').map(({ tick }) => tick)).toEqual(['Dec 2025', 'Jan 2026', 'Feb'])
  expect(names('QUARTER', '2026-04-02T00:00:00Z').map(({ name }) => name)).toEqual(['Q4 2025', 'Q1 2026', 'Q2 2026'])
  expect(names('YEAR', '2026-04-02T00:00:00Z').map(({ spoken }) => spoken)).toEqual(['2025', '2026'])
})

test('in more than one year, the year is said', () => {
  const names = namesOf('DAY', 'UTC', '2025-12-31T00:00:00Z', '2026-01-02T00:00:00Z')
  expect(names.map(({ spoken }) => spoken)).toEqual(['31 December 2025', '1 January 2026'])
})

test('months and years are those of the server, also where another calendar is usual', () => {
  const inPersian = (interval: Interval) =>
    namesOf(interval, 'Asia/Tehran', '2026-02-28T20:30:00Z', '2026-03-31T20:30:00Z', 'fa').map(({ name }) => name)
  expect(inPersian('MONTH')).toEqual(['مارس ۲۰۲۶'])
  expect(inPersian('YEAR')).toEqual(['۲۰۲۶'])
  // Days are the same in all calendars.
  expect(inPersian('DAY')[0]).toContain('اسفند')
  expect(namesOf('YEAR', 'UTC', '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z', 'th')[0]?.name).toContain('2569')
})

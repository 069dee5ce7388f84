import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'

/** The period before, around days that a zone skips or begins late, and hours that it makes longer. */

const server = await startTestServer()
const { ask } = await server.newTenant()

const COMPARED = `query ($interval: SeriesInterval!, $range: TimeRange!, $weekStart: DayOfWeek!) {
  conversationSeries(measures: [CONVERSATIONS], interval: $interval, range: $range, weekStart: $weekStart, compareTo: PREVIOUS_PERIOD) {
    lines { points { label } previousPoints { label start end } }
  }
  conversationMetrics(range: $range, compareTo: PREVIOUS_PERIOD) { previous { from to } }
}`

async function compared(timeZone: string, from: string, to: string, interval = 'DAY', weekStart = 'SUNDAY') {
  const { data, errors } = await ask(COMPARED, { interval, weekStart, range: { from, to, timeZone } })
  expect(errors).toBeUndefined()
  const [{ points, previousPoints }] = data.conversationSeries.lines
  return { points, previousPoints, metrics: data.conversationMetrics.previous }
}

const labels = (points: { label: string }[]) => points.map(({ label }) => label)

test.each([
  // Midnight of 6 September is skipped: the day before has its own midnight, at 04:00 UTC, and 6 September begins at 01:00.
  [
    'America/Santiago',
    '2026-09-05',
    '2026-09-06',
    ['2026-09-04'],
    '2026-09-04T04:00:00.000Z',
    '2026-09-05T04:00:00.000Z',
  ],
  [
    'America/Santiago',
    '2026-09-06',
    '2026-09-07',
    ['2026-09-05'],
    '2026-09-05T04:00:00.000Z',
    '2026-09-06T04:00:00.000Z',
  ],
  ['Africa/Cairo', '2026-04-24', '2026-04-25', ['2026-04-23'], '2026-04-22T22:00:00.000Z', '2026-04-23T22:00:00.000Z'],
  ['Asia/Beirut', '2026-03-28', '2026-03-29', ['2026-03-27'], '2026-03-26T22:00:00.000Z', '2026-03-27T22:00:00.000Z'],
  // There is no 30 December 2011.
  ['Pacific/Apia', '2011-12-29', '2011-12-30', ['2011-12-28'], '2011-12-28T10:00:00.000Z', '2011-12-29T10:00:00.000Z'],
  ['Pacific/Apia', '2011-12-31', '2012-01-01', ['2011-12-29'], '2011-12-29T10:00:00.000Z', '2011-12-30T10:00:00.000Z'],
  [
    ...(['Pacific/Apia', '2011-12-31', '2012-01-02', ['2011-12-28', '2011-12-29']] as const),
    ...(['2011-12-28T10:00:00.000Z', '2011-12-30T10:00:00.000Z'] as const),
  ],
  [
    ...(['Pacific/Apia', '2011-12-29', '2012-01-01', ['2011-12-27', '2011-12-28']] as const),
    ...(['2011-12-27T10:00:00.000Z', '2011-12-29T10:00:00.000Z'] as const),
  ],
  [
    'Pacific/Kwajalein',
    '1993-08-22',
    '1993-08-23',
    ['1993-08-20'],
    '1993-08-20T12:00:00.000Z',
    '1993-08-21T12:00:00.000Z',
  ],
] as const)('%s, %s to %s: the days before are %j', async (zone, from, to, days, start, end) => {
  const { points, previousPoints, metrics } = await compared(zone, from, to)
  expect(labels(previousPoints)).toEqual(days)
  expect(previousPoints).toHaveLength(points.length)
  expect([previousPoints[0].start, previousPoints.at(-1).end]).toEqual([start, end])
  expect(metrics).toEqual({ from: start, to: end })
})

test('a week that ends where midnight is skipped is compared with the whole week before', async () => {
  const { previousPoints } = await compared('America/Santiago', '2026-08-30', '2026-09-06', 'WEEK')
  expect(previousPoints).toEqual([
    { label: '2026-08-23', start: '2026-08-23T04:00:00.000Z', end: '2026-08-30T04:00:00.000Z' },
  ])
})

test.each([
  // The clock goes back by half an hour: one hour of the day has 90 minutes. Then forward: one has 90 again.
  ['2026-04-05', '2026-04-06'],
  ['2026-04-06', '2026-04-07'],
  ['2026-10-04', '2026-10-05'],
  ['2026-10-05', '2026-10-06'],
])('as many hours on Lord Howe Island before %s', async (from, to) => {
  const { points, previousPoints } = await compared('Australia/Lord_Howe', from, to, 'HOUR')
  expect(previousPoints).toHaveLength(points.length)
  expect(labels(points)[0]?.startsWith(from)).toBe(true)
  expect(labels(previousPoints).every((label) => label < from)).toBe(true)
})

test.each([
  ['2012-01-06', 2, ['2011-12-24', '2011-12-31']],
  ['2012-01-13', 3, ['2011-12-24', '2011-12-31', '2012-01-07']],
])('retention until %s has %i weeks where a day is skipped', async (until, weeks, starts) => {
  const document = `query ($until: DateOrDateTime, $weeks: Int!) {
    retention(timeZone: "Pacific/Apia", weekStart: SATURDAY, until: $until, weeks: $weeks) { start } }`
  const { data } = await ask(document, { until, weeks })
  const date = new Intl.DateTimeFormat('sv', { timeZone: 'Pacific/Apia', dateStyle: 'short' })
  expect(data.retention.map(({ start }: { start: string }) => date.format(new Date(start)))).toEqual(starts)
})

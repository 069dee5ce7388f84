import { afterEach, describe, expect, test } from 'vitest'
import { codes, startTestServer } from '../support/server.ts'

/** Where buckets begin and end, by the calendar and the clock of a zone. */

const server = await startTestServer()
const { ask } = await server.newTenant({ timeZone: 'Asia/Kathmandu' })

afterEach(() => {
  server.clock.now = null
})

const SERIES = `query ($interval: SeriesInterval!, $range: TimeRange, $timeZone: String, $weekStart: DayOfWeek!, $compareTo: Comparison) {
  conversationSeries(measures: [CONVERSATIONS], interval: $interval, range: $range, timeZone: $timeZone, weekStart: $weekStart, compareTo: $compareTo) {
    interval timeZone from to lines { points { start end value isPartial } previousTotal }
  }
}`

const series = async (variables: object) => {
  const answer = await ask(SERIES, { interval: 'DAY', weekStart: 'MONDAY', ...variables })
  expect(answer.errors).toBeUndefined()
  return answer.data.conversationSeries
}

interface Point {
  start: string
  end: string
  isPartial: boolean
}

/** Where each bucket begins on the clocks of the zone, and how many hours it has. */
async function buckets(timeZone: string, interval: string, from: string, to: string, weekStart = 'MONDAY') {
  const { lines } = await series({ interval, range: { from, to }, timeZone, weekStart })
  const clock = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'short' })
  return lines[0].points.map(
    ({ start, end }: Point) => `${clock.format(new Date(start))} ${(Date.parse(end) - Date.parse(start)) / 3_600_000}h`,
  )
}

describe('buckets begin where the calendar of the zone says', () => {
  test.each<[what: string, zone: string, interval: string, from: string, to: string, expected: string[]]>([
    [
      'a day of 23 hours',
      'America/New_York',
      'DAY',
      '2026-03-07T05:00:00Z',
      '2026-03-10T04:00:00Z',
      ['2026-03-07 00:00 24h', '2026-03-08 00:00 23h', '2026-03-09 00:00 24h'],
    ],
    [
      'a day of 25 hours',
      'Europe/Berlin',
      'DAY',
      '2026-10-24T22:00:00Z',
      '2026-10-26T23:00:00Z',
      ['2026-10-25 00:00 25h', '2026-10-26 00:00 24h'],
    ],
    [
      'a date that a zone left out has no bucket',
      'Pacific/Apia',
      'DAY',
      '2011-12-29T10:00:00Z',
      '2011-12-31T10:00:00Z',
      ['2011-12-29 00:00 24h', '2011-12-31 00:00 24h'],
    ],
    [
      'a day without a midnight begins at one',
      'America/Havana',
      'DAY',
      '2026-03-07T12:00:00Z',
      '2026-03-09T12:00:00Z',
      ['2026-03-07 00:00 24h', '2026-03-08 01:00 23h', '2026-03-09 00:00 24h'],
    ],
    [
      'a day with two midnights begins at the first',
      'America/Havana',
      'DAY',
      '2026-10-31T12:00:00Z',
      '2026-11-02T12:00:00Z',
      ['2026-10-31 00:00 24h', '2026-11-01 00:00 25h', '2026-11-02 00:00 24h'],
    ],
    [
      'days of a zone at a quarter of an hour',
      'Asia/Kathmandu',
      'DAY',
      '2026-01-01T18:15:00Z',
      '2026-01-03T18:15:00Z',
      ['2026-01-02 00:00 24h', '2026-01-03 00:00 24h'],
    ],
    [
      'hours, one of them twice',
      'Europe/Berlin',
      'HOUR',
      '2026-10-25T00:00:00Z',
      '2026-10-25T02:00:00Z',
      ['2026-10-25 02:00 1h', '2026-10-25 02:00 1h'],
    ],
    [
      'hours of a zone at a half, cut where the range begins',
      'Asia/Kolkata',
      'HOUR',
      '2026-01-01T00:00:00Z',
      '2026-01-01T01:30:00Z',
      ['2026-01-01 05:00 1h', '2026-01-01 06:00 1h'],
    ],
    [
      'an hour of a half more, where clocks are set back by a half',
      'Australia/Lord_Howe',
      'HOUR',
      '2026-04-04T13:30:00Z',
      '2026-04-04T16:30:00Z',
      ['2026-04-05 00:00 1h', '2026-04-05 01:00 1.5h', '2026-04-05 02:00 1h'],
    ],
    [
      'weeks from Monday',
      'UTC',
      'WEEK',
      '2026-01-01T00:00:00Z',
      '2026-01-12T00:00:00Z',
      ['2025-12-29 00:00 168h', '2026-01-05 00:00 168h'],
    ],
    [
      'months',
      'Europe/Berlin',
      'MONTH',
      '2026-01-31T22:00:00Z',
      '2026-04-01T00:00:00Z',
      ['2026-01-01 00:00 744h', '2026-02-01 00:00 672h', '2026-03-01 00:00 743h', '2026-04-01 00:00 720h'],
    ],
    [
      'quarters',
      'UTC',
      'QUARTER',
      '2025-12-31T00:00:00Z',
      '2026-04-01T00:00:01Z',
      ['2025-10-01 00:00 2208h', '2026-01-01 00:00 2160h', '2026-04-01 00:00 2184h'],
    ],
    [
      'years, one of them leap',
      'UTC',
      'YEAR',
      '2024-06-01T00:00:00Z',
      '2026-01-01T00:00:00Z',
      ['2024-01-01 00:00 8784h', '2025-01-01 00:00 8760h'],
    ],
  ])('%s', async (_what, zone, interval, from, to, expected) => {
    expect(await buckets(zone, interval, from, to)).toEqual(expected)
  })

  test('weeks from another day', async () => {
    const [from, to] = ['2026-01-01T00:00:00Z', '2026-01-08T00:00:00Z']
    expect(await buckets('UTC', 'WEEK', from, to, 'SUNDAY')).toEqual(['2025-12-28 00:00 168h', '2026-01-04 00:00 168h'])
    expect(await buckets('UTC', 'WEEK', from, to, 'THURSDAY')).toEqual(['2026-01-01 00:00 168h'])
  })
})

test('where nothing is said it is the last seven days, by day, in the zone of the tenant', async () => {
  server.clock.now = new Date('2026-11-24T20:00:00Z')
  const { interval, timeZone, from, to, lines } = await series({})
  expect({ interval, timeZone, from, to }).toEqual({
    ...{ interval: 'DAY', timeZone: 'Asia/Kathmandu' },
    // It is the 25th there.
    ...{ from: '2026-11-18T18:15:00.000Z', to: '2026-11-24T20:00:00.000Z' },
  })
  expect(lines[0].points).toHaveLength(7)
  expect(lines[0].points.map(({ isPartial }: Point) => isPartial)).toEqual([
    false,
    false,
    false,
    false,
    false,
    false,
    true,
  ])
})

test('a bucket is partial that the range cuts, or that is not over', async () => {
  server.clock.now = new Date('2026-11-24T20:00:00Z')
  const range = { from: '2026-11-22T01:00:00Z', to: '2026-11-26T00:00:00Z' }
  const { lines } = await series({ range, timeZone: 'UTC' })
  expect(lines[0].points.map(({ isPartial }: Point) => isPartial)).toEqual([true, false, true, true])
})

test.each([
  ['DAY', '2026-11-18T00:00:00Z', '2026-11-25T00:00:00Z', '2026-11-11T00:00:00.000Z', '2026-11-17T23:59:59.999Z'],
  ['MONTH', '2026-03-01T00:00:00Z', '2026-04-01T00:00:00Z', '2026-02-01T00:00:00.000Z', '2026-02-28T23:59:59.999Z'],
  // As far as this week has come.
  ['WEEK', '2026-11-23T00:00:00Z', '2026-11-24T12:00:00Z', '2026-11-16T00:00:00.000Z', '2026-11-17T11:59:59.999Z'],
  // An end that a month does not have means the whole last day.
  ['MONTH', '2025-05-01T00:00:00Z', '2025-05-31T00:00:00Z', '2025-04-01T00:00:00.000Z', '2025-04-30T23:59:59.999Z'],
  ['MONTH', '2026-03-01T00:00:00Z', '2026-03-29T12:00:00Z', '2026-02-01T00:00:00.000Z', '2026-02-28T23:59:59.999Z'],
  ['MONTH', '2026-03-30T00:00:00Z', '2026-03-31T00:00:00Z', '2026-02-28T00:00:00.000Z', '2026-02-28T23:59:59.999Z'],
  ['MONTH', '2026-03-29T18:00:00Z', '2026-03-30T06:00:00Z', '2026-02-28T00:00:00.000Z', '2026-02-28T23:59:59.999Z'],
  ['MONTH', '2026-03-28T18:00:00Z', '2026-03-30T06:00:00Z', '2026-02-28T18:00:00.000Z', '2026-02-28T23:59:59.999Z'],
  ['QUARTER', '2026-05-31T00:00:00Z', '2026-06-01T00:00:00Z', '2026-02-28T00:00:00.000Z', '2026-02-28T23:59:59.999Z'],
  ['YEAR', '2024-01-01T00:00:00Z', '2024-02-29T12:00:00Z', '2023-01-01T00:00:00.000Z', '2023-02-28T23:59:59.999Z'],
  ['YEAR', '2024-02-29T00:00:00Z', '2024-03-01T00:00:00Z', '2023-02-28T00:00:00.000Z', '2023-02-28T23:59:59.999Z'],
  // The clock jumps over 02:30, to which the beginning would go back, and not over the end.
  [
    'DAY',
    '2026-03-30T02:30:00+02:00',
    '2026-03-30T03:15:00+02:00',
    '2026-03-29T00:30:00.000Z',
    '2026-03-29T01:14:59.999Z',
  ],
  // 30 December 2011, which Apia left out, is not the last day of its month: 31 December is not in the period before.
  [
    'MONTH',
    '2012-01-01T00:00:00+14:00',
    '2012-01-30T00:00:00+14:00',
    '2011-12-01T10:00:00.000Z',
    '2011-12-30T09:59:59.999Z',
    'Pacific/Apia',
  ],
])(
  'the period before is as many buckets before: %s from %s',
  async (interval, from, to, first, last, zone?: string) => {
    const tenant = await server.newTenant()
    const log = (startedAt: string) =>
      tenant.ask(`mutation ($input: LogConversationInput!) { logConversation(input: $input) { created } }`, {
        input: { startedAt, messages: [{ chat: { role: 'USER', content: 'Hello' } }] },
      })
    const outside = [new Date(Date.parse(first) - 1), new Date(Date.parse(last) + 1)]
    for (const startedAt of [first, last, ...outside.map((time) => time.toISOString())]) await log(startedAt)
    const { data } = await tenant.ask(SERIES, {
      interval,
      weekStart: 'MONDAY',
      range: { from, to },
      timeZone: zone ?? (from.endsWith('Z') ? 'UTC' : 'Europe/Berlin'),
      compareTo: 'PREVIOUS_PERIOD',
    })
    expect(data.conversationSeries.lines[0].previousTotal).toBe(2)
  },
)

test.each([
  ['an unknown zone', { timeZone: 'Europe/Atlantis' }, 'timeZone'],
  ['an offset for a zone', { timeZone: '+02:00' }, 'timeZone'],
  [
    'a range that ends before it begins',
    { range: { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' } },
    'range',
  ],
  ['an empty range', { range: { from: '2026-01-02T00:00:00Z', to: '2026-01-02T00:00:00Z' } }, 'range'],
  ['a range that begins in the future', { range: { from: '2126-01-02T00:00:00Z' } }, 'range'],
])('%s is refused by name', async (_what, variables, inputPath) => {
  const answer = await ask(SERIES, { interval: 'DAY', weekStart: 'MONDAY', ...variables })
  expect(codes(answer)).toEqual(['BAD_USER_INPUT'])
  expect(answer.errors?.[0]?.extensions['inputPath']).toBe(inputPath)
})

test.each([
  ['HOUR', '2026-01-01T00:00:00Z', '2027-04-01T00:00:00Z'],
  ['DAY', '0001-01-01T00:00:00Z', '9998-12-31T23:59:59Z'],
  ['QUARTER', '0001-01-01T00:00:00Z', '9998-12-31T23:59:59Z'],
])('more than 10,000 buckets of one %s are refused', async (interval, from, to) => {
  const answer = await ask(SERIES, { interval, weekStart: 'MONDAY', range: { from, to } })
  expect(codes(answer)).toEqual(['LIMIT_EXCEEDED'])
  expect(answer.errors?.[0]?.extensions).toMatchObject({ inputPath: 'range', limit: 10_000 })
})

test.each([
  [
    'conversationSeries(measures: [CONVERSATIONS], interval: YEAR, range: { to: "9999-12-31T23:59:59Z" }) { to }',
    'range',
  ],
  ['conversationSeries(measures: [CONVERSATIONS], range: { to: "0001-01-02T00:00:00Z" }) { to }', 'range'],
  [
    'conversationMetrics(range: { from: "2026-01-01T00:00:00Z", to: "9999-12-31T23:59:59Z" }) { current { to } }',
    'range',
  ],
  [
    'conversationMetrics(range: { from: "0001-01-01T00:00:00Z" }, compareTo: PREVIOUS_PERIOD) { current { to } }',
    'range',
  ],
  ['toolMetrics(range: { to: "9999-12-31T23:59:59Z" }) { name }', 'range'],
  ['retention(until: "9999-12-31T23:59:59Z") { endUserCount }', 'until'],
  ['retention(until: "0001-01-02T00:00:00Z") { endUserCount }', 'until'],
])('%s reaches beyond the calendar, and is refused by name', async (document, inputPath) => {
  const answer = await ask(`{ ${document} }`)
  expect(codes(answer)).toEqual(['BAD_USER_INPUT'])
  expect(answer.errors?.[0]?.extensions['inputPath']).toBe(inputPath)
})

test('from the first of all years on is since ever', async () => {
  const document =
    '{ conversationMetrics(range: { from: "0001-01-01T00:00:00Z" }) { current { from conversationCount } } }'
  const { data } = await ask(document)
  expect(data.conversationMetrics.current).toEqual({ from: '0001-01-01T00:00:00.000Z', conversationCount: 0 })
})

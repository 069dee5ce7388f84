import { expect, test } from 'vitest'
import { type Ask, codes, startTestServer } from '../support/server.ts'

/** What the points of a series are called, those of the period before, and how many there may be. */

const server = await startTestServer()

const SERIES = `query ($range: TimeRange, $interval: SeriesInterval!, $timeZone: String, $weekStart: DayOfWeek! = MONDAY,
    $measures: [SeriesMeasure!]! = [CONVERSATIONS], $groupBy: SeriesGroupBy, $compareTo: Comparison) {
  conversationSeries(range: $range, interval: $interval, timeZone: $timeZone, weekStart: $weekStart, measures: $measures,
    groupBy: $groupBy, compareTo: $compareTo) {
    lines { measure total previousTotal points { start label value isPartial } previousPoints { start label value sampleCount } }
  }
}`

const range = (from: string, to: string) => ({ range: { from, to } })
const points = async (ask: Ask, variables: object) => {
  const { data, errors } = await ask(SERIES, { ...variables })
  if (errors) throw new Error(JSON.stringify(errors))
  return data.conversationSeries.lines[0].points as { label: string }[]
}

test.each([
  ['YEAR', range('2025-12-31T23:00:00Z', '2027-01-01T00:00:00Z'), ['2026', '2027']],
  ['QUARTER', range('2026-01-01T00:00:00+01:00', '2026-07-01T00:00:00+02:00'), ['2026-Q1', '2026-Q2']],
  ['MONTH', range('2025-12-15T00:00:00Z', '2026-02-01T00:00:00+01:00'), ['2025-12', '2026-01']],
  // ISO 8601: the week of 1 January 2027 is the last of 2026, and 29 December 2025 begins the first of 2026.
  ['WEEK', range('2026-12-28T12:00:00Z', '2027-01-11T00:00:00+01:00'), ['2026-W53', '2027-W01']],
  ['WEEK', range('2025-12-29T12:00:00Z', '2026-01-05T00:00:00+01:00'), ['2026-W01']],
  ['DAY', range('2026-03-28T23:00:00Z', '2026-03-30T00:00:00+02:00'), ['2026-03-29']],
])('in Berlin, the buckets of %s have local names', async (interval, given, labels) => {
  const { ask } = await server.newTenant()
  const found = await points(ask, { interval, ...given, timeZone: 'Europe/Berlin' })
  expect(found.map(({ label }) => label)).toEqual(labels)
})

test('a week that does not begin on Monday is named by its first day', async () => {
  const { ask } = await server.newTenant()
  const given = { ...range('2026-01-01T00:00:00Z', '2026-01-10T00:00:00Z'), interval: 'WEEK', weekStart: 'SUNDAY' }
  expect((await points(ask, given)).map(({ label }) => label)).toEqual(['2025-12-28', '2026-01-04'])
})

test('the hour that comes twice when the clock goes back has two names', async () => {
  const { ask } = await server.newTenant()
  const given = { ...range('2026-11-01T04:00:00Z', '2026-11-01T08:00:00Z'), interval: 'HOUR' }
  expect((await points(ask, { ...given, timeZone: 'America/New_York' })).map(({ label }) => label)).toEqual([
    ...['2026-11-01T00-04:00', '2026-11-01T01-04:00', '2026-11-01T01-05:00', '2026-11-01T02-05:00'],
  ])
  expect((await points(ask, { ...given, timeZone: 'Asia/Kolkata' })).map(({ label }) => label)).toEqual([
    ...[
      '2026-11-01T09+05:30',
      '2026-11-01T10+05:30',
      '2026-11-01T11+05:30',
      '2026-11-01T12+05:30',
      '2026-11-01T13+05:30',
    ],
  ])
})

test('the period before has its own points, bucket by bucket', async () => {
  const { ask } = await server.newTenant()
  const at = async (startedAt: string) => {
    const input = { startedAt, messages: [{ chat: { role: 'USER', content: 'Hello', timestamp: startedAt } }] }
    await ask('mutation ($input: LogConversationInput!) { logConversation(input: $input) { created } }', { input })
  }
  for (const time of ['2026-02-01T10:00:00Z', '2026-02-03T10:00:00Z', '2026-02-03T11:00:00Z', '2026-02-05T10:00:00Z'])
    await at(time)
  const given = { ...range('2026-02-04T00:00:00Z', '2026-02-07T00:00:00Z'), interval: 'DAY' }
  for (const groupBy of [null, { dimension: 'STATUS' }]) {
    const { data } = await ask(SERIES, { ...given, groupBy, compareTo: 'PREVIOUS_PERIOD' })
    const [line] = data.conversationSeries.lines
    expect(line).toMatchObject({ total: 1, previousTotal: 3 })
    expect(line.points.map(({ value }: { value: number }) => value)).toEqual([0, 1, 0])
    expect(line.previousPoints).toEqual([
      { start: '2026-02-01T00:00:00.000Z', label: '2026-02-01', value: 1, sampleCount: 1 },
      { start: '2026-02-02T00:00:00.000Z', label: '2026-02-02', value: 0, sampleCount: 0 },
      { start: '2026-02-03T00:00:00.000Z', label: '2026-02-03', value: 2, sampleCount: 2 },
    ])
  }
  const { data } = await ask(SERIES, given)
  expect(data.conversationSeries.lines[0].previousPoints).toBeNull()
})

test('a series has at most 10,000 points, of the groups that there are', async () => {
  const { ask } = await server.newTenant()
  const log = (campaign: string) =>
    ask('mutation ($input: LogConversationInput!) { logConversation(input: $input) { created } }', {
      input: { campaign, startedAt: '2026-01-01T00:00:00Z', transcript: 'User: Hello' },
    })
  const days = (count: number) => ({
    ...range('2026-01-01T00:00:00Z', new Date(Date.UTC(2026, 0, 1 + count)).toISOString()),
    interval: 'DAY',
  })
  const refusal = async (variables: object) => {
    const { errors } = await ask(SERIES, { ...variables })
    return errors?.map(({ message, extensions }) => [extensions?.['code'], message, extensions?.['limit']])
  }
  const measures = ['CONVERSATIONS', 'MESSAGES']
  expect(await points(ask, days(10_000))).toHaveLength(10_000)
  expect(await refusal({ ...days(5_001), measures })).toEqual([
    [
      'LIMIT_EXCEEDED',
      'range: makes at least 10002 points: measures × buckets; the limit is 10000 points per operation.',
      10_000,
    ],
  ])
  await log('a')
  const groupBy = { dimension: 'CAMPAIGN', first: 100 }
  // One group is there, whatever `first` allows.
  expect(await points(ask, { ...days(5_000), measures, groupBy })).toHaveLength(5_000)
  await log('b')
  expect(await refusal({ ...days(5_000), measures, groupBy })).toEqual([
    [
      'LIMIT_EXCEEDED',
      'groupBy: makes 20000 points: measures × groups × buckets; the limit is 10000 points per operation.',
      10_000,
    ],
  ])
  const { data } = await ask('{ limits { maxSeriesPoints } }')
  expect(data.limits.maxSeriesPoints).toBe(10_000)
  expect(codes(await ask(SERIES, { ...days(2), measures, groupBy }))).toEqual([])
})

const daysFrom2026 = (count: number) =>
  `{ from: "2026-01-01T00:00:00Z", to: "${new Date(Date.UTC(2026, 0, 1 + count)).toISOString()}" }`
const seriesOf = (days: number, more = '', selection = 'lines { total }') =>
  `conversationSeries(measures: [CONVERSATIONS], interval: DAY, timeZone: "UTC", range: ${daysFrom2026(days)} ${more}) { ${selection} }`
const refused = ({ errors = [] }: { errors?: { path?: unknown; message: string; extensions?: object }[] }) =>
  errors.map(({ path, message, extensions }) => [path, message, (extensions as { limit?: number }).limit])

test.each([
  ['compiled', ''],
  ['resolved by graphql-js', 'agents { totalCount }'],
])('the series of one operation have at most 10,000 points together, selected or not: %s', async (_path, more) => {
  const { ask } = await server.newTenant()
  const log = (campaign: string) =>
    ask('mutation ($input: LogConversationInput!) { logConversation(input: $input) { created } }', {
      input: { campaign, startedAt: '2026-01-01T00:00:00Z', transcript: 'User: Hello' },
    })
  for (const campaign of ['a', 'b', 'c']) await log(campaign)
  const compareTo = 'compareTo: PREVIOUS_PERIOD'
  const all = await ask(`{ a: ${seriesOf(6_000, compareTo)} b: ${seriesOf(4_000)} ${more} }`)
  expect(all.errors).toBeUndefined()
  expect(all.data).toMatchObject({ a: { lines: [{ total: 3 }] }, b: { lines: [{ total: 3 }] } })
  // The same field twice is one series.
  const same = await ask(`{ ${seriesOf(6_000)} ${seriesOf(6_000, '', 'lines { measure }')} ${more} }`)
  expect(same.data.conversationSeries.lines).toEqual([{ total: 3, measure: 'CONVERSATIONS' }])

  const tooMany = await ask(`{ a: ${seriesOf(6_000)} b: ${seriesOf(4_001)} c: ${seriesOf(4_000)} ${more} }`)
  expect(refused(tooMany)).toEqual([
    [
      ['b'],
      "range: makes at least 4001 points: measures × buckets, in addition to 6000 points of the operation's other series; the limit is 10000 points per operation.",
      10_000,
    ],
  ])
  expect(tooMany.data).toMatchObject({ a: { lines: [{ total: 3 }] }, b: null, c: { lines: [{ total: 3 }] } })

  // Three groups, which nobody knows before they are read.
  const groups = await ask(
    `{ a: ${seriesOf(4_000)} b: ${seriesOf(2_001, 'groupBy: { dimension: CAMPAIGN }')} c: ${seriesOf(10)} ${more} }`,
  )
  expect(refused(groups)).toEqual([
    [
      ['b'],
      "groupBy: makes 6003 points: measures × groups × buckets, in addition to 4010 points of the operation's other series; the limit is 10000 points per operation.",
      10_000,
    ],
  ])
  expect(groups.data).toMatchObject({ a: { lines: [{ total: 3 }] }, b: null, c: { lines: [{ total: 3 }] } })
})

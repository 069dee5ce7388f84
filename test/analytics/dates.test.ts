import { expect, test } from 'vitest'
import { logged, said } from '../conversations/writes.ts'
import { type Ask, serveTestDatabase, startTestServer, type TestTenant } from '../support/server.ts'

/**
 * A date in a range is the first moment of that day in a time zone: on the compiled path and by graphql-js. The moments
 * are worked out by hand.
 */

const server = await startTestServer()
const resolved = serveTestDatabase(server, server.adminKey, { compilesReads: false })

/** Asks both ways, which must answer the same. */
const bothWays =
  ({ key }: TestTenant): Ask =>
  async (document, variables) => {
    const answer = await server.ask({ key }, document, variables)
    const other = await resolved.ask({ key }, document, variables)
    expect({ ...other, headers: null }).toEqual({ ...answer, headers: null })
    return answer
  }

/** A tenant with conversations that began at these moments. */
async function tenantWith(timeZone: string, moments: readonly (string | number)[]) {
  const tenant = await server.newTenant({ timeZone })
  for (const moment of moments) await log(tenant, new Date(moment).toISOString())
  return { tenant, ask: bothWays(tenant) }
}

const log = (tenant: TestTenant, startedAt: string) =>
  logged(tenant.ask, {
    ...{ startedAt, endedAt: new Date(Date.parse(startedAt) + 1).toISOString(), endUserId: startedAt },
    messages: [{ chat: { ...said('Hello').chat, agent: { externalId: 'agent' }, intent: { name: 'greeting' } } }],
  })

/** The last moment before a period, its first and its last, and the first one after it. */
const edgesOf = (from: string, to: string) => [Date.parse(from) - 1, Date.parse(from), Date.parse(to) - 1, to]

const NUMBERS = `query ($range: TimeRange, $timeZone: String, $filter: ConversationFilter) {
  conversations(filter: $filter) { totalCount nodes { startedAt } }
  conversationSeries(measures: [CONVERSATIONS], range: $range, timeZone: $timeZone) {
    timeZone from to lines { points { start label value } }
  }
  conversationMetrics(range: $range, timeZone: $timeZone) { current { from to conversationCount } }
  endUsers(range: $range) { totalCount }
}`

/** What all of them say about a range: the list has it in its filter. */
async function numbers(ask: Ask, range: object, timeZone: string | null = null, filtered = range) {
  const { data, errors } = await ask(NUMBERS, { range, timeZone, filter: { startedAt: filtered } })
  expect(errors).toBeUndefined()
  const { points } = data.conversationSeries.lines[0]
  const sum = points.reduce((all: number, { value }: { value: number }) => all + value, 0)
  const { from, to, conversationCount } = data.conversationMetrics.current
  expect([data.conversationSeries.from, data.conversationSeries.to]).toEqual([from, to])
  return {
    ...{ from, to, days: points.length, points },
    counts: [data.conversations.totalCount, sum, conversationCount, data.endUsers.totalCount],
    calendar: data.conversationSeries.timeZone,
  }
}

test.each<[what: string, zone: string, dates: [string, string], moments: [string, string], days: number]>([
  [
    'a day of 23 hours in New York',
    'America/New_York',
    ['2026-03-08', '2026-03-09'],
    ['2026-03-08T05:00:00.000Z', '2026-03-09T04:00:00.000Z'],
    1,
  ],
  [
    'a day of 25 hours in New York',
    'America/New_York',
    ['2025-11-02', '2025-11-03'],
    ['2025-11-02T04:00:00.000Z', '2025-11-03T05:00:00.000Z'],
    1,
  ],
  [
    'the days around the change of clocks in Berlin',
    'Europe/Berlin',
    ['2026-03-28', '2026-03-31'],
    ['2026-03-27T23:00:00.000Z', '2026-03-30T22:00:00.000Z'],
    3,
  ],
  [
    'January in Berlin',
    'Europe/Berlin',
    ['2026-01-01', '2026-02-01'],
    ['2025-12-31T23:00:00.000Z', '2026-01-31T23:00:00.000Z'],
    31,
  ],
  [
    'the day before the one that Apia skipped',
    'Pacific/Apia',
    ['2011-12-29', '2011-12-30'],
    ['2011-12-29T10:00:00.000Z', '2011-12-30T10:00:00.000Z'],
    1,
  ],
  [
    'the day that Apia skipped, and the next',
    'Pacific/Apia',
    ['2011-12-30', '2012-01-01'],
    ['2011-12-30T10:00:00.000Z', '2011-12-31T10:00:00.000Z'],
    1,
  ],
  [
    'a day whose midnight São Paulo skipped',
    'America/Sao_Paulo',
    ['2018-11-04', '2018-11-05'],
    ['2018-11-04T03:00:00.000Z', '2018-11-05T02:00:00.000Z'],
    1,
  ],
  [
    'a leap day in Kathmandu',
    'Asia/Kathmandu',
    ['2024-02-29', '2024-03-01'],
    ['2024-02-28T18:15:00.000Z', '2024-02-29T18:15:00.000Z'],
    1,
  ],
])('%s: list, series, key figures and end users agree', async (_what, zone, dates, moments, days) => {
  const expected = { from: moments[0], to: moments[1], days, counts: [2, 2, 2, 2] }
  const range = { from: dates[0], to: dates[1] }
  const here = await tenantWith(zone, edgesOf(...moments))
  expect(await numbers(here.ask, range)).toMatchObject({ ...expected, calendar: zone })
  const elsewhere = await tenantWith('Asia/Tokyo', edgesOf(...moments))
  const named = { ...range, timeZone: zone }
  expect(await numbers(elsewhere.ask, named)).toMatchObject({ ...expected, calendar: zone })
  // A zone is understood in any case, as in the argument.
  const upperCase = { ...range, timeZone: zone.toUpperCase() }
  expect(await numbers(elsewhere.ask, upperCase)).toMatchObject({ ...expected, calendar: zone })
})

test('each point of January in Berlin is a date of January', async () => {
  const { ask } = await tenantWith('Europe/Berlin', ['2025-12-31T22:59:59Z', '2026-01-31T22:59:59Z'])
  const { points, counts } = await numbers(ask, { from: '2026-01-01', to: '2026-02-01' })
  expect(points).toHaveLength(31)
  expect([points[0].label, points[30].label, points[30].value]).toEqual(['2026-01-01', '2026-01-31', 1])
  expect(counts).toEqual([1, 1, 1, 1])
})

test('the end is exclusive: a date leaves out its own day', async () => {
  const { ask } = await tenantWith('UTC', ['2026-01-30T12:00:00Z', '2026-01-31T12:00:00Z'])
  expect((await numbers(ask, { from: '2026-01-01', to: '2026-01-31' })).counts).toEqual([1, 1, 1, 1])
})

test('one end may be a date and the other a moment, or absent', async () => {
  const { ask } = await tenantWith('Europe/Berlin', ['2026-01-31T12:00:00Z', '2026-01-31T22:59:59Z'])
  const from = '2026-01-31T12:00:00Z'
  expect((await numbers(ask, { from, to: '2026-02-01' })).counts).toEqual([2, 2, 2, 2])
  expect((await numbers(ask, { from: '2026-01-31', to: '2026-01-31T22:59:59Z' })).counts).toEqual([1, 1, 1, 1])
  server.clock.now = resolved.clock.now = new Date('2026-02-02T12:00:00Z')
  expect(await numbers(ask, { from: '2026-01-31' })).toMatchObject({ days: 3, counts: [2, 2, 2, 2] })
  const until = await numbers(ask, { to: '2026-02-01' })
  expect(until).toMatchObject({ from: '2026-01-24T23:00:00.000Z', days: 7, counts: [2, 2, 2, 2] })
  server.clock.now = resolved.clock.now = null
})

test('dates of a range are in its zone, or the query’s, or the tenant’s; the calendar is the query’s', async () => {
  const { ask } = await tenantWith('Asia/Tokyo', [])
  const range = { from: '2026-01-01', to: '2026-01-02' }
  const from = async (given: object, timeZone: string | null) => {
    const { from, calendar } = await numbers(ask, given, timeZone)
    return [from, calendar]
  }
  expect(await from(range, null)).toEqual(['2025-12-31T15:00:00.000Z', 'Asia/Tokyo'])
  expect(await from(range, 'Europe/Berlin')).toEqual(['2025-12-31T23:00:00.000Z', 'Europe/Berlin'])
  const inNewYork = { ...range, timeZone: 'America/New_York' }
  expect(await from(inNewYork, null)).toEqual(['2026-01-01T05:00:00.000Z', 'America/New_York'])
  expect(await from(inNewYork, 'Europe/Berlin')).toEqual(['2026-01-01T05:00:00.000Z', 'Europe/Berlin'])
  server.clock.now = resolved.clock.now = new Date('2026-01-10T12:00:00Z')
  // Without dates, too: the last seven days there.
  expect(await from({ timeZone: 'America/New_York' }, null)).toEqual(['2026-01-04T05:00:00.000Z', 'America/New_York'])
  server.clock.now = resolved.clock.now = null
})

test('dates of a filter are in its zone or the tenant’s, whatever the zone of the query around it', async () => {
  const moments = ['2025-12-31T14:59:59.999Z', '2025-12-31T15:00:00Z', '2025-12-31T23:00:00Z', '2026-01-01T14:59:59Z']
  const { ask } = await tenantWith('Asia/Tokyo', moments)
  const counts = async (startedAt: object) => {
    const { data } = await ask(
      `query ($filter: ConversationFilter) {
        conversations(filter: $filter) { totalCount }
        conversationMetrics(timeZone: "Europe/Berlin", range: { from: "2025-12-01", to: "2026-02-01" }, filter: $filter) { current { conversationCount } }
      }`,
      { filter: { startedAt } },
    )
    return [data.conversations.totalCount, data.conversationMetrics.current.conversationCount]
  }
  expect(await counts({ from: '2026-01-01', to: '2026-01-02' })).toEqual([3, 3])
  expect(await counts({ from: '2026-01-01', to: '2026-01-02', timeZone: 'Europe/Berlin' })).toEqual([2, 2])
})

const dateIn = (time: Date, timeZone: string) => new Intl.DateTimeFormat('sv', { timeZone }).format(time)
const DAY_MS = 86_400_000

test.each(['startedAt', 'endedAt', 'createdAt', 'updatedAt'])('%s takes dates at any depth', async (name) => {
  // Midnight in Berlin. Only `updatedAt` is by the clock of the database.
  server.clock.now = new Date('2026-05-01T22:00:00Z')
  const { ask } = await tenantWith('Europe/Berlin', ['2026-05-01T22:00:00Z'])
  server.clock.now = null
  const [{ [name]: moment }] = (await ask(`{ conversations { nodes { ${name} } } }`)).data.conversations.nodes
  const day = (days: number) => dateIn(new Date(Date.parse(moment) + days * DAY_MS), 'Europe/Berlin')
  const count = async (filter: object) => {
    const { data, errors } = await ask(
      'query ($filter: ConversationFilter) { conversations(filter: $filter) { totalCount } }',
      { filter },
    )
    expect(errors).toBeUndefined()
    return data.conversations.totalCount
  }
  const that = { [name]: { from: day(0), to: day(1) } }
  const other = { [name]: { from: day(-1), to: day(0) } }
  const nested = (filter: object) => ({ or: [{ and: [{ not: { not: filter } }] }, { and: [filter, filter] }] })
  const found = [that, other, nested(that), nested(other), { not: that }, { not: other }].map(count)
  expect(await Promise.all(found)).toEqual([1, 0, 1, 0, 0, 1])
})

test('the week of a date is counted back from', async () => {
  const { ask } = await tenantWith('Asia/Tokyo', ['2026-03-01T15:00:00Z', '2026-03-08T14:59:59Z'])
  const weeks = async (variables: object) => {
    const { data } = await ask(
      'query ($until: DateOrDateTime, $timeZone: String) { retention(weeks: 1, until: $until, timeZone: $timeZone) { start endUserCount } }',
      { ...variables },
    )
    return data.retention
  }
  // Monday, 2 March
  const first = { start: '2026-03-01T15:00:00.000Z', endUserCount: 2 }
  expect(await weeks({ until: '2026-03-02' })).toEqual([first])
  expect(await weeks({ until: '2026-03-08' })).toEqual([first])
  expect(await weeks({ until: '2026-03-09' })).toEqual([{ start: '2026-03-08T15:00:00.000Z', endUserCount: 0 }])
  const inNewYork = [{ start: '2026-03-02T05:00:00.000Z', endUserCount: 1 }]
  expect(await weeks({ until: '2026-03-02', timeZone: 'America/New_York' })).toEqual(inNewYork)
})

const LIST = 'query ($filter: ConversationFilter) { conversations(filter: $filter) { nodes { startedAt } } }'
const DAY = { filter: { startedAt: { from: '2026-01-01', to: '2026-01-02' } } }
const WITH_LITERAL =
  '{ conversations(filter: { startedAt: { from: "2026-01-01", to: "2026-01-02" } }) { nodes { startedAt } } }'
const MOMENTS = ['2025-12-31T15:00:00.000Z', '2026-01-01T00:00:00.000Z', '2026-01-01T15:00:00.000Z']

test.each([
  ['in a variable', LIST, DAY],
  ['in the document', WITH_LITERAL, {}],
])('a date %s is no part of the plan that is kept for a document', async (_where, document, variables) => {
  const inUtc = await tenantWith('UTC', MOMENTS)
  const inTokyo = await tenantWith('Asia/Tokyo', MOMENTS)
  const found = async ({ ask }: { ask: Ask }) =>
    (await ask(document, variables)).data.conversations.nodes.map(({ startedAt }: { startedAt: string }) => startedAt)
  for (let time = 0; time < 2; time += 1) {
    expect(await found(inUtc)).toEqual([MOMENTS[2], MOMENTS[1]])
    expect(await found(inTokyo)).toEqual([MOMENTS[1], MOMENTS[0]])
  }
  const input = { id: inTokyo.tenant.id, timeZone: 'UTC' }
  const UPDATE = 'mutation ($input: UpdateTenantInput!) { updateTenant(input: $input) { tenant { timeZone } } }'
  expect((await server.admin(UPDATE, { input })).errors).toBeUndefined()
  expect(await found(inTokyo)).toEqual([MOMENTS[2], MOMENTS[1]])
})

test('the tenant’s time zone is read only if a date needs it, and once for each field', async () => {
  const { tenant } = await tenantWith('Asia/Tokyo', MOMENTS)
  const fallbacks = [...server.fallbacks.counts]
  const reads = async (document: string, variables: Record<string, unknown> = {}) => {
    server.statements()
    expect((await tenant.ask(document, variables)).errors).toBeUndefined()
    return server.statements().filter((sql) => sql.includes('time_zone FROM tenants')).length
  }
  const range = (more: string) =>
    `{ conversationMetrics(range: { from: "2026-01-01", ${more} }) { current { conversationCount } } }`
  expect(await reads(LIST, { filter: { startedAt: { from: '2026-01-01T00:00:00Z' } } })).toBe(0)
  expect(await reads(LIST, { filter: { startedAt: { from: '2026-01-01', timeZone: 'UTC' } } })).toBe(0)
  expect(await reads(LIST, DAY)).toBe(1)
  expect(await reads(range('timeZone: "UTC"'))).toBe(0)
  expect(await reads(range('to: "2026-01-02"'))).toBe(1)
  expect([...server.fallbacks.counts]).toEqual(fallbacks)
})

test('the totals of agents read the time zone once for all of them', async () => {
  const { tenant } = await tenantWith('Asia/Tokyo', MOMENTS)
  for (const externalId of ['second', 'third'])
    await tenant.ask('mutation ($input: UpsertAgentInput!) { upsertAgent(input: $input) { agent { id } } }', {
      input: { externalId, name: externalId },
    })
  server.statements()
  const { data } = await bothWays(tenant)(
    '{ agents { nodes { name totals(filter: { startedAt: { from: "2026-01-01", to: "2026-01-02" } }) { conversationCount } } } }',
  )
  const counts = data.agents.nodes.map(
    ({ totals }: { totals: { conversationCount: number } }) => totals.conversationCount,
  )
  expect(counts).toEqual([2, 0, 0])
  // Both servers.
  expect(server.statements().filter((sql) => sql.includes('time_zone FROM tenants'))).toHaveLength(2)
})

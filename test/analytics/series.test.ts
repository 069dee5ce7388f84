import { beforeAll, describe, expect, test } from 'vitest'
import { MEASURES } from '../../src/analytics/measures.ts'
import { log } from '../conversations/conversations.ts'
import { type Ask, codes, startTestServer, type TestTenant } from '../support/server.ts'

/** Who may see which numbers, and what the key figures are. */

const server = await startTestServer()
const RANGE = { from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' }
const startedAt = '2026-01-10T12:00:00Z'
/** What is measured of internal entries. */
const INTERNAL = /^(SYSTEM_MESSAGES|STT_|TIME_TO_FIRST_TOKEN|FIRST_TOKEN_|VOICE_|INTERRUPTIONS)/
const said = (role: string, more: object = {}) => ({ chat: { role, content: 'canary', ...more } })

let tenant: TestTenant
let agentId: string

beforeAll(async () => {
  tenant = await server.newTenant()
  const base = { startedAt, isTest: false }
  const logged = await log(tenant.ask, {
    ...base,
    ...{ outcome: 'BOT_HANDLED', resolution: 'RESOLVED', endUserId: 'ann', metadata: { customer_id: '42' } },
    agents: [{ externalId: 'first' }, { externalId: 'second' }],
    messages: [
      said('SYSTEM'),
      said('USER', { understood: false }),
      said('ASSISTANT', { rating: 1 }),
      said('USER', { understood: true }),
    ],
  })
  agentId = String(logged.agents[0]?.id)
  await log(tenant.ask, {
    ...base,
    ...{ outcome: 'FAILED_ESCALATION', resolution: 'INFORMED', endUserId: 'bob', metadata: { customer_id: '43' } },
    ...{ status: 'ABANDONED', agents: [{ externalId: 'second' }] },
    messages: [
      said('USER'),
      { event: { name: 'scored', visibility: 'INTERNAL' } },
      { tool: { name: 'look', error: 'no' } },
    ],
  })
  await log(tenant.ask, { ...base, outcome: 'EMAIL', endUserId: 'ann', messages: [said('ASSISTANT')] })
  await log(tenant.ask, { ...base, messages: [said('HUMAN_AGENT')] })
  await log(tenant.ask, { ...base, isTest: true, endUserId: 'tester', messages: [said('USER')] })
})

const SERIES = `query ($measures: [SeriesMeasure!]!, $range: TimeRange, $filter: ConversationFilter, $groupBy: SeriesGroupBy, $includeTests: Boolean! = false) {
  conversationSeries(measures: $measures, range: $range, filter: $filter, groupBy: $groupBy, includeTests: $includeTests) {
    lines { measure total totalSampleCount group { key label isOther } points { value } }
  }
}`

const asking = (ask: Ask, variables: object) => ask(SERIES, { range: RANGE, measures: ['CONVERSATIONS'], ...variables })

async function lines(ask: Ask, variables: object = {}) {
  const { data, errors } = await asking(ask, variables)
  expect(errors).toBeUndefined()
  return data.conversationSeries.lines
}

async function total(ask: Ask, measure: string, variables: object = {}) {
  const [line] = await lines(ask, { measures: [measure], ...variables })
  return line.total
}

async function keyWith(scopes: string[]): Promise<Ask> {
  const { secret } = await server.newKey({ scopes, tenantId: tenant.id })
  return server.as({ key: secret })
}

async function tokenWith(input: object, { ask } = tenant): Promise<Ask> {
  const { data } = await ask(
    'mutation ($input: CreateEmbedTokenInput!) { createEmbedToken(input: $input) { token } }',
    { input },
  )
  return server.as({ key: data.createEmbedToken.token })
}

describe('what is counted', () => {
  test('tests only where they are asked for', async () => {
    expect(await total(tenant.ask, 'CONVERSATIONS')).toBe(4)
    expect(await total(tenant.ask, 'CONVERSATIONS', { includeTests: true })).toBe(5)
    expect(await total(tenant.ask, 'CONVERSATIONS', { filter: { isTest: true } })).toBe(1)
  })

  test('every day of the range, empty ones as 0 and null', async () => {
    const [conversations, ratings] = await lines(tenant.ask, { measures: ['CONVERSATIONS', 'RATING_MEAN'] })
    expect(conversations.points).toHaveLength(31)
    expect(conversations.points[0]).toEqual({ value: 0 })
    expect(ratings.points[0]).toEqual({ value: null })
    expect(ratings).toMatchObject({ total: 1, totalSampleCount: 1 })
  })

  test('each measure has one line, however often it is named', async () => {
    expect(await lines(tenant.ask, { measures: ['MESSAGES', 'MESSAGES'] })).toHaveLength(1)
  })
})

describe('groups', () => {
  test('the most frequent have lines of their own, and all others one', async () => {
    const found = await lines(tenant.ask, { groupBy: { dimension: 'OUTCOME', first: 2 } })
    expect(found.map(({ group, total }: { group: object; total: number }) => [group, total])).toEqual([
      [{ key: 'BOT_HANDLED', label: 'BOT_HANDLED', isOther: false }, 1],
      [{ key: 'EMAIL', label: 'EMAIL', isOther: false }, 1],
      [{ key: null, label: 'Other', isOther: true }, 2],
    ])
  })

  test('agents are named by id and name, and a conversation counts for each of its agents', async () => {
    const found = await lines(tenant.ask, { groupBy: { dimension: 'AGENT' } })
    const groups = found.map(({ group, total }: { group: { label: string; key: string }; total: number }) => [
      group.label,
      total,
    ])
    expect(groups).toEqual([
      ['second', 2],
      ['None', 2],
      ['first', 1],
    ])
    expect(found[2].group.key).toBe(agentId)
  })

  test('metadata values keep their type', async () => {
    const other = await server.newTenant()
    for (const plan of [245, '245', { a: 1 }, null]) await log(other.ask, { startedAt, metadata: { plan } })
    const found = await lines(other.ask, { groupBy: { metadataPath: ['plan'] } })
    const groups = found.map(({ group }: { group: { key: unknown; label: string } }) => [group.key, group.label])
    expect(groups).toHaveLength(4)
    expect(groups).toEqual(
      expect.arrayContaining([
        [245, '245'],
        ['245', '245'],
        [{ a: 1 }, '{"a": 1}'],
        [null, 'None'],
      ]),
    )
  })
})

describe('credentials', () => {
  test('numbers need ANALYTICS_READ', async () => {
    const ask = await keyWith(['CONVERSATIONS_READ', 'INTERNALS_READ'])
    expect(codes(await asking(ask, {}))).toEqual(['FORBIDDEN'])
    expect(codes(await ask('{ conversationMetrics { current { conversationCount } } }'))).toEqual(['FORBIDDEN'])
    expect(codes(await ask('{ availableSeries { measure } }'))).toEqual(['FORBIDDEN'])
  })

  test('ANALYTICS_READ alone shows numbers, and no transcript, and can’t search one', async () => {
    const ask = await keyWith(['ANALYTICS_READ'])
    expect(await total(ask, 'CONVERSATIONS')).toBe(4)
    expect(codes(await ask('{ conversations { nodes { id } } }'))).toEqual(['FORBIDDEN'])
    for (const filter of [
      { search: 'canary' },
      { not: { search: 'canary' } },
      { and: [{ or: [{ search: 'canary' }] }] },
    ]) {
      expect(codes(await asking(ask, { filter }))).toEqual(['FORBIDDEN'])
      expect(await total(tenant.ask, 'CONVERSATIONS', { filter: { search: 'canary' } })).toBe(4)
    }
    expect(
      codes(await ask('{ conversationMetrics(filter: {search: "canary"}) { current { conversationCount } } }')),
    ).toEqual(['FORBIDDEN'])
  })

  test('internals are no number for who may not see them', async () => {
    const ask = await keyWith(['ANALYTICS_READ'])
    expect(await total(tenant.ask, 'MESSAGES')).toBe(9)
    expect(await total(ask, 'MESSAGES')).toBe(7)
    expect([await total(tenant.ask, 'EVENTS'), await total(ask, 'EVENTS')]).toEqual([1, 0])
    expect(codes(await asking(ask, { measures: ['SYSTEM_MESSAGES'] }))).toEqual(['FORBIDDEN'])
    const { data } = await ask('{ availableSeries { measure description unit } }')
    const names = data.availableSeries.map(({ measure }: { measure: string }) => measure)
    expect(names).toEqual(Object.keys(MEASURES).filter((name) => !INTERNAL.test(name)))
  })

  test('a token that is locked to a customer counts that one’s conversations', async () => {
    const ask = await tokenWith({ scopes: ['ANALYTICS_READ', 'CONVERSATIONS_READ'], metadata: { customer_id: '42' } })
    for (const filter of [
      undefined,
      { metadata: [{ path: ['customer_id'], exists: true }] },
      { not: { endUserIds: ['bob'] } },
    ]) {
      const { data } = await ask(
        'query ($filter: ConversationFilter) { conversations(filter: $filter) { totalCount } }',
        { filter },
      )
      expect(data.conversations.totalCount).toBe(1)
      expect(await total(ask, 'CONVERSATIONS', { filter, includeTests: true })).toBe(1)
    }
    expect(await total(ask, 'CONVERSATIONS', { filter: { metadata: [{ path: ['customer_id'], eq: '43' }] } })).toBe(0)
    for (const measure of ['END_USERS', 'NEW_END_USERS']) expect(await total(ask, measure)).toBe(1)
    const customers = await lines(ask, { groupBy: { metadataPath: ['customer_id'] } })
    expect(customers.map(({ group }: { group: { key: string } }) => group.key)).toEqual(['42'])
    const { data } = await ask(
      'query ($range: TimeRange) { conversationMetrics(range: $range) { current { conversationCount } } }',
      { range: RANGE },
    )
    expect(data.conversationMetrics.current.conversationCount).toBe(1)
  })

  test('an end user, and an agent, are to a lock what the conversations are that it leaves', async () => {
    const other = await server.newTenant()
    const logged = { agents: [{ externalId: 'bot' }], endUserId: 'ann', isTest: false }
    await log(other.ask, { ...logged, startedAt: '2026-01-02T12:00:00Z', metadata: { customer_id: '43' } })
    await log(other.ask, { ...logged, startedAt, metadata: { customer_id: '42' } })
    const scopes = ['ANALYTICS_READ', 'CONVERSATIONS_READ']
    const ask = await tokenWith({ scopes, metadata: { customer_id: '42' } }, other)
    // Who came before the range is new in it to nobody but this customer.
    const range = { ...RANGE, from: '2026-01-05T00:00:00Z' }
    expect(await total(other.ask, 'NEW_END_USERS', { range })).toBe(0)
    expect(await total(ask, 'NEW_END_USERS', { range })).toBe(1)
    const { data } = await ask('{ agents { nodes { totals { conversationCount lastConversationAt } } } }')
    expect(data.agents.nodes).toEqual([
      { totals: { conversationCount: 1, lastConversationAt: new Date(startedAt).toISOString() } },
    ])
  })

  test('a token that is locked to an agent is not told of another that took part', async () => {
    const second = await tenant.ask('{ agent(by: { externalId: "second" }) { id } }')
    const ask = await tokenWith({ scopes: ['ANALYTICS_READ'], agents: [{ id: second.data.agent.id }] })
    const found = await lines(ask, { groupBy: { dimension: 'AGENT' } })
    expect(found.map(({ group, total }: { group: { label: string }; total: number }) => [group.label, total])).toEqual([
      ['second', 2],
    ])
  })
})

test('a group by agent, label or tool holds what a list with that filter does', async () => {
  const { ask } = await server.newTenant()
  const on = (labels: string[], agents: string[], tools: string[]) => ({
    startedAt,
    labels,
    agents: agents.map((externalId) => ({ externalId })),
    messages: [{ chat: { role: 'USER', content: 'Hello' } }, ...tools.map((name) => ({ tool: { name } }))],
  })
  const inputs = [
    on(['a', 'b'], ['one', 'two'], ['find', 'pay', 'find']),
    on(['b', 'c'], ['two'], ['pay']),
    on(['c', 'd'], ['three', 'one'], []),
    on([], [], ['find']),
  ]
  await ask(
    'mutation ($inputs: [LogConversationInput!]!) { logConversations(input: { conversations: $inputs }) { results { created } } }',
    { inputs },
  )
  const listed = async (filter: object) =>
    (await ask('query ($filter: ConversationFilter) { conversations(filter: $filter) { totalCount } }', { filter }))
      .data.conversations.totalCount
  for (const [dimension, filter] of Object.entries({ LABEL: 'labels', AGENT: 'agents', TOOL_NAME: 'toolNames' })) {
    for (const first of [10, 1]) {
      const found = await lines(ask, { measures: ['CONVERSATIONS'], groupBy: { dimension, first } })
      for (const { group, total } of found) {
        if (group.key !== null)
          expect([dimension, group.key, total]).toEqual([
            dimension,
            group.key,
            await listed({ [filter]: [dimension === 'AGENT' ? { id: group.key } : group.key] }),
          ])
      }
    }
  }
  const labels = await lines(ask, {
    measures: ['CONVERSATIONS', 'MESSAGES'],
    groupBy: { dimension: 'LABEL', first: 2 },
  })
  expect(
    labels.map(({ measure, group, total }: { measure: string; group: { label: string }; total: number }) => [
      measure,
      group.label,
      total,
    ]),
  ).toEqual([
    ...[
      ['CONVERSATIONS', 'b', 2],
      ['CONVERSATIONS', 'c', 2],
      ['CONVERSATIONS', 'Other', 3],
    ],
    ...[
      ['MESSAGES', 'b', 6],
      ['MESSAGES', 'c', 3],
      ['MESSAGES', 'Other', 7],
    ],
  ])
})

test('groups are those of both periods, and make up the whole of each', async () => {
  const { ask } = await server.newTenant()
  const on = (campaign: string, startedAt: string) => ({
    campaign,
    startedAt,
    messages: [{ chat: { role: 'USER', content: 'Hello' } }],
  })
  const inputs = [
    ...[on('A', '2026-01-06T01:00:00Z'), on('B', '2026-01-06T02:00:00Z')],
    ...['A', 'C', 'C', 'C', 'D'].map((campaign) => on(campaign, '2026-01-05T01:00:00Z')),
  ]
  await ask(
    'mutation ($inputs: [LogConversationInput!]!) { logConversations(input: { conversations: $inputs }) { results { created } } }',
    { inputs },
  )
  const totals = async (first: number) => {
    const { data } = await ask(
      `query ($groupBy: SeriesGroupBy) { conversationSeries(measures: [CONVERSATIONS], timeZone: "UTC", groupBy: $groupBy, compareTo: PREVIOUS_PERIOD,
         range: { from: "2026-01-06T00:00:00Z", to: "2026-01-07T00:00:00Z" }) { lines { group { label } total previousTotal } } }`,
      { groupBy: { dimension: 'CAMPAIGN', first } },
    )
    return data.conversationSeries.lines.map(
      (line: { group: { label: string }; total: number; previousTotal: number }) => [
        line.group.label,
        line.total,
        line.previousTotal,
      ],
    )
  }
  expect(await totals(5)).toEqual([
    ['C', 0, 3],
    ['A', 1, 1],
    ['B', 1, 0],
    ['D', 0, 1],
  ])
  expect(await totals(2)).toEqual([
    ['C', 0, 3],
    ['A', 1, 1],
    ['Other', 1, 1],
  ])
})

describe('key figures', () => {
  const METRICS = `query ($range: TimeRange, $filter: ConversationFilter) { conversationMetrics(range: $range, filter: $filter, compareTo: PREVIOUS_PERIOD) {
    current {
      conversationCount suggestionOnlyConversationCount botHandledConversationCount conversationsWithOutcomeCount
      conversationsWithResolutionCount userMessageCount messagesWithUnderstoodCount botHandledRate deflectionRate escalationRate
      failedEscalationRate informedRate automationRate messagesUnderstoodRate completionRate abandonmentRate meanTurns
    }
    previous { conversationCount deflectionRate from to }
  } }`

  test('are what their formulas say: an outcome of null is none, the understood rate a ratio of sums', async () => {
    const { data } = await tenant.ask(METRICS, { range: RANGE })
    expect(data.conversationMetrics).toEqual({
      current: {
        ...{ conversationCount: 4, suggestionOnlyConversationCount: 2 },
        ...{ conversationsWithOutcomeCount: 3, conversationsWithResolutionCount: 2 },
        ...{ userMessageCount: 3, messagesWithUnderstoodCount: 2 },
        ...{ botHandledConversationCount: 1, botHandledRate: 0.25, deflectionRate: 0.5 },
        ...{ escalationRate: 0.25, failedEscalationRate: 0.25, informedRate: 0.25, automationRate: 0.5 },
        ...{ messagesUnderstoodRate: 2 / 3, completionRate: 0.75, abandonmentRate: 0.25, meanTurns: 0.75 },
      },
      previous: {
        conversationCount: 0,
        deflectionRate: null,
        from: '2025-12-01T00:00:00.000Z',
        to: '2026-01-01T00:00:00.000Z',
      },
    })
  })

  test('tell a rate of 0 from one of which nothing is known', async () => {
    const { ask } = await server.newTenant()
    await log(ask, { startedAt, messages: [said('USER')] })
    await log(ask, { startedAt, outcome: 'EMAIL', resolution: 'UNDEFINED', messages: [said('USER')] })
    const metrics = async (filter: object) =>
      (await ask(METRICS, { range: RANGE, filter })).data.conversationMetrics.current
    expect(await metrics({ outcomes: ['EMAIL'] })).toMatchObject({
      ...{
        deflectionRate: 0,
        conversationsWithOutcomeCount: 1,
        automationRate: 0,
        conversationsWithResolutionCount: 1,
      },
    })
    expect(await metrics({ not: { outcomes: ['EMAIL'] } })).toMatchObject({
      ...{
        deflectionRate: 0,
        conversationsWithOutcomeCount: 0,
        automationRate: 0,
        conversationsWithResolutionCount: 0,
      },
      ...{ messagesUnderstoodRate: 1, userMessageCount: 1, messagesWithUnderstoodCount: 0 },
    })
  })

  test('are null where there is nothing to divide by', async () => {
    const { data } = await tenant.ask(METRICS, { range: RANGE, filter: { endUserIds: ['nobody'] } })
    expect(data.conversationMetrics.current).toMatchObject({
      conversationCount: 0,
      deflectionRate: null,
      meanTurns: null,
      messagesUnderstoodRate: null,
    })
  })
})

test.each([
  ['no measure', { measures: [] }, 'measures'],
  ['groups by nothing', { groupBy: {} }, 'groupBy'],
  ['groups by two things', { groupBy: { dimension: 'STATUS', metadataPath: ['plan'] } }, 'groupBy'],
  ['groups by no key', { groupBy: { metadataPath: [] } }, 'groupBy.metadataPath'],
  ['no group', { groupBy: { dimension: 'STATUS', first: 0 } }, 'groupBy.first'],
  ['too many groups', { groupBy: { dimension: 'STATUS', first: 101 } }, 'groupBy.first'],
  ['what can’t be stored, so can’t be looked for', { groupBy: { metadataPath: ['a\0'] } }, 'groupBy.metadataPath[0]'],
  ['a time that is none', { range: { from: 'yesterday' } }, 'range.from'],
])('%s is refused by name', async (_what, variables, inputPath) => {
  const answer = await asking(tenant.ask, variables)
  expect(codes(answer)).toEqual(['BAD_USER_INPUT'])
  expect(answer.errors?.[0]?.extensions['inputPath']).toBe(inputPath)
})

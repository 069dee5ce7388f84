import { beforeAll, describe, expect, test } from 'vitest'
import { log } from '../conversations/conversations.ts'
import { type Ask, codes, startTestServer, type TestTenant } from '../support/server.ts'

/** Tables over conversations: intents, tools, end users, cohorts; and what is read out of single ones. */

const server = await startTestServer()
const said = (role: string, more: object = {}) => ({ chat: { role, content: 'Hello', ...more } })
const intent = (name: string, meaningful?: boolean) => said('USER', { intent: { name, meaningful } })
const tool = (name: string, more: object = {}) => ({ tool: { name, ...more } })

let tenant: TestTenant
let numbers: Ask
let locked: Ask
let agentId: string

beforeAll(async () => {
  tenant = await server.newTenant()
  const logged = await log(tenant.ask, {
    ...{ externalId: 'a', startedAt: '2026-01-05T10:00:00Z', endUserId: 'ann', agents: [{ externalId: 'bot' }] },
    ...{ outcome: 'BOT_HANDLED', metadata: { customer: '1' } },
    messages: [
      said('SYSTEM', { intent: { name: 'secret' } }),
      intent('greet', false),
      intent('refund', true),
      said('ASSISTANT', { rating: 1 }),
      intent('thanks'),
      tool('find', { durationMs: 100 }),
      tool('find', { durationMs: 300, error: 'no' }),
    ],
  })
  agentId = String(logged.agents[0]?.id)
  await log(tenant.ask, {
    ...{ externalId: 'b', startedAt: '2026-01-13T10:00:00Z', endUserId: 'ann', agents: [{ externalId: 'bot' }] },
    ...{ outcome: 'EMAIL', metadata: { customer: '2' } },
    messages: [
      intent('greet', false),
      said('USER', { sentiment: -0.5 }),
      said('USER', { sentiment: 0.5 }),
      tool('find'),
    ],
  })
  await log(tenant.ask, {
    ...{ externalId: 'c', startedAt: '2026-01-14T10:00:00Z', endUserId: 'bob' },
    messages: [intent('refund'), said('USER', { sentiment: 0.1, understood: false }), tool('send')],
  })
  await log(tenant.ask, { externalId: 'd', startedAt: '2026-01-15T10:00:00Z', messages: [said('ASSISTANT')] })
  await log(tenant.ask, {
    externalId: 't',
    startedAt: '2026-01-15T10:00:00Z',
    isTest: true,
    endUserId: 'tess',
    messages: [intent('test')],
  })
  numbers = server.as({ key: (await server.newKey({ scopes: ['ANALYTICS_READ'], tenantId: tenant.id })).secret })
  const { data } = await tenant.ask(
    'mutation ($input: CreateEmbedTokenInput!) { createEmbedToken(input: $input) { token } }',
    {
      input: { metadata: { customer: '1' } },
    },
  )
  locked = server.as({ key: data.createEmbedToken.token })
})

const RANGE = 'range: { from: "2026-01-01T00:00:00Z", to: "2026-02-01T00:00:00Z" }'

async function read(ask: Ask, document: string) {
  const { data, errors } = await ask(`{ ${document} }`)
  expect(errors).toBeUndefined()
  return data
}

test('the first meaningful intent is the earliest by time, then by place; first and last go by place', async () => {
  const { ask } = await server.newTenant()
  const at = (minute: number, name: string, meaningful?: boolean) =>
    said('USER', { timestamp: `2026-01-05T10:0${minute}:00Z`, intent: { name, meaningful } })
  await log(ask, {
    startedAt: '2026-01-05T10:00:00Z',
    messages: [at(5, 'late'), at(1, 'greet', false), at(2, 'refund'), at(2, 'pay'), at(3, 'thanks', false)],
  })
  const { data } = await ask(`{
    conversations { nodes { firstIntent { name } lastIntent { name } firstMeaningfulIntent { name } without: firstMeaningfulIntent(exclude: ["refund", "pay"]) { name } } }
    intentMetrics(${RANGE}) { intent conversationCount }
    excluding: intentMetrics(${RANGE}, excludeIntents: ["refund"]) { intent conversationCount }
  }`)
  expect(data.conversations.nodes).toEqual([
    {
      firstIntent: { name: 'late' },
      lastIntent: { name: 'thanks' },
      firstMeaningfulIntent: { name: 'refund' },
      without: { name: 'late' },
    },
  ])
  expect(data.intentMetrics).toEqual([{ intent: 'refund', conversationCount: 1 }])
  expect(data.excluding).toEqual([{ intent: 'pay', conversationCount: 1 }])
})

describe('intents', () => {
  const intents = async (ask: Ask, args: string) => {
    const { intentMetrics } = await read(
      ask,
      `intentMetrics(${RANGE}, ${args}) { intent isOther conversationCount botHandledRate }`,
    )
    return intentMetrics.map((row: { intent: string; isOther: boolean; conversationCount: number }) => [
      row.isOther ? 'other' : row.intent,
      row.conversationCount,
    ])
  }

  test('each conversation counts for its first, last or first meaningful one, and none is left out', async () => {
    expect(await intents(numbers, 'by: FIRST')).toEqual([
      ['greet', 2],
      ['refund', 1],
      [null, 1],
    ])
    expect(await intents(numbers, 'by: LAST')).toEqual([
      ['greet', 1],
      ['refund', 1],
      ['thanks', 1],
      [null, 1],
    ])
    expect(await intents(numbers, 'by: FIRST_MEANINGFUL')).toEqual([
      ['refund', 2],
      [null, 2],
    ])
    expect(await intents(numbers, 'by: FIRST, excludeIntents: ["greet"]')).toEqual([
      ['refund', 2],
      [null, 2],
    ])
    expect(await intents(numbers, 'by: FIRST, first: 1')).toEqual([
      ['greet', 2],
      ['other', 2],
    ])
  })

  test('with what they add up to', async () => {
    const { intentMetrics } = await read(
      numbers,
      `intentMetrics(${RANGE}) {
        intent botHandledRate escalationRate meanRating meanTurns notUnderstoodRate
        conversationsWithOutcomeCount userMessageCount messagesWithUnderstoodCount
      }`,
    )
    expect(intentMetrics[0]).toEqual({
      intent: 'refund',
      botHandledRate: 0.5,
      escalationRate: 0,
      meanRating: 1,
      ...{ meanTurns: 2.5, notUnderstoodRate: 0.2 },
      // Of the two conversations only one has an outcome, and of five user messages one says whether it was understood.
      ...{ conversationsWithOutcomeCount: 1, userMessageCount: 5, messagesWithUnderstoodCount: 1 },
    })
  })

  test('a system prompt’s counts only for who may see it', async () => {
    expect(await intents(tenant.ask, 'by: FIRST')).toContainEqual(['secret', 1])
  })

  test('are told of a conversation in order', async () => {
    const FIELDS =
      'intents { name meaningful sequence } firstIntent { name } lastIntent { name } firstMeaningfulIntent(exclude: ["refund"]) { name }'
    const { conversation } = await read(locked, `conversation(by: { externalId: "a" }) { ${FIELDS} }`)
    expect(conversation).toEqual({
      intents: [
        { name: 'greet', meaningful: false, sequence: 1 },
        { name: 'refund', meaningful: true, sequence: 2 },
        { name: 'thanks', meaningful: true, sequence: 4 },
      ],
      ...{ firstIntent: { name: 'greet' }, lastIntent: { name: 'thanks' }, firstMeaningfulIntent: { name: 'thanks' } },
    })
  })
})

test('tools: calls, errors and durations, most called first', async () => {
  const FIELDS = 'name callCount errorCount errorRate conversationCount meanDurationMs p50DurationMs p95DurationMs'
  expect((await read(numbers, `toolMetrics(${RANGE}) { ${FIELDS} }`)).toolMetrics).toEqual([
    {
      ...{ name: 'find', callCount: 3, errorCount: 1, errorRate: 1 / 3, conversationCount: 2 },
      ...{ meanDurationMs: 200, p50DurationMs: 200, p95DurationMs: 290 },
    },
    {
      ...{ name: 'send', callCount: 1, errorCount: 0, errorRate: 0, conversationCount: 1 },
      ...{ meanDurationMs: null, p50DurationMs: null, p95DurationMs: null },
    },
  ])
})

describe('end users', () => {
  const USERS =
    'totalCount edges { node { endUserId } conversationCount messageCount userMessageCount meanSentiment meanRating firstSeenAt lastSeenAt }'

  test('what they add up to, latest seen first, tests left out', async () => {
    const { endUsers } = await read(numbers, `endUsers { ${USERS} }`)
    expect(endUsers).toEqual({
      totalCount: 2,
      edges: [
        {
          ...{ node: { endUserId: 'bob' }, conversationCount: 1, messageCount: 3, userMessageCount: 2 },
          ...{ meanSentiment: 0.1, meanRating: null },
          ...{ firstSeenAt: '2026-01-14T10:00:00.000Z', lastSeenAt: '2026-01-14T10:00:00.000Z' },
        },
        {
          ...{ node: { endUserId: 'ann' }, conversationCount: 2, messageCount: 10, userMessageCount: 6 },
          ...{ meanSentiment: 0, meanRating: 1 },
          ...{ firstSeenAt: '2026-01-05T10:00:00.000Z', lastSeenAt: '2026-01-13T10:00:00.000Z' },
        },
      ],
    })
  })

  test.each(['LAST_SEEN', 'FIRST_SEEN', 'CONVERSATIONS'])('are paged by %s, both ways', async (field) => {
    const other = await server.newTenant()
    for (const [i, endUserId] of ['a', 'b', 'c', 'b', 'd', 'e'].entries())
      await log(other.ask, { endUserId, startedAt: `2026-01-0${1 + (i % 3)}T00:00:00Z` })
    for (const direction of ['ASC', 'DESC']) {
      const page = async (args: string) =>
        (
          await read(
            other.ask,
            `endUsers(orderBy: { field: ${field}, direction: ${direction} }, ${args}) { edges { cursor node { endUserId } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }`,
          )
        ).endUsers
      const ids = ({ edges }: { edges: { node: { endUserId: string } }[] }) => edges.map(({ node }) => node.endUserId)
      const all = await page('first: 100')
      expect(ids(all).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e'])
      const [start, rest] = [
        await page('first: 2'),
        await page(`first: 2, after: "${(await page('first: 2')).pageInfo.endCursor}"`),
      ]
      expect([...ids(start), ...ids(rest)]).toEqual(ids(all).slice(0, 4))
      expect(ids(await page(`last: 2, before: "${all.pageInfo.endCursor}"`))).toEqual(ids(all).slice(2, 4))
    }
  })

  test('a token that is locked sees those of its rows', async () => {
    const { endUsers } = await read(locked, `endUsers(includeTests: true) { ${USERS} }`)
    const ann = { node: { endUserId: 'ann' }, conversationCount: 1, messageCount: 6 }
    expect(endUsers).toMatchObject({ totalCount: 1, edges: [ann] })
  })
})

test('retention: cohorts by the week of the first conversation', async () => {
  const { retention } = await read(
    numbers,
    'retention(weeks: 2, until: "2026-01-16T00:00:00Z", timeZone: "UTC") { start end endUserCount weeks { week endUserCount rate } }',
  )
  expect(retention).toEqual([
    {
      ...{ start: '2026-01-05T00:00:00.000Z', end: '2026-01-12T00:00:00.000Z', endUserCount: 1 },
      weeks: [
        { week: 0, endUserCount: 1, rate: 1 },
        { week: 1, endUserCount: 1, rate: 1 },
      ],
    },
    {
      ...{ start: '2026-01-12T00:00:00.000Z', end: '2026-01-19T00:00:00.000Z', endUserCount: 1 },
      weeks: [{ week: 0, endUserCount: 1, rate: 1 }],
    },
  ])
})

test('agents: what they took part in, for all of a list at once', async () => {
  const TOTALS = 'agents { nodes { externalId totals { conversationCount assistantMessageCount lastConversationAt } } }'
  const bot = { conversationCount: 2, assistantMessageCount: 1, lastConversationAt: '2026-01-13T10:00:00.000Z' }
  expect((await read(tenant.ask, TOTALS)).agents.nodes).toEqual([{ externalId: 'bot', totals: bot }])
  expect(
    (await read(locked, `node(id: "${agentId}") { ... on Agent { totals { conversationCount } } }`)).node.totals,
  ).toEqual({ conversationCount: 1 })
  const SOME = `agents { nodes {
    emailed: totals(filter: { outcomes: [EMAIL] }) { conversationCount assistantMessageCount }
    since: totals(filter: { startedAt: { from: "2026-01-06T00:00:00Z" } }) { conversationCount }
  } }`
  expect((await read(tenant.ask, SOME)).agents.nodes).toEqual([
    { emailed: { conversationCount: 1, assistantMessageCount: 0 }, since: { conversationCount: 1 } },
  ])
  const reader = server.as({
    key: (await server.newKey({ scopes: ['CONVERSATIONS_READ'], tenantId: tenant.id })).secret,
  })
  expect((await read(reader, TOTALS)).agents.nodes).toEqual([{ externalId: 'bot', totals: null }])
})

test('lists take as many statements for many rows as for one', async () => {
  const statements = async (first: number) => {
    server.statements()
    await read(
      tenant.ask,
      `conversations(first: ${first}, orderBy: {direction: ASC}) { nodes { intents { name } lastIntent { name } sentiment sentimentTrend agents { totals { conversationCount } } } }`,
    )
    return server.statements().filter((sql) => !/^(SET|BEGIN|COMMIT|--)/.test(sql)).length
  }
  expect(await statements(4)).toBe(await statements(2))
})

test.each([
  ['intentMetrics(first: 0) { intent }', 'first'],
  ['toolMetrics(first: 101) { name }', 'first'],
  ['endUsers(first: 101) { totalCount }', 'first'],
  ['endUsers(range: { from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z" }) { totalCount }', 'range'],
  ['retention(weeks: 53) { endUserCount }', 'weeks'],
  ['retention(timeZone: "Nowhere") { endUserCount }', 'timeZone'],
])('%s is refused by name', async (document, inputPath) => {
  const answer = await numbers(`{ ${document} }`)
  expect(codes(answer)).toEqual(['BAD_USER_INPUT'])
  expect(answer.errors?.[0]?.extensions['inputPath']).toBe(inputPath)
})

test('what an agent’s totals are asked of is refused by name as well', async () => {
  const asking =
    'query ($filter: ConversationFilter) { agents { nodes { totals(filter: $filter) { conversationCount } } } }'
  for (const [filter, inputPath] of [
    [{ companyNames: ['a\0'] }, 'filter.companyNames[0]'],
    [{ metadata: [{ path: [], eq: 1 }] }, 'filter.metadata[0].path'],
  ]) {
    const answer = await tenant.ask(asking, { filter })
    expect(codes(answer)).toEqual(['BAD_USER_INPUT'])
    expect(answer.errors?.[0]?.extensions['inputPath']).toBe(inputPath)
  }
})

test.each([
  'intentMetrics { intent }',
  'toolMetrics { name }',
  'endUsers { totalCount }',
  'retention { endUserCount }',
])('%s needs ANALYTICS_READ, and CONVERSATIONS_READ to search', async (document) => {
  const reader = server.as({
    key: (await server.newKey({ scopes: ['CONVERSATIONS_READ'], tenantId: tenant.id })).secret,
  })
  expect(codes(await reader(`{ ${document} }`))).toEqual(['FORBIDDEN'])
  const searching = document.replace(' {', '(filter: { search: "Hello" }) {')
  expect(codes(await numbers(`{ ${searching} }`))).toEqual(['FORBIDDEN'])
  expect(codes(await tenant.ask(`{ ${searching} }`))).toEqual([])
})

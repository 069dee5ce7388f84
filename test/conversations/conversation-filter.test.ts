import { beforeAll, describe, expect, test } from 'vitest'
import { codes, startTestServer, type TestTenant } from '../support/server.ts'
import { fitting, list, log } from './conversations.ts'

const server = await startTestServer()
let tenant: TestTenant
/** Ids of the agents "first" and "second". */
let agents: { id: string }[]

const HOUR = '2026-01-01T10:00:00.000Z'
const NEXT_HOUR = '2026-01-01T11:00:00.000Z'

/** `full` has a value everywhere, `other` another one, and `bare` none. */
beforeAll(async () => {
  tenant = await server.newTenant()
  const full = await log(tenant.ask, {
    externalId: 'full',
    status: 'COMPLETED',
    channel: 'CHAT',
    direction: 'INBOUND',
    campaign: 'spring',
    isTest: true,
    llmStats: {},
    endUserId: 'user-1',
    companyName: 'Acme',
    language: 'de',
    model: 'large',
    labels: ['red', 'blue'],
    outcome: 'BOT_HANDLED',
    resolution: 'RESOLVED',
    analysis: { status: 'RUNNING', tags: ['refund', 'late'] },
    startedAt: HOUR,
    endedAt: '2026-01-01T10:01:30.500Z',
    agents: [{ externalId: 'first' }, { externalId: 'second' }],
    metadata: { plan: 'pro', seats: 5 },
    messages: [
      { chat: { role: 'SYSTEM', content: 'rules', rating: 0, intent: { name: 'internal' } } },
      { chat: { role: 'USER', content: 'Where is my order?', sentiment: 0.5, intent: { name: 'order' } } },
      { chat: { role: 'USER', content: 'So?', sentiment: -1, understood: false } },
      { chat: { role: 'ASSISTANT', content: 'On its way.', rating: 1, sentiment: 1, understood: true } },
      { tool: { name: 'track' } },
      { event: { name: 'opened' } },
      { event: { name: 'traced', visibility: 'INTERNAL' } },
    ],
  })
  agents = full.agents
  await log(tenant.ask, {
    externalId: 'other',
    status: 'FAILED',
    channel: 'EMAIL',
    direction: 'WEB',
    campaign: 'autumn',
    endUserId: 'user-2',
    companyName: 'Other',
    isLlmConversation: false,
    language: 'en',
    model: 'small',
    labels: ['green'],
    outcome: 'EMAIL',
    resolution: 'UNDEFINED',
    analysis: { tags: ['late'] },
    startedAt: NEXT_HOUR,
    endedAt: NEXT_HOUR,
    agents: [{ externalId: 'third' }],
    metadata: { plan: 'free', seats: 1 },
    messages: [
      { chat: { role: 'USER', content: 'Hello', rating: -1, sentiment: 0.25, intent: { name: 'greeting' } } },
      { tool: { name: 'opened' } },
      { event: { name: 'track' } },
    ],
  })
  await log(tenant.ask, { externalId: 'bare', status: 'ACTIVE', startedAt: '2026-01-01T12:00:00Z', messages: [] })
  const times = [
    ['full', HOUR],
    ['other', NEXT_HOUR],
    ['bare', '2026-01-01T12:00:00Z'],
  ]
  for (const [name, time] of times) {
    await server.owner(`UPDATE conversations SET created_at = '${time}', updated_at = '${time}'
      WHERE external_id = '${name}' AND tenant_id = '${tenant.id}'`)
  }
})

const BARE = ['bare']
const FULL = ['full']
const ALL = ['bare', 'full', 'other']

/** A condition on each field that `full` alone fits. */
const FULL_ALONE: Record<string, unknown> = {
  startedAt: { to: NEXT_HOUR },
  endedAt: { to: '2026-01-01T10:30:00Z' },
  createdAt: { to: NEXT_HOUR },
  updatedAt: { to: NEXT_HOUR },
  externalIds: ['full', 'unknown'],
  statuses: ['COMPLETED', 'QUEUED'],
  channels: ['CHAT', 'OTHER'],
  directions: ['INBOUND'],
  campaigns: ['spring'],
  endUserIds: ['user-1'],
  companyNames: ['Acme', 'acme'],
  languages: ['de'],
  models: ['large'],
  labels: ['blue', 'unknown'],
  outcomes: ['BOT_HANDLED'],
  resolutions: ['RESOLVED'],
  isTest: true,
  isLlmConversation: true,
  ratings: [1],
  sentiment: { lt: 0 },
  durationMs: { gt: 0 },
  messageCount: { gte: 7 },
  hasNotUnderstood: true,
  toolNames: ['track'],
  eventNames: ['opened'],
  intents: ['order', 'unknown'],
  analysisStatuses: ['RUNNING', 'FAILED'],
  analysisTags: ['refund', 'unknown'],
  analysisPending: true,
  search: 'order',
  metadata: [
    { path: ['plan'], eq: 'pro' },
    { path: ['seats'], gt: 4 },
  ],
}

describe.each(Object.entries(FULL_ALONE))('%s', (name, value) => {
  test('fits those that have it, and `not` all others, nulls included', async () => {
    expect(await fitting(tenant.ask, { [name]: value })).toEqual(FULL)
    expect(await fitting(tenant.ask, { not: { [name]: value } })).toEqual(['bare', 'other'])
    expect(await fitting(tenant.ask, { not: { not: { [name]: value } } })).toEqual(FULL)
  })

  test('null is no condition', async () => {
    expect(await fitting(tenant.ask, { [name]: null })).toEqual(ALL)
  })
})

test('an analysis is pending if the conversation is closed, and its analysis is absent, PENDING or RUNNING', async () => {
  const { ask } = await server.newTenant()
  const analyses = {
    none: null,
    ...{ pending: { status: 'PENDING' }, running: { status: 'RUNNING', tags: null } },
    ...{ done: { status: 'COMPLETED', tags: [] }, failed: { status: 'FAILED', summary: 'It is PENDING' } },
  }
  for (const status of ['ACTIVE', 'COMPLETED', 'MISSED'])
    for (const [name, analysis] of Object.entries(analyses))
      await log(ask, { externalId: `${status} ${name}`, status, analysis })
  const pending = ['none', 'pending', 'running']
  const closed = ['COMPLETED', 'MISSED'].flatMap((status) => pending.map((name) => `${status} ${name}`))
  expect(await fitting(ask, { analysisPending: true })).toEqual(closed)
  const others = await fitting(ask, { analysisPending: false })
  expect(others).toEqual(await fitting(ask, { not: { analysisPending: true } }))
  expect(others).toHaveLength(15 - closed.length)
  expect(await fitting(ask, { analysisStatuses: ['FAILED'] })).toEqual([
    'ACTIVE failed',
    'COMPLETED failed',
    'MISSED failed',
  ])
  expect(await fitting(ask, { analysisTags: ['status', ''] })).toEqual([])
})

test('agents are found by either id, each alone and together', async () => {
  const [first, second] = agents.map(({ id }) => ({ id }))
  const by = (...externalIds: string[]) => externalIds.map((externalId) => ({ externalId }))
  const found = (...agents: object[]) => fitting(tenant.ask, { agents })
  expect(await found({ ...first })).toEqual(FULL)
  expect(await found({ ...second }, { id: 'agent_01h45ytscbebyvny4gc8cr8ma2' })).toEqual(FULL)
  expect(await found(...by('first'))).toEqual(FULL)
  expect(await found(...by('second', 'nobody'))).toEqual(FULL)
  expect((await found({ ...first }, ...by('third'))).sort()).toEqual(['full', 'other'])
  for (const agents of [[{ ...first }], by('second'), [{ ...first }, ...by('second')]]) {
    expect(await fitting(tenant.ask, { not: { agents } })).toEqual(['bare', 'other'])
    expect(await fitting(tenant.ask, { or: [{ agents }, { externalIds: ['bare'] }] })).toEqual(['bare', 'full'])
    expect(await fitting(tenant.ask, { and: [{ agents }, { agents: by('third') }] })).toEqual([])
  }
})

test('an agent that is not there matches nothing, nor does an id in the place of the other', async () => {
  const [{ id } = { id: '' }] = agents
  const unknown = [{ id: 'nonsense' }, { id: id.replace('agent_', 'conv_') }, { id: 'first' }, { externalId: id }]
  for (const agent of [...unknown, { externalId: 'First' }, { externalId: '' }]) {
    expect(await fitting(tenant.ask, { agents: [agent] })).toEqual([])
    expect(await fitting(tenant.ask, { not: { agents: [agent] } })).toEqual(ALL)
  }
})

test('an agent is named by exactly one of its ids', async () => {
  for (const agent of [{}, { id: null }, { id: 'agent_01h45ytscbebyvny4gc8cr8ma2', externalId: 'first' }]) {
    const answer = await list(tenant.ask, { agents: [agent] })
    expect(codes(answer)).toEqual(['BAD_USER_INPUT'])
    expect(answer.errors?.[0]?.extensions['inputPath']).toMatch(/^filter\.agents\[0\]/)
  }
})

const LISTS = Object.keys(FULL_ALONE).filter((name) => Array.isArray(FULL_ALONE[name]) && name !== 'metadata')

test.each([...LISTS, 'agents', 'or'])('an empty list of %s fits none, and its opposite all', async (name) => {
  expect(await fitting(tenant.ask, { [name]: [] })).toEqual([])
  expect(await fitting(tenant.ask, { not: { [name]: [] } })).toEqual(ALL)
})

test('an empty filter, an empty `and` and no metadata conditions fit all', async () => {
  for (const filter of [undefined, null, {}, { and: [] }, { metadata: [] }, { and: [{}], or: [{}] }])
    expect(await fitting(tenant.ask, filter)).toEqual(ALL)
})

test('a range of time has its start and not its end', async () => {
  for (const name of ['startedAt', 'createdAt', 'updatedAt']) {
    expect(await fitting(tenant.ask, { [name]: { from: HOUR, to: NEXT_HOUR } })).toEqual(FULL)
    expect(await fitting(tenant.ask, { [name]: { from: HOUR, to: HOUR } })).toEqual([])
    expect(await fitting(tenant.ask, { [name]: { from: '2026-01-01T11:00:00.001Z' } })).toEqual(BARE)
    expect(await fitting(tenant.ask, { [name]: { from: '2026-01-01T12:00:00+01:00' } })).toEqual(['bare', 'other'])
  }
  expect(await fitting(tenant.ask, { endedAt: { from: NEXT_HOUR } })).toEqual(['other'])
  expect(await fitting(tenant.ask, { endedAt: { to: NEXT_HOUR } })).toEqual(FULL)
})

test('a time that no calendar of PostgreSQL has is refused', async () => {
  for (const from of ['0000-01-01T00:00:00Z', '9999-12-31T23:00:00-08:00'])
    expect(codes(await list(tenant.ask, { startedAt: { from } }))).toEqual(['BAD_USER_INPUT'])
})

test('numbers are compared exactly', async () => {
  const cases: [Record<string, unknown>, string[]][] = [
    [{ durationMs: { gte: 90500, lte: 90500 } }, FULL],
    [{ durationMs: { gt: 90500 } }, []],
    [{ durationMs: { lte: 90500 } }, FULL],
    [{ sentiment: { gte: -0.25, lte: -0.25 } }, FULL],
    [{ sentiment: { gt: -0.25 } }, ['other']],
    [{ messageCount: { gt: 0, lt: 7 } }, ['other']],
    [{ messageCount: { lt: 1 } }, BARE],
  ]
  for (const [filter, expected] of cases) expect(await fitting(tenant.ask, filter)).toEqual(expected)
})

test('a rating that no message can have fits none', async () => {
  expect(await fitting(tenant.ask, { ratings: [7, 2_147_483_647] })).toEqual([])
})

test('conditions add up, at every level', async () => {
  const cases: [Record<string, unknown>, string[]][] = [
    [{ channels: ['CHAT'], languages: ['de'] }, FULL],
    [{ channels: ['CHAT'], languages: ['en'] }, []],
    [{ and: [{ labels: ['red'] }, { labels: ['blue'] }] }, FULL],
    [{ or: [{ channels: ['EMAIL'] }, { statuses: ['ACTIVE'] }] }, ['bare', 'other']],
    [{ or: [{ channels: ['EMAIL'] }, { statuses: ['ACTIVE'] }], models: ['small'] }, ['other']],
    [{ not: { or: [{ channels: ['EMAIL'] }, { campaigns: ['spring'] }] } }, BARE],
    [{ not: { and: [{ channels: ['EMAIL'] }, { not: { isTest: true } }] }, isTest: false }, BARE],
    [{ not: {} }, []],
  ]
  for (const [filter, expected] of cases) expect(await fitting(tenant.ask, filter)).toEqual(expected)
})

test('what is too much to ask is refused with its place', async () => {
  const refused = async (filter: unknown) => (await list(tenant.ask, filter)).errors?.[0]?.extensions
  expect(await refused({ or: [{ models: Array.from({ length: 501 }, String) }] })).toMatchObject({
    code: 'LIMIT_EXCEEDED',
    inputPath: 'filter.or[0].models',
    limit: 500,
  })
  expect(await refused({ and: Array.from({ length: 101 }, () => ({ isTest: true })) })).toMatchObject({
    code: 'LIMIT_EXCEEDED',
    inputPath: 'filter',
    limit: 100,
  })
  const deep = Array.from({ length: 40 }).reduce((inner) => ({ not: inner }), { isTest: true })
  expect(await refused(deep)).toMatchObject({ code: 'LIMIT_EXCEEDED' })
})

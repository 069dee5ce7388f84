import { describe, expect, inject, test, vi } from 'vitest'
import { Planner } from '../../src/execution/query-plan.ts'
import { codes, serveTestDatabase, startTestServer } from '../support/server.ts'

/** What of a query is answered if one of its root fields is refused. */

const server = await startTestServer({ database: { statementTimeoutMs: 3_000 }, maxAnswerBytes: 600_000 })
const LOG = 'mutation ($input: LogConversationInput!) { logConversation(input: $input) { created } }'

async function tenantWithOne(scopes?: string[]) {
  const tenant = await server.newTenant()
  const input = { agents: [{ externalId: 'bot' }], messages: [{ chat: { role: 'USER', content: 'Hello' } }] }
  await tenant.ask(LOG, { input })
  if (!scopes) return tenant
  const { secret } = await server.newKey({ scopes, tenantId: tenant.id })
  return { ...tenant, ask: server.as({ key: secret }) }
}

const errorsOf = ({ errors = [] }: { errors?: { path?: unknown; extensions?: { code?: unknown } }[] }) =>
  errors.map(({ path, extensions }) => [path, extensions?.code]).toSorted()

test('every list, number and look-up at the root can be null by itself', async () => {
  const { data } = await server.admin('{ __schema { queryType { fields { name type { kind } } } } }')
  const fields: { name: string; type: { kind: string } }[] = data.__schema.queryType.fields
  const required = fields.filter(({ type }) => type.kind === 'NON_NULL').map(({ name }) => name)
  expect(required.sort()).toEqual(['limits', 'viewer'])
})

test.each([
  ['compiled', ''],
  ['resolved by graphql-js', 'agents { totalCount }'],
])('a root field that a scope refuses is null, and the others are answered: %s', async (_path, more) => {
  const { ask } = await tenantWithOne(['CONVERSATIONS_READ'])
  const answer = await ask(
    `{ a: conversations { totalCount } b: conversationMetrics { current { conversationCount } } ${more} }`,
  )
  expect(answer.data).toMatchObject({ a: { totalCount: 1 }, b: null })
  expect(errorsOf(answer)).toEqual([[['b'], 'FORBIDDEN']])
  expect(answer.status).toBe(200)
})

test('so is one whose arguments are refused', async () => {
  const { ask } = await tenantWithOne()
  const answer = await ask(`{
    reversed: conversationMetrics(range: { from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z" }) { current { conversationCount } }
    long: conversations(first: 101) { totalCount }
    metrics: conversationMetrics { current { conversationCount } }
    agents { totalCount }
    none: conversation(by: { externalId: "none" }) { id }
  }`)
  expect(answer.data).toEqual({
    ...{
      reversed: null,
      long: null,
      metrics: { current: { conversationCount: 1 } },
      agents: { totalCount: 1 },
      none: null,
    },
  })
  expect(errorsOf(answer)).toEqual([
    [['long'], 'BAD_USER_INPUT'],
    [['reversed'], 'BAD_USER_INPUT'],
  ])
})

describe('a root field with too much in an argument', () => {
  const WORDS = Array.from({ length: 33 }, (_, i) => `w${i}`).join(' ')
  const resolved = serveTestDatabase(server, server.adminKey, { compilesReads: false })
  const two = async () => {
    const { ask, key } = await tenantWithOne()
    return [ask, resolved.as({ key })]
  }
  const count = { totalCount: 1 }

  test('is null, and the others are answered, in their order', async () => {
    const query = `query ($filter: ConversationFilter, $labels: [String!], $more: Boolean!) {
      ...F
      metrics: conversationMetrics { current { conversationCount } }
      inside: conversations { nodes { searchMatches(search: "${WORDS}") { totalCount } } }
      list: conversations(filter: { labels: $labels }) { totalCount }
      skipped: conversations(filter: $filter) @include(if: $more) { totalCount }
      all: conversations { totalCount }
    } fragment F on Query { search: conversations(filter: $filter) { totalCount } agents { totalCount } }`
    const variables = { filter: { search: WORDS }, labels: Array(501).fill('x'), more: false }
    for (const ask of await two()) {
      const answer = await ask(query, variables)
      expect(answer.status).toBe(200)
      expect(Object.entries(answer.data)).toEqual([
        ['search', null],
        ['agents', count],
        ['metrics', { current: { conversationCount: 1 } }],
        ['inside', null],
        ['list', null],
        ['all', count],
      ])
      expect(answer.errors?.map(({ path, extensions }) => [path, extensions.code, extensions.inputPath])).toEqual([
        [['search'], 'LIMIT_EXCEEDED', 'filter.search'],
        [['inside'], 'LIMIT_EXCEEDED', 'search'],
        [['list'], 'LIMIT_EXCEEDED', 'filter.labels'],
      ])
      expect((await ask(query, { ...variables, more: true })).data).toMatchObject({ skipped: null, all: count })
    }
  })

  test('is refused where it is selected again, and costs nothing', async () => {
    const query = `query ($search: String!) {
      a: conversations { totalCount }
      a: conversations { nodes { searchMatches(search: $search) { totalCount } } }
      b: conversations { totalCount }
    }`
    for (const ask of await two()) {
      server.statements()
      const answer = await ask(query, { search: WORDS })
      expect(answer.data).toEqual({ a: null, b: count })
      expect(server.statements().filter((sql) => sql.includes('messages'))).toEqual([])
      // The first `a`, which is not known to be refused, with its count, and the same for `b`.
      expect(answer).toMatchObject({ extensions: { cost: { requested: 4 } } })
      server.statements()
      expect(
        (await ask('query ($s: String!) { conversations(filter: { search: $s }) { totalCount } }', { s: WORDS })).data,
      ).toEqual({ conversations: null })
      expect(server.statements().filter((sql) => /conversations/.test(sql))).toEqual([])
    }
  })

  test('shares its variable with many, and more than five such values are refused as a whole', async () => {
    const shared = Array.from({ length: 49 }, (_, i) => `a${i}: conversations(filter: $f) { totalCount }`)
    const own = (count: number) =>
      Array.from({ length: count }, (_, i) => `a${i}: conversations(filter: { search: "${WORDS}" }) { totalCount }`)
    for (const ask of await two()) {
      const variables = { f: { search: WORDS } }
      const many = await ask(`query ($f: ConversationFilter) { ${shared.join(' ')} agents { totalCount } }`, variables)
      expect([many.data.agents, many.data.a48, codes(many).length]).toEqual([count, null, 49])
      const five = await ask(`{ ${own(5).join(' ')} agents { totalCount } }`)
      expect([five.data.agents, five.data.a4, codes(five).length]).toEqual([count, null, 5])
      const six = await ask(`{ ${own(6).join(' ')} agents { totalCount } }`)
      expect([six.status, six.data, codes(six)]).toEqual([400, undefined, ['LIMIT_EXCEEDED']])
    }
  })

  test('in a mutation, refuses it before anything is written', async () => {
    const mutation = `mutation ($input: CreateAgentInput!, $filter: ConversationFilter) {
      createAgent(input: $input) { agent { totals(filter: $filter) { conversationCount } } }
    }`
    for (const ask of await two()) {
      const answer = await ask(mutation, { input: { name: 'new' }, filter: { search: WORDS } })
      expect([answer.status, answer.data, codes(answer)]).toEqual([400, undefined, ['LIMIT_EXCEEDED']])
      expect((await ask('{ agents { totalCount } }')).data.agents).toEqual(count)
    }
  })
})

test('the default of a variable decides about root fields, and one that does not fit is named', async () => {
  const { ask } = await tenantWithOne()
  const QUERY = `query ($more: Boolean! = false) {
    viewer { tenant { name } } conversations { totalCount } agents @include(if: $more) { totalCount } limits { maxCost }
  }`
  expect(Object.keys((await ask(QUERY)).data)).toEqual(['viewer', 'conversations', 'limits'])
  expect(Object.keys((await ask(QUERY, { more: true })).data)).toEqual(['viewer', 'conversations', 'agents', 'limits'])
  const inFragment = `query ($none: Boolean! = false, $skip: Boolean! = true) {
    conversations { totalCount } ...F @include(if: $none) ... on Query @skip(if: $skip) { agents { totalCount } } limits { maxCost }
  } fragment F on Query { viewer { name } }`
  expect(Object.keys((await ask(inFragment)).data)).toEqual(['conversations', 'limits'])
  const wrong = await ask(QUERY, { more: null })
  expect(wrong.errors?.map(({ extensions }) => extensions)).toEqual([{ code: 'BAD_USER_INPUT', inputPath: 'if' }])
})

test('a mutation with two fields is stored whole or not at all', async () => {
  const { ask } = await tenantWithOne()
  const answer = await ask(`mutation {
    a: createAgent(input: { name: "new" }) { agent { name } }
    b: createAgent(input: { name: "again", externalId: "bot" }) { agent { name } }
  }`)
  expect(answer.data).toBeNull()
  expect(codes(answer)).toEqual(['EXTERNAL_ID_TAKEN'])
  expect((await ask('{ agents { totalCount } }')).data.agents.totalCount).toBe(1)
})

/** PGlite has no statements that take too long by themselves: its engine is replaced. */
describe.skipIf(inject('databaseKind') === 'pglite')('a root field that takes the database too long', () => {
  const slowDown = (table: string, tenantId: string, seconds = 10) =>
    server.owner(`CREATE POLICY "slow ${tenantId}" ON ${table} AS RESTRICTIVE FOR SELECT
      USING (tenant_id <> '${tenantId}' OR (SELECT pg_sleep(${seconds})) IS NOT NULL)`)

  test.each([
    ['compiled', 'messages', 'conversations { nodes { messages { nodes { sequence } } } }', ''],
    ['resolved by graphql-js', 'agents', 'agents { nodes { name } }', 'viewer { tenant { id } }'],
  ])('is null, and the others are answered: %s', async (_path, table, slow, more) => {
    const { ask, id } = await tenantWithOne()
    await slowDown(table, id)
    const answer = await ask(`{
      first: conversations { totalCount }
      slow: ${slow}
      metrics: conversationMetrics { current { conversationCount } }
      ${more}
      __typename
    }`)
    expect(answer.data).toMatchObject({
      ...{ first: { totalCount: 1 }, slow: null, metrics: { current: { conversationCount: 1 } }, __typename: 'Query' },
    })
    if (more) expect(answer.data.viewer.tenant.id).toBe(id)
    expect(Object.keys(answer.data)).toEqual(['first', 'slow', 'metrics', ...(more ? ['viewer'] : []), '__typename'])
    expect(errorsOf(answer)).toEqual([[['slow'], 'LIMIT_EXCEEDED']])
  })

  test('leaves the time that is left to the others, in equal parts', async () => {
    const { ask, id } = await tenantWithOne()
    await slowDown('messages', id)
    // Of three seconds, half are gone after the first reading. If the slow one came first again, it would take half of the rest.
    await slowDown('conversations', id, 0.2)
    const others = ['a', 'b', 'c'].map((key) => `${key}: conversations { totalCount }`)
    const planned = vi.spyOn(Planner.prototype, 'rootNodes')
    const answer = await ask(
      `{ slow: conversations { nodes { messages { nodes { sequence } } } } ${others.join(' ')} }`,
    )
    const counted = { totalCount: 1 }
    expect(answer.data).toEqual({ slow: null, a: counted, b: counted, c: counted })
    expect(errorsOf(answer)).toEqual([[['slow'], 'LIMIT_EXCEEDED']])
    // The parts are read by the plan of the whole, so that no plan is made that nobody finds again.
    expect(planned).toHaveBeenCalledTimes(1)
    planned.mockRestore()
  })

  test('is refused as a whole if the others are too large together', async () => {
    const { ask, id } = await tenantWithOne()
    const content = 'a'.repeat(60_000)
    await ask(LOG, { input: { messages: Array.from({ length: 4 }, () => ({ chat: { role: 'ASSISTANT', content } })) } })
    await slowDown('agents', id)
    const lists = Array.from(
      { length: 3 },
      (_, i) => `l${i}: conversations { nodes { messages { nodes { ... on ChatMessage { content } } } } }`,
    )
    const query = (count: number) =>
      `{ slow: conversations { nodes { agents { name } } } ${lists.slice(0, count).join(' ')} }`
    const two = await ask(query(2))
    expect(two.data).toMatchObject({ slow: null, l0: { nodes: [{}, {}] }, l1: { nodes: [{}, {}] } })
    expect(two.data.l1.nodes[0].messages.nodes[3]).toEqual({ content })
    const three = await ask(query(3))
    expect(three.data).toBeNull()
    expect(errorsOf(three)).toEqual([[undefined, 'LIMIT_EXCEEDED']])
  })

  test('is the whole answer if it is the only one', async () => {
    const { ask, id } = await tenantWithOne()
    await slowDown('messages', id)
    const answer = await ask('{ conversations { nodes { messages { nodes { sequence } } } } }')
    expect(answer.data).toEqual({ conversations: null })
    expect(errorsOf(answer)).toEqual([[['conversations'], 'LIMIT_EXCEEDED']])
  })
})

import { expect, test } from 'vitest'
import { encodeEndUserId } from '../../src/input/ids.ts'
import { type Ask, codes, serveTestDatabase, startTestServer, TENANT_SCOPES } from '../support/server.ts'
import { log } from './conversations.ts'

/** Edges that lead from one object to others: messages and end users to conversations, and back. */

const server = await startTestServer()
/** The same database, on which graphql-js answers everything. */
const resolved = serveTestDatabase(server, server.adminKey, { compilesReads: false })

const said = (content: string, more: object = {}) => ({ chat: { role: 'USER', content, ...more } })

const TOKEN = 'mutation ($input: CreateEmbedTokenInput!) { createEmbedToken(input: $input) { token } }'

async function read(ask: Ask, query: string, variables: object = {}) {
  const { data, errors } = await ask(query, { ...variables })
  if (errors) throw new Error(JSON.stringify(errors))
  return data
}

/** Three conversations of two agents and two end users, and a test of a third. */
async function plant() {
  const tenant = await server.newTenant()
  const day = (day: number) => `2026-01-0${day}T10:00:00.000Z`
  const first = await log(tenant.ask, {
    ...{ externalId: 'a', startedAt: day(1), endUserId: 'ann', agents: [{ externalId: 'bot' }] },
    ...{ metadata: { customer: '1' }, outcome: 'BOT_HANDLED', messages: [said('one'), { tool: { name: 'look' } }] },
  })
  await log(tenant.ask, {
    ...{
      externalId: 'b',
      startedAt: day(2),
      endUserId: 'ann',
      agents: [{ externalId: 'bot' }, { externalId: 'mate' }],
    },
    ...{ metadata: { customer: '2' }, messages: [said('two', { sentiment: -0.5 }), said('three', { sentiment: 0.5 })] },
  })
  await log(tenant.ask, { externalId: 'c', startedAt: day(3), endUserId: 'bob', agents: [{ externalId: 'mate' }] })
  await log(tenant.ask, { externalId: 't', startedAt: day(4), endUserId: 'tess', isTest: true })
  await log(tenant.ask, { externalId: 'n', startedAt: day(5) })
  const withScopes = async (...scopes: string[]) =>
    server.as({ key: (await server.newKey({ scopes, tenantId: tenant.id })).secret })
  const token = async (input: object): Promise<Ask> =>
    server.as({ key: (await read(tenant.ask, TOKEN, { input })).createEmbedToken.token })
  return { tenant, ask: tenant.ask, botId: String(first.agents[0]?.id), withScopes, token }
}

const planted = await plant()
const { ask } = planted
const byCustomer = await planted.token({ metadata: { customer: '1' } })
const byAgent = await planted.token({ agents: [{ id: planted.botId }] })

const keyOfTenant = { key: (await server.newKey({ scopes: TENANT_SCOPES, tenantId: planted.tenant.id })).secret }
const askResolved: Ask = (query, variables) => resolved.ask(keyOfTenant, query, variables ?? {})

const names = (connection: { nodes: { externalId: string }[] }) => connection.nodes.map(({ externalId }) => externalId)

test("a message's conversation, with everything below it, in one statement on both paths", async () => {
  const QUERY = `{ conversation(by: { externalId: "a" }) {
    id messages { nodes { __typename conversation { id externalId messages(first: 1) { totalCount nodes { sequence } } } } }
  } }`
  server.statements()
  const { conversation } = await read(ask, QUERY)
  const selecting = server.statements().filter((sql) => sql.includes('row_to_json'))
  expect(selecting.length).toBe(1)
  expect(selecting[0]?.match(/ AS "conversation \d"/g)?.length, 'the three types share it').toBe(1)
  const below = { id: conversation.id, externalId: 'a', messages: { totalCount: 2, nodes: [{ sequence: 0 }] } }
  expect(conversation.messages.nodes).toEqual([
    { __typename: 'ChatMessage', conversation: below },
    { __typename: 'ToolCall', conversation: below },
  ])
  expect(await read(askResolved, QUERY)).toEqual({ conversation })
  const { messages } = (await read(ask, '{ conversation(by: { externalId: "a" }) { messages { nodes { id } } } }'))
    .conversation
  const NODE = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Message { conversation { externalId } } } }'
  expect((await read(ask, NODE, { ids: messages.nodes.map(({ id }: { id: string }) => id) })).nodes).toEqual([
    { conversation: { externalId: 'a' } },
    { conversation: { externalId: 'a' } },
  ])
})

test("a conversation's end user, without another statement for its ids", async () => {
  const QUERY = '{ conversations { nodes { externalId endUser { __typename id endUserId } } } }'
  server.statements()
  const { conversations } = await read(ask, QUERY)
  expect(server.statements().filter((sql) => sql.includes('conversations c')).length).toBe(1)
  const user = (endUserId: string) => ({ __typename: 'EndUser', id: encodeEndUserId(endUserId), endUserId })
  expect(conversations.nodes).toEqual([
    { externalId: 'n', endUser: null },
    { externalId: 't', endUser: user('tess') },
    { externalId: 'c', endUser: user('bob') },
    { externalId: 'b', endUser: user('ann') },
    { externalId: 'a', endUser: user('ann') },
  ])
  expect(user('ann').id).toBe('user_YW5u')
  expect(await read(askResolved, QUERY)).toEqual({ conversations })
})

const SEEN = '{ conversations { nodes { externalId endUser { firstSeenAt lastSeenAt } } } }'

test('when end users were first and last seen: over all that the credential may see, tests left out, in one statement', async () => {
  const seenBy = async (ask: Ask) =>
    Object.fromEntries(
      (await read(ask, SEEN)).conversations.nodes.map(({ externalId, endUser }: Record<string, unknown>) => [
        externalId,
        endUser,
      ]),
    )
  server.statements()
  const ann = { firstSeenAt: '2026-01-01T10:00:00.000Z', lastSeenAt: '2026-01-02T10:00:00.000Z' }
  expect(await seenBy(ask)).toEqual({
    ...{ a: ann, b: ann, n: null, t: { firstSeenAt: null, lastSeenAt: null } },
    c: { firstSeenAt: '2026-01-03T10:00:00.000Z', lastSeenAt: '2026-01-03T10:00:00.000Z' },
  })
  expect(server.statements().filter((sql) => sql.includes('first_seen_at')).length).toBe(1)
  expect(await seenBy(byCustomer)).toEqual({
    a: { firstSeenAt: '2026-01-01T10:00:00.000Z', lastSeenAt: '2026-01-01T10:00:00.000Z' },
  })
})

test("an agent's conversations, filtered, sorted, paged and counted, for all agents of a page in one statement each", async () => {
  const QUERY = `{ agents { nodes {
    externalId
    all: conversations { totalCount nodes { externalId endUser { endUserId } } }
    some: conversations(first: 1, filter: { endUserIds: ["ann"] }, orderBy: { direction: ASC }) {
      totalCount nodes { externalId } edges { cursor } pageInfo { hasNextPage }
    }
  } } }`
  server.statements()
  const { agents } = await read(ask, QUERY)
  expect(server.statements().filter((sql) => sql.includes('LATERAL')).length).toBe(4)
  const found = agents.nodes.map(({ externalId, all, some }: Record<string, never>) => ({ externalId, all, some }))
  expect(found).toMatchObject([
    {
      externalId: 'bot',
      all: {
        totalCount: 2,
        nodes: [
          { externalId: 'b', endUser: { endUserId: 'ann' } },
          { externalId: 'a', endUser: { endUserId: 'ann' } },
        ],
      },
      some: { totalCount: 2, nodes: [{ externalId: 'a' }], pageInfo: { hasNextPage: true } },
    },
    {
      externalId: 'mate',
      all: {
        totalCount: 2,
        nodes: [
          { externalId: 'c', endUser: { endUserId: 'bob' } },
          { externalId: 'b', endUser: { endUserId: 'ann' } },
        ],
      },
      some: { totalCount: 1, nodes: [{ externalId: 'b' }], pageInfo: { hasNextPage: false } },
    },
  ])
  const after = agents.nodes[0].some.edges[0].cursor
  const NEXT =
    'query ($after: String) { agent(by: { externalId: "bot" }) { conversations(after: $after, orderBy: { direction: ASC }) { nodes { externalId } pageInfo { hasPreviousPage } } } }'
  expect((await read(ask, NEXT, { after })).agent.conversations).toEqual({
    nodes: [{ externalId: 'b' }],
    pageInfo: { hasPreviousPage: true },
  })
  const listed = async (ask: Ask) => {
    const { nodes } = (
      await read(ask, '{ agents { nodes { externalId conversations { totalCount nodes { externalId } } } } }')
    ).agents
    return nodes.map((agent: { externalId: string; conversations: { totalCount: number; nodes: never[] } }) => [
      agent.externalId,
      agent.conversations.totalCount,
      names(agent.conversations),
    ])
  }
  expect(await listed(byCustomer)).toEqual([['bot', 1, ['a']]])
  expect(await listed(byAgent)).toEqual([['bot', 2, ['b', 'a']]])
})

const USER = `query ($id: ID!) { node(id: $id) { __typename id ... on EndUser {
  endUserId firstSeenAt lastSeenAt
  conversations { totalCount nodes { externalId } }
  metrics(range: { from: "2026-01-01T00:00:00Z", to: "2026-02-01T00:00:00Z" }) { conversationCount botHandledRate }
} } }`

test('an end user by id: its times, conversations and figures, of what the credential may see', async () => {
  const nodeOf = async (ask: Ask, endUserId: string) => (await read(ask, USER, { id: encodeEndUserId(endUserId) })).node
  expect(await nodeOf(ask, 'ann')).toEqual({
    ...{ __typename: 'EndUser', id: 'user_YW5u', endUserId: 'ann' },
    ...{ firstSeenAt: '2026-01-01T10:00:00.000Z', lastSeenAt: '2026-01-02T10:00:00.000Z' },
    conversations: { totalCount: 2, nodes: [{ externalId: 'b' }, { externalId: 'a' }] },
    metrics: { conversationCount: 2, botHandledRate: 0.5 },
  })
  expect(await nodeOf(ask, 'tess')).toMatchObject({
    ...{ firstSeenAt: null, conversations: { totalCount: 1, nodes: [{ externalId: 't' }] } },
    metrics: { conversationCount: 0, botHandledRate: null },
  })
  expect(await nodeOf(byCustomer, 'ann')).toMatchObject({
    ...{ lastSeenAt: '2026-01-01T10:00:00.000Z', conversations: { totalCount: 1, nodes: [{ externalId: 'a' }] } },
    metrics: { conversationCount: 1, botHandledRate: 1 },
  })
  expect(await nodeOf(byCustomer, 'bob')).toBeNull()
  expect(await nodeOf(byAgent, 'bob')).toBeNull()
  expect(await nodeOf(ask, 'nobody')).toBeNull()
  const other = await server.newTenant()
  expect(await nodeOf(other.ask, 'ann')).toBeNull()
})

test('what a credential may not read of an end user is null, and the rest is answered', async () => {
  const id = encodeEndUserId('ann')
  const ofAnalytics = await read(await planted.withScopes('ANALYTICS_READ'), USER, { id })
  expect(ofAnalytics.node).toMatchObject({ endUserId: 'ann', conversations: null, metrics: { conversationCount: 2 } })
  const ofConversations = await read(await planted.withScopes('CONVERSATIONS_READ'), USER, { id })
  expect(ofConversations.node).toMatchObject({ endUserId: 'ann', conversations: { totalCount: 2 }, metrics: null })
  const writer = await planted.withScopes('CONVERSATIONS_WRITE')
  expect(codes(await writer(USER, { id }))).toEqual(['FORBIDDEN'])
})

test('any id that a caller can give an end user comes back by node, in the order asked for', async () => {
  const { ask } = await server.newTenant()
  const ids = [
    '👩‍👩‍👧 family',
    ' spaced  out ',
    'a/b?c=d#e',
    '用户-东京',
    'é'.repeat(256),
    '\ufeffbom',
    'x',
    '_',
    '"\\',
  ]
  for (const endUserId of ids) await log(ask, { endUserId })
  const { conversations } = await read(
    ask,
    '{ conversations(orderBy: { direction: ASC, field: CREATED_AT }) { nodes { endUser { id endUserId } } } }',
  )
  const users: { id: string; endUserId: string }[] = conversations.nodes.map(
    ({ endUser }: { endUser: never }) => endUser,
  )
  expect(users.map(({ endUserId }) => endUserId).toSorted()).toEqual(ids.toSorted())
  expect(new Set(users.map(({ id }) => id)).size).toBe(ids.length)
  const NODES = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on EndUser { id endUserId } } }'
  const wanted = users.toReversed()
  expect((await read(ask, NODES, { ids: wanted.map(({ id }) => id) })).nodes).toEqual(wanted)
})

test('what is no id of an end user is answered like an unknown one', async () => {
  const base64 = (bytes: string | Buffer) => Buffer.from(bytes).toString('base64url')
  const ids = {
    'no character': 'user_',
    blank: `user_${base64('   ')}`,
    'not base64': 'user_YW5u!',
    padded: 'user_YQ==',
    'plain base64': `user_${Buffer.from('???>').toString('base64')}`,
    'not canonical': 'user_YR',
    'not UTF-8': `user_${base64(Buffer.from([0xff, 0xfe]))}`,
    'half a surrogate pair': `user_${base64(Buffer.from([0xed, 0xa0, 0x80]))}`,
    'a zero': `user_${base64('a\0b')}`,
    'too long': `user_${base64('a'.repeat(257))}`,
    'another prefix': 'users_YW5u',
    'another case': 'USER_YW5u',
  }
  for (const [what, id] of Object.entries(ids)) expect(await read(ask, USER, { id }), what).toEqual({ node: null })
})

test('a tenant’s new id must not be one of an end user, and one that is not is still a tenant', async () => {
  const CREATE = 'mutation ($input: CreateTenantInput!) { createTenant(input: $input) { tenant { id } } }'
  const create = (id: string) => server.admin(CREATE, { input: { id, name: 'A tenant' } })
  // "user_acme" is the id of the end user "iɞ".
  expect(codes(await create('user_acme'))).toEqual(['BAD_USER_INPUT'])
  const random = `user_${'abc'}${Date.now()}!`
  expect((await create(random)).errors).toBeUndefined()
  expect(
    (await server.admin('query ($id: ID!) { node(id: $id) { __typename id } }', { id: random })).data.node,
  ).toEqual({
    ...{ __typename: 'Tenant', id: random },
  })
})

test("a list's numbers are on its edges, and agree with the list of conversations and the metrics", async () => {
  const range = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T12:00:00Z' }
  const QUERY = `query ($range: TimeRange) { endUsers(range: $range, orderBy: { field: FIRST_SEEN, direction: ASC }) { totalCount edges {
    conversationCount messageCount userMessageCount meanSentiment meanRating firstSeenAt lastSeenAt
    node { endUserId firstSeenAt lastSeenAt metrics(range: $range) { conversationCount } conversations(filter: { startedAt: $range }) { totalCount } }
  } } }`
  server.statements()
  expect((await read(ask, QUERY, { range })).endUsers).toEqual({
    totalCount: 1,
    edges: [
      {
        ...{ conversationCount: 2, messageCount: 4, userMessageCount: 3, meanSentiment: 0, meanRating: null },
        ...{ firstSeenAt: '2026-01-01T10:00:00.000Z', lastSeenAt: '2026-01-02T10:00:00.000Z' },
        node: {
          ...{ endUserId: 'ann', firstSeenAt: '2026-01-01T10:00:00.000Z', lastSeenAt: '2026-01-02T10:00:00.000Z' },
          ...{ metrics: { conversationCount: 2 }, conversations: { totalCount: 2 } },
        },
      },
    ],
  })
  const all = await read(ask, QUERY, { range: { from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' } })
  for (const { conversationCount, node } of all.endUsers.edges) {
    expect(node.metrics.conversationCount).toBe(conversationCount)
    expect(node.conversations.totalCount).toBe(conversationCount)
    const LIST = 'query ($id: String!) { conversations(filter: { endUserIds: [$id] }) { totalCount } }'
    expect((await read(ask, LIST, { id: node.endUserId })).conversations.totalCount).toBe(conversationCount)
  }
  expect(all.endUsers.totalCount).toBe(2)
  server.statements()
  await read(ask, QUERY, { range: { from: '2026-01-01T00:00:00Z' } })
  const two = server.statements().length
  await read(ask, QUERY, { range })
  expect(server.statements().length, 'as many statements for two end users as for one').toBe(two)
})

test('bad arguments of an edge are refused with their names', async () => {
  const refused = async (field: string) => {
    const answer = await ask(`{ agents { nodes { ${field} } } }`)
    return [codes(answer)[0], answer.errors?.[0]?.extensions['inputPath']]
  }
  expect(await refused('conversations(first: 101) { totalCount }')).toEqual(['BAD_USER_INPUT', 'first'])
  expect(await refused('conversations(first: 1, last: 1) { totalCount }')).toEqual(['BAD_USER_INPUT', 'last'])
  expect(await refused('conversations(after: "x") { totalCount }')).toEqual(['BAD_USER_INPUT', 'after'])
  expect(await refused('conversations(filter: { campaigns: ["\\u0000"] }) { totalCount }')).toEqual([
    'BAD_USER_INPUT',
    'filter.campaigns[0]',
  ])
})

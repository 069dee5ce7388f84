import { expect, test } from 'vitest'
import { changesOf, followChanges } from '../../live/changes.ts'
import { codes, startTestServer } from '../../support/server.ts'
import { AUDIENCE, INVALID, judge, makeKey, newIssuerName, register, sign } from './issuer.ts'

const server = await startTestServer()
const key = await makeKey('key-1')

const ALL = ['ANALYTICS_READ', 'CONVERSATIONS_READ', 'INTERNALS_READ']

/** Tokens of an issuer that may give these. */
async function issuerOf(scopes: string[]) {
  const issuer = newIssuerName()
  const id = await register(server, { issuer, keys: [key.publicJwk], scopes })
  const tenant = await server.newTenant()
  const token = (claims: Record<string, unknown>) => sign(key, { iss: issuer, tenant: tenant.id, ...claims })
  return { id, tenant, token }
}

test.each([
  ['nothing', ALL, {}, ['ANALYTICS_READ', 'CONVERSATIONS_READ']],
  ['nothing, of an issuer that may give less', ['ANALYTICS_READ'], {}, ['ANALYTICS_READ']],
  ['scope', ALL, { scope: 'ANALYTICS_READ' }, ['ANALYTICS_READ']],
  [
    'scope, several',
    ALL,
    { scope: 'openid INTERNALS_READ CONVERSATIONS_READ' },
    ['CONVERSATIONS_READ', 'INTERNALS_READ'],
  ],
  ['scopes', ALL, { scopes: ['INTERNALS_READ'] }, ['INTERNALS_READ']],
  ['both: scopes counts', ALL, { scopes: ['INTERNALS_READ'], scope: 'ANALYTICS_READ' }, ['INTERNALS_READ']],
  ['more than its issuer may give', ['ANALYTICS_READ'], { scopes: ALL }, ['ANALYTICS_READ']],
  ['what no token may have', ALL, { scope: 'ADMIN CONVERSATIONS_WRITE EMBED_TOKENS_CREATE' }, []],
  ['an empty list', ALL, { scopes: [] }, []],
  ['an empty text', ALL, { scope: '' }, []],
])('a token that asks for %s', async (_what, given, claims, scopes) => {
  const { token } = await issuerOf(given)
  expect((await judge(server, await token(claims))).scopes).toEqual(scopes)
})

const LOG =
  'mutation ($input: LogConversationInput!) { logConversation(input: $input) { conversation { id agents { id } } } }'

async function withConversations() {
  const { tenant, token } = await issuerOf(ALL)
  const log = async (customer: string, bot: string) => {
    const input = {
      metadata: { customer_id: customer, n: 1 },
      agents: [{ externalId: bot }],
      endUserId: `user ${customer}`,
      transcript: 'User: Hello',
    }
    return (await tenant.ask(LOG, { input })).data.logConversation.conversation
  }
  const [a, b] = [await log('42', 'bot-a'), await log('43', 'bot-b')]
  const seenBy = async (claims: Record<string, unknown>) => {
    const document = `query ($a: ID, $b: ID) {
      conversations { totalCount nodes { id } } agents { nodes { id } }
      a: conversation(by: { id: $a }) { id } b: conversation(by: { id: $b }) { id } metadataKeys { path conversationCount }
    }`
    const answer = await server.ask({ key: await token(claims) }, document, { a: a.id, b: b.id })
    expect(codes(answer)).toEqual([])
    return answer.data
  }
  return { tenant, token, a, b, seenBy }
}

test('a token is locked to the rows that its claims match, all of them, on every path', async () => {
  const { a, seenBy } = await withConversations()
  const agentA = a.agents[0].id
  const onlyA = {
    conversations: { totalCount: 1, nodes: [{ id: a.id }] },
    agents: { nodes: [{ id: agentA }] },
    a: { id: a.id },
    b: null,
    metadataKeys: [
      { path: ['customer_id'], conversationCount: 1 },
      { path: ['n'], conversationCount: 1 },
    ],
  }
  expect((await seenBy({})).conversations.totalCount).toBe(2)
  expect(await seenBy({ parley_metadata: { customer_id: '42' } })).toEqual(onlyA)
  expect(await seenBy({ parley_metadata: { customer_id: '42', n: 1 } })).toEqual(onlyA)
  for (const agents of [[agentA], ['bot-a'], ['nobody', 'bot-a']]) {
    expect(await seenBy({ parley_agents: agents })).toEqual(onlyA)
    expect(await seenBy({ parley_agents: agents, parley_metadata: { customer_id: '42' } })).toEqual(onlyA)
    expect(await seenBy({ parley_agents: agents, parley_end_user_ids: ['user 42', 'user 43'] })).toEqual(onlyA)
  }
  expect(await seenBy({ parley_end_user_ids: ['user 42'] })).toEqual(onlyA)
  expect(await seenBy({ parley_end_user_ids: ['nobody', 'user 42'], parley_metadata: { n: 1 } })).toEqual(onlyA)
  expect((await seenBy({ parley_agents: [agentA, 'bot-b'] })).conversations.totalCount).toBe(2)
  expect((await seenBy({ parley_end_user_ids: ['user 43', 'user 42'] })).conversations.totalCount).toBe(2)
})

test('a lock that nothing matches shows nothing', async () => {
  const { a, seenBy } = await withConversations()
  const { tenant: _tenant, ...other } = await withConversations()
  const nothing = {
    conversations: { totalCount: 0, nodes: [] },
    agents: { nodes: [] },
    a: null,
    b: null,
    metadataKeys: [],
  }
  for (const claims of [
    { parley_agents: [] },
    { parley_agents: [other.a.agents[0].id] },
    { parley_agents: ['Bot-A', 'conv_01jz0000000000000000000000', '0192b1d6-0000-7000-8000-000000000000'] },
    { parley_end_user_ids: [] },
    { parley_end_user_ids: ['User 42', '42'] },
    { parley_metadata: { customer_id: 42 } },
    { parley_metadata: { customer_id: null } },
    { parley_metadata: { customer_id: '44' } },
    { parley_agents: [a.agents[0].id], parley_metadata: { customer_id: '43' } },
    { parley_agents: ['bot-a'], parley_end_user_ids: ['user 43'] },
    { parley_agents: ['bot-a'], parley_end_user_ids: [] },
    { parley_end_user_ids: ['user 42'], parley_metadata: { customer_id: '43' } },
  ]) {
    expect(await seenBy(claims)).toEqual(nothing)
  }
})

test.each([
  ...['parley_agents', 'parley_end_user_ids'].flatMap((claim): [what: string, claims: Record<string, unknown>][] => [
    [`a text as ${claim}`, { [claim]: 'bot-a' }],
    [`an object as ${claim}`, { [claim]: { 0: 'bot-a' } }],
    [`null as ${claim}`, { [claim]: null }],
    [`a number in ${claim}`, { [claim]: ['bot-a', 7] }],
    [`null in ${claim}`, { [claim]: ['bot-a', null] }],
    [`a list in ${claim}`, { [claim]: [['bot-a']] }],
    [`an empty text in ${claim}`, { [claim]: ['bot-a', ''] }],
    [`a blank text in ${claim}`, { [claim]: [' '] }],
    [`a text that is too long in ${claim}`, { [claim]: ['x'.repeat(257)] }],
    [`what no database can hold in ${claim}`, { [claim]: ['a\u0000b'] }],
    [`too many in ${claim}`, { [claim]: Array(51).fill('bot-a') }],
  ]),
  ['metadata that is no object', { parley_metadata: 'customer_id=42' }],
  ['metadata that is a list', { parley_metadata: [{ customer_id: '42' }] }],
  ['metadata that is null', { parley_metadata: null }],
  ['metadata that locks nothing', { parley_metadata: {} }],
  ['a value that is an object', { parley_metadata: { customer: { id: '42' } } }],
  ['a value that is a list', { parley_metadata: { customer_id: ['42'] } }],
  ['a value beyond the index', { parley_metadata: { customer_id: '4'.repeat(128) } }],
  ['a number that would lose digits', { parley_metadata: { customer_id: 2 ** 53 } }],
  ['a value that no database can hold', { parley_metadata: { customer_id: 'a\u0000b' } }],
  ['a key that JavaScript treats apart', { parley_metadata: JSON.parse('{ "__proto__": "42" }') }],
  ['a key that is too long', { parley_metadata: { ['k'.repeat(257)]: '42' } }],
  ['too many keys', { parley_metadata: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`k${i}`, 1])) }],
  ['a misspelt lock', { parley_agent: [] }],
  ['a lock of an earlier version', { parley_agent_ids: [] }],
  ['a lock with a hyphen', { 'parley-agents': [] }],
  ['a lock in camel case', { parleyAgents: [] }],
  ['a lock with a Cyrillic letter', { 'p\u0430rley_agents': [] }],
  ['another misspelt lock', { parley_metaData: { customer_id: '42' } }],
])('a token with a lock that can’t be read is refused: %s', async (_what, claims) => {
  const { token } = await issuerOf(ALL)
  expect(await judge(server, await token(claims))).toEqual(INVALID)
})

test('an agent that is made later counts from the next request on, and in a subscription from then on', async () => {
  const { tenant, token } = await issuerOf(ALL)
  const credential = { key: await token({ parley_agents: ['later'] }) }
  const count = async () => (await server.ask(credential, '{ conversations { totalCount } }')).data.conversations
  const live = await followChanges(server, credential)
  expect(await changesOf(live)).toEqual([])
  const log = async (agent: string) => {
    const input = { agents: [{ externalId: agent }], transcript: 'User: Hello' }
    return (await tenant.ask(LOG, { input })).data.logConversation.conversation.id
  }
  await log('another')
  expect(await count()).toEqual({ totalCount: 0 })
  const id = await log('later')
  expect(await count()).toEqual({ totalCount: 1 })
  expect(await changesOf(live)).toMatchObject([{ kind: 'CREATED', conversationId: id }])
})

test('an agent by its external id takes no more statements than by its id', async () => {
  const { a, token } = await withConversations()
  const asked = async (agent: string) => {
    const key = await token({ parley_agents: [agent] })
    await server.ask({ key }, '{ conversations { nodes { id } } }')
    server.statements()
    expect((await server.ask({ key }, '{ conversations { nodes { id } } }')).data.conversations.nodes).toHaveLength(1)
    return server.statements().length
  }
  expect(await asked('bot-a')).toBe(await asked(a.agents[0].id))
})

test('a tenant’s claim may begin like a lock', async () => {
  const issuer = newIssuerName()
  await register(server, { issuer, keys: [key.publicJwk], tenantClaim: 'parley_tenant' })
  const tenant = await server.newTenant()
  const { tenant: named } = await judge(server, await sign(key, { iss: issuer, parley_tenant: tenant.id }))
  expect(named).toEqual({ id: tenant.id })
})

test('a token that was taken before is judged by what its issuer may give now', async () => {
  const { id, tenant, token } = await issuerOf(ALL)
  const [same, other] = [await token({ other_tenant: 'nobody' }), await makeKey('key-1')]
  const change = async (input: object) => {
    await server.admin(
      'mutation ($input: UpdateTokenIssuerInput!) { updateTokenIssuer(input: $input) { tokenIssuer { id } } }',
      { input: { id, ...input } },
    )
    return judge(server, same)
  }
  expect(await judge(server, same)).toMatchObject({ scopes: ['ANALYTICS_READ', 'CONVERSATIONS_READ'] })
  expect(await change({ scopes: ['ANALYTICS_READ'] })).toMatchObject({ scopes: ['ANALYTICS_READ'] })
  expect(await change({ audience: 'another' })).toEqual(INVALID)
  expect(await change({ audience: AUDIENCE })).toMatchObject({ tenant: { id: tenant.id } })
  expect(await change({ tenantClaim: 'other_tenant' })).toEqual(INVALID)
  expect(await change({ tenantClaim: 'tenant' })).toMatchObject({ tenant: { id: tenant.id } })
  expect(await change({ keys: [other.publicJwk] })).toEqual(INVALID)
})

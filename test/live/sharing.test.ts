import { expect, test, vi } from 'vitest'
import { makeKey, newIssuerName, register, sign } from '../credentials/token-issuers/issuer.ts'
import { follow, type Live } from '../support/live.ts'
import { type Ask, type Credential, startTestServer, TENANT_SCOPES } from '../support/server.ts'
import { changesOf, followChanges } from './changes.ts'
import { append, log } from './conversations.ts'

const server = await startTestServer()

const MANY = 20

/** The statements that read something, since the last time. */
const reads = () => server.statements().filter((sql) => sql.includes('FROM'))

async function newToken(ask: Ask, input: object): Promise<Credential> {
  const { data } = await ask(
    'mutation ($input: CreateEmbedTokenInput!) { createEmbedToken(input: $input) { token } }',
    { input },
  )
  return { key: data.createEmbedToken.token }
}

/** So many subscribers, each told where it begins. */
async function followAll(credentials: readonly Credential[], query: string, variables?: Record<string, unknown>) {
  const all = await Promise.all(credentials.map((credential) => follow(server, credential, query, variables)))
  for (const live of all) expect((await live.next())?.errors).toBeUndefined()
  return all
}

const CHANGED =
  'subscription { conversationsChanged { resumeToken changes { kind conversation { id messageCount } } } }'
const UPDATED = 'subscription ($id: ID!) { conversationUpdated(id: $id) { status messageCount } }'
const APPENDED = 'subscription ($id: ID!) { messagesAppended(conversationId: $id, afterSequence: -1) { lastSequence } }'

test.each([
  ['conversationsChanged', CHANGED],
  ['conversationUpdated', UPDATED],
  ['messagesAppended', APPENDED],
])('what many subscribers to %s are told is read once', async (_, query) => {
  const tenant = await server.newTenant()
  const id = await log(tenant.ask)
  const all = await followAll(Array(MANY).fill({ key: tenant.key }), query, query === CHANGED ? {} : { id })
  // Each has looked once more, in case that something had come while it began.
  await append(tenant.ask, id, ['first'])
  for (const live of all) await live.data()
  server.statements()
  await append(tenant.ask, id, ['second'])
  const answers = await Promise.all(all.map((live) => live.next()))
  expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toHaveProperty('size', 1)
  expect(answers[0]?.data).toBeDefined()
  // The write's own, the feed's look, and the reads of one subscriber, perhaps once more.
  expect(reads().length).toBeLessThan(MANY)
})

test('pages that come back together from the same resume token read once what they missed', async () => {
  const tenant = await server.newTenant()
  const begin = await followChanges(server, { key: tenant.key })
  const { resumeToken } = (await begin.data()).conversationsChanged
  await begin.close()
  for (let i = 0; i < 3; i++) await log(tenant.ask)
  server.statements()
  const all = await Promise.all(
    Array.from({ length: MANY }, () => followChanges(server, { key: tenant.key }, { after: resumeToken })),
  )
  for (const live of all) expect(await changesOf(live)).toHaveLength(3)
  // Five statements each, if each read for itself. On a busy machine they come in a few groups.
  expect(reads().length).toBeLessThan(2 * MANY)
})

test('tenants that come back together from the same resume token are each told their own', async () => {
  const [one, two] = [await server.newTenant(), await server.newTenant()]
  const begin = await followChanges(server, { key: one.key })
  const { resumeToken } = (await begin.data()).conversationsChanged
  const ids = [await log(one.ask), await log(two.ask)]
  const both = await Promise.all(
    [one, two].map(({ id }) => followChanges(server, { key: server.adminKey, tenantId: id }, { after: resumeToken })),
  )
  for (const [i, live] of both.entries()) expect(await changesOf(live)).toMatchObject([{ conversationId: ids[i] }])
})

test('for one that reads among many that do not, each answer is read once', async () => {
  const tenant = await server.newTenant()
  const reader = await followChanges(server, { key: tenant.key })
  expect(await changesOf(reader)).toEqual([])
  await Promise.all(Array.from({ length: MANY }, () => followChanges(server, { key: tenant.key })))
  server.statements()
  await server.owner(`
    INSERT INTO conversations (tenant_id, id, status, started_at)
    SELECT '${tenant.id}', gen_random_uuid(), 'ACTIVE', now() FROM generate_series(1, 1000)`)
  await log(tenant.ask)
  let told = 0
  while (told < 1_001) told += (await changesOf(reader)).length
  expect(told).toBe(1_001)
  // Eleven answers of up to a hundred, each of three statements.
  expect(reads().length).toBeLessThan(60)
})

async function issuerTokens(tenant: string, count: number): Promise<Credential[]> {
  const [iss, key] = [newIssuerName(), await makeKey('key')]
  await register(server, { issuer: iss, keys: [key.publicJwk] })
  const claims = { iss, tenant, scopes: ['CONVERSATIONS_READ'] }
  return Promise.all(
    Array.from({ length: count }, async (_, n) => ({ key: await sign(key, { ...claims, sub: `page ${n}` }) })),
  )
}

test('the credentials of many who are told the same are looked up together, of any kind', async () => {
  const tenant = await server.newTenant()
  const kinds = {
    key: Array<Credential>(MANY).fill({ key: tenant.key }),
    account: Array<Credential>(MANY).fill({ key: server.adminKey, tenantId: tenant.id }),
    tokens: await Promise.all(Array.from({ length: MANY }, (_, n) => newToken(tenant.ask, { subject: `page ${n}` }))),
    issuer: await issuerTokens(tenant.id, MANY),
  }
  const query = vi.spyOn(server.database, 'query')
  for (const [kind, credentials] of Object.entries(kinds)) {
    const all = await followAll(credentials, CHANGED)
    await log(tenant.ask)
    for (const live of all) await live.data()
    query.mockClear()
    await log(tenant.ask)
    for (const live of all) await live.data()
    expect(query.mock.calls.length, kind).toBeLessThan(MANY / 2)
    for (const live of all) await live.close()
  }
  query.mockRestore()
})

test('subscribers whose rights, filter or selection differ are each told their own, at the same time', async () => {
  const tenant = await server.newTenant()
  const other = await server.newTenant()
  const withoutInternals = await server.newKey({
    scopes: TENANT_SCOPES.filter((scope) => scope !== 'INTERNALS_READ'),
    tenantId: tenant.id,
  })
  const document = (selection: string, filter = '') =>
    `subscription { conversationsChanged${filter} { changes ${selection} } }`
  const whole = document('{ kind conversation { messageCount } }')
  const scopes = ['CONVERSATIONS_READ']
  const asked: [name: string, Credential, query: string][] = [
    ['all', { key: tenant.key }, whole],
    ['all again', { key: tenant.key }, whole],
    ['without internals', { key: withoutInternals.secret }, whole],
    ['locked to it', await newToken(tenant.ask, { scopes, metadata: { plan: 'pro' } }), whole],
    ['locked to another', await newToken(tenant.ask, { scopes, metadata: { plan: 'free' } }), whole],
    ['filter that fits', { key: tenant.key }, document('{ kind }', '(filter: { statuses: [ACTIVE] })')],
    ['filter that does not', { key: tenant.key }, document('{ kind }', '(filter: { statuses: [FAILED] })')],
    ['another selection', { key: tenant.key }, document('{ conversation { status } }')],
    ['another tenant', { key: other.key }, whole],
  ]
  const streams = await Promise.all(asked.map(([, credential, query]) => follow(server, credential, query)))
  for (const live of streams) expect((await live.data()).conversationsChanged.changes).toEqual([])
  await log(tenant.ask, { metadata: { plan: 'pro' }, messages: [{ chat: { role: 'SYSTEM', content: 'a prompt' } }] })
  // So that those who were told nothing are told something, too.
  await log(tenant.ask, { metadata: { plan: 'free' }, status: 'FAILED' })
  await log(other.ask)
  const toldTo = async (live: Live, count: number) => {
    const told = []
    while (told.length < count) told.push(...(await live.data()).conversationsChanged.changes)
    return told
  }
  const created = (messageCount: number) => ({ kind: 'CREATED', conversation: { messageCount } })
  const expected = {
    all: [created(1), created(1)],
    'all again': [created(1), created(1)],
    'without internals': [created(0), created(1)],
    'locked to it': [created(0)],
    'locked to another': [created(1)],
    'filter that fits': [{ kind: 'CREATED' }],
    'filter that does not': [{ kind: 'CREATED' }],
    'another selection': [{ conversation: { status: 'ACTIVE' } }, { conversation: { status: 'FAILED' } }],
    'another tenant': [created(1)],
  }
  const told = await Promise.all(
    asked.map(async ([name], i) => [
      name,
      await toldTo(streams[i] as Live, expected[name as keyof typeof expected].length),
    ]),
  )
  expect(Object.fromEntries(told)).toEqual(expected)
})

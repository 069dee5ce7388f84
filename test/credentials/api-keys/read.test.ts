import { afterEach, expect, test } from 'vitest'
import { codes, startTestServer } from '../../support/server.ts'

const server = await startTestServer()
const { admin } = server
afterEach(() => {
  server.clock.now = null
})

const KEY = `query ($id: ID!) {
  apiKey(id: $id) { id name tenantId scopes autoCreateTenants status hint createdAt regeneratedAt previousSecretExpiresAt lastUsedAt expiresAt revokedAt }
}`
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

test('a key is read with all that is kept of it, but its secret', async () => {
  const tenant = await server.newTenant({ scopes: ['CONVERSATIONS_READ'] })
  const { data } = await admin(KEY, { id: tenant.keyId })
  expect(data.apiKey).toEqual({
    id: tenant.keyId,
    name: 'test',
    tenantId: tenant.id,
    scopes: ['CONVERSATIONS_READ'],
    autoCreateTenants: false,
    status: 'ACTIVE',
    hint: `${tenant.key.slice(0, 30)}…${tenant.key.slice(-4)}`,
    createdAt: expect.stringMatching(TIME),
    regeneratedAt: null,
    previousSecretExpiresAt: null,
    lastUsedAt: null,
    expiresAt: null,
    revokedAt: null,
  })
})

test('the status follows the clock', async () => {
  const { id } = await server.newKey({ scopes: ['CONVERSATIONS_READ'], expiresAt: '2040-01-01T00:00:00Z' })
  const status = async () => (await admin(KEY, { id })).data.apiKey.status
  expect(await status()).toBe('ACTIVE')
  server.clock.now = new Date('2039-12-31T23:59:59.999Z')
  expect(await status()).toBe('ACTIVE')
  server.clock.now = new Date('2040-01-01T00:00:00Z')
  expect(await status()).toBe('EXPIRED')
})

test('the last use is known to the minute', async () => {
  const key = await server.newKey({ scopes: ['CONVERSATIONS_READ'] })
  const lastUsedAt = async () => (await admin(KEY, { id: key.id })).data.apiKey.lastUsedAt
  expect(await lastUsedAt()).toBeNull()
  await server.ask({ key: key.secret }, '{ viewer { credentialId } }')
  // It is noted after the answer.
  await expect.poll(lastUsedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:00\.000Z$/)
})

test('a key that was refused was not used', async () => {
  const key = await server.newKey({ scopes: ['CONVERSATIONS_READ'] })
  await admin('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id } } }', { id: key.id })
  expect((await server.ask({ key: key.secret }, '{ viewer { credentialId } }')).status).toBe(401)
  expect((await admin(KEY, { id: key.id })).data.apiKey.lastUsedAt).toBeNull()
})

test('keys are listed newest first, page by page', async () => {
  const tenant = await server.newTenant()
  const ids = [tenant.keyId]
  for (let i = 0; i < 3; i++) {
    ids.unshift((await server.newKey({ scopes: ['CONVERSATIONS_READ'], tenantId: tenant.id })).id)
  }
  const document = `query ($tenantId: ID!, $after: String) {
    apiKeys(filter: { tenantIds: [$tenantId] }, first: 3, after: $after) {
      totalCount nodes { id } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage endCursor }
    }
  }`
  const { apiKeys: first } = (await admin(document, { tenantId: tenant.id })).data
  expect(first.nodes.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 3))
  expect(first.totalCount).toBe(4)
  expect(first.pageInfo).toEqual({ hasNextPage: true, hasPreviousPage: false, endCursor: first.edges[2].cursor })
  const { apiKeys: second } = (await admin(document, { tenantId: tenant.id, after: first.pageInfo.endCursor })).data
  expect(second.nodes).toEqual([{ id: tenant.keyId }])
  expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
})

test('without a tenant all keys are listed, the account’s too', async () => {
  const tenant = await server.newTenant()
  const account = await server.newKey({ scopes: ['CONVERSATIONS_READ'] })
  const { data } = await admin('{ apiKeys(first: 2) { nodes { id tenantId } totalCount } }')
  expect(data.apiKeys.nodes).toEqual([
    { id: account.id, tenantId: null },
    { id: tenant.keyId, tenantId: tenant.id },
  ])
  const [stored] = await server.owner('SELECT count(*)::int AS count FROM api_keys')
  expect(data.apiKeys.totalCount).toBe(stored?.['count'])
})

test('a header that names a tenant does not narrow what an administrator reads of keys', async () => {
  const tenant = await server.newTenant()
  const other = await server.newTenant()
  expect((await tenant.asAccount(KEY, { id: other.keyId })).data.apiKey.id).toBe(other.keyId)
})

test('what is no key’s id is null', async () => {
  for (const id of ['key_01h455vb4pex5vsknk084sn02q', 'conv_01h455vb4pex5vsknk084sn02q', '', 'nonsense']) {
    expect((await admin(KEY, { id })).data).toEqual({ apiKey: null })
  }
})

test('node reads a key, for administrators alone', async () => {
  const tenant = await server.newTenant()
  const document = 'query ($id: ID!) { node(id: $id) { id ... on ApiKey { name status } } }'
  expect((await admin(document, { id: tenant.keyId })).data).toEqual({
    node: { id: tenant.keyId, name: 'test', status: 'ACTIVE' },
  })
  const refused = await tenant.ask(document, { id: tenant.keyId })
  expect(codes(refused)).toEqual(['FORBIDDEN'])
  expect(refused.data).toEqual({ node: null })
})

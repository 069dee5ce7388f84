import { randomUUID } from 'node:crypto'
import { expect, inject, test } from 'vitest'
import { codes, startTestServer } from '../support/server.ts'

const server = await startTestServer()
const { admin } = server
const founder = await server.newKey({ scopes: ['CONVERSATIONS_READ', 'CONVERSATIONS_WRITE'], autoCreateTenants: true })

/** A client of the key that may create tenants, for a tenant that nobody created. */
function newcomer(id = `new-${randomUUID()}`) {
  return { id, ask: server.as({ key: founder.secret, tenantId: id }) }
}

const tenantOf = async (id: string) =>
  (await admin('query ($id: ID!) { tenant(id: $id) { id name timeZone } }', { id })).data.tenant

const LOG = `mutation ($input: LogConversationInput!) { logConversation(input: $input) { conversation { externalId } } }`
const input = { externalId: 'first', messages: [{ chat: { role: 'USER', content: 'Is anybody there?' } }] }

test('a first write creates the tenant, with its id as its name', async () => {
  const { id, ask } = newcomer()
  expect((await ask(LOG, { input })).data).toEqual({ logConversation: { conversation: { externalId: 'first' } } })
  expect(await tenantOf(id)).toEqual({ id, name: id, timeZone: 'UTC' })
  expect((await ask('{ conversations { nodes { externalId } } }')).data).toEqual({
    conversations: { nodes: [{ externalId: 'first' }] },
  })
})

test('a second write finds the tenant', async () => {
  const { id, ask } = newcomer()
  await ask(LOG, { input })
  await admin('mutation ($input: UpdateTenantInput!) { updateTenant(input: $input) { tenant { id } } }', {
    input: { id, name: 'Renamed' },
  })
  expect((await ask(LOG, { input: { ...input, externalId: 'second' } })).errors).toBeUndefined()
  expect((await tenantOf(id)).name).toBe('Renamed')
})

test('a query creates no tenant', async () => {
  const { id, ask } = newcomer()
  for (const document of ['{ conversations { totalCount } }', '{ viewer { tenant { id } } }', '{ __typename }']) {
    expect((await ask(document)).errors).toEqual([
      { message: 'No such tenant.', extensions: { code: 'NOT_FOUND', inputPath: 'X-Tenant-Id' } },
    ])
  }
  expect(await tenantOf(id)).toBeNull()
})

test('a write that is refused creates no tenant', async () => {
  const { id, ask } = newcomer()
  expect(codes(await ask(LOG, { input: { ...input, messages: [] } }))).toEqual(['BAD_USER_INPUT'])
  expect(codes(await ask('mutation { nonsense }'))).toEqual(['GRAPHQL_VALIDATION_FAILED'])
  expect(codes(await ask(LOG, { input: { messages: 'none' } }))).toEqual(['BAD_USER_INPUT'])
  expect(await tenantOf(id)).toBeNull()
})

test('a key that may not write creates no tenant', async () => {
  const reader = await server.newKey({ scopes: ['CONVERSATIONS_READ'], autoCreateTenants: true })
  const { id } = newcomer()
  expect(codes(await server.ask({ key: reader.secret, tenantId: id }, LOG, { input }))).toEqual(['FORBIDDEN'])
  expect(await tenantOf(id)).toBeNull()
})

test('a key that was not given leave to create tenants creates none', async () => {
  const { secret } = await server.newKey({ scopes: ['CONVERSATIONS_WRITE'] })
  const { id } = newcomer()
  for (const key of [secret, server.adminKey]) {
    expect((await server.ask({ key, tenantId: id }, LOG, { input })).errors).toEqual([
      { message: 'No such tenant.', extensions: { code: 'NOT_FOUND', inputPath: 'X-Tenant-Id' } },
    ])
  }
  expect(await tenantOf(id)).toBeNull()
})

test('a header that is no tenant’s id creates none', async () => {
  for (const id of ['x'.repeat(65), 'two words', 'ä']) {
    expect((await newcomer(id).ask(LOG, { input })).errors, id).toEqual([
      {
        message: 'X-Tenant-Id: must be 1 to 64 visible ASCII characters without spaces.',
        extensions: { code: 'BAD_USER_INPUT', inputPath: 'X-Tenant-Id' },
      },
    ])
  }
})

test('a write without a tenant creates none', async () => {
  expect(codes(await server.ask({ key: founder.secret }, LOG, { input }))).toEqual(['TENANT_REQUIRED'])
})

test.skipIf(inject('databaseKind') === 'pglite')(
  'first writes at once create one tenant, and all are kept',
  async () => {
    const { ask } = newcomer()
    const logs = Array.from({ length: 5 }, (_, i) => ask(LOG, { input: { ...input, externalId: `at once ${i}` } }))
    expect((await Promise.all(logs)).flatMap(codes)).toEqual([])
    expect((await ask('{ conversations { totalCount } }')).data).toEqual({ conversations: { totalCount: 5 } })
  },
)

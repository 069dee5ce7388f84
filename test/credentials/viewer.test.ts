import { expect, test } from 'vitest'
import { startTestServer, TENANT_SCOPES } from '../support/server.ts'

const server = await startTestServer()

const VIEWER = '{ viewer { kind credentialId name scopes tenant { id name timeZone createdAt } } }'
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/)

test('an administrator’s key is an account key, of no tenant', async () => {
  expect((await server.admin(VIEWER)).data).toEqual({
    viewer: {
      kind: 'ACCOUNT_KEY',
      credentialId: expect.stringMatching(/^key_[0-9a-z]{26}$/),
      name: 'First admin key',
      scopes: [...TENANT_SCOPES, 'ADMIN'],
      tenant: null,
    },
  })
})

test('an account key that names a tenant sees that one', async () => {
  const tenant = await server.newTenant({ timeZone: 'Europe/Berlin' })
  expect((await tenant.asAccount(VIEWER)).data.viewer).toMatchObject({
    kind: 'ACCOUNT_KEY',
    name: 'First admin key',
    tenant: { id: tenant.id, name: tenant.id, timeZone: 'Europe/Berlin', createdAt: TIME },
  })
})

test('an account key without ADMIN sees itself, with a tenant and without', async () => {
  const tenant = await server.newTenant()
  const key = await server.newKey({ scopes: ['CONVERSATIONS_WRITE'], name: 'Logger' })
  const viewer = { kind: 'ACCOUNT_KEY', credentialId: key.id, name: 'Logger', scopes: ['CONVERSATIONS_WRITE'] }
  expect((await server.ask({ key: key.secret }, VIEWER)).data).toEqual({ viewer: { ...viewer, tenant: null } })
  expect((await server.ask({ key: key.secret, tenantId: tenant.id }, VIEWER)).data).toEqual({
    viewer: { ...viewer, tenant: { id: tenant.id, name: tenant.id, timeZone: 'UTC', createdAt: TIME } },
  })
})

test('a tenant’s key sees its tenant without naming it', async () => {
  const tenant = await server.newTenant({ scopes: ['ANALYTICS_READ'] })
  expect((await tenant.ask(VIEWER)).data).toEqual({
    viewer: {
      kind: 'TENANT_KEY',
      credentialId: tenant.keyId,
      name: 'test',
      scopes: ['ANALYTICS_READ'],
      tenant: { id: tenant.id, name: tenant.id, timeZone: 'UTC', createdAt: TIME },
    },
  })
})

test('nobody is no viewer', async () => {
  const answer = await server.ask({}, VIEWER)
  expect(answer.status).toBe(401)
  expect(answer.data ?? null).toBeNull()
  expect(answer.errors).toEqual([
    {
      message: 'Send an API key as "Authorization: Bearer …".',
      extensions: { code: 'UNAUTHENTICATED', reason: 'MISSING' },
    },
  ])
})

test('nothing else is answered without a credential, beside what may be asked or alone', async () => {
  for (const document of [
    '{ __typename viewer { credentialId } }',
    '{ ...All } fragment All on Query { viewer { credentialId } }',
    '{ ... on Query { conversations { totalCount } } }',
    'mutation { __typename createAgent(input: { name: "x" }) { agent { id } } }',
  ]) {
    const answer = await server.ask({}, document)
    expect(answer.status).toBe(401)
    expect(answer.data ?? null).toBeNull()
  }
  expect((await server.ask({}, '{ __typename __schema { queryType { name } } }')).data).toEqual({
    __typename: 'Query',
    __schema: { queryType: { name: 'Query' } },
  })
})

import { expect, test } from 'vitest'
import { codes, startTestServer } from '../../support/server.ts'

const server = await startTestServer()
const { admin } = server

const GENERATE = `mutation Generate($input: GenerateApiKeyInput!) {
  generateApiKey(input: $input) {
    secret
    apiKey { id name status hint tenantId scopes autoCreateTenants regeneratedAt previousSecretExpiresAt lastUsedAt expiresAt revokedAt }
  }
}`

const refusal = (code: string, message: string, extensions: Record<string, unknown>) => [
  expect.objectContaining({ message, path: ['generateApiKey'], extensions: { code, ...extensions } }),
]

const countKeys = async () => (await server.owner('SELECT count(*)::int AS count FROM api_keys'))[0]?.['count']

/** What is refused makes no key. */
async function expectRefused(ask: typeof admin, input: Record<string, unknown>, errors: unknown[]) {
  const before = await countKeys()
  const answer = await ask(GENERATE, { input })
  expect(answer.errors).toEqual(errors)
  expect(answer.data ?? null).toBeNull()
  expect(await countKeys()).toBe(before)
}

test('a key is generated, and its secret shown once and kept as a hash alone', async () => {
  const { data } = await admin(GENERATE, { input: { name: 'Back end', scopes: ['CONVERSATIONS_READ'] } })
  const { secret, apiKey } = data.generateApiKey
  expect(secret).toMatch(/^parley_[0-9A-Za-z]{22}_[0-9A-Za-z]{49}$/)
  expect(apiKey).toEqual({
    id: expect.stringMatching(/^key_/),
    name: 'Back end',
    status: 'ACTIVE',
    hint: `${secret.slice(0, 30)}…${secret.slice(-4)}`,
    tenantId: null,
    scopes: ['CONVERSATIONS_READ'],
    autoCreateTenants: false,
    regeneratedAt: null,
    previousSecretExpiresAt: null,
    lastUsedAt: null,
    expiresAt: null,
    revokedAt: null,
  })
  const stored = await server.owner('SELECT * FROM api_keys')
  expect(JSON.stringify(stored)).not.toContain(secret.slice(30))
  expect((await server.ask({ key: secret }, '{ viewer { name } }')).data).toEqual({ viewer: { name: 'Back end' } })
})

test('a key has the scopes, the tenant and the expiry that were asked for, each scope once', async () => {
  const tenant = await server.newTenant()
  const { data } = await admin(GENERATE, {
    input: {
      name: '  spaces stay  ',
      scopes: ['CONVERSATIONS_WRITE', 'ANALYTICS_READ', 'CONVERSATIONS_WRITE'],
      tenantId: tenant.id,
      expiresAt: '2100-01-02T03:04:05.678+01:00',
    },
  })
  expect(data.generateApiKey.apiKey).toMatchObject({
    name: '  spaces stay  ',
    tenantId: tenant.id,
    scopes: ['CONVERSATIONS_WRITE', 'ANALYTICS_READ'],
    expiresAt: '2100-01-02T02:04:05.678Z',
  })
})

test('a name is needed, of at most 256 characters', async () => {
  for (const name of ['', ' ', '\t\n ']) {
    await expectRefused(
      admin,
      { name, scopes: ['ANALYTICS_READ'] },
      refusal('BAD_USER_INPUT', 'input.name: must not be empty.', { inputPath: 'input.name' }),
    )
  }
  await expectRefused(
    admin,
    { name: 'n'.repeat(257), scopes: ['ANALYTICS_READ'] },
    refusal('LIMIT_EXCEEDED', 'input.name: is longer than 256 characters.', { inputPath: 'input.name', limit: 256 }),
  )
  await expectRefused(
    admin,
    { name: 'a\u0000b', scopes: ['ANALYTICS_READ'] },
    refusal('BAD_USER_INPUT', "input.name: contains the character U+0000, which PostgreSQL can't store.", {
      inputPath: 'input.name',
    }),
  )
  const longest = await admin(GENERATE, { input: { name: 'n'.repeat(256), scopes: ['ANALYTICS_READ'] } })
  expect(longest.data.generateApiKey.apiKey.name).toBe('n'.repeat(256))
})

test('a key without a scope is not made', async () => {
  await expectRefused(
    admin,
    { name: 'nothing', scopes: [] },
    refusal('BAD_USER_INPUT', 'input.scopes: must name at least one scope.', { inputPath: 'input.scopes' }),
  )
})

test('a scope that does not exist is refused', async () => {
  const answer = await admin(GENERATE, { input: { name: 'all', scopes: ['EVERYTHING'] } })
  expect(codes(answer)).toEqual(['BAD_USER_INPUT'])
  expect(answer.errors?.[0]?.extensions['inputPath']).toBe('input.scopes[0]')
})

test('no key can make one stronger than itself', async () => {
  const { secret } = await server.newKey({ scopes: ['ADMIN', 'ANALYTICS_READ'] })
  const weak = server.as({ key: secret })
  await expectRefused(
    weak,
    { name: 'stronger', scopes: ['ANALYTICS_READ', 'CONVERSATIONS_READ'] },
    refusal('FORBIDDEN', "A key can't have a scope that your key lacks: CONVERSATIONS_READ.", {
      scopes: ['CONVERSATIONS_READ'],
    }),
  )
  const equal = await weak(GENERATE, { input: { name: 'as strong', scopes: ['ANALYTICS_READ', 'ADMIN'] } })
  expect(equal.data.generateApiKey.apiKey.scopes).toEqual(['ANALYTICS_READ', 'ADMIN'])
})

test('a tenant’s key can’t have ADMIN', async () => {
  const tenant = await server.newTenant()
  await expectRefused(
    admin,
    { name: 'king', scopes: ['ANALYTICS_READ', 'ADMIN'], tenantId: tenant.id },
    refusal('BAD_USER_INPUT', "input.scopes[1]: can't be ADMIN: only account keys can have it.", {
      inputPath: 'input.scopes[1]',
    }),
  )
})

test('a tenant’s key can’t create tenants', async () => {
  const tenant = await server.newTenant()
  await expectRefused(
    admin,
    { name: 'founder', scopes: ['CONVERSATIONS_WRITE'], tenantId: tenant.id, autoCreateTenants: true },
    refusal('BAD_USER_INPUT', 'input.autoCreateTenants: is allowed only for account keys.', {
      inputPath: 'input.autoCreateTenants',
    }),
  )
})

test('a key is bound to no tenant that does not exist', async () => {
  for (const tenantId of ['nobody', '', ' ']) {
    await expectRefused(
      admin,
      { name: 'lost', scopes: ['ANALYTICS_READ'], tenantId },
      refusal('NOT_FOUND', 'No such tenant.', { inputPath: 'input.tenantId' }),
    )
  }
})

test('an expiry that has passed is refused', async () => {
  server.clock.now = new Date('2030-01-01T00:00:00Z')
  const expiring = (expiresAt: string) => ({ name: 'late', scopes: ['ANALYTICS_READ'], expiresAt })
  const past = refusal('BAD_USER_INPUT', 'input.expiresAt: is in the past.', { inputPath: 'input.expiresAt' })
  await expectRefused(admin, expiring('2029-12-31T23:59:59.999Z'), past)
  await expectRefused(admin, expiring('2030-01-01T01:00:00+01:00'), past)
  const next = await admin(GENERATE, { input: expiring('2030-01-01T00:00:00.001Z') })
  server.clock.now = null
  expect(next.errors).toBeUndefined()
})

test('an expired key is refused, and says so', async () => {
  const { secret } = await server.newKey({ scopes: ['ANALYTICS_READ'], expiresAt: '2099-01-01T00:00:00Z' })
  const viewer = () => server.ask({ key: secret }, '{ viewer { name } }')
  server.clock.now = new Date('2098-12-31T23:59:59.999Z')
  const before = await viewer()
  server.clock.now = new Date('2099-01-01T00:00:00Z')
  const after = await viewer()
  server.clock.now = null
  expect(before.data).toEqual({ viewer: { name: 'test' } })
  expect(after.status).toBe(401)
  expect(after.errors).toEqual([
    { message: 'This API key has expired.', extensions: { code: 'UNAUTHENTICATED', reason: 'EXPIRED' } },
  ])
})

test('keys are for administrators to make', async () => {
  const tenant = await server.newTenant()
  await expectRefused(
    tenant.ask,
    { name: 'mine', scopes: ['ANALYTICS_READ'], tenantId: tenant.id },
    refusal('FORBIDDEN', 'This credential lacks the scope ADMIN.', { scopes: ['ADMIN'] }),
  )
})

test('several keys live side by side, so that one can follow another without a gap', async () => {
  const keys = [
    await server.newKey({ scopes: ['ANALYTICS_READ'] }),
    await server.newKey({ scopes: ['ANALYTICS_READ'] }),
  ]
  for (const { secret, id } of keys) {
    expect((await server.ask({ key: secret }, '{ viewer { credentialId } }')).data).toEqual({
      viewer: { credentialId: id },
    })
  }
})

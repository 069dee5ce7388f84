import { afterEach, expect, inject, test } from 'vitest'
import { type Ask, startTestServer } from '../../support/server.ts'

const server = await startTestServer()
const { admin } = server
afterEach(() => {
  server.clock.now = null
})

const REGENERATE = `mutation Regenerate($id: ID!, $overlapSeconds: Int) {
  regenerateApiKey(input: { id: $id, overlapSeconds: $overlapSeconds }) {
    secret
    apiKey { id name status tenantId scopes hint createdAt regeneratedAt previousSecretExpiresAt expiresAt }
  }
}`
const START = '2040-01-01T00:00:00.000Z'

/** Whether a secret is taken at a time of that day: the name of its key, or why not. */
async function takenAt(secret: string, time: string): Promise<string> {
  server.clock.now = new Date(`2040-01-01T${time}Z`)
  const { data, errors } = await server.ask({ key: secret }, '{ viewer { name } }')
  return errors ? String(errors[0]?.extensions['reason']) : data.viewer.name
}

async function regenerate(id: string, overlapSeconds?: number, ask: Ask = admin) {
  const { data, errors } = await ask(REGENERATE, { id, ...(overlapSeconds === undefined ? {} : { overlapSeconds }) })
  if (errors) throw new Error(JSON.stringify(errors))
  return data.regenerateApiKey as { secret: string; apiKey: Record<string, unknown> }
}

test('a regenerated key keeps all but its secret, and the old secret stops at once', async () => {
  const tenant = await server.newTenant({ scopes: ['CONVERSATIONS_READ', 'ANALYTICS_READ'] })
  const key = `query ($id: ID!) { apiKey(id: $id) { id name status tenantId scopes createdAt expiresAt } }`
  const before = (await admin(key, { id: tenant.keyId })).data.apiKey
  server.clock.now = new Date(START)
  const { secret, apiKey } = await regenerate(tenant.keyId)
  expect(apiKey).toEqual({
    ...before,
    hint: `${secret.slice(0, 30)}…${secret.slice(-4)}`,
    regeneratedAt: START,
    previousSecretExpiresAt: null,
  })
  expect(secret.slice(0, 30)).toBe(tenant.key.slice(0, 30))
  expect(await takenAt(tenant.key, '00:00:00')).toBe('INVALID')
  expect(await takenAt(secret, '00:00:00')).toBe('test')
})

test('the old secret is taken until the overlap ends', async () => {
  const key = await server.newKey({ scopes: ['ANALYTICS_READ'] })
  server.clock.now = new Date(START)
  const { secret, apiKey } = await regenerate(key.id, 60)
  expect(apiKey['previousSecretExpiresAt']).toBe('2040-01-01T00:01:00.000Z')
  expect(await takenAt(key.secret, '00:00:59.999')).toBe('test')
  expect(await takenAt(secret, '00:00:59.999')).toBe('test')
  expect(await takenAt(key.secret, '00:01:00')).toBe('INVALID')
  expect(await takenAt(secret, '00:01:00')).toBe('test')
})

test('an overlap never outlives the key', async () => {
  const key = await server.newKey({ scopes: ['ANALYTICS_READ'], expiresAt: '2040-01-01T00:00:30Z' })
  server.clock.now = new Date(START)
  const { secret, apiKey } = await regenerate(key.id, 60)
  expect(apiKey).toMatchObject({
    previousSecretExpiresAt: '2040-01-01T00:00:30.000Z',
    expiresAt: '2040-01-01T00:00:30.000Z',
  })
  expect(await takenAt(key.secret, '00:00:29.999')).toBe('test')
  expect(await takenAt(key.secret, '00:00:30')).toBe('INVALID')
  expect(await takenAt(secret, '00:00:30')).toBe('EXPIRED')
})

test('a second regeneration ends the overlap of the first', async () => {
  const key = await server.newKey({ scopes: ['ANALYTICS_READ'] })
  server.clock.now = new Date(START)
  const second = await regenerate(key.id, 3_600)
  const third = await regenerate(key.id, 60)
  expect(await takenAt(key.secret, '00:00:01')).toBe('INVALID')
  expect(await takenAt(second.secret, '00:00:01')).toBe('test')
  expect(await takenAt(third.secret, '00:00:01')).toBe('test')
  server.clock.now = new Date('2040-01-01T00:00:02Z')
  const fourth = await regenerate(key.id)
  expect(await takenAt(third.secret, '00:00:02')).toBe('INVALID')
  expect(await takenAt(second.secret, '00:00:02')).toBe('INVALID')
  expect(await takenAt(fourth.secret, '00:00:02')).toBe('test')
})

test('an overlap lies between 0 seconds and 30 days', async () => {
  const key = await server.newKey({ scopes: ['ANALYTICS_READ'] })
  for (const overlapSeconds of [-1, 2_592_001]) {
    expect((await admin(REGENERATE, { id: key.id, overlapSeconds })).errors).toEqual([
      expect.objectContaining({
        message: 'input.overlapSeconds: must be between 0 and 2592000.',
        extensions: { code: 'BAD_USER_INPUT', inputPath: 'input.overlapSeconds' },
      }),
    ])
  }
  server.clock.now = new Date(START)
  expect((await regenerate(key.id, 2_592_000)).apiKey['previousSecretExpiresAt']).toBe('2040-01-31T00:00:00.000Z')
})

test('a revoked key can’t be regenerated, and its overlap ends with it', async () => {
  const key = await server.newKey({ scopes: ['ANALYTICS_READ'] })
  server.clock.now = new Date(START)
  const { secret } = await regenerate(key.id, 3_600)
  await admin('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id } } }', { id: key.id })
  expect(await takenAt(secret, '00:00:01')).toBe('REVOKED')
  expect(await takenAt(key.secret, '00:00:01')).toBe('INVALID')
  expect((await admin(REGENERATE, { id: key.id })).errors).toEqual([
    expect.objectContaining({
      message: "input.id: names a key that is REVOKED: it can't be regenerated.",
      extensions: { code: 'BAD_USER_INPUT', inputPath: 'input.id' },
    }),
  ])
})

test('an expired key can’t be regenerated', async () => {
  const key = await server.newKey({ scopes: ['ANALYTICS_READ'], expiresAt: START })
  server.clock.now = new Date(START)
  expect((await admin(REGENERATE, { id: key.id })).errors).toEqual([
    expect.objectContaining({
      message: "input.id: names a key that is EXPIRED: it can't be regenerated.",
      extensions: { code: 'BAD_USER_INPUT', inputPath: 'input.id' },
    }),
  ])
})

test('a key that is not there can’t be regenerated', async () => {
  const ids = ['key_01h455vb4pex5vsknk084sn02q', 'agent_01h455vb4pex5vsknk084sn02q', 'key_', '', 'nonsense']
  for (const id of ids) {
    expect((await admin(REGENERATE, { id })).errors).toEqual([
      expect.objectContaining({
        message: 'No such API key.',
        extensions: { code: 'NOT_FOUND', inputPath: 'input.id' },
      }),
    ])
  }
})

test('nobody comes to hold a key that can do more than their own', async () => {
  const strong = await server.newKey({ scopes: ['ANALYTICS_READ', 'CONVERSATIONS_ERASE'] })
  const weak = server.as({ key: (await server.newKey({ scopes: ['ADMIN', 'ANALYTICS_READ'] })).secret })
  expect((await weak(REGENERATE, { id: strong.id })).errors).toEqual([
    expect.objectContaining({
      message: 'This key has the scope CONVERSATIONS_ERASE, which your key lacks.',
      extensions: { code: 'FORBIDDEN', scopes: ['CONVERSATIONS_ERASE'] },
    }),
  ])
  expect((await server.ask({ key: strong.secret }, '{ viewer { credentialId } }')).data).toEqual({
    viewer: { credentialId: strong.id },
  })
  const equal = await server.newKey({ scopes: ['ANALYTICS_READ'] })
  expect((await regenerate(equal.id, 0, weak)).apiKey['id']).toBe(equal.id)
})

test('an administrator can regenerate the key they ask with', async () => {
  const key = await server.newKey({ scopes: ['ADMIN'] })
  const { secret } = await regenerate(key.id, 0, server.as({ key: key.secret }))
  expect((await server.ask({ key: secret }, '{ viewer { credentialId } }')).data).toEqual({
    viewer: { credentialId: key.id },
  })
  expect((await server.ask({ key: key.secret }, '{ viewer { credentialId } }')).status).toBe(401)
})

test.skipIf(inject('databaseKind') === 'pglite')(
  'of two regenerations at once, one secret is left that is taken',
  async () => {
    const key = await server.newKey({ scopes: ['ANALYTICS_READ'] })
    const made = await Promise.all([regenerate(key.id), regenerate(key.id)])
    const answers = await Promise.all(
      made.map(({ secret }) => server.ask({ key: secret }, '{ viewer { credentialId } }')),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401])
  },
)

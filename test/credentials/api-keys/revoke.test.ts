import { afterEach, expect, inject, test } from 'vitest'
import { type Answer, codes, serveTestDatabase, startTestServer } from '../../support/server.ts'
import { isStory } from '../../support/story.ts'

isStory()

const server = await startTestServer()
const { admin } = server
afterEach(() => {
  server.clock.now = null
})

const REVOKE = `mutation Revoke($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id status revokedAt } } }`
const LAST_ADMIN = [
  expect.objectContaining({
    message: 'This is the last active account key with ADMIN. Create another first.',
    path: ['revokeApiKey'],
    extensions: { code: 'FORBIDDEN' },
  }),
]

const adminKeyId = async () => (await admin('{ viewer { credentialId } }')).data.viewer.credentialId as string
const statusOf = async (id: string) =>
  (await admin('query ($id: ID!) { apiKey(id: $id) { status } }', { id })).data.apiKey.status

test('a revoked key is refused from the next request on', async () => {
  const key = await server.newKey({ scopes: ['CONVERSATIONS_READ'] })
  const viewer = () => server.ask({ key: key.secret }, '{ viewer { name } }')
  expect((await viewer()).data.viewer.name).toBe('test')
  await admin(REVOKE, { id: key.id })
  const answer = await viewer()
  expect(answer.status).toBe(401)
  expect(answer.headers.get('www-authenticate')).toBe('Bearer')
  expect(answer.errors).toEqual([
    { message: 'This API key was revoked.', extensions: { code: 'UNAUTHENTICATED', reason: 'REVOKED' } },
  ])
})

test('a revocation holds on every other server of the database', async () => {
  const other = serveTestDatabase(server, server.adminKey)
  const key = await server.newKey({ scopes: ['CONVERSATIONS_READ'] })
  expect((await other.ask({ key: key.secret }, '{ viewer { credentialId } }')).status).toBe(200)
  await admin(REVOKE, { id: key.id })
  expect((await other.ask({ key: key.secret }, '{ viewer { credentialId } }')).status).toBe(401)
})

test('revoking again changes nothing', async () => {
  const key = await server.newKey({ scopes: ['CONVERSATIONS_READ'] })
  server.clock.now = new Date('2040-01-01T00:00:00Z')
  const first = await admin(REVOKE, { id: key.id })
  expect(first.data).toEqual({
    revokeApiKey: { apiKey: { id: key.id, status: 'REVOKED', revokedAt: '2040-01-01T00:00:00.000Z' } },
  })
  server.clock.now = new Date('2040-01-01T00:00:01Z')
  const second = await admin(REVOKE, { id: key.id })
  expect(second.data).toEqual(first.data)
})

test('an expired key can be revoked, and then is', async () => {
  const key = await server.newKey({ scopes: ['CONVERSATIONS_READ'], expiresAt: '2040-01-01T00:00:00Z' })
  server.clock.now = new Date('2040-01-01T00:00:00Z')
  expect(await statusOf(key.id)).toBe('EXPIRED')
  await admin(REVOKE, { id: key.id })
  expect(await statusOf(key.id)).toBe('REVOKED')
})

test('a key that is not there can’t be revoked', async () => {
  for (const id of ['key_01h455vb4pex5vsknk084sn02q', 'conv_01h455vb4pex5vsknk084sn02q', '', 'nonsense']) {
    expect((await admin(REVOKE, { id })).errors).toEqual([
      expect.objectContaining({
        message: 'No such API key.',
        extensions: { code: 'NOT_FOUND', inputPath: 'input.id' },
      }),
    ])
  }
})

test('the last live account key with ADMIN stays', async () => {
  const id = await adminKeyId()
  expect((await admin(REVOKE, { id })).errors).toEqual(LAST_ADMIN)
  expect(await statusOf(id)).toBe('ACTIVE')
})

test('a key that is a tenant’s, lacks ADMIN, has expired or was revoked is no other administrator', async () => {
  const id = await adminKeyId()
  await server.newTenant()
  await server.newKey({ scopes: ['CONVERSATIONS_READ'] })
  await server.newKey({ scopes: ['ADMIN'], expiresAt: '2040-01-01T00:00:00Z' })
  const revoked = await server.newKey({ scopes: ['ADMIN'] })
  await admin(REVOKE, { id: revoked.id })
  server.clock.now = new Date('2040-01-01T00:00:00Z')
  expect((await admin(REVOKE, { id })).errors).toEqual(LAST_ADMIN)
})

test('any other key can be revoked while one administrator is left', async () => {
  const key = await server.newKey({ scopes: ['CONVERSATIONS_READ'] })
  expect((await admin(REVOKE, { id: key.id })).errors).toBeUndefined()
})

test('an administrator can revoke the key they ask with, where another is left', async () => {
  const key = await server.newKey({ scopes: ['ADMIN'] })
  const own = server.as({ key: key.secret })
  expect((await own(REVOKE, { id: key.id })).data.revokeApiKey.apiKey.status).toBe('REVOKED')
  expect(codes(await own('{ viewer { credentialId } }'))).toEqual(['UNAUTHENTICATED'])
})

test.skipIf(inject('databaseKind') === 'pglite')(
  'two administrators who revoke each other at once do not both succeed',
  async () => {
    const name = 'one of two'
    const a = await server.newKey({ scopes: ['ADMIN'], name })
    const b = await server.newKey({ scopes: ['ADMIN'], name })
    // All others step aside, so that these two are all there are.
    await server.owner(`UPDATE api_keys SET expires_at = '2000-01-01' WHERE name <> '${name}'`)
    const answers: Answer[] = await Promise.all([
      server.ask({ key: a.secret }, REVOKE, { id: b.id }),
      server.ask({ key: b.secret }, REVOKE, { id: a.id }),
    ])
    await server.owner(`UPDATE api_keys SET expires_at = NULL WHERE name = 'First admin key'`)
    const refused = answers.filter(({ errors }) => errors)
    expect(refused).toHaveLength(1)
    // The later one finds itself the last, or comes when its key is revoked already.
    expect(['FORBIDDEN', 'UNAUTHENTICATED']).toContain(codes(refused[0] as Answer)[0])
    expect([await statusOf(a.id), await statusOf(b.id)].sort()).toEqual(['ACTIVE', 'REVOKED'])
  },
)

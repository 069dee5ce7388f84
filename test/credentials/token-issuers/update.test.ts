import { expect, test } from 'vitest'
import { startTestServer } from '../../support/server.ts'
import { DELETE, expectRefused, makeKey, newIssuerName, register, UPDATE } from './issuer.ts'

const server = await startTestServer()
const { admin } = server
const key = await makeKey('key-1')

test('what an update does not name stays', async () => {
  const id = await register(server, {
    name: 'Product',
    issuer: newIssuerName(),
    keys: [key.publicJwk],
    tenantClaim: 'org',
  })
  const read = async (change: object) =>
    (await admin(UPDATE, { input: { id, ...change } })).data.updateTokenIssuer.tokenIssuer
  server.clock.now = new Date('2030-01-02T03:04:05Z')
  const before = await read({})
  expect(before).toMatchObject({ name: 'Product', tenantClaim: 'org', keys: [key.publicJwk] })
  server.clock.now = new Date('2030-01-02T04:00:00Z')
  const updatedAt = '2030-01-02T04:00:00.000Z'
  expect(await read({ name: null })).toEqual({ ...before, name: null, updatedAt })
  expect(await read({ name: 'New' })).toEqual({ ...before, name: 'New', updatedAt })
  const changes = { audience: 'b', tenantClaim: 'team', scopes: ['ANALYTICS_READ'] }
  expect(await read(changes)).toEqual({ ...before, name: 'New', ...changes, updatedAt })
  const jwksUrl = 'https://keys.example/'
  expect(await read({ jwksUrl })).toEqual({ ...before, name: 'New', ...changes, jwksUrl, keys: null, updatedAt })
  expect(await read({ keys: [key.publicJwk], jwksUrl: null })).toEqual({
    ...before,
    name: 'New',
    ...changes,
    updatedAt,
  })
  server.clock.now = null
})

test.each([
  [{ audience: null }, 'BAD_USER_INPUT', 'input.audience'],
  [{ audience: ' ' }, 'BAD_USER_INPUT', 'input.audience'],
  [{ tenantClaim: null }, 'BAD_USER_INPUT', 'input.tenantClaim'],
  [{ scopes: null }, 'BAD_USER_INPUT', 'input.scopes'],
  [{ scopes: [] }, 'BAD_USER_INPUT', 'input.scopes'],
  [{ scopes: ['CONVERSATIONS_ERASE'] }, 'BAD_USER_INPUT', 'input.scopes[0]'],
  [{ keys: null }, 'BAD_USER_INPUT', 'input.keys'],
  [{ keys: [], jwksUrl: 'https://keys.example' }, 'BAD_USER_INPUT', 'input.keys'],
  [{ jwksUrl: 'http://keys.example' }, 'BAD_USER_INPUT', 'input.jwksUrl'],
])('the update %j is refused', async (change, code, inputPath) => {
  const id = await register(server, { issuer: newIssuerName(), keys: [key.publicJwk] })
  await expectRefused(server, admin, UPDATE, { id, ...change }, code, inputPath)
})

test('an issuer that does not exist, or no longer, is not found', async () => {
  const id = await register(server, { issuer: newIssuerName(), keys: [key.publicJwk] })
  const deleted = await admin(DELETE, { id })
  expect(deleted.data).toEqual({ deleteTokenIssuer: { deletedId: id } })
  for (const unknown of [id, 'issuer_01jz0000000000000000000000', id.replace('issuer', 'key'), 'x', '']) {
    expect((await admin(DELETE, { id: unknown })).errors?.map(({ extensions }) => extensions)).toEqual([
      { code: 'NOT_FOUND', inputPath: 'input.id' },
    ])
    await expectRefused(server, admin, UPDATE, { id: unknown, name: 'x' }, 'NOT_FOUND', 'input.id')
  }
})

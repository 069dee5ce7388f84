import { expect, test, vi } from 'vitest'
import { makeSecret } from '../../src/auth/api-key.ts'
import { newUuid } from '../../src/input/ids.ts'
import { logged, refusals, stored, write } from '../conversations/writes.ts'
import { codes, startTestServer, TENANT_SCOPES, type TestTenant } from '../support/server.ts'
import { ACCOUNT_WRITES, type Ids, TENANT_WRITES } from './writes.ts'

const server = await startTestServer()

async function stand(): Promise<TestTenant & Ids> {
  const tenant = await server.newTenant()
  const { data } = await write(tenant.ask, 'createAgent', { name: 'A' }, 'agent { id }')
  const { id, messages } = await logged(tenant.ask, { status: 'ACTIVE' })
  return { ...tenant, agent: data.createAgent.agent.id, conversation: id, message: messages[0] ?? '' }
}

const [mine, theirs] = [await stand(), await stand()]

for (const [mutation, { scope, selection, input }] of Object.entries(TENANT_WRITES)) {
  test(`${mutation} is refused without a credential, without its scope, and without a tenant`, async () => {
    const before = await stored(server)
    const anonymous = await write(server.as({}), mutation, input(mine), selection)
    expect([anonymous.status, anonymous.data, codes(anonymous)]).toEqual([401, undefined, ['UNAUTHENTICATED']])

    const others = TENANT_SCOPES.filter((other) => other !== scope)
    const key = await server.newKey({ scopes: others, tenantId: mine.id })
    const account = await server.newKey({ scopes: [scope] })
    const ready = await stored(server)
    expect(ready).not.toEqual(before)
    const lacking = await write(server.as({ key: key.secret }), mutation, input(mine), selection)
    expect([lacking.data, codes(lacking)]).toEqual([null, ['FORBIDDEN']])
    expect(lacking.errors?.[0]?.extensions).toMatchObject({ scopes: [scope] })
    const nowhere = await write(server.as({ key: account.secret }), mutation, input(mine), selection)
    expect([nowhere.data, codes(nowhere)]).toEqual([null, ['TENANT_REQUIRED']])
    expect(await stored(server)).toEqual(ready)
  })

  test(`${mutation} does not reach another tenant, by its header or by its ids`, async () => {
    const before = await stored(server)
    const elsewhere = await write(server.as({ key: mine.key, tenantId: theirs.id }), mutation, input(theirs), selection)
    expect([elsewhere.data, codes(elsewhere)]).toEqual([undefined, ['FORBIDDEN']])
    if (JSON.stringify(input(mine)) !== JSON.stringify(input(theirs))) {
      const foreign = await write(mine.ask, mutation, input(theirs), selection)
      const forged = await write(mine.ask, mutation, input(FORGED), selection)
      expect(foreign.data).toBeNull()
      expect(codes(foreign)).toEqual(['NOT_FOUND'])
      // One and the same answer: what is another's can't be told from what never was.
      expect(JSON.stringify(foreign.errors)).toBe(JSON.stringify(forged.errors))
    }
    expect(await stored(server)).toEqual(before)
  })
}

const FORGED: Ids = {
  agent: 'agent_01h455vb4pex5vsknk084sn02q',
  conversation: 'conv_01h455vb4pex5vsknk084sn02q',
  message: 'msg_01h455vb4pex5vsknk084sn02q',
}

test.each(Object.entries(ACCOUNT_WRITES))('%s is refused to all but ADMIN', async (mutation, { selection, input }) => {
  const account = await server.newKey({ scopes: TENANT_SCOPES })
  const before = await stored(server)
  const refused = []
  for (const key of [undefined, mine.key, account.secret]) {
    refused.push(...codes(await write(server.as(key ? { key } : {}), mutation, input(mine.id), selection)))
  }
  expect(refused).toEqual(['UNAUTHENTICATED', 'FORBIDDEN', 'FORBIDDEN'])
  expect(await stored(server)).toEqual(before)
})

test('a tenant that does not exist is not found, and not made', async () => {
  const before = await stored(server)
  for (const tenantId of ['nobody', '', 'x'.repeat(1_000), "'; DROP TABLE tenants; --"]) {
    const answer = await server.ask({ key: server.adminKey, tenantId }, '{ conversations { totalCount } }')
    expect(refusals(answer)).toEqual(tenantId === '' ? ['TENANT_REQUIRED'] : ['NOT_FOUND X-Tenant-Id'])
  }
  expect(await stored(server)).toEqual(before)
})

const [id, random] = [newUuid(), makeSecret(newUuid())]

test.each([
  ['no key of this server', 'Bearer hunter2'],
  ['another scheme', 'Basic cGFybGV5OnBhcmxleQ=='],
  ['no secret', 'Bearer'],
  ['an empty key', 'Bearer parley_'],
  ['two keys', `Bearer ${random} ${random}`],
  ['a key cut short', `Bearer ${random.slice(0, -1)}`],
  ['a key with more behind it', `Bearer ${random}0`],
  ['a wrong checksum', `Bearer ${random.slice(0, -1)}${random.endsWith('0') ? '1' : '0'}`],
  ['a mistyped character', `Bearer ${random.slice(0, 40)}${random[40] === 'a' ? 'b' : 'a'}${random.slice(41)}`],
  ['a very long key', `Bearer parley_${'a'.repeat(100_000)}`],
])('%s: refused without a query', async (_what, authorization) => {
  const query = vi.spyOn(server.database, 'query')
  server.statements()
  const response = await server.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify({ query: '{ viewer { name } }' }),
  })
  const answer = await response.json()
  expect(response.status).toBe(401)
  expect(response.headers.get('www-authenticate')).toBe('Bearer')
  expect(answer.errors.map((error: { extensions: object }) => error.extensions)).toEqual([
    { code: 'UNAUTHENTICATED', reason: 'INVALID' },
  ])
  expect(query).not.toHaveBeenCalled()
  expect(server.statements()).toEqual([])
  query.mockRestore()
})

test('a well-formed key that nobody holds, an expired and a revoked one are refused, each with its reason', async () => {
  const expiring = await server.newKey({ scopes: ['CONVERSATIONS_READ'], expiresAt: '2999-01-01T00:00:00Z' })
  const revoked = await server.newKey({ scopes: ['CONVERSATIONS_READ'] })
  await server.admin('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id } } }', { id: revoked.id })
  const reason = async (key: string) => (await server.ask({ key }, '{ viewer { name } }')).errors?.[0]?.extensions
  expect(await reason(makeSecret(id))).toEqual({ code: 'UNAUTHENTICATED', reason: 'INVALID' })
  expect(await reason(revoked.secret)).toEqual({ code: 'UNAUTHENTICATED', reason: 'REVOKED' })
  server.clock.now = new Date('2999-01-01T00:00:00Z')
  expect(await reason(expiring.secret)).toEqual({ code: 'UNAUTHENTICATED', reason: 'EXPIRED' })
  server.clock.now = null
})

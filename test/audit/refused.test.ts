import { beforeEach, expect, test } from 'vitest'
import { makeSecret } from '../../src/auth/api-key.ts'
import { decodeId } from '../../src/input/ids.ts'
import { codes, startTestServer, type TestTenant } from '../support/server.ts'
import { eventsAfterSetUp, eventsOf, FORM } from './events.ts'

const server = await startTestServer()
let tenant: TestTenant
beforeEach(async () => {
  // Each test has a minute of its own, and a tenant whose key is none of another test's.
  server.clock.now = null
  tenant = await server.newTenant()
})

const VIEWER = '{ viewer { name } }'
const UNKNOWN_KEY = 'key_00000000000000000000000000'

const refused = (code: string) => ({
  id: expect.stringMatching(FORM.eventId),
  occurredAt: expect.any(String),
  actor: { kind: 'TENANT_KEY', credentialId: tenant.keyId, name: 'test', subject: null },
  tenantId: tenant.id,
  objectType: null,
  objectId: null,
  outcome: 'REFUSED',
  errorCode: code,
  requestId: expect.stringMatching(FORM.requestId),
  clientAddress: null,
})

const refusalsOf = async () => (await eventsAfterSetUp(server, tenant.id)).filter(({ outcome }) => outcome !== 'DONE')

test('a mutation without its scope: which one, and what it was to be done to', async () => {
  const REVOKE = 'mutation ($id: ID!) { ... on Mutation { mine: revokeApiKey(input: { id: $id }) { apiKey { id } } } }'
  expect(codes(await tenant.ask(REVOKE, { id: tenant.keyId }))).toEqual(['FORBIDDEN'])
  const UPDATE = 'mutation ($input: UpdateTenantInput!) { updateTenant(input: $input) { tenant { id } } }'
  expect(codes(await tenant.ask(UPDATE, { input: { id: 'acme', name: 'Taken' } }))).toEqual(['FORBIDDEN'])
  expect(await refusalsOf()).toEqual([
    {
      ...refused('FORBIDDEN'),
      action: 'TENANT_UPDATED',
      objectType: 'TENANT',
      objectId: 'acme',
      details: { field: 'updateTenant', lackedScopes: ['ADMIN'] },
    },
    {
      ...refused('FORBIDDEN'),
      action: 'API_KEY_REVOKED',
      objectType: 'API_KEY',
      objectId: tenant.keyId,
      details: { field: 'revokeApiKey', lackedScopes: ['ADMIN'] },
    },
  ])
})

test('a write of conversations without its scope, and a token stronger than its maker', async () => {
  const reader = await server.newKey({ scopes: ['CONVERSATIONS_READ', 'EMBED_TOKENS_CREATE'], tenantId: tenant.id })
  const ask = server.as({ key: reader.secret })
  const LOG = 'mutation { logConversation(input: { transcript: "User: Hi" }) { created } }'
  expect(codes(await ask(LOG))).toEqual(['FORBIDDEN'])
  const STRONGER = 'mutation { createEmbedToken(input: { scopes: [INTERNALS_READ] }) { token } }'
  expect(codes(await ask(STRONGER))).toEqual(['FORBIDDEN'])
  const actor = { kind: 'TENANT_KEY', credentialId: reader.id, name: 'test', subject: null }
  expect((await eventsOf(server, { actorIds: [reader.id] })).map(({ id: _id, ...event }) => event)).toMatchObject([
    { actor, action: 'EMBED_TOKEN_CREATED', details: { field: 'createEmbedToken', lackedScopes: ['INTERNALS_READ'] } },
    { actor, action: 'DATA_WRITTEN', details: { field: 'logConversation', lackedScopes: ['CONVERSATIONS_WRITE'] } },
  ])
})

test('what is an administrator’s, by query and by node; not a read that lacks another scope', async () => {
  expect(codes(await tenant.ask('{ auditEvents { totalCount } }'))).toEqual(['FORBIDDEN'])
  const blind = await server.newKey({ scopes: ['ANALYTICS_READ'], tenantId: tenant.id })
  const ask = server.as({ key: blind.secret })
  expect(codes(await ask('{ conversations { totalCount } }'))).toEqual(['FORBIDDEN'])
  expect(codes(await ask('query ($id: ID!) { node(id: $id) { id } }', { id: tenant.keyId }))).toEqual(['FORBIDDEN'])
  const actor = { ...refused('FORBIDDEN').actor, credentialId: blind.id }
  expect(await refusalsOf()).toEqual([
    {
      ...{ ...refused('FORBIDDEN'), actor },
      action: 'ACCOUNT_READ',
      objectType: 'API_KEY',
      objectId: tenant.keyId,
      details: { field: 'node', lackedScopes: ['ADMIN'] },
    },
    {
      ...refused('FORBIDDEN'),
      action: 'ACCOUNT_READ',
      details: { field: 'auditEvents', lackedScopes: ['ADMIN'] },
    },
  ])
})

test('a known key with a wrong secret, revoked, or expired; not one that nobody knows, nor none', async () => {
  const used = async (key: string) => codes(await server.ask({ key }, VIEWER))
  expect(await used(makeSecret(decodeId('ApiKey', tenant.keyId) ?? ''))).toEqual(['UNAUTHENTICATED'])
  const expiresAt = new Date(Date.now() + 3_600_000)
  const short = await server.newKey({ scopes: ['ADMIN'], expiresAt: expiresAt.toISOString() })
  server.clock.now = expiresAt
  expect(await used(short.secret)).toEqual(['UNAUTHENTICATED'])
  server.clock.now = null
  await server.admin('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id } } }', { id: short.id })
  expect(await used(short.secret)).toEqual(['UNAUTHENTICATED'])
  const before = (await eventsOf(server)).length
  expect(await used(makeSecret(decodeId('ApiKey', UNKNOWN_KEY) ?? ''))).toEqual(['UNAUTHENTICATED'])
  expect(await used('parley_malformed')).toEqual(['UNAUTHENTICATED'])
  expect(codes(await server.ask({}, 'mutation { rotateSigningKey { keyId } }'))).toEqual(['UNAUTHENTICATED'])
  expect(await eventsOf(server)).toHaveLength(before)

  const event = { ...refused('UNAUTHENTICATED'), action: 'CREDENTIAL_USED' }
  expect(await refusalsOf()).toEqual([{ ...event, details: { reason: 'INVALID' } }])
  const actor = { kind: 'ACCOUNT_KEY', credentialId: short.id, name: 'test', subject: null }
  const ofShort = { ...event, actor, tenantId: null }
  expect(await eventsOf(server, { actorIds: [short.id] })).toEqual([
    { ...ofShort, occurredAt: expiresAt.toISOString(), details: { reason: 'EXPIRED' } },
    { ...ofShort, details: { reason: 'REVOKED' } },
  ])
})

test('a credential that names another tenant: which, where that can be one', async () => {
  const other = await server.newTenant()
  expect(codes(await server.ask({ key: tenant.key, tenantId: other.id }, VIEWER))).toEqual(['FORBIDDEN'])
  const strange = await server.newKey({ scopes: ['CONVERSATIONS_READ'], tenantId: tenant.id })
  const answer = await server.ask({ key: strange.secret, tenantId: 'x'.repeat(65) }, VIEWER)
  expect(codes(answer)).toEqual(['FORBIDDEN'])
  const event = { ...refused('FORBIDDEN'), action: 'CREDENTIAL_USED' }
  expect(await refusalsOf()).toEqual([
    { ...event, actor: { ...event.actor, credentialId: strange.id }, details: {} },
    { ...event, details: { namedTenantId: other.id } },
  ])
  expect(await eventsAfterSetUp(server, other.id)).toEqual([])
})

test('an embed token that names another tenant, writes, or was revoked, by its maker’s key and whom it is for', async () => {
  const CREATE = 'mutation { createEmbedToken(input: { subject: "ada" }) { token } }'
  const { token } = (await tenant.ask(CREATE)).data.createEmbedToken
  expect(codes(await server.ask({ key: token, tenantId: 'another' }, VIEWER))).toEqual(['FORBIDDEN'])
  const LOG = 'mutation { logConversation(input: { transcript: "User: Hi" }) { created } }'
  expect(codes(await server.ask({ key: token }, LOG))).toEqual(['FORBIDDEN'])
  await tenant.ask('mutation { revokeEmbedTokens { tenant { id } } }')
  expect(codes(await server.ask({ key: token }, VIEWER))).toEqual(['UNAUTHENTICATED'])
  const actor = { kind: 'EMBED_TOKEN', credentialId: tenant.keyId, name: 'ada', subject: 'ada' }
  expect(await refusalsOf()).toMatchObject([
    { actor, tenantId: tenant.id, action: 'CREDENTIAL_USED', details: { reason: 'REVOKED' } },
    { actor, tenantId: tenant.id, action: 'DATA_WRITTEN', details: { field: 'logConversation' } },
    { actor, tenantId: tenant.id, action: 'CREDENTIAL_USED', details: { namedTenantId: 'another' } },
  ])
})

test('a flood has one event a minute for each thing attempted; the next one, and the last, say how many more', async () => {
  const at = (time: string) => {
    server.clock.now = new Date(`2031-01-01T${time}Z`)
  }
  const attempt = async (document: string) => codes(await tenant.ask(document))
  const flood = (times: number) =>
    Promise.all(Array.from({ length: times }, () => attempt('{ tenants { totalCount } }')))
  at('10:00:00')
  await flood(10)
  await attempt('mutation { rotateSigningKey { keyId } }')
  at('10:00:59')
  await flood(5)
  at('10:01:00')
  await flood(3)
  const told = async () =>
    (await refusalsOf()).map(({ occurredAt, action, details }) => ({ occurredAt, action, more: details['suppressed'] }))
  const read = (minute: string, more?: number) => ({
    occurredAt: `2031-01-01T${minute}.000Z`,
    action: 'ACCOUNT_READ',
    more,
  })
  const ofMinutes = [read('10:01:00', 14), { ...read('10:00:00'), action: 'SIGNING_KEY_ROTATED' }, read('10:00:00')]
  expect(await told()).toEqual(ofMinutes)
  // As the process does when it ends.
  at('10:01:30')
  await flood(1)
  await server.refusals.close()
  expect(await told()).toEqual([read('10:01:30', 2), ...ofMinutes])
})

test('the answer is not held up by the log, and is the same where nothing can be recorded', async () => {
  await server.owner('ALTER TABLE audit_events RENAME TO audit_events_away')
  const answer = await tenant.ask('{ tenants { totalCount } }')
  await server.refusals.flush()
  await server.owner('ALTER TABLE audit_events_away RENAME TO audit_events')
  expect(codes(answer)).toEqual(['FORBIDDEN'])
  expect(server.logged.filter(({ msg }) => msg === 'audit events were lost')).toMatchObject([
    { level: 'error', lost: 1 },
  ])
})

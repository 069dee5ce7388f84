import { beforeEach, expect, test } from 'vitest'
import { codes, startTestServer, type TestTenant } from '../support/server.ts'
import { isStory } from '../support/story.ts'
import { adminActor, eventsAfterSetUp, eventsOf, FORM } from './events.ts'

isStory()

const server = await startTestServer()
const admin = await adminActor(server)
let tenant: TestTenant
beforeEach(async () => {
  tenant = await server.newTenant()
})

/** What every event of a mutation through the API holds beside what it is about. */
const done = (actor: object) => ({
  id: expect.stringMatching(FORM.eventId),
  occurredAt: expect.any(String),
  actor,
  outcome: 'DONE',
  errorCode: null,
  requestId: expect.stringMatching(FORM.requestId),
  clientAddress: null,
})

const tenantActor = () => ({ kind: 'TENANT_KEY', credentialId: tenant.keyId, name: 'test', subject: null })

const ofKey = (id: string, tenantId: string | null = tenant.id) => ({ tenantId, objectType: 'API_KEY', objectId: id })

async function must(answer: ReturnType<typeof server.admin>) {
  const { data, errors } = await answer
  expect(errors).toBeUndefined()
  return data
}

test('generateApiKey: for whom, what it may do, until when', async () => {
  const expiresAt = '2100-01-01T00:00:00.000Z'
  const key = await server.newKey({ name: 'CRM', scopes: ['CONVERSATIONS_READ'], tenantId: tenant.id, expiresAt })
  expect((await eventsAfterSetUp(server, tenant.id))[0]).toEqual({
    ...done(admin),
    action: 'API_KEY_GENERATED',
    ...ofKey(key.id),
    details: {
      ...{ name: 'CRM', scopes: ['CONVERSATIONS_READ'], expiresAt, autoCreateTenants: false },
      ...{ requestsPerMinute: null, allowedNetworks: [] },
    },
  })
})

test('an account key is nobody’s tenant’s', async () => {
  const key = await server.newKey({ scopes: ['CONVERSATIONS_WRITE'], autoCreateTenants: true })
  const [event] = await eventsOf(server, { actions: ['API_KEY_GENERATED'] })
  expect(event).toEqual({
    ...done(admin),
    action: 'API_KEY_GENERATED',
    ...ofKey(key.id, null),
    details: {
      ...{ name: 'test', scopes: ['CONVERSATIONS_WRITE'], expiresAt: null, autoCreateTenants: true },
      ...{ requestsPerMinute: null, allowedNetworks: [] },
    },
  })
})

test('updateApiKey: what it changed, with of a note only that it did; not where nothing changes', async () => {
  const key = await server.newKey({ name: 'CRM', scopes: ['CONVERSATIONS_READ'], tenantId: tenant.id })
  const UPDATE = 'mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { id } } }'
  const send = (input: object) => must(server.admin(UPDATE, { input: { id: key.id, ...input } }))
  const expiresAt = '2100-01-01T00:00:00.000Z'
  const changes = { scopes: ['ANALYTICS_READ'], expiresAt, requestsPerMinute: 9, allowedNetworks: ['10.0.0.0/8'] }
  for (const name of ['CRM 2', 'CRM 2']) await send({ name, note: 'private', ...changes })
  await send({})
  await send({ expiresAt: null, note: null })
  const about = { ...done(admin), action: 'API_KEY_UPDATED', ...ofKey(key.id) }
  expect((await eventsAfterSetUp(server, tenant.id)).slice(0, -1)).toEqual([
    { ...about, details: { name: 'CRM 2', expiresAt: null, noteChanged: true } },
    { ...about, details: { name: 'CRM 2', ...changes, noteChanged: true } },
  ])
})

test('regenerateApiKey and revokeApiKey; a key that was revoked before is not revoked again', async () => {
  const key = await server.newKey({ name: 'CRM', scopes: ['CONVERSATIONS_READ'], tenantId: tenant.id })
  const id = { id: key.id }
  await must(
    server.admin('mutation ($id: ID!) { regenerateApiKey(input: { id: $id, overlapSeconds: 60 }) { secret } }', id),
  )
  const REVOKE = 'mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { status } } }'
  await must(server.admin(REVOKE, id))
  await must(server.admin(REVOKE, id))
  const about = { ...done(admin), ...ofKey(key.id) }
  const [revoked, regenerated, ...rest] = await eventsAfterSetUp(server, tenant.id)
  expect([revoked, regenerated]).toEqual([
    { ...about, action: 'API_KEY_REVOKED', details: { name: 'CRM' } },
    { ...about, action: 'API_KEY_REGENERATED', details: { name: 'CRM', overlapSeconds: 60 } },
  ])
  expect(rest.map(({ action }) => action)).toEqual(['API_KEY_GENERATED'])
})

test('createTenant and updateTenant, where they change something', async () => {
  const CREATE = 'mutation ($id: ID!) { createTenant(input: { id: $id, name: "Acme" }) { created } }'
  const UPDATE = 'mutation ($input: UpdateTenantInput!) { updateTenant(input: $input) { tenant { id } } }'
  const id = `${tenant.id}-more`
  await must(server.admin(CREATE, { id }))
  await must(server.admin(CREATE, { id }))
  await must(server.admin(UPDATE, { input: { id, timeZone: 'Europe/Berlin' } }))
  await must(server.admin(UPDATE, { input: { id } }))
  const about = { ...done(admin), tenantId: id, objectType: 'TENANT', objectId: id }
  expect(await eventsOf(server, { tenantIds: [id] })).toEqual([
    { ...about, action: 'TENANT_UPDATED', details: { timeZone: 'Europe/Berlin' } },
    { ...about, action: 'TENANT_CREATED', details: { name: 'Acme', timeZone: 'UTC', allowedOrigins: [] } },
  ])
})

const LOG = `mutation ($input: LogConversationInput!) { logConversation(input: $input) { conversation { id } } }`
const MESSAGES = [{ chat: { role: 'USER', content: 'a secret of the customer' } }]

test('a tenant that a first write creates, by the key that wrote; not where the write failed', async () => {
  const key = await server.newKey({ name: 'Logger', scopes: ['CONVERSATIONS_WRITE'], autoCreateTenants: true })
  const id = `${tenant.id}-new`
  const ask = server.as({ key: key.secret, tenantId: id })
  expect(codes(await ask(LOG, { input: { messages: [], transcript: '' } }))).toEqual(['BAD_USER_INPUT'])
  expect(await eventsOf(server, { tenantIds: [id] })).toEqual([])
  await must(ask(LOG, { input: { messages: MESSAGES } }))
  await must(ask(LOG, { input: { messages: MESSAGES } }))
  expect(await eventsOf(server, { tenantIds: [id] })).toEqual([
    {
      ...done({ kind: 'ACCOUNT_KEY', credentialId: key.id, name: 'Logger', subject: null }),
      action: 'TENANT_CREATED',
      tenantId: id,
      objectType: 'TENANT',
      objectId: id,
      details: { name: id, onFirstWrite: true },
    },
  ])
})

test('createEmbedToken: what it may do, until when, for whom, and by what it is locked, but not to which values', async () => {
  const input = {
    scopes: ['CONVERSATIONS_READ'],
    expiresInSeconds: 60,
    subject: 'ada',
    metadata: { customer_id: 'a value that stays out', plan: 'pro' },
    agents: [],
    endUserIds: ['another that stays out'],
  }
  const { createEmbedToken: created } = await must(
    tenant.ask('mutation ($input: CreateEmbedTokenInput!) { createEmbedToken(input: $input) { token expiresAt } }', {
      input,
    }),
  )
  const events = await eventsAfterSetUp(server, tenant.id)
  expect(events).toEqual([
    {
      ...done(tenantActor()),
      action: 'EMBED_TOKEN_CREATED',
      tenantId: tenant.id,
      objectType: 'EMBED_TOKEN',
      objectId: null,
      details: {
        scopes: ['CONVERSATIONS_READ'],
        expiresAt: created.expiresAt,
        subject: 'ada',
        restrictedBy: ['agents', 'endUserIds', 'metadata.customer_id', 'metadata.plan'],
      },
    },
  ])
})

test('revokeEmbedTokens and rotateSigningKey', async () => {
  await must(tenant.asAccount('mutation { revokeEmbedTokens { tenant { id } } }'))
  expect(await eventsAfterSetUp(server, tenant.id)).toEqual([
    {
      ...done(admin),
      action: 'EMBED_TOKENS_REVOKED',
      tenantId: tenant.id,
      objectType: 'EMBED_TOKEN',
      objectId: null,
      details: {},
    },
  ])
  const { rotateSigningKey } = await must(tenant.asAccount('mutation { rotateSigningKey { keyId } }'))
  const [rotated] = await eventsOf(server, { actions: ['SIGNING_KEY_ROTATED'] })
  expect(rotated).toEqual({
    ...done(admin),
    action: 'SIGNING_KEY_ROTATED',
    tenantId: null,
    objectType: 'SIGNING_KEY',
    objectId: rotateSigningKey.keyId,
    details: {},
  })
})

test('deleteConversation, once for all its retries', async () => {
  const { logConversation } = await must(tenant.ask(LOG, { input: { externalId: 'an order', messages: MESSAGES } }))
  const input = { by: { id: logConversation.conversation.id }, idempotencyKey: 'once' }
  const DELETE = 'mutation ($input: DeleteConversationInput!) { deleteConversation(input: $input) { deletedId } }'
  await must(tenant.ask(DELETE, { input }))
  await must(tenant.ask(DELETE, { input }))
  expect(await eventsAfterSetUp(server, tenant.id)).toEqual([
    {
      ...done(tenantActor()),
      action: 'CONVERSATION_DELETED',
      tenantId: tenant.id,
      objectType: 'CONVERSATION',
      objectId: input.by.id,
      details: {},
    },
  ])
})

test('what was rolled back is not recorded, with what else its operation did', async () => {
  const answer = await server.admin(
    `mutation ($id: ID!) {
      updateTenant(input: { id: $id, name: "Taken back" }) { tenant { id } }
      revokeApiKey(input: { id: "key_00000000000000000000000000" }) { apiKey { id } }
    }`,
    { id: tenant.id },
  )
  expect(codes(answer)).toEqual(['NOT_FOUND'])
  expect(await eventsAfterSetUp(server, tenant.id)).toEqual([])
})

test('an event has the time and the id of its request', async () => {
  server.clock.now = new Date('2030-05-06T07:08:09.123Z')
  const answer = await tenant.asAccount('mutation { revokeEmbedTokens { tenant { id } } }')
  server.clock.now = null
  const [event] = await eventsAfterSetUp(server, tenant.id)
  expect(event).toMatchObject({ occurredAt: '2030-05-06T07:08:09.123Z', requestId: answer.headers.get('x-request-id') })
})

test('no event holds a secret, a token, a message’s text or a metadata value', async () => {
  const rows = await server.owner('SELECT audit_events::text AS row FROM audit_events')
  const text = rows.map(({ row }) => row).join('\n')
  expect(rows.length).toBeGreaterThan(20)
  for (const secret of [server.adminKey, 'parley_', 'eyJ', 'a secret of the customer', 'a value that stays out']) {
    expect(text).not.toContain(secret)
  }
})

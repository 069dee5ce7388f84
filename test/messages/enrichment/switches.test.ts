import { expect, test } from 'vitest'
import { NOTHING_DERIVED, startTestServer } from '../../support/server.ts'
import { log, logOne, write } from './chats.ts'

const server = await startTestServer()

const SETTINGS = 'enrichment { sentiment language tokenCount cost } redactsPersonalData'
const ALL = {
  enrichment: { sentiment: true, language: true, tokenCount: true, cost: true },
  redactsPersonalData: true,
}
const UPDATE = `mutation ($input: UpdateTenantInput!) { updateTenant(input: $input) { tenant { ${SETTINGS} } } }`
const CREATE = `mutation ($input: CreateTenantInput!) { createTenant(input: $input) { created tenant { ${SETTINGS} } } }`

const MESSAGE = { content: 'Thank you so much, ada@example.org was wonderful', model: 'gpt-4o' }

test('a new tenant derives all and redacts; it may be created otherwise', async () => {
  const create = async (input: Record<string, unknown>) => (await server.admin(CREATE, { input })).data.createTenant
  expect(await create({ id: 'plain', name: 'Plain' })).toEqual({ created: true, tenant: ALL })
  expect(await create({ id: 'none', name: 'None', ...NOTHING_DERIVED })).toEqual({
    created: true,
    tenant: NOTHING_DERIVED,
  })
  expect(await create({ id: 'some', name: 'Some', enrichment: { cost: false, language: null } })).toEqual({
    created: true,
    tenant: { ...ALL, enrichment: { ...ALL.enrichment, cost: false } },
  })
  // The same id and name again changes nothing, as ever.
  expect(await create({ id: 'plain', name: 'Plain', ...NOTHING_DERIVED })).toEqual({ created: false, tenant: ALL })
})

test('what an update does not name, it keeps', async () => {
  const { id } = await server.newTenant({ derives: true })
  const update = async (input: object) =>
    (await server.admin(UPDATE, { input: { id, ...input } })).data.updateTenant.tenant
  expect(await update({ enrichment: { sentiment: false } })).toEqual({
    ...ALL,
    enrichment: { ...ALL.enrichment, sentiment: false },
  })
  expect(await update({ redactsPersonalData: false, enrichment: {} })).toEqual({
    enrichment: { ...ALL.enrichment, sentiment: false },
    redactsPersonalData: false,
  })
  expect(await update({ enrichment: null, redactsPersonalData: null, name: 'Renamed' })).toEqual({
    enrichment: { ...ALL.enrichment, sentiment: false },
    redactsPersonalData: false,
  })
})

test('each switch turns off its own field and no other, from the next write on', async () => {
  const { id, ask } = await server.newTenant({ derives: true })
  const fields = { sentiment: 'SENTIMENT', language: 'LANGUAGE', tokenCount: 'TOKEN_COUNT', cost: 'COST' } as const
  for (const name of Object.keys(fields) as (keyof typeof fields)[]) {
    await server.admin(UPDATE, { input: { id, enrichment: { [name]: false } } })
    const chat = await logOne(ask, MESSAGE)
    const off = name === 'tokenCount' ? ['tokenCount', 'costUsd'] : [name === 'cost' ? 'costUsd' : name]
    expect(chat.enrichedFields, name).toEqual(
      Object.entries(fields)
        .filter(([field]) => !off.includes(field === 'cost' ? 'costUsd' : field))
        .map(([, mark]) => mark),
    )
    for (const field of off) expect(chat[field as keyof typeof chat], `${name}: ${field}`).toBeNull()
    expect(chat.content).toBe('Thank you so much, email@example.com was wonderful')
    await server.admin(UPDATE, { input: { id, enrichment: { [name]: true } } })
  }
  await server.admin(UPDATE, { input: { id, redactsPersonalData: false } })
  const chat = await logOne(ask, MESSAGE)
  expect(chat).toMatchObject({ content: MESSAGE.content, enrichedFields: Object.values(fields) })
})

test('a setting holds for what is appended as well', async () => {
  const { id, ask } = await server.newTenant({ derives: true })
  const messages = [{ chat: { role: 'USER', ...MESSAGE } }]
  await log(ask, { externalId: 'grows', status: 'ACTIVE', messages })
  await server.admin(UPDATE, { input: { id, ...NOTHING_DERIVED } })
  const { chats } = await write(ask, 'appendMessages', { by: { externalId: 'grows' }, messages })
  expect(chats.map(({ enrichedFields }) => enrichedFields.length)).toEqual([4, 0])
  expect(chats.map(({ content }) => content.includes('ada@'))).toEqual([false, true])
})

test('a setting that is changed in the same operation holds for the writes behind it', async () => {
  const { id, asAccount } = await server.newTenant({ derives: true })
  const { secret } = await server.newKey({ scopes: ['ADMIN', 'CONVERSATIONS_WRITE', 'CONVERSATIONS_READ'] })
  const ask = server.as({ key: secret, tenantId: id })
  const { errors, data } = await ask(
    `mutation ($tenant: UpdateTenantInput!, $input: LogConversationInput!) {
      updateTenant(input: $tenant) { tenant { id } }
      logConversation(input: $input) { conversation { tokenCount } }
    }`,
    { tenant: { id, ...NOTHING_DERIVED }, input: { messages: [{ chat: { role: 'USER', ...MESSAGE } }] } },
  )
  expect(errors).toBeUndefined()
  expect(data.logConversation.conversation.tokenCount).toBe(0)
  expect((await asAccount(`{ viewer { tenant { ${SETTINGS} } } }`)).data.viewer.tenant).toEqual(NOTHING_DERIVED)
})

test('what is stored stays as it is when a setting or the model is changed', async () => {
  const { id, ask } = await server.newTenant()
  const { id: conversationId } = await log(ask, { messages: [{ chat: { role: 'USER', content: MESSAGE.content } }] })
  await server.admin(UPDATE, { input: { id, ...ALL } })
  const { errors } = await ask(
    'mutation ($input: UpdateConversationInput!) { updateConversation(input: $input) { conversation { id } } }',
    { input: { by: { id: conversationId }, model: 'gpt-4o' } },
  )
  expect(errors).toBeUndefined()
  const { data } = await ask(
    `query ($id: ID!) { conversation(by: { id: $id }) { costUsd messages { nodes { ... on ChatMessage { content enrichedFields } } } } }`,
    { id: conversationId },
  )
  expect(data.conversation).toEqual({
    costUsd: null,
    messages: { nodes: [{ content: MESSAGE.content, enrichedFields: [] }] },
  })
})

test('settings are in the audit log', async () => {
  const { id } = await server.newTenant({ derives: true })
  await server.admin(UPDATE, { input: { id, enrichment: { cost: false }, redactsPersonalData: false } })
  const { data } = await server.admin('{ auditEvents(first: 1) { nodes { action tenantId details } } }')
  expect(data.auditEvents.nodes).toEqual([
    { action: 'TENANT_UPDATED', tenantId: id, details: { derivesCost: false, redactsPersonalData: false } },
  ])
})

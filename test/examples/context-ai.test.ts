import { beforeAll, expect, test } from 'vitest'
import { startTestServer, TENANT_SCOPES } from '../support/server.ts'
import { isStory } from '../support/story.ts'
import { type Example, examplesOf, notRun } from './newcomer.ts'

isStory()

const server = await startTestServer()
// What is logged without a time of its own happened then.
server.clock.now = new Date('2026-03-02T09:30:00Z')

let account = ''
beforeAll(async () => {
  account = (await server.newKey({ scopes: TENANT_SCOPES })).secret
})

/** With the account's key, for a fresh tenant, of whose messages it derives what they lack, as Context.ai does. */
async function contextAi(): Promise<Example> {
  const { id } = await server.newTenant({ derives: true })
  return examplesOf('context-ai', server.as({ key: account, tenantId: id }))
}

test('tenants have ids of the caller’s own, and one account key serves them all', async () => {
  const example = examplesOf('context-ai', server.as({ key: account, tenantId: 'northwind-fc' }))
  await example('create-tenant', { ask: server.admin })
  await example('create-tenant', { ask: server.admin, variant: 'another' })
  const other = server.as({ key: account, tenantId: 'contoso-united' })
  await example('log-conversation')
  await example('get-conversation')
  await example('get-conversation', { ask: other, variant: 'of-another-tenant' })
  await example('list-conversations')
  await example('list-conversations', { ask: other, variant: 'of-another-tenant' })
})

test('a tenant needs no call of its own, with a key that may create tenants', async () => {
  const { secret } = await server.newKey({ scopes: TENANT_SCOPES, autoCreateTenants: true })
  const example = examplesOf('context-ai', server.as({ key: secret, tenantId: 'nobody-made-me' }))
  await example('log-conversation')
  await example('get-conversation')
})

test('a thread is created, appended to, and its messages are rated later', async () => {
  const example = await contextAi()
  await example('create-thread')
  await example('append-to-thread')
  await example('rate-messages')
  await example('rate-messages', { variant: 'unknown-message' })
  await example('get-conversation', { variant: 'rated' })
})

test('a thread may have an id of the caller’s own', async () => {
  const example = await contextAi()
  await example('append-to-thread', { variant: 'own-id' })
  await example('append-to-thread', { variant: 'own-id-again' })
})

test('conversations are listed by rating, sentiment, language, user, event and tool', async () => {
  const example = await contextAi()
  await example('log-conversation')
  await example('log-conversation', { variant: 'in-spanish' })
  await example('list-conversations', { variant: 'all' })
  await example('list-conversations', { variant: 'rated-bad' })
  await example('list-conversations', { variant: 'in-good-mood' })
  await example('list-conversations', { variant: 'in-spanish' })
  await example('list-conversations', { variant: 'of-a-user' })
})

test('every example is run', () => expect(notRun('context-ai')).toEqual([]))

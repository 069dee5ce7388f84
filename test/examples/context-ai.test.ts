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

test('what an analyser finds in messages is added later', async () => {
  const example = await contextAi()
  await example('log-conversation')
  await example('log-conversation', { variant: 'in-spanish' })
  await example('analyse-messages')
})

// Three conversations with the user sentiments 0.5; -0.5 and 0.75; 0.5, the ratings 1; -1; none, and the costs 0.002; 0.004;
// 0.006. On 24 February there were two: (0.5 - 0.5 + 0.75) / 3 = 0.25, (1 - 1) / 2 = 0 and (0.002 + 0.004) / 2 = 0.003. In
// all (0.5 - 0.5 + 0.75 + 0.5) / 4 = 0.3125. The trend of the second is 0.75 - -0.5 = 1.25 up, its mean 0.125.
// The second one has both topics. Shoes: (0.5 - 0.5 + 0.75) / 3 = 0.25, rated 1 and -1; hours: (-0.5 + 0.75 + 0.5) / 3 =
// 0.25, rated -1. u1 cost 0.002 + 0.006 = 0.008.
// What Parley does not carry: topics of single messages, and topics that it suggests itself.
test('sentiment, rating, cost and volume are series, also by topic and by user', async () => {
  const { id } = await server.newTenant()
  const example = examplesOf('context-ai', server.as({ key: account, tenantId: id }))
  await example('log-conversations')
  await example('series')
  await example('series', { variant: 'by-topic' })
  await example('series', { variant: 'by-user' })
  await example('list-conversations', { variant: 'on-a-topic' })
  await example('list-users')
})

test('every example is run', () => expect(notRun('context-ai')).toEqual([]))

import { beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, TENANT_SCOPES } from '../support/server.ts'
import { isStory } from '../support/story.ts'
import { type Example, examplesOf, notRun } from './newcomer.ts'

isStory()

const server = await startTestServer()
// What is logged without a time of its own happened then.
server.clock.now = new Date('2026-03-02T09:30:00Z')

/** The examples of a product, run with the key of a fresh tenant. */
async function freshTenant(product: string): Promise<Example> {
  return examplesOf(product, (await server.newTenant()).ask)
}

describe('Voxli', () => {
  const voxli = () => freshTenant('voxli')

  test('an agent is created by its unique identifier, once, and then updated', async () => {
    const example = await voxli()
    await example('upsert-agent')
    await example('upsert-agent', { variant: 'again' })
  })

  test('a finished conversation is logged with roles, a tool call, an internal event, agents and metadata', async () => {
    const example = await voxli()
    await example('log-conversation')
    await example('get-conversation')
  })

  test('an external id is logged once', async () => {
    const example = await voxli()
    await example('log-conversation')
    await example('log-conversation', { variant: 'again' })
  })

  test('internal events and the insides of tool calls are for those who score', async () => {
    const tenant = await server.newTenant()
    const reader = await server.newKey({ tenantId: tenant.id, scopes: ['CONVERSATIONS_READ'] })
    const example = examplesOf('voxli', tenant.ask)
    await example('log-conversation')
    await example('get-conversation', { variant: 'without-internals', ask: server.as({ key: reader.secret }) })
  })

  test('conversations are listed by page, filtered by metadata of one type', async () => {
    const example = await voxli()
    await example('log-conversation')
    await example('log-short-conversation')
    await example('log-short-conversation', { variant: 'another-store' })
    await example('list-conversations')
    await example('list-conversations', { variant: 'next-page' })
  })

  test('agents and description are changed later', async () => {
    const example = await voxli()
    await example('log-conversation')
    await example('update-conversation')
    await example('update-conversation', { variant: 'unlink-agents' })
  })

  test('a conversation is deleted', async () => {
    const example = await voxli()
    await example('log-conversation')
    await example('delete-conversation')
    await example('get-conversation', { variant: 'deleted' })
  })

  test('every example is run', () => expect(notRun('voxli')).toEqual([]))
})

describe('Converra', () => {
  /** With the agent that every conversation there has. */
  async function converra(): Promise<Example> {
    const example = await freshTenant('converra')
    await example('create-agent')
    return example
  }

  test('agents are listed', async () => {
    const example = await converra()
    await example('list-agents')
  })

  test('a text transcript is logged, with each pair of labels', async () => {
    const example = await converra()
    await example('log-transcript')
    await example('log-transcript', { variant: 'human-ai' })
    await example('log-transcript', { variant: 'customer-agent' })
    await example('log-transcript', { variant: 'no-label' })
  })

  test('messages are logged with metadata, feedback, company and JSON content, and once when sent again', async () => {
    const example = await converra()
    await example('log-conversation')
    await example('log-conversation', { variant: 'sent-again' })
    await example('log-conversation', { variant: 'unknown-agent' })
  })

  test('a conversation is started, grows and is closed by its last append', async () => {
    const example = await converra()
    await example('start-conversation')
    await example('append-messages')
    await example('append-messages', { variant: 'completed' })
    await example('append-messages', { variant: 'after-the-end' })
  })

  test('a conversation is completed exactly once', async () => {
    const example = await converra()
    await example('start-conversation')
    await example('complete-conversation')
    await example('complete-conversation', { variant: 'sent-again' })
    await example('complete-conversation', { variant: 'another-result' })
  })

  test('an agent’s conversations are counted by what became of them', async () => {
    const example = await converra()
    await example('start-conversation')
    await example('log-transcript')
    await example('log-conversation', { variant: 'second' })
    await example('insights')
  })

  test('every example is run', () => expect(notRun('converra')).toEqual([]))
})

describe('Context.ai', () => {
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
})

import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { isStory } from '../support/story.ts'
import { examplesOf, notRun } from './newcomer.ts'

isStory()

// Chatwoot's webhooks: message_created, conversation_updated, conversation_status_changed. What Parley does not carry: the
// status `snoozed` (it stays open), a survey's 1 to 5, and the person a conversation is assigned to, for whom there is no
// filter or group: `authorName` says only who wrote a message.
const server = await startTestServer()
server.clock.now = new Date('2026-03-02T09:02:00Z')

const tenant = await server.newTenant()
const example = examplesOf('chatwoot', tenant.ask)

// The webhook of message 1234 comes twice.
test('each message is appended once, however often its webhook comes', async () => {
  await example('message-created')
  await example('message-created', { variant: 'delivered-again' })
  await example('message-created', { variant: 'private-note' })
  await example('message-created', { variant: 'reply' })
  await example('conversation-updated')
})

test('a private note is for colleagues only', async () => {
  await example('get-conversation', { variant: 'by-a-colleague' })
  const customer = await server.newKey({ tenantId: tenant.id, scopes: ['CONVERSATIONS_READ'] })
  await example('get-conversation', { variant: 'by-the-customer', ask: server.as({ key: customer.secret }) })
})

test('a conversation is resolved once, and opened again', async () => {
  await example('status-changed')
  await example('status-changed')
  await example('status-changed-to-open')
})

// One user message, whose sentiment is -0.6: so is that of its conversation, user and intent.
test('an analyser adds sentiment, language, translation and intent', async () => {
  await example('analyse')
  await example('by-end-user')
})

test('every example is run', () => expect(notRun('chatwoot')).toEqual([]))

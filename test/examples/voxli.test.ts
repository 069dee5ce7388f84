import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { isStory } from '../support/story.ts'
import { examplesOf, notRun } from './newcomer.ts'

isStory()

const server = await startTestServer()
// What is logged without a time of its own happened then.
server.clock.now = new Date('2026-03-02T09:30:00Z')

const voxli = async () => examplesOf('voxli', (await server.newTenant()).ask)

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

// 7 of 11 points are 63 %, rounded down as Voxli does. Numbers in an analysis can't be compared or averaged; tags can be
// searched and counted. Actions that an event offers are part of its payload.
test('scores are kept with the conversation, and what is to be scored is found', async () => {
  const example = await voxli()
  await example('log-conversation')
  await example('score-conversation')
  await example('log-short-conversation')
  await example('list-scores', { variant: 'failed' })
  await example('list-scores', { variant: 'to-score' })
})

// Two conversations of store 245, one with a tool call, and one of the store "245", which is another.
test('quality is followed by metadata', async () => {
  const example = await voxli()
  await example('log-conversation')
  await example('log-short-conversation')
  await example('log-short-conversation', { variant: 'another-store' })
  await example('quality')
})

test('every example is run', () => expect(notRun('voxli')).toEqual([]))

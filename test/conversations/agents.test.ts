import { expect, test } from 'vitest'
import { type Ask, startTestServer } from '../support/server.ts'
import { refusals, stored, write } from './writes.ts'

const server = await startTestServer()
const AGENT = 'agent { id externalId name description systemPrompt model tags status }'

const create = (ask: Ask, input: Record<string, unknown>) => write(ask, 'createAgent', input, AGENT)
const upsert = (ask: Ask, input: Record<string, unknown>) => write(ask, 'upsertAgent', input, AGENT)
const update = (ask: Ask, input: Record<string, unknown>) => write(ask, 'updateAgent', input, AGENT)

const ID = expect.stringMatching(/^agent_[0-9a-z]{26}$/)
const BLANK_AGENT = {
  ...{ id: ID, externalId: null, description: null, systemPrompt: null, model: null, tags: [], status: 'ACTIVE' },
}
const FULL = {
  ...{ externalId: 'bot-1', name: 'Böt 🤖', description: 'd', systemPrompt: 'You are\nkind.', model: 'm' },
  ...{ tags: ['a', 'b'], status: 'DRAFT' },
}

test('an agent is created with a name alone, or with all there is to say', async () => {
  const { ask } = await server.newTenant()
  expect((await create(ask, { name: 'Bot' })).data.createAgent.agent).toEqual({ ...BLANK_AGENT, name: 'Bot' })
  const full = await create(ask, { ...FULL, tags: ['a', 'b', 'a'] })
  expect(full.data.createAgent.agent).toEqual({ id: ID, ...FULL })
  const again = await create(ask, { name: 'Bot' })
  expect(again.data.createAgent.agent).toEqual({ ...BLANK_AGENT, name: 'Bot' })
  expect((await ask('{ agents { nodes { name } } }')).data.agents.nodes).toEqual([
    { name: 'Bot' },
    { name: 'Böt 🤖' },
    { name: 'Bot' },
  ])
})

test('an external id names one agent of a tenant', async () => {
  const [one, other] = [await server.newTenant(), await server.newTenant()]
  const { data } = await create(one.ask, { name: 'a', externalId: 'x' })
  expect(refusals(await create(one.ask, { name: 'b', externalId: 'x' }))).toEqual([
    'EXTERNAL_ID_TAKEN input.externalId',
  ])
  const elsewhere = await create(other.ask, { name: 'c', externalId: 'x' })
  expect(elsewhere.data.createAgent.agent.id).not.toBe(data.createAgent.agent.id)
})

test('upserting changes what is given of the agent that exists, or makes one', async () => {
  const { ask } = await server.newTenant()
  const first = await upsert(ask, { externalId: 'x' })
  expect(first.data.upsertAgent.agent).toEqual({ ...BLANK_AGENT, externalId: 'x', name: 'x' })
  const before = await stored(server)
  const second = await upsert(ask, { externalId: 'x' })
  expect(second.data.upsertAgent.agent).toEqual(first.data.upsertAgent.agent)
  expect(await stored(server)).toEqual(before)
  const third = await upsert(ask, { ...FULL, externalId: 'x' })
  expect(third.data.upsertAgent.agent).toEqual({ ...first.data.upsertAgent.agent, ...FULL, externalId: 'x' })
  const named = await upsert(ask, { externalId: 'y', name: 'Y' })
  expect(named.data.upsertAgent.agent).toEqual({ ...BLANK_AGENT, externalId: 'y', name: 'Y' })
})

test('each field of an agent is changed alone; null clears', async () => {
  const { ask } = await server.newTenant()
  const { id } = (await create(ask, FULL)).data.createAgent.agent
  let expected: Record<string, unknown> = { id, ...FULL }
  for (const change of [
    {},
    ...[{ name: 'New' }, { description: 'D' }, { systemPrompt: 'P' }, { model: 'M' }, { status: 'DEPRECATED' }],
    ...[{ tags: ['c'] }, { description: null }, { systemPrompt: null }, { model: null }],
  ]) {
    expected = { ...expected, ...change }
    expect((await update(ask, { by: { id }, ...change })).data.updateAgent.agent).toEqual(expected)
  }
  const { data } = await update(ask, { by: { externalId: 'bot-1' }, tags: null })
  expect(data.updateAgent.agent).toEqual({ ...expected, tags: [] })
})

test('an archived agent stays, and archiving it again changes nothing', async () => {
  const { ask } = await server.newTenant()
  const { id } = (await create(ask, FULL)).data.createAgent.agent
  const archive = (by: object) => write(ask, 'archiveAgent', { by }, AGENT)
  expect((await archive({ id })).data.archiveAgent.agent).toEqual({ id, ...FULL, status: 'ARCHIVED' })
  const before = await stored(server)
  for (const by of [{ id }, { externalId: 'bot-1' }])
    expect((await archive(by)).data.archiveAgent.agent).toEqual({ id, ...FULL, status: 'ARCHIVED' })
  expect(await stored(server)).toEqual(before)
})

const AN_ID = 'agent_01h455vb4pex5vsknk084sn02q'

test.each([
  ['createAgent', { name: '' }, 'BAD_USER_INPUT input.name'],
  ['createAgent', { name: '\t\n ' }, 'BAD_USER_INPUT input.name'],
  ['createAgent', { name: 'x'.repeat(257) }, 'LIMIT_EXCEEDED input.name'],
  ['createAgent', { name: 'a', externalId: '' }, 'BAD_USER_INPUT input.externalId'],
  ['createAgent', { name: 'a', externalId: 'x'.repeat(257) }, 'LIMIT_EXCEEDED input.externalId'],
  ['createAgent', { name: 'a', description: 'x'.repeat(10_001) }, 'LIMIT_EXCEEDED input.description'],
  ['createAgent', { name: 'a', systemPrompt: 'x'.repeat(262_145) }, 'LIMIT_EXCEEDED input.systemPrompt'],
  ['createAgent', { name: 'a', tags: Array(51).fill('t') }, 'LIMIT_EXCEEDED input.tags'],
  ['createAgent', { name: 'a', tags: ['t', 'x'.repeat(257)] }, 'LIMIT_EXCEEDED input.tags[1]'],
  ['createAgent', { name: 'a', status: 'GONE' }, 'BAD_USER_INPUT input.status'],
  ['createAgent', {}, 'BAD_USER_INPUT input'],
  ['upsertAgent', { externalId: ' ' }, 'BAD_USER_INPUT input.externalId'],
  ['upsertAgent', { externalId: 'x', name: '' }, 'BAD_USER_INPUT input.name'],
  ['upsertAgent', { externalId: 'x', name: null }, 'BAD_USER_INPUT input.name'],
  ['upsertAgent', { externalId: 'x', status: null }, 'BAD_USER_INPUT input.status'],
  ['upsertAgent', { externalId: 'x', model: 'x'.repeat(257) }, 'LIMIT_EXCEEDED input.model'],
  ['upsertAgent', { externalId: 'x', tags: Array(51).fill('t') }, 'LIMIT_EXCEEDED input.tags'],
  ['updateAgent', { by: { id: AN_ID } }, 'NOT_FOUND input.by.id'],
  ['updateAgent', { by: { id: 'conv_01h455vb4pex5vsknk084sn02q' } }, 'NOT_FOUND input.by.id'],
  ['updateAgent', { by: { id: AN_ID }, name: null }, 'BAD_USER_INPUT input.name'],
  ['updateAgent', { by: { id: AN_ID }, status: null }, 'BAD_USER_INPUT input.status'],
  ['updateAgent', { by: { id: AN_ID }, model: 'x'.repeat(257) }, 'LIMIT_EXCEEDED input.model'],
  ['updateAgent', { by: { externalId: 'none' } }, 'NOT_FOUND input.by.externalId'],
  ['updateAgent', { by: { id: AN_ID, externalId: 'x' } }, 'BAD_USER_INPUT input.by'],
  ['archiveAgent', { by: { externalId: 'none' } }, 'NOT_FOUND input.by.externalId'],
  ['archiveAgent', {}, 'BAD_USER_INPUT input'],
  ['archiveAgent', { by: { id: AN_ID } }, 'NOT_FOUND input.by.id'],
  ['archiveAgent', { by: { id: AN_ID.toUpperCase() } }, 'NOT_FOUND input.by.id'],
])('%s %#: refused and nothing stored', async (mutation, input, refusal) => {
  const { ask } = await server.newTenant()
  const before = await stored(server)
  expect(refusals(await write(ask, mutation, input, 'agent { id }'))).toEqual([refusal])
  expect(await stored(server)).toEqual(before)
})

import { expect, test } from 'vitest'
import { type Ask, startTestServer } from '../support/server.ts'
import { logged, read, refusals, stored, write } from './writes.ts'

const server = await startTestServer()

const remove = (ask: Ask, input: Record<string, unknown>) => write(ask, 'deleteConversation', input, 'deletedId')

const FULL = { metadata: { a: { b: [1, 'x'] } }, agents: [{ externalId: 'bot' }] }

test('a conversation goes with its messages, metadata and links; the agent stays', async () => {
  const { ask } = await server.newTenant()
  await write(ask, 'upsertAgent', { externalId: 'bot' }, 'agent { id }')
  const kept = await logged(ask, { externalId: 'kept', ...FULL })
  const before = await stored(server)
  const { id } = await logged(ask, { externalId: 'gone', ...FULL })
  expect(await stored(server)).not.toEqual(before)

  const { data } = await remove(ask, { by: { id } })
  expect(data.deleteConversation).toEqual({ deletedId: id })
  expect(await stored(server)).toEqual(before)
  expect(await read(ask, id)).toBeNull()
  expect(await read(ask, kept.id, 'externalId messageCount')).toEqual({ externalId: 'kept', messageCount: 2 })
})

test('by its external id too, which is then free again', async () => {
  const { ask } = await server.newTenant()
  const { id } = await logged(ask, { externalId: 'x' })
  expect((await remove(ask, { by: { externalId: 'x' } })).data.deleteConversation).toEqual({ deletedId: id })
  expect((await logged(ask, { externalId: 'x' })).id).not.toBe(id)
})

test('a second time there is nothing to delete', async () => {
  const { ask } = await server.newTenant()
  const { id, messages } = await logged(ask, { externalId: 'x' })
  await remove(ask, { by: { id } })
  expect(refusals(await remove(ask, { by: { id } }))).toEqual(['NOT_FOUND input.by.id'])
  expect(refusals(await remove(ask, { by: { externalId: 'x' } }))).toEqual(['NOT_FOUND input.by.externalId'])
  const rated = await write(ask, 'updateMessages', {
    by: { id },
    messages: [{ by: { id: messages[0] }, rating: 1 }],
  })
  expect(refusals(rated)).toEqual(['NOT_FOUND input.by.id'])
  const { data } = await ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: [id, ...messages] })
  expect(data.nodes).toEqual([null, null, null])
})

test.each([
  [{}, 'BAD_USER_INPUT input'],
  [{ by: {} }, 'BAD_USER_INPUT input.by'],
  [{ by: { id: '', externalId: '' } }, 'BAD_USER_INPUT input.by'],
  [{ by: { id: 'conv_' } }, 'NOT_FOUND input.by.id'],
  [{ by: { id: 'agent_01h455vb4pex5vsknk084sn02q' } }, 'NOT_FOUND input.by.id'],
  [{ by: { externalId: '' } }, 'NOT_FOUND input.by.externalId'],
])('deletion %# is refused and deletes nothing', async (input, refusal) => {
  const { ask } = await server.newTenant()
  await logged(ask)
  const before = await stored(server)
  expect(refusals(await remove(ask, input))).toEqual([refusal])
  expect(await stored(server)).toEqual(before)
})

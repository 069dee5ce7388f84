import { expect, test } from 'vitest'
import { follow } from '../support/live.ts'
import { startTestServer } from '../support/server.ts'
import { append, log, remove, update } from './conversations.ts'

const server = await startTestServer()

const UPDATED = `subscription ($id: ID!) {
  conversationUpdated(id: $id) { status messageCount feedback agents { name } messages(last: 1) { nodes { sequence } } }
}`

const stateOf = (status: string, messageCount: number, feedback: string | null = null) => ({
  data: {
    conversationUpdated: {
      ...{ status, messageCount, feedback, agents: [] },
      messages: { nodes: messageCount === 0 ? [] : [{ sequence: messageCount - 1 }] },
    },
  },
})

test('a conversation is told as it is at once, and again after each change', async () => {
  const { ask, key } = await server.newTenant()
  const id = await log(ask, { messages: [] })
  const live = await follow(server, { key }, UPDATED, { id })
  expect(live.status).toBe(200)
  expect(live.headers.get('content-type')).toBe('text/event-stream')
  expect(await live.next()).toEqual(stateOf('ACTIVE', 0))
  await append(ask, id, ['Hello'])
  expect(await live.next()).toEqual(stateOf('ACTIVE', 1))
  await update(ask, id, { feedback: 'Good', metadata: { a: 1 } })
  expect(await live.next()).toEqual(stateOf('ACTIVE', 1, 'Good'))
  await append(ask, id, ['Bye'], { status: 'COMPLETED' })
  expect(await live.next()).toEqual(stateOf('COMPLETED', 2, 'Good'))
})

test('changes of other conversations are not told, and several at once are told as one state', async () => {
  const { ask, key } = await server.newTenant()
  const [id, other] = [await log(ask), await log(ask)]
  const live = await follow(server, { key }, UPDATED, { id })
  expect(await live.next()).toEqual(stateOf('ACTIVE', 1))
  await append(ask, other, ['Not this one'])
  await Promise.all(['a', 'b', 'c'].map((text) => append(ask, id, [text])))
  // However many looks it took to get there: nothing but states of this one, and at last the newest.
  for (let count = 1; count < 4; ) {
    const data = await live.data()
    const { messageCount } = data.conversationUpdated
    expect({ data }).toEqual(stateOf('ACTIVE', messageCount))
    expect(messageCount).toBeGreaterThan(count)
    count = messageCount
  }
})

test('the stream completes when the conversation is deleted', async () => {
  const { ask, key } = await server.newTenant()
  const id = await log(ask)
  const live = await follow(server, { key }, UPDATED, { id })
  expect(await live.next()).toEqual(stateOf('ACTIVE', 1))
  await remove(ask, id)
  expect(await live.next()).toBeNull()
})

test('what is not there is NOT_FOUND: deleted, unknown, of another type or another tenant', async () => {
  const { ask, key } = await server.newTenant()
  const other = await server.newTenant()
  const [deleted, foreign] = [await log(ask), await log(other.ask)]
  await remove(ask, deleted)
  const ids = [
    deleted,
    foreign,
    'conv_01hzzzzzzzfyya0000000000000',
    'conv_',
    'nonsense',
    deleted.replace('conv', 'msg'),
  ]
  for (const id of ids) {
    const live = await follow(server, { key }, UPDATED, { id })
    expect(await live.next(), id).toEqual({
      errors: [
        expect.objectContaining({
          message: 'No such conversation.',
          extensions: { code: 'NOT_FOUND', inputPath: 'id' },
        }),
      ],
    })
    expect(await live.next()).toBeNull()
  }
})

import { expect, test } from 'vitest'
import { type Ask, startTestServer } from '../support/server.ts'
import { logged, read, refusals, said, stored, write } from './writes.ts'

const server = await startTestServer()

const rate = (ask: Ask, input: Record<string, unknown>) =>
  write(ask, 'rateMessages', input, 'conversation { id } messages { id ... on ChatMessage { rating } }')

async function stand(status = 'COMPLETED') {
  const tenant = await server.newTenant()
  const messages = [
    said('a'),
    said('b', 'ASSISTANT'),
    { tool: { name: 't' } },
    { chat: { role: 'USER', content: 'c', rating: 1 } },
  ]
  return { ...tenant, ...(await logged(tenant.ask, { externalId: 'x', status, messages })) }
}

const ratings = async (ask: Ask, id: string) =>
  (await read(ask, id, 'messages { nodes { ... on ChatMessage { rating } } }')).messages.nodes.map(
    (message: { rating?: number | null }) => message.rating,
  )

test.each(['ACTIVE', 'COMPLETED'])(
  'messages of a conversation that is %s are rated, and answered in the order given',
  async (status) => {
    const { ask, id, messages } = await stand(status)
    const given = [
      { messageId: messages[3], rating: 0 },
      { messageId: messages[0], rating: -1 },
      { messageId: messages[1], rating: 1 },
    ]
    const { data, errors } = await rate(ask, { by: { id }, ratings: given })
    expect(errors).toBeUndefined()
    expect(data.rateMessages).toEqual({
      conversation: { id },
      messages: given.map(({ messageId, rating }) => ({ id: messageId, rating })),
    })
    expect(await ratings(ask, id)).toEqual([-1, 1, undefined, 0])
  },
)

test('null, or no rating, takes one back', async () => {
  const { ask, id, messages } = await stand()
  await rate(ask, { by: { externalId: 'x' }, ratings: [{ messageId: messages[0], rating: 1 }] })
  await rate(ask, {
    by: { externalId: 'x' },
    ratings: [{ messageId: messages[0], rating: null }, { messageId: messages[3] }],
  })
  expect(await ratings(ask, id)).toEqual([null, null, undefined, null])
})

test('one wrong rating refuses them all', async () => {
  const { ask, id, messages } = await stand()
  const foreign = (await stand()).messages[0]
  const elsewhere = (await logged(ask)).messages[0]
  const before = await stored(server)
  for (const [wrong, refusal] of [
    [{ messageId: 'msg_01h455vb4pex5vsknk084sn02q', rating: 1 }, 'NOT_FOUND input.ratings[1].messageId'],
    [{ messageId: 'nonsense', rating: 1 }, 'NOT_FOUND input.ratings[1].messageId'],
    [{ messageId: id, rating: 1 }, 'NOT_FOUND input.ratings[1].messageId'],
    [{ messageId: foreign, rating: 1 }, 'NOT_FOUND input.ratings[1].messageId'],
    [{ messageId: elsewhere, rating: 1 }, 'NOT_FOUND input.ratings[1].messageId'],
    [{ messageId: messages[2], rating: 1 }, 'NOT_FOUND input.ratings[1].messageId'],
    [{ messageId: messages[0], rating: 1 }, 'BAD_USER_INPUT input.ratings[1].messageId'],
    [{ messageId: messages[1], rating: 2 }, 'BAD_USER_INPUT input.ratings[1].rating'],
    [{ messageId: messages[1], rating: 0.5 }, 'BAD_USER_INPUT input.ratings[1].rating'],
    [{ rating: 1 }, 'BAD_USER_INPUT input.ratings[1]'],
  ]) {
    const answer = await rate(ask, { by: { id }, ratings: [{ messageId: messages[0], rating: -1 }, wrong] })
    expect(refusals(answer)).toEqual([refusal])
  }
  expect(await stored(server)).toEqual(before)
})

test.each([
  [{ by: { externalId: 'x' }, ratings: [] }, 'BAD_USER_INPUT input.ratings'],
  [{ by: { externalId: 'none' }, ratings: [{ messageId: 'msg_x' }] }, 'NOT_FOUND input.by.externalId'],
  [{ ratings: [{ messageId: 'msg_x' }] }, 'BAD_USER_INPUT input'],
  [{ by: {}, ratings: [{ messageId: 'msg_x' }] }, 'BAD_USER_INPUT input.by'],
  [{ by: { externalId: 'x' }, ratings: Array(5_001).fill({ messageId: 'msg_x' }) }, 'LIMIT_EXCEEDED input.ratings'],
])('rating %# is refused', async (input, refusal) => {
  const { ask } = await stand()
  expect(refusals(await rate(ask, input))).toEqual([refusal])
})

test('5,000 messages are rated at once', async () => {
  const { ask } = await server.newTenant()
  const messages = Array.from({ length: 5_000 }, (_, i) => said(`${i}`))
  const { data } = await write(
    ask,
    'appendMessages',
    { by: { externalId: 'x' }, createIfMissing: true, messages },
    'appendedMessages { id }',
  )
  const given = data.appendMessages.appendedMessages.map(({ id }: { id: string }) => ({ messageId: id, rating: 1 }))
  expect(given).toHaveLength(5_000)
  const answer = await write(ask, 'rateMessages', { by: { externalId: 'x' }, ratings: given }, 'messages { id }')
  expect(answer.data.rateMessages.messages).toHaveLength(5_000)
})

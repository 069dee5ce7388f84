import { expect, test } from 'vitest'
import { type Ask, startTestServer, type TestTenant } from '../support/server.ts'
import { contentsOf, logged, read, refusals, said, stored, write } from './writes.ts'

const server = await startTestServer()

/** Each write of a tenant that takes an idempotency key: what to call it with, what with instead, what to select. */
const WRITES: Record<string, { make: (ids: Ids) => object; other: object; selection: string }> = {
  createAgent: { make: () => ({ name: 'A' }), other: { name: 'B' }, selection: 'agent { id name }' },
  registerAgent: { make: () => ({ externalId: 'r' }), other: { externalId: 's' }, selection: 'agent { id }' },
  updateAgent: {
    make: ({ agent }) => ({ id: agent, name: 'N' }),
    other: { name: 'M' },
    selection: 'agent { id name }',
  },
  archiveAgent: { make: ({ agent }) => ({ id: agent }), other: { id: 'agent_x' }, selection: 'agent { id status }' },
  logConversation: {
    make: () => ({ messages: [said('a')], metadata: { b: 1, a: [{ d: 1, c: 2 }] } }),
    other: { metadata: { b: 1, a: [{ d: 1, c: 3 }] } },
    selection: 'created conversation { id metadata }',
  },
  appendMessages: {
    make: ({ conversation }) => ({ conversationId: conversation, messages: [said('new')], metadata: { a: 1 } }),
    other: { metadata: { a: '1' } },
    selection: 'created conversation { id } appendedMessages { id sequence }',
  },
  completeConversation: {
    make: ({ conversation }) => ({ conversationId: conversation, endedAt: '2026-01-01T00:00:00Z' }),
    other: { status: 'FAILED' },
    selection: 'conversation { id status }',
  },
  updateConversation: {
    make: ({ conversation }) => ({ conversationId: conversation, campaign: 'c', feedback: null }),
    other: { feedback: '' },
    selection: 'conversation { id campaign updatedAt }',
  },
  rateMessages: {
    make: ({ conversation, message }) => ({
      conversationId: conversation,
      ratings: [{ messageId: message, rating: 1 }],
    }),
    other: { ratings: [] },
    selection: 'conversation { id updatedAt } messages { id }',
  },
  deleteConversation: {
    make: ({ conversation }) => ({ conversationId: conversation }),
    other: { conversationId: 'conv_x' },
    selection: 'deletedId',
  },
}

interface Ids {
  agent: string
  conversation: string
  message: string
}

async function stand(): Promise<TestTenant & Ids> {
  const tenant = await server.newTenant()
  const { data } = await write(tenant.ask, 'createAgent', { name: 'Stand' }, 'agent { id }')
  const { id, messages } = await logged(tenant.ask, { status: 'ACTIVE', startedAt: '2025-01-01T00:00:00Z' })
  return { ...tenant, agent: data.createAgent.agent.id, conversation: id, message: messages[0] ?? '' }
}

const backwards = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(backwards)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, backwards(item)]),
  )
}

test.each(Object.entries(WRITES))(
  '%s writes once for a key, however often it is sent',
  async (mutation, { make, other, selection }) => {
    const tenant = await stand()
    const input = { ...make(tenant), idempotencyKey: 'key ✓' }
    const first = await write(tenant.ask, mutation, input, selection)
    expect(first.errors).toBeUndefined()
    const after = await stored(server)
    for (const same of [input, backwards(input)]) {
      const again = await write(tenant.ask, mutation, same, selection)
      expect(again.errors).toBeUndefined()
      expect(again.data).toEqual(first.data)
    }
    const conflict = await write(tenant.ask, mutation, { ...input, ...other }, selection)
    expect(refusals(conflict)).toEqual(['IDEMPOTENCY_CONFLICT input.idempotencyKey'])
    expect(await stored(server)).toEqual(after)
  },
)

test('a key is good for one mutation alone', async () => {
  const { ask } = await server.newTenant()
  await write(ask, 'registerAgent', { externalId: 'x', idempotencyKey: 'k' }, 'agent { id }')
  const answer = await write(ask, 'createAgent', { name: 'x', externalId: 'x', idempotencyKey: 'k' }, 'agent { id }')
  expect(refusals(answer)).toEqual(['IDEMPOTENCY_CONFLICT input.idempotencyKey'])
})

test('the same key in two tenants is two keys', async () => {
  const [one, other] = [await server.newTenant(), await server.newTenant()]
  const send = (ask: Ask, content: string) =>
    write(ask, 'logConversation', { messages: [said(content)], idempotencyKey: 'k' })
  const first = await send(one.ask, 'mine')
  const second = await send(other.ask, 'theirs')
  expect(await contentsOf(one.ask, first.data.logConversation.conversation.id)).toEqual(['mine'])
  expect(await contentsOf(other.ask, second.data.logConversation.conversation.id)).toEqual(['theirs'])
})

test('a write that failed does not use up its key', async () => {
  const { ask } = await server.newTenant()
  const append = (input: object) =>
    write(ask, 'appendMessages', { externalId: 'x', messages: [said('a')], idempotencyKey: 'k', ...input }, 'created')
  expect(refusals(await append({ metadata: { a: 'x'.repeat(102_400) } }))).toEqual(['NOT_FOUND input.externalId'])
  expect((await append({ createIfMissing: true })).data.appendMessages).toEqual({ created: true })
})

test('the first answer stands although the world has moved on', async () => {
  const { ask, conversation, message } = await stand()
  const rating = { conversationId: conversation, ratings: [{ messageId: message, rating: 1 }], idempotencyKey: 'rate' }
  const closing = { conversationId: conversation, idempotencyKey: 'close' }
  await write(ask, 'rateMessages', rating)
  await write(ask, 'completeConversation', closing)
  const back = { conversationId: conversation, ratings: [{ messageId: message, rating: -1 }] }
  await write(ask, 'rateMessages', back)
  expect((await write(ask, 'rateMessages', rating)).errors).toBeUndefined()
  const selection = 'messages(first: 1) { nodes { ... on ChatMessage { rating } } }'
  expect(await read(ask, conversation, selection)).toEqual({ messages: { nodes: [{ rating: -1 }] } })

  await write(ask, 'deleteConversation', { conversationId: conversation, idempotencyKey: 'gone' }, 'deletedId')
  expect(refusals(await write(ask, 'completeConversation', closing))).toEqual(['NOT_FOUND'])
  const gone = await write(
    ask,
    'deleteConversation',
    { conversationId: conversation, idempotencyKey: 'gone' },
    'deletedId',
  )
  expect(gone.data.deleteConversation).toEqual({ deletedId: conversation })
})

test.each([
  ['', 'BAD_USER_INPUT'],
  [' \t', 'BAD_USER_INPUT'],
  ['x'.repeat(257), 'LIMIT_EXCEEDED'],
  ['a\0b', 'BAD_USER_INPUT'],
])('key %# is refused', async (idempotencyKey, code) => {
  const { ask } = await server.newTenant()
  const before = await stored(server)
  const answer = await write(ask, 'logConversation', { messages: [said('a')], idempotencyKey })
  expect(refusals(answer)).toEqual([`${code} input.idempotencyKey`])
  expect(await stored(server)).toEqual(before)
})

test('null is no key', async () => {
  const { ask } = await server.newTenant()
  const send = () => write(ask, 'logConversation', { messages: [said('a')], idempotencyKey: null })
  const [first, second] = [await send(), await send()]
  expect(first.data.logConversation.conversation.id).not.toBe(second.data.logConversation.conversation.id)
})

test('what is kept for a retry holds ids alone', async () => {
  const { ask } = await server.newTenant()
  const message = { chat: { role: 'USER', content: 'very private', metadata: { secret: 'very private' } } }
  await write(ask, 'logConversation', {
    messages: [message],
    metadata: { a: 'very private' },
    idempotencyKey: 'private',
  })
  const [row] = await server.owner(`SELECT * FROM idempotency_keys WHERE key = 'private'`)
  expect(row?.['answer']).toEqual({ created: true, conversationId: expect.stringMatching(/^[0-9a-f-]{36}$/) })
  expect(JSON.stringify(row)).not.toContain('very private')
})

test('a retry whose conversation was deleted since is CONVERSATION_DELETED, alone and among others', async () => {
  const { ask } = await server.newTenant()
  const create = { externalId: 'r', idempotencyKey: 'log', messages: [said('a')] }
  const append = { externalId: 's', createIfMissing: true, idempotencyKey: 'append', messages: [said('a')] }
  await write(ask, 'logConversation', create, 'created')
  await write(ask, 'appendMessages', append, 'created')
  for (const externalId of ['r', 's']) await write(ask, 'deleteConversation', { externalId }, 'deletedId')

  const deleted = ['CONVERSATION_DELETED input.idempotencyKey']
  expect(refusals(await write(ask, 'logConversation', create, 'created'))).toEqual(deleted)
  expect(refusals(await write(ask, 'appendMessages', append, 'created'))).toEqual(deleted)
  const { data } = await ask(
    'mutation ($inputs: [LogConversationInput!]!) { logConversations(inputs: $inputs) { results { created error { code inputPath } } } }',
    { inputs: [{ messages: [said('b')] }, create] },
  )
  expect(data.logConversations.results).toEqual([
    { created: true, error: null },
    { created: null, error: { code: 'CONVERSATION_DELETED', inputPath: 'inputs[1].idempotencyKey' } },
  ])
  expect((await ask('{ conversations { totalCount } }')).data.conversations.totalCount).toBe(1)
})

import { expect, test } from 'vitest'
import { type Ask, startTestServer } from '../support/server.ts'
import { BLANK, CONVERSATION, contentsOf, logged, MESSAGE, read, refusals, said, stored, write } from './writes.ts'

const server = await startTestServer()
const START = '2026-03-01T12:00:00.000Z'
const LATER = '2026-03-01T12:05:00.000Z'

const append = (ask: Ask, input: Record<string, unknown>, selection = 'created conversation { id status }') =>
  write(ask, 'appendMessages', input, selection)

async function open(more: Record<string, unknown> = {}) {
  const { ask } = await server.newTenant()
  const first = { chat: { role: 'USER', content: 'Hello', timestamp: START } }
  const { id } = await logged(ask, { externalId: 'x', status: 'ACTIVE', messages: [first], ...more })
  return { ask, id }
}

test('messages are added behind those there are, and answered in order', async () => {
  const { ask, id } = await open()
  const messages = [
    { chat: { role: 'ASSISTANT', content: 'Hi', timestamp: LATER, tokenCount: 3, costUsd: 0.5 } },
    { tool: { name: 't' } },
  ]
  const { data } = await append(
    ask,
    { by: { id }, messages },
    `created conversation { id } appendedMessages { ${MESSAGE} }`,
  )
  expect(data.appendMessages).toEqual({
    created: false,
    conversation: { id },
    appendedMessages: [
      {
        ...{
          __typename: 'ChatMessage',
          id: expect.stringMatching(/^msg_/),
          sequence: 1,
          timestamp: LATER,
          agent: null,
        },
        ...{ metadata: {}, role: 'ASSISTANT', content: 'Hi', model: null, tokenCount: 3, costUsd: 0.5 },
        ...{
          latencyMs: null,
          rating: null,
          sentiment: null,
          language: null,
          translation: null,
          understood: null,
          intent: null,
          reply: null,
        },
        ...{ participantId: null, endedAt: null, externalId: null, authorName: null, attachments: [] },
      },
      {
        ...{ __typename: 'ToolCall', id: expect.stringMatching(/^msg_/), sequence: 2, timestamp: expect.any(String) },
        ...{ agent: null, metadata: {}, name: 't', input: null, output: null, thought: null, error: null },
        ...{ failed: false, durationMs: null, costUsd: null, externalId: null },
      },
    ],
  })
  const after = await read(
    ask,
    id,
    'messageCount userMessageCount assistantMessageCount toolCallCount tokenCount costUsd',
  )
  expect(after).toEqual({
    ...{ messageCount: 3, userMessageCount: 1, assistantMessageCount: 1, toolCallCount: 1 },
    ...{ tokenCount: 3, costUsd: 0.5 },
  })
})

test('a conversation is found by its external id as well', async () => {
  const { ask, id } = await open()
  const { data } = await append(ask, { by: { externalId: 'x' }, messages: [said('More')] })
  expect(data.appendMessages).toEqual({ created: false, conversation: { id, status: 'ACTIVE' } })
  expect(await contentsOf(ask, id)).toEqual(['Hello', 'More'])
})

test('the same call sets the status, merges metadata, adds agents and closes', async () => {
  const { ask, id } = await open({ status: 'QUEUED', metadata: { a: 1, b: { c: 2 } }, agents: [{ externalId: 'one' }] })
  const going = {
    ...{ by: { id }, messages: [{ chat: { role: 'USER', content: 'a', timestamp: LATER } }], status: 'ACTIVE' },
    ...{ metadata: { b: { d: 3 }, e: null }, agents: [{ externalId: 'two' }, { externalId: 'one' }] },
  }
  const { data } = await append(ask, going, `conversation { ${CONVERSATION} }`)
  const expected = {
    ...{ ...BLANK, id, externalId: 'x', startedAt: START, lastMessageAt: LATER, messageCount: 2, userMessageCount: 2 },
    ...{ metadata: { a: 1, b: { d: 3 }, e: null }, agents: [{ externalId: 'one' }, { externalId: 'two' }] },
  }
  const still = { status: 'ACTIVE', endedAt: null, durationMs: null }
  expect(data.appendMessages.conversation).toEqual({ ...expected, ...still })
  const found = await ask('{ conversations(filter: { metadata: [{ path: ["b", "d"], eq: 3 }] }) { nodes { id } } }')
  expect(found.data.conversations.nodes).toEqual([{ id }])

  const last = { event: { name: 'bye', timestamp: '2026-03-01T12:04:00.000Z' } }
  const closed = await append(
    ask,
    { by: { id }, messages: [last], status: 'ABANDONED' },
    `conversation { ${CONVERSATION} }`,
  )
  const over = { status: 'ABANDONED', endedAt: LATER, durationMs: 300_000, messageCount: 3 }
  expect(closed.data.appendMessages.conversation).toEqual({ ...expected, ...over })
})

test('the end may be given with a final status, and lies behind the start', async () => {
  const { ask, id } = await open()
  const close = (more: Record<string, unknown>) =>
    append(ask, { by: { id }, messages: [said('Bye')], ...more }, 'conversation { endedAt durationMs }')
  expect(refusals(await close({ endedAt: LATER }))).toEqual(['BAD_USER_INPUT input.endedAt'])
  expect(refusals(await close({ endedAt: LATER, status: 'ACTIVE' }))).toEqual(['BAD_USER_INPUT input.endedAt'])
  const before = '2026-03-01T11:59:59.999Z'
  expect(refusals(await close({ endedAt: before, status: 'COMPLETED' }))).toEqual(['BAD_USER_INPUT input.endedAt'])
  expect(await contentsOf(ask, id)).toEqual(['Hello'])
  const { data } = await close({ endedAt: LATER, status: 'COMPLETED' })
  expect(data.appendMessages.conversation).toEqual({ endedAt: LATER, durationMs: 300_000 })
})

test.each(['COMPLETED', 'ABANDONED', 'FAILED', 'DECLINED', 'MISSED'])(
  'nothing is added to one that is %s',
  async (status) => {
    const { ask, id } = await open({ status })
    const before = await stored(server)
    const more = { messages: [said('a')], metadata: { a: 1 }, agents: [{ externalId: 'new' }], createIfMissing: true }
    const answer = await append(ask, { by: { externalId: 'x' }, ...more, status: 'ACTIVE', idempotencyKey: 'k' })
    expect(refusals(answer)).toEqual(['CONVERSATION_CLOSED input'])
    expect(answer.errors?.[0]?.extensions).toMatchObject({ status })
    expect(await stored(server)).toEqual(before)
    expect(await contentsOf(ask, id)).toEqual(['Hello'])
  },
)

test('metadata of a later append names the end user and the model, if nothing has yet', async () => {
  const { ask } = await server.newTenant()
  const names = async (externalId: string, metadata: object) => {
    const input = { by: { externalId }, createIfMissing: true, metadata, messages: [said('a')] }
    const { data } = await append(ask, input, 'conversation { endUserId model }')
    return Object.values(data.appendMessages.conversation)
  }
  expect(await names('one', {})).toEqual([null, null])
  expect(await names('one', { user_id: '' })).toEqual([null, null])
  expect(await names('one', { model: 'm' })).toEqual([null, 'm'])
  expect(await names('one', { user_id: 'u' })).toEqual(['u', 'm'])
  expect(await names('one', { user_id: 'other', model: 'other' })).toEqual(['u', 'm'])
  const long = 'x'.repeat(300)
  expect(await names('one', { user_id: long })).toEqual(['u', 'm'])
  await names('two', {})
  const refused = await append(
    ask,
    { by: { externalId: 'two' }, metadata: { user_id: long }, messages: [said('a')] },
    'created',
  )
  expect(refusals(refused)).toEqual(['LIMIT_EXCEEDED input.metadata.user_id'])
})

test('a missing conversation is begun where that is asked for, with all that the call says', async () => {
  const { ask } = await server.newTenant()
  const input = {
    ...{ by: { externalId: 'new' }, createIfMissing: true, metadata: { user_id: 'u', model: 'm' } },
    ...{ agents: [{ externalId: 'bot' }], messages: [{ chat: { role: 'USER', content: 'a', timestamp: START } }] },
  }
  const selection = `created conversation { ${CONVERSATION} } appendedMessages { sequence ... on ChatMessage { content } }`
  const first = await append(ask, input, selection)
  expect(first.data.appendMessages).toEqual({
    created: true,
    conversation: {
      ...{ ...BLANK, externalId: 'new', status: 'ACTIVE', startedAt: START, endedAt: null, durationMs: null },
      ...{ lastMessageAt: START, messageCount: 1, userMessageCount: 1, endUserId: 'u', model: 'm' },
      ...{ metadata: input.metadata, agents: [{ externalId: 'bot' }] },
    },
    appendedMessages: [{ sequence: 0, content: 'a' }],
  })
  const second = await append(ask, input, 'created conversation { id messageCount } appendedMessages { sequence }')
  const { id } = first.data.appendMessages.conversation
  const answer = { created: false, conversation: { id, messageCount: 2 }, appendedMessages: [{ sequence: 1 }] }
  expect(second.data.appendMessages).toEqual(answer)
})

test('a missing conversation may be begun and closed at once', async () => {
  const { ask } = await server.newTenant()
  const message = { chat: { role: 'USER', content: 'a', timestamp: START } }
  const by = { externalId: 'new' }
  const input = { by, createIfMissing: true, messages: [message], status: 'FAILED', endedAt: LATER }
  const { data } = await append(ask, input, 'created conversation { status endedAt }')
  expect(data.appendMessages).toEqual({ created: true, conversation: { status: 'FAILED', endedAt: LATER } })
})

test('messages are stored at the expected sequence alone', async () => {
  const { ask, id } = await open()
  const expecting = (expectedSequence: number, more = {}) =>
    append(ask, { by: { id }, messages: [said('a')], expectedSequence, ...more })
  for (const wrong of [0, 2, -1]) {
    const answer = await expecting(wrong, { metadata: { a: 1 }, status: 'COMPLETED' })
    expect(refusals(answer)).toEqual(['SEQUENCE_CONFLICT input.expectedSequence'])
    expect(answer.errors?.[0]?.extensions).toMatchObject({ expectedSequence: wrong, actualSequence: 1 })
  }
  expect(await read(ask, id, 'status metadata messageCount')).toEqual({
    status: 'ACTIVE',
    metadata: {},
    messageCount: 1,
  })
  expect((await expecting(1)).errors).toBeUndefined()
  expect(refusals(await expecting(1))).toEqual(['SEQUENCE_CONFLICT input.expectedSequence'])

  const missing = { by: { externalId: 'y' }, createIfMissing: true }
  expect(refusals(await expecting(1, missing))).toEqual(['SEQUENCE_CONFLICT input.expectedSequence'])
  expect((await expecting(0, missing)).data.appendMessages.created).toBe(true)
})

const AN_ID = 'conv_01h455vb4pex5vsknk084sn02q'

test.each([
  [{ by: { externalId: 'none' }, messages: [said('a')] }, 'NOT_FOUND input.by.externalId'],
  [{ by: { id: AN_ID }, messages: [said('a')] }, 'NOT_FOUND input.by.id'],
  [{ by: { id: 'nonsense' }, messages: [said('a')] }, 'NOT_FOUND input.by.id'],
  [{ messages: [said('a')] }, 'BAD_USER_INPUT input'],
  [{ by: {}, messages: [said('a')], createIfMissing: true }, 'BAD_USER_INPUT input.by'],
  [{ by: { id: AN_ID }, messages: [said('a')], createIfMissing: true }, 'BAD_USER_INPUT input.createIfMissing'],
  [{ by: { externalId: ' ' }, messages: [said('a')], createIfMissing: true }, 'BAD_USER_INPUT input.by.externalId'],
  [{ by: { externalId: 'x' }, messages: [] }, 'BAD_USER_INPUT input.messages'],
  [{ by: { externalId: 'x' }, messages: [said('a')], agents: [{ id: 'agent_x' }] }, 'NOT_FOUND input.agents[0].id'],
  [
    { by: { externalId: 'x' }, messages: [said('a')], metadata: { a: 'x'.repeat(102_400) } },
    'LIMIT_EXCEEDED input.metadata',
  ],
])('append %# is refused and stores nothing', async (input, refusal) => {
  const { ask } = await open()
  const before = await stored(server)
  expect(refusals(await append(ask, input))).toEqual([refusal])
  expect(await stored(server)).toEqual(before)
})

test('both ids at once are refused, whether or not a conversation may be begun', async () => {
  const { ask, id } = await open()
  for (const createIfMissing of [false, true]) {
    const answer = await append(ask, { by: { id, externalId: 'y' }, messages: [said('a')], createIfMissing })
    expect(refusals(answer)).toEqual(['BAD_USER_INPUT input.by'])
  }
  expect((await ask('{ conversations { totalCount } }')).data.conversations.totalCount).toBe(1)
})

test('merged metadata keeps within the limit as a whole', async () => {
  const { ask, id } = await open({ metadata: { a: 'x'.repeat(60_000) } })
  const answer = await append(ask, { by: { id }, messages: [said('a')], metadata: { b: 'y'.repeat(60_000) } })
  expect(refusals(answer)).toEqual(['LIMIT_EXCEEDED input.metadata'])
  expect(await read(ask, id, 'metadata messageCount')).toEqual({ metadata: { a: 'x'.repeat(60_000) }, messageCount: 1 })
})

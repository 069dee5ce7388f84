import { expect, test } from 'vitest'
import { type Ask, startTestServer } from '../support/server.ts'
import { BLANK, CONVERSATION, logged, read, refusals, said, stored, write } from './writes.ts'

const server = await startTestServer()
const START = '2026-03-01T12:00:00.000Z'
const LAST = '2026-03-01T12:00:30.000Z'
const END = '2026-03-01T12:01:00.000Z'

const complete = (ask: Ask, input: Record<string, unknown>, selection = 'conversation { id status endedAt }') =>
  write(ask, 'completeConversation', input, selection)

async function open(more: Record<string, unknown> = {}) {
  const { ask } = await server.newTenant()
  const messages = [{ chat: { role: 'USER', content: 'Hello', timestamp: LAST } }]
  return { ask, ...(await logged(ask, { externalId: 'x', status: 'ACTIVE', startedAt: START, messages, ...more })) }
}

test('a conversation is closed with its result', async () => {
  const { ask, id } = await open()
  const result = { status: 'FAILED', outcome: 'HUMAN_AGENT', resolution: 'ESCALATED', endedAt: END }
  const { data, errors } = await complete(ask, { by: { id }, ...result }, `conversation { ${CONVERSATION} }`)
  expect(errors).toBeUndefined()
  expect(data.completeConversation.conversation).toEqual({
    ...{ ...BLANK, id, externalId: 'x', startedAt: START, lastMessageAt: LAST, messageCount: 1, userMessageCount: 1 },
    ...{ ...result, durationMs: 60_000 },
  })
  expect(refusals(await write(ask, 'appendMessages', { by: { id }, messages: [said('a')] }))).toEqual([
    'CONVERSATION_CLOSED input',
  ])
})

test('it ends with the latest message if nothing else is said, and when it began if there is none', async () => {
  const { ask, id } = await open({ outcome: 'EMAIL' })
  const { data } = await complete(
    ask,
    { by: { externalId: 'x' } },
    'conversation { id status endedAt outcome resolution }',
  )
  const answer = { id, status: 'COMPLETED', endedAt: LAST, outcome: 'EMAIL', resolution: null }
  expect(data.completeConversation.conversation).toEqual(answer)

  const empty = await open({ messages: [] })
  server.clock.now = new Date(END)
  const closed = await complete(empty.ask, { by: { id: empty.id }, status: 'MISSED' })
  server.clock.now = null
  expect(closed.data.completeConversation.conversation).toEqual({ id: empty.id, status: 'MISSED', endedAt: START })
})

test('it never ends before it starts', async () => {
  const { ask, id } = await open({ startedAt: END })
  const { data } = await complete(ask, { by: { id } }, 'conversation { endedAt durationMs }')
  expect(data.completeConversation.conversation).toEqual({ endedAt: END, durationMs: null })
})

test('the same result again changes nothing, another one is refused', async () => {
  const { ask, id } = await open()
  const result = {
    by: { id },
    status: 'COMPLETED',
    outcome: 'BOT_HANDLED',
    resolution: 'RESOLVED',
    endedAt: END,
  }
  await complete(ask, result)
  const before = await stored(server)
  for (const same of [result, { by: { id } }, { by: { externalId: 'x' }, outcome: 'BOT_HANDLED' }]) {
    const { data } = await complete(ask, same)
    expect(data.completeConversation.conversation).toEqual({ id, status: 'COMPLETED', endedAt: END })
  }
  const others = [{ status: 'FAILED' }, { outcome: 'HUMAN_AGENT' }, { resolution: 'INFORMED' }, { endedAt: LAST }]
  for (const other of others) {
    const answer = await complete(ask, { ...result, ...other })
    expect(refusals(answer)).toEqual(['CONVERSATION_CLOSED input'])
    expect(answer.errors?.[0]?.extensions).toMatchObject({ status: 'COMPLETED' })
  }
  expect(await stored(server)).toEqual(before)
})

test.each([
  [{ by: { externalId: 'none' } }, 'NOT_FOUND input.by.externalId'],
  [{ by: { id: 'conv_01h455vb4pex5vsknk084sn02q' } }, 'NOT_FOUND input.by.id'],
  [{ by: { id: null } }, 'BAD_USER_INPUT input.by.id'],
  [{ by: { id: 'conv_01h455vb4pex5vsknk084sn02q', externalId: 'x' } }, 'BAD_USER_INPUT input.by'],
  [{ status: 'ACTIVE' }, 'BAD_USER_INPUT input.status'],
  [{ endedAt: '2026-03-01T11:59:59Z' }, 'BAD_USER_INPUT input.endedAt'],
  [{ endedAt: '2999-01-01T00:00:00Z' }, 'BAD_USER_INPUT input.endedAt'],
])('result %# is refused and the conversation stays open', async (input, refusal) => {
  const { ask, id } = await open()
  const before = await stored(server)
  expect(refusals(await complete(ask, { by: { id }, idempotencyKey: 'k', ...input }))).toEqual([refusal])
  expect(await stored(server)).toEqual(before)
  expect(await read(ask, id, 'status endedAt')).toEqual({ status: 'ACTIVE', endedAt: null })
})

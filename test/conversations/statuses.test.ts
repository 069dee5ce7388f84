import { expect, test } from 'vitest'
import { type Ask, startTestServer } from '../support/server.ts'
import { logged, read, refusals, said, stored, write } from './writes.ts'

const server = await startTestServer()

const OPEN = ['QUEUED', 'RINGING', 'ACTIVE']
const FINAL = ['COMPLETED', 'ABANDONED', 'FAILED', 'DECLINED', 'MISSED']

async function stand(status: string, more: object = {}) {
  const { ask } = await server.newTenant()
  return { ask, ...(await logged(ask, { externalId: 'x', status, ...more })) }
}
const move = (ask: Ask, status: string | null) =>
  write(ask, 'updateConversation', { by: { externalId: 'x' }, status }, 'conversation { status }')
const reopen = (ask: Ask, more: object = {}) =>
  write(ask, 'reopenConversation', { by: { externalId: 'x' }, ...more }, 'conversation { status endedAt }')

/** The result of a move: the new status, or why it is refused. */
function expected(from: string, to: string) {
  if (from === to) return from
  if (FINAL.includes(to)) return 'BAD_USER_INPUT input.status'
  if (FINAL.includes(from)) return 'CONVERSATION_CLOSED input'
  return OPEN.indexOf(to) > OPEN.indexOf(from) ? to : 'BAD_USER_INPUT input.status'
}

test.each([...OPEN, ...FINAL])('from %s, a status moves forward only, and only to an open one', async (from) => {
  for (const to of [...OPEN, ...FINAL]) {
    const { ask, id } = await stand(from)
    const answer = await move(ask, to)
    const [refusal] = refusals(answer)
    expect([to, refusal ?? answer.data.updateConversation.conversation.status]).toEqual([to, expected(from, to)])
    expect((await read(ask, id, 'status')).status).toBe(refusal ? from : to)
  }
})

test('null keeps the status, and nothing is appended', async () => {
  const { ask, id } = await stand('RINGING')
  expect((await move(ask, null)).data.updateConversation.conversation).toEqual({ status: 'RINGING' })
  expect(await read(ask, id, 'messageCount')).toEqual({ messageCount: 2 })
})

test('an append moves the status forward only', async () => {
  const { ask, id } = await stand('RINGING')
  const append = (status: string) => write(ask, 'appendMessages', { by: { id }, messages: [said('a')], status })
  const before = await stored(server)
  expect(refusals(await append('QUEUED'))).toEqual(['BAD_USER_INPUT input.status'])
  expect(await stored(server)).toEqual(before)
  for (const status of ['RINGING', 'ACTIVE', 'FAILED']) {
    expect((await append(status)).errors).toBeUndefined()
    expect((await read(ask, id, 'status')).status).toBe(status)
  }
})

test.each(FINAL)('a conversation that is %s is active again once it is reopened, and closes again', async (status) => {
  const { ask, id } = await stand(status, {
    ...{ startedAt: '2026-01-05T10:00:00Z', endedAt: '2026-01-05T10:05:00Z', outcome: 'EMAIL', endReason: 'left' },
  })
  expect((await reopen(ask)).data.reopenConversation.conversation).toEqual({ status: 'ACTIVE', endedAt: null })
  expect(await read(ask, id, 'outcome endReason durationMs')).toEqual({
    ...{ outcome: 'EMAIL', endReason: 'left', durationMs: null },
  })
  server.clock.now = new Date('2026-01-06T10:00:00Z')
  const appended = await write(ask, 'appendMessages', { by: { id }, messages: [said('again')] })
  expect(appended.errors).toBeUndefined()
  const closed = await write(
    ask,
    'completeConversation',
    { by: { id }, outcome: 'BOT_HANDLED' },
    'conversation { status outcome endedAt }',
  )
  server.clock.now = null
  expect(closed.data.completeConversation.conversation).toEqual({
    ...{ status: 'COMPLETED', outcome: 'BOT_HANDLED', endedAt: '2026-01-06T10:00:00.000Z' },
  })
})

test.each([{}, { endedAt: '2026-01-05T10:05:00Z' }])(
  'one without a given start, but with %j, keeps its start',
  async (given) => {
    const { ask, id } = await stand('COMPLETED', given)
    const before = await read(ask, id, 'startedAt')
    expect((await reopen(ask)).errors).toBeUndefined()
    expect(await read(ask, id, 'startedAt')).toEqual(before)
    server.clock.now = new Date(Date.now() + 60_000)
    await write(ask, 'appendMessages', { by: { id }, messages: [said('again')], status: 'COMPLETED' })
    const again = await read(ask, id, 'startedAt endedAt durationMs')
    const endedAt = server.clock.now.toISOString()
    server.clock.now = null
    const durationMs = Date.parse(endedAt) - Date.parse(before.startedAt as string)
    expect(again).toEqual({ ...before, endedAt, durationMs })
  },
)

test('an open conversation does not change when it is reopened', async () => {
  const { ask, id } = await stand('QUEUED')
  const before = await read(ask, id, 'status updatedAt')
  expect((await reopen(ask)).errors).toBeUndefined()
  expect(await read(ask, id, 'status updatedAt')).toEqual(before)
})

test('an unknown conversation, and that of another tenant, is not reopened', async () => {
  const [{ ask }, other] = [await stand('ACTIVE'), await stand('COMPLETED')]
  for (const by of [{ id: other.id }, { id: 'conv_01h455vb4pex5vsknk084sn02q' }])
    expect(refusals(await reopen(ask, { by }))).toEqual(['NOT_FOUND input.by.id'])
  expect((await read(other.ask, other.id, 'status')).status).toBe('COMPLETED')
})

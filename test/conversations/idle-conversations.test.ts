import { expect, test } from 'vitest'
import { IdleConversations } from '../../src/jobs/idle-conversations.ts'
import { type Ask, startTestServer } from '../support/server.ts'
import { logged, read, refusals, said, write } from './writes.ts'

const server = await startTestServer()
const idle = new IdleConversations(server.database)

const MINUTE = 60_000
/** The database's own clock says when something was written. */
const in_ = (minutes: number) => new Date(Date.now() + minutes * MINUTE)
const set = async (id: string, abandonAfterMinutes: number | null) => {
  const { data, errors } = await server.admin(
    'mutation ($input: UpdateTenantInput!) { updateTenant(input: $input) { tenant { abandonAfterMinutes } } }',
    { input: { id, abandonAfterMinutes } },
  )
  return errors
    ? errors.map(({ extensions }) => `${extensions.code} ${extensions['inputPath']}`)
    : data.updateTenant.tenant.abandonAfterMinutes
}
async function stand(abandonAfterMinutes = 30) {
  const tenant = await server.newTenant()
  await set(tenant.id, abandonAfterMinutes)
  return tenant
}
const at = '2026-01-05T10:00:00.000Z'
const open = (ask: Ask, more: object = {}) =>
  logged(ask, {
    ...{ externalId: 'x', status: 'ACTIVE' },
    messages: [{ chat: { role: 'USER', content: 'a', timestamp: at } }],
    ...more,
  })
const state = (ask: Ask, id: string) => read(ask, id, 'status endedAt')
const append = (ask: Ask, id: string, more: object = {}) =>
  write(ask, 'appendMessages', { by: { id }, messages: [said('b')], ...more })

test('an open conversation that nothing is written to is closed as abandoned, when its last entry took place', async () => {
  const { ask } = await stand()
  const { id } = await open(ask)
  await idle.runOnce(in_(29))
  expect(await state(ask, id)).toEqual({ status: 'ACTIVE', endedAt: null })
  await idle.runOnce(in_(31))
  expect(await state(ask, id)).toEqual({ status: 'ABANDONED', endedAt: at })
})

test('closed ones, those of other tenants and those of tenants that never abandon stay as they are', async () => {
  const [{ ask }, never, longer] = [await stand(), await stand(0), await stand(120)]
  const closed = await open(ask, { externalId: 'closed', status: 'FAILED' })
  const others = [
    { ask: never.ask, ...(await open(never.ask)) },
    { ask: longer.ask, ...(await open(longer.ask)) },
  ]
  await idle.runOnce(in_(31))
  expect((await state(ask, closed.id)).status).toBe('FAILED')
  for (const other of others) expect((await state(other.ask, other.id)).status).toBe('ACTIVE')
})

test('an append goes on with a conversation that was only idle, and with no other one', async () => {
  const { ask } = await stand()
  const { id } = await open(ask)
  await idle.runOnce(in_(31))
  expect((await append(ask, id)).errors).toBeUndefined()
  expect(await state(ask, id)).toEqual({ status: 'ACTIVE', endedAt: null })

  await append(ask, id, { status: 'ABANDONED' })
  expect(refusals(await append(ask, id))).toEqual(['CONVERSATION_CLOSED input'])
})

test('what goes on after it was idle has another end than was given for it meanwhile', async () => {
  const { ask } = await stand()
  const { id } = await open(ask)
  await idle.runOnce(in_(31))
  await write(ask, 'updateConversation', { by: { id }, endedAt: '2026-01-05T11:00:00Z' })
  await append(ask, id)
  const timestamp = '2026-01-05T12:00:00.000Z'
  await append(ask, id, { messages: [{ chat: { role: 'USER', content: 'c', timestamp } }], status: 'COMPLETED' })
  expect(await state(ask, id)).toEqual({ status: 'COMPLETED', endedAt: timestamp })
})

test('a report that adds nothing leaves an idle conversation closed, unless it says how it ended', async () => {
  const { ask } = await stand()
  const messages = [{ chat: { externalId: '1', role: 'USER', content: 'a', timestamp: at } }]
  const { id } = await open(ask, { messages })
  await idle.runOnce(in_(31))
  expect((await append(ask, id, { messages })).errors).toBeUndefined()
  expect((await state(ask, id)).status).toBe('ABANDONED')
  expect((await append(ask, id, { messages, status: 'COMPLETED' })).errors).toBeUndefined()
  expect((await state(ask, id)).status).toBe('COMPLETED')
  expect(refusals(await append(ask, id))).toEqual(['CONVERSATION_CLOSED input'])
})

test('an idle conversation can be completed once, with its real result', async () => {
  const { ask } = await stand()
  const { id } = await open(ask)
  await idle.runOnce(in_(31))
  const complete = (status: string) => write(ask, 'completeConversation', { by: { id }, status })
  expect((await complete('COMPLETED')).errors).toBeUndefined()
  expect((await state(ask, id)).status).toBe('COMPLETED')
  expect(refusals(await complete('FAILED'))).toEqual(['CONVERSATION_CLOSED input'])
})

test('it may be reopened, and is closed again if nothing comes', async () => {
  const { ask } = await stand()
  const { id } = await open(ask)
  await idle.runOnce(in_(31))
  await write(ask, 'reopenConversation', { by: { id } })
  expect((await state(ask, id)).status).toBe('ACTIVE')
  await idle.runOnce(in_(31))
  expect((await state(ask, id)).status).toBe('ABANDONED')
})

test('more than one transaction closes, all are closed, and the series count them', async () => {
  const { ask } = await stand()
  const conversations = Array.from({ length: 250 }, (_, i) => ({
    ...{ externalId: `${i}`, status: 'ACTIVE', startedAt: at, messages: [said('a')] },
  }))
  await write(ask, 'logConversations', { conversations }, 'results { created }')
  await idle.runOnce(in_(31))
  const range = '{ from: "2026-01-05T00:00:00Z", to: "2026-01-06T00:00:00Z" }'
  const { data } = await ask(`{
    conversations(filter: { statuses: [ABANDONED] }) { totalCount }
    conversationMetrics(range: ${range}) { current { abandonmentRate } }
  }`)
  expect(data).toEqual({ conversations: { totalCount: 250 }, conversationMetrics: { current: { abandonmentRate: 1 } } })
})

test.each([
  [-1, ['BAD_USER_INPUT input.abandonAfterMinutes']],
  [525_601, ['BAD_USER_INPUT input.abandonAfterMinutes']],
  [525_600, 525_600],
  [null, 7],
])('%s minutes', async (minutes, result) => {
  const { id } = await stand(7)
  expect(await set(id, minutes)).toEqual(result)
})

import { afterAll, expect, test } from 'vitest'
import { LIVE_TIMES, type LiveTimes } from '../../src/live/live-times.ts'
import { follow, type Live } from '../support/live.ts'
import { openWithFirstKeys, serveTestDatabase, type TestServer } from '../support/server.ts'
import { changesOf, followChanges } from './changes.ts'
import { append, log } from './conversations.ts'

/** Without a single wake-up: what one gets lost for comes later, and comes. (All other tests of live data run without polling.) */

const { opened, adminKey } = await openWithFirstKeys()
const noWakeups = { publish() {}, listen: () => () => {}, close: () => opened.database.wakeups.close() }
const database = { ...opened.database, wakeups: noWakeups }

const HOUR_MS = 3_600_000
const NEVER: LiveTimes = { pollMs: HOUR_MS, maxAgeMs: HOUR_MS, recheckMs: HOUR_MS }

const servers: TestServer[] = []
function serve(liveTimes: LiveTimes): TestServer {
  const server = serveTestDatabase({ ...opened, database }, adminKey, { liveTimes })
  servers.push(server)
  return server
}

afterAll(async () => {
  for (const { changes } of servers) await changes.close()
  await opened.database.close()
})

/** Followed up to where nothing more comes by itself. */
async function followed(server: TestServer, key: string): Promise<Live> {
  const live = await followChanges(server, { key })
  expect(await changesOf(live)).toEqual([])
  return live
}

test.each([
  ['the changes of the tenant are looked for', { pollMs: 50 }],
  ['the stream is read', { maxAgeMs: 50, recheckMs: 50 }],
])('what was written is told because %s', async (_why, times) => {
  const server = serve({ ...NEVER, ...times })
  const { ask, key } = await server.newTenant()
  const id = await log(ask)
  const live = await followed(server, key)
  const messages = await follow(
    server,
    { key },
    'subscription ($id: ID!) { messagesAppended(conversationId: $id) { messages { sequence } } }',
    { id },
  )
  await append(ask, id, ['Hello?'])
  expect(await changesOf(live)).toMatchObject([{ kind: 'MESSAGES', conversationId: id }])
  expect((await messages.data()).messagesAppended.messages).toEqual([{ sequence: 1 }])
})

test('a revoked key ends its stream because it is looked up', async () => {
  const server = serve({ ...NEVER, maxAgeMs: 50, recheckMs: 50 })
  const { id: tenantId, ask } = await server.newTenant()
  const { id, secret } = await server.newKey({ scopes: ['CONVERSATIONS_READ'], tenantId })
  const live = await followed(server, secret)
  // Once this was told, it waits.
  await log(ask)
  expect(await changesOf(live)).toHaveLength(1)
  await server.admin('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { status } } }', { id })
  expect((await live.next())?.errors?.[0]?.extensions['reason']).toBe('REVOKED')
})

test('by default that takes the time that its page says, for each of these', async () => {
  expect(LIVE_TIMES).toEqual({ pollMs: 3_000, maxAgeMs: 10_000, recheckMs: 10_000 })
  const server = serve(LIVE_TIMES)
  const { ask, key } = await server.newTenant()
  const live = await followed(server, key)
  const beganMs = performance.now()
  await log(ask)
  expect(await changesOf(live)).toHaveLength(1)
  expect(performance.now() - beganMs).toBeLessThan(LIVE_TIMES.maxAgeMs / 2)
})

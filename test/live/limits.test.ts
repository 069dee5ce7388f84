import { expect, test } from 'vitest'
import { follow } from '../support/live.ts'
import { startTestServer } from '../support/server.ts'
import { changesOf, followChanges } from './changes.ts'
import { append, log } from './conversations.ts'

const server = await startTestServer({ maxSubscriptionsPerTenant: 2 })

test('a tenant has so many subscriptions open and no more, whatever its credentials; one that ends makes room', async () => {
  const [tenant, other] = [await server.newTenant(), await server.newTenant()]
  const asAccount = { key: server.adminKey, tenantId: tenant.id }
  const open = [await followChanges(server, { key: tenant.key }), await followChanges(server, asAccount)]
  for (const live of open) expect(await changesOf(live)).toEqual([])

  const third = await server.newKey({ scopes: ['CONVERSATIONS_READ'], tenantId: tenant.id })
  const refused = await followChanges(server, { key: third.secret })
  expect((await refused.next())?.errors?.[0]?.extensions).toEqual({ code: 'LIMIT_EXCEEDED', limit: 2 })
  expect(await refused.next()).toBeNull()
  expect(await changesOf(await followChanges(server, { key: other.key }))).toEqual([])

  await open[0]?.close()
  // A moment later: that a client went is no answer which anybody waits for.
  const answer = async () => (await followChanges(server, { key: tenant.key })).next()
  await expect.poll(answer).toMatchObject({ data: { conversationsChanged: { changes: [] } } })
})

test('what completes by itself, or is refused, holds no place', async () => {
  const { ask, key } = await server.newTenant()
  const id = await log(ask, { status: 'COMPLETED' })
  const COMPLETED = 'subscription ($id: ID!) { messagesAppended(conversationId: $id) { lastSequence } }'
  const REFUSED = 'subscription { conversationUpdated(id: "conv_x") { id } }'
  for (let i = 0; i < 3; i++) {
    expect(await (await follow(server, { key }, COMPLETED, { id })).next()).toBeNull()
    expect((await (await follow(server, { key }, REFUSED)).next())?.errors).toHaveLength(1)
  }
})

/** Reads that a subscription to one conversation makes. */
const looks = () => server.statements().filter((sql) => sql.includes('AS version')).length

test('for a client that does not read, nothing is read or kept: when it does, it is told the state of then', async () => {
  const { ask, key } = await server.newTenant()
  const id = await log(ask, { messages: [] })
  const live = await follow(
    ...([
      server,
      { key },
      'subscription ($id: ID!) { conversationUpdated(id: $id) { messageCount description feedback labels metadata } }',
    ] as const),
    { id },
  )
  expect((await live.data()).conversationUpdated.messageCount).toBe(0)
  looks()
  const large = { filler: 'x'.repeat(90_000) }
  for (let i = 0; i < 40; i++) await append(ask, id, [`${i}`], { metadata: large })
  // A few answers fill what lies between server and client.
  expect(looks()).toBeLessThan(10)
  const counts: number[] = []
  while (counts.at(-1) !== 40) counts.push((await live.data()).conversationUpdated.messageCount)
  expect(counts.length).toBeLessThan(10)
})

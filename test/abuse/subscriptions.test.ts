import { expect, test } from 'vitest'
import { newToken } from '../credentials/embed-tokens/tokens.ts'
import { changesOf, followChanges } from '../live/changes.ts'
import { log } from '../live/conversations.ts'
import { follow, type Live } from '../support/live.ts'
import { startTestServer } from '../support/server.ts'

/** Half of these for one credential, and two kept for keys. */
const server = await startTestServer({ maxSubscriptionsPerTenant: 8 })

const open = (key: string, count: number) =>
  Promise.all(Array.from({ length: count }, () => followChanges(server, { key })))

/** How many were opened, and how the others were refused. */
async function outcomes(lives: Live[]) {
  const answers = await Promise.all(lives.map((live) => live.next()))
  return {
    opened: answers.filter((answer) => answer?.data).length,
    refused: answers.flatMap((answer) => answer?.errors?.[0]?.extensions ?? []),
  }
}

const refusals = (count: number, limit: number) => Array(count).fill({ code: 'LIMIT_EXCEEDED', limit })

test('one credential can open at most half of its tenant’s subscriptions, and a neighbour’s is opened', async () => {
  const [tenant, neighbour] = [await server.newTenant(), await server.newTenant()]
  const lives = await open(tenant.key, 20)
  expect(await changesOf(await followChanges(server, { key: neighbour.key }))).toEqual([])
  expect(await outcomes(lives)).toEqual({ opened: 4, refused: refusals(16, 4) })
})

test('a place is reserved before anything is read: subscriptions that never pull hold theirs', async () => {
  const { key } = await server.newTenant()
  const lives = await open(key, 4)
  expect(await outcomes(await open(key, 2))).toEqual({ opened: 0, refused: refusals(2, 4) })
  for (const live of lives) await live.close()
  await expect.poll(async () => (await outcomes(await open(key, 1))).opened).toBe(1)
})

test('new tokens for the same subject share the limit of one credential', async () => {
  const { ask } = await server.newTenant()
  const lives = []
  for (let i = 0; i < 6; i += 1) lives.push(...(await open(await newToken(ask, { subject: 'same' }), 1)))
  expect(await outcomes(lives)).toEqual({ opened: 4, refused: refusals(2, 4) })
})

test('a flood of tokens can’t shut out the back end’s key', async () => {
  const { ask, key } = await server.newTenant()
  const lives = []
  for (let i = 0; i < 10; i += 1) lives.push(...(await open(await newToken(ask, { subject: `page-${i}` }), 1)))
  expect(await outcomes(lives)).toEqual({ opened: 6, refused: refusals(4, 6) })
  expect(await outcomes(await open(key, 3))).toEqual({ opened: 2, refused: refusals(1, 8) })
})

test('subscriptions that are refused, fail or complete hold no place, nor does a page that was closed', async () => {
  const { ask, key } = await server.newTenant()
  const id = await log(ask, { status: 'COMPLETED' })
  const documents = [
    'subscription ($id: ID!) { messagesAppended(conversationId: $id) { lastSequence } }',
    'subscription { conversationUpdated(id: "conv_x") { id } }',
    'subscription { conversationsChanged(after: "x") { resumeToken } }',
  ]
  for (const document of documents) {
    for (let i = 0; i < 6; i += 1) {
      const live = await follow(server, { key }, document, document.includes('$id') ? { id } : {})
      while (await live.next()) {}
    }
  }
  await expect.poll(() => server.changes.size).toBe(0)
})

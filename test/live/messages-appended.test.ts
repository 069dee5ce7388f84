import { expect, test } from 'vitest'
import { follow, type Live } from '../support/live.ts'
import { startTestServer, TENANT_SCOPES } from '../support/server.ts'
import { append, log, remove } from './conversations.ts'

const server = await startTestServer()

const APPENDED = `subscription ($id: ID!, $after: Int) {
  messagesAppended(conversationId: $id, afterSequence: $after) {
    lastSequence
    messages { __typename sequence ... on ChatMessage { content } ... on ToolCall { name input } ... on ConversationEvent { visibility } }
  }
}`

const chat = (sequence: number, content: string) => ({ __typename: 'ChatMessage', sequence, content })

const batch = (...messages: { sequence: number }[]) => ({
  data: { messagesAppended: { messages, lastSequence: messages.at(-1)?.sequence } },
})

/** Reads answers until one ends at this sequence: the sequences told, and the size of each answer. */
async function readTo(live: Live, last: number) {
  const sequences: number[] = []
  const sizes: number[] = []
  while (sequences.at(-1) !== last) {
    const { messages, lastSequence } = (await live.data()).messagesAppended
    const told = messages.map(({ sequence }: { sequence: number }) => sequence)
    expect(lastSequence).toBe(told.at(-1))
    sequences.push(...told)
    sizes.push(told.length)
  }
  return { sequences, sizes }
}

const upTo = (last: number) => Array.from({ length: last + 1 }, (_, sequence) => sequence)

test('messages are told as they are appended, and the stream completes when the conversation is closed', async () => {
  const { ask, key } = await server.newTenant()
  const id = await log(ask)
  const live = await follow(server, { key }, APPENDED, { id, after: 0 })
  await append(ask, id, ['one', { tool: { name: 'find', input: 1 } }])
  expect(await live.next()).toEqual(
    batch(chat(1, 'one'), { __typename: 'ToolCall', sequence: 2, name: 'find', input: 1 } as { sequence: number }),
  )
  await append(ask, id, ['the last'], { status: 'COMPLETED' })
  expect(await live.next()).toEqual(batch(chat(3, 'the last')))
  expect(await live.next()).toBeNull()
})

test('without afterSequence they are told from now on, with -1 from the first', async () => {
  const { ask, key } = await server.newTenant()
  const id = await log(ask)
  const fromNow = await follow(server, { key }, APPENDED, { id })
  const fromStart = await follow(server, { key }, APPENDED, { id, after: -1 })
  expect(await fromStart.next()).toEqual(batch(chat(0, 'Hello')))
  await append(ask, id, ['new'])
  expect(await fromNow.next()).toEqual(batch(chat(1, 'new')))
  expect(await fromStart.next()).toEqual(batch(chat(1, 'new')))
})

test('a long transcript comes in batches of at most 100, and a closed one to its end', async () => {
  const { ask, key } = await server.newTenant()
  const messages = upTo(249).map((i) => ({ chat: { role: 'USER', content: `${i}` } }))
  const id = await log(ask, { status: 'COMPLETED', messages })
  const live = await follow(server, { key }, APPENDED, { id, after: -1 })
  expect(await readTo(live, 249)).toEqual({ sequences: upTo(249), sizes: [100, 100, 50] })
  expect(await live.next()).toBeNull()
})

test('whoever comes back with the last sequence loses nothing and is told nothing twice', async () => {
  const { ask, key } = await server.newTenant()
  const id = await log(ask, { messages: [] })
  const seen: number[] = []
  for (let round = 0; round < 5; round++) {
    const writes = Promise.all(upTo(7).map((i) => append(ask, id, [`${round}-${i}`])))
    const live = await follow(server, { key }, APPENDED, { id, after: seen.at(-1) ?? -1 })
    const { messages } = (await live.data()).messagesAppended
    seen.push(...messages.map(({ sequence }: { sequence: number }) => sequence))
    // Dropped in the middle of it.
    await live.close()
    await writes
  }
  const live = await follow(server, { key }, APPENDED, { id, after: seen.at(-1) })
  await append(ask, id, ['the end'])
  expect([...seen, ...(await readTo(live, 40)).sequences]).toEqual(upTo(40))
})

test('what a credential may not see is not told: internals are absent, and move no position', async () => {
  const tenant = await server.newTenant()
  const scopes = TENANT_SCOPES.filter((scope) => scope !== 'INTERNALS_READ')
  const { secret } = await server.newKey({ scopes, tenantId: tenant.id })
  const id = await log(tenant.ask)
  const live = await follow(server, { key: secret }, APPENDED, { id, after: -1 })
  expect(await live.next()).toEqual(batch(chat(0, 'Hello')))
  const internals = [
    { chat: { role: 'SYSTEM', content: 'a prompt' } },
    { event: { name: 'trace', visibility: 'INTERNAL' } },
  ]
  await append(tenant.ask, id, internals)
  await append(tenant.ask, id, [...internals, { tool: { name: 'find', input: 1 } }, ...internals])
  expect(await live.next()).toEqual(
    batch({ __typename: 'ToolCall', sequence: 5, name: 'find', input: null } as { sequence: number }),
  )
})

test('the stream completes when the conversation is deleted, and is refused where there is none', async () => {
  const { ask, key } = await server.newTenant()
  const id = await log(ask)
  const live = await follow(server, { key }, APPENDED, { id, after: -1 })
  expect(await live.next()).toEqual(batch(chat(0, 'Hello')))
  await remove(ask, id)
  expect(await live.next()).toBeNull()
  const refused = async (variables: object) =>
    (await (await follow(server, { key }, APPENDED, { ...variables })).next())?.errors?.[0]?.extensions
  expect(await refused({ id })).toEqual({ code: 'NOT_FOUND', inputPath: 'conversationId' })
  expect(await refused({ id, after: -2 })).toEqual({ code: 'BAD_USER_INPUT', inputPath: 'afterSequence' })
})

import { expect, test } from 'vitest'
import { logged, refusals, said, stored, write } from '../conversations/writes.ts'
import { startTestServer } from '../support/server.ts'

const server = await startTestServer()
const { ask } = await server.newTenant()
const { id } = await logged(ask, { status: 'ACTIVE', externalId: 'open' })

const MILLION = 'x'.repeat(1_000_000)
const many = <Item>(count: number, item: (i: number) => Item) => Array.from({ length: count }, (_, i) => item(i))
const log = (more: object) => ({ messages: [said('a')], ...more })

test.each([
  ['logConversation', log({ messages: many(50_000, (i) => said(`${i}`)) }), 'input.messages'],
  ['logConversation', log({ messages: many(5_001, () => said('a')) }), 'input.messages'],
  ['logConversation', log({ labels: many(100_000, (i) => `${i}`) }), 'input.labels'],
  ['logConversation', log({ agents: many(100_000, (i) => ({ externalId: `${i}` })) }), 'input.agents'],
  ['logConversation', log({ externalId: MILLION }), 'input.externalId'],
  ['logConversation', log({ endUserId: MILLION }), 'input.endUserId'],
  ['logConversation', log({ description: MILLION }), 'input.description'],
  ['logConversation', log({ idempotencyKey: MILLION }), 'input.idempotencyKey'],
  ['logConversation', log({ messages: [said(MILLION)] }), 'input.messages[0].chat.content'],
  ['logConversation', log({ messages: [{ tool: { name: MILLION } }] }), 'input.messages[0].tool.name'],
  ['logConversation', log({ messages: [{ tool: { name: 't', input: MILLION } }] }), 'input.messages[0].tool.input'],
  ['logConversation', log({ analysis: { summary: MILLION } }), 'input.analysis.summary'],
  ['logConversation', log({ analysis: { tags: many(100_000, (i) => `${i}`) } }), 'input.analysis.tags'],
  ['logConversation', log({ recording: { url: `https://example.com/${MILLION}` } }), 'input.recording.url'],
  ['logConversation', { transcript: `User: ${MILLION}` }, 'input.transcript[0].chat.content'],
  ['appendMessages', { by: { id: id }, messages: many(50_000, () => said('a')) }, 'input.messages'],
  ['updateConversation', { by: { id: id }, labels: many(100_000, () => 'a') }, 'input.labels'],
  ['updateConversation', { by: { id: id }, feedback: MILLION }, 'input.feedback'],
  ['updateMessages', { by: { id: id }, messages: many(50_000, () => ({ by: { id: 'msg_x' } })) }, 'input.messages'],
  ['createAgent', { name: MILLION }, 'input.name'],
  ['createAgent', { name: 'a', tags: many(100_000, (i) => `${i}`) }, 'input.tags'],
  ['upsertAgent', { externalId: MILLION }, 'input.externalId'],
])('%s %#: too much is refused with its place, and nothing is cut off', async (mutation, input, inputPath) => {
  const before = await stored(server)
  const answer = await write(ask, mutation, input, '__typename')
  expect(refusals(answer)).toEqual([`LIMIT_EXCEEDED ${inputPath}`])
  expect(answer.status).toBe(200)
  expect(JSON.stringify(answer.errors).length).toBeLessThan(1_000)
  expect(await stored(server)).toEqual(before)
})

test('agents that messages name count as well: 50 in all', async () => {
  const by = (i: number) => ({ chat: { role: 'ASSISTANT', content: 'a', agent: { externalId: `agent ${i}` } } })
  const before = await stored(server)
  const answer = await write(ask, 'logConversation', { messages: many(51, by) })
  expect(refusals(answer)).toEqual(['LIMIT_EXCEEDED input'])
  expect(refusals(await write(ask, 'logConversation', { messages: many(5_000, by) }))).toEqual(['LIMIT_EXCEEDED input'])
  expect(await stored(server)).toEqual(before)
  expect((await write(ask, 'logConversation', { messages: many(100, (i) => by(i % 50)) })).errors).toBeUndefined()
})

test('5,000 messages are one call', async () => {
  const { data } = await write(
    ask,
    'logConversation',
    { messages: many(5_000, (i) => said(`${i}`)) },
    'conversation { messageCount }',
  )
  expect(data.logConversation.conversation).toEqual({ messageCount: 5_000 })
})

test('sums that no column holds are refused', async () => {
  const before = await stored(server)
  const message = (more: object) => ({ chat: { role: 'USER', content: 'a', ...more } })
  for (const more of [{ tokenCount: 2 ** 31 - 1 }, { costUsd: 999_999_999 }]) {
    const messages = [message(more), message(more)]
    const refused = ['LIMIT_EXCEEDED input.messages']
    expect(refusals(await write(ask, 'logConversation', { messages }))).toEqual(refused)
    expect(refusals(await write(ask, 'appendMessages', { by: { id: id }, messages }))).toEqual(refused)
    // Each of them for itself.
    const { id: half } = await logged(ask, { status: 'ACTIVE', messages: [message(more)] })
    const rest = await write(ask, 'appendMessages', { by: { id: half }, messages: [message(more)] })
    expect(refusals(rest)).toEqual(refused)
    await write(ask, 'deleteConversation', { by: { id: half } }, 'deletedId')
  }
  expect(await stored(server)).toEqual(before)
})

const FIND = 'query ($filter: ConversationFilter) { conversations(filter: $filter) { totalCount } }'

const nestedFilter = (depth: number): object => (depth === 0 ? { isTest: true } : { not: nestedFilter(depth - 1) })

test.each([
  [{ externalIds: many(100_000, (i) => `${i}`) }, 'filter.externalIds'],
  [{ agents: many(501, (i) => ({ externalId: `${i}` })) }, 'filter.agents'],
  [{ ratings: many(100_000, () => 1) }, 'filter.ratings'],
  [{ labels: many(501, (i) => `${i}`) }, 'filter.labels'],
  [{ metadata: [{ path: ['a'], in: many(100_000, (i) => i) }] }, 'filter.metadata[0].in'],
  [{ and: many(100_000, () => ({ isTest: true })) }, 'filter'],
  [{ or: many(101, () => ({ isTest: true })) }, 'filter'],
  [{ search: MILLION }, 'filter.search'],
  [nestedFilter(50), `filter${'.not'.repeat(32)}`],
])('filter %#: too much is refused with its place', async (filter, inputPath) => {
  expect(refusals(await ask(FIND, { filter }))).toEqual([`LIMIT_EXCEEDED ${inputPath}`])
})

test('a filter nested 200 deep in the document is refused too', async () => {
  const literal = `${'{ not: '.repeat(200)}{ isTest: true }${' }'.repeat(200)}`
  const answer = await ask(`{ conversations(filter: ${literal}) { totalCount } }`)
  expect(refusals(answer)).toEqual([`LIMIT_EXCEEDED filter${'.not'.repeat(32)}`])
})

test.each([
  ['first: -1', 'first'],
  ['first: 101', 'first'],
  ['last: -1', 'last'],
  ['first: 1, last: 1', 'last'],
  ['after: "nonsense"', 'after'],
  ['before: ""', 'before'],
  ['after: "W10"', 'after'],
])('a page with %s is refused, whichever list', async (args, inputPath) => {
  for (const list of ['conversations', 'agents']) {
    expect(refusals(await ask(`{ ${list}(${args}) { totalCount } }`))).toEqual([`BAD_USER_INPUT ${inputPath}`])
  }
  const inside = await ask(`{ conversation(by: { externalId: "open" }) { messages(${args}) { totalCount } } }`)
  expect(refusals(inside)).toEqual([`BAD_USER_INPUT ${inputPath}`])
})

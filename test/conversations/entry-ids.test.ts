import { expect, test } from 'vitest'
import { type Answer, type Ask, startTestServer } from '../support/server.ts'
import { logged, read, refusals, stored, write } from './writes.ts'

const server = await startTestServer()

const PAYLOAD = `duplicateCount conversation { id } appendedMessages { externalId ... on ChatMessage { content } }`
const entry = (externalId: string | null, content: string, more: object = {}) => ({
  chat: { externalId, role: 'USER', content, ...more },
})
const append = (ask: Ask, messages: unknown[], more: object = {}) =>
  write(ask, 'appendMessages', { by: { externalId: 'call' }, createIfMissing: true, messages, ...more }, PAYLOAD)
const report = (ask: Ask, messages: unknown[], more: object = {}) =>
  write(
    ask,
    'logConversation',
    { externalId: 'call', onConflict: 'APPEND', messages, ...more },
    'created duplicateCount conversation { id }',
  )

const ENTRIES = `messageCount messages(first: 100) { nodes {
  externalId sequence ... on ChatMessage { content } ... on ToolCall { name } ... on ConversationEvent { name } } }`
async function entriesOf(ask: Ask) {
  const { data } = await ask(`{ conversation(by: { externalId: "call" }) { ${ENTRIES} } }`)
  const { messageCount, messages } = data.conversation
  expect(messages.nodes.map(({ sequence }: { sequence: number }) => sequence)).toEqual([...Array(messageCount).keys()])
  return messages.nodes.map((node: { externalId: string | null; content?: string; name?: string }) => [
    node.externalId,
    node.content ?? node.name,
  ])
}

test('an entry that is sent again is the same entry: the first one stays as it was', async () => {
  const { ask } = await server.newTenant()
  await append(ask, [entry('1', 'first'), entry(null, 'without')])
  const { data } = await append(ask, [entry('1', 'changed'), entry('2', 'second'), entry(null, 'without')])
  expect(data.appendMessages).toMatchObject({
    duplicateCount: 1,
    appendedMessages: [
      { externalId: '2', content: 'second' },
      { externalId: null, content: 'without' },
    ],
  })
  expect(await entriesOf(ask)).toEqual([
    ['1', 'first'],
    [null, 'without'],
    ['2', 'second'],
    [null, 'without'],
  ])
})

test('entries of all kinds share the ids of their conversation, and within one call the first of two wins', async () => {
  const { ask } = await server.newTenant()
  const { data } = await append(ask, [
    { tool: { externalId: 'a', name: 'search' } },
    entry('a', 'the result'),
    { event: { externalId: 'b', name: 'handover' } },
    { event: { externalId: 'b', name: 'hold' } },
  ])
  expect(data.appendMessages.duplicateCount).toBe(2)
  expect(await entriesOf(ask)).toEqual([
    ['a', 'search'],
    ['b', 'handover'],
  ])
})

test('other conversations and tenants have ids of their own', async () => {
  const [{ ask }, other] = [await server.newTenant(), await server.newTenant()]
  await append(ask, [entry('1', 'a')])
  for (const one of [ask, other.ask]) {
    const { data } = await write(
      one,
      'appendMessages',
      { by: { externalId: 'next' }, createIfMissing: true, messages: [entry('1', 'b')] },
      PAYLOAD,
    )
    expect(data.appendMessages).toMatchObject({ duplicateCount: 0, appendedMessages: [{ content: 'b' }] })
  }
})

test('a final report after live appends adds nothing, even once the conversation is closed', async () => {
  const { ask } = await server.newTenant()
  await append(ask, [entry('1', 'a'), entry('2', 'b')])
  const whole = [entry('1', 'a'), entry('2', 'b'), entry('3', 'c')]
  const first = await report(ask, whole, { status: 'COMPLETED' })
  expect(first.data.logConversation).toMatchObject({ created: false, duplicateCount: 2 })
  for (const status of ['COMPLETED', null]) {
    const { data, errors } = await report(ask, whole, { status, metadata: { reported: true } })
    expect(errors).toBeUndefined()
    expect(data.logConversation).toMatchObject({ created: false, duplicateCount: 3 })
  }
  expect((await append(ask, whole)).data.appendMessages).toMatchObject({ duplicateCount: 3, appendedMessages: [] })
  expect(await entriesOf(ask)).toHaveLength(3)
  const { data } = await ask('{ conversation(by: { externalId: "call" }) { status metadata } }')
  expect(data.conversation).toEqual({ status: 'COMPLETED', metadata: { reported: true } })
})

test('a report does not change the end of a conversation that is closed, but gives one to what has none', async () => {
  const { ask } = await server.newTenant()
  const [began, ended, later] = ['2026-01-01T10:00:00.000Z', '2026-01-01T11:00:00.000Z', '2026-01-01T12:00:00.000Z']
  const endOf = async (first: object) => {
    const externalId = `call ${JSON.stringify(first)}`
    const messages = [entry('1', 'a', { timestamp: began })]
    const close = (more: object) =>
      write(ask, 'appendMessages', { by: { externalId }, createIfMissing: true, messages, ...more }, PAYLOAD)
    await close({ status: 'COMPLETED', ...first })
    const { errors } = await close({ status: 'COMPLETED', endedAt: later })
    expect(errors).toBeUndefined()
    const { data } = await ask('query ($by: ConversationBy!) { conversation(by: $by) { endedAt } }', {
      by: { externalId },
    })
    return data.conversation.endedAt
  }
  expect(await endOf({ endedAt: ended })).toBe(ended)
  expect(await endOf({})).toBe(later)
})

test('a closed conversation still refuses what is new, and another status', async () => {
  const { ask } = await server.newTenant()
  await append(ask, [entry('1', 'a')], { status: 'COMPLETED' })
  const before = await stored(server)
  for (const refused of [
    append(ask, [entry('1', 'a'), entry('2', 'b')]),
    append(ask, [entry('1', 'a')], { status: 'FAILED' }),
    append(ask, [entry('1', 'a')], { status: 'ACTIVE' }),
    report(ask, [], { status: 'ABANDONED' }),
  ])
    expect(refusals(await refused)).toEqual(['CONVERSATION_CLOSED input'])
  expect(await stored(server)).toEqual(before)
})

test('expectedSequence is that of the first entry that is new', async () => {
  const { ask } = await server.newTenant()
  await append(ask, [entry('1', 'a'), entry('2', 'b')])
  const again = [entry('1', 'a'), entry('2', 'b')]
  expect((await append(ask, again, { expectedSequence: 0 })).errors).toBeUndefined()
  expect((await append(ask, [...again, entry('3', 'c')], { expectedSequence: 2 })).errors).toBeUndefined()
  const late = await append(ask, [...again, entry('4', 'd')], { expectedSequence: 2 })
  expect(refusals(late)).toEqual(['SEQUENCE_CONFLICT input.expectedSequence'])
})

test('an entry that is left out changes no count, time or agent', async () => {
  const { ask } = await server.newTenant()
  await append(ask, [entry('1', 'a', { timestamp: '2026-01-05T10:00:00Z', costUsd: 1, tokenCount: 5 })])
  const fields = 'messageCount userMessageCount costUsd tokenCount startedAt lastMessageAt agents { externalId }'
  const { data } = await ask(`{ conversation(by: { externalId: "call" }) { id ${fields} } }`)
  const again = { timestamp: '2026-01-04T10:00:00Z', costUsd: 7, tokenCount: 9, agent: { externalId: 'new' } }
  await append(ask, [entry('1', 'b', again)])
  expect(await read(ask, data.conversation.id, `id ${fields}`)).toEqual(data.conversation)
  expect((await ask('{ agents { totalCount } }')).data.agents.totalCount).toBe(0)
})

test('in bulk, each conversation says how many entries were left out', async () => {
  const { ask } = await server.newTenant()
  const one = (externalId: string, messages: unknown[]) => ({ externalId, onConflict: 'APPEND', messages })
  const { data } = await write(
    ask,
    'logConversations',
    {
      conversations: [
        one('a', [entry('1', 'x'), entry('1', 'y')]),
        one('b', [entry('1', 'x')]),
        { externalId: 'c', status: 'ACTIVE', onConflict: 'APPEND', messages: [entry('1', 'x')] },
        one('c', [entry('1', 'x'), entry('2', 'y')]),
        { externalId: 'd', messages: [entry('1', 'x'), entry(' ', 'y')] },
      ],
    },
    'results { created duplicateCount error { inputPath } }',
  )
  expect(data.logConversations.results).toEqual([
    { created: true, duplicateCount: 1, error: null },
    { created: true, duplicateCount: 0, error: null },
    { created: true, duplicateCount: 0, error: null },
    { created: false, duplicateCount: 1, error: null },
    {
      created: null,
      duplicateCount: null,
      error: { inputPath: 'input.conversations[4].messages[1].chat.externalId' },
    },
  ])
})

test.each([
  [entry('', 'a'), 'BAD_USER_INPUT input.messages[0].chat.externalId'],
  [entry('x'.repeat(257), 'a'), 'LIMIT_EXCEEDED input.messages[0].chat.externalId'],
  [{ tool: { externalId: ' ', name: 't' } }, 'BAD_USER_INPUT input.messages[0].tool.externalId'],
  [{ event: { externalId: '\u0000', name: 't' } }, 'BAD_USER_INPUT input.messages[0].event.externalId'],
])('the id of entry %# is refused', async (message, refusal) => {
  const { ask } = await server.newTenant()
  expect(refusals(await append(ask, [message]))).toEqual([refusal])
})

test('a filter finds the conversations that have an entry, as far as the credential may see it', async () => {
  const { ask, id } = await server.newTenant()
  const { id: found } = await logged(ask, {
    messages: [entry('wamid.1', 'a'), { event: { externalId: 'trace', name: 't', visibility: 'INTERNAL' } }],
  })
  await logged(ask, { messages: [entry('wamid.2', 'a')] })
  const matching = async (by: Ask, ids: string[]) => {
    const { data } = await by(
      'query ($filter: ConversationFilter) { conversations(filter: $filter) { nodes { id } } conversationMetrics(filter: $filter, range: { from: "1970-01-02" }) { current { conversationCount } } }',
      { filter: { messageExternalIds: ids } },
    )
    expect(data.conversationMetrics.current.conversationCount).toBe(data.conversations.nodes.length)
    return data.conversations.nodes.map((node: { id: string }) => node.id)
  }
  expect(await matching(ask, ['wamid.1'])).toEqual([found])
  expect(await matching(ask, ['wamid.1', 'wamid.2'])).toHaveLength(2)
  expect(await matching(ask, [])).toEqual([])
  expect(await matching(ask, ['trace'])).toEqual([found])
  const { secret } = await server.newKey({ tenantId: id, scopes: ['CONVERSATIONS_READ', 'ANALYTICS_READ'] })
  expect(await matching(server.as({ key: secret }), ['trace'])).toEqual([])
})

test('appends at the same time store each entry once', async () => {
  const { ask } = await server.newTenant()
  await append(ask, [entry('0', '0')])
  const answers: Answer[] = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      append(
        ask,
        Array.from({ length: 10 }, (__, j) => entry(`${(i + j) % 25}`, 'x')),
      ),
    ),
  )
  expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([])
  const ids = (await entriesOf(ask)).map(([externalId]: [string]) => externalId)
  expect(ids.toSorted()).toEqual([...Array(25).keys()].map(String).toSorted())
  const duplicates = answers.map(({ data }) => data.appendMessages.duplicateCount)
  expect(duplicates.reduce((sum, count) => sum + count, 0)).toBe(200 - 24)
})

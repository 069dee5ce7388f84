import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { logged, MESSAGE, read, refusals, said, write } from './writes.ts'

const server = await startTestServer()
const TIME = '2026-03-01T12:00:00.000Z'
const ID = expect.stringMatching(/^msg_[0-9a-z]{26}$/)
const messagesOf = async (ask: Parameters<typeof read>[0], id: string) =>
  (await read(ask, id, `messages(first: 100) { nodes { ${MESSAGE} } }`)).messages.nodes

const CHAT = {
  ...{ role: 'ASSISTANT', content: 'Grüße 👩‍👩‍👧 مرحبا 你好 \t"quoted" \\ \u2028 end', timestamp: TIME },
  ...{ endedAt: '2026-03-01T12:00:03.500Z', participantId: 'p1', metadata: { trace: 'x', n: 0.1 }, model: 'm' },
  ...{ tokenCount: 7, costUsd: 0.000000001, latencyMs: 12.75, rating: -1, sentiment: -0.25, language: 'de' },
  ...{ translation: 'Greetings', understood: false, intent: { name: 'greet', meaningful: false, externalId: 'i-1' } },
  reply: { name: 'Welcome', externalId: 'r-1', type: 'welcome' },
  ...{
    externalId: 'run-1',
    authorName: 'Grüßbot',
    attachments: [{ url: 'https://a.example/ü?x', name: 'b', mediaType: 'c' }],
  },
}
const TOOL = {
  ...{ name: 'lookup', input: { id: [1, { deep: null }] }, output: 'plain text', thought: 'Hm 🤔', error: 'boom' },
  ...{ durationMs: 0.5, timestamp: TIME, metadata: { k: true }, externalId: 'call_1', costUsd: 0.25 },
}
const LONG_NAME = 'x'.repeat(257)
const EVENT = {
  name: 'trace',
  visibility: 'INTERNAL',
  payload: [0, false, '', null],
  timestamp: TIME,
  metadata: { z: {} },
  externalId: 'event 1',
}

test('every field of each type of message is read back exactly', async () => {
  const { ask } = await server.newTenant()
  const agent = { agent: { externalId: 'bot' } }
  const { id } = await logged(ask, {
    messages: [{ chat: { ...CHAT, ...agent } }, { tool: { ...TOOL, ...agent } }, { event: { ...EVENT, ...agent } }],
  })
  expect(await messagesOf(ask, id)).toEqual([
    { __typename: 'ChatMessage', id: ID, sequence: 0, ...agent, ...CHAT },
    { __typename: 'ToolCall', id: ID, sequence: 1, ...agent, ...TOOL, failed: true },
    { __typename: 'ConversationEvent', id: ID, sequence: 2, ...agent, ...EVENT },
  ])
})

test('what is not given of a message is null, or its default', async () => {
  const { ask } = await server.newTenant()
  const messages = [{ chat: { role: 'USER', content: '' } }, { tool: { name: 't' } }, { event: { name: 'e' } }]
  const { id } = await logged(ask, { messages })
  const common = { id: ID, externalId: null, timestamp: expect.any(String), metadata: {}, agent: null }
  expect(await messagesOf(ask, id)).toEqual([
    {
      ...{
        ...common,
        __typename: 'ChatMessage',
        sequence: 0,
        role: 'USER',
        content: '',
        model: null,
        tokenCount: null,
      },
      ...{ costUsd: null, latencyMs: null, rating: null, sentiment: null, language: null, translation: null },
      ...{
        understood: null,
        intent: null,
        reply: null,
        participantId: null,
        endedAt: null,
        authorName: null,
        attachments: [],
      },
    },
    {
      ...{ ...common, __typename: 'ToolCall', sequence: 1, name: 't', input: null, output: null, thought: null },
      ...{ error: null, failed: false, durationMs: null, costUsd: null },
    },
    { ...common, __typename: 'ConversationEvent', sequence: 2, name: 'e', visibility: 'PUBLIC', payload: null },
  ])
})

test.each([
  ['a whole number', 0],
  ['the largest whole number', Number.MAX_SAFE_INTEGER],
  ['a fraction', 0.1],
  ['a very small number', 5e-324],
  ['a precise number', 123456.78901234567],
  ['a negative number', -1.5e-7],
  ['a boolean', false],
  ['a text', '42'],
  ['an empty text', ''],
  ['a list', [1, [2, []], {}]],
  ['an object', { b: 1, a: { '': null, 'x/y~z': 'ü', '😀': [] } }],
  ['names that mean something elsewhere', { $type: 'DateTime', value: 'x', set: [], toJSON: 2, constructor: 3 }],
])('%s is kept wherever JSON is taken', async (_what, value) => {
  const { ask } = await server.newTenant()
  const metadata = { value, nested: { value } }
  const { id } = await logged(ask, {
    ...{ metadata, analysis: { extractedData: value } },
    messages: [
      { chat: { role: 'USER', content: 'a', metadata } },
      { tool: { name: 't', input: value, output: value, metadata } },
      { event: { name: 'e', payload: value, metadata } },
    ],
  })
  const message = '... on ToolCall { input output } ... on ConversationEvent { payload }'
  const selection = `metadata analysis { extractedData } messages { nodes { metadata ${message} } }`
  expect(await read(ask, id, selection)).toEqual({
    ...{ metadata, analysis: { extractedData: value } },
    messages: { nodes: [{ metadata }, { metadata, input: value, output: value }, { metadata, payload: value }] },
  })
})

test('a key "then" makes no promise of metadata', async () => {
  const { ask } = await server.newTenant()
  const metadata = JSON.parse('{ "then": "what", "catch": null }')
  const { id } = await logged(ask, { metadata, messages: [{ event: { name: 'e', metadata, payload: metadata } }] })
  const selection = 'metadata messages { nodes { metadata ... on ConversationEvent { payload } } }'
  expect(await read(ask, id, selection)).toEqual({ metadata, messages: { nodes: [{ metadata, payload: metadata }] } })
})

test('a message may be as long as the limit says, to the character', async () => {
  const { ask } = await server.newTenant()
  for (const content of ['x'.repeat(262_144), '😀'.repeat(131_072), 'word '.repeat(52_428)]) {
    const { id } = await logged(ask, { messages: [said(content)] })
    expect((await messagesOf(ask, id))[0].content === content).toBe(true)
  }
  const answer = await write(ask, 'logConversation', { messages: [said('ok'), said('x'.repeat(262_145))] })
  expect(refusals(answer)).toEqual(['LIMIT_EXCEEDED input.messages[1].chat.content'])
})

test('a conversation counts its messages, their tokens and their cost', async () => {
  const { ask } = await server.newTenant()
  const chat = (role: string, more = {}) => ({ chat: { role, content: 'a', ...more } })
  const { id } = await logged(ask, {
    messages: [
      chat('SYSTEM', { tokenCount: 100, costUsd: 0.1 }),
      chat('USER', { tokenCount: 10, costUsd: 0.2, understood: false }),
      chat('ASSISTANT', { tokenCount: 1, costUsd: 0.000000005, understood: true }),
      chat('ASSISTANT'),
      chat('HUMAN_AGENT', { understood: false }),
      { tool: { name: 't' } },
      { tool: { name: 't', error: 'x' } },
      { event: { name: 'e' } },
      { event: { name: 'e', visibility: 'INTERNAL' } },
    ],
  })
  const COUNTS = `messageCount userMessageCount assistantMessageCount humanAgentMessageCount toolCallCount toolErrorCount
    notUnderstoodCount tokenCount costUsd messages { totalCount }`
  const counts = {
    ...{ userMessageCount: 1, assistantMessageCount: 2, humanAgentMessageCount: 1, toolCallCount: 2 },
    ...{ toolErrorCount: 1, notUnderstoodCount: 1, tokenCount: 111, costUsd: 0.300000005 },
  }
  expect(await read(ask, id, COUNTS)).toEqual({ ...counts, messageCount: 9, messages: { totalCount: 9 } })
})

test.each([
  [{ chat: { role: 'USER', content: 'a', rating: 2 } }, 'BAD_USER_INPUT', 'chat.rating'],
  [{ chat: { role: 'USER', content: 'a', sentiment: 1.01 } }, 'BAD_USER_INPUT', 'chat.sentiment'],
  [{ chat: { role: 'USER', content: 'a', tokenCount: -1 } }, 'BAD_USER_INPUT', 'chat.tokenCount'],
  [{ chat: { role: 'USER', content: 'a', tokenCount: 2 ** 31 } }, 'BAD_USER_INPUT', 'chat.tokenCount'],
  [{ chat: { role: 'USER', content: 'a', costUsd: -0.01 } }, 'BAD_USER_INPUT', 'chat.costUsd'],
  [{ chat: { role: 'USER', content: 'a', costUsd: 1e9 } }, 'BAD_USER_INPUT', 'chat.costUsd'],
  [{ chat: { role: 'USER', content: 'a', latencyMs: -1 } }, 'BAD_USER_INPUT', 'chat.latencyMs'],
  [{ chat: { role: 'USER', content: 'a', intent: { name: ' ' } } }, 'BAD_USER_INPUT', 'chat.intent.name'],
  [{ chat: { role: 'USER', content: 'a', reply: { name: ' ' } } }, 'BAD_USER_INPUT', 'chat.reply.name'],
  [
    { chat: { role: 'USER', content: 'a', reply: { name: 'r', type: LONG_NAME } } },
    'LIMIT_EXCEEDED',
    'chat.reply.type',
  ],
  [
    { chat: { role: 'USER', content: 'a', reply: { name: 'r', externalId: LONG_NAME } } },
    'LIMIT_EXCEEDED',
    'chat.reply.externalId',
  ],
  [
    { chat: { role: 'USER', content: 'a', intent: { name: 'i', externalId: LONG_NAME } } },
    'LIMIT_EXCEEDED',
    'chat.intent.externalId',
  ],
  [{ chat: { role: 'USER', content: 'a', model: 'm'.repeat(257) } }, 'LIMIT_EXCEEDED', 'chat.model'],
  [{ chat: { role: 'USER', content: 'a', agent: { externalId: ' ' } } }, 'BAD_USER_INPUT', 'chat.agent.externalId'],
  [{ chat: { role: 'USER', content: 'a', agent: { id: 'agent_1' } } }, 'NOT_FOUND', 'chat.agent.id'],
  [{ tool: { name: '' } }, 'BAD_USER_INPUT', 'tool.name'],
  [{ tool: { name: 't', durationMs: -0.1 } }, 'BAD_USER_INPUT', 'tool.durationMs'],
  [{ tool: { name: 't', output: 'x'.repeat(102_400) } }, 'LIMIT_EXCEEDED', 'tool.output'],
  [{ event: { name: 'e'.repeat(257) } }, 'LIMIT_EXCEEDED', 'event.name'],
  [{ event: { name: 'e', payload: ['x'.repeat(102_400)] } }, 'LIMIT_EXCEEDED', 'event.payload'],
])('message %# out of bounds is refused with its place', async (message, code, place) => {
  const { ask } = await server.newTenant()
  const answer = await write(ask, 'logConversation', { messages: [said('fine'), message] })
  expect(refusals(answer)).toEqual([`${code} input.messages[1].${place}`])
  expect((await ask('{ conversations { totalCount } }')).data.conversations.totalCount).toBe(0)
})

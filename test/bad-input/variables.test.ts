import { expect, test } from 'vitest'
import { refusals, said } from '../conversations/writes.ts'
import { startTestServer } from '../support/server.ts'

const server = await startTestServer()
const { ask } = await server.newTenant()

const wrong = { messages: [said('a'), said('b', 'TOOL')] }
const WRONG = 'messages[1].chat.role'

test.each([
  ['another name', 'mutation ($x: LogConversationInput!) { logConversation(input: $x) { created } }', { x: wrong }],
  [
    'the name of another argument',
    'mutation ($id: LogConversationInput!) { logConversation(input: $id) { created } }',
    { id: wrong },
  ],
  [
    'a part of the input',
    'mutation ($m: [MessageInput!]!) { logConversation(input: { messages: $m }) { created } }',
    { m: wrong.messages },
  ],
  [
    'an item of a part',
    'mutation ($m: MessageInput!) { logConversation(input: { messages: [{ chat: { role: USER, content: "a" } }, $m] }) { created } }',
    { m: wrong.messages[1] },
  ],
  [
    'a field of an item',
    'mutation ($r: MessageRole!) { logConversation(input: { messages: [{ chat: { role: USER, content: "a" } }, { chat: { role: $r, content: "a" } }] }) { created } }',
    { r: 'TOOL' },
  ],
  [
    'a fragment',
    'mutation ($x: LogConversationInput!) { ...F } fragment F on Mutation { logConversation(input: $x) { created } }',
    { x: wrong },
  ],
  [
    'two uses, of which the first counts',
    'mutation ($m: [MessageInput!]!) { logConversation(input: { messages: $m }) { created } appendMessages(input: { by: { externalId: "a" }, messages: $m }) { created } }',
    { m: wrong.messages },
  ],
  [
    'several operations, of which one runs',
    'mutation Other($x: LogConversationInput!) { logConversations(input: { conversations: [$x] }) { results { index } } } mutation This($x: LogConversationInput!) { logConversation(input: $x) { created } }',
    { x: wrong },
    'This',
  ],
])('a variable of %s: the path begins with the argument', async (_what, query, variables, operationName?: string) => {
  const client = operationName ? named(operationName) : ask
  const answer = await client(query, variables)
  expect(refusals(answer)).toEqual([`BAD_USER_INPUT input.${WRONG}`])
  expect(answer.errors?.[0]?.message).toBe(`input.${WRONG}: Value "TOOL" does not exist in "MessageRole" enum.`)
})

const { key } = await server.newTenant()
const named = (operationName: string) => async (query: string, variables: object) => {
  const response = await server.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query, variables, operationName }),
  })
  return { status: response.status, headers: response.headers, ...(await response.json()) }
}

test.each([
  [
    'query ($f: ConversationFilter) { conversations(filter: $f) { totalCount } }',
    { f: { isTest: 'no' } },
    'filter.isTest',
  ],
  ['query ($n: Int) { conversations(first: $n) { totalCount } }', { n: '5' }, 'first'],
  ['query ($n: Int) { a: conversations { nodes { messages(first: $n) { totalCount } } } }', { n: 1.5 }, 'first'],
  [
    'query ($m: [MetadataFilter!]) { conversations(filter: { metadata: $m }) { totalCount } }',
    { m: [{ path: ['a'], surprise: 1 }] },
    'filter.metadata[0]',
  ],
  ['query ($is: Boolean!) { conversations @include(if: $is) { totalCount } }', { is: 'yes' }, 'if'],
  ['query ($m: [SeriesMeasure!]!) { conversationSeries(measures: $m) { from } }', { m: ['X'] }, 'measures[0]'],
  ['subscription ($x: ID!) { conversationUpdated(id: $x) { id } }', { x: {} }, 'id'],
  ['mutation ($x: LogConversationInput!) { logConversation(input: $x) { created } }', {}, 'input'],
  ['mutation ($x: LogConversationInput!) { logConversation(input: $x) { created } }', { x: null }, 'input'],
  [
    'mutation ($x: LogConversationInput = { transcript: "User: a" }) { logConversation(input: $x) { created } }',
    { x: null },
    'input',
  ],
])('%s: it begins with the argument', async (query, variables, inputPath) => {
  const answer = await ask(query, variables)
  expect(refusals(answer)).toEqual([`BAD_USER_INPUT ${inputPath}`])
})

test('a text that reads like the place of another error misleads nobody', async () => {
  const query = 'mutation ($x: LogConversationInput!) { logConversation(input: $x) { created } }'
  const text = 'a at "x.labels[0]"; '
  expect(refusals(await ask(query, { x: text }))).toEqual(['BAD_USER_INPUT input'])
  expect(refusals(await ask(query, { x: { ...wrong, [text]: text } }))).toEqual([
    `BAD_USER_INPUT input.${WRONG}`,
    'BAD_USER_INPUT input',
  ])
})

test('several variables are named each by its argument', async () => {
  const query = `mutation ($a: LogConversationInput!, $b: AppendMessagesInput!, $c: [LogConversationInput!]!) {
    logConversation(input: $a) { created } appendMessages(input: $b) { created } logConversations(input: { conversations: $c }) { results { index } } }`
  const answer = await ask(query, { a: wrong, b: { by: { externalId: 'a' }, messages: 5 }, c: [] })
  expect(refusals(answer)).toEqual([`BAD_USER_INPUT input.${WRONG}`, 'BAD_USER_INPUT input.messages'])
})

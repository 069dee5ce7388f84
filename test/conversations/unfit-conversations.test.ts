import { expect, test } from 'vitest'
import { type Answer, type Ask, startTestServer } from '../support/server.ts'
import { logged, refusals, said, stored } from './writes.ts'

const server = await startTestServer()
const { ask, asAccount, key } = await server.newTenant()

const RESULTS = 'results { index created error { code message inputPath inputPaths } conversation { externalId } }'
const LOG = `mutation ($inputs: [LogConversationInput!]!) { logConversations(input: { conversations: $inputs }) { ${RESULTS} } }`

interface Result {
  index: number
  created: boolean | null
  error: { code: string; message: string; inputPath: string; inputPaths: string[] } | null
}

async function results(inputs: unknown[], document = LOG, client: Ask = ask): Promise<Result[]> {
  const { data, errors } = await client(document, { inputs })
  expect(errors).toBeUndefined()
  return data.logConversations.results
}

/** What each came to: `created`, or its code and all places that it names. */
const outcomes = (all: readonly Result[]) =>
  all.map(({ created, error }) => (error ? [error.code, ...error.inputPaths].join(' ') : created && 'created'))

const one = (more: object = {}) => ({ messages: [said('Hello'), said('Hi', 'ASSISTANT')], ...more })
const chat = (more: object) => one({ messages: [said('Hello'), { chat: { role: 'USER', content: 'a', ...more } }] })
const CHAT = 'input.conversations[1].messages[1].chat'

test.each([
  ['an unknown role', chat({ role: 'TOOL' }), `${CHAT}.role`],
  ['an enum value as a number', chat({ role: 1 }), `${CHAT}.role`],
  ['no content', chat({ content: null }), `${CHAT}.content`],
  ['a missing role', one({ messages: [said('a'), { chat: { content: 'a' } }] }), CHAT],
  ['a time without an offset', one({ startedAt: '2026-03-01T12:00:00' }), 'input.conversations[1].startedAt'],
  ['a time as a number', chat({ timestamp: 1_772_366_400 }), `${CHAT}.timestamp`],
  ['an unknown field', one({ surprise: 1 }), 'input.conversations[1]'],
  ['an unknown field further in', chat({ surprise: 1 }), CHAT],
  [
    'two kinds at once',
    one({ messages: [{ ...said('a'), tool: { name: 't' } }] }),
    'input.conversations[1].messages[0]',
  ],
  ['no kind', one({ messages: [{}] }), 'input.conversations[1].messages[0]'],
  ['a kind that is null', one({ messages: [{ chat: null }] }), 'input.conversations[1].messages[0].chat'],
  ['a text in the place of a list', one({ messages: 'Hello' }), 'input.conversations[1].messages'],
  ['a number in the place of a text', one({ externalId: 17 }), 'input.conversations[1].externalId'],
  ['a list in the place of an object', one({ metadata: [] }), 'input.conversations[1].metadata'],
  ['null', null, 'input.conversations[1]'],
  ['a text', 'Hello', 'input.conversations[1]'],
  ['a list of one', [one()], 'input.conversations[1]'],
  ['nothing of its own', { conversations: one() }, 'input.conversations[1]'],
])('%s refuses this one alone', async (_what, input, inputPath) => {
  const answers = await results([one(), input, one({ metadata: { at: 3 } })])
  expect(outcomes(answers)).toEqual(['created', `BAD_USER_INPUT ${inputPath}`, 'created'])
  expect(answers.map(({ index }) => index)).toEqual([0, 1, 2])
  expect(answers[1]?.error?.inputPath).toBe(inputPath)
  expect(answers[1]?.error?.message).toMatch(/^input\.conversations\[1\][^ ]*: ./)
})

test('all that is wrong with one is named', async () => {
  const answers = await results([
    one(),
    {
      status: 'NO',
      labels: [1, 'fine', null],
      messages: [{ chat: { role: 'X', content: 1 } }, said('fine')],
      surprise: 1,
    },
  ])
  const paths = ['status', 'messages[0].chat.role', 'messages[0].chat.content', 'labels[0]', 'labels[2]']
  const expected = [...paths.map((path) => `input.conversations[1].${path}`), 'input.conversations[1]']
  expect(outcomes(answers)[0]).toBe('created')
  expect(answers[1]?.error?.inputPaths.toSorted()).toEqual(expected.toSorted())
  const lines = answers[1]?.error?.message.split('\n') ?? []
  expect(lines.map((line) => line.split(': ')[0])).toEqual(answers[1]?.error?.inputPaths)
})

test('one with thousands of faults has an answer of readable size', async () => {
  const messages = Array.from({ length: 5_000 }, () => ({ chat: { role: 'x'.repeat(1_000), content: 'a' } }))
  const [answer] = await results([{ messages }])
  expect(answer?.error?.inputPaths).toHaveLength(50)
  expect(JSON.stringify(answer).length).toBeLessThan(40_000)
  // However many such there are, each has one named.
  const many = await results(Array.from({ length: 100 }, () => ({ messages: messages.slice(0, 60) })))
  expect(many.map(({ error }) => error?.inputPaths.length)).toEqual([
    ...Array.from({ length: 20 }, () => 50),
    ...Array.from({ length: 80 }, () => 1),
  ])
})

test('what does not fit and what is refused later are named side by side, whatever the variable is called', async () => {
  await logged(ask, { externalId: 'taken' })
  const document = LOG.replaceAll('$inputs', '$data')
  const { data } = await ask(document, {
    data: [chat({ role: 'TOOL' }), one({ externalId: 'taken' }), one({ metadata: { text: '\u0000' } }), one()],
  })
  expect(outcomes(data.logConversations.results)).toEqual([
    'BAD_USER_INPUT input.conversations[0].messages[1].chat.role',
    'EXTERNAL_ID_TAKEN input.conversations[1].externalId',
    'BAD_USER_INPUT input.conversations[2].metadata.text',
    'created',
  ])
})

test('one variable under two aliases is judged in each, and two lists by themselves', async () => {
  const twice = `mutation ($inputs: [LogConversationInput!]!, $more: [LogConversationInput!]!) {
    a: logConversations(input: { conversations: $inputs }) { ${RESULTS} } b: logConversations(input: { conversations: $inputs }) { ${RESULTS} }
    c: logConversations(input: { conversations: $more }) { ${RESULTS} } }`
  const inputs = [one(), null, one({ startedAt: '2026-03-01T12:00:00.250+01:00' })]
  const { data } = await ask(twice, { inputs, more: [5, one()] })
  const expected = ['created', 'BAD_USER_INPUT input.conversations[1]', 'created']
  expect(outcomes(data.a.results)).toEqual(expected)
  expect(outcomes(data.b.results)).toEqual(expected)
  expect(outcomes(data.c.results)).toEqual(['BAD_USER_INPUT input.conversations[0]', 'created'])
})

test('a variable that may be absent stands for its default, and is judged one by one if it is given', async () => {
  const optional = `mutation ($inputs: [LogConversationInput!] = [{ transcript: "User: Hello", startedAt: "2026-03-01T12:00:00Z" }]) {
    logConversations(input: { conversations: $inputs }) { ${RESULTS} } }`
  const { data } = await ask(optional)
  expect(outcomes(data.logConversations.results)).toEqual(['created'])
  expect(outcomes(await results([one(), 'a'], optional))).toEqual(['created', 'BAD_USER_INPUT input.conversations[1]'])
  const none = await ask(optional, { inputs: null })
  expect(refusals(none)).toEqual(['BAD_USER_INPUT input'])
  expect(none.errors?.[0]?.message).toBe('Argument "input" has invalid value {conversations: $inputs}.')
  const whole = `mutation ($input: LogConversationsInput = { conversations: [] }) { logConversations(input: $input) { ${RESULTS} } }`
  expect(refusals(await ask(whole, { input: null }))).toEqual(['BAD_USER_INPUT input'])
})

test('the list is judged one by one also where the variable is the whole input', async () => {
  const whole = `mutation ($input: LogConversationsInput!) { logConversations(input: $input) { ${RESULTS} } }`
  const { data } = await ask(whole, { input: { conversations: [one(), null, chat({ role: 'TOOL' })] } })
  expect(outcomes(data.logConversations.results)).toEqual([
    'created',
    'BAD_USER_INPUT input.conversations[1]',
    'BAD_USER_INPUT input.conversations[2].messages[1].chat.role',
  ])
  const before = await stored(server)
  const refused = async (input: unknown) => refusals(await ask(whole, { input }))
  expect(await refused(null)).toEqual(['BAD_USER_INPUT input'])
  expect(await refused({})).toEqual(['BAD_USER_INPUT input'])
  expect(await refused({ conversations: null })).toEqual(['BAD_USER_INPUT input.conversations'])
  expect(await refused({ conversations: [one(), null], surprise: 1 })).toEqual([
    'BAD_USER_INPUT input.conversations[1]',
    'BAD_USER_INPUT input',
  ])
  expect(await stored(server)).toEqual(before)
})

test.each([
  ['null', null, 'input.conversations'],
  ['nothing', undefined, 'input.conversations'],
  ['a text', 'Hello', 'input.conversations'],
  ['one that does not fit, in no list', chat({ role: 'TOOL' }), 'input.conversations.messages[1].chat.role'],
])('%s in the place of the list refuses the call', async (_what, inputs, inputPath) => {
  const before = await stored(server)
  expect(refusals(await ask(LOG, { inputs }))).toEqual([`BAD_USER_INPUT ${inputPath}`])
  expect(await stored(server)).toEqual(before)
})

test('one in no list is a list of one', async () => {
  const { data } = await ask(LOG, { inputs: one() })
  expect(outcomes(data.logConversations.results)).toEqual(['created'])
})

test('what stands in the document is judged as a whole', async () => {
  const before = await stored(server)
  const items = `mutation ($one: LogConversationInput!, $two: LogConversationInput!) {
    logConversations(input: { conversations: [$one, $two] }) { ${RESULTS} } }`
  expect(refusals(await ask(items, { one: one(), two: chat({ role: 'TOOL' }) }))).toEqual([
    `BAD_USER_INPUT ${CHAT}.role`,
  ])
  const inside = `mutation ($messages: [MessageInput!]!) {
    logConversations(input: { conversations: [{ transcript: "User: Hello" }, { messages: $messages }] }) { ${RESULTS} } }`
  expect(refusals(await ask(inside, { messages: [said('a'), said('b', 'TOOL')] }))).toEqual([
    `BAD_USER_INPUT ${CHAT}.role`,
  ])
  const literal = `mutation { logConversations(input: { conversations: [{ transcript: "User: Hello" }, { messages: [{ chat: { role: TOOL, content: "a" } }] }] }) { ${RESULTS} } }`
  expect(refusals(await ask(literal))).toEqual(['GRAPHQL_VALIDATION_FAILED'])
  expect(await stored(server)).toEqual(before)
})

test('an unfit one takes no key and no external id: corrected, it is stored', async () => {
  const keys = { idempotencyKey: 'corrected', externalId: 'corrected' }
  const [before] = await results([chat({ role: 'TOOL' })])
  expect(before?.created).toBeNull()
  const wrong = { ...chat({ role: 'TOOL' }), ...keys }
  expect(outcomes(await results([one({ idempotencyKey: 'good' }), wrong]))).toEqual([
    'created',
    `BAD_USER_INPUT ${CHAT}.role`,
  ])
  const again = await results([one({ idempotencyKey: 'good' }), one(keys)])
  expect(outcomes(again)).toEqual(['created', 'created'])
  expect(outcomes(await results([wrong, one(keys)]))).toEqual([
    'BAD_USER_INPUT input.conversations[0].messages[1].chat.role',
    'created',
  ])
})

test('where nothing fits, nothing is stored', async () => {
  const before = await stored(server)
  expect(outcomes(await results([null, 5, {}]))).toEqual([
    'BAD_USER_INPUT input.conversations[0]',
    'BAD_USER_INPUT input.conversations[1]',
    'BAD_USER_INPUT input.conversations[2].messages',
  ])
  expect(await stored(server)).toEqual(before)
})

test('500 are judged one by one, and more are refused as a whole', async () => {
  const inputs = (count: number) => Array.from({ length: count }, (_, i) => (i % 2 === 0 ? null : one()))
  const answers = await results(inputs(500))
  expect(new Set(outcomes(answers).filter((_, i) => i % 2 === 1))).toEqual(new Set(['created']))
  expect(answers.filter(({ error }) => error).map(({ error }) => error?.inputPath)).toEqual(
    Array.from({ length: 250 }, (_, i) => `input.conversations[${i * 2}]`),
  )
  const before = await stored(server)
  const { data, errors } = await ask(LOG, { inputs: inputs(501) })
  expect([data, errors?.[0]?.extensions.code]).toEqual([undefined, 'BAD_USER_INPUT'])
  expect(await stored(server)).toEqual(before)
})

test('it is the same in an answer that is streamed, and for a key of the account', async () => {
  const variables = { inputs: [null, one()] }
  const response = await server.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query: LOG, variables }),
  })
  const [, json = ''] = /data: (\{.*\})/.exec(await response.text()) ?? []
  expect(outcomes(JSON.parse(json).data.logConversations.results)).toEqual([
    'BAD_USER_INPUT input.conversations[0]',
    'created',
  ])
  expect(outcomes(await results(variables.inputs, LOG, asAccount))).toEqual([
    'BAD_USER_INPUT input.conversations[0]',
    'created',
  ])
})

test('no name of the schema is suggested: introspection may be off', async () => {
  const [answer] = await results([{ ...one(), externalID: 'a', channel: 'CHAD' }])
  expect(answer?.error?.inputPaths).toEqual(['input.conversations[0].channel', 'input.conversations[0]'])
  expect(answer?.error?.message).not.toMatch(/did you mean/i)
})

test('two that are sent at the same time are judged each by its own variables', async () => {
  const answers: Answer[] = await Promise.all([
    ask(LOG, { inputs: [null, one()] }),
    ask(LOG, { inputs: [one(), null] }),
    ask(LOG, { inputs: [one()] }),
  ])
  expect(answers.map(({ data }) => outcomes(data.logConversations.results))).toEqual([
    ['BAD_USER_INPUT input.conversations[0]', 'created'],
    ['created', 'BAD_USER_INPUT input.conversations[1]'],
    ['created'],
  ])
})

import { expect, test } from 'vitest'
import { logged, read, refusals, said, stored, write } from '../conversations/writes.ts'
import { startTestServer } from '../support/server.ts'

const server = await startTestServer()
const { ask, key } = await server.newTenant()
const { id } = await logged(ask, { status: 'ACTIVE', metadata: { amount: 0.1 } })

/** A number in a variable with these digits. */
const exactly = (digits: string) => (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(digits)

const LOST = [
  '0.1000000000000000055',
  '-0.1000000000000000055',
  '12345678901234567.5',
  '0.12345678901234567890',
  '1.00000000000000000001',
  '1e400',
  '-1E400',
  '1e-400',
  '123456789.0123456789',
  '9007199254740993',
  '12345678901234567890',
  '1.2345678901234567e-7',
]
const KEPT = [
  ['1.0', 1],
  ['1e2', 100],
  ['1.50E+1', 15],
  ['0.1', 0.1],
  ['-0', 0],
  ['0e999', 0],
  ['0.30000000000000004', 0.30000000000000004],
  ['9007199254740991', 9007199254740991],
  ['1.0000000000000000000000', 1],
  ['5e-324', 5e-324],
  ['0.000000000000000000000001', 1e-24],
  ['1234567890.12345', 1234567890.12345],
] as const

const PLACES: [place: string, mutation: string, input: (json: unknown) => object][] = [
  ['metadata.a[1].b', 'logConversation', (n) => ({ messages: [said('a')], metadata: { a: [1, { b: n }] } })],
  ['metadata.n', 'appendMessages', (n) => ({ by: { id: id }, messages: [said('a')], metadata: { n } })],
  ['metadata.n', 'updateConversation', (n) => ({ by: { id: id }, metadata: { n } })],
  ['analysis.extractedData', 'updateConversation', (n) => ({ by: { id: id }, analysis: { extractedData: n } })],
  ['messages[0].tool.input', 'logConversation', (n) => ({ messages: [{ tool: { name: 't', input: n } }] })],
  ['messages[0].tool.output.n', 'logConversation', (n) => ({ messages: [{ tool: { name: 't', output: { n } } }] })],
  ['messages[0].event.payload[0]', 'logConversation', (n) => ({ messages: [{ event: { name: 'e', payload: [n] } }] })],
  [
    'messages[0].chat.metadata.n',
    'logConversation',
    (n) => ({ messages: [{ chat: { role: 'USER', content: 'a', metadata: { n } } }] }),
  ],
  // In the place of a list: a list of one.
  ['messages.event.payload', 'logConversation', (n) => ({ messages: { event: { name: 'e', payload: n } } })],
]

test.each(LOST)('%s is refused wherever JSON is taken, with its place', async (digits) => {
  const before = await stored(server)
  for (const [place, mutation, input] of PLACES) {
    const inputPath = `input.${place.replace('messages.', 'messages[0].')}`
    expect(refusals(await write(ask, mutation, input(exactly(digits))))).toEqual([`BAD_USER_INPUT ${inputPath}`])
  }
  expect(await stored(server)).toEqual(before)
})

test.each(KEPT)('%s is taken, and given back with its value', async (digits, value) => {
  const { data, errors } = await write(
    ask,
    'logConversation',
    { messages: [{ tool: { name: 't', input: exactly(digits) } }], metadata: { n: exactly(digits) } },
    'conversation { metadata messages { nodes { ... on ToolCall { input } } } }',
  )
  expect(errors).toBeUndefined()
  expect(data.logConversation.conversation).toEqual({ metadata: { n: value }, messages: { nodes: [{ input: value }] } })
})

test('the place is named by the argument, whatever the variable is called and wherever it stands', async () => {
  const n = exactly('0.1000000000000000055')
  const log = (variables: string, input: string) =>
    `mutation (${variables}) { logConversation(input: ${input}) { created } }`
  const asked: [query: string, variables: Record<string, unknown>, path: string][] = [
    [log('$x: LogConversationInput!', '$x'), { x: { messages: [said('a')], metadata: { n } } }, 'input.metadata.n'],
    [log('$x: JSONObject!', '{ transcript: "User: a", metadata: $x }'), { x: { n } }, 'input.metadata.n'],
    [log('$x: JSON', '{ transcript: "User: a", metadata: { m: [$x] } }'), { x: n }, 'input.metadata.m[0]'],
    [
      log('$x: [MessageInput!]!', '{ messages: $x }'),
      { x: [said('a'), { tool: { name: 't', input: n } }] },
      'input.messages[1].tool.input',
    ],
    [
      log('$y: Boolean!, $x: LogConversationInput!', '$x').replace('input: $x) {', 'input: $x) @include(if: $y) {'),
      { x: { transcript: 'User: a', metadata: { n } }, y: true },
      'input.metadata.n',
    ],
  ]
  for (const [query, variables, path] of asked) {
    expect(refusals(await ask(query, variables))).toEqual([`BAD_USER_INPUT ${path}`])
  }
})

test('in a document, too', async () => {
  for (const digits of LOST) {
    const query = (place: string) => `mutation { logConversation(input: { ${place} }) { created } }`
    expect(refusals(await ask(query(`transcript: "User: a", metadata: { a: [${digits}] }`)))).toEqual([
      'BAD_USER_INPUT input.metadata.a[0]',
    ])
    expect(refusals(await ask(query(`messages: [{ tool: { name: "t", input: ${digits} } }]`)))).toEqual([
      'BAD_USER_INPUT input.messages[0].tool.input',
    ])
  }
  const { data } = await ask(
    'mutation { logConversation(input: { transcript: "User: a", metadata: { a: [1.50, -0, 1e2], b: { c: null, d: true, e: "x" } } }) { conversation { metadata } } }',
  )
  expect(data.logConversation.conversation.metadata).toEqual({ a: [1.5, 0, 100], b: { c: null, d: true, e: 'x' } })
})

test.each([true, false])('in filters of what is read, compiled or not', async (compiles) => {
  const more = compiles ? '' : 'agents { totalCount }'
  for (const [filter, path] of [
    [(n: unknown) => ({ metadata: [{ path: ['amount'], eq: n }] }), 'filter.metadata[0].eq'],
    [(n: unknown) => ({ metadata: [{ path: ['amount'], in: [1, n] }] }), 'filter.metadata[0].in[1]'],
    [
      (n: unknown) => ({ not: { metadata: { path: ['amount'], contains: { a: n } } } }),
      'filter.not.metadata[0].contains.a',
    ],
  ] as const) {
    const query = `query ($f: ConversationFilter) { ${more} conversations(filter: $f) { totalCount } }`
    expect(refusals(await ask(query, { f: filter(exactly('0.1000000000000000055')) }))).toEqual([
      `BAD_USER_INPUT ${path}`,
    ])
    expect((await ask(query, { f: filter(0.1) })).errors).toBeUndefined()
  }
  const inside = 'query ($f: ConversationFilter) { agents { nodes { totals(filter: $f) { conversationCount } } } }'
  await logged(ask, { agents: [{ externalId: 'bot' }] })
  const f = { metadata: [{ path: ['amount'], eq: exactly('0.1000000000000000055') }] }
  expect(refusals(await ask(inside, { f }))).toEqual(['BAD_USER_INPUT filter.metadata[0].eq'])
})

test('in the variables of a URL, and of a subscription', async () => {
  const variables = '{"f":{"metadata":[{"path":["amount"],"eq":0.1000000000000000055}]}}'
  const get = async (query: string, accept: string) => {
    const url = `/graphql?${new URLSearchParams({ query, variables })}`
    const response = await server.fetch(url, { headers: { authorization: `Bearer ${key}`, accept } })
    return response.text()
  }
  const refused = '"code":"BAD_USER_INPUT","inputPath":"filter.metadata[0].eq"'
  const query = 'query ($f: ConversationFilter) { conversations(filter: $f) { totalCount } }'
  expect(await get(query, 'application/json')).toContain(refused)
  const follow = 'subscription ($f: ConversationFilter) { conversationsChanged(filter: $f) { resumeToken } }'
  const response = await server.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, accept: 'text/event-stream' },
    body: `{"query":${JSON.stringify(follow)},"variables":${variables}}`,
  })
  expect(await response.text()).toContain(refused)
})

test('in bulk it refuses one conversation alone', async () => {
  const query = `mutation ($data: [LogConversationInput!]!) { logConversations(input: { conversations: $data }) { results { created error { code inputPaths } } } }`
  const one = (metadata: object) => ({ messages: [said('a')], metadata })
  const { data } = await ask(query, {
    data: [one({ n: 1.5 }), one({ n: exactly('1.00000000000000000001') }), null, one({ n: exactly('1e2') })],
  })
  const refused = (path: string) => ({ created: null, error: { code: 'BAD_USER_INPUT', inputPaths: [path] } })
  const created = { created: true, error: null }
  expect(data.logConversations.results).toEqual([
    created,
    refused('input.conversations[1].metadata.n'),
    refused('input.conversations[2]'),
    created,
  ])
})

test('a Float takes the nearest double, as GraphQL says, beside JSON that is kept', async () => {
  const [latencyMs, first] = [exactly('12.34567890123456789012'), exactly('1.0000000000000000000000001')]
  const { data, errors } = await write(
    ask,
    'logConversation',
    { messages: [{ chat: { role: 'ASSISTANT', content: 'a', latencyMs } }], metadata: { n: 0.25 } },
    'conversation { metadata messages { nodes { ... on ChatMessage { latencyMs } } } }',
  )
  expect(errors).toBeUndefined()
  const messages = { nodes: [{ latencyMs: 12.345678901234567 }] }
  expect(data.logConversation.conversation).toEqual({ metadata: { n: 0.25 }, messages })
  expect((await ask('query ($n: Int) { conversations(first: $n) { nodes { id } } }', { n: first })).data).toMatchObject(
    {
      conversations: { nodes: [{}] },
    },
  )
})

test('what is asked for with a lost number is counted as what it becomes', async () => {
  const { data } = await ask('query ($n: Int) { conversations(first: $n) { nodes { id } } }', {
    n: exactly('100.00000000000000000001'),
  })
  expect(data.conversations.nodes.length).toBeGreaterThan(0)
  const nested =
    'query ($n: Int) { conversations(first: $n) { nodes { messages(first: $n) { nodes { agent { name } id sequence } } } } }'
  const small = await startTestServer({ maxQueryCost: 10_000 })
  const tenant = await small.newTenant()
  const codes = async (n: unknown) => (await tenant.ask(nested, { n })).errors?.map(({ extensions }) => extensions.code)
  expect(await codes(100)).toEqual(['QUERY_TOO_COMPLEX'])
  expect(await codes(exactly('100.00000000000000000001'))).toEqual(['QUERY_TOO_COMPLEX'])
})

test('the metadata that was there is unchanged by all of this', async () => {
  expect(await read(ask, id, 'metadata')).toEqual({ metadata: { amount: 0.1 } })
})

import { expect, test } from 'vitest'
import { logged, read, refusals, said, stored, write } from '../conversations/writes.ts'
import { startTestServer } from '../support/server.ts'

const server = await startTestServer()
const { ask } = await server.newTenant()
const { id } = await logged(ask, { status: 'ACTIVE', metadata: { kept: true } })

const nested = (depth: number, wrap: (inner: unknown) => unknown, value: unknown = 1) => {
  let result = value
  for (let i = 0; i < depth; i++) result = wrap(result)
  return result
}

/** Metadata of exactly `bytes` bytes of JSON. */
const sized = (bytes: number) => ({ a: 'x'.repeat(bytes - '{"a":""}'.length) })

/** Each place where a caller may put JSON, and what it is called there. */
const PLACES: [place: string, mutation: string, input: (json: unknown) => object][] = [
  ['input.metadata', 'logConversation', (json) => ({ messages: [said('a')], metadata: json })],
  ['input.metadata', 'appendMessages', (json) => ({ by: { id: id }, messages: [said('a')], metadata: json })],
  ['input.metadata', 'updateConversation', (json) => ({ by: { id: id }, metadata: json })],
  [
    'input.analysis.extractedData',
    'updateConversation',
    (json) => ({ by: { id: id }, analysis: { extractedData: json } }),
  ],
  ...(['metadata', 'input', 'output'] as const).map((name): (typeof PLACES)[number] => [
    `input.messages[0].tool.${name}`,
    'appendMessages',
    (json) => ({ by: { id: id }, messages: [{ tool: { name: 't', [name]: json } }] }),
  ]),
  [
    'input.messages[0].event.payload',
    'logConversation',
    (json) => ({ messages: [{ event: { name: 'e', payload: json } }] }),
  ],
]

const REFUSED: [what: string, json: object, code: string, below: string][] = [
  ['NUL in a value', { a: ['x\0'] }, 'BAD_USER_INPUT', '.a[0]'],
  ['NUL in a key', { 'a\0b': 1 }, 'BAD_USER_INPUT', ''],
  ['half a surrogate pair', { a: { b: 'x\ud800' } }, 'BAD_USER_INPUT', '.a.b'],
  ['the other half in a key', { '\udc00': 1 }, 'BAD_USER_INPUT', ''],
  ['a whole number beyond 2^53', { a: 2 ** 53 }, 'BAD_USER_INPUT', '.a'],
  ['1e21', { a: [1e21] }, 'BAD_USER_INPUT', '.a[0]'],
  ['a negative one', { a: -(2 ** 60) }, 'BAD_USER_INPUT', '.a'],
  ['the key __proto__', JSON.parse('{"a":{"__proto__":{"admin":true}}}'), 'BAD_USER_INPUT', '.a'],
]

test.each(REFUSED)('%s is refused wherever JSON is taken', async (_what, json, code, below) => {
  const before = await stored(server)
  for (const [place, mutation, input] of PLACES) {
    expect(refusals(await write(ask, mutation, input(json)))).toEqual([`${code} ${place}${below}`])
  }
  expect(await stored(server)).toEqual(before)
  expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
})

test('a number beyond a double is no number', async () => {
  const body = `{"query":"mutation ($m: JSONObject) { logConversation(input: {transcript: \\"User: a\\", metadata: $m}) { created } }","variables":{"m":{"a":1e400}}}`
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${(await server.newTenant()).key}` }
  const answer = await (await server.fetch('/graphql', { method: 'POST', headers, body })).json()
  expect(answer.errors[0].extensions).toEqual({ code: 'BAD_USER_INPUT', inputPath: 'input.metadata.a' })
})

test('the same in a literal of the document', async () => {
  for (const [literal, path] of [
    ['{ a: 12345678901234567890 }', 'input.metadata.a'],
    ['{ a: [1e999] }', 'input.metadata.a[0]'],
    ['{ __proto__: { a: 1 } }', 'input.metadata'],
    ['{ a: "\\u0000" }', 'input.metadata.a'],
  ]) {
    const document = `mutation { logConversation(input: { transcript: "User: a", metadata: ${literal} }) { created } }`
    expect(refusals(await ask(document))).toEqual([`BAD_USER_INPUT ${path}`])
  }
})

test('100 KB are taken, a byte more is not', async () => {
  const before = await stored(server)
  for (const [place, mutation, input] of PLACES) {
    if (place === 'input.analysis.extractedData') continue
    expect(refusals(await write(ask, mutation, input(sized(102_401))))).toEqual([`LIMIT_EXCEEDED ${place}`])
  }
  expect(await stored(server)).toEqual(before)
  for (const metadata of [sized(102_400), {}]) {
    const { id: logId } = await logged(ask, { metadata })
    expect(await read(ask, logId, 'metadata')).toEqual({ metadata })
  }
})

test('100,000 keys are too large, not too slow', async () => {
  const before = await stored(server)
  const metadata = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`key${i}`, i]))
  for (const [place, mutation, input] of PLACES.slice(0, 3)) {
    expect(refusals(await write(ask, mutation, input(metadata)))).toEqual([`LIMIT_EXCEEDED ${place}`])
  }
  expect(await stored(server)).toEqual(before)
})

test('as many keys as fit are all kept, and all found', async () => {
  const metadata = Object.fromEntries(Array.from({ length: 6_000 }, (_, i) => [`k${i}`, i % 7]))
  const { id: logId } = await logged(ask, { metadata })
  expect(await read(ask, logId, 'metadata')).toEqual({ metadata })
  const filter = { metadata: [{ path: ['k5999'], eq: 5999 % 7 }] }
  const { data } = await ask('query ($f: ConversationFilter) { conversations(filter: $f) { nodes { id } } }', {
    f: filter,
  })
  expect(data.conversations.nodes).toEqual([{ id: logId }])
})

test('nesting is taken to the stated depth and refused beyond, with its place', async () => {
  const wrap = (inner: unknown) => ({ a: inner })
  // The input itself is the first level, its metadata the second.
  const deepest = nested(30, wrap) as Record<string, unknown>
  const { id: logId } = await logged(ask, { metadata: deepest })
  expect(await read(ask, logId, 'metadata')).toEqual({ metadata: deepest })
  const before = await stored(server)
  for (const depth of [33, 50]) {
    for (const json of [nested(depth, wrap), { a: nested(depth, (inner) => [inner]) }]) {
      const answer = await write(ask, 'logConversation', { messages: [said('a')], metadata: json })
      expect(answer.errors?.[0]?.extensions).toEqual({
        ...{ code: 'LIMIT_EXCEEDED', limit: 32 },
        inputPath: expect.stringMatching(/^input\.metadata(\.a|\[0\])+$/),
      })
    }
  }
  expect(await stored(server)).toEqual(before)
})

test('keys that differ in what separates them stay apart', async () => {
  const metadata = { a: '\no', 'a\ns': {}, 'b/c': 1, b: { c: 2 }, 'd~1': 3, 'd/': 4, '': 5, ' ': 6 }
  const { id: logId } = await logged(ask, { metadata })
  expect(await read(ask, logId, 'metadata')).toEqual({ metadata })
  for (const [path, eq] of [
    [['a'], '\no'],
    [['a\ns'], {}],
    [['b/c'], 1],
    [['b', 'c'], 2],
    [['d~1'], 3],
    [['d/'], 4],
    [[''], 5],
  ]) {
    const filter = { metadata: [{ path, eq }] }
    const { data } = await ask('query ($f: ConversationFilter) { conversations(filter: $f) { nodes { id } } }', {
      f: filter,
    })
    expect(data.conversations.nodes).toEqual([{ id: logId }])
  }
})

test.each([[[]], ['text'], [5], [true], [[{ a: 1 }]]])('%j is no object', async (metadata) => {
  for (const [mutation, input] of [
    ['logConversation', { messages: [said('a')], metadata }],
    ['updateConversation', { by: { id: id }, metadata }],
  ] as const) {
    expect(refusals(await write(ask, mutation, input))).toEqual(['BAD_USER_INPUT input.metadata'])
  }
})

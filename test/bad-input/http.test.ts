import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { stored } from '../conversations/writes.ts'
import { startTestServer } from '../support/server.ts'

const MAX_BODY_BYTES = 20_000
const server = await startTestServer({ maxBodyBytes: MAX_BODY_BYTES })
const { key, id: tenantId } = await server.newTenant()

const CREATE = `mutation { createAgent(input: { name: "A" }) { agent { id } } }`
const BODY = JSON.stringify({ query: CREATE })

/** Status and what the errors say, of a request with the tenant's key. */
async function send(path: string, init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {}) {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...init.headers }
  const response = await server.fetch(path, { ...init, headers })
  const text = await response.text()
  const errors: { extensions: { code: string; inputPath?: string } }[] = text ? (JSON.parse(text).errors ?? []) : []
  const codes = errors.map(({ extensions }) => [extensions.code, extensions.inputPath].filter(Boolean).join(' '))
  return { status: response.status, codes, headers: response.headers }
}

const post = (body: BodyInit, headers: Record<string, string> = {}) =>
  send('/graphql', { method: 'POST', body, headers, ...(body instanceof ReadableStream ? { duplex: 'half' } : {}) })

const agents = async () => (await server.owner('SELECT count(*)::int AS count FROM agents'))[0]?.['count']

test.each([
  ['text/plain'],
  ['application/x-www-form-urlencoded'],
  ['multipart/form-data; boundary=x'],
  ['application/graphql'],
  ['application/jsonp'],
  [''],
])('a body of type %s is refused', async (type) => {
  const before = await stored(server)
  const { status, codes } = await post(BODY, { 'content-type': type })
  expect([status, codes]).toEqual([415, ['BAD_USER_INPUT']])
  expect(await stored(server)).toEqual(before)
})

test('a form that a page posts across origins runs nothing', async () => {
  const before = await stored(server)
  const form = new FormData()
  form.set('operations', BODY)
  form.set('query', CREATE)
  for (const body of [form, new URLSearchParams({ query: CREATE })]) {
    const authorization = `Bearer ${key}`
    const response = await server.fetch('/graphql', { method: 'POST', body, headers: { authorization } })
    expect(response.status).toBe(415)
  }
  expect(await stored(server)).toEqual(before)
})

test('a compressed body is refused', async () => {
  for (const encoding of ['gzip', 'br', 'deflate']) {
    const { status, codes } = await post(gzipSync(BODY), { 'content-encoding': encoding })
    expect([status, codes]).toEqual([415, ['BAD_USER_INPUT']])
  }
})

test('JSON is taken whatever its parameters say', async () => {
  const { status, codes } = await post(JSON.stringify({ query: '{ viewer { name } }' }), {
    'content-type': 'Application/JSON; charset=utf-8',
  })
  expect([status, codes]).toEqual([200, []])
})

test.each([
  ['nothing', ''],
  ['half an object', '{"query":'],
  ['a list of operations', `[${BODY},${BODY}]`],
  ['an empty list', '[]'],
  ['null', 'null'],
  ['a number', '5'],
  ['a text', '"{ viewer { name } }"'],
  ['a query that is no text', '{"query":5}'],
  ['variables that are a list', '{"query":"{ viewer { name } }","variables":[]}'],
  ['variables that are a text', '{"query":"{ viewer { name } }","variables":"{}"}'],
  ['an operation that is not there', '{"query":"{ viewer { name } }","operationName":"other"}'],
  ['two operations and no name', '{"query":"query A { viewer { name } } query B { viewer { name } }"}'],
  ['something else beside', '{"query":"{ viewer { name } }","more":1}'],
])('%s: refused with 400', async (_what, body) => {
  const before = await stored(server)
  const { status, codes } = await post(body)
  expect([status, codes]).toEqual([400, ['BAD_USER_INPUT']])
  expect(await stored(server)).toEqual(before)
})

test('a body that is no UTF-8 is refused', async () => {
  const bytes = Buffer.concat([
    Buffer.from('{"query":"{ viewer { name } } # '),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('"}'),
  ])
  const { status, codes } = await post(bytes)
  expect([status, codes]).toEqual([400, ['BAD_USER_INPUT']])
})

test('a body up to the limit is taken, one byte more is not, whether or not it says its length', async () => {
  const query = '{ viewer { name } }'
  const fitting = JSON.stringify({ query }).padEnd(MAX_BODY_BYTES)
  expect((await post(fitting)).status).toBe(200)
  const { status, codes } = await post(`${fitting} `)
  expect([status, codes]).toEqual([413, ['LIMIT_EXCEEDED']])
  const stream = new ReadableStream({ pull: (controller) => controller.enqueue(Buffer.alloc(4_096, ' ')) })
  const endless = await post(stream)
  expect([endless.status, endless.codes]).toEqual([413, ['LIMIT_EXCEEDED']])
})

test('variables nested beyond all sense are refused before anybody walks through them', async () => {
  const query = 'query ($f: ConversationFilter) { conversations(filter: $f) { totalCount } }'
  const nested = (depth: number) => `${'{"not":'.repeat(depth)}{}${'}'.repeat(depth)}`
  for (const [depth, status, code] of [
    [60, 200, `LIMIT_EXCEEDED f${'.not'.repeat(32)}`.replace('f.', 'filter.')],
    [200, 400, 'LIMIT_EXCEEDED variables'],
    [2_000, 400, 'LIMIT_EXCEEDED variables'],
  ] as const) {
    const answer = await post(`{"query":${JSON.stringify(query)},"variables":{"f":${nested(depth)}}}`)
    expect([answer.status, answer.codes]).toEqual([status, [code]])
  }
  const metadata = `{"query":${JSON.stringify(query)},"variables":{"f":{"metadata":${'['.repeat(9_000)}${']'.repeat(9_000)}}}}`
  expect((await post(metadata)).codes).toEqual(['LIMIT_EXCEEDED variables'])
})

test('GET reads, and writes nothing', async () => {
  const before = await agents()
  const get = (parameters: Record<string, string>) => send(`/graphql?${new URLSearchParams(parameters)}`)
  const read = await get({ query: 'query ($id: ID!) { node(id: $id) { id } }', variables: '{"id":"conv_x"}' })
  expect([read.status, read.codes]).toEqual([200, []])
  const written = await get({ query: CREATE })
  expect([written.status, written.codes]).toEqual([405, ['BAD_USER_INPUT']])
  const broken = await get({ query: '{ viewer { name } }', variables: '{' })
  expect([broken.status, broken.codes]).toEqual([400, ['BAD_USER_INPUT']])
  const wrong = await get({ query: '{ viewer { name } }', variables: '[]' })
  expect([wrong.status, wrong.codes]).toEqual([400, ['BAD_USER_INPUT']])
  expect(await agents()).toBe(before)
})

test.each(['PUT', 'PATCH', 'DELETE'])('%s is no method of GraphQL', async (method) => {
  const { status, codes } = await send('/graphql', { method, body: BODY })
  expect([status, codes]).toEqual([405, ['BAD_USER_INPUT']])
})

test('a document of more than 2,000 tokens is too complex; what it says does not matter', async () => {
  // One token per value, and 28 around them.
  const values = (count: number) => Array.from({ length: count }, () => '"a"').join()
  const find = (count: number) =>
    `{ conversations(filter: { labels: [${values(500)}], models: [${values(500)}], languages: [${values(500)}], intents: [${values(count - 1_528)}] }) { totalCount } }`
  expect((await post(JSON.stringify({ query: find(2_000) }))).codes).toEqual([])
  const beyond = await post(JSON.stringify({ query: find(2_001) }))
  expect([beyond.status, beyond.codes]).toEqual([400, ['QUERY_TOO_COMPLEX']])
  const nonsense = await post(JSON.stringify({ query: '{a'.repeat(3_000) }))
  expect([nonsense.status, nonsense.codes]).toEqual([400, ['QUERY_TOO_COMPLEX']])
})

test.each([
  ['', 'GRAPHQL_PARSE_FAILED'],
  ['{', 'GRAPHQL_PARSE_FAILED'],
  ['{ viewer { name } } }', 'GRAPHQL_PARSE_FAILED'],
  ['{ viewer { nam } }', 'GRAPHQL_VALIDATION_FAILED'],
  ['{ viewer }', 'GRAPHQL_VALIDATION_FAILED'],
  ['query ($a: Nothing) { viewer { name } }', 'GRAPHQL_VALIDATION_FAILED'],
  ['{ conversations(first: "1") { totalCount } }', 'GRAPHQL_VALIDATION_FAILED'],
  ['mutation { createAgent(input: { name: "a", status: GONE }) { agent { id } } }', 'GRAPHQL_VALIDATION_FAILED'],
  ['mutation { createAgent(input: {}) { agent { id } } }', 'GRAPHQL_VALIDATION_FAILED'],
  ['fragment A on Query { ...B } fragment B on Query { ...A } { ...A }', 'GRAPHQL_VALIDATION_FAILED'],
])('%s: refused as what it is', async (query, code) => {
  const before = await stored(server)
  const lenient = await post(JSON.stringify({ query }))
  expect(new Set(lenient.codes)).toEqual(new Set([code]))
  const strict = await post(JSON.stringify({ query }), { accept: 'application/graphql-response+json' })
  expect([strict.status, new Set(strict.codes)]).toEqual([400, new Set([code])])
  expect(await stored(server)).toEqual(before)
})

test('every answer has the id that its log line has', async () => {
  server.logged.length = 0
  for (const answer of [await post(BODY), await post('{'), await post(BODY, { 'x-tenant-id': 'other' })]) {
    const requestId = answer.headers.get('x-request-id')
    expect(server.logged.filter((line) => line['requestId'] === requestId)).toEqual([
      expect.objectContaining({ method: 'POST', path: '/graphql', status: answer.status, msg: 'request' }),
    ])
  }
  expect(server.logged[0]).toMatchObject({ tenantId, credentialId: expect.stringMatching(/^key_/) })
})

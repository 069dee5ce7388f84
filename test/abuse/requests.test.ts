import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { logged, stored } from '../conversations/writes.ts'
import { codes, startTestServer } from '../support/server.ts'

const server = await startTestServer({ maxBodyBytes: 100_000 })
const tenant = await server.newTenant()
const other = await server.newTenant()

async function post(body: BodyInit, headers: Record<string, string> = {}) {
  const response = await server.fetch('/graphql', {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${tenant.key}`, 'content-type': 'application/json', ...headers },
  })
  const { data, errors } = await response.json()
  return { status: response.status, data, codes: codes({ ...response, errors, data }), errors }
}

test('a form, plain text or a file upload runs no mutation', async () => {
  const query = 'mutation { createAgent(input: { name: "a" }) { agent { id } } }'
  const before = await stored(server)
  const upload = new FormData()
  upload.set('operations', JSON.stringify({ query }))
  upload.set('map', '{}')
  const forms: [BodyInit, string | null][] = [
    [new URLSearchParams({ query }), null],
    [upload, null],
    [JSON.stringify({ query }), 'text/plain'],
    [query, 'application/graphql'],
  ]
  for (const [body, type] of forms) {
    const headers = { authorization: `Bearer ${tenant.key}`, ...(type && { 'content-type': type }) }
    const response = await server.fetch('/graphql', { method: 'POST', body, headers })
    expect(response.status).toBe(415)
  }
  const url = `/graphql?${new URLSearchParams({ query })}`
  expect((await server.fetch(url, { headers: { authorization: `Bearer ${tenant.key}` } })).status).toBe(405)
  expect(await stored(server)).toEqual(before)
})

test('a batch is refused, whatever is in it', async () => {
  const one = { query: '{ viewer { name } }' }
  for (const batch of [[], [one], Array.from({ length: 1_000 }, () => one)]) {
    expect(await post(JSON.stringify(batch))).toMatchObject({ status: 400, codes: ['BAD_USER_INPUT'] })
  }
})

test('a body that unpacks to a hundred times its size is not unpacked', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000, ' '))
  expect(bomb.byteLength).toBeLessThan(100_000)
  for (const encoding of ['gzip', 'x-gzip', 'br', 'deflate', 'zstd', 'gzip, gzip', 'GZIP']) {
    expect(await post(bomb, { 'content-encoding': encoding })).toMatchObject({ status: 415, codes: ['BAD_USER_INPUT'] })
  }
  // Nor when it is said to be JSON as it is.
  expect(await post(bomb)).toMatchObject({ status: 400, codes: ['BAD_USER_INPUT'] })
})

test('a body that breaks off is refused, and is no fault of ours', async () => {
  server.logged.length = 0
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(Buffer.from('{"query":'))
      controller.error(new Error('aborted'))
    },
  })
  const headers = { authorization: `Bearer ${tenant.key}`, 'content-type': 'application/json' }
  const response = await server.fetch('/graphql', { method: 'POST', body, headers, duplex: 'half' } as RequestInit)
  expect(response.status).toBe(400)
  expect(server.logged.filter(({ level }) => level === 'error')).toEqual([])
})

test('variables that are huge, many or deep are refused', async () => {
  const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }'
  const send = (variables: unknown) => post(JSON.stringify({ query, variables }))
  expect(await send({ ids: ['x'.repeat(200_000)] })).toMatchObject({ status: 413, codes: ['LIMIT_EXCEEDED'] })
  expect(await send({ ids: Array.from({ length: 20_000 }, () => 'x') })).toMatchObject({ codes: ['BAD_USER_INPUT'] })
  const deep = `${'['.repeat(40_000)}${']'.repeat(40_000)}`
  expect(await post(`{"query":${JSON.stringify(query)},"variables":{"ids":${deep}}}`)).toMatchObject({
    ...{ status: 400, codes: ['LIMIT_EXCEEDED'] },
  })
  const unused = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`v${i}`, i]))
  expect(await send({ ids: [], ...unused })).toMatchObject({ status: 200, data: { nodes: [] } })
})

test('names that JavaScript knows otherwise are only names', async () => {
  const read =
    'query ($first: Int, $filter: ConversationFilter) { conversations(first: $first, filter: $filter) { nodes { id } } }'
  const send = (variables: string, query = read) => post(`{"query":${JSON.stringify(query)},"variables":${variables}}`)
  const polluted = '{"__proto__":{"first":-1,"filter":{"nonsense":1}},"constructor":{"prototype":{"first":-1}}}'
  expect(await send(polluted)).toMatchObject({ status: 200, data: { conversations: { nodes: expect.any(Array) } } })
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const inFilter = await send(`{"filter":{"${name}":{"isTest":true}}}`)
    expect(inFilter).toMatchObject({ codes: ['BAD_USER_INPUT'] })
    const query = `query ($${name}: Int) { conversations(first: $${name}) { nodes { id } } }`
    expect(await send('{}', query)).toMatchObject({
      status: 200,
      data: { conversations: { nodes: expect.any(Array) } },
    })
  }
  const write =
    'mutation ($metadata: JSONObject) { logConversation(input: { transcript: "User: a", metadata: $metadata }) { conversation { metadata } } }'
  const { data } = await send('{"metadata":{"__proto__":{"isAdmin":true},"constructor":1}}', write)
  if (data) expect(Object.hasOwn(data.logConversation.conversation.metadata, 'constructor')).toBe(true)
  expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined()
  expect(({} as Record<string, unknown>)['first']).toBeUndefined()
})

test('an operation that is not there is not guessed', async () => {
  const query = 'query A { viewer { name } } mutation B { createAgent(input: { name: "a" }) { agent { id } } }'
  const before = await stored(server)
  for (const operationName of ['C', '', '__proto__', 'toString', null, undefined]) {
    expect(await post(JSON.stringify({ query, operationName }))).toMatchObject({ codes: ['BAD_USER_INPUT'] })
  }
  expect(await stored(server)).toEqual(before)
})

test('ids of several tenants and types in one call answer what is one’s own, in its place', async () => {
  const own = await logged(tenant.ask)
  const foreign = await logged(other.ask)
  const key = tenant.keyId
  const ids = [own.id, foreign.id, 'conv_00000000000000000000000000', own.id, 'nonsense', '', 'agent_x']
  const { data, errors } = await tenant.ask('query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }', { ids })
  const found = { __typename: 'Conversation', id: own.id }
  expect([data, errors]).toEqual([{ nodes: [found, null, null, found, null, null, null] }, undefined])
  // What the credential may not read at all is an error in its place, and hides nothing else.
  const mixed = await tenant.ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: [own.id, key, foreign.id] })
  expect(mixed.data).toEqual({ nodes: [{ id: own.id }, null, null] })
  expect(mixed.errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([[['nodes', 1], 'FORBIDDEN']])
})

const cursor = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url')

test.each([
  ['nothing', ''],
  ['no base64', '***'],
  ['no list', Buffer.from('{}').toString('base64url')],
  ['another list’s', cursor('AGENTS', 0, 'x')],
  ['a number beyond all', cursor('STARTED_AT', 1e300, '00000000-0000-7000-8000-000000000000')],
  ['SQL', cursor('STARTED_AT', 1, "' OR 1=1 --")],
  ['an object for an id', cursor('STARTED_AT', 1, { gt: '' })],
  ['nested lists', Buffer.from('['.repeat(50_000)).toString('base64url')],
])('a forged cursor is refused: %s', async (_what, after) => {
  const { errors } = await tenant.ask('query ($after: String) { conversations(after: $after) { nodes { id } } }', {
    after,
  })
  expect(errors?.map(({ extensions }) => extensions)).toEqual([{ code: 'BAD_USER_INPUT', inputPath: 'after' }])
})

test('a cursor of one tenant is a place for another, and shows nothing of the first', async () => {
  await logged(tenant.ask)
  const list = 'query ($after: String) { conversations(first: 1, after: $after) { edges { cursor node { id } } } }'
  const [edge] = (await tenant.ask(list)).data.conversations.edges
  const { data } = await other.ask('query ($after: String) { conversations(after: $after) { nodes { id } } }', {
    after: edge.cursor,
  })
  expect(JSON.stringify(data)).not.toContain(edge.node.id)
})

import { once } from 'node:events'
import { IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test, vi } from 'vitest'
import { BODIES_IN_FLIGHT, BODY_LIMITS } from '../../src/input/limits.ts'
import { useServices } from '../support/services.ts'

const { start, adminKey } = await useServices()
const production = await start({ NODE_ENV: 'production' })
const development = await start()

const MEGABYTE = 1_048_576
const VIEWER = JSON.stringify({ query: '{ viewer { name } }' })

const { body: made } = await development.ask(
  'mutation { generateApiKey(input: { name: "reads", scopes: [CONVERSATIONS_READ] }) { secret } }',
)
const readingKey: string = made.data.generateApiKey.secret

/**
 * A request of which only the head is sent, on a socket that counts how much of the body the server's system accepts.
 */
async function open(service: { url(): Promise<string> }, headers: Record<string, string | number>) {
  const { port } = new URL(await service.url())
  const socket = connect(Number(port), '127.0.0.1')
  socket.on('error', () => {})
  const lines = Object.entries({ host: 'localhost', 'content-type': 'application/json', ...headers })
  socket.write(`POST /graphql HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
  return socket
}

/** Status and codes of the one answer, and whether the connection ended with it. */
async function answerOf(socket: Socket) {
  const answer = await text(socket)
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  const errors: { extensions: { code: string } }[] = JSON.parse(body).errors ?? []
  return {
    status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]),
    codes: errors.map(({ extensions }) => extensions.code),
    retryAfter: /^retry-after: (\d+)/im.exec(head)?.[1],
    closes: /^connection: close/im.test(head),
  }
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

const send = (service: typeof development, body: string, key?: string) =>
  service
    .fetch('/graphql', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...(key ? bearer(key) : {}) },
    })
    .then(async (response) => {
      const { errors = [] } = await response.json()
      const codes: string[] = errors.map(({ extensions }: { extensions: { code: string } }) => extensions.code)
      return { status: response.status, codes, errors }
    })

const neighbourIsAnswered = async (service: typeof development, key = adminKey) =>
  expect(await send(service, VIEWER, key)).toMatchObject({ status: 200, codes: [] })

test.each<[string, Record<string, string>]>([
  ['no credential', {}],
  ['a malformed credential', bearer('nonsense')],
  ['a key with a wrong checksum', bearer(`${adminKey.slice(0, -1)}${adminKey.endsWith('x') ? 'y' : 'x'}`)],
  ['a token that nobody signed', bearer('eyJhbGciOiJub25lIn0.eyJpc3MiOiJwYXJsZXkifQ.AAAA')],
])('in production, %s: refused before any of 10 MB was sent', async (_what, headers) => {
  const socket = await open(production, { ...headers, 'content-length': 10 * MEGABYTE })
  expect(await answerOf(socket)).toEqual({ status: 401, codes: ['UNAUTHENTICATED'], closes: true })
  await neighbourIsAnswered(production)
})

test('a client that keeps sending is not read, and can read its answer', async () => {
  const socket = await open(production, { 'content-length': 100 * MEGABYTE })
  const answer = answerOf(socket)
  const closed = once(socket, 'close')
  const chunk = Buffer.alloc(MEGABYTE, ' ')
  // As fast as possible, until the connection ends.
  const write = () => {
    while (!socket.destroyed && socket.write(chunk)) {}
  }
  socket.on('drain', write)
  write()
  expect(await answer).toMatchObject({ status: 401, closes: true })
  await closed
  // What two systems buffer between them.
  expect(socket.bytesWritten - socket.writableLength).toBeLessThan(20 * MEGABYTE)
})

test('a refused client that waits to be asked for its body is not asked', async () => {
  const socket = await open(production, { expect: '100-continue', 'content-length': MEGABYTE })
  expect(await answerOf(socket)).toMatchObject({ status: 401, codes: ['UNAUTHENTICATED'] })
  const welcome = await open(production, { expect: '100-continue', 'content-length': 5, ...bearer(adminKey) })
  expect(String(await once(welcome, 'data'))).toBe('HTTP/1.1 100 Continue\r\n\r\n')
  welcome.destroy()
})

test.each<[string, string | undefined, number, number]>([
  ['no credential in development', undefined, BODY_LIMITS.readOnlyBytes + 1, 413],
  ['a key that only reads', readingKey, BODY_LIMITS.readOnlyBytes + 1, 413],
  ['a key that writes', adminKey, 10 * MEGABYTE + 1, 413],
])('%s: a body whose declared size is larger is refused unread', async (_who, key, length, status) => {
  for (const headers of [{ 'content-length': length }]) {
    const socket = await open(development, { ...headers, ...(key ? bearer(key) : {}) })
    expect(await answerOf(socket)).toEqual({ status, codes: ['LIMIT_EXCEEDED'], closes: true })
  }
  await neighbourIsAnswered(development)
})

test('a body without a declared size is read no further than the limit', async () => {
  const socket = await open(development, { 'transfer-encoding': 'chunked', ...bearer(readingKey) })
  const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`
  for (let i = 0; i < 3; i++) socket.write(chunk)
  expect(await answerOf(socket)).toEqual({ status: 413, codes: ['LIMIT_EXCEEDED'], closes: true })
})

test('bodies up to the limit are answered', async () => {
  expect(await send(development, VIEWER.padEnd(BODY_LIMITS.readOnlyBytes), readingKey)).toMatchObject({ status: 200 })
  expect(await send(development, VIEWER.padEnd(BODY_LIMITS.readOnlyBytes + 1), adminKey)).toMatchObject({ status: 200 })
})

const query = JSON.stringify('{ __typename }')
const numbered = (count: number) => JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [i, {}])))

test.each([
  ['variables', (json: string) => `{"query":${query},"variables":{"a":${json}}}`],
  ['extensions', (json: string) => `{"query":${query},"extensions":{"a":${json}}}`],
  ['query', (json: string) => `{"query":${json}}`],
  [undefined, (json: string) => `{"anything":${json},"query":${query}}`],
  [undefined, (json: string) => `[${json}]`],
])('too many or too deeply nested values in %s are refused before they are parsed', async (inputPath, bodyOf) => {
  const many = numbered(10_000)
  const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
  for (const key of [undefined, readingKey]) {
    for (const json of [many, deep(65), deep(30_000)]) {
      const { status, codes, errors } = await send(development, bodyOf(json), key)
      expect([status, codes, errors[0].extensions.inputPath]).toEqual([400, ['LIMIT_EXCEEDED'], inputPath])
    }
  }
  const tooMany = await send(development, bodyOf(`[${'0,'.repeat(250_000)}0]`), adminKey)
  expect([tooMany.status, tooMany.codes]).toEqual([400, ['LIMIT_EXCEEDED']])
  await neighbourIsAnswered(development)
})

test('credentials that write may send more values', async () => {
  const body = `{"query":"{ viewer { name } }","variables":{"a":${numbered(100_000)}}}`
  expect(await send(development, body, adminKey)).toMatchObject({ status: 200, codes: [] })
})

test('values in the URL count as well', async () => {
  const deep = `${'['.repeat(65)}${']'.repeat(65)}`
  for (const name of ['variables', 'extensions']) {
    const search = new URLSearchParams({ query: '{ __typename }', [name]: `{"a":${deep}}` })
    const response = await development.fetch(`/graphql?${search}`)
    const { errors } = await response.json()
    expect([response.status, errors[0].extensions]).toEqual([
      400,
      { code: 'LIMIT_EXCEEDED', inputPath: name, limit: 64 },
    ])
  }
})

test.each([
  ['a credential that reads', readingKey, 400, 'LIMIT_EXCEEDED'],
  ['no good credential', 'wrong', 401, 'UNAUTHENTICATED'],
])('%s: a body in chunks of one byte is cut off', async (_who, key, status, code) => {
  const pushed = vi.spyOn(IncomingMessage.prototype, 'push')
  const socket = await open(production, { 'transfer-encoding': 'chunked', ...bearer(key) })
  socket.write('1\r\n \r\n'.repeat(100_000))
  expect(await answerOf(socket)).toEqual({ status, codes: [code], closes: true })
  // What was pushed to a request itself, and so kept until it is read.
  expect(pushed.mock.calls.length).toBeLessThan(100)
  pushed.mockRestore()
  await neighbourIsAnswered(production)
})

test('a body in ordinary chunks is read', async () => {
  const socket = await open(development, { 'transfer-encoding': 'chunked', connection: 'close', ...bearer(readingKey) })
  const chunks = VIEWER.padEnd(100_000).match(/.{1,300}/g) ?? []
  for (const chunk of chunks) socket.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n`)
  socket.write('0\r\n\r\n')
  expect(await answerOf(socket)).toMatchObject({ status: 200, codes: [] })
})

test('bodies that are declared and not sent keep nobody out', async () => {
  const held: Socket[] = []
  for (const [key, length] of [
    [readingKey, BODY_LIMITS.readOnlyBytes],
    [adminKey, 10 * MEGABYTE],
  ] as const) {
    for (let i = 0; i < 40; i++) held.push(await open(production, { 'content-length': length, ...bearer(key) }))
  }
  await neighbourIsAnswered(production, readingKey)
  await neighbourIsAnswered(production)
  for (const socket of held) socket.destroy()
})

test.each([
  ['a credential that reads', readingKey, BODY_LIMITS.readOnlyBytes, BODIES_IN_FLIGHT.readers],
  ['one that writes', adminKey, 10 * MEGABYTE, BODIES_IN_FLIGHT.largeOfTenant],
])(
  '%s: bodies that are not sent to their end hold no more than their share',
  { timeout: 90_000 },
  async (_who, key, length, limit) => {
    const send = async () => {
      const socket = await open(production, { 'content-length': length, ...bearer(key) })
      socket.write(Buffer.alloc(length - 1, ' '))
      return socket
    }
    const fitting = Math.floor(limit / length)
    for (let round = 0; round < 2; round++) {
      const held = await Promise.all(Array.from({ length: fitting + 1 }, send))
      // One of them does not fit. It is refused in its middle, once it may be read.
      const answers = held.map(answerOf)
      expect(await Promise.race(answers)).toMatchObject({ status: 503, codes: ['OVERLOADED'], closes: true })
      await neighbourIsAnswered(production)
      for (const socket of held) socket.destroy()
      await Promise.allSettled(answers)
    }
  },
)

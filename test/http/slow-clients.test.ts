import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, expect, test } from 'vitest'
import { createNodeServer } from '../../src/http/node-server.ts'

/** What was read of each request's body when its connection ended. */
const handled: string[] = []
const handler: RequestListener = (request, response) => {
  text(request).then(
    (body) => {
      handled.push(body)
      response.end('whole')
    },
    () => handled.push('broken off'),
  )
}

async function listening(
  ...options: Parameters<typeof createNodeServer> extends [unknown, ...infer Rest] ? Rest : never
) {
  const http = createNodeServer(handler, ...options)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  afterAll(() => http.close())
  return () => connect((http.address() as AddressInfo).port, '127.0.0.1')
}

const KEEPING = { keepAliveTimeoutMs: 60_000 }
const IMPATIENT = { headersTimeoutMs: 50, requestTimeoutMs: 50, checkEveryMs: 10 }

const patient = await listening(KEEPING)
const impatient = await listening(KEEPING, IMPATIENT)
const closing = await listening({ keepAliveTimeoutMs: 1 })

/** All that the server sends until it hangs up. */
const answer = (socket: Socket) => text(socket)
const statusOf = async (socket: Socket) => /^HTTP\/1\.1 (\d+)/.exec(await answer(socket))?.[1]

test('a body that does not come is given up on', async () => {
  const socket = impatient()
  socket.write('POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{"query":')
  expect(await statusOf(socket)).toBe('408')
})

test('headers that do not end are given up on', async () => {
  const socket = impatient()
  socket.write('POST /graphql HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')
  expect(await statusOf(socket)).toBe('408')
})

test('a connection that was idle for longer than headers may take serves the next request', async () => {
  const socket = impatient()
  const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\n'
  socket.write(`${REQUEST}\r\n`)
  expect(String(await once(socket, 'data'))).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  // Begun after that answer, and given up on: the connection has been idle for at least as long.
  const slow = impatient()
  slow.write(REQUEST)
  expect(await statusOf(slow)).toBe('408')
  socket.write(`${REQUEST}Connection: close\r\n\r\n`)
  expect(await statusOf(socket)).toBe('200')
})

test('an idle connection is closed after KEEP_ALIVE_TIMEOUT_MS', async () => {
  const socket = closing()
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  expect(await statusOf(socket)).toBe('200')
})

test('headers or a URL that are too large are refused', async () => {
  const large = 'x'.repeat(17_000)
  for (const request of [
    `GET /graphql HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${large}\r\n\r\n`,
    `GET /graphql?query=${large} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    `GET /graphql HTTP/1.1\r\nHost: localhost\r\n${Array.from({ length: 2_000 }, (_, i) => `X-${i}: aaaa\r\n`).join('')}\r\n`,
  ]) {
    const socket = patient()
    // It answers before all of this is written.
    socket.on('error', () => {})
    socket.write(request)
    expect(await statusOf(socket)).toBe('431')
  }
})

test('the longest token fits into the headers', async () => {
  const socket = patient()
  socket.write(
    `GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer ${'x'.repeat(8_192)}\r\n\r\n`,
  )
  expect(await statusOf(socket)).toBe('200')
})

test.each([
  ['two lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello'],
  ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['a chunk of no length', 'Transfer-Encoding: chunked\r\n\r\nzz\r\n'],
])('a body with %s is refused, so that no proxy reads it otherwise', async (_what, rest) => {
  const before = handled.filter((body) => body !== 'broken off').length
  const socket = patient()
  socket.write(`POST /graphql HTTP/1.1\r\nHost: localhost\r\n${rest}`)
  expect(await statusOf(socket)).toBe('400')
  expect(handled.filter((body) => body !== 'broken off')).toHaveLength(before)
})

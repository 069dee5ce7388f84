import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { answerRequests } from '../../src/http/answer-requests.ts'
import { createNodeServer } from '../../src/http/node-server.ts'
import { RequestLines } from '../../src/http/request-lines.ts'
import { createLog } from '../../src/log.ts'
import { useServices } from '../support/services.ts'

const services = await useServices()
const service = await services.start({ NODE_ENV: 'production' })
const { port } = new URL(await service.url())

/** What the server sends for these bytes until it hangs up. */
function exchange(bytes: string | Buffer, at = port): Promise<string> {
  const socket = connect(Number(at), '127.0.0.1')
  // It may answer and close before all of this is sent.
  socket.on('error', () => {})
  socket.write(bytes)
  return text(socket)
}

const lineOf = (answer: string) => service.logged.find(({ requestId }) => requestId === idOf(answer))
const idOf = (answer: string) => /^x-request-id: ([\w-]+)\r$/im.exec(answer)?.[1]

const get = (target: string, headers = 'Host: localhost\r\n', method = 'GET') =>
  `${method} ${target} HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`

test.each<[what: string, status: number, request: string]>([
  ['a host with a space', 400, get('/graphql', 'Host: a b\r\n')],
  ['a host with a path', 400, get('/ready', 'Host: localhost/graphql?\r\n')],
  ['a host with a user', 400, get('/graphql', 'Host: user@localhost\r\n')],
  ['a host with an invalid port', 400, get('/graphql', 'Host: localhost:99999\r\n')],
  ['a host that is not an address', 400, get('/graphql', 'Host: [::g]\r\n')],
  ['a host with a percent', 400, get('/graphql', 'Host: %zz\r\n')],
  ['a host with a bracket', 400, get('/graphql', 'Host: a]b\r\n')],
  ['a host with markup', 400, get('/graphql', 'Host: <script>\r\n')],
  ['no host', 400, get('/graphql', '')],
  ['a target that is not a path', 400, get('*', 'Host: localhost\r\n', 'OPTIONS')],
  ['an invalid absolute URL', 400, get('http://[/graphql')],
  ['an invalid method', 400, get('/graphql', 'Host: localhost\r\n', 'NONSENSE')],
  ['a tunnel', 405, get('example.com:443', 'Host: example.com\r\n', 'CONNECT')],
  ['no HTTP', 400, 'hello\r\n\r\n'],
  ['HTTP/2', 400, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['HTTP/9', 400, 'GET / HTTP/9.9\r\nHost: localhost\r\n\r\n'],
  ['TLS', 400, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['a header without a name', 400, get('/graphql', 'Host: localhost\r\n: x\r\n')],
  ['a header with a control character', 400, get('/graphql', 'Host: localhost\r\nX: \u0001\r\n')],
  ['two lengths', 400, get('/graphql', 'Host: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n', 'POST')],
  ['headers that are too large', 431, get('/graphql', `Host: localhost\r\nX: ${'x'.repeat(20_000)}\r\n`)],
  ['a URL that is too large', 431, get(`/graphql?query=${'x'.repeat(20_000)}`)],
  ['an unknown expectation', 417, get('/graphql', 'Host: localhost\r\nExpect: nonsense\r\n', 'POST')],
])(
  '%s: refused with a code and a request id, logged, and nothing internal is shown',
  async (_what, status, request) => {
    const answer = await exchange(Buffer.from(request, 'latin1'))
    expect(Number(/^HTTP\/1\.1 (\d+) /.exec(answer)?.[1])).toBe(status)
    const body = JSON.parse(answer.split('\r\n\r\n')[1] ?? '')
    const code = status === 431 ? 'LIMIT_EXCEEDED' : 'BAD_USER_INPUT'
    expect(body).toEqual({ errors: [{ message: expect.any(String), extensions: { code, requestId: idOf(answer) } }] })
    expect(answer).not.toMatch(/\.(ts|js)\b|node_modules|\bat .*:\d+|Error:/)
    expect(lineOf(answer)).toMatchObject({ msg: 'request', status, code })
    expect((await service.fetch('/health')).status).toBe(200)
  },
)

test.each<[what: string, status: number, request: string]>([
  ['invalid percent-encoding', 401, get('/graphql?query=%zz&variables=%')],
  ['a path with invalid percent-encoding', 404, get('/%zz%c0%ae')],
  ['a NUL in the URL', 401, get('/graphql?query=%00')],
  ['an absolute URL', 401, get('http://localhost/graphql?query={a}')],
  ['an upgrade', 401, get('/graphql', 'Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n')],
  ['HTTP/2 by upgrade', 401, get('/graphql', 'Host: localhost\r\nUpgrade: h2c\r\n')],
  ['a method of another protocol', 401, get('/graphql', 'Host: localhost\r\n', 'PROPFIND')],
  ['TRACE', 401, get('/graphql', 'Host: localhost\r\n', 'TRACE')],
  ['a path with two slashes', 404, get('//health/..//nothing')],
])('%s: answered normally, with a request id and a line in the log', async (_what, status, request) => {
  const answer = await exchange(request)
  expect(Number(/^HTTP\/1\.1 (\d+) /.exec(answer)?.[1])).toBe(status)
  expect(answer).not.toMatch(/\.(ts|js)\b|node_modules|\bat .*:\d+/)
  expect(lineOf(answer)).toMatchObject({ msg: 'request', status })
})

test('errors outside the plugins are masked, and logged in full', async () => {
  const logged: Record<string, unknown>[] = []
  const lines = new RequestLines(createLog('info', { write: (line) => void logged.push(JSON.parse(line)) }))
  const failing = { handleNodeRequestAndResponse: () => Promise.reject(new Error('secret')) }
  const http = createNodeServer(answerRequests(failing, lines), { keepAliveTimeoutMs: 1 })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const address = http.address()
  const answer = await exchange(get('/graphql'), typeof address === 'object' ? String(address?.port) : '')
  http.close()
  expect(answer).toMatch(/^HTTP\/1\.1 500 /)
  expect(answer).not.toContain('secret')
  const extensions = { code: 'INTERNAL_SERVER_ERROR', requestId: idOf(answer) }
  expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toEqual({
    errors: [{ message: 'Internal server error.', extensions }],
  })
  expect(logged).toMatchObject([
    { level: 'error', requestId: idOf(answer), err: { stack: expect.stringContaining('secret') } },
    { level: 'info', requestId: idOf(answer), status: 500, code: 'INTERNAL_SERVER_ERROR' },
  ])
})

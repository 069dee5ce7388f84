import { createHash } from 'node:crypto'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { version } from '../../../src/database/compatibility.ts'
import { startTestServer } from '../../support/server.ts'

const server = await startTestServer({ production: true, allowIntrospection: false, corsOrigins: [] })

const NEWEST = '/embed/v1.js'
const OF_THIS_VERSION = `/embed/${version}.js`
const newest = await (await server.fetch(NEWEST)).text()
const LISTS = `/embed/${/lists-[0-9a-f]{16}\.js/.exec(newest)?.[0]}`

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  server.fetch(path, { method, headers })

async function read(response: Response) {
  const { status, headers } = response
  return { status, headers, body: Buffer.from(await response.arrayBuffer()) }
}

const CALLERS: Record<string, string>[] = [
  {},
  { origin: 'https://app.example' },
  { origin: 'null', authorization: 'Bearer nobody', 'x-tenant-id': 'nobody' },
]

test.each([NEWEST, OF_THIS_VERSION, LISTS])(
  'pages of every origin may load %s, whatever the credential, and the database is asked nothing',
  async (path) => {
    server.statements()
    for (const headers of CALLERS) {
      const answer = await read(await get(path, headers))
      expect([answer.status, answer.body.length > 100]).toEqual([200, true])
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'access-control-allow-origin': '*',
        'cross-origin-resource-policy': 'cross-origin',
        'x-content-type-options': 'nosniff',
        'content-type': 'text/javascript; charset=utf-8',
        vary: 'Accept-Encoding',
      })
    }
    expect(server.statements()).toEqual([])
  },
)

test('a name with a version or a hash is kept for good, and v1.js for five minutes', async () => {
  const caching = async (path: string) => (await get(path)).headers.get('cache-control')
  expect(await caching(NEWEST)).toBe('public, max-age=300')
  expect(await caching(OF_THIS_VERSION)).toBe('public, max-age=31536000, immutable')
  expect(await caching(LISTS)).toBe('public, max-age=31536000, immutable')
  expect(await (await get(OF_THIS_VERSION)).text()).toBe(newest)
})

test.each([
  ['gzip, deflate, br', 'br', brotliDecompressSync],
  ['gzip', 'gzip', gunzipSync],
  ['br;q=0, gzip;q=0.5', 'gzip', gunzipSync],
  ['identity', null, (body: Buffer) => body],
] as const)('a browser that accepts %s gets %s', async (accepted, encoding, unpack) => {
  const { headers, body } = await read(await get(NEWEST, { 'accept-encoding': accepted }))
  expect(headers.get('content-encoding')).toBe(encoding)
  expect(headers.get('content-length')).toBe(String(body.length))
  expect(unpack(body).toString()).toBe(newest)
})

test('what the browser has already is not sent again', async () => {
  const etag = (await get(NEWEST)).headers.get('etag') ?? ''
  const known = await read(await get(NEWEST, { 'if-none-match': etag }))
  expect([known.status, known.body.length]).toEqual([304, 0])
  expect(known.headers.get('access-control-allow-origin')).toBe('*')
  expect((await get(NEWEST, { 'if-none-match': '"another"' })).status).toBe(200)
})

test('HEAD is answered without the body, so that a page can tell a refused origin from a dead server', async () => {
  const { status, headers, body } = await read(await get(NEWEST, { 'accept-encoding': 'br' }, 'HEAD'))
  expect([status, body.length]).toEqual([200, 0])
  expect(Number(headers.get('content-length'))).toBeGreaterThan(1_000)
  expect(headers.get('access-control-allow-origin')).toBe('*')
})

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('the method %s is not allowed', async (method) => {
  const { status, headers } = await get(NEWEST, {}, method)
  expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD'])
})

test.each([
  '',
  '0.9.0.js',
  'v2.js',
  'lists-0000000000000000.js',
  'manifest.json',
  '../server.ts',
  '..%2f..%2fpackage.json',
  '%3Cscript%3E',
])('another name is not found, and the answer says what is there: %j', async (name) => {
  const path = `/embed/${name}`
  const { status, headers, body } = await read(await get(path))
  expect(status).toBe(404)
  if (!new URL(path, 'http://localhost').pathname.startsWith('/embed/')) return
  expect(headers.get('content-type')).toBe('text/plain; charset=utf-8')
  expect(headers.get('cache-control')).toBe('no-cache')
  expect(body.toString()).toContain(`version ${version} of the components, as v1.js and ${version}.js`)
})

test('a back end learns what to write into its page: the script of this version, and its hash', async () => {
  const tenant = await server.newTenant()
  const { data, errors } = await tenant.ask('{ limits { embed { version path integrity } } }')
  expect(errors).toBeUndefined()
  const { embed } = data.limits
  const below = new URL(embed.path, 'https://product.example/parley/graphql')
  expect(below.pathname).toBe(`/parley${OF_THIS_VERSION}`)
  const script = Buffer.from(await (await get(`/${embed.path}`)).arrayBuffer())
  expect(embed).toEqual({
    version,
    path: OF_THIS_VERSION.slice(1),
    integrity: `sha384-${createHash('sha384').update(script).digest('base64')}`,
  })
})

describe('behind a proxy that serves it below a path of its own', () => {
  test('the entry finds the lists beside it, and names no host and no absolute path of this server', () => {
    const imports = [...newest.matchAll(/\bimport\(([^)]*)\)/g)].map(([, from]) => from)
    expect(imports).toEqual([expect.stringMatching(/^"\.\/lists-[0-9a-f]{16}\.js"$/)])
    expect(newest.match(/["'`]\/(embed|graphql)/)).toBe(null)
  })

  test('the licenses lie beside it, too', async () => {
    const { status, body } = await read(await get('/embed/licenses.txt'))
    expect(status).toBe(200)
    expect(newest).toContain('licenses.txt')
    for (const name of ['lit-html', 'graphql-sse']) expect(body.toString()).toContain(name)
    expect(body.toString()).toContain('Google LLC')
  })
})

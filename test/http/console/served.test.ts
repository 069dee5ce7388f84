import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { buildEmbed } from '../../../src/http/embed/build-embed.ts'
import { startTestServer, type TestServer } from '../../support/server.ts'

const server = await startTestServer({ corsOrigins: ['https://app.example'] })
const built = await buildEmbed()
const SCRIPT = `/console/${built.console.name}`

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  server.fetch(path, { method, headers })

const POLICY = [
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'",
  "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types lit-html",
].join('; ')

const CALLERS: Record<string, string>[] = [
  {},
  { origin: 'https://app.example' },
  { origin: 'null', authorization: 'Bearer nobody', 'x-tenant-id': 'nobody', accept: 'application/json' },
]

describe('the page', async () => {
  const page = await (await get('/console')).text()

  test.each(CALLERS)('is sent with what keeps others away, and asks the database nothing: %j', async (headers) => {
    server.statements()
    const answer = await get('/console', headers)
    expect([answer.status, await answer.text()]).toEqual([200, page])
    expect(Object.fromEntries(answer.headers)).toEqual({
      'content-type': 'text/html; charset=utf-8',
      'content-length': String(Buffer.byteLength(page)),
      'content-security-policy': POLICY,
      'permissions-policy': expect.stringMatching(/^clipboard-write=\(self\), camera=\(\), clipboard-read=\(\), /),
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    expect(server.statements()).toEqual([])
  })

  test('names only what is beside it, and has no code in itself', () => {
    const named = [...page.matchAll(/\b(?:src|href)="([^"]*)"/g)].map(([, path]) => path)
    const [, entry] = /import"\.\.\/([^"]+)"/.exec(built.console.text) ?? []
    expect(named).toEqual(['data:,', entry, SCRIPT.slice(1)])
    expect(page).not.toMatch(/https?:|"\/|<script(?![^>]* src=)|<style|\sstyle=|\son\w+=/)
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/)
    expect(page).toContain('<title>Parley console</title>')
    expect(page).toContain('<meta name="color-scheme" content="light dark">')
    expect(page).toContain('<noscript>')
    expect(page).toContain('<parley-console><p>Loading…')
  })

  test('answers HEAD without its body, and with the same headers', async () => {
    const { status, headers, body } = await get('/console', {}, 'HEAD')
    expect([status, body]).toEqual([200, null])
    expect(headers.get('content-security-policy')).toBe(POLICY)
    expect(headers.get('cache-control')).toBe('no-store')
  })

  test('leads from a path with a slash at its end to itself, wherever a proxy serves it', async () => {
    const { status, headers, body } = await get('/console/')
    expect([status, body]).toEqual([308, null])
    const from = 'https://parley.example/some/where/console/'
    expect(new URL(headers.get('location') ?? '', from).pathname).toBe('/some/where/console')
    expect(headers.get('cache-control')).toBe('no-store')
    // The headers of the page that was sent before are not those of what is sent now.
    expect(headers.get('content-length') ?? '0').toBe('0')
  })
})

describe('the script', () => {
  test('is cached for good, and only for this origin', async () => {
    for (const headers of CALLERS) {
      const answer = await get(SCRIPT, headers)
      expect([answer.status, await answer.text()]).toEqual([200, built.console.text])
      expect(Object.fromEntries(answer.headers)).toEqual({
        'content-type': 'text/javascript; charset=utf-8',
        'content-length': String(Buffer.byteLength(built.console.text)),
        'cache-control': 'public, max-age=31536000, immutable',
        'cross-origin-resource-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
        etag: expect.stringMatching(/^W\/"[0-9a-f]{32}"$/),
        vary: 'Accept-Encoding',
        'x-request-id': expect.any(String),
      })
    }
  })

  test.each([
    ['gzip, deflate, br', 'br', brotliDecompressSync],
    ['gzip', 'gzip', gunzipSync],
  ] as const)('is compressed for a browser that accepts %s', async (accepted, encoding, unpack) => {
    const answer = await get(SCRIPT, { 'accept-encoding': accepted })
    expect(answer.headers.get('content-encoding')).toBe(encoding)
    expect(unpack(Buffer.from(await answer.arrayBuffer())).toString()).toBe(built.console.text)
  })

  test('is not sent again to a browser that has it, nor in an answer to HEAD', async () => {
    const etag = (await get(SCRIPT)).headers.get('etag') ?? ''
    expect((await get(SCRIPT, { 'if-none-match': etag })).status).toBe(304)
    const { status, body } = await get(SCRIPT, {}, 'HEAD')
    expect([status, body]).toEqual([200, null])
  })

  test('imports an entry that is there', async () => {
    const [, entry = ''] = /import"\.\.([^"]+)"/.exec(built.console.text) ?? []
    expect(await (await get(entry)).text()).toBe(built.entry.text)
  })
})

test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('the method %s is not allowed', async (method) => {
  for (const path of ['/console', '/console/', SCRIPT]) {
    const answer = await get(path, { origin: 'https://app.example' }, method)
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([])
  }
})

const summaryOf = async (answer: Response) => {
  const { 'x-request-id': _, ...headers } = Object.fromEntries(answer.headers)
  return { status: answer.status, headers, body: await answer.text() }
}

/** What this server answers where it has nothing. */
const unknown = async (where: TestServer, init: RequestInit) =>
  summaryOf(await where.fetch('/nothing-is-called-this', init))

test.each(['console-0000000000000000.js', 'index.html', 'v1.js', '..%2f..%2fpackage.json', 'manifest.json'])(
  'another name beside the script is like any unknown path: %s',
  async (name) => {
    const answered = await summaryOf(await get(`/console/${name}`))
    expect(answered).toEqual(await unknown(server, {}))
    expect(answered.status).toBe(404)
  },
)

describe.each([
  ['in production', { production: true }],
  ['with CONSOLE=false', { console: false }],
])('%s', async (_name, options) => {
  const off = await startTestServer(options)

  test.each(['/console', '/console/', SCRIPT, '/console/nothing'])('%s is like any unknown path', async (path) => {
    for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS']) {
      for (const headers of [...CALLERS, { accept: 'text/html' }]) {
        const answered = await summaryOf(await off.fetch(path, { method, headers }))
        expect(answered).toEqual(await unknown(off, { method, headers }))
        expect(answered.status).toBe(404)
      }
    }
  })

  test('the components are there all the same', async () => {
    expect((await off.fetch('/embed/v1.js')).status).toBe(200)
  })
})

test('in production with CONSOLE=true, it is there, and GraphiQL is not', async () => {
  const on = await startTestServer({ production: true, console: true })
  expect((await on.fetch('/console')).status).toBe(200)
  expect((await on.fetch(SCRIPT)).status).toBe(200)
  expect((await on.fetch('/graphql', { headers: { accept: 'text/html' } })).status).not.toBe(200)
})

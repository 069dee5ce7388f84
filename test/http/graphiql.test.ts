import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'

const server = await startTestServer()
const HTML = { accept: 'text/html,application/xhtml+xml' }

let page: string
let names: string[]
beforeAll(async () => {
  page = await (await server.fetch('/graphql', { headers: HTML })).text()
  names = assetsOf(page)
})

/** As the page names them, and the worker that it starts. */
const assetsOf = (html: string) =>
  [...html.matchAll(/[\w/]*?(\w+\.[0-9a-f]{32}\.(?:js|css))/g)].map(([, name]) => String(name))

const asset = (name: string, headers: Record<string, string> = {}, method = 'GET') =>
  server.fetch(`/graphql/graphiql/${name}`, { method, headers })

const script = () => names.find((name) => name.startsWith('script')) ?? ''

describe('the page', () => {
  test('is small, has no inline code, and refers to no other host', () => {
    expect(page.length).toBeLessThan(4_096)
    expect(page).not.toMatch(/https?:|src="\/\//)
    expect(page).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=/)
    expect(names.map((name) => name.replace(/\..*/, '')).sort()).toEqual([
      'editorWorker',
      'graphqlWorker',
      'jsonWorker',
      'script',
      'start',
      'style',
    ])
  })

  test('allows scripts only from this server, and no page to frame it', async () => {
    const { headers } = await server.fetch('/graphql', { headers: HTML })
    const policy = Object.fromEntries(
      (headers.get('content-security-policy') ?? '').split('; ').map((rule) => rule.split(/ (.*)/)),
    )
    expect(policy).toMatchObject({
      'default-src': "'none'",
      'script-src': "'self'",
      'worker-src': "'self'",
      'connect-src': "'self'",
      'base-uri': "'none'",
      'form-action': "'none'",
      'frame-ancestors': "'none'",
    })
    expect(JSON.stringify(policy)).not.toMatch(/https?:|\*|unsafe-eval|blob:/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
  })

  test.each(['/graphql', '/graphql/', '/graphql?query=%7Bviewer%7Bid%7D%7D'])(
    'at %s finds its assets',
    async (path) => {
      const html = await (await server.fetch(path, { headers: HTML })).text()
      const [, src = ''] = /src="([^"]*script[^"]*)"/.exec(html) ?? []
      expect(new URL(src, `http://localhost${path}`).pathname).toBe(`/graphql/graphiql/${script()}`)
    },
  )

  test('is not sent to clients that accept JSON', async () => {
    const answer = await server.fetch('/graphql?query=%7B__typename%7D', { headers: { accept: 'application/json' } })
    expect(await answer.json()).toMatchObject({ data: { __typename: 'Query' } })
  })
})

describe('an asset', () => {
  test('is compressed, and kept by browsers for good', async () => {
    const whole = Buffer.from(await (await asset(script())).arrayBuffer())
    expect(whole.length).toBeGreaterThan(5_000_000)
    for (const [accepted, encoding, unpack] of [
      ['gzip, deflate, br', 'br', brotliDecompressSync],
      ['gzip', 'gzip', gunzipSync],
      ['br;q=0, gzip;q=0.5', 'gzip', gunzipSync],
    ] as const) {
      const { status, headers, body } = await read(await asset(script(), { 'accept-encoding': accepted }))
      expect(status).toBe(200)
      expect(headers.get('content-encoding')).toBe(encoding)
      expect(headers.get('vary')).toContain('Accept-Encoding')
      expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
      expect(headers.get('content-type')).toBe('text/javascript; charset=utf-8')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(body.length).toBeLessThan(1_500_000)
      expect(unpack(body).equals(whole)).toBe(true)
    }
  })

  test('is sent once: if the browser has it, the answer is 304', async () => {
    const etag = (await asset(script())).headers.get('etag') ?? ''
    for (const known of [etag, `"another", ${etag}`, etag.replace('W/', ''), '*']) {
      const { status, body } = await read(await asset(script(), { 'if-none-match': known }))
      expect([known, status, body.length]).toEqual([known, 304, 0])
    }
    expect((await asset(script(), { 'if-none-match': '"another"' })).status).toBe(200)
  })

  test('answers HEAD without its body', async () => {
    const { status, headers, body } = await read(await asset(script(), { 'accept-encoding': 'br' }, 'HEAD'))
    expect([status, body.length]).toEqual([200, 0])
    expect(Number(headers.get('content-length'))).toBeGreaterThan(1_000_000)
  })

  test('may load nothing itself: a worker has the policy of its own response', async () => {
    for (const name of names) {
      const { headers } = await asset(name)
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'/)
    }
  })

  test.each(['', 'script.js', 'script.00000000000000000000000000000000.js', '../server.ts', '..%2f..%2fpackage.json'])(
    'does not exist under another name: %j',
    async (name) => expect((await asset(name)).status).toBe(404),
  )

  test('does not exist for another method', async () => {
    expect((await asset(script(), {}, 'DELETE')).status).toBe(404)
  })

  test('costs the database nothing, whatever the credential', async () => {
    server.statements()
    await server.fetch('/graphql', { headers: { ...HTML, authorization: 'Bearer nobody' } })
    for (const name of names) await asset(name, { authorization: 'Bearer nobody' })
    expect(server.statements()).toEqual([])
  })
})

test('in production there is neither the page nor an asset', async () => {
  const production = await startTestServer({ production: true })
  for (const path of ['/graphql', '/graphql/', ...names.map((name) => `/graphql/graphiql/${name}`)]) {
    const answer = await production.fetch(path, { headers: HTML })
    if (path.includes('graphiql')) expect(answer.status).toBe(404)
    expect(answer.status).not.toBe(200)
    expect(await answer.text()).not.toMatch(/<html|monaco/i)
  }
})

async function read(response: Response) {
  const { status, headers } = response
  return { status, headers, body: Buffer.from(await response.arrayBuffer()) }
}

import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'

const server = await startTestServer()
const tenant = await server.newTenant()

const newOrigin = () => `https://${randomUUID()}.example.com`

const ask = (origin: string, headers: Record<string, string> = {}) =>
  server.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${tenant.key}`, origin, ...headers },
    body: '{"query":"{ viewer { name } }"}',
  })

const preflight = (origin: string) =>
  server.fetch('/graphql', { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } })

const warnings = () => server.logged.filter(({ level }) => level === 'warn')
const warningsOf = (origin: string) => warnings().filter((line) => line['origin'] === origin)

test('a refused origin is logged once, with what to set', async () => {
  const origin = newOrigin()
  const answer = await ask(origin)
  await ask(origin)
  await preflight(origin)
  expect(warningsOf(origin)).toEqual([
    {
      level: 'warn',
      time: expect.any(String),
      requestId: answer.headers.get('x-request-id'),
      origin,
      tenantId: tenant.id,
      msg: 'pages of this origin may not read answers: to allow them, add it to CORS_ORIGINS or to allowedOrigins of the tenant',
    },
  ])
})

test('a page without an origin is logged once, with what to do', async () => {
  for (let i = 0; i < 2; i += 1) await ask('null')
  expect(warningsOf('null').map(({ msg }) => msg)).toEqual([
    'pages without an origin (a local file, a sandboxed frame) may not read answers: serve the page from a web server',
  ])
})

test('a refused preflight is logged', async () => {
  const origin = newOrigin()
  expect((await preflight(origin)).status).toBe(403)
  expect(warningsOf(origin)).toHaveLength(1)
})

test.each<[string, string, Record<string, string>]>([
  ['an allowed origin', 'https://app.example.com', {}],
  ['our own pages', 'https://localhost', {}],
  ['our own pages, behind a proxy that sets Host', 'https://parley.example.com', { 'sec-fetch-site': 'same-origin' }],
  ['an origin with markup', '<script>alert(1)</script>', {}],
  ['an origin with SQL', "https://x.example.com' OR '1'='1", {}],
  ['an origin longer than any', `https://${'x'.repeat(1_000)}.example.com`, {}],
])('nothing is logged about %s', async (_what, origin, headers) => {
  const UPDATE = 'mutation ($input: UpdateTenantInput!) { updateTenant(input: $input) { tenant { id } } }'
  await server.admin(UPDATE, { input: { id: tenant.id, allowedOrigins: ['https://app.example.com'] } })
  const before = warnings().length
  expect((await ask(origin, headers)).status).toBe(200)
  expect(warnings()).toHaveLength(before)
})

test('at most 1,000 origins are logged', async () => {
  const { fetch, logged } = await startTestServer()
  for (let i = 0; i < 1_010; i++) {
    const headers = { origin: `https://${i}.example.com`, 'access-control-request-method': 'POST' }
    await fetch('/graphql', { method: 'OPTIONS', headers })
  }
  expect(logged.filter(({ level }) => level === 'warn')).toHaveLength(1_000)
})

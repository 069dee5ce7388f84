import { randomBytes, randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { makeSecret } from '../../src/auth/api-key.ts'
import { codes, startTestServer } from '../support/server.ts'

const server = await startTestServer()
const tenant = await server.newTenant()
const VIEWER = '{ viewer { name } }'

const UPDATE = 'mutation ($input: UpdateTenantInput!) { updateTenant(input: $input) { tenant { id } } }'
const allow = (allowedOrigins: string[]) => server.admin(UPDATE, { input: { id: tenant.id, allowedOrigins } })

const preflight = async (origin: string) => {
  const headers = { origin, 'access-control-request-method': 'POST' }
  return (await server.fetch('/graphql', { method: 'OPTIONS', headers })).status
}

const neighbourIsAnswered = async () => expect(codes(await tenant.ask(VIEWER))).toEqual([])

const newOrigin = () => `https://${randomUUID()}.example.com`

test('a flood of new origins queries the database once, and none is kept', async () => {
  await allow(['https://app.example.com'])
  server.clock.now = new Date('2030-01-01T00:00:00Z')
  expect(await preflight(newOrigin())).toBe(403)
  server.statements()
  const refused = await Promise.all(Array.from({ length: 500 }, () => preflight(newOrigin())))
  expect(new Set(refused)).toEqual(new Set([403]))
  expect(await preflight('https://app.example.com')).toBe(204)
  expect(server.statements()).toEqual([])
  await neighbourIsAnswered()
})

test('new origins with a credential do not query the database either', async () => {
  const ask = (origin: string) =>
    server.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${tenant.key}`, origin },
      body: JSON.stringify({ query: VIEWER }),
    })
  await ask(newOrigin())
  server.statements()
  for (let i = 0; i < 20; i++) expect((await ask(newOrigin())).status).toBe(200)
  expect(server.statements().filter((sql) => sql.includes('origin'))).toEqual([])
})

test('an origin that was just allowed or removed is treated accordingly, however many others ask', async () => {
  const origin = newOrigin()
  const flood = () => Array.from({ length: 100 }, () => preflight(newOrigin()))
  const before = flood()
  expect(await preflight(origin)).toBe(403)
  await allow([origin])
  const during = flood()
  expect(await preflight(origin)).toBe(204)
  await allow([])
  expect(await preflight(origin)).toBe(403)
  expect(new Set(await Promise.all([...before, ...during]))).toEqual(new Set([403]))
})

test('readiness is checked once a second, however many ask', async () => {
  server.clock.now = new Date('2031-01-01T00:00:00Z')
  const ready = async () => (await server.fetch('/ready')).status
  server.statements()
  expect(new Set(await Promise.all(Array.from({ length: 200 }, ready)))).toEqual(new Set([200]))
  const once = server.statements().length
  expect(await ready()).toBe(200)
  expect(server.statements()).toEqual([])
  server.clock.now = new Date('2031-01-01T00:00:01Z')
  expect(await ready()).toBe(200)
  expect(server.statements()).toHaveLength(once)
  await neighbourIsAnswered()
  server.clock.now = null
})

test('invalid credentials are refused without the database', async () => {
  const token = 'mutation { createEmbedToken(input: {}) { token } }'
  const good: string = (await tenant.ask(token)).data.createEmbedToken.token
  expect(codes(await server.as({ key: good })(VIEWER))).toEqual([])
  const [head, payload, signature = ''] = good.split('.')
  const forged = [
    `${tenant.key.slice(0, -1)}${tenant.key.endsWith('x') ? 'y' : 'x'}`,
    'parley_nonsense',
    'nonsense',
    'a.b.c',
    [head, payload, `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`].join('.'),
    [head, Buffer.from('{"iss":"parley"}').toString('base64url'), signature].join('.'),
    ['x'.repeat(9_000), payload, signature].join('.'),
  ]
  server.statements()
  for (const key of forged) {
    const answers = await Promise.all(Array.from({ length: 5 }, () => server.as({ key })(VIEWER)))
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401])
  }
  expect(server.statements()).toEqual([])
})

test('unknown keys are looked up together, one statement at a time', async () => {
  server.statements()
  const flood = Array.from({ length: 300 }, () => server.as({ key: makeSecret(randomUUID()) })(VIEWER))
  await neighbourIsAnswered()
  expect(new Set((await Promise.all(flood)).map(({ status }) => status))).toEqual(new Set([401]))
  expect(server.statements().filter((sql) => sql.includes('authenticate_api_key')).length).toBeLessThanOrEqual(10)
})

test('tokens with unknown signing keys cause no more than a few reads of the keys a second', async () => {
  const header = () =>
    Buffer.from(
      JSON.stringify({ alg: 'EdDSA', typ: 'parley-embed+jwt', kid: randomBytes(32).toString('base64url') }),
    ).toString('base64url')
  const payload = Buffer.from('{"iss":"parley"}').toString('base64url')
  server.statements()
  for (let i = 0; i < 10; i++) {
    const flood = Array.from({ length: 20 }, () => server.as({ key: `${header()}.${payload}.AAAA` })(VIEWER))
    expect(new Set((await Promise.all(flood)).map(({ status }) => status))).toEqual(new Set([401]))
  }
  expect(server.statements().length).toBeLessThanOrEqual(10)
  await neighbourIsAnswered()
})

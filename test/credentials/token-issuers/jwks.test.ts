import { afterEach, expect, test } from 'vitest'
import { startTestServer } from '../../support/server.ts'
import { INVALID, judge, makeKey, newIssuerName, register, serveJwks, sign } from './issuer.ts'

const server = await startTestServer()
const tenant = await server.newTenant()

afterEach(() => {
  server.clock.now = null
})

const START = Date.parse('2030-05-05T12:00:00Z')
const atSecond = (seconds: number) => {
  server.clock.now = new Date(START + seconds * 1000)
}

/** An issuer with its keys at a URL, and tokens of them that are good for a day from the start. */
async function remoteIssuer(...kids: string[]) {
  const keys = await Promise.all(kids.map((kid) => makeKey(kid)))
  const jwks = await serveJwks(keys.map(({ publicJwk }) => publicJwk))
  const issuer = newIssuerName()
  const id = await register(server, { issuer, jwksUrl: jwks.url })
  const [iat, exp] = [START / 1000, START / 1000 + 86_000]
  const ask = async (key: Parameters<typeof sign>[0]) =>
    judge(server, await sign(key, { iss: issuer, tenant: tenant.id, iat, exp }))
  const taken = { ...TAKEN, credentialId: id, name: issuer }
  // There is one for each kid.
  return { issuer, id, jwks, ask, taken, keys: keys as [(typeof keys)[number], ...typeof keys] }
}

const TAKEN = {
  kind: 'ISSUER_TOKEN',
  scopes: ['ANALYTICS_READ', 'CONVERSATIONS_READ'],
  tenant: { id: tenant.id },
}

test('keys are read once, and then serve from memory', async () => {
  const { ask, keys, jwks, taken } = await remoteIssuer('a', 'b')
  atSecond(0)
  expect(await Promise.all(keys.map(ask))).toEqual([taken, taken])
  atSecond(299)
  expect(await Promise.all([...keys, ...keys].map(ask))).toEqual([taken, taken, taken, taken])
  expect(jwks.requests).toBe(1)
})

test('a new key works within the first request that names it', async () => {
  const { ask, keys, jwks, taken } = await remoteIssuer('a')
  atSecond(0)
  expect(await ask(keys[0])).toEqual(taken)
  const added = await makeKey('b')
  jwks.keys.push(added.publicJwk)
  expect(await Promise.all([ask(added), ask(added), ask(keys[0])])).toEqual([taken, taken, taken])
  expect(jwks.requests).toBe(2)
})

test('a flood of unknown keys makes one fetch per cool-down, and known keys go on working', async () => {
  const { ask, keys, jwks, taken } = await remoteIssuer('a')
  const flood = () => Promise.all(Array.from({ length: 40 }, (_, i) => ask({ ...keys[0], kid: `unknown-${i}` })))
  atSecond(0)
  const [first, second] = [await flood(), await flood()]
  // Eight waited for the keys; the requests that came after the keys did not have to wait.
  const judged = first.filter(({ reason }) => reason === 'INVALID').length
  expect(judged).toBeGreaterThanOrEqual(8)
  expect(first.filter(({ code }) => code === 'OVERLOADED')).toHaveLength(40 - judged)
  for (const answer of second) expect(answer).toEqual(INVALID)
  expect(jwks.requests).toBe(1)
  atSecond(9)
  await flood()
  expect(jwks.requests).toBe(1)
  expect(await ask(keys[0])).toEqual(taken)
  atSecond(10)
  await flood()
  expect(jwks.requests).toBe(2)
})

test('a flood while the keys can’t be read makes one fetch per cool-down as well', async () => {
  const { ask, keys, jwks, taken } = await remoteIssuer('a')
  jwks.respond = (_request, response) => response.writeHead(503).end()
  atSecond(0)
  for (const answer of await Promise.all(Array.from({ length: 8 }, () => ask(keys[0])))) expect(answer).toEqual(INVALID)
  expect(await ask(keys[0])).toEqual(INVALID)
  expect(jwks.requests).toBe(1)
  jwks.respond = null
  atSecond(10)
  expect(await ask(keys[0])).toEqual(taken)
  expect(jwks.requests).toBe(2)
})

test.each([
  ['down', (_: unknown, response: { destroy(): void }) => response.destroy()],
  ['failing', (_: unknown, response: { writeHead(status: number): { end(): void } }) => response.writeHead(500).end()],
  ['not JSON', (_: unknown, response: { end(text: string): void }) => response.end('<html>')],
  ['not a key set', (_: unknown, response: { end(text: string): void }) => response.end('{"keys":{}}')],
])('known keys keep working while the JWKS is %s, and an unknown one is refused', async (_what, respond) => {
  const { ask, keys, jwks, taken, id } = await remoteIssuer('a')
  atSecond(0)
  expect(await ask(keys[0])).toEqual(taken)
  jwks.respond = respond as typeof jwks.respond
  for (const seconds of [60, 400, 4_000, 80_000]) {
    atSecond(seconds)
    expect(await ask(keys[0])).toEqual(taken)
    expect(await ask({ ...keys[0], kid: 'b' })).toEqual(INVALID)
  }
  expect(jwks.requests).toBeGreaterThan(3)
  expect(server.logged).toContainEqual(
    expect.objectContaining({ level: 'warn', issuer: id, msg: 'the keys of a token issuer could not be read' }),
  )
})

test('keys are read anew beside the requests that use them, and a withdrawn one ends', async () => {
  const { ask, keys, jwks, taken } = await remoteIssuer('withdrawn', 'kept')
  const [withdrawn, ...kept] = keys
  atSecond(0)
  expect(await ask(withdrawn)).toEqual(taken)
  jwks.keys.splice(0, 1)
  atSecond(300)
  await expect.poll(() => ask(withdrawn)).toEqual(INVALID)
  expect(await Promise.all(kept.map(ask))).toEqual([taken])
})

test('a token that was taken before ends with its key as well: with a withdrawn one, and with one of an hour ago', async () => {
  const { issuer, keys, jwks, taken } = await remoteIssuer('a', 'b')
  const [iat, exp] = [START / 1000, START / 1000 + 86_000]
  const [one, other] = await Promise.all(keys.map((key) => sign(key, { iss: issuer, tenant: tenant.id, iat, exp })))
  const ask = (token = '') => judge(server, token)
  atSecond(0)
  expect(await Promise.all([ask(one), ask(other)])).toEqual([taken, taken])
  jwks.keys.splice(0, 1)
  atSecond(299)
  expect(await Promise.all([ask(one), ask(other)])).toEqual([taken, taken])
  expect(jwks.requests).toBe(1)
  atSecond(300)
  await expect.poll(() => ask(one)).toEqual(INVALID)
  expect(await ask(other)).toEqual(taken)
  jwks.keys.splice(0)
  atSecond(300 + 3_600)
  expect(await ask(other)).toEqual(INVALID)
})

test('on a process that was quiet for six minutes a withdrawn key is not taken once more', async () => {
  const { ask, keys, jwks, taken } = await remoteIssuer('a')
  atSecond(0)
  expect(await ask(keys[0])).toEqual(taken)
  jwks.keys.splice(0)
  atSecond(360)
  expect(await ask(keys[0])).toEqual(INVALID)
})

test('an issuer whose JWKS does not answer keeps no other waiting, nor its own known keys', async () => {
  const slow = await remoteIssuer('a')
  const quick = await remoteIssuer('a')
  const inline = await makeKey('a')
  const name = newIssuerName()
  await register(server, { issuer: name, keys: [inline.publicJwk] })
  atSecond(0)
  expect(await slow.ask(slow.keys[0])).toEqual(slow.taken)
  const asked = Promise.withResolvers<() => void>()
  slow.jwks.respond = (_request, response) => asked.resolve(() => response.end('{"keys":[]}'))
  const waiting = slow.ask({ ...slow.keys[0], kid: 'unknown' })
  const answer = await asked.promise
  expect(await quick.ask(quick.keys[0])).toEqual(quick.taken)
  expect(await slow.ask(slow.keys[0])).toEqual(slow.taken)
  const claims = { iss: name, tenant: tenant.id, iat: START / 1000, exp: START / 1000 + 60 }
  expect(await judge(server, await sign(inline, claims))).toMatchObject({ name })
  answer()
  expect(await waiting).toEqual(INVALID)
})

test('a secret, or a private key, in a JWKS verifies nothing', async () => {
  const secret = Buffer.from('secret'.repeat(8)).toString('base64url')
  for (const change of [{ kty: 'oct', k: secret }, { d: secret }]) {
    const { ask, keys, jwks } = await remoteIssuer('a')
    jwks.keys.splice(0, 1, { ...keys[0].publicJwk, ...change })
    atSecond(0)
    expect(await ask(keys[0])).toEqual(INVALID)
  }
})

test('an issuer’s new URL counts from the next request on, and so does its deletion', async () => {
  const { ask, keys, taken, id } = await remoteIssuer('a')
  const [moved, next] = [await serveJwks([]), await makeKey('b')]
  moved.keys.push(next.publicJwk)
  const UPDATE =
    'mutation ($input: UpdateTokenIssuerInput!) { updateTokenIssuer(input: $input) { tokenIssuer { id } } }'
  atSecond(0)
  expect([await ask(keys[0]), await ask(next)]).toEqual([taken, INVALID])
  await server.admin(UPDATE, { input: { id, jwksUrl: moved.url } })
  expect([await ask(keys[0]), await ask(next)]).toEqual([INVALID, taken])
  await server.admin(UPDATE, { input: { id, keys: [keys[0].publicJwk] } })
  expect([await ask(keys[0]), await ask(next)]).toEqual([taken, INVALID])
  await server.admin('mutation ($id: ID!) { deleteTokenIssuer(input: { id: $id }) { deletedId } }', { id })
  expect([await ask(keys[0]), await ask(next)]).toEqual([INVALID, INVALID])
})

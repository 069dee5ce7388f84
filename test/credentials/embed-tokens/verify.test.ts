import { createHmac } from 'node:crypto'
import { exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose'
import { beforeAll, expect, test } from 'vitest'
import { startTestServer } from '../../support/server.ts'
import { EXPIRED, INVALID, judge } from '../token-issuers/issuer.ts'
import { encoded, newToken, partOf, signAsServer } from './tokens.ts'

/** Whatever is tried with a token, only the server's own signature under all it is to say is taken. */

const server = await startTestServer()
const tenant = await server.newTenant()
const other = await server.newTenant()
let token: string
let [header, payload, signature] = ['', '', '']
let claims: Record<string, unknown>

beforeAll(async () => {
  token = await newToken(tenant.ask)
  ;[header = '', payload = '', signature = ''] = token.split('.')
  claims = partOf(token, 1)
})

const TAKEN = { kind: 'EMBED_TOKEN', tenant: { id: tenant.id } }

test('as it is, it is taken; signed anew with the same claims, too: so what follows is refused for what it says', async () => {
  expect(await judge(server, token)).toMatchObject(TAKEN)
  expect(await judge(server, await signAsServer(server, claims))).toMatchObject(TAKEN)
})

test.each<[what: string, changed: Record<string, unknown>]>([
  ['of another issuer', { iss: 'parley2' }],
  ['without an issuer', { iss: undefined }],
  ['for another audience', { aud: 'parley' }],
  ['without an audience', { aud: undefined }],
  ['without an expiry', { exp: undefined }],
  ['without a time of issue', { iat: undefined }],
  ['without a tenant', { tenant: undefined }],
  ['without a key', { key: undefined }],
  ['without a generation', { gen: undefined }],
  ['without scopes', { scopes: undefined }],
  ['with a scope that writes', { scopes: ['CONVERSATIONS_WRITE'] }],
  ['with ADMIN', { scopes: ['ADMIN'] }],
  ['with a lock that is none', { metadata: 'all' }],
  ['with agents that are none', { agents: ['all'] }],
  ['with end users that are none', { parley_end_user_ids: 'all' }],
  ['with a claim of a later version', { channels: ['CHAT'] }],
  ['not valid yet', { nbf: Math.floor(Date.now() / 1000) + 600 }],
])('a token %s is refused', async (_what, changed) => {
  expect(await judge(server, await signAsServer(server, { ...claims, ...changed }))).toEqual(INVALID)
})

test.each<[what: string, changed: Record<string, unknown>]>([
  ['of another type', { typ: 'JWT' }],
  ['without a type', { typ: undefined }],
  ['that names no key', { kid: undefined }],
  ['that names a path for a key', { kid: '../../signing-key-secret' }],
  ['that names SQL for a key', { kid: "' OR 1=1 --" }],
])('a token %s is refused', async (_what, changed) => {
  const signed = await signAsServer(server, claims, changed)
  // Without a `kid`, one key alone may be meant: that one is taken.
  expect(await judge(server, signed)).toEqual(
    changed['kid'] === undefined && 'kid' in changed ? expect.objectContaining(TAKEN) : INVALID,
  )
})

test('an expired token is refused as such', async () => {
  const now = Math.floor(Date.now() / 1000)
  expect(await judge(server, await signAsServer(server, { ...claims, iat: now - 120, exp: now - 1 }))).toEqual(EXPIRED)
})

test('a token whose claims were changed is refused', async () => {
  const moved = encoded({ ...claims, tenant: other.id })
  expect(await judge(server, `${header}.${moved}.${signature}`)).toEqual(INVALID)
  const stronger = encoded({ ...claims, scopes: ['INTERNALS_READ'] })
  expect(await judge(server, `${header}.${stronger}.${signature}`)).toEqual(INVALID)
  expect(await judge(server, `${header}.${payload}.${'A'.repeat(86)}`)).toEqual(INVALID)
  expect(await judge(server, `${header}.${payload}.`)).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' })
})

test('an unsigned token is refused, and one that is signed with a public key as a secret', async () => {
  for (const alg of ['none', 'None', 'NONE']) {
    const unsigned = encoded({ ...partOf(token, 0), alg })
    expect(await judge(server, `${unsigned}.${payload}.${signature}`)).toEqual(INVALID)
  }
  const { keys } = (await (await server.fetch('/.well-known/jwks.json')).json()) as { keys: { x: string }[] }
  const [key] = keys
  for (const secret of [Buffer.from(key?.x ?? '', 'base64url'), JSON.stringify(key), key?.x ?? '']) {
    const body = `${encoded({ ...partOf(token, 0), alg: 'HS256' })}.${payload}`
    const hmac = createHmac('sha256', secret).update(body).digest('base64url')
    expect(await judge(server, `${body}.${hmac}`)).toEqual(INVALID)
  }
})

test('a token that brings its own key is refused', async () => {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  const jwk = await exportJWK(publicKey)
  for (const brought of [
    { jwk },
    { jku: 'https://elsewhere.example/jwks.json' },
    { x5u: 'https://elsewhere.example' },
    {},
  ]) {
    const forged = new SignJWT(claims).setProtectedHeader({
      alg: 'EdDSA',
      typ: 'parley-embed+jwt',
      kid: String(partOf(token, 0)['kid']),
      ...brought,
    })
    expect(await judge(server, await forged.sign(await importJWK(await exportJWK(privateKey), 'EdDSA')))).toEqual(
      INVALID,
    )
  }
})

test('a key in the form of a token, and a token in the form of a key, are refused', async () => {
  const key = tenant.key
  expect(await judge(server, `${encoded({ alg: 'EdDSA' })}.${Buffer.from(key).toString('base64url')}.x`)).toMatchObject(
    { status: 401 },
  )
  expect(await judge(server, `parley_${token}`)).toMatchObject({ status: 401 })
  expect(await judge(server, 'x'.repeat(9_000))).toMatchObject({ status: 401 })
  expect(await judge(server, `${header}.${'A'.repeat(9_000)}.${signature}`)).toMatchObject({ status: 401 })
})

test('its tenant is its own: a header can’t move it', async () => {
  const answer = await server.ask({ key: token, tenantId: other.id }, '{ viewer { name } }')
  expect(answer.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN'])
})

test('it is locked to metadata of any name, those that objects have by themselves among them', async () => {
  const { ask } = await server.newTenant()
  const LOG = `mutation ($metadata: JSONObject) {
    logConversation(input: { transcript: "User: Hi", metadata: $metadata }) { created } }`
  const locks: Record<string, unknown>[] = [{ constructor: 'x' }, { prototype: 'x' }, { toString: 'x' }]
  for (const metadata of [{}, ...locks]) expect((await ask(LOG, { metadata })).errors).toBeUndefined()
  for (const metadata of locks) {
    const credential = { key: await newToken(ask, { metadata }) }
    const { data } = await server.ask(credential, '{ conversations { nodes { metadata } } }')
    expect(data.conversations.nodes).toEqual([{ metadata }])
  }
})

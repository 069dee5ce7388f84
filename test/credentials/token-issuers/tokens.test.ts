import { createHmac } from 'node:crypto'
import { CompactSign, exportSPKI, type JWK, SignJWT } from 'jose'
import { afterEach, expect, test } from 'vitest'
import { startTestServer } from '../../support/server.ts'
import { AUDIENCE, EXPIRED, INVALID, judge, makeKey, newIssuerName, REVOKED, register, sign } from './issuer.ts'

const server = await startTestServer()
const key = await makeKey('key-1')
const issuer = newIssuerName()
const issuerId = await register(server, { name: 'Product', issuer, keys: [key.publicJwk] })
const tenant = await server.newTenant()

afterEach(() => {
  server.clock.now = null
})

const token = (claims: Record<string, unknown> = {}, header = {}) =>
  sign(key, { iss: issuer, tenant: tenant.id, ...claims }, header)

const TAKEN = {
  kind: 'ISSUER_TOKEN',
  credentialId: issuerId,
  name: 'Product',
  scopes: ['ANALYTICS_READ', 'CONVERSATIONS_READ'],
  tenant: { id: tenant.id },
}

test('a token that a registered issuer signed is taken for its tenant and its subject', async () => {
  expect(await judge(server, await token())).toEqual(TAKEN)
  expect(await judge(server, await token({ sub: 'ada' }))).toEqual({ ...TAKEN, name: 'ada' })
})

test.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'])(
  'tokens are taken that are signed with %s',
  async (alg) => {
    const own = await makeKey('k', alg)
    const name = newIssuerName()
    const id = await register(server, { name: 'Product', issuer: name, keys: [own.publicJwk] })
    expect(await judge(server, await sign(own, { iss: name, tenant: tenant.id }))).toEqual({
      ...TAKEN,
      credentialId: id,
    })
  },
)

test('the claim that the issuer was registered with names the tenant', async () => {
  const name = newIssuerName()
  const tenantClaim = 'https://product.example/org'
  const id = await register(server, { name: 'Product', issuer: name, keys: [key.publicJwk], tenantClaim })
  const claims = { iss: name, tenant: 'not this one', [tenantClaim]: tenant.id }
  expect(await judge(server, await sign(key, claims))).toEqual({ ...TAKEN, credentialId: id })
  expect(await judge(server, await sign(key, { iss: name, tenant: tenant.id }))).toEqual(INVALID)
})

test.each([
  ['no tenant', { tenant: undefined }],
  ['a tenant that does not exist', { tenant: 'nobody' }],
  ['a tenant that is no text', { tenant: [tenant.id] }],
  ['a tenant that no database can hold', { tenant: 'a\u0000b' }],
  ['a claim that no database can hold', { tenant: 'nobody', '\ud800': '\u0000' }],
  ['another audience', { aud: 'https://elsewhere.example' }],
  ['no audience', { aud: undefined }],
  ['another issuer', { iss: 'https://elsewhere.example' }],
  ['an issuer that no database can hold', { iss: 'a\u0000b' }],
  ['no issuer', { iss: undefined }],
  ['several issuers', { iss: [issuer] }],
  ['this server as its issuer', { iss: 'parley' }],
  ['no expiry', { exp: undefined }],
  ['an expiry that is no number', { exp: 'never' }],
  ['an expiry beyond all times', { exp: 1e300 }],
  ['no time of issue', { iat: undefined }],
  ['a time of issue that is no number', { iat: '0' }],
  ['a subject that is no text', { sub: 7 }],
  ['a subject that no database can hold', { sub: 'a\u0000b' }],
  ['a subject that is too long', { sub: 'a'.repeat(257) }],
  ['a scope that is no text', { scope: ['ANALYTICS_READ'] }],
  ['scopes that are no list', { scopes: 'ANALYTICS_READ' }],
])('a token with %s is refused', async (_what, claims) => {
  expect(await judge(server, await token(claims))).toEqual(INVALID)
})

test('a token with a number that only JSON can write is refused', async () => {
  const text = JSON.stringify({
    iss: issuer,
    aud: AUDIENCE,
    tenant: tenant.id,
    exp: Math.floor(Date.now() / 1000) + 600,
  })
  const signed = (iat: string) =>
    new CompactSign(Buffer.from(text.replace('}', `,"iat":${iat}}`)))
      .setProtectedHeader({ alg: key.alg, kid: key.kid })
      .sign(key.privateKey)
  expect(await judge(server, await signed('1'))).toEqual(TAKEN)
  expect(await judge(server, await signed('-1e999'))).toEqual(INVALID)
})

test('one of several audiences is enough', async () => {
  expect(await judge(server, await token({ aud: ['https://elsewhere.example', AUDIENCE] }))).toEqual(TAKEN)
})

test('a token is taken from its first second to its last, and half a minute around them', async () => {
  const at = Date.parse('2030-05-05T12:00:00Z') / 1000
  const timed = await token({ iat: at, nbf: at, exp: at + 3_600 })
  const judgedAt = async (seconds: number) => {
    server.clock.now = new Date((at + seconds) * 1000)
    return judge(server, timed)
  }
  expect(await judgedAt(-31)).toEqual(INVALID)
  expect(await judgedAt(-30)).toEqual(TAKEN)
  expect(await judgedAt(3_600 + 29)).toEqual(TAKEN)
  expect(await judgedAt(3_600 + 30)).toEqual(EXPIRED)
})

test('a token that is good for more than a day from now is refused', async () => {
  const at = Date.parse('2030-05-05T12:00:00Z') / 1000
  server.clock.now = new Date(at * 1000)
  expect(await judge(server, await token({ iat: at, exp: at + 86_430 }))).toEqual(TAKEN)
  expect(await judge(server, await token({ iat: at, exp: at + 86_431 }))).toEqual(INVALID)
})

test('a token that was issued in the future is refused: it would outlive revocations', async () => {
  const at = Date.parse('2030-05-05T12:00:00Z') / 1000
  server.clock.now = new Date(at * 1000)
  expect(await judge(server, await token({ iat: at + 30, exp: at + 600 }))).toEqual(TAKEN)
  expect(await judge(server, await token({ iat: at + 31, exp: at + 600 }))).toEqual(INVALID)
})

test.each([
  ['JWT', TAKEN],
  ['jwt', TAKEN],
  ['application/jwt', TAKEN],
  ['parley-embed+jwt', INVALID],
  ['at+jwt', INVALID],
  ['', INVALID],
])('of the type "%s" a token is taken or not', async (typ, expected) => {
  expect(await judge(server, await token({}, { typ }))).toEqual(expected)
})

test('a token of one issuer that another’s key signed is refused', async () => {
  const other = await makeKey('key-1')
  await register(server, { issuer: newIssuerName(), keys: [other.publicJwk] })
  expect(await judge(server, await sign(other, { iss: issuer, tenant: tenant.id }))).toEqual(INVALID)
})

test('a token that brings its own key, or says where it is, is refused', async () => {
  const { publicJwk, ...own } = await makeKey('key-1')
  const claims = { iss: issuer, tenant: tenant.id }
  for (const header of [{ jwk: publicJwk }, { jku: 'https://elsewhere.example' }, { kid: '../key-1' }, { kid: '' }]) {
    expect(await judge(server, await sign(own, claims, header))).toEqual(INVALID)
  }
  for (const kid of ['../key-1', '', 'key-2', "' OR 1=1"])
    expect(await judge(server, await token({}, { kid }))).toEqual(INVALID)
})

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

test('an unsigned token is refused, and one whose claims were changed', async () => {
  const [header, payload, signature] = (await token()).split('.') as [string, string, string]
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  for (const alg of ['none', 'None', 'NONE']) {
    expect(await judge(server, `${encoded({ alg })}.${payload}.${signature}`)).toEqual(INVALID)
  }
  const other = await server.newTenant()
  expect(await judge(server, `${header}.${encoded({ ...claims, tenant: other.id })}.${signature}`)).toEqual(INVALID)
  expect(await judge(server, `${header}.bm9uc2Vuc2U.${signature}`)).toEqual(INVALID)
})

test('a public key is not taken as the secret of an HMAC', async () => {
  const rsa = await makeKey('rsa', 'RS256')
  const name = newIssuerName()
  await register(server, { issuer: name, keys: [rsa.publicJwk] })
  const claims = { iss: name, tenant: tenant.id, aud: AUDIENCE }
  const pair = await crypto.subtle.importKey(
    ...(['jwk', rsa.publicJwk, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, true, ['verify']] as const),
  )
  for (const secret of [await exportSPKI(pair), JSON.stringify(rsa.publicJwk), String(rsa.publicJwk.n)]) {
    for (const alg of ['HS256', 'HS384', 'HS512']) {
      const now = Math.floor(Date.now() / 1000)
      const body = `${encoded({ alg, kid: 'rsa' })}.${encoded({ ...claims, iat: now, exp: now + 60 })}`
      const signature = createHmac(`sha${alg.slice(2)}`, secret)
        .update(body)
        .digest('base64url')
      expect(await judge(server, `${body}.${signature}`)).toEqual(INVALID)
    }
  }
})

test('a key is not taken for another algorithm than its own', async () => {
  const rsa = await makeKey('rsa', 'RS256')
  const { alg: _alg, ...ofAnyAlgorithm } = rsa.publicJwk
  const sha512 = await crypto.subtle.importKey(
    ...(['pkcs8', await crypto.subtle.exportKey('pkcs8', rsa.privateKey)] as const),
    ...([{ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-512' }, true, ['sign']] as const),
  )
  const judged = async (publicJwk: JWK) => {
    const name = newIssuerName()
    await register(server, { issuer: name, keys: [publicJwk] })
    return judge(server, await sign({ ...rsa, alg: 'RS512', privateKey: sha512 }, { iss: name, tenant: tenant.id }))
  }
  expect(await judged(ofAnyAlgorithm)).toMatchObject({ kind: 'ISSUER_TOKEN' })
  expect(await judged(rsa.publicJwk)).toEqual(INVALID)
})

test('a header with a critical extension that nobody knows is refused', async () => {
  const signed = await new SignJWT({ iss: issuer, tenant: tenant.id, aud: AUDIENCE })
    .setIssuedAt()
    .setExpirationTime('10m')
    .setProtectedHeader({ alg: key.alg, kid: key.kid, crit: ['exp'], exp: 1 })
    .sign(key.privateKey, { crit: { exp: true } })
  expect(await judge(server, signed)).toEqual(INVALID)
})

test('a token names its own tenant alone: the header X-Tenant-Id can not move it', async () => {
  const other = await server.newTenant()
  const answer = await server.ask({ key: await token(), tenantId: other.id }, '{ viewer { name } }')
  expect(answer.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN'])
  expect((await server.ask({ key: await token(), tenantId: tenant.id }, '{ viewer { name } }')).errors).toBeUndefined()
})

test('revokeEmbedTokens ends what was issued in or before its second, of its tenant alone', async () => {
  const at = Date.parse('2030-05-05T12:00:00Z') / 1000
  const own = await server.newTenant()
  const issuedAt = (iat: number, tenantId = own.id) => token({ iat, exp: at + 600, tenant: tenantId })
  const expected = { ...TAKEN, tenant: { id: own.id } }
  server.clock.now = new Date(at * 1000 + 700)
  expect(await judge(server, await issuedAt(at))).toEqual(expected)
  await own.ask('mutation { revokeEmbedTokens { tenant { id } } }')
  expect(await judge(server, await issuedAt(at - 60))).toEqual(REVOKED)
  expect(await judge(server, await issuedAt(at))).toEqual(REVOKED)
  expect(await judge(server, await issuedAt(at + 0.9))).toEqual(REVOKED)
  expect(await judge(server, await issuedAt(at + 1))).toEqual(expected)
  expect(await judge(server, await issuedAt(at, tenant.id))).toEqual(TAKEN)
})

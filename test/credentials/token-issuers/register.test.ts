import { exportJWK, generateKeyPair } from 'jose'
import { expect, test } from 'vitest'
import { codes, startTestServer } from '../../support/server.ts'
import {
  AUDIENCE,
  DELETE,
  expectRefused,
  makeKey,
  newIssuerName,
  REGISTER,
  register,
  storedIssuers,
  UPDATE,
} from './issuer.ts'

const server = await startTestServer()
const production = await startTestServer({ production: true })
const { admin } = server
const key = await makeKey('key-1')

const input = (more: object = {}) => ({
  issuer: newIssuerName(),
  audience: AUDIENCE,
  keys: [key.publicJwk],
  scopes: ['ANALYTICS_READ'],
  ...more,
})

test('an issuer is registered with keys or a URL, and the claim and scopes that tokens have by default', async () => {
  server.clock.now = new Date('2030-01-02T03:04:05.678Z')
  const given = { issuer: newIssuerName(), audience: AUDIENCE }
  const withKeys = await admin(REGISTER, { input: { ...given, keys: [key.publicJwk] } })
  server.clock.now = null
  expect(withKeys.errors).toBeUndefined()
  expect(withKeys.data.registerTokenIssuer.tokenIssuer).toEqual({
    id: expect.stringMatching(/^issuer_[0-9a-z]{26}$/),
    name: null,
    ...given,
    jwksUrl: null,
    keys: [key.publicJwk],
    tenantClaim: 'tenant',
    scopes: ['ANALYTICS_READ', 'CONVERSATIONS_READ'],
    createdAt: '2030-01-02T03:04:05.678Z',
    updatedAt: '2030-01-02T03:04:05.678Z',
  })
  const all = {
    ...{ name: 'Product', issuer: newIssuerName(), audience: 'a', jwksUrl: 'https://keys.example/jwks.json' },
    ...{ tenantClaim: 'org', scopes: ['INTERNALS_READ'] },
  }
  const withUrl = await admin(REGISTER, { input: { ...all, scopes: ['INTERNALS_READ', 'INTERNALS_READ'] } })
  expect(withUrl.data.registerTokenIssuer.tokenIssuer).toMatchObject({ ...all, keys: null })
})

test('an issuer is registered once', async () => {
  const issuer = newIssuerName()
  await register(server, { issuer, keys: [key.publicJwk] })
  const message = `"${issuer}" is already registered.`
  await expectRefused(server, admin, REGISTER, input({ issuer }), 'EXTERNAL_ID_TAKEN', 'input.issuer', message)
})

test.each([
  ['this server’s own name', { issuer: 'parley' }, 'BAD_USER_INPUT', 'input.issuer'],
  ['an empty issuer', { issuer: ' ' }, 'BAD_USER_INPUT', 'input.issuer'],
  ['an issuer that is too long', { issuer: 'i'.repeat(257) }, 'LIMIT_EXCEEDED', 'input.issuer'],
  ['an empty audience', { audience: '' }, 'BAD_USER_INPUT', 'input.audience'],
  ['an empty tenant claim', { tenantClaim: '' }, 'BAD_USER_INPUT', 'input.tenantClaim'],
  ['a claim that restricts', { tenantClaim: 'parley_documents' }, 'BAD_USER_INPUT', 'input.tenantClaim'],
  ['one in capitals', { tenantClaim: 'Parley_Agents' }, 'BAD_USER_INPUT', 'input.tenantClaim'],
  ['the claim of the scopes', { tenantClaim: 'scope' }, 'BAD_USER_INPUT', 'input.tenantClaim'],
  ['an empty name', { name: '' }, 'BAD_USER_INPUT', 'input.name'],
  ['a name that is too long', { name: 'n'.repeat(257) }, 'LIMIT_EXCEEDED', 'input.name'],
  ['no scope', { scopes: [] }, 'BAD_USER_INPUT', 'input.scopes'],
  ['a scope that writes', { scopes: ['ANALYTICS_READ', 'CONVERSATIONS_WRITE'] }, 'BAD_USER_INPUT', 'input.scopes[1]'],
  ['ADMIN', { scopes: ['ADMIN'] }, 'BAD_USER_INPUT', 'input.scopes[0]'],
  ['neither keys nor a URL', { keys: null }, 'BAD_USER_INPUT', 'input.jwksUrl'],
  ['both', { jwksUrl: 'https://keys.example' }, 'BAD_USER_INPUT', 'input.keys'],
  ['a URL without TLS', { keys: null, jwksUrl: 'http://keys.example' }, 'BAD_USER_INPUT', 'input.jwksUrl'],
  ['a URL inside the network', { keys: null, jwksUrl: 'https://10.0.0.1' }, 'BAD_USER_INPUT', 'input.jwksUrl'],
  [
    'a URL that is too long',
    { keys: null, jwksUrl: `https://a.example/${'a'.repeat(2_048)}` },
    'LIMIT_EXCEEDED',
    'input.jwksUrl',
  ],
  ['no key', { keys: [] }, 'BAD_USER_INPUT', 'input.keys'],
  ['too many keys', { keys: Array(21).fill(key.publicJwk) }, 'LIMIT_EXCEEDED', 'input.keys'],
  ['a key of another kind', { keys: [{ kty: 'X' }] }, 'BAD_USER_INPUT', 'input.keys[0]'],
  ['an empty key', { keys: [{}] }, 'BAD_USER_INPUT', 'input.keys[0]'],
  [
    'a point that is on no curve',
    { keys: [{ ...key.publicJwk, x: key.publicJwk.y }] },
    'BAD_USER_INPUT',
    'input.keys[0]',
  ],
  ['a key for encryption', { keys: [{ ...key.publicJwk, use: 'enc' }] }, 'BAD_USER_INPUT', 'input.keys[0]'],
  ['a key that may not verify', { keys: [{ ...key.publicJwk, key_ops: ['sign'] }] }, 'BAD_USER_INPUT', 'input.keys[0]'],
  ['a symmetric algorithm', { keys: [{ ...key.publicJwk, alg: 'HS256' }] }, 'BAD_USER_INPUT', 'input.keys[0].alg'],
  ['no algorithm', { keys: [{ ...key.publicJwk, alg: 'none' }] }, 'BAD_USER_INPUT', 'input.keys[0].alg'],
  ['a name that is no text', { keys: [{ ...key.publicJwk, kid: 1 }] }, 'BAD_USER_INPUT', 'input.keys[0].kid'],
  ['two keys of one name', { keys: [key.publicJwk, key.publicJwk] }, 'BAD_USER_INPUT', 'input.keys[1].kid'],
  [
    'two keys, one without a name',
    { keys: [key.publicJwk, { ...key.publicJwk, kid: undefined }] },
    'BAD_USER_INPUT',
    'input.keys[1].kid',
  ],
  ['a secret', { keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 's' }] }, 'BAD_USER_INPUT', 'input.keys[0].kty'],
])('%s is refused', async (_what, more, code, inputPath) => {
  await expectRefused(server, admin, REGISTER, input(more), code, inputPath)
})

test.each(['RS256', 'ES256', 'EdDSA'])('a private key of %s is refused, and comes back in no answer', async (alg) => {
  const { privateKey } = await makeKey('a', alg)
  const jwk = await exportJWK(privateKey)
  const { errors } = await admin(REGISTER, { input: input({ keys: [{ ...jwk, alg }] }) })
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', inputPath: 'input.keys[0].d' })
  expect(JSON.stringify(errors)).not.toContain(jwk.d)
  const { d: _d, ...half } = jwk
  const answer = await admin(REGISTER, { input: input({ keys: [{ ...half, alg }] }) })
  expect(codes(answer)).toEqual(alg === 'RS256' ? ['BAD_USER_INPUT'] : [])
})

test('an RSA key of fewer than 2048 bits is refused', async () => {
  const { publicKey } = await crypto.subtle.generateKey(
    { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 1_024, publicExponent: new Uint8Array([1, 0, 1]) },
    ...([true, ['sign', 'verify']] as const),
  )
  const message = 'has 1024 bits; at least 2048 are needed.'
  const jwk = await crypto.subtle.exportKey('jwk', publicKey)
  const { key_ops: _ops, ext: _ext, ...keys } = jwk
  await expectRefused(server, admin, REGISTER, input({ keys: [keys] }), 'BAD_USER_INPUT', 'input.keys[0].n', message)
})

test('a key that agrees on secrets and signs nothing is refused', async () => {
  const { publicKey } = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true })
  const keys = [await exportJWK(publicKey)]
  await expectRefused(server, admin, REGISTER, input({ keys }), 'BAD_USER_INPUT', 'input.keys[0]')
})

test('a URL of this machine itself is for development', async () => {
  const jwksUrl = 'http://localhost:8080/jwks.json'
  expect(codes(await admin(REGISTER, { input: input({ keys: null, jwksUrl }) }))).toEqual([])
  const answer = await production.admin(REGISTER, { input: input({ keys: null, jwksUrl }) })
  expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', inputPath: 'input.jwksUrl' })
})

test('no key lets an issuer give more than it has itself, nor changes the keys of one that may', async () => {
  const { secret } = await server.newKey({ scopes: ['ADMIN', 'ANALYTICS_READ'] })
  const weak = server.as({ key: secret })
  const refused = { code: 'FORBIDDEN', scopes: ['INTERNALS_READ'] }
  const more = await weak(REGISTER, { input: input({ scopes: ['ANALYTICS_READ', 'INTERNALS_READ'] }) })
  expect(more.errors?.map(({ extensions }) => extensions)).toEqual([refused])
  const id = await register(server, { issuer: newIssuerName(), keys: [key.publicJwk], scopes: ['INTERNALS_READ'] })
  const before = await storedIssuers(server)
  for (const change of [
    { keys: [key.publicJwk] },
    { audience: 'a' },
    { scopes: ['ANALYTICS_READ', 'INTERNALS_READ'] },
  ]) {
    const answer = await weak(UPDATE, { input: { id, ...change } })
    expect(answer.errors?.map(({ extensions }) => extensions)).toEqual([refused])
  }
  expect(await storedIssuers(server)).toEqual(before)
  expect(codes(await weak(UPDATE, { input: { id, scopes: ['ANALYTICS_READ'] } }))).toEqual([])
  expect(codes(await weak(REGISTER, { input: input() }))).toEqual([])
})

test('a key that expires leaves no issuer behind, nor one that lets in more; it may take away', async () => {
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
  const scopes = ['ADMIN', 'ANALYTICS_READ', 'CONVERSATIONS_READ']
  const { secret } = await server.newKey({ scopes, expiresAt })
  const ask = server.as({ key: secret })
  const id = await register(server, input({ scopes: ['ANALYTICS_READ', 'CONVERSATIONS_READ'] }))
  const narrow = await register(server, input())
  const other = await makeKey('key-2')
  const before = await storedIssuers(server)
  for (const [document, refused] of [
    [REGISTER, input()],
    [UPDATE, { id, keys: [other.publicJwk] }],
    [UPDATE, { id, jwksUrl: 'https://product.example/jwks.json' }],
    [UPDATE, { id, audience: 'other' }],
    [UPDATE, { id, tenantClaim: 'other' }],
    [UPDATE, { id: narrow, scopes: ['ANALYTICS_READ', 'CONVERSATIONS_READ'] }],
  ] as const) {
    const { errors } = await ask(document, { input: refused })
    expect(errors).toMatchObject([
      {
        message: `An issuer would outlive your key, which expires at ${expiresAt}.`,
        extensions: { code: 'FORBIDDEN' },
      },
    ])
  }
  expect(await storedIssuers(server)).toEqual(before)
  const taken = await ask(UPDATE, { input: { id, name: 'Product', scopes: ['ANALYTICS_READ'] } })
  expect(taken.data.updateTokenIssuer.tokenIssuer).toMatchObject({ name: 'Product', scopes: ['ANALYTICS_READ'] })
  expect((await ask(DELETE, { id })).data.deleteTokenIssuer).toEqual({ deletedId: id })
})

test('without ADMIN nobody reads or changes issuers', async () => {
  const tenant = await server.newTenant()
  const id = await register(server, { issuer: newIssuerName(), keys: [key.publicJwk] })
  const before = await storedIssuers(server)
  for (const [document, variables] of [
    [REGISTER, { input: input() }],
    [UPDATE, { input: { id, name: 'Taken' } }],
    [DELETE, { id }],
    ['{ tokenIssuers { nodes { id } } }', {}],
    ['query ($id: ID!) { node(id: $id) { id } }', { id }],
  ] as const) {
    expect(codes(await tenant.ask(document, variables))).toEqual(['FORBIDDEN'])
  }
  expect(await storedIssuers(server)).toEqual(before)
})

test('issuers are listed, newest first, page by page, and read by id', async () => {
  const own = await startTestServer()
  const ids: string[] = []
  for (let i = 0; i < 3; i++) ids.unshift(await register(own, { issuer: newIssuerName(), keys: [key.publicJwk] }))
  const LIST = `query ($first: Int, $after: String) {
    tokenIssuers(first: $first, after: $after) { totalCount nodes { id } pageInfo { hasNextPage endCursor } }
  }`
  const { data } = await own.admin(LIST, { first: 2 })
  expect(data.tokenIssuers).toMatchObject({ totalCount: 3, nodes: [{ id: ids[0] }, { id: ids[1] }] })
  const next = await own.admin(LIST, { first: 2, after: data.tokenIssuers.pageInfo.endCursor })
  expect(next.data.tokenIssuers).toMatchObject({ nodes: [{ id: ids[2] }], pageInfo: { hasNextPage: false } })
  const READ = 'query ($id: ID!) { node(id: $id) { __typename id ... on TokenIssuer { audience keys } } }'
  expect((await own.admin(READ, { id: ids[0] })).data.node).toEqual({
    ...{ __typename: 'TokenIssuer', id: ids[0], audience: AUDIENCE, keys: [key.publicJwk] },
  })
})

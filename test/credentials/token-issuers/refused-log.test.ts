import { afterEach, expect, test } from 'vitest'
import { startTestServer } from '../../support/server.ts'
import { isStory } from '../../support/story.ts'
import { newToken, partOf, signAsServer } from '../embed-tokens/tokens.ts'
import { AUDIENCE, EXPIRED, INVALID, judge, makeKey, newIssuerName, REVOKED, register, sign } from './issuer.ts'

isStory()

const server = await startTestServer()
const key = await makeKey('key-1')
const tenant = await server.newTenant()
const now = Math.floor(Date.now() / 1000)

const newIssuer = async (keys = [key.publicJwk]) => {
  const issuer = newIssuerName()
  await register(server, { issuer, keys })
  return issuer
}

afterEach(() => {
  server.clock.now = null
})

const isRefusal = ({ msg }: Record<string, unknown>) => String(msg).startsWith('a token was refused: ')

/** What the log gets while a token is judged, the line of the request itself left out. */
async function logOf(token: string, expected: object = INVALID) {
  const before = server.logged.length
  expect(await judge(server, token)).toEqual(expected)
  const lines = server.logged.slice(before)
  const request = lines.find(({ msg }) => msg === 'request')
  const refusals = lines.filter(isRefusal)
  // In a flood, not every request has a line.
  if (request) for (const { requestId } of refusals) expect(requestId).toBe(request['requestId'])
  return refusals
}

const CANARY = 'canary-4711'

test.each([
  ['AUDIENCE', undefined, { aud: 'elsewhere' }, {}],
  ['CLAIM_MISSING', 'aud', { aud: undefined }, {}],
  ['CLAIM_MISSING', 'exp', { exp: undefined }, {}],
  ['CLAIM_MISSING', 'iat', { iat: undefined }, {}],
  ['CLAIM_MISSING', 'tenant', { tenant: undefined }, {}],
  ['CLAIM_INVALID', 'exp', { exp: CANARY }, {}],
  ['CLAIM_INVALID', 'exp', { exp: now + 90_000 }, {}],
  ['CLAIM_INVALID', 'tenant', { tenant: [CANARY] }, {}],
  ['CLAIM_INVALID', 'scopes', { scopes: CANARY }, {}],
  ['CLAIM_INVALID', 'sub', { sub: [CANARY] }, {}],
  ['CLAIM_INVALID', 'parley_metadata', { parley_metadata: { [CANARY]: [] } }, {}],
  ['CLAIM_INVALID', 'parley_agents', { parley_agents: [CANARY, 7] }, {}],
  ['CLAIM_INVALID', 'parley_agent', { parley_agent: [CANARY] }, {}],
  ['NOT_YET_VALID', 'nbf', { nbf: now + 600 }, {}],
  ['NOT_YET_VALID', 'iat', { iat: now + 600 }, {}],
  ['TENANT_UNKNOWN', 'tenant', { tenant: CANARY }, {}],
  ['TYPE', undefined, {}, { typ: 'at+jwt' }],
  ['CLAIM_INVALID', 'iss', { iss: ['https://product.example'] }, {}],
  ['CLAIM_MISSING', 'iss', { iss: undefined }, {}],
])('%s is logged, with the claim that it is about: %s', async (reason, claim, claims, header) => {
  const iss = await newIssuer()
  const lines = await logOf(await sign(key, { iss, tenant: tenant.id, sub: CANARY, ...claims }, header))
  const names = claim === 'iss' ? {} : { issuer: iss, keyId: 'key-1' }
  expect(lines).toMatchObject([{ level: 'warn', reason, ...(claim && { claim }), ...names }])
})

test('the line names the issuer, the audience, the key and the request, and says what is wrong', async () => {
  const iss = await newIssuer()
  const token = await sign(key, { iss, tenant: tenant.id, sub: CANARY, aud: ['elsewhere', 'nowhere'] })
  expect(await logOf(token)).toEqual([
    {
      level: 'warn',
      time: expect.any(String),
      requestId: expect.any(String),
      reason: 'AUDIENCE',
      issuer: iss,
      audience: 'elsewhere nowhere',
      keyId: 'key-1',
      msg: 'a token was refused: its aud is not the audience that its issuer is registered with',
    },
  ])
})

test('an unknown issuer, a wrong signature, algorithm or key, and an unreadable token are logged', async () => {
  const iss = await newIssuer()
  const claims = { iss, tenant: tenant.id }
  const stranger = newIssuerName()
  expect(await logOf(await sign(key, { ...claims, iss: stranger }))).toMatchObject([
    { reason: 'ISSUER_UNKNOWN', issuer: stranger, audience: AUDIENCE, keyId: 'key-1' },
  ])
  expect(await logOf(await sign(await makeKey('key-1'), claims))).toMatchObject([{ reason: 'SIGNATURE', issuer: iss }])
  expect(await logOf(await sign(key, claims, { kid: 'key-2' }))).toMatchObject([
    { reason: 'KEY_NOT_FOUND', issuer: iss, keyId: 'key-2' },
  ])
  const [, payload, signature] = (await sign(key, claims)).split('.')
  const encoded = (header: object) => Buffer.from(JSON.stringify(header)).toString('base64url')
  expect(await logOf(`${encoded({ alg: 'HS256' })}.${payload}.${signature}`)).toMatchObject([{ reason: 'ALGORITHM' }])
  expect(await logOf(`bm9uc2Vuc2U.${payload}.${signature}`)).toMatchObject([{ reason: 'MALFORMED', issuer: iss }])
  expect(await logOf(`${encoded({ alg: 'ES256' })}.bm9uc2Vuc2U.${signature}`)).toMatchObject([{ reason: 'MALFORMED' }])
  const [one, two] = [await makeKey('one'), await makeKey('two')]
  const several = await newIssuer([one.publicJwk, two.publicJwk])
  const unnamed = await sign({ ...one, kid: undefined } as never, { ...claims, iss: several })
  expect(await logOf(unnamed)).toMatchObject([{ reason: 'KEY_AMBIGUOUS', issuer: several }])
})

test('expired and revoked tokens are logged, but not as warnings', async () => {
  const claims = { iss: await newIssuer(), tenant: (await server.newTenant()).id }
  const expired = await sign(key, { ...claims, iat: now - 900, exp: now - 300 })
  expect(await logOf(expired, EXPIRED)).toMatchObject([{ level: 'info', reason: 'EXPIRED' }])
  await server.ask(
    { key: server.adminKey, tenantId: claims.tenant },
    'mutation { revokeEmbedTokens { tenant { id } } }',
  )
  const revoked = await sign(key, { ...claims, iat: now - 900 })
  expect(await logOf(revoked, REVOKED)).toMatchObject([{ level: 'info', reason: 'REVOKED', issuer: claims.iss }])
})

test('a token of our own is logged likewise, and not as a warning if its key has ended', async () => {
  const maker = await server.newKey({ scopes: ['EMBED_TOKENS_CREATE', 'ANALYTICS_READ'], tenantId: tenant.id })
  const token = await newToken(server.as({ key: maker.secret }), { scopes: ['ANALYTICS_READ'] })
  const later = await signAsServer(server, { ...partOf(token, 1), later: CANARY })
  expect(await logOf(later)).toMatchObject([
    { level: 'warn', reason: 'CLAIM_INVALID', claim: 'later', issuer: 'parley', audience: 'parley-embed' },
  ])
  await server.admin('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id } } }', { id: maker.id })
  expect(await logOf(token, REVOKED)).toMatchObject([{ level: 'info', reason: 'KEY_ENDED', issuer: 'parley' }])
})

test('the same issuer and reason are logged once a minute, with a count of the others', async () => {
  const iss = await newIssuer()
  const claims = { iss, tenant: tenant.id, exp: now + 3_600 }
  const token = await sign(key, { ...claims, aud: 'elsewhere' })
  server.clock.now = new Date((now - (now % 60)) * 1_000 + 120_000)
  expect(await logOf(token)).toHaveLength(1)
  for (let i = 0; i < 5; i++) expect(await logOf(token)).toEqual([])
  expect(await logOf(await sign(key, claims, { typ: 'at+jwt' }))).toMatchObject([{ reason: 'TYPE', issuer: iss }])
  server.clock.now = new Date(server.clock.now.getTime() + 60_000)
  expect(await logOf(token)).toMatchObject([{ reason: 'AUDIENCE', suppressed: 5 }])
  server.clock.now = new Date(server.clock.now.getTime() + 60_000)
  const [line] = await logOf(token)
  expect(line).not.toHaveProperty('suppressed')
})

test('a flood of made-up issuers is only counted, and does not hide a registered issuer', async () => {
  server.clock.now = new Date((now - (now % 60)) * 1_000 + 600_000)
  const strangers = () => sign(key, { iss: newIssuerName(), tenant: tenant.id })
  const lines = []
  for (let i = 0; i < 60; i++) lines.push(...(await logOf(await strangers())))
  expect(lines).toHaveLength(21)
  expect(lines.at(-1)).not.toHaveProperty('issuer')
  const unstorable = (i: number) => sign(key, { iss: `\u0000${i}`, tenant: tenant.id })
  lines.length = 0
  for (let i = 0; i < 10; i++) lines.push(...(await logOf(await unstorable(i))))
  expect(lines.length).toBeLessThanOrEqual(1)
  const iss = await newIssuer()
  expect(await logOf(await sign(key, { iss, tenant: tenant.id, aud: 'elsewhere' }))).toHaveLength(1)
  server.clock.now = new Date(server.clock.now.getTime() + 60_000)
  for (let i = 0; i < 21; i++) lines.push(...(await logOf(await strangers())))
  expect(lines.at(-1)).toMatchObject({ reason: 'ISSUER_UNKNOWN', suppressed: 39 })
})

test('nothing else of a token is logged', () => {
  const log = JSON.stringify(server.logged.filter(isRefusal))
  expect(log).toContain('KEY_AMBIGUOUS')
  expect(log).not.toContain(CANARY)
  expect(log).not.toMatch(/eyJ/)
})

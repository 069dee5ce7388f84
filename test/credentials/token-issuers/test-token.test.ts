import { expect, test } from 'vitest'
import { TOKEN_REFUSALS } from '../../../src/auth/refused-token.ts'
import { codes, startTestServer } from '../../support/server.ts'
import { newToken, partOf, signAsServer } from '../embed-tokens/tokens.ts'
import { judge, makeKey, newIssuerName, register, serveJwks, sign } from './issuer.ts'

/** `testToken`: what an administrator learns of a token, and nobody else. */

const server = await startTestServer()
const key = await makeKey('key-1')
const tenant = await server.newTenant()
const now = Math.floor(Date.now() / 1000)

const TEST = `mutation ($token: String!) { testToken(input: { token: $token }) {
  accepted reason claim message tokenIssuer { id issuer } tenant { id } scopes subject expiresAt restrictedBy } }`

const testOf = async (token: string) => {
  const { data, errors } = await server.admin(TEST, { token })
  expect(errors).toBeUndefined()
  return data.testToken
}

const NOTHING = { tenant: null, scopes: null, subject: null, expiresAt: null, restrictedBy: null }
const ACCEPTED = { accepted: true, reason: null, claim: null, message: 'The token would be accepted.' }

async function newIssuer(input: object = { keys: [key.publicJwk] }) {
  const issuer = newIssuerName()
  const id = await register(server, { issuer, ...input })
  const token = (claims: object = {}, header: object = {}, by = key) =>
    sign(by, { iss: issuer, tenant: tenant.id, ...claims }, header)
  return { tokenIssuer: { id, issuer }, token }
}

const issuer = await newIssuer()

test('a token of an issuer that would be accepted: for which tenant, to do what, for whom, until when, and restricted by what', async () => {
  const restriction = {
    parley_agents: ['bot-a'],
    parley_end_user_ids: ['ada'],
    parley_metadata: { 'customer.id': '42', plan: 'pro' },
  }
  const claims = { scope: 'ANALYTICS_READ', sub: 'ada', exp: now + 600, ...restriction }
  expect(await testOf(await issuer.token(claims))).toEqual({
    ...ACCEPTED,
    tokenIssuer: issuer.tokenIssuer,
    tenant: { id: tenant.id },
    scopes: ['ANALYTICS_READ'],
    subject: 'ada',
    expiresAt: new Date((now + 600) * 1_000).toISOString(),
    restrictedBy: ['agents', 'endUserIds', 'metadata.customer.id', 'metadata.plan'],
  })
  expect(await testOf(await issuer.token())).toMatchObject({ ...ACCEPTED, subject: null, restrictedBy: [] })
})

test('a token of our own that would be accepted', async () => {
  expect(await testOf(await newToken(tenant.ask, { endUserIds: ['ada'], subject: 'ada' }))).toEqual({
    ...ACCEPTED,
    tokenIssuer: null,
    tenant: { id: tenant.id },
    scopes: ['ANALYTICS_READ', 'CONVERSATIONS_READ'],
    subject: 'ada',
    expiresAt: expect.any(String),
    restrictedBy: ['endUserIds'],
  })
})

const jwks = await serveJwks([key.publicJwk])
const [one, two] = [await makeKey('one'), await makeKey('two')]
const several = await newIssuer({ keys: [one.publicJwk, two.publicJwk] })
const fetched = await newIssuer({ jwksUrl: jwks.url })
const down = await newIssuer({ jwksUrl: 'http://127.0.0.1:1/jwks.json' })
const revokedTenant = await server.newTenant()

/** By reason: tokens that are refused for it, with the claim, and what is told of their issuer and tenant. */
const REFUSED: Record<string, [token: () => Promise<string> | string, claim: string | null, told?: object][]> = {
  MALFORMED: [
    [() => 'nonsense', null, { tokenIssuer: null }],
    [() => server.adminKey, null, { tokenIssuer: null }],
    [() => '', null, { tokenIssuer: null }],
  ],
  TOO_LONG: [[() => issuer.token({ x: 'x'.repeat(8_192) }), null]],
  TYPE: [
    [() => issuer.token({}, { typ: 'at+jwt' }), null],
    [
      async () => signAsServer(server, partOf(await newToken(tenant.ask), 1), { typ: 'JWT' }),
      null,
      { tokenIssuer: null },
    ],
  ],
  ALGORITHM: [
    [
      async () =>
        `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.${(await issuer.token()).split('.')[1]}.c2ln`,
      null,
    ],
  ],
  ISSUER_UNKNOWN: [
    [() => sign(key, { iss: 'https://nobody.example', tenant: tenant.id }), null, { tokenIssuer: null }],
  ],
  AUDIENCE: [[() => issuer.token({ aud: 'elsewhere' }), null]],
  KEYS_UNREADABLE: [[() => down.token(), null, { tokenIssuer: down.tokenIssuer }]],
  KEY_NOT_FOUND: [
    [() => issuer.token({}, { kid: 'key-2' }), null],
    [() => fetched.token({}, { kid: 'key-2' }), null, { tokenIssuer: fetched.tokenIssuer }],
  ],
  KEY_AMBIGUOUS: [
    [() => several.token({}, {}, { ...one, kid: undefined } as never), null, { tokenIssuer: several.tokenIssuer }],
  ],
  SIGNATURE: [
    [async () => issuer.token({}, {}, await makeKey('key-1')), null],
    [async () => (await newToken(tenant.ask)).replace(/[^.]+$/, 'A'.repeat(86)), null, { tokenIssuer: null }],
  ],
  CLAIM_MISSING: [
    [() => issuer.token({ exp: undefined }), 'exp'],
    [() => issuer.token({ tenant: undefined }), 'tenant'],
    [() => sign(key, { tenant: tenant.id }), 'iss', { tokenIssuer: null }],
  ],
  CLAIM_INVALID: [
    [() => issuer.token({ parley_agents: 'bot-a' }), 'parley_agents'],
    [() => issuer.token({ parley_end_user_ids: [''] }), 'parley_end_user_ids'],
    [() => issuer.token({ parley_agent_ids: [] }), 'parley_agent_ids'],
    [() => issuer.token({ scopes: 'ANALYTICS_READ' }), 'scopes'],
    [
      async () => signAsServer(server, { ...partOf(await newToken(tenant.ask), 1), later: 1 }),
      'later',
      { tokenIssuer: null },
    ],
  ],
  NOT_YET_VALID: [[() => issuer.token({ nbf: now + 600 }), 'nbf']],
  EXPIRED: [
    [() => issuer.token({ iat: now - 900, exp: now - 300 }), null],
    [
      async () => signAsServer(server, { ...partOf(await newToken(tenant.ask), 1), exp: now - 1 }),
      null,
      { tokenIssuer: null },
    ],
  ],
  TENANT_UNKNOWN: [[() => issuer.token({ tenant: 'nobody' }), 'tenant']],
  REVOKED: [
    [() => issuer.token({ tenant: revokedTenant.id, iat: now - 900 }), null, { tenant: { id: revokedTenant.id } }],
    [
      async () => {
        const token = await newToken(revokedTenant.ask)
        await revokedTenant.ask('mutation { revokeEmbedTokens { tenant { id } } }')
        return token
      },
      null,
      { tokenIssuer: null, tenant: { id: revokedTenant.id } },
    ],
  ],
  KEY_ENDED: [
    [
      async () => {
        const maker = await server.newKey({ scopes: ['EMBED_TOKENS_CREATE', 'ANALYTICS_READ'], tenantId: tenant.id })
        const token = await newToken(server.as({ key: maker.secret }), { scopes: ['ANALYTICS_READ'] })
        const REVOKE = 'mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id } } }'
        await server.admin(REVOKE, { id: maker.id })
        return token
      },
      null,
      { tokenIssuer: null, tenant: { id: tenant.id } },
    ],
  ],
}

test('every reason that exists is tried below, but one that takes a key which was registered by an older version', () => {
  expect([...Object.keys(REFUSED), 'KEY_UNUSABLE'].sort()).toEqual(Object.keys(TOKEN_REFUSALS).sort())
})

test.each(Object.keys(REFUSED))('%s is told, as the request itself is refused', async (reason) => {
  await revokedTenant.ask('mutation { revokeEmbedTokens { tenant { id } } }')
  for (const [make, claim, told = {}] of REFUSED[reason] ?? []) {
    const token = await make()
    const text = TOKEN_REFUSALS[reason as keyof typeof TOKEN_REFUSALS]
    const message = `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
    const expected = { accepted: false, reason, claim, message, ...NOTHING, tokenIssuer: issuer.tokenIssuer, ...told }
    expect(await testOf(token)).toEqual(expected)
    if (token !== '' && token !== server.adminKey) expect(await judge(server, token)).toMatchObject({ status: 401 })
  }
})

test('the keys of an issuer are fetched for it, and what is accepted is accepted of a request', async () => {
  const own = await serveJwks([key.publicJwk])
  const { token } = await newIssuer({ jwksUrl: own.url })
  const signed = await token()
  expect(own.requests).toBe(0)
  expect(await testOf(signed)).toMatchObject(ACCEPTED)
  expect(own.requests).toBe(1)
  expect(await judge(server, signed)).toMatchObject({ kind: 'ISSUER_TOKEN' })
})

test('several tokens are tested at once, each by its alias, beside what else the mutation does, and in fragments', async () => {
  const name = newIssuerName()
  const { data, errors } = await server.admin(
    `mutation ($a: String!, $b: String!, $skip: Boolean!, $input: RegisterTokenIssuerInput!) {
      before: testToken(input: { token: $a }) { reason tokenIssuer { issuer } }
      registerTokenIssuer(input: $input) { tokenIssuer { issuer } }
      ... on Mutation { b: testToken(input: { token: $b }) { accepted } }
      ...Rest
      never: testToken(input: { token: $b }) @skip(if: $skip) { accepted }
    } fragment Rest on Mutation { testToken(input: { token: $b }) { subject } }`,
    {
      a: await sign(key, { iss: name, tenant: tenant.id }),
      b: await issuer.token({ sub: 'ada' }),
      skip: true,
      input: { issuer: name, audience: 'a', keys: [key.publicJwk] },
    },
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    before: { reason: 'ISSUER_UNKNOWN', tokenIssuer: null },
    registerTokenIssuer: { tokenIssuer: { issuer: name } },
    b: { accepted: true },
    testToken: { subject: 'ada' },
  })
})

test('only an administrator may test tokens, and nobody else has the keys of an issuer fetched by it', async () => {
  const own = await serveJwks([key.publicJwk])
  const { token } = await newIssuer({ jwksUrl: own.url })
  const embed = await newToken(tenant.ask)
  for (const ask of [tenant.ask, server.as({ key: embed })]) {
    expect(codes(await ask(TEST, { token: await token() }))).toEqual(['FORBIDDEN'])
  }
  expect(own.requests).toBe(0)
})

test('a token is never sent in a URL, and what is tested is in no log, no audit log and no table', async () => {
  const url = `/graphql?query=${encodeURIComponent(TEST)}&variables=${encodeURIComponent('{"token":"a.b.c"}')}`
  const refused = await server.fetch(url, { headers: { authorization: `Bearer ${server.adminKey}` } })
  expect(refused.status).toBe(405)
  const audited = async () => {
    await server.refusals.flush()
    return (await server.owner('SELECT count(*)::int AS count FROM audit_events'))[0]?.['count']
  }
  const before = await audited()
  const logged = server.logged.length
  const token = await issuer.token({ sub: 'canary-subject', aud: 'elsewhere' })
  await testOf(token)
  await testOf(await issuer.token({ tenant: revokedTenant.id, iat: now - 900 }))
  expect(await audited()).toBe(before)
  const lines = JSON.stringify(server.logged.slice(logged))
  expect(lines).toContain('"msg":"request"')
  for (const part of [...token.split('.'), 'canary-subject', 'a token was refused']) expect(lines).not.toContain(part)
})

test('what can’t be a text of the database is refused by its path', async () => {
  const answer = await server.admin(TEST, { token: 'a\u0000b' })
  expect(answer.errors?.map(({ extensions }) => extensions)).toEqual([
    expect.objectContaining({ code: 'BAD_USER_INPUT', inputPath: 'input.token' }),
  ])
})

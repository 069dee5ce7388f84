import { expect, inject, test } from 'vitest'
import { makeFirstKey } from '../../src/credentials/bootstrap-keys.ts'
import { connect } from '../../src/database/connect.ts'
import { openTestDatabase } from '../support/database.ts'
import { type Answer, codes, serveTestDatabase, startTestServer, type TestTenant } from '../support/server.ts'

const server = await startTestServer({ rateLimits: { perMinute: 5, tenantPerMinute: 10 } })

/** Each test has a minute of its own, so that no other's requests count. */
let minutes = Date.parse('2030-01-01T00:00:00Z')
function newMinute() {
  minutes += 60_000
  server.clock.now = new Date(minutes + 12_345)
}

const VIEWER = '{ viewer { name } }'
const TOKEN = `mutation ($input: CreateEmbedTokenInput!) { createEmbedToken(input: $input) { token } }`

const refused = (limit: number, whose: string) => ({
  message: `More than ${limit} requests in a minute for ${whose}. Try again in 48 s.`,
  extensions: { code: 'RATE_LIMITED', limit, retryAfterSeconds: 48 },
})

const standing = ({ status, headers }: Answer) => ({
  status,
  policy: headers.get('ratelimit-policy'),
  left: headers.get('ratelimit'),
  retryAfter: headers.get('retry-after'),
})

/** Another secret of the same form, but for its checksum. */
const withOtherEnd = (secret: string) => `${secret.slice(0, -1)}${secret.endsWith('x') ? 'y' : 'x'}`

async function tokenOf({ ask }: TestTenant, input: object): Promise<string> {
  return (await ask(TOKEN, { input })).data.createEmbedToken.token
}

async function repeat<Result>(times: number, work: () => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (let i = 0; i < times; i++) results.push(await work())
  return results
}

// Also for whatever comes first: tokens are made by this clock.
newMinute()

test('every answer says what is left; beyond it is refused until the minute is over', async () => {
  const { ask } = await server.newTenant()
  newMinute()
  const policy = '"credential";q=5;w=60, "tenant";q=10;w=60'
  const answers = await repeat(5, () => ask(VIEWER))
  expect(answers.map(standing)).toEqual(
    [4, 3, 2, 1, 0].map((left) => ({
      ...{ status: 200, policy, left: `"credential";r=${left};t=48, "tenant";r=${left + 5};t=48`, retryAfter: null },
    })),
  )
  const beyond = await ask(VIEWER)
  expect(standing(beyond)).toEqual({
    ...{ status: 429, policy, left: '"credential";r=0;t=48, "tenant";r=5;t=48', retryAfter: '48' },
  })
  expect(beyond.data).toBeUndefined()
  expect(beyond.errors).toEqual([refused(5, 'this credential')])
  newMinute()
  expect((await ask(VIEWER)).status).toBe(200)
})

test('a mutation that is refused writes nothing', async () => {
  const { ask } = await server.newTenant()
  newMinute()
  await repeat(5, () => ask(VIEWER))
  expect(codes(await ask('mutation { createAgent(input: { name: "a" }) { agent { id } } }'))).toEqual(['RATE_LIMITED'])
  newMinute()
  expect((await ask('{ agents { totalCount } }')).data).toEqual({ agents: { totalCount: 0 } })
})

test('one tenant’s flood takes nothing from another, not even where one key acts for both', async () => {
  const [loud, quiet] = [await server.newTenant(), await server.newTenant()]
  newMinute()
  await repeat(20, () => loud.asAccount(VIEWER))
  expect(codes(await loud.asAccount(VIEWER))).toEqual(['RATE_LIMITED'])
  expect((await quiet.asAccount(VIEWER)).status).toBe(200)
  expect((await quiet.ask(VIEWER)).status).toBe(200)
})

test('all credentials of a tenant share its budget; what is refused takes nothing from any', async () => {
  const tenant = await server.newTenant()
  const asToken = server.as({ key: await tokenOf(tenant, { subject: 'ada' }) })
  const asOther = server.as({ key: await tokenOf(tenant, { subject: 'bob' }) })
  newMinute()
  await repeat(5, () => tenant.ask(VIEWER))
  await repeat(2, () => asOther(VIEWER))
  await repeat(3, () => asToken(VIEWER))
  const beyond = await asToken(VIEWER)
  expect(beyond.errors).toEqual([refused(10, 'this tenant')])
  expect(standing(beyond).left).toBe('"credential";r=2;t=48, "tenant_tokens";r=2;t=48, "tenant";r=0;t=48')
  expect(codes(await asOther(VIEWER))).toEqual(['RATE_LIMITED'])
})

test('tokens together leave a quarter of their tenant’s budget to its keys', async () => {
  const tenant = await server.newTenant()
  const tokens = await Promise.all(['ada', 'bob', 'eve'].map((subject) => tokenOf(tenant, { subject })))
  newMinute()
  const answers = (await Promise.all(tokens.map((key) => repeat(5, () => server.as({ key })(VIEWER))))).flat()
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(7)
  const beyond = answers.filter(({ status }) => status === 429)
  expect(beyond.at(-1)?.errors).toEqual([refused(7, 'the tokens of this tenant')])
  expect((await tenant.ask(VIEWER)).status).toBe(200)
})

test('one credential gets at most half of what its tenant has', async () => {
  const generous = await startTestServer({ rateLimits: { perMinute: 0, tenantPerMinute: 8 } })
  const { ask } = await generous.newTenant()
  expect((await repeat(6, () => ask(VIEWER))).map(({ status }) => status)).toEqual([200, 200, 200, 200, 429, 429])
})

test('each subject has a budget of its own, however many tokens it has and however they are written', async () => {
  const tenant = await server.newTenant()
  const token = await tokenOf(tenant, { subject: 'ada' })
  const asOther = server.as({ key: await tokenOf(tenant, { subject: 'bob' }) })
  const another = await tokenOf(tenant, { subject: 'ada' })
  newMinute()
  await repeat(5, () => server.as({ key: token })(VIEWER))
  expect(codes(await server.as({ key: token })(VIEWER))).toEqual(['RATE_LIMITED'])
  expect(codes(await server.as({ key: another })(VIEWER))).toEqual(['RATE_LIMITED'])
  // The last character of a signature has bits that say nothing.
  for (const last of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
    const { status } = await server.as({ key: token.slice(0, -1) + last })(VIEWER)
    expect([401, 429]).toContain(status)
  }
  expect((await asOther(VIEWER)).status).toBe(200)
})

test.each(['bearer', 'BEARER', 'Bearer  ', 'Bearer     ', ' Bearer'])(
  'the header written as "%s" has no budget of its own',
  async (scheme) => {
    const tenant = await server.newTenant()
    const token = await tokenOf(tenant, {})
    newMinute()
    for (const credential of [token, tenant.key]) {
      const send = (authorization: string) =>
        server.fetch('/graphql', {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization },
          body: JSON.stringify({ query: VIEWER }),
        })
      for (let i = 0; i < 5; i++) expect((await send(`Bearer ${credential}`)).status).toBe(200)
      expect((await send(`${scheme} ${credential}`)).status).toBe(429)
    }
  },
)

test('a refused document counts, because its body was read', async () => {
  const { ask } = await server.newTenant()
  newMinute()
  expect((await repeat(6, () => ask('{'))).flatMap((answer) => codes(answer))).toEqual([
    ...Array.from({ length: 5 }, () => 'GRAPHQL_PARSE_FAILED'),
    'RATE_LIMITED',
  ])
})

test('who sends no credential, or a wrong one, takes from nobody’s budget', async () => {
  const tenant = await server.newTenant()
  newMinute()
  await repeat(10, () => server.as({})('{ __typename }'))
  await repeat(10, () => server.as({ key: withOtherEnd(tenant.key) })(VIEWER))
  const { headers } = await tenant.ask(VIEWER)
  expect(headers.get('ratelimit')).toBe('"credential";r=4;t=48, "tenant";r=9;t=48')
})

test('a credential that is refused is refused unread once it has used up its minute, and takes nothing from another', async () => {
  const tenant = await server.newTenant()
  const { id, secret } = await server.newKey({ scopes: ['CONVERSATIONS_READ'], tenantId: tenant.id })
  await server.admin('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id } } }', { id })
  newMinute()
  const revoked = server.as({ key: secret })
  const answers = await repeat(6, () => revoked(VIEWER))
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 429])
  expect(standing(answers[5] as Answer)).toEqual({ status: 429, policy: null, left: null, retryAfter: '48' })
  server.statements()
  expect((await revoked(VIEWER)).errors).toEqual([refused(5, 'this refused credential')])
  expect(server.statements()).toEqual([])
  // With another secret of the same key, or another credential altogether.
  expect((await server.as({ key: tenant.key })(VIEWER)).status).toBe(200)
  newMinute()
  expect((await revoked(VIEWER)).status).toBe(401)
})

test('requests that are refused for their address or tenant are limited too, and no others with them', async () => {
  const tenant = await server.newTenant()
  const other = await server.newTenant()
  newMinute()
  const scopes = ['CONVERSATIONS_READ']
  const elsewhere = await server.newKey({ scopes, tenantId: tenant.id, allowedNetworks: ['203.0.113.0/24'] })
  const account = await server.newKey({ scopes, requestsPerMinute: 3 })
  newMinute()
  for (const [code, sent] of [
    ['FORBIDDEN', () => ({ key: elsewhere.secret })],
    ['FORBIDDEN', () => ({ key: tenant.key, tenantId: other.id })],
    ['NOT_FOUND', (i: number) => ({ key: account.secret, tenantId: `none-${i}` })],
  ] as const) {
    const answers = []
    for (let i = 0; i < 8; i += 1) answers.push(await server.ask(sent(i), VIEWER))
    expect(answers.map((answer) => codes(answer).join())).toEqual([
      ...Array(5).fill(code),
      ...Array(3).fill('RATE_LIMITED'),
    ])
    expect(answers[7]?.errors).toEqual([refused(5, 'this credential from this address, which were refused')])
    expect(standing(answers[7] as Answer)).toEqual({ status: 429, policy: null, left: null, retryAfter: '48' })
  }
  expect(codes(await server.ask({ key: tenant.key }, VIEWER))).toEqual([])
  expect(codes(await server.ask({ key: account.secret, tenantId: other.id }, VIEWER))).toEqual([])
})

test('0 switches a limit off', async () => {
  const unlimited = await startTestServer({ rateLimits: { perMinute: 0, tenantPerMinute: 0 } })
  const { ask } = await unlimited.newTenant()
  for (const answer of await repeat(20, () => ask(VIEWER))) {
    expect(standing(answer)).toEqual({ status: 200, policy: null, left: null, retryAfter: null })
  }
})

test.skipIf(inject('databaseKind') === 'pglite')('two servers on one PostgreSQL share the budget', async () => {
  const opened = await openTestDatabase()
  const key = (await makeFirstKey(opened.database, undefined)) ?? ''
  const rateLimits = { perMinute: 40, tenantPerMinute: 0 }
  const second = await connect({
    ...{ url: opened.url, ownerUrl: undefined, poolSize: 4, dataDir: '', fsync: false },
    ...{ statementTimeoutMs: 15_000, connectTimeoutMs: 20_000 },
  })
  const servers = [
    serveTestDatabase(opened, key, { rateLimits }),
    serveTestDatabase({ ...opened, database: second }, key, { rateLimits }),
  ]
  try {
    const now = new Date('2030-01-01T00:00:12.345Z')
    for (const each of servers) each.clock.now = now
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        servers[i % 2]
          ?.as({ key })(VIEWER)
          .then(({ status }) => status),
      ),
    )
    const taken = answers.filter((status) => status === 200).length
    // A twentieth of the limit for each process is all that can be let through above it.
    expect(taken).toBeGreaterThanOrEqual(40)
    expect(taken).toBeLessThanOrEqual(40 + 2 * 2)
    expect(answers.filter((status) => status === 429)).toHaveLength(200 - taken)
    // Each by itself has heard by now that nothing is left.
    for (const each of servers) expect((await each.as({ key })(VIEWER)).status).toBe(429)
  } finally {
    for (const { changes } of servers) changes.close()
    await Promise.all(servers.map(({ refusals }) => refusals.flush()))
    await second.close()
    await opened.database.close()
  }
})

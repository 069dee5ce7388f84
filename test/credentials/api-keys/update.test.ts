import { afterEach, expect, inject, test } from 'vitest'
import { changesOf, followChanges } from '../../live/changes.ts'
import { type Answer, type Ask, codes, startTestServer, TENANT_SCOPES } from '../../support/server.ts'
import { newToken } from '../embed-tokens/tokens.ts'

const server = await startTestServer()
const { admin } = server
afterEach(() => {
  server.clock.now = null
})

const FIELDS =
  'id name note status tenantId scopes autoCreateTenants requestsPerMinute allowedNetworks expiresAt hint regeneratedAt'
const UPDATE = `mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { ${FIELDS} } } }`
const FAR = '2100-01-01T00:00:00.000Z'

const update = (input: object, ask: Ask = admin) => ask(UPDATE, { input })
const messages = ({ errors = [] }: Answer) => errors.map(({ message }) => message)
const read = async (id: string) =>
  (await admin(`query ($id: ID!) { apiKey(id: $id) { ${FIELDS} } }`, { id })).data.apiKey

/** What is refused changes nothing. */
async function expectRefused(input: { id: string } & Record<string, unknown>, error: object, ask: Ask = admin) {
  const before = await server.owner('SELECT * FROM api_keys ORDER BY id')
  const answer = await update(input, ask)
  expect(answer.data ?? null).toBeNull()
  expect(answer.errors?.map(({ message, extensions }) => ({ message, ...extensions }))).toEqual([error])
  const unused = (rows: Record<string, unknown>[]) => rows.map(({ last_used_at: _, ...row }) => row)
  expect(unused(await server.owner('SELECT * FROM api_keys ORDER BY id'))).toEqual(unused(before))
}

const bad = (inputPath: string, message: string) => ({
  ...{ code: 'BAD_USER_INPUT', inputPath, message: `${inputPath}: ${message}` },
})

test('a key is changed in what is given, and keeps the rest and its secret', async () => {
  const tenant = await server.newTenant()
  const before = await read(tenant.keyId)
  const changes = {
    ...{ name: 'CRM', note: 'Asked for by Ada', scopes: ['CONVERSATIONS_READ'], expiresAt: FAR },
    ...{ requestsPerMinute: 60, allowedNetworks: ['10.0.0.0/8', '2001:db8::/32'] },
  }
  const { data } = await update({ id: tenant.keyId, ...changes })
  expect(data.updateApiKey.apiKey).toEqual({ ...before, ...changes })
  await update({ id: tenant.keyId, note: null, expiresAt: null, requestsPerMinute: null, allowedNetworks: [] })
  expect(await read(tenant.keyId)).toEqual({ ...before, name: 'CRM', scopes: ['CONVERSATIONS_READ'] })
  await update({ id: tenant.keyId, scopes: ['ANALYTICS_READ', 'CONVERSATIONS_READ', 'ANALYTICS_READ'] })
  expect((await tenant.ask('{ viewer { name scopes } }')).data.viewer).toEqual({
    ...{ name: 'CRM', scopes: ['ANALYTICS_READ', 'CONVERSATIONS_READ'] },
  })
})

test('an account key creates tenants from then on, and a tenant’s key can’t', async () => {
  const account = await server.newKey({ scopes: ['CONVERSATIONS_WRITE'] })
  expect((await update({ id: account.id, autoCreateTenants: true })).errors).toBeUndefined()
  expect((await read(account.id)).autoCreateTenants).toBe(true)
  const { keyId: id } = await server.newTenant()
  await expectRefused(
    { id, autoCreateTenants: true },
    bad('input.autoCreateTenants', 'is allowed only for account keys.'),
  )
  await expectRefused(
    { id, scopes: ['ANALYTICS_READ', 'ADMIN'] },
    bad('input.scopes[1]', "can't be ADMIN: only account keys can have it."),
  )
})

test.each([
  [{ name: ' ' }, bad('input.name', 'must not be empty.')],
  [{ name: null }, bad('input.name', "can't be cleared.")],
  [{ scopes: [] }, bad('input.scopes', 'must name at least one scope.')],
  [{ scopes: null }, bad('input.scopes', "can't be cleared.")],
  [{ autoCreateTenants: null }, bad('input.autoCreateTenants', "can't be cleared.")],
  [{ allowedNetworks: null }, bad('input.allowedNetworks', "can't be cleared by null: give an empty list.")],
  [{ expiresAt: '2020-01-01T00:00:00Z' }, bad('input.expiresAt', 'is in the past.')],
  [{ requestsPerMinute: 0 }, bad('input.requestsPerMinute', 'must be between 1 and 1000000.')],
  [{ requestsPerMinute: 1_000_001 }, bad('input.requestsPerMinute', 'must be between 1 and 1000000.')],
  [
    { note: 'n'.repeat(10_001) },
    {
      ...{ code: 'LIMIT_EXCEEDED', inputPath: 'input.note', limit: 10_000 },
      message: 'input.note: is longer than 10000 characters.',
    },
  ],
  [
    { allowedNetworks: ['10.0.0.0/8', 'all'] },
    bad('input.allowedNetworks[1]', 'is not a network in CIDR notation, such as 203.0.113.0/24 or 2001:db8::/32.'),
  ],
])('%j is refused', async (change, error) => {
  const { keyId: id } = await server.newTenant()
  await expectRefused({ id, ...change }, error)
})

test('a key that has ended, or never was, can’t be changed', async () => {
  const expiring = await server.newKey({ scopes: ['ANALYTICS_READ'], expiresAt: FAR })
  const revoked = await server.newKey({ scopes: ['ANALYTICS_READ'] })
  await admin('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id } } }', { id: revoked.id })
  await expectRefused(
    { id: revoked.id, name: 'again' },
    bad('input.id', "names a key that is REVOKED: it can't be changed."),
  )
  server.clock.now = new Date(FAR)
  await expectRefused(
    { id: expiring.id, expiresAt: null },
    bad('input.id', "names a key that is EXPIRED: it can't be changed."),
  )
  for (const id of ['key_01h455vb4pex5vsknk084sn02q', 'nonsense']) {
    await expectRefused({ id, name: 'n' }, { code: 'NOT_FOUND', inputPath: 'input.id', message: 'No such API key.' })
  }
})

test('no key changes one that is stronger, or makes one so', async () => {
  const GENERATE = `mutation ($input: GenerateApiKeyInput!) { generateApiKey(input: $input) { secret apiKey { id } } }`
  const own = { name: 'own', scopes: ['ADMIN', 'ANALYTICS_READ'], expiresAt: FAR, requestsPerMinute: 100 }
  const { data } = await admin(GENERATE, { input: own })
  const weak = server.as({ key: data.generateApiKey.secret })
  const scopes = ['ANALYTICS_READ']
  const within = { scopes, expiresAt: FAR, requestsPerMinute: 100 }

  const { id: strong } = await server.newKey({ ...within, scopes: ['ANALYTICS_READ', 'CONVERSATIONS_READ'] })
  await expectRefused(
    { id: strong, scopes },
    {
      ...{ code: 'FORBIDDEN', scopes: ['CONVERSATIONS_READ'] },
      message: 'This key has the scope CONVERSATIONS_READ, which your key lacks.',
    },
    weak,
  )
  const stronger = (limit: string) => ({
    code: 'FORBIDDEN',
    message: `This key is stronger than your own: its ${limit}`,
  })
  const laterThan = `must not be later than your own key's expiry, ${FAR}.`
  const { id: lasting } = await server.newKey({ ...within, expiresAt: '2100-01-01T00:00:00.001Z' })
  await expectRefused({ id: lasting, expiresAt: FAR }, stronger(`expiresAt ${laterThan}`), weak)
  const { id: fast } = await server.newKey({ ...within, requestsPerMinute: 101 })
  const moreThan = "must not be more than your own key's, 100."
  await expectRefused({ id: fast, name: 'mine' }, stronger(`requestsPerMinute ${moreThan}`), weak)

  const { id } = await server.newKey(within)
  await expectRefused({ id, expiresAt: null }, bad('input.expiresAt', laterThan), weak)
  await expectRefused({ id, requestsPerMinute: null }, bad('input.requestsPerMinute', moreThan), weak)
  await expectRefused({ id, requestsPerMinute: 101 }, bad('input.requestsPerMinute', moreThan), weak)
  await expectRefused({ id: data.generateApiKey.apiKey.id, expiresAt: null }, bad('input.expiresAt', laterThan), weak)
  expect((await update({ id, ...within, name: 'mine' }, weak)).errors).toBeUndefined()
  const REGENERATE = 'mutation ($id: ID!) { regenerateApiKey(input: { id: $id }) { secret } }'
  expect(codes(await weak(REGENERATE, { id: lasting }))).toEqual(['FORBIDDEN'])
  expect(codes(await weak(REGENERATE, { id }))).toEqual([])
  expect(messages(await weak(GENERATE, { input: { name: 'n', ...within, requestsPerMinute: 101 } }))).toEqual([
    `input.requestsPerMinute: ${moreThan}`,
  ])
  expect(messages(await weak(GENERATE, { input: { name: 'n', scopes, expiresAt: FAR } }))).toEqual([
    `input.requestsPerMinute: ${moreThan}`,
  ])
})

test('the last administrator’s key keeps its scopes, and gets no limits', async () => {
  const { data } = await admin(
    '{ apiKeys(filter: { statuses: [ACTIVE] }, first: 100) { nodes { id scopes } } viewer { credentialId } }',
  )
  const { credentialId: own } = data.viewer
  const others = data.apiKeys.nodes.filter(
    ({ id, scopes }: { id: string; scopes: string[] }) => id !== own && scopes.includes('ADMIN'),
  )
  for (const { id } of others) await update({ id, scopes: ['ANALYTICS_READ'] })
  const last = {
    code: 'FORBIDDEN',
    message:
      "This is the last active account key with ADMIN: it can't lose scopes, nor get an earlier expiry or tighter limits, because nobody could undo that. Create another first.",
  }
  await expectRefused({ id: own, scopes: TENANT_SCOPES }, last)
  await expectRefused({ id: own, expiresAt: FAR }, last)
  await expectRefused({ id: own, scopes: ['ADMIN', ...TENANT_SCOPES.slice(1)] }, last)
  await expectRefused({ id: own, requestsPerMinute: 5 }, last)
  await expectRefused({ id: own, allowedNetworks: ['127.0.0.0/8', '::/0'] }, last)
  const another = await server.newKey({ scopes: ['ADMIN', ...TENANT_SCOPES] })
  expect((await update({ id: another.id, expiresAt: FAR })).errors).toBeUndefined()
  // The other one ends by itself, and then there would be none.
  await expectRefused({ id: own, scopes: TENANT_SCOPES }, last)
  await expectRefused({ id: own, expiresAt: FAR }, last)
  expect((await update({ id: another.id, scopes: TENANT_SCOPES })).errors).toBeUndefined()
  expect(
    (await update({ id: own, name: 'First admin key', scopes: [...TENANT_SCOPES, 'ADMIN'] })).errors,
  ).toBeUndefined()
})

test('a key that tightens its own limits is loosened by another', async () => {
  const limited = await server.newKey({ scopes: ['ADMIN', ...TENANT_SCOPES] })
  const ask = server.as({ key: limited.secret })
  expect((await update({ id: limited.id, requestsPerMinute: 5 }, ask)).errors).toBeUndefined()
  const refused = bad('input.requestsPerMinute', "must not be more than your own key's, 5.")
  await expectRefused({ id: limited.id, requestsPerMinute: 600 }, refused, ask)
  expect((await update({ id: limited.id, requestsPerMinute: null })).errors).toBeUndefined()
  expect((await update({ id: limited.id, name: 'free' }, ask)).errors).toBeUndefined()
  await update({ id: limited.id, scopes: ['ANALYTICS_READ'] })
})

test('only administrators change keys, and no key changes its own rights without ADMIN', async () => {
  const tenant = await server.newTenant()
  const lacking = { code: 'FORBIDDEN', scopes: ['ADMIN'], message: 'This credential lacks the scope ADMIN.' }
  await expectRefused({ id: tenant.keyId, scopes: TENANT_SCOPES }, lacking, tenant.ask)
})

test('an open stream goes on with the rights that its key still has', async () => {
  const tenant = await server.newTenant()
  const key = await server.newKey({ scopes: ['CONVERSATIONS_READ', 'ANALYTICS_READ'], tenantId: tenant.id })
  const live = await followChanges(server, { key: key.secret })
  expect(await changesOf(live)).toEqual([])
  await update({ id: key.id, name: 'renamed' })
  await update({ id: key.id, scopes: ['ANALYTICS_READ'] })
  const { errors } = (await live.next()) ?? {}
  expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN'])
})

test('a token never has more rights than its key has now, nor lasts longer', async () => {
  const { id: tenantId } = await server.newTenant()
  const key = await server.newKey({ scopes: ['CONVERSATIONS_READ', 'ANALYTICS_READ', 'EMBED_TOKENS_CREATE'], tenantId })
  server.clock.now = new Date('2040-01-01T00:00:00Z')
  const both = ['CONVERSATIONS_READ', 'ANALYTICS_READ']
  const token = await newToken(server.as({ key: key.secret }), { scopes: both, expiresInSeconds: 3_600 })
  const viewer = async () => (await server.ask({ key: token }, '{ viewer { scopes expiresAt } }')).data?.viewer
  expect(await viewer()).toEqual({ scopes: both, expiresAt: '2040-01-01T01:00:00.000Z' })
  await update({ id: key.id, scopes: ['ANALYTICS_READ', 'EMBED_TOKENS_CREATE'], expiresAt: '2040-01-01T00:30:00Z' })
  expect(await viewer()).toEqual({ scopes: ['ANALYTICS_READ'], expiresAt: '2040-01-01T00:30:00.000Z' })
  server.clock.now = new Date('2040-01-01T00:30:00Z')
  expect((await server.ask({ key: token }, '{ viewer { scopes } }')).errors?.[0]?.extensions['reason']).toBe('REVOKED')
})

test('a limit of its own counts requests for all tenants together, and those of its tokens not', async () => {
  const [one, other] = [await server.newTenant(), await server.newTenant()]
  const key = await server.newKey({ scopes: ['CONVERSATIONS_READ', 'ANALYTICS_READ', 'EMBED_TOKENS_CREATE'] })
  await update({ id: key.id, requestsPerMinute: 3 })
  server.clock.now = new Date('2041-01-01T00:00:12Z')
  const LIMITS = '{ limits { rateLimits { policy limit remaining } } }'
  const asked = async (tenantId: string) => server.ask({ key: key.secret, tenantId }, LIMITS)
  expect((await asked(one.id)).data.limits.rateLimits).toEqual([{ policy: 'KEY', limit: 3, remaining: 2 }])
  const token = await newToken(server.as({ key: key.secret, tenantId: one.id }))
  expect((await server.ask({ key: token }, LIMITS)).data.limits.rateLimits).toEqual([])
  const last = await asked(other.id)
  expect(last.headers.get('ratelimit')).toBe('"key";r=0;t=48')
  const beyond = await asked(other.id)
  expect([beyond.status, messages(beyond)]).toEqual([
    429,
    ['More than 3 requests in a minute for this API key. Try again in 48 s.'],
  ])
  await update({ id: key.id, requestsPerMinute: 5 })
  expect((await asked(one.id)).data.limits.rateLimits).toEqual([{ policy: 'KEY', limit: 5, remaining: 1 }])
})

test('keys are filtered by status and tenant, as of now', async () => {
  const { id: tenantId, keyId: active } = await server.newTenant()
  const { id: expired } = await server.newKey({ scopes: ['ANALYTICS_READ'], tenantId, expiresAt: FAR })
  const { id: revoked } = await server.newKey({ scopes: ['ANALYTICS_READ'], tenantId, expiresAt: FAR })
  await admin('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id } } }', { id: revoked })
  const LIST = `query ($filter: ApiKeyFilter!, $first: Int!, $after: String) {
    apiKeys(filter: $filter, first: $first, after: $after) { totalCount nodes { id status } pageInfo { endCursor hasNextPage } }
  }`
  const listed = async (statuses: string[] | null) => {
    const { data } = await admin(LIST, { filter: { tenantIds: [tenantId], statuses }, first: 100 })
    expect(data.apiKeys.totalCount).toBe(data.apiKeys.nodes.length)
    return data.apiKeys.nodes.map(({ id, status }: Record<string, string>) => [id, status])
  }
  const [one, two] = [
    [expired, 'ACTIVE'],
    [active, 'ACTIVE'],
  ]
  expect(await listed(['ACTIVE'])).toEqual([one, two])
  expect(await listed(['EXPIRED'])).toEqual([])
  server.clock.now = new Date(FAR)
  expect(await listed(['ACTIVE'])).toEqual([two])
  expect(await listed(['EXPIRED'])).toEqual([[expired, 'EXPIRED']])
  expect(await listed(['REVOKED'])).toEqual([[revoked, 'REVOKED']])
  expect(await listed(['REVOKED', 'ACTIVE'])).toEqual([[revoked, 'REVOKED'], two])
  expect(await listed([])).toEqual([])
  expect(await listed(null)).toHaveLength(3)
  const filter = { tenantIds: [tenantId], statuses: ['ACTIVE', 'EXPIRED'] }
  const first = (await admin(LIST, { filter, first: 1 })).data.apiKeys
  expect([first.totalCount, first.nodes[0].id, first.pageInfo.hasNextPage]).toEqual([2, expired, true])
  const second = (await admin(LIST, { filter, first: 1, after: first.pageInfo.endCursor })).data.apiKeys
  expect([second.nodes[0].id, second.pageInfo.hasNextPage]).toEqual([active, false])
  expect((await admin(LIST, { filter: { tenantIds: [] }, first: 1 })).data.apiKeys.totalCount).toBe(0)
})

// The embedded database has one connection, so nothing happens at the same time.
test.skipIf(inject('databaseKind') === 'pglite')(
  'administrators who take ADMIN from each other leave one',
  async () => {
    const { data } = await admin(
      '{ apiKeys(filter: { statuses: [ACTIVE] }, first: 100) { nodes { id scopes } } viewer { credentialId } }',
    )
    const admins = data.apiKeys.nodes.filter(({ scopes }: { scopes: string[] }) => scopes.includes('ADMIN'))
    for (const { id } of admins) if (id !== data.viewer.credentialId) await update({ id, scopes: ['ANALYTICS_READ'] })
    for (let round = 0; round < 5; round += 1) {
      const other = await server.newKey({ scopes: ['ADMIN', ...TENANT_SCOPES] })
      const asOther = server.as({ key: other.secret })
      const answers = await Promise.all([
        update({ id: other.id, scopes: TENANT_SCOPES }),
        update({ id: data.viewer.credentialId, scopes: TENANT_SCOPES }, asOther),
      ])
      expect(answers.map((answer) => codes(answer).join()).sort()).toEqual(['', 'FORBIDDEN'])
      const [{ count } = {}] = await server.owner(
        `SELECT count(*)::int AS count FROM api_keys WHERE 'ADMIN' = ANY (scopes) AND revoked_at IS NULL AND tenant_id IS NULL`,
      )
      expect(count).toBe(1)
      await server.owner(
        `UPDATE api_keys SET scopes = array_append(scopes, 'ADMIN') WHERE name = 'First admin key' AND NOT 'ADMIN' = ANY (scopes)`,
      )
      await update({ id: other.id, scopes: ['ANALYTICS_READ'] })
    }
  },
)

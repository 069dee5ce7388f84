import { describe, expect, inject, test } from 'vitest'
import { connect } from '../../../src/database/connect.ts'
import { followChanges } from '../../live/changes.ts'
import { serveTestDatabase, startTestServer, type TestServer } from '../../support/server.ts'
import { isStory } from '../../support/story.ts'
import { judge, REVOKED } from '../token-issuers/issuer.ts'
import { newToken, partOf, signAsServer } from './tokens.ts'

/** How tokens end before their time, and how the keys that sign them are changed without ending any. */

const server = await startTestServer()
const REVOKE = 'mutation { revokeEmbedTokens { tenant { id } } }'
const ROTATE = 'mutation { rotateSigningKey { keyId } }'
const TAKEN = { kind: 'EMBED_TOKEN' }

/** Another process on the same database, as far as one process can be two: nothing is shared but what is stored. */
const another = (): TestServer => serveTestDatabase(server, server.adminKey)

describe('from the next request on, on every process', () => {
  test('revokeEmbedTokens ends all of a tenant, and none of another or of later', async () => {
    const [tenant, other] = [await server.newTenant(), await server.newTenant()]
    const tokens = [await newToken(tenant.ask), await newToken(tenant.asAccount)]
    const theirs = await newToken(other.ask)
    const two = another()
    for (const token of tokens) expect(await judge(two, token)).toMatchObject(TAKEN)
    await tenant.ask(REVOKE)
    for (const where of [server, two]) {
      for (const token of tokens) expect(await judge(where, token)).toEqual(REVOKED)
      expect(await judge(where, theirs)).toMatchObject(TAKEN)
      expect(await judge(where, await newToken(tenant.ask))).toMatchObject(TAKEN)
    }
  })

  test('a token ends with the key that made it', async () => {
    const tenant = await server.newTenant()
    const key = await server.newKey({ scopes: ['EMBED_TOKENS_CREATE', 'ANALYTICS_READ'], tenantId: tenant.id })
    const token = await newToken(server.as({ key: key.secret }), { scopes: ['ANALYTICS_READ'] })
    const two = another()
    expect(await judge(two, token)).toMatchObject(TAKEN)
    await server.admin('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id } } }', { id: key.id })
    for (const where of [server, two]) expect(await judge(where, token)).toEqual(REVOKED)
  })
})

describe('with the secret of its key', () => {
  const REGENERATE =
    'mutation ($id: ID!, $overlap: Int!) { regenerateApiKey(input: { id: $id, overlapSeconds: $overlap }) { secret } }'
  const regenerate = async (id: string, overlap: number): Promise<string> =>
    (await server.admin(REGENERATE, { id, overlap })).data.regenerateApiKey.secret
  const newMaker = async () => {
    const tenant = await server.newTenant()
    const key = await server.newKey({ scopes: ['EMBED_TOKENS_CREATE', 'ANALYTICS_READ'], tenantId: tenant.id })
    const made = (secret: string) => newToken(server.as({ key: secret }), { scopes: ['ANALYTICS_READ'] })
    return { tenant, key, made }
  }

  test('a token ends at once when the secret is replaced at once, on every process', async () => {
    const { key, made } = await newMaker()
    const token = await made(key.secret)
    const two = another()
    // Both processes have verified it, and remember that.
    for (const where of [server, two]) expect(await judge(where, token)).toMatchObject(TAKEN)
    const next = await made(await regenerate(key.id, 0))
    for (const where of [server, two]) {
      expect(await judge(where, token)).toEqual(REVOKED)
      expect(await judge(where, next)).toMatchObject(TAKEN)
    }
  })

  test('with an overlap, a token of the old secret ends with the overlap, whether it was made before or during it', async () => {
    const { key, made } = await newMaker()
    const start = Date.now() + 60_000
    const later = another()
    later.clock.now = server.clock.now = new Date(start)
    try {
      const before = await made(key.secret)
      const secret = await regenerate(key.id, 100)
      server.clock.now = new Date(start + 50_000)
      const [old, next] = [await made(key.secret), await made(secret)]
      const at = async (ms: number) => {
        later.clock.now = new Date(start + ms)
        return Promise.all([before, old, next].map((token) => judge(later, token)))
      }
      expect(await at(99_999)).toEqual([TAKEN, TAKEN, TAKEN].map((taken) => expect.objectContaining(taken)))
      expect(await at(100_000)).toEqual([REVOKED, REVOKED, expect.objectContaining(TAKEN)])
      // Replaced again: the secret before the last is forgotten.
      const third = await regenerate(key.id, 3_600)
      expect(await at(60_000)).toEqual([REVOKED, REVOKED, expect.objectContaining(TAKEN)])
      expect(await judge(later, await made(third))).toMatchObject(TAKEN)
    } finally {
      server.clock.now = null
    }
  })

  test('a token that names no secret ends with the one of its time', async () => {
    const { key, made } = await newMaker()
    const { mark, ...claims } = partOf(await made(key.secret), 1)
    expect(mark).toMatch(/^[0-9a-f]{32}$/)
    const token = await signAsServer(server, claims)
    expect(await judge(server, token)).toMatchObject(TAKEN)
    const secret = await regenerate(key.id, 0)
    expect(await judge(server, token)).toEqual(REVOKED)
    const later = { ...claims, iat: Math.floor(Date.now() / 1000) + 2 }
    expect(await judge(server, await signAsServer(server, later))).toMatchObject(TAKEN)
    const other = partOf(await made(secret), 1)
    expect(await judge(server, await signAsServer(server, { ...other, mark: String(mark) }))).toEqual(REVOKED)
  })

  test('a token of an account key ends with the secret as well', async () => {
    const tenant = await server.newTenant()
    const key = await server.newKey({ scopes: ['EMBED_TOKENS_CREATE', 'ANALYTICS_READ'] })
    const token = await newToken(server.as({ key: key.secret, tenantId: tenant.id }), { scopes: ['ANALYTICS_READ'] })
    expect(await judge(server, token)).toMatchObject(TAKEN)
    await regenerate(key.id, 0)
    expect(await judge(server, token)).toEqual(REVOKED)
  })

  test('an open subscription ends with the secret', async () => {
    const { tenant, key } = await newMaker()
    const token = await newToken(tenant.ask, { scopes: ['CONVERSATIONS_READ'] })
    const live = await followChanges(server, { key: token })
    await live.data()
    await server.admin(REGENERATE, { id: tenant.keyId, overlap: 0 })
    expect(await live.next()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
    expect(key.id).not.toBe(tenant.keyId)
  })
})

describe('signing keys', () => {
  isStory()

  const published = async (from: TestServer) =>
    ((await (await from.fetch('/.well-known/jwks.json')).json()) as { keys: Record<string, unknown>[] }).keys

  test('are published by their public halves alone, and sealed where they are kept', async () => {
    const keys = await published(server)
    expect(keys).toEqual([
      { kty: 'OKP', crv: 'Ed25519', x: expect.any(String), kid: expect.any(String), alg: 'EdDSA', use: 'sig' },
    ])
    const rows = await server.owner('SELECT public_jwk, sealed_jwk FROM signing_keys')
    expect(JSON.stringify(rows)).not.toMatch(/"d"/)
    expect(String(rows[0]?.['sealed_jwk'])).toMatch(/^ey[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/)
  })

  test('are rotated with overlap: the old one’s tokens are taken, the new one signs, on every process', async () => {
    const tenant = await server.newTenant()
    const two = another()
    const before = await newToken(tenant.ask)
    expect(await judge(two, before)).toMatchObject(TAKEN)
    const { data } = await server.admin(ROTATE)
    const after = await newToken(tenant.ask)
    expect(partOf(after, 0)['kid']).toBe(data.rotateSigningKey.keyId)
    expect(partOf(before, 0)['kid']).not.toBe(data.rotateSigningKey.keyId)
    for (const where of [server, two]) {
      expect(await judge(where, before)).toMatchObject(TAKEN)
      expect(await judge(where, after)).toMatchObject(TAKEN)
      expect((await published(where)).map(({ kid }) => kid)).toEqual(
        expect.arrayContaining([partOf(before, 0)['kid'], partOf(after, 0)['kid']]),
      )
    }
  })

  test('end a day after they were rotated, on a process that has seen no newer one, too', async () => {
    const tenant = await server.newTenant()
    const claims = partOf(await newToken(tenant.ask), 1)
    const nowMs = Date.now()
    const daysAhead = (days: number) => new Date(nowMs + days * 86_400_000)
    // As somebody could make it who got hold of the old key.
    const forged = await signAsServer(server, { ...claims, exp: daysAhead(30).getTime() / 1_000 })
    const two = another()
    two.clock.now = daysAhead(0)
    expect(await judge(two, forged)).toMatchObject(TAKEN)
    await server.admin(ROTATE)
    two.clock.now = daysAhead(0.9)
    expect(await judge(two, forged)).toMatchObject(TAKEN)
    two.clock.now = daysAhead(1.1)
    expect(await judge(two, forged)).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'INVALID' })
  })

  test('are read once for all who come first, and each of them is let in', async () => {
    const token = await newToken((await server.newTenant()).ask)
    const fresh = another()
    const answers = await Promise.all(Array.from({ length: 8 }, () => judge(fresh, token)))
    for (const answer of answers) expect(answer).toMatchObject(TAKEN)
  })

  test.skipIf(inject('databaseKind') === 'pglite')('and so are they of a process of its own pool', async () => {
    const token = await newToken((await server.newTenant()).ask)
    const database = await connect({
      url: String(server.url),
      ownerUrl: undefined,
      poolSize: 4,
      dataDir: '',
      fsync: false,
      statementTimeoutMs: 5_000,
      connectTimeoutMs: 5_000,
    })
    const fresh = serveTestDatabase({ ...server, database }, server.adminKey)
    const answers = await Promise.all(Array.from({ length: 8 }, () => judge(fresh, token)))
    await fresh.changes.close()
    await fresh.refusals.close()
    await database.close()
    for (const answer of answers) expect(answer).toMatchObject(TAKEN)
  })
})

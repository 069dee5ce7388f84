import type pg from 'pg'
import { afterEach, describe, expect, inject, test } from 'vitest'
import { codes, startTestServer } from '../../support/server.ts'
import { asOwner } from '../../support/template.ts'
import { newToken } from './tokens.ts'

/** Who reads `liveTokenCount`, what it costs, and what is counted of tokens that an earlier version made. */

const server = await startTestServer()
const { admin } = server
afterEach(() => {
  server.clock.now = null
})

const OWN = '{ viewer { tenant { id liveTokenCount } } }'
const REVOKE = 'mutation { revokeEmbedTokens { tenant { liveTokenCount } } }'
const SCOPES = ['EMBED_TOKENS_CREATE', 'ANALYTICS_READ', 'CONVERSATIONS_READ']

const countOf = async (keyId: string) =>
  (await admin('query ($id: ID!) { apiKey(id: $id) { liveTokenCount } }', { id: keyId })).data.apiKey.liveTokenCount

describe('who reads it', () => {
  test('a key of a tenant reads its own tenant’s, with those that an account key created', async () => {
    const [tenant, other] = [await server.newTenant(), await server.newTenant()]
    for (const ask of [tenant.ask, tenant.ask, tenant.asAccount, other.ask]) await newToken(ask)
    expect((await tenant.ask(OWN)).data.viewer.tenant).toEqual({ id: tenant.id, liveTokenCount: 3 })
    expect((await other.ask(OWN)).data.viewer.tenant).toEqual({ id: other.id, liveTokenCount: 1 })
    // An account key that is no administrator's reads like one of the tenant.
    const { secret } = await server.newKey({ scopes: SCOPES })
    expect((await server.ask({ key: secret, tenantId: tenant.id }, OWN)).data.viewer.tenant.liveTokenCount).toBe(3)
    const theirs = 'query ($id: ID!) { node(id: $id) { ... on Tenant { liveTokenCount } } }'
    expect((await tenant.ask(theirs, { id: other.id })).data).toEqual({ node: null })
    expect((await tenant.ask(theirs, { id: tenant.id })).data).toEqual({ node: { liveTokenCount: 3 } })
  })

  test('without EMBED_TOKENS_CREATE it alone is refused, for an administrator too', async () => {
    const tenant = await server.newTenant({ scopes: ['CONVERSATIONS_READ'] })
    const { secret } = await server.newKey({ scopes: ['ADMIN'] })
    const token = await newToken((await server.newTenant()).ask)
    for (const credential of [{ key: tenant.key }, { key: secret, tenantId: tenant.id }, { key: token }]) {
      const answer = await server.ask(credential, OWN)
      expect(codes(answer)).toEqual(['FORBIDDEN'])
      expect(answer.data.viewer.tenant).toEqual({ id: expect.any(String), liveTokenCount: null })
    }
  })

  test('a mutation returns what is left after it', async () => {
    const tenant = await server.newTenant()
    await newToken(tenant.ask)
    const both = `mutation { before: createEmbedToken { token } first: revokeEmbedTokens { tenant { liveTokenCount } }
      createEmbedToken { token } updateTenant(input: { id: "${tenant.id}" }) { tenant { liveTokenCount } } }`
    const { data, errors } = await tenant.asAccount(both)
    expect(errors).toBeUndefined()
    expect(data.first.tenant.liveTokenCount).toBe(0)
    expect(data.updateTenant.tenant.liveTokenCount).toBe(1)
    const twice = `mutation ($id: ID!) {
      one: regenerateApiKey(input: { id: $id, overlapSeconds: 60 }) { apiKey { liveTokenCount } }
      two: regenerateApiKey(input: { id: $id, overlapSeconds: 0 }) { apiKey { liveTokenCount } } }`
    await newToken(tenant.ask)
    const regenerated = await admin(twice, { id: tenant.keyId })
    expect(regenerated.data).toEqual({ one: { apiKey: { liveTokenCount: 1 } }, two: { apiKey: { liveTokenCount: 0 } } })
  })
})

describe('what it costs', () => {
  const counting = () => server.statements().filter((sql) => sql.includes('count_live_tokens')).length

  test('lists of keys and tenants are counted in one statement each', async () => {
    const tenants = [await server.newTenant(), await server.newTenant(), await server.newTenant()]
    for (const { ask } of tenants) await newToken(ask)
    server.statements()
    const { data } = await admin(
      'query ($ids: [ID!]!) { apiKeys(filter: { tenantIds: $ids }) { nodes { liveTokenCount previousSecretLiveTokenCount } } }',
      { ids: tenants.map(({ id }) => id) },
    )
    expect(data.apiKeys.nodes).toEqual(
      [1, 1, 1].map((liveTokenCount) => ({ liveTokenCount, previousSecretLiveTokenCount: 0 })),
    )
    expect(counting()).toBe(1)
    const all = (await admin('{ tenants { nodes { id liveTokenCount } } }')).data.tenants.nodes
    for (const { id } of tenants) expect(all).toContainEqual({ id, liveTokenCount: 1 })
    expect(counting()).toBe(1)
  })

  test.skipIf(inject('databaseKind') === 'pglite')('only a day of a key’s or tenant’s events is read', async () => {
    const [{ body } = {}] = await server.owner(`SELECT prosrc AS body FROM pg_proc WHERE proname = 'count_live_tokens'`)
    const statement = String(body)
      .replaceAll('counted_at', '$1')
      .replaceAll('unnest(key_ids)', 'unnest($2)')
      .replaceAll('unnest(tenant_ids)', 'unnest($3)')
    const plan = await asOwner(server.ownerUrl ?? '', async (client: pg.Client) => {
      await client.query('SET plan_cache_mode = force_generic_plan; SET ROLE parley_functions')
      await client.query(`PREPARE counted (timestamptz, text[], text[]) AS ${statement}`)
      const { rows } = await client.query(`EXPLAIN EXECUTE counted (now(), '{}', '{}')`)
      return rows.map((row) => String(row['QUERY PLAN']))
    })
    const conditions = plan.flatMap((line, i) => (/Index Scan .*audit_events_by_/.test(line) ? [plan[i + 1]] : []))
    expect(conditions).toHaveLength(2)
    for (const condition of conditions)
      expect(condition).toMatch(/Index Cond: \(\((actor|tenant)_id = wanted.*\) AND \(at > /)
  })
})

describe('tokens of an earlier version, of which the log has only the time', () => {
  const START = Date.parse('2031-01-01T00:00:00.500Z')
  const at = (ms: number) => {
    server.clock.now = new Date(START + ms)
  }
  /** Made at the start, and its event made what an earlier version records. */
  async function madeBefore() {
    at(0)
    const tenant = await server.newTenant()
    await newToken(tenant.ask)
    await server.owner('UPDATE audit_events SET token_secret_mark = NULL, token_generation = NULL')
    return tenant
  }
  const regenerate = (id: string, overlapSeconds: number) =>
    admin(
      'mutation ($input: RegenerateApiKeyInput!) { regenerateApiKey(input: $input) { apiKey { liveTokenCount } } }',
      { input: { id, overlapSeconds } },
    )

  test('count until their secret is replaced, or its overlap ends', async () => {
    const [one, two] = [await madeBefore(), await madeBefore()]
    expect(await countOf(one.keyId)).toBe(1)
    at(1)
    await regenerate(one.keyId, 0)
    await regenerate(two.keyId, 60)
    expect(await countOf(one.keyId)).toBe(0)
    expect(await countOf(two.keyId)).toBe(1)
    at(60_001)
    expect(await countOf(two.keyId)).toBe(0)
  })

  test('are those of the previous secret once it is replaced', async () => {
    const tenant = await madeBefore()
    const ofPrevious = async () => {
      const query = 'query ($id: ID!) { apiKey(id: $id) { previousSecretLiveTokenCount } }'
      return (await admin(query, { id: tenant.keyId })).data.apiKey.previousSecretLiveTokenCount
    }
    expect(await ofPrevious()).toBe(0)
    at(1)
    await regenerate(tenant.keyId, 60)
    expect(await ofPrevious()).toBe(1)
    at(60_001)
    expect(await ofPrevious()).toBe(0)
  })

  test('count until the tokens of the tenant are revoked', async () => {
    const tenant = await madeBefore()
    at(1)
    expect((await tenant.ask(OWN)).data.viewer.tenant.liveTokenCount).toBe(1)
    expect((await tenant.ask(REVOKE)).data.revokeEmbedTokens.tenant.liveTokenCount).toBe(0)
  })

  test('count if they were made in the millisecond of a change, before or after it', async () => {
    const tenant = await madeBefore()
    await regenerate(tenant.keyId, 0)
    await tenant.asAccount(REVOKE)
    expect(await countOf(tenant.keyId)).toBe(1)
  })
})

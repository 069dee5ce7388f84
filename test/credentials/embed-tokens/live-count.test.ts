import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Ask, startTestServer } from '../../support/server.ts'
import { newToken } from './tokens.ts'

/**
 * `liveTokenCount` says how many tokens are accepted: as many as a request with each of them finds.
 * `previousSecretLiveTokenCount` says how many of them were made with the previous secret.
 */

const server = await startTestServer()

const START = new Date('2031-01-01T00:00:00.123Z').getTime()
const SCOPES = ['EMBED_TOKENS_CREATE', 'ANALYTICS_READ', 'CONVERSATIONS_READ']

const COUNTS = `query ($keys: [ID!]!, $tenants: [ID!]!) {
  keys: nodes(ids: $keys) { ... on ApiKey { id liveTokenCount previousSecretLiveTokenCount } }
  tenants: nodes(ids: $tenants) { ... on Tenant { id liveTokenCount } }
}`
const REGENERATE = `mutation ($input: RegenerateApiKeyInput!) {
  regenerateApiKey(input: $input) { secret apiKey { liveTokenCount } }
}`
const UPDATE = 'mutation ($input: UpdateApiKeyInput!) { updateApiKey(input: $input) { apiKey { liveTokenCount } } }'
const REVOKE_KEY = 'mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { liveTokenCount } } }'
const REVOKE_TOKENS = 'mutation { revokeEmbedTokens { tenant { liveTokenCount } } }'

interface Key {
  id: string
  /** All that it ever had, the newest first. */
  secrets: string[]
}

/** Three keys, one of which makes tokens for both tenants; and every token that was made. */
class World {
  readonly tenants: readonly [string, string]
  readonly keys: readonly [Key, Key, Key]
  readonly tokens: { token: string; keyId: string; tenantId: string; secret: string }[] = []
  #nowMs = START

  constructor(tenants: World['tenants'], keys: World['keys']) {
    this.tenants = tenants
    this.keys = keys
    this.pass(0)
  }

  static async create(): Promise<World> {
    server.clock.now = new Date(START)
    const tenants = [await server.newTenant(), await server.newTenant()] as const
    const newKey = async (tenantId?: string): Promise<Key> => {
      const { id, secret } = await server.newKey({ scopes: SCOPES, ...(tenantId ? { tenantId } : {}) })
      return { id, secrets: [secret] }
    }
    const [one, two] = [tenants[0].id, tenants[1].id] as const
    return new World([one, two], [await newKey(one), await newKey(two), await newKey()])
  }

  pass(seconds: number) {
    this.#nowMs += seconds * 1_000
    server.clock.now = new Date(this.#nowMs)
  }

  /** The tenant that a key makes tokens for. */
  tenantOf(key: number, choice: number): string {
    return this.tenants[key === 2 ? choice : key] ?? ''
  }

  async make(key: number, choice: number, age: number, expiresInSeconds: number) {
    const { id: keyId, secrets } = this.keys[key] as Key
    const tenantId = this.tenantOf(key, choice)
    const secret = secrets[age] ?? ''
    const ask: Ask = server.as({ key: secret, ...(key === 2 ? { tenantId } : {}) })
    // A secret that is no longer accepted makes none, nor one whose key would expire before.
    const token = await newToken(ask, { expiresInSeconds }).catch(() => null)
    if (token) this.tokens.push({ token, keyId, tenantId, secret })
  }

  async regenerate(key: number, overlapSeconds: number, isRepeated: boolean) {
    const { id, secrets } = this.keys[key] as Key
    const input = { id, overlapSeconds, idempotencyKey: crypto.randomUUID().repeat(2) }
    const { data } = await server.admin(REGENERATE, { input })
    if (!data) return
    secrets.unshift(data.regenerateApiKey.secret)
    if (!isRepeated) return
    const { regenerateApiKey: again } = (await server.admin(REGENERATE, { input })).data
    expect(again).toEqual(data.regenerateApiKey)
  }

  async expire(key: number, seconds: number) {
    const expiresAt = seconds === 0 ? null : new Date(this.#nowMs + seconds * 1_000).toISOString()
    await server.admin(UPDATE, { input: { id: this.keys[key]?.id, expiresAt } })
  }

  revokeKey = (key: number) => server.admin(REVOKE_KEY, { id: this.keys[key]?.id })

  revokeTokens = (choice: number) =>
    server.ask({ key: server.adminKey, tenantId: this.tenants[choice] ?? '' }, REVOKE_TOKENS)

  /** The tokens that a request is accepted with. */
  async accepted() {
    const answers = await Promise.all(this.tokens.map(({ token }) => server.ask({ key: token }, '{ viewer { kind } }')))
    return this.tokens.filter((_, n) => answers[n]?.data?.viewer?.kind === 'EMBED_TOKEN')
  }

  /** How many are accepted, and whether any of them was made with a previous secret. */
  async check(): Promise<{ accepted: number; ofPrevious: boolean }> {
    const accepted = await this.accepted()
    const ids = this.keys.map(({ id }) => id)
    const { data, errors } = await server.admin(COUNTS, { keys: ids, tenants: this.tenants })
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      keys: this.keys.map(({ id, secrets }) => ({
        id,
        liveTokenCount: accepted.filter(({ keyId }) => keyId === id).length,
        previousSecretLiveTokenCount: accepted.filter(({ secret }) => secret === secrets[1]).length,
      })),
      tenants: this.tenants.map((id) => ({
        id,
        liveTokenCount: accepted.filter(({ tenantId }) => tenantId === id).length,
      })),
    })
    const ofPrevious = this.keys.some(({ secrets }) => accepted.some(({ secret }) => secret === secrets[1]))
    return { accepted: accepted.length, ofPrevious }
  }
}

type Step = [name: string, run: (world: World) => unknown]

const key = fc.constantFrom(0, 1, 2)
const choice = fc.constantFrom(0, 1)
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(key, choice, fc.constantFrom(0, 0, 1, 2), fc.constantFrom(60, 300, 3_600, 86_400))
      .map((args): Step => [`make ${args}`, (world) => world.make(...args)]),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(key, fc.constantFrom(0, 60, 100, 3_600), fc.boolean())
      .map((args): Step => [`regenerate ${args}`, (world) => world.regenerate(...args)]),
  },
  {
    weight: 5,
    arbitrary: fc
      .constantFrom(0.001, 0.877, 59, 60, 99.999, 3_600, 86_340)
      .map((seconds): Step => [`pass ${seconds}`, (world) => world.pass(seconds)]),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(key, fc.constantFrom(0, 60, 7_200))
      .map((args): Step => [`expire ${args}`, (world) => world.expire(...args)]),
  },
  { weight: 1, arbitrary: key.map((args): Step => [`revoke key ${args}`, (world) => world.revokeKey(args)]) },
  { weight: 1, arbitrary: choice.map((args): Step => [`revoke tokens ${args}`, (world) => world.revokeTokens(args)]) },
)

test('counts what requests find accepted, whatever happened to keys, secrets and tokens', {
  timeout: 120_000,
}, async () => {
  let most = 0
  let ended = 0
  let withPrevious = 0
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 8, maxLength: 16 }), async (history) => {
      const world = await World.create()
      for (const [key, choice] of [
        [0, 0],
        [1, 1],
        [2, 0],
        [2, 1],
      ] as const)
        await world.make(key, choice, 0, 86_400)
      most = Math.max(most, (await world.check()).accepted)
      for (const [, run] of history) {
        await run(world)
        const { accepted, ofPrevious } = await world.check()
        withPrevious += ofPrevious ? 1 : 0
        most = Math.max(most, accepted)
        ended = Math.max(ended, world.tokens.length - accepted)
      }
    }),
    { numRuns: 6 },
  )
  // Otherwise it would have compared nothing with nothing.
  expect(most).toBeGreaterThan(3)
  expect(ended).toBeGreaterThan(3)
  expect(withPrevious).toBeGreaterThan(0)
  server.clock.now = null
})

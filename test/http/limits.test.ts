import { expect, test } from 'vitest'
import { codes, startTestServer } from '../support/server.ts'

const server = await startTestServer({
  maxBodyBytes: 20_000,
  maxQueryCost: 5_000,
  rateLimits: { perMinute: 100, tenantPerMinute: 0 },
})

const LIMITS = `{ limits {
  maxBodyBytes maxAnswerBytes maxDocumentCharacters maxDocumentTokens maxDepth maxSelections maxRootFields maxAliases maxDirectives
  maxOverlaps maxCost defaultPageSize maxPageSize maxMessagesPerCall maxMetadataBytes
  rateLimits { policy limit remaining resetsInSeconds }
} }`

test('any credential may ask what is taken, and what is left of its requests', async () => {
  const tenant = await server.newTenant({ scopes: ['ANALYTICS_READ'] })
  server.clock.now = new Date('2030-01-01T00:00:15Z')
  expect((await tenant.ask(LIMITS)).data.limits).toEqual({
    maxBodyBytes: 20_000,
    maxAnswerBytes: 16_777_216,
    maxDocumentCharacters: 65_536,
    maxDocumentTokens: 2_000,
    maxDepth: 16,
    maxSelections: 5_000,
    maxRootFields: 50,
    maxAliases: 100,
    maxDirectives: 50,
    maxOverlaps: 1_000,
    maxCost: 5_000,
    defaultPageSize: 20,
    maxPageSize: 100,
    maxMessagesPerCall: 5_000,
    maxMetadataBytes: 102_400,
    rateLimits: [{ policy: 'CREDENTIAL', limit: 100, remaining: 99, resetsInSeconds: 45 }],
  })
  const { data } = await tenant.ask('{ limits { rateLimits { remaining } } }')
  expect(data.limits.rateLimits).toEqual([{ remaining: 98 }])
  server.clock.now = null
})

test('nobody is told without a credential', async () => {
  expect(codes(await server.as({})(LIMITS))).toEqual(['UNAUTHENTICATED'])
})

test('what limits name is what a refusal names', async () => {
  const { ask } = await server.newTenant()
  const { data } = await ask('{ __type(name: "Limits") { fields { name } } }')
  const names = data.__type.fields.map(({ name }: { name: string }) => name)
  const flood = Array.from({ length: 101 }, (_, i) => `a${i}: name`).join(' ')
  const { errors } = await ask(`{ viewer { ${flood} } }`)
  expect(names).toContain(errors?.[0]?.extensions['limitName'])
})

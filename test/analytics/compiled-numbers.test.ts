import { expect, test } from 'vitest'
import { asIsolationAsks, startBothWays, withoutVariables } from '../conversations/both-ways.ts'
import { mark } from '../isolation/plant.ts'
import { type Credential, serveTestDatabase, TENANT_SCOPES } from '../support/server.ts'

/** The compiled path of counting answers to the byte what graphql-js and Prisma do, whoever asks. */

const { server, tenant, keyWith, token, differing } = await startBothWays(new Date('2024-03-05T12:00:00Z'))

const scopes = ['ANALYTICS_READ']
const credentials: Record<string, Credential> = {
  'a key of the tenant': { key: tenant.secret },
  'one without INTERNALS_READ': await keyWith(...TENANT_SCOPES.filter((scope) => scope !== 'INTERNALS_READ')),
  'one that reads analytics alone': await keyWith('ANALYTICS_READ'),
  'one that reads no analytics': await keyWith('CONVERSATIONS_READ'),
  'an administrator': { key: server.adminKey, tenantId: tenant.tenantId },
  'an administrator without a tenant': { key: server.adminKey },
  'a token locked to a customer': await token({ scopes, metadata: { customer: mark(tenant, 'open-customer') } }),
  'a token locked to an agent': await token({ scopes, agents: [{ id: tenant.agentId }] }),
  'a token locked to an end user': await token({ scopes, endUserIds: [mark(tenant, 'open-end-user')] }),
}

const COUNTED = [
  ...['Query.conversationSeries', 'Query.conversationMetrics', 'Query.intentMetrics', 'Query.toolMetrics'],
  ...['Query.languageMetrics', 'Query.retention', 'Query.endUsers', 'Query.metadataKeys'],
  'Query.conversationFacets',
]
const documents = [
  ...asIsolationAsks(tenant, COUNTED),
  ...withoutVariables({
    'what is said by default':
      '{ conversationMetrics { current { from to conversationCount meanTurns } previous { from } } }',
    'an alias and a fragment':
      '{ s: conversationSeries(measures: [MESSAGES, LATENCY_P95]) { ...S } } fragment S on ConversationSeries { __typename lines { points { start value } } timeZone }',
    'too much':
      '{ conversationSeries(measures: [MESSAGES], interval: HOUR, range: { from: "2020-01-01T00:00:00Z" }) { from } }',
    'dates of the tenant, of the query and of the range':
      '{ a: conversationMetrics(range: { from: "2024-01-01" }) { current { from conversationCount } } b: conversationMetrics(timeZone: "Asia/Tokyo", range: { from: "2024-01-01" }, filter: { startedAt: { from: "2024-01-01" } }) { current { from conversationCount } } c: conversationSeries(measures: [CONVERSATIONS], range: { from: "2024-03-01", timeZone: "America/New_York" }) { timeZone from lines { total } } }',
    'what can be no date': '{ conversationMetrics(range: { from: "2024-02-30" }) { current { from } } }',
    'one date twice': '{ endUsers(range: { from: "2024-01-01", to: "2024-01-01" }) { totalCount } }',
    'nothing that can be a zone': '{ conversationMetrics(timeZone: "Nowhere") { current { conversationCount } } }',
    'what can’t be stored':
      '{ conversationMetrics(filter: { campaigns: ["a\\u0000"] }) { current { conversationCount } } }',
    'a directive': '{ conversationMetrics { current { conversationCount @include(if: false) from } } }',
    'tools and languages, over all times':
      '{ toolMetrics(range: { from: "2000-01-01T00:00:00Z" }) { name callCount errorCount errorRate conversationCount meanDurationMs p50DurationMs p95DurationMs } languageMetrics(range: { from: "2000-01-01T00:00:00Z" }, first: 1) { language messageCount userMessageCount } }',
    'end users, page by page':
      '{ a: endUsers(first: 1) { totalCount edges { cursor conversationCount messageCount meanSentiment meanRating firstSeenAt lastSeenAt node { id endUserId } } pageInfo { hasNextPage endCursor } } b: endUsers(last: 1, orderBy: { field: CONVERSATIONS, direction: ASC }) { nodes { endUserId } pageInfo { hasPreviousPage } } }',
    'end users in no order at all':
      '{ endUsers(range: { from: "2024-01-02T00:00:00Z", to: "2024-01-01T00:00:00Z" }) { totalCount } }',
    'too many tools': '{ toolMetrics(first: 101) { name } }',
    'who comes back':
      '{ retention(weeks: 3, weekStart: SUNDAY, timeZone: "Asia/Tokyo") { start end endUserCount weeks { week endUserCount } } }',
    'keys and their values':
      '{ metadataKeys(first: 100, topValues: 100) { path conversationCount valueCount topValues { value conversationCount } } }',
    'keys of some':
      '{ metadataKeys(filter: { channels: [CHAT] }, topValues: 0) { path topValues { conversationCount } } }',
    'facets of some, in another order, and one twice':
      '{ f: conversationFacets(fields: [LABEL, AGENT, LABEL], filter: { channels: [CHAT] }, topValues: 1) { field topValues { key label conversationCount } } }',
    'facets of nothing': '{ conversationFacets(fields: []) { field } }',
    'numbers of all kinds':
      '{ conversationMetrics { current { conversationCount } } toolMetrics { name } metadataKeys { path } endUsers { totalCount } conversations { totalCount } }',
    'two fields': '{ a: conversationMetrics { current { conversationCount } } b: intentMetrics { intent } }',
  }),
]

test.each(Object.keys(credentials))('%s', { timeout: 120_000 }, async (who) => {
  const credential = credentials[who] ?? {}
  server.statements()
  expect(await differing(credential, documents)).toEqual([])
  const compiledOnes = server.statements().filter((sql) => sql.includes('force_custom_plan')).length
  const mayCount = !who.includes('no analytics') && !who.includes('without a tenant')
  // Metadata keys are not of analytics.
  expect(compiledOnes > documents.length / 2).toBe(mayCount)
})

test('what takes the database too long is refused, and not asked a second time', async () => {
  const slow = { ...server.database, withoutPrisma: { ...server.database.withoutPrisma } }
  let asked = 0
  slow.withoutPrisma.reading = () => {
    asked += 1
    return Promise.reject(Object.assign(new Error('canceling statement'), { code: '57014' }))
  }
  const impatient = serveTestDatabase({ ...server, database: slow }, server.adminKey)
  const answer = await impatient.ask(
    { key: tenant.secret },
    '{ conversationMetrics { current { conversationCount } } }',
  )
  expect(answer.data).toEqual({ conversationMetrics: null })
  expect(answer.errors?.map(({ extensions, path }) => [extensions.code, path])).toEqual([
    ['LIMIT_EXCEEDED', ['conversationMetrics']],
  ])
  expect(asked).toBe(1)
})

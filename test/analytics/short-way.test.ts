import { expect, test } from 'vitest'
import { requestsOf } from '../isolation/attack.ts'
import { mark, must, plantVictim } from '../isolation/plant.ts'
import { type Credential, serveTestDatabase, startTestServer, TENANT_SCOPES } from '../support/server.ts'

/** The short way of counting answers to the byte what graphql-js and Prisma do, whoever asks. */

const server = await startTestServer()
const longWay = serveTestDatabase(server, server.adminKey, { compilesReads: false })
server.clock.now = longWay.clock.now = new Date('2024-03-05T12:00:00Z')
const tenant = await plantVictim(server)

const token = async (input: object): Promise<Credential> => {
  const CREATE = 'mutation ($input: CreateEmbedTokenInput!) { createEmbedToken(input: $input) { token } }'
  return { key: (await must(tenant.ask, CREATE, { input })).createEmbedToken.token }
}
const scopes = ['ANALYTICS_READ']
const keyWith = async (...given: string[]): Promise<Credential> => ({
  key: (await server.newKey({ scopes: given, tenantId: tenant.tenantId })).secret,
})
const credentials: Record<string, Credential> = {
  'a key of the tenant': { key: tenant.secret },
  'one without INTERNALS_READ': await keyWith(...TENANT_SCOPES.filter((scope) => scope !== 'INTERNALS_READ')),
  'one that reads analytics alone': await keyWith('ANALYTICS_READ'),
  'one that reads no analytics': await keyWith('CONVERSATIONS_READ'),
  'an administrator': { key: server.adminKey, tenantId: tenant.tenantId },
  'an administrator without a tenant': { key: server.adminKey },
  'a token locked to a customer': await token({ scopes, metadata: { customer: mark(tenant, 'open-customer') } }),
  'a token locked to an agent': await token({ scopes, agentIds: [tenant.agentId] }),
}

const COUNTED = ['Query.conversationSeries', 'Query.conversationMetrics', 'Query.intentMetrics']
const documents = [
  ...requestsOf({ other: tenant, own: tenant })
    .filter(({ field }) => COUNTED.includes(field))
    .map(({ name, document: { query, variables } }) => ({ name, query, variables })),
  ...Object.entries({
    'what is said by default': '{ conversationMetrics { from to totalConversations meanTurns previous { from } } }',
    'an alias and a fragment':
      '{ s: conversationSeries(measures: [MESSAGES, LATENCY_P95]) { ...S } } fragment S on ConversationSeries { __typename lines { points { start value } } timeZone }',
    'too much':
      '{ conversationSeries(measures: [MESSAGES], interval: HOUR, range: { from: "2020-01-01T00:00:00Z" }) { from } }',
    'nothing that can be a zone': '{ conversationMetrics(timeZone: "Nowhere") { totalConversations } }',
    'what can’t be stored': '{ conversationMetrics(filter: { campaigns: ["a\\u0000"] }) { totalConversations } }',
    'a directive': '{ conversationMetrics { totalConversations @include(if: false) from } }',
    'two fields': '{ a: conversationMetrics { totalConversations } b: intentMetrics { intent } }',
  }).map(([name, query]) => ({ name, query, variables: {} })),
]

/** What two requests never have in common. */
const comparable = (answer: object) => JSON.stringify({ ...answer, headers: null })

test.each(Object.keys(credentials))('%s', { timeout: 120_000 }, async (who) => {
  const credential = credentials[who] ?? {}
  const differing = []
  server.statements()
  for (const { name, query, variables } of documents) {
    const short = comparable(await server.ask(credential, query, variables))
    const long = comparable(await longWay.ask(credential, query, variables))
    if (short !== long) differing.push({ name, short, long })
  }
  expect(differing).toEqual([])
  // Where there is no pool of connections, the transaction is Prisma's both ways.
  if (!server.url) return
  const shortOnes = server.statements().filter((sql) => sql.includes('plan_cache_mode')).length
  const mayCount = !who.includes('no analytics') && !who.includes('without a tenant')
  expect(shortOnes > documents.length / 2).toBe(mayCount)
})

test('what takes the database too long is refused, and not asked a second time', async () => {
  if (!server.database.pool) return
  const slow = { ...server.database, pool: { ...server.database.pool } }
  let asked = 0
  slow.pool.reading = () => {
    asked += 1
    return Promise.reject(Object.assign(new Error('canceling statement'), { code: '57014' }))
  }
  const impatient = serveTestDatabase({ ...server, database: slow }, server.adminKey)
  const answer = await impatient.ask({ key: tenant.secret }, '{ conversationMetrics { totalConversations } }')
  expect(answer.data).toBeNull()
  expect(answer.errors?.map(({ extensions, path }) => [extensions.code, path])).toEqual([
    ['LIMIT_EXCEEDED', ['conversationMetrics']],
  ])
  expect(asked).toBe(1)
})

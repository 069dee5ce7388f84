import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { type Attempt, attack, dumpOf, secretsOf, withoutIdentity } from './attack.ts'
import { currentToken, ghostOf, mark, must, type Planted, plantAttacker, plantVictim, type Tenant } from './plant.ts'
import { openInput } from './planted-inputs.ts'

/** Tokens that are locked to a part of their own tenant's rows: the rest is to them as another tenant's. */

const server = await startTestServer()
const tenant = await plantVictim(server)
const stranger = await plantAttacker(server)
const { data } = await dumpOf(server, tenant.tenantId)

const CREATE = 'mutation ($input: CreateEmbedTokenInput!) { createEmbedToken(input: $input) { token } }'

async function tokenFor({ ask }: Tenant, lock: object): Promise<{ key: string }> {
  const scopes = ['ANALYTICS_READ', 'CONVERSATIONS_READ', 'INTERNALS_READ']
  const { createEmbedToken } = await must(ask, CREATE, { input: { scopes, ...lock } })
  return { key: createEmbedToken.token }
}

/** Without the node of the tenant itself, which a token may know: see `Query.viewer`. */
function attempts(
  credential: { key: string },
  { nodeIds: { Tenant: _itself, ...nodeIds }, ...other }: Planted,
  secrets: string[],
) {
  return attack(server, { credential, other: { ...other, nodeIds }, own: stranger, secrets, readsOnce: true })
}

/** The canaries of what the tenant logged under the names that begin so. */
const canaries = (fits: (canary: string) => boolean) =>
  secretsOf(data).filter((text) => text.startsWith('canary') && fits(text))

const ofOpen = canaries((text) => text.startsWith(mark(tenant, 'open')))
const ofOthers = canaries((text) => !text.startsWith(mark(tenant, 'open')))

/** What was answered, but for what a credential is told of itself, and without what differs between any two tenants. */
function answersOf(asked: Attempt[], other: Planted): string[] {
  expect(asked.filter(({ text }) => text.includes('INTERNAL_SERVER_ERROR'))).toEqual([])
  const ofRows = asked.filter(({ field }) => field !== 'Query.viewer')
  return withoutIdentity(ofRows, { other, own: stranger })
}

test('a token locked to what no row has sees no row, and is answered as if none existed, whatever it asks for', {
  timeout: 120_000,
}, async () => {
  const credential = await tokenFor(tenant, { metadata: { customer: 'nobody' } })
  const asked = await attempts(credential, tenant, secretsOf(data))
  expect(asked.filter(({ leaked }) => leaked.length > 0)).toEqual([])
  expect((await dumpOf(server, tenant.tenantId)).data).toBe(data)
  const ghost = ghostOf(tenant)
  expect(answersOf(asked, tenant)).toEqual(answersOf(await attempts(credential, ghost, []), ghost))
})

test('a token locked to one customer sees that one’s conversation, and counts as in a tenant that has nothing else', {
  timeout: 120_000,
}, async () => {
  // A place that no conversation has: among equals it would be the ids that decide.
  const MESSAGE_COUNT = Buffer.from(`["MESSAGE_COUNT",3,"${randomUUID()}"]`).toString('base64url')
  const withRest = { ...tenant, cursors: { ...tenant.cursors, MESSAGE_COUNT } }
  const locked = await tokenFor(tenant, { metadata: { customer: mark(tenant, 'open-customer') } })
  const asked = await attempts(locked, withRest, [...ofOpen, ...ofOthers])
  const seen = new Set(asked.flatMap(({ leaked }) => leaked))
  expect([...seen].filter((secret) => ofOthers.includes(secret))).toEqual([])
  expect(ofOpen.filter((secret) => !seen.has(secret))).toEqual([mark(tenant, 'open-key')])

  const { id: tenantId, key, ask } = await server.newTenant({ derives: true })
  const changes = await currentToken(server, key)
  const LOG = 'mutation ($input: LogConversationInput!) { logConversation(input: $input) { conversation { id } } }'
  const { logConversation } = await must(ask, LOG, { input: openInput(tenant, '2024-03-03') })
  const ghost = ghostOf(tenant)
  const alone = {
    ...{ ...ghost, marker: tenant.marker, tenantId, openId: logConversation.conversation.id },
    cursors: { ...ghost.cursors, changes, MESSAGE_COUNT },
  }
  const free = await tokenFor({ ask } as Tenant, {})
  expect(answersOf(asked, withRest)).toEqual(answersOf(await attempts(free, alone, []), alone))
})

test('a token locked to an agent sees the conversations of that agent and no other, and no other agent in them', {
  timeout: 120_000,
}, async () => {
  const credential = await tokenFor(tenant, { agentIds: [tenant.agentId] })
  const asked = await attempts(credential, tenant, [...ofOpen, ...ofOthers])
  const seen = new Set(asked.flatMap(({ leaked }) => leaked))
  const ofShared = ofOthers.filter((text) => text.startsWith(mark(tenant, 'shared')))
  const otherAgents = [mark(tenant, 'second-agent'), mark(tenant, 'third-agent')]
  expect([...ofOpen, ...ofShared, ...otherAgents].filter((secret) => seen.has(secret))).toEqual([])
  expect(seen).toContain(mark(tenant, 'content'))
})

test('a token locked to an agent can’t find out by a filter which others took part', { timeout: 120_000 }, async () => {
  const { agents } = await must(tenant.ask, '{ agents { nodes { id name } } }', {})
  const idOf = (name: string) => agents.nodes.find((agent: { name: string }) => agent.name === mark(tenant, name)).id
  const ask = server.as(await tokenFor(tenant, { agentIds: [tenant.agentId] }))
  const counts = await Promise.all(
    [{ agentIds: [idOf('second-agent')] }, { agentIds: [idOf('second-agent'), tenant.agentId] }, {}].map(
      async (filter) => {
        const READ = 'query ($filter: ConversationFilter) { conversations(filter: $filter) { totalCount } }'
        return (await must(ask, READ, { filter })).conversations.totalCount
      },
    ),
  )
  expect(counts).toEqual([0, 1, 1])
})

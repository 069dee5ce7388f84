import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { makeKey, newIssuerName, register, sign } from '../credentials/token-issuers/issuer.ts'
import { startTestServer } from '../support/server.ts'
import { type Attempt, attack, dumpOf, secretsOf, withoutIdentity } from './attack.ts'
import { currentToken, ghostOf, mark, must, type Planted, plantAttacker, plantVictim, type Tenant } from './plant.ts'
import { openInput } from './planted-inputs.ts'

/** Tokens that are locked to a part of their own tenant's rows: the rest is to them as another tenant's. */

const server = await startTestServer({ maxQueryCost: 5_000_000 })
const tenant = await plantVictim(server)
const stranger = await plantAttacker(server)
const { data } = await dumpOf(server, tenant.tenantId)

const CREATE = 'mutation ($input: CreateEmbedTokenInput!) { createEmbedToken(input: $input) { token } }'

async function tokenFor({ ask }: Tenant, lock: object): Promise<{ key: string }> {
  const scopes = ['ANALYTICS_READ', 'CONVERSATIONS_READ', 'INTERNALS_READ']
  const { createEmbedToken } = await must(ask, CREATE, { input: { scopes, ...lock } })
  return { key: createEmbedToken.token }
}

const issuer = { iss: newIssuerName(), key: await makeKey('key') }
await register(server, { issuer: issuer.iss, keys: [issuer.key.publicJwk] })

/** The same by a token of an issuer, whose agents may be named by their external ids. */
async function issuedFor({ tenantId }: Tenant, claims: object): Promise<{ key: string }> {
  const scopes = ['ANALYTICS_READ', 'CONVERSATIONS_READ', 'INTERNALS_READ']
  return { key: await sign(issuer.key, { iss: issuer.iss, tenant: tenantId, scopes, ...claims }) }
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

test.each<[what: string, credential: () => Promise<{ key: string }>]>([
  ['metadata', () => tokenFor(tenant, { metadata: { customer: 'nobody' } })],
  ['an end user', () => tokenFor(tenant, { endUserIds: ['nobody'] })],
  ['an agent that is not there yet', () => issuedFor(tenant, { parley_agents: ['nobody'] })],
])(
  'a token locked to %s that no row has sees no row, and is answered as if none existed, whatever it asks for',
  {
    timeout: 120_000,
  },
  async (_what, credentialOf) => {
    const credential = await credentialOf()
    const asked = await attempts(credential, tenant, secretsOf(data))
    expect(asked.filter(({ leaked }) => leaked.length > 0)).toEqual([])
    expect((await dumpOf(server, tenant.tenantId)).data).toBe(data)
    const ghost = ghostOf(tenant)
    expect(answersOf(asked, tenant)).toEqual(answersOf(await attempts(credential, ghost, []), ghost))
  },
)

test.each([
  ['one customer', { metadata: { customer: mark(tenant, 'open-customer') } }],
  ['one end user', { endUserIds: [mark(tenant, 'open-end-user')] }],
])(
  'a token locked to %s sees that one’s conversation, and counts as in a tenant that has nothing else',
  {
    timeout: 120_000,
  },
  async (_what, lock) => {
    // A place that no conversation has: among equals it would be the ids that decide.
    const MESSAGE_COUNT = Buffer.from(`["MESSAGE_COUNT",3,"${randomUUID()}"]`).toString('base64url')
    const withRest = { ...tenant, cursors: { ...tenant.cursors, MESSAGE_COUNT } }
    const locked = await tokenFor(tenant, lock)
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
  },
)

const TO_AGENT: [what: string, credential: () => Promise<{ key: string }>][] = [
  ['an agent', () => tokenFor(tenant, { agents: [{ id: tenant.agentId }] })],
  ['an agent by its external id', () => issuedFor(tenant, { parley_agents: [mark(tenant, 'agent')] })],
]

test.each(TO_AGENT)(
  'a token locked to %s sees the conversations of that agent and no other, and no other agent in them',
  {
    timeout: 120_000,
  },
  async (_what, credentialOf) => {
    const credential = await credentialOf()
    const asked = await attempts(credential, tenant, [...ofOpen, ...ofOthers])
    const seen = new Set(asked.flatMap(({ leaked }) => leaked))
    const ofShared = ofOthers.filter((text) => text.startsWith(mark(tenant, 'shared')))
    const otherAgents = [mark(tenant, 'second-agent'), mark(tenant, 'third-agent')]
    expect([...ofOpen, ...ofShared, ...otherAgents].filter((secret) => seen.has(secret))).toEqual([])
    expect(seen).toContain(mark(tenant, 'content'))
  },
)

test.each(TO_AGENT)(
  'a token locked to %s can’t find out by a filter which others took part',
  {
    timeout: 120_000,
  },
  async (_what, credentialOf) => {
    const { agents } = await must(tenant.ask, '{ agents { nodes { id name } } }', {})
    const idOf = (name: string) => agents.nodes.find((agent: { name: string }) => agent.name === mark(tenant, name)).id
    const ask = server.as(await credentialOf())
    const counts = await Promise.all(
      [
        { agents: [{ id: idOf('second-agent') }] },
        { agents: [{ externalId: mark(tenant, 'second-agent') }] },
        { agents: [{ externalId: mark(tenant, 'second-agent') }, { id: tenant.agentId }] },
        {},
      ].map(async (filter) => {
        const READ = 'query ($filter: ConversationFilter) { conversations(filter: $filter) { totalCount } }'
        return (await must(ask, READ, { filter })).conversations.totalCount
      }),
    )
    expect(counts).toEqual([0, 0, 1, 1])
  },
)

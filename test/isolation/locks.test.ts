import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { type Attempt, attack, dumpOf, secretsOf, withoutIdentity } from './attack.ts'
import { ghostOf, mark, must, type Planted, plantAttacker, plantVictim, type Tenant } from './plant.ts'

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

const attempts = async (from: Tenant, lock: object, secrets: string[]) =>
  attack(server, { credential: await tokenFor(from, lock), other: tenant, own: stranger, secrets })

/** The canaries of what the tenant logged under the names that begin so. */
const canaries = (fits: (canary: string) => boolean) =>
  secretsOf(data).filter((text) => text.startsWith('canary') && fits(text))

const NOBODY = { metadata: { customer: 'nobody' } }

const ofOpen = canaries((text) => text.startsWith(mark(tenant, 'open')))
const ofOthers = canaries((text) => !text.startsWith(mark(tenant, 'open')))

test('a token locked to what no row has sees no row', async () => {
  const asked = await attempts(tenant, NOBODY, secretsOf(data))
  expect(asked.filter(({ leaked }) => leaked.length > 0)).toEqual([])
  expect((await dumpOf(server, tenant.tenantId)).data).toBe(data)
})

test('a token locked to one customer sees that one’s conversation and nothing of the others', async () => {
  const lock = { metadata: { customer: mark(tenant, 'open-customer') } }
  const asked = await attempts(tenant, lock, [...ofOpen, ...ofOthers])
  const seen = new Set(asked.flatMap(({ leaked }) => leaked))
  expect([...seen].filter((secret) => ofOthers.includes(secret))).toEqual([])
  expect(ofOpen.filter((secret) => !seen.has(secret))).toEqual([mark(tenant, 'open-key')])
})

test('rows outside of a lock are answered as if they did not exist, whatever is asked about them', async () => {
  const credential = await tokenFor(tenant, NOBODY)
  const answers = async (other: Planted): Promise<[string[], Attempt[]]> => {
    // Who asks is told of itself.
    const fields = (field: string) => field !== 'Query.viewer'
    const asked = await attack(server, { credential, other, own: stranger, secrets: [], fields })
    return [withoutIdentity(asked, { other, own: stranger }), asked]
  }
  const [[hidden, asked], [imagined]] = [await answers(tenant), await answers(ghostOf(tenant))]
  expect(hidden).toEqual(imagined)
  expect(asked.filter(({ text }) => text.includes('INTERNAL_SERVER_ERROR'))).toEqual([])
})

test('a token locked to an agent sees the conversations of that agent and no other, and no other agent in them', async () => {
  const asked = await attempts(tenant, { agentIds: [tenant.agentId] }, [...ofOpen, ...ofOthers])
  const seen = new Set(asked.flatMap(({ leaked }) => leaked))
  const ofShared = ofOthers.filter((text) => text.startsWith(mark(tenant, 'shared')))
  const otherAgents = [mark(tenant, 'second-agent'), mark(tenant, 'third-agent')]
  expect([...ofOpen, ...ofShared, ...otherAgents].filter((secret) => seen.has(secret))).toEqual([])
  expect(seen).toContain(mark(tenant, 'content'))
})

test('a token locked to an agent can’t find out by a filter which others took part', async () => {
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

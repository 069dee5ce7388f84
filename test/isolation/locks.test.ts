import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { attack, dumpOf, secretsOf } from './attack.ts'
import { mark, must, plantAttacker, plantVictim, type Tenant } from './plant.ts'

/** Tokens that are locked to a part of their own tenant's rows: the rest is to them as another tenant's. */

const server = await startTestServer()
const tenant = await plantVictim(server)
const stranger = await plantAttacker(server)
const { data } = await dumpOf(server, tenant.tenantId)

const CREATE = 'mutation ($input: CreateEmbedTokenInput!) { createEmbedToken(input: $input) { token } }'

async function attempts({ ask }: Tenant, lock: object, secrets: string[]) {
  const scopes = ['ANALYTICS_READ', 'CONVERSATIONS_READ', 'INTERNALS_READ']
  const { createEmbedToken } = await must(ask, CREATE, { input: { scopes, ...lock } })
  return attack(server, { credential: { key: createEmbedToken.token }, other: tenant, own: stranger, secrets })
}

/** The canaries of what the tenant logged under the names that begin so. */
const canaries = (fits: (canary: string) => boolean) =>
  secretsOf(data).filter((text) => text.startsWith('canary') && fits(text))

const ofOpen = canaries((text) => text.startsWith(mark(tenant, 'open')))
const ofOthers = canaries((text) => !text.startsWith(mark(tenant, 'open')))

test('a token locked to what no row has sees no row', async () => {
  const asked = await attempts(tenant, { metadata: { customer: 'nobody' } }, secretsOf(data))
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

test('a token locked to an agent sees the conversations of that agent and no other', async () => {
  const asked = await attempts(tenant, { agentIds: [tenant.agentId] }, [...ofOpen, ...ofOthers])
  const seen = new Set(asked.flatMap(({ leaked }) => leaked))
  const ofShared = ofOthers.filter((text) => text.startsWith(mark(tenant, 'shared')))
  expect([...ofOpen, ...ofShared].filter((secret) => seen.has(secret))).toEqual([])
  expect(seen).toContain(mark(tenant, 'content'))
})

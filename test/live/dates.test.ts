import { expect, test } from 'vitest'
import { startTestServer, type TestTenant } from '../support/server.ts'
import { changesOf, followChanges } from './changes.ts'
import { log } from './conversations.ts'

/** A date in the filter of a subscription is the midnight that it was when the subscription began. */

const server = await startTestServer()

const FILTER = { startedAt: { from: '2026-01-01', to: '2026-01-02' } }
/** On the first of January, in UTC only, in both zones, and in Tokyo only. */
const [LATE, BOTH, EARLY] = ['2026-01-01T15:00:00Z', '2026-01-01T12:00:00Z', '2025-12-31T15:00:00Z']

const logAt = (tenant: TestTenant, startedAt: string) => log(tenant.ask, { startedAt })

async function move(tenant: TestTenant, timeZone: string) {
  const UPDATE = 'mutation ($input: UpdateTenantInput!) { updateTenant(input: $input) { tenant { timeZone } } }'
  expect((await server.admin(UPDATE, { input: { id: tenant.id, timeZone } })).errors).toBeUndefined()
}

async function begin(tenant: TestTenant, filter: object = FILTER) {
  const live = await followChanges(server, { key: tenant.key }, { filter })
  expect(await changesOf(live)).toEqual([])
  return live
}

test.each([
  ['the tenant’s zone', 'Asia/Tokyo', FILTER],
  ['its own zone', 'UTC', { startedAt: { ...FILTER.startedAt, timeZone: 'Asia/Tokyo' } }],
])('a date in %s', async (_what, timeZone, filter) => {
  const tenant = await server.newTenant({ timeZone })
  const live = await begin(tenant, filter)
  await logAt(tenant, LATE)
  const early = await logAt(tenant, EARLY)
  const both = await logAt(tenant, BOTH)
  const found: unknown[] = []
  while (found.length < 2)
    for (const { conversationId, conversation } of await changesOf(live)) if (conversation) found.push(conversationId)
  expect(found).toEqual([early, both])
})

test('one that began before the tenant changed its zone keeps its moments, and one that begins now has others', async () => {
  const tenant = await server.newTenant({ timeZone: 'Asia/Tokyo' })
  const before = await begin(tenant)
  await move(tenant, 'UTC')
  const after = await begin(tenant)
  const [late, early] = [await logAt(tenant, LATE), await logAt(tenant, EARLY)]
  const nextWith = async (live: typeof before) => {
    for (;;) {
      const found = (await changesOf(live)).find(({ conversation }) => conversation)
      if (found) return found.conversationId
    }
  }
  expect(await nextWith(before)).toBe(early)
  expect(await nextWith(after)).toBe(late)
})

test('the zone is read only if a date needs it', async () => {
  const tenant = await server.newTenant({ timeZone: 'Asia/Tokyo' })
  const reads = async (startedAt: object) => {
    server.statements()
    await begin(tenant, { startedAt })
    return server.statements().filter((sql) => sql.includes('time_zone FROM tenants')).length
  }
  expect(await reads({ from: '2026-01-01T00:00:00Z' })).toBe(0)
  expect(await reads({ from: '2026-01-01', timeZone: 'UTC' })).toBe(0)
  expect(await reads(FILTER.startedAt)).toBe(1)
})

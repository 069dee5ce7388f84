import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { decodeId } from '../../src/input/ids.ts'
import { provePaging } from '../support/pagination.ts'
import { codes, startTestServer } from '../support/server.ts'
import { EVENT, eventsOf } from './events.ts'

const server = await startTestServer()
const { admin } = server

const REVOKE_TOKENS = 'mutation { revokeEmbedTokens { tenant { id } } }'

provePaging('auditEvents', {
  statements: server.statements,
  countStatements: 1,
  async open() {
    const tenant = await server.newTenant()
    // Several at the same time: their ids then tell which comes first.
    server.clock.now = new Date('2032-01-01T00:00:00Z')
    for (let i = 0; i < 4; i++) await tenant.ask(REVOKE_TOKENS)
    server.clock.now = new Date('2031-12-31T00:00:00Z')
    await tenant.ask(REVOKE_TOKENS)
    server.clock.now = null
    const ids = (await eventsOf(server, { tenantIds: [tenant.id] })).map(({ id }) => id)
    const tenants = await admin('{ tenants(first: 1) { edges { cursor } } }')
    return {
      ids,
      ask: (pageArguments, selection) =>
        admin(`{ auditEvents(filter: { tenantIds: ["${tenant.id}"] }, ${pageArguments}) { ${selection} } }`),
      connection: ({ data }) => data.auditEvents,
      insert: () => tenant.ask(REVOKE_TOKENS),
      remove: (id) => server.owner(`DELETE FROM audit_events WHERE id = '${decodeId('AuditEvent', id)}'`),
      foreignCursor: tenants.data.tenants.edges[0].cursor,
      impossiblePlaces: [
        ['AUDIT_EVENTS', -1, randomUUID()],
        ['AUDIT_EVENTS', 1.5, randomUUID()],
        ['AUDIT_EVENTS', 253_402_300_800_000, randomUUID()],
        ['AUDIT_EVENTS', 0, 'no uuid'],
      ],
    }
  },
})

test('newest first, and among those of one time the one that was recorded last', async () => {
  const tenant = await server.newTenant()
  const events = await eventsOf(server, { tenantIds: [tenant.id] })
  expect(events.map(({ action }) => action)).toEqual(['API_KEY_GENERATED', 'TENANT_CREATED'])
  server.clock.now = new Date('2020-01-01T00:00:00Z')
  await tenant.asAccount(REVOKE_TOKENS)
  server.clock.now = null
  const after = await eventsOf(server, { tenantIds: [tenant.id] })
  expect(after.map(({ action }) => action)).toEqual(['API_KEY_GENERATED', 'TENANT_CREATED', 'EMBED_TOKENS_REVOKED'])
})

test('by action, actor, tenant, outcome and time, all that is given', async () => {
  const [tenant, other] = [await server.newTenant(), await server.newTenant()]
  server.clock.now = new Date('2033-01-01T00:00:00Z')
  await tenant.ask(REVOKE_TOKENS)
  await tenant.ask('{ tenants { totalCount } }')
  await other.ask(REVOKE_TOKENS)
  server.clock.now = new Date('2033-01-02T00:00:00Z')
  await tenant.ask(REVOKE_TOKENS)
  server.clock.now = null
  const both = { tenantIds: [tenant.id, other.id] }
  const [first, second] = ['2033-01-01T00:00:00.000Z', '2033-01-02T00:00:00.000Z']
  const found = async (filter: object) =>
    (await eventsOf(server, { ...both, ...filter })).map(({ actor, action, occurredAt }) => [
      actor.credentialId,
      action,
      occurredAt,
    ])
  const revoked = (key: string, occurredAt: string | undefined) => [key, 'EMBED_TOKENS_REVOKED', occurredAt]
  const read = [tenant.keyId, 'ACCOUNT_READ', first]
  const all = [revoked(tenant.keyId, second), revoked(other.keyId, first), revoked(tenant.keyId, first), read]

  const byKeys = { actorIds: [tenant.keyId, other.keyId] }
  expect((await found(byKeys)).toSorted()).toEqual(all.toSorted())
  expect(await found({ actorIds: [other.keyId] })).toEqual([all[1]])
  expect(await found({ actions: ['EMBED_TOKENS_REVOKED'] })).toEqual(all.slice(0, 3))
  expect(await found({ outcomes: ['REFUSED'] })).toEqual([read])
  expect(await found({ ...byKeys, tenantIds: [tenant.id], outcomes: ['DONE'] })).toEqual([all[0], all[2]])
  expect(await found({ occurredAt: { from: second } })).toEqual([all[0]])
  expect((await found({ occurredAt: { from: first, to: second } })).toSorted()).toEqual(all.slice(1).toSorted())
  expect(await found({ ...byKeys, occurredAt: { to: first } })).toEqual([])
  for (const name of ['actions', 'actorIds', 'tenantIds', 'outcomes']) expect(await found({ [name]: [] })).toEqual([])
  expect(await found({ actorIds: ['no id', 'key_00000000000000000000000000'] })).toEqual([])
})

test('a list in a filter has its limit', async () => {
  const actorIds = Array.from({ length: 501 }, (_, i) => `key_${i}`)
  const answer = await admin(`query ($filter: AuditEventFilter) { auditEvents(filter: $filter) { totalCount } }`, {
    filter: { actorIds },
  })
  expect(answer.errors?.map(({ extensions }) => extensions)).toMatchObject([
    { code: 'LIMIT_EXCEEDED', inputPath: 'filter.actorIds', limit: 500 },
  ])
})

test('one event by its id, for an administrator alone', async () => {
  const tenant = await server.newTenant()
  const [event] = await eventsOf(server, { tenantIds: [tenant.id] })
  const NODE = `query ($id: ID!) { node(id: $id) { __typename ... on AuditEvent { ${EVENT} } } nodes(ids: [$id]) { id } }`
  const { data } = await admin(NODE, { id: event?.id })
  expect(data).toEqual({ node: { __typename: 'AuditEvent', ...event }, nodes: [{ id: event?.id }] })
  expect(codes(await tenant.ask(NODE, { id: event?.id }))).toEqual(['FORBIDDEN', 'FORBIDDEN'])
  expect(codes(await tenant.ask('{ auditEvents { nodes { id } } }'))).toEqual(['FORBIDDEN'])
  const missing = await admin('{ node(id: "audit_00000000000000000000000000") { id } }')
  expect(missing.data).toEqual({ node: null })
})

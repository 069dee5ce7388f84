import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { connect, type Database } from '../../src/database/connect.ts'
import { databaseCode } from '../../src/database/error-code.ts'
import { serveTestDatabase, startTestServer, type TestServer, type TestTenant } from '../support/server.ts'
import { asOwner } from '../support/template.ts'
import { logged, said } from './writes.ts'

/**
 * Writes that need the same rows take them in one order, whatever order they name them in and however the database finds
 * them: no two wait for each other in a circle. Deadlocks are counted where they happen, because a retry would hide them.
 */

const LOG = `mutation ($inputs: [LogConversationInput!]!) {
  logConversations(input: { conversations: $inputs }) { results { error { code } conversation { externalId } } }
}`
const WAITING = `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`

const ofTenant = (tenantId: string, table: string) =>
  `SELECT * FROM ${table} t WHERE t.tenant_id = '${tenantId}' AND t.external_id = 'm'`

/** By what both write: what they log for a name, and what takes the row of the name `m` before them. */
const SHARED: Record<string, { input: (name: string) => object; hold: (tenantId: string) => string }> = {
  'idempotency keys': {
    input: (name) => ({ idempotencyKey: name }),
    hold: (id) => `INSERT INTO idempotency_keys (tenant_id, key, input_hash) VALUES ('${id}', 'm', '')`,
  },
  'new external ids': {
    input: (name) => ({ externalId: `new ${name}`, onConflict: 'RETURN_EXISTING' }),
    hold: (id) => `UPDATE conversations SET external_id = 'new m' WHERE tenant_id = '${id}' AND external_id = 'm'`,
  },
  'new agents': {
    input: (name) => ({ agents: [{ externalId: `new ${name}` }] }),
    hold: (id) =>
      `INSERT INTO agents (tenant_id, id, external_id, name) VALUES ('${id}', gen_random_uuid(), 'new m', 'm')`,
  },
  'conversations that are appended to': {
    input: (name) => ({ externalId: name, onConflict: 'APPEND' }),
    hold: (id) => `${ofTenant(id, 'conversations')} FOR UPDATE`,
  },
}

describe.skipIf(inject('databaseKind') === 'pglite')('two servers that write in opposite orders', async () => {
  if (inject('databaseKind') === 'pglite') return
  const byIndex = await startTestServer({
    database: { through: (url) => `${url}?options=-c%20enable_seqscan%3Doff%20-c%20enable_bitmapscan%3Doff` },
  })
  const deadlocks: unknown[] = []
  let database: Database
  let one: TestServer
  let other: TestServer
  let tenant: TestTenant

  /** A server that notes what its transactions fail with. */
  const noting = (opened: Database) => {
    const { transaction } = opened.withoutPrisma
    const noted: typeof transaction = (opening, work) =>
      transaction(opening, work).catch((error) => {
        if (databaseCode(error) === '40P01') deadlocks.push(error)
        throw error
      })
    const withoutPrisma = { ...opened.withoutPrisma, transaction: noted }
    return serveTestDatabase({ ...byIndex, database: { ...opened, withoutPrisma } }, byIndex.adminKey)
  }

  beforeAll(async () => {
    const { statementTimeoutMs, connectTimeoutMs } = byIndex.database
    // It finds rows in the order in which they lie there.
    const url = `${byIndex.url}?options=-c%20enable_indexscan%3Doff%20-c%20enable_bitmapscan%3Doff`
    const timeouts = { statementTimeoutMs, connectTimeoutMs }
    database = await connect({ url, ownerUrl: undefined, poolSize: 4, dataDir: '', fsync: false, ...timeouts })
    one = noting(byIndex.database)
    other = noting(database)
    tenant = await byIndex.newTenant()
    for (const externalId of ['a', 'm', 'z']) await logged(tenant.ask, { externalId, status: 'ACTIVE' })
    // So that they lie in the opposite order of their ids.
    for (const name of ['m', 'a']) {
      await byIndex.owner(`UPDATE conversations SET updated_at = updated_at WHERE external_id = '${name}'`)
    }
  })
  afterAll(async () => {
    for (const server of [one, other]) await server.changes.close()
    await database.close()
  })

  test.for(Object.entries(SHARED))('%s never wait for each other in a circle', async ([, { input, hold }]) => {
    const lying = await byIndex.owner(
      'SELECT external_id AS name FROM conversations WHERE length(external_id) = 1 ORDER BY ctid',
    )
    expect(lying.map(({ name }) => name)).toEqual(['z', 'm', 'a'])
    const log = (server: TestServer, names: readonly string[]) =>
      server.ask({ key: tenant.key }, LOG, {
        inputs: names.map((name) => ({ messages: [said(name)], ...input(name) })),
      })
    const isWaitedBy = (count: number) =>
      vi.waitFor(async () => expect(await byIndex.owner(WAITING)).toEqual([{ count }]), { interval: 5, timeout: 1_500 })
    const answers = await asOwner(byIndex.ownerUrl ?? '', async (owner) => {
      await owner.query(`BEGIN; ${hold(tenant.id)}`)
      const first = log(one, ['a', 'm', 'z'])
      await isWaitedBy(1)
      const second = log(other, ['z', 'm', 'a'])
      await isWaitedBy(2)
      await owner.query('ROLLBACK')
      return [await first, await second]
    })
    expect(deadlocks).toEqual([])
    for (const { data, errors } of answers) {
      expect(errors).toBeUndefined()
      expect(data.logConversations.results).toHaveLength(3)
    }
  })
})

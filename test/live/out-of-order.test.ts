import pg from 'pg'
import { describe, expect, inject, test } from 'vitest'
import { encodeId, newUuid } from '../../src/domain/ids.ts'
import { startTestServer, type TestTenant } from '../support/server.ts'
import { changesOf, followChanges } from './changes.ts'

const WRITERS = 50
const ROUNDS = 3

describe.skipIf(inject('databaseKind') === 'pglite')(
  'transactions that commit in another order than they began',
  async () => {
    const server = await startTestServer()

    /** A transaction that has changed something and is still open. */
    async function begin({ id: tenantId }: TestTenant) {
      const client = new pg.Client({ connectionString: server.ownerUrl })
      await client.connect()
      const uuid = newUuid()
      await client.query('BEGIN')
      await client.query(
        `INSERT INTO conversations (tenant_id, id, status, started_at) VALUES ($1, $2, 'ACTIVE', now())`,
        [tenantId, uuid],
      )
      return {
        id: encodeId('Conversation', uuid),
        async end(how: 'COMMIT' | 'ROLLBACK') {
          await client.query(how)
          await client.query(`SELECT pg_notify('parley_changes', '')`)
          await client.end()
        },
      }
    }

    test('a change is told at once although an earlier transaction is open, and that one’s when it ends', async () => {
      const tenant = await server.newTenant()
      const live = await followChanges(server, { key: tenant.key })
      await changesOf(live)
      const [first, second, third] = [await begin(tenant), await begin(tenant), await begin(tenant)]
      await third.end('COMMIT')
      const { changes, position } = (await live.data()).conversationsChanged
      expect(changes).toMatchObject([{ conversationId: third.id }])
      await second.end('ROLLBACK')
      await first.end('COMMIT')
      expect(await changesOf(live)).toMatchObject([{ conversationId: first.id }])
      const again = await followChanges(server, { key: tenant.key }, { after: position })
      expect(await changesOf(again)).toMatchObject([{ conversationId: first.id }])
    })

    test(`of ${WRITERS} writers at a time, a client that drops and comes back loses nothing and is told nothing twice`, async () => {
      const tenant = await server.newTenant()
      const committed = new Set<string>()
      const told: string[] = []
      let finished = false

      async function write() {
        for (let round = 0; round < ROUNDS; round++) {
          const open = await Promise.all(Array.from({ length: WRITERS }, () => begin(tenant)))
          // Every third fails, and the last to begin are the first to end.
          for (const [index, writer] of open.toReversed().entries()) {
            const how = index % 3 === 2 ? 'ROLLBACK' : 'COMMIT'
            if (how === 'COMMIT') committed.add(writer.id)
            await writer.end(how)
          }
        }
        finished = true
      }

      async function read() {
        const start = await followChanges(server, { key: tenant.key })
        let { position } = (await start.data()).conversationsChanged
        const writing = write()
        while (!finished || told.length < committed.size) {
          const live = await followChanges(server, { key: tenant.key }, { after: position })
          // The answer that comes at once, and one more where there is more to come.
          for (let answers = 0; answers < 2 && !(finished && told.length === committed.size); answers++) {
            const answer = (await live.data()).conversationsChanged
            told.push(...answer.changes.map(({ conversationId }: { conversationId: string }) => conversationId))
            position = answer.position
          }
          await live.close()
        }
        await writing
      }

      await read()
      expect(told).toHaveLength(committed.size)
      expect(new Set(told)).toEqual(committed)
    })
  },
)

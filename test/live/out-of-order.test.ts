import pg from 'pg'
import { describe, expect, inject, test } from 'vitest'
import { encodeId, newUuid } from '../../src/input/ids.ts'
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
      const { changes, resumeToken } = (await live.data()).conversationsChanged
      expect(changes).toMatchObject([{ conversationId: third.id }])
      await second.end('ROLLBACK')
      await first.end('COMMIT')
      expect(await changesOf(live)).toMatchObject([{ conversationId: first.id }])
      const again = await followChanges(server, { key: tenant.key }, { after: resumeToken })
      expect(await changesOf(again)).toMatchObject([{ conversationId: first.id }])
    })

    test(`of ${WRITERS} writers at a time, a client that drops and comes back loses nothing and is told nothing twice`, async () => {
      const tenant = await server.newTenant()
      const committed: string[] = []
      const told: string[] = []

      async function commit(writer: Awaited<ReturnType<typeof begin>>) {
        committed.push(writer.id)
        await writer.end('COMMIT')
      }

      /** Ends with a change that began and committed after all others: whoever is told of it has been told of all. */
      async function write() {
        for (let round = 0; round < ROUNDS; round++) {
          const open = await Promise.all(Array.from({ length: WRITERS }, () => begin(tenant)))
          // Every third fails, and the last to begin are the first to end.
          for (const [index, writer] of open.toReversed().entries()) {
            await (index % 3 === 2 ? writer.end('ROLLBACK') : commit(writer))
          }
        }
        const last = await begin(tenant)
        await commit(last)
        return last.id
      }

      async function read(start: string, writing: Promise<string>) {
        let last: string | null = null
        writing.then((id) => {
          last = id
        })
        for (let resumeToken = start; last === null || !told.includes(last); ) {
          const live = await followChanges(server, { key: tenant.key }, { after: resumeToken })
          const { changes, resumeToken: end } = (await live.data()).conversationsChanged
          told.push(...changes.map(({ conversationId }: { conversationId: string }) => conversationId))
          resumeToken = end
          await live.close()
        }
      }

      const { resumeToken } = (await (await followChanges(server, { key: tenant.key })).data()).conversationsChanged
      await read(resumeToken, write())
      expect(told.toSorted()).toEqual(committed.toSorted())
    })
  },
)

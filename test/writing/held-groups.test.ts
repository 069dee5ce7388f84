import { expect, inject, test, vi } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { asOwner } from '../support/template.ts'
import { logged, refusals, said, write } from './writes.ts'

const server = await startTestServer()

const WAITING = `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`

test.skipIf(inject('databaseKind') === 'pglite')(
  'tenants whose writes wait for a lock keep no other one from writing',
  { timeout: 10_000 },
  async () => {
    const tenants = [await server.newTenant(), await server.newTenant()]
    const open = await Promise.all(tenants.map(({ ask }) => logged(ask, { status: 'ACTIVE', messages: [] })))
    const other = await server.newTenant()
    await asOwner(server.ownerUrl ?? '', async (owner) => {
      await owner.query('BEGIN; SELECT 1 FROM conversations FOR UPDATE')
      const appends = []
      // Each begins a group of its own: as many as may be under way at once.
      for (const round of [1, 2]) {
        for (const [i, { ask }] of tenants.entries()) {
          appends.push(write(ask, 'appendMessages', { conversationId: open[i]?.id, messages: [said(`${round}`)] }))
        }
        await vi.waitFor(async () => expect(await server.owner(WAITING)).toEqual([{ count: 2 * round }]), 10_000)
      }
      const answer = await write(other.ask, 'logConversation', { messages: [said('a')] }, 'created')
      expect(answer.data).toEqual({ logConversation: { created: true } })
      expect(await server.owner(WAITING)).toEqual([{ count: 4 }])
      await owner.query('ROLLBACK')
      expect((await Promise.all(appends)).flatMap(refusals)).toEqual([])
    })
  },
)

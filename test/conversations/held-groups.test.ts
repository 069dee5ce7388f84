import { describe, expect, inject, test, vi } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { asOwner } from '../support/template.ts'
import { contentsOf, logged, refusals, said, write } from './writes.ts'

const WAITING = `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`

/** PGlite runs one transaction at a time. */
describe.skipIf(inject('databaseKind') === 'pglite')('a locked conversation', async () => {
  const server = await startTestServer()

  /** While another transaction holds the rows of a statement. */
  const whileLocked = <Result>(statement: string, work: (release: () => Promise<unknown>) => Promise<Result>) =>
    asOwner(server.ownerUrl ?? '', async (owner) => {
      await owner.query(`BEGIN; ${statement}`)
      return work(() => owner.query('ROLLBACK'))
    })

  const open = async (count: number) => {
    const tenant = await server.newTenant()
    const conversations: { id: string }[] = []
    for (let i = 0; i < count; i += 1) {
      conversations.push(await logged(tenant.ask, { status: 'ACTIVE', externalId: `open-${i}` }))
    }
    const append = (index: number, content: string, more = {}) =>
      write(tenant.ask, 'appendMessages', {
        by: { id: conversations[index]?.id },
        messages: [said(content)],
        ...more,
      })
    const uuid = (index: number) =>
      `(SELECT id FROM conversations WHERE tenant_id = '${tenant.id}' AND external_id = 'open-${index}')`
    const lock = (index: number) => `SELECT 1 FROM conversations WHERE id = ${uuid(index)} FOR UPDATE`
    return { ...tenant, conversations, append, lock }
  }

  // The others must be answered within the two seconds that the lock is waited for, which a busy machine may miss.
  test('holds up no other conversation of its tenant, however many wait for it', { retry: 2 }, async () => {
    const { ask, append, lock, conversations } = await open(2)
    await whileLocked(lock(0), async (release) => {
      const held = Array.from({ length: 30 }, (_, i) => append(0, `held ${i}`))
      await vi.waitFor(async () => expect(await server.owner(WAITING)).toEqual([{ count: 1 }]))
      let anyGaveUp = false
      void Promise.race(held).then(() => {
        anyGaveUp = true
      })
      held.push(append(0, 'held too'))
      const others = [append(1, 'other'), write(ask, 'logConversation', { messages: [said('new')] })]
      expect((await Promise.all(others)).flatMap(refusals)).toEqual([])
      expect(await server.owner(WAITING)).toEqual([{ count: 1 }])
      expect(anyGaveUp).toBe(false)
      await release()
      expect((await Promise.all(held)).flatMap(refusals)).toEqual([])
    })
    expect(await contentsOf(ask, conversations[0]?.id ?? '')).toHaveLength(2 + 31)
  })

  test('is waited for two seconds at most, and nothing is stored then', async () => {
    const { ask, append, lock, conversations } = await open(1)
    const id = conversations[0]?.id ?? ''
    const asked: Record<string, () => Promise<{ status: number; headers: Headers }>> = {
      append: () => append(0, 'a', { idempotencyKey: 'k' }),
      logAndAppend: () =>
        write(ask, 'logConversation', { externalId: 'open-0', onConflict: 'APPEND', messages: [said('b')] }),
      logManyAndAppend: () =>
        ask(
          'mutation ($inputs: [LogConversationInput!]!) { logConversations(input: { conversations: $inputs }) { results { created } } }',
          {
            inputs: [{ externalId: 'open-0', onConflict: 'APPEND', messages: [said('c')] }],
          },
        ),
      update: () => write(ask, 'updateConversation', { by: { id }, description: 'd' }),
      complete: () => write(ask, 'completeConversation', { by: { id } }),
      delete: () => write(ask, 'deleteConversation', { by: { id } }, 'deletedId'),
    }
    await whileLocked(lock(0), async () => {
      for (const [name, ask] of Object.entries(asked)) {
        const startedMs = performance.now()
        const answer = await ask()
        const waitedMs = performance.now() - startedMs
        expect({ name, refused: refusals(answer as never), status: answer.status }).toEqual({
          ...{ name, refused: ['UNAVAILABLE'], status: 503 },
        })
        expect(answer.headers.get('retry-after')).toMatch(/^[1-5]$/)
        expect(waitedMs).toBeGreaterThan(1_900)
        expect(waitedMs).toBeLessThan(10_000)
      }
    })
    expect(await contentsOf(ask, id)).toHaveLength(2)
    // The idempotency key was not used up.
    expect(refusals(await append(0, 'a', { idempotencyKey: 'k' }))).toEqual([])
    expect(await contentsOf(ask, id)).toHaveLength(3)
  })

  test.for(['updateConversation', 'completeConversation', 'logConversations', 'logConversation'] as const)(
    'is waited for on one connection, however many %s need it, and nobody waits long',
    async (mutation) => {
      const { ask, lock, conversations } = await open(1)
      const other = await server.newTenant()
      const by = { id: conversations[0]?.id }
      const again = { externalId: 'open-0', onConflict: 'APPEND', messages: [said('again')] }
      const write1 = {
        updateConversation: () => write(ask, 'updateConversation', { by, description: 'd' }),
        completeConversation: () => write(ask, 'completeConversation', { by }),
        logConversation: () => write(ask, 'logConversation', again),
        logConversations: () =>
          ask(
            'mutation ($inputs: [LogConversationInput!]!) { logConversations(input: { conversations: $inputs }) { results { created } } }',
            {
              inputs: [again],
            },
          ),
      }[mutation]
      await whileLocked(lock(0), async () => {
        const startedMs = performance.now()
        const held = Array.from({ length: 30 }, write1)
        await vi.waitFor(async () => expect(await server.owner(WAITING)).toEqual([{ count: 1 }]))
        for (let i = 0; i < 5; i += 1) {
          expect((await other.ask('{ conversations(first: 5) { totalCount } }')).errors).toBeUndefined()
          expect(refusals(await write(other.ask, 'logConversation', { messages: [said('a')] }))).toEqual([])
          expect(await server.owner(WAITING)).toEqual([{ count: 1 }])
        }
        const answers = await Promise.all(held)
        expect(new Set(answers.flatMap(refusals))).toEqual(new Set(['UNAVAILABLE']))
        expect(performance.now() - startedMs).toBeLessThan(10_000)
      })
    },
  )

  test('holds at most half of its tenant’s half of the connections, however many wait', async () => {
    const locked = await open(12)
    const other = await server.newTenant()
    await whileLocked(`SELECT 1 FROM conversations WHERE tenant_id = '${locked.id}' FOR UPDATE`, async () => {
      const held = locked.conversations.flatMap(({ id }, index) => [
        locked.append(index, 'held'),
        write(locked.ask, 'updateConversation', { by: { id }, description: 'held' }),
      ])
      await vi.waitFor(async () => expect(await server.owner(WAITING)).toEqual([{ count: 3 }]))
      expect((await other.ask('{ conversations(first: 5) { totalCount } }')).errors).toBeUndefined()
      expect(refusals(await write(other.ask, 'logConversation', { messages: [said('a')] }))).toEqual([])
      const refused = new Set((await Promise.all(held)).flatMap(refusals))
      expect([...refused].filter((code) => !['UNAVAILABLE', 'OVERLOADED'].includes(code))).toEqual([])
    })
  })

  test('holds up no other tenant either', async () => {
    const locked = await open(4)
    const other = await server.newTenant()
    await whileLocked(`SELECT 1 FROM conversations WHERE tenant_id = '${locked.id}' FOR UPDATE`, async (release) => {
      const held = [0, 1, 2, 3].map((index) => locked.append(index, 'held'))
      await vi.waitFor(async () => expect(await server.owner(WAITING)).toEqual([{ count: 3 }]))
      expect(refusals(await write(other.ask, 'logConversation', { messages: [said('a')] }))).toEqual([])
      expect(await server.owner(WAITING)).toEqual([{ count: 3 }])
      await release()
      expect((await Promise.all(held)).flatMap(refusals)).toEqual([])
    })
  })

  test('by a lock of another kind soon splits a group, and only the writes that need the lock wait', async () => {
    const { ask, id: tenantId } = await server.newTenant()
    const taken = `INSERT INTO idempotency_keys (tenant_id, key, input_hash) VALUES ('${tenantId}', 'taken', '')`
    await whileLocked(taken, async (release) => {
      const held = write(ask, 'logConversation', { messages: [said('a')], idempotencyKey: 'taken' })
      const free = await Promise.all(
        ['b', 'c'].map((name) => write(ask, 'logConversation', { messages: [said(name)] })),
      )
      expect(free.flatMap(refusals)).toEqual([])
      expect(await server.owner(WAITING)).toEqual([{ count: 1 }])
      await release()
      expect(refusals(await held)).toEqual([])
    })
  })
})

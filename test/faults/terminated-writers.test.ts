import { describe, expect, inject, test } from 'vitest'
import { migratedDatabase, ServerProcess, useProcesses } from '../support/process.ts'
import { asOwner } from '../support/template.ts'

useProcesses()

const LOG =
  'mutation ($input: LogConversationInput!) { logConversation(input: $input) { conversation { externalId } } }'
const WRITERS = 4
const ROUNDS = 5

describe.skipIf(inject('databaseKind') === 'pglite').for(['1', '2'])('PROCESSES=%s', (PROCESSES) => {
  test('a server whose connections are terminated under four writers stays up, and what it acknowledged is stored once', async () => {
    const settings = await migratedDatabase()
    const server = new ServerProcess({ ...settings, PROCESSES })
    const key = await server.adminKey()
    const CREATE = 'mutation { createTenant(input: { id: "acme", name: "Acme" }) { created } }'
    expect((await server.ask(key, CREATE)).body).toMatchObject({ data: { createTenant: { created: true } } })

    let isOver = false
    const acknowledged: string[] = []
    const codes = new Set<string>()
    const writers = Array.from({ length: WRITERS }, async (_, writer) => {
      for (let i = 0; !isOver; i += 1) {
        const externalId = `${writer}-${i}`
        // Of each pair one has a key, and is then tried until it is answered.
        const keyed = i % 2 === 0 ? { idempotencyKey: externalId } : {}
        const input = { externalId, ...keyed, messages: [{ chat: { role: 'USER', content: 'Hello?' } }] }
        for (let isAnswered = false; !isAnswered; ) {
          const { body } = await server.ask(key, LOG, { tenantId: 'acme', variables: { input } })
          for (const { extensions } of body.errors ?? []) codes.add(extensions.code)
          if (body.data) acknowledged.push(body.data.logConversation.conversation.externalId)
          isAnswered = body.data != null || i % 2 === 1
        }
      }
    })
    const role = new URL(String(settings['DATABASE_URL'])).username
    const written = () => acknowledged.length
    let terminated = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = written()
      await expect.poll(written, { timeout: 20_000 }).toBeGreaterThan(before)
      const { rows: ends } = await asOwner(String(settings['DATABASE_OWNER_URL']), (owner) =>
        owner.query(
          `SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity WHERE datname = current_database() AND usename = '${role}'`,
        ),
      )
      terminated += ends.filter(({ ended }) => ended === true).length
    }
    const before = written()
    await expect.poll(written, { timeout: 20_000 }).toBeGreaterThan(before)
    isOver = true
    await Promise.all(writers)

    expect(terminated).toBeGreaterThanOrEqual(ROUNDS)
    expect([...codes].filter((code) => !['UNAVAILABLE', 'OUTCOME_UNKNOWN'].includes(code))).toEqual([])
    const { rows } = await asOwner(String(settings['DATABASE_OWNER_URL']), (owner) =>
      owner.query<{ external_id: string; messages: number }>(`
        SELECT external_id, (SELECT count(*)::int FROM messages m WHERE m.tenant_id = c.tenant_id AND m.conversation_id = c.id) AS messages
        FROM conversations c WHERE tenant_id = 'acme'`),
    )
    const stored = new Map(rows.map((row) => [row.external_id, row.messages]))
    expect(stored.size).toBe(rows.length)
    expect(acknowledged.filter((id) => stored.get(id) !== 1)).toEqual([])
    expect(server.running).toBe(true)
    expect(server.lines.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([])
    expect(await server.stop()).toBe(0)
  })
})

import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { CONVERSATION_SUMS } from '../../src/analytics/conversation-sums.sql.ts'
import { write } from '../conversations/writes.ts'
import { startTestServer, type TestTenant } from '../support/server.ts'

/** Roll-ups are what they roll up, whoever writes at the same time, and whatever is taken back. */

const server = await startTestServer()

const said = (rating: number | null = null) => ({
  chat: { role: 'ASSISTANT', content: 'Hi', rating, costUsd: 0.1, latencyMs: 0.7, tokenCount: 3 },
})

/** What is wrong in the roll-ups of a tenant: sums that are not those of the conversations, by unit of time. */
async function drift({ id }: TestTenant) {
  const names = Object.keys(CONVERSATION_SUMS)
  const real = Object.entries(CONVERSATION_SUMS).map(([name, part]) => `coalesce(sum(${part}), 0) AS ${name}`)
  const wrong = await server.owner(`
    WITH real AS (
      SELECT minutes, date_bin(minutes * interval '1 minute', c.started_at, '2000-01-01 00:00Z') AS started_at, ${real}
      FROM conversations c, (VALUES (15), (60), (1440)) units (minutes)
      WHERE c.tenant_id = '${id}' AND NOT c.is_test GROUP BY 1, 2
    ), kept AS (
      SELECT minutes, started_at, ${names.map((name) => `sum(${name}) AS ${name}`)}
      FROM conversation_rollups WHERE tenant_id = '${id}' GROUP BY 1, 2
    )
    SELECT minutes, started_at FROM real FULL JOIN kept USING (minutes, started_at)
    WHERE ${names.map((name) => `coalesce(real.${name}, 0) <> coalesce(kept.${name}, 0)`).join(' OR ')}`)
  const [{ slots } = { slots: 0 }] = await server.owner(
    `SELECT count(DISTINCT slot)::int AS slots FROM conversation_rollups WHERE tenant_id = '${id}'`,
  )
  return { wrong, slots: Number(slots) }
}

test('fifty writers at once make no roll-up drift', { timeout: 60_000 }, async () => {
  const tenant = await server.newTenant()
  const startedAt = '2026-05-01T12:00:00Z'
  const log = (externalId: string) =>
    write(tenant.ask, 'logConversation', { externalId, startedAt, status: 'ACTIVE', messages: [said()] })
  for (const externalId of ['shared', 'gone']) await log(externalId)
  // Until the account that made the tenant is no longer active: beside others, a busy tenant has one turn at a time.
  if (server.url) await sleep(1_100)
  // One that takes long, so that others end meanwhile.
  const long = Array.from(
    { length: 30 },
    (_, i) =>
      `log${i}: logConversation(input: { startedAt: "${startedAt}", transcript: "User: ${i}\\nAI: Hi" }) { created }`,
  )
  const answers = await Promise.all([
    tenant.ask(`mutation { ${long.join(' ')} }`),
    ...Array.from({ length: 50 }, (_, i) => {
      if (i % 5 === 0) return write(tenant.ask, 'appendMessages', { by: { externalId: 'shared' }, messages: [said(1)] })
      if (i % 5 === 1)
        return write(tenant.ask, 'updateConversation', {
          by: { externalId: 'shared' },
          outcome: i % 2 ? 'HUMAN_AGENT' : 'EMAIL',
        })
      if (i === 7) return write(tenant.ask, 'deleteConversation', { by: { externalId: 'gone' } }, 'deletedId')
      return log(`log-${i}`)
    }),
  ])
  expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([])
  const { wrong, slots } = await drift(tenant)
  expect(wrong).toEqual([])
  // On PostgreSQL some of them wrote at the same time, and then not to the same rows; PGlite has one connection.
  if (server.url) expect(slots).toBeGreaterThan(1)
  else expect(slots).toBe(1)
})

test('a write that fails after its roll-up leaves neither', async () => {
  const tenant = await server.newTenant()
  const { errors } = await tenant.ask(
    `mutation ($good: LogConversationInput!, $bad: AppendMessagesInput!) {
      logConversation(input: $good) { created }
      appendMessages(input: $bad) { conversation { id } }
    }`,
    { good: { messages: [said()] }, bad: { by: { externalId: 'nobody' }, messages: [said()] } },
  )
  expect(errors).toHaveLength(1)
  expect(await drift(tenant)).toEqual({ wrong: [], slots: 0 })
})

test('what moves from one time to another, or becomes a test, is taken from where it was', async () => {
  const tenant = await server.newTenant()
  for (const externalId of ['a', 'b']) await write(tenant.ask, 'logConversation', { externalId, messages: [said(1)] })
  await write(tenant.ask, 'updateConversation', { by: { externalId: 'a' }, isTest: true })
  expect((await drift(tenant)).wrong).toEqual([])
  await server.owner(
    `UPDATE conversations SET given_started_at = started_at - interval '40 days' WHERE tenant_id = '${tenant.id}'`,
  )
  expect((await drift(tenant)).wrong).toEqual([])
  const [{ conversations } = {}] = await server.owner(
    `SELECT sum(conversations)::int AS conversations FROM conversation_rollups WHERE tenant_id = '${tenant.id}' AND minutes = 1440`,
  )
  expect(conversations).toBe(1)
})

import { describe, expect, inject, test } from 'vitest'
import { countEndUsersOf, languageMetrics, retention, toolMetrics } from '../../src/analytics/breakdowns.sql.ts'
import { agentTotals, intentsOf, repliesOf, sentimentRises } from '../../src/analytics/conversation-insights.sql.ts'
import { facetValues } from '../../src/analytics/facets.sql.ts'
import { countConversations } from '../../src/conversations/conversation-list.sql.ts'
import { metadataKeys } from '../../src/conversations/metadata-keys.sql.ts'
import { Prisma } from '../../src/database/generated/client/client.ts'
import { type Statements, throughPrisma } from '../../src/database/sql-transactions.ts'
import type { Client } from '../../src/database/tenant-scope.ts'
import { transaction, writeAsTenant } from '../../src/database/transaction.ts'
import { startTestServer } from '../support/server.ts'

describe.skipIf(inject('databaseKind') === 'pglite')('on PostgreSQL', async () => {
  const server = await startTestServer()
  const { id: tenantId } = await server.newTenant()
  const reach = { tenantId, admin: false, rowRestriction: null }

  const ways: Record<string, (work: (statements: Statements) => Promise<unknown>) => Promise<unknown>> = {
    'through Prisma': (work) =>
      transaction(server.database, { ...reach, readOnly: false }, (client) => work(throughPrisma(client))),
    'without Prisma': (work) => writeAsTenant(server.database, reach, work),
  }

  test.for(Object.entries(ways))(
    'statements %s that are sent after one that fails fail with its error',
    async ([, way]) => {
      for (const ticks of [0, 1, 5]) {
        const settled: PromiseSettledResult<unknown>[] = []
        const failing = way(async ({ run }) => {
          const first = run(Prisma.sql`SELECT 1 / 0`)
          const others = []
          for (let i = 0; i < 3; i += 1) {
            for (let tick = 0; tick < ticks; tick += 1) await null
            others.push(run(Prisma.sql`SELECT ${i}::int`))
          }
          settled.push(...(await Promise.allSettled([...others, first])))
          await first
        })
        await expect(failing).rejects.toThrow('division by zero')
        expect(settled.map((one) => one.status === 'rejected' && String(one.reason))).toEqual(
          Array(4).fill(expect.stringContaining('division by zero')),
        )
      }
    },
  )

  const conversations = {
    filter: {},
    scope: { tenantId, seesInternals: true, rowRestriction: null },
    period: null,
  } as never
  const { scope } = conversations as { scope: never }
  const reads: Record<string, (client: Client) => Promise<unknown>> = {
    countConversations: (client) => countConversations(client, {}, scope),
    toolMetrics: (client) => toolMetrics(throughPrisma(client), conversations, 1),
    languageMetrics: (client) => languageMetrics(throughPrisma(client), conversations, 1),
    countEndUsersOf: (client) => countEndUsersOf(throughPrisma(client), conversations),
    retention: (client) => retention(throughPrisma(client), conversations, [new Date(0), new Date(1)]),
    intentsOf: (client) => intentsOf(client, [], scope),
    repliesOf: (client) => repliesOf(client, [], scope),
    sentimentRises: (client) => sentimentRises(client, [], scope),
    agentTotals: (client) => agentTotals(client, [], {}, scope),
    facetValues: (client) => facetValues(throughPrisma(client), { scope, filter: {}, fields: ['LABEL', 'AGENT'] }, 1),
    metadataKeys: (client) => metadataKeys(throughPrisma(client), { scope, filter: null, keys: 1, values: 1 }),
  }

  test.for(Object.entries(reads))('%s, sent after a statement that fails, fails with its error', async ([, read]) => {
    const settled: PromiseSettledResult<unknown>[] = []
    const failing = transaction(server.database, { ...reach, readOnly: true }, async (client) => {
      const first = throughPrisma(client).run(Prisma.sql`SELECT 1 / 0`)
      settled.push(...(await Promise.allSettled([read(client), first])))
      await first
    })
    await expect(failing).rejects.toThrow('division by zero')
    expect(settled).toEqual(Array(2).fill({ status: 'rejected', reason: expect.anything() }))
    for (const one of settled) expect(String((one as PromiseRejectedResult).reason)).toContain('division by zero')
  })
})

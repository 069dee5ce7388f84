import { describe, expect, inject, test } from 'vitest'
import { Prisma } from '../../src/database/generated/client/client.ts'
import { type Statements, throughPrisma } from '../../src/database/statements.ts'
import { transaction, writeBehindWall } from '../../src/database/transaction.ts'
import { startTestServer } from '../support/server.ts'

describe.skipIf(inject('databaseKind') === 'pglite')('on PostgreSQL', async () => {
  const server = await startTestServer()
  const { id: tenantId } = await server.newTenant()
  const reach = { tenantId, admin: false, lock: null }

  const ways: Record<string, (work: (statements: Statements) => Promise<unknown>) => Promise<unknown>> = {
    'through Prisma': (work) =>
      transaction(server.database, { ...reach, readOnly: false }, (client) => work(throughPrisma(client))),
    'without Prisma': (work) => writeBehindWall(server.database, reach, work),
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
})

import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Prisma } from '../../src/database/generated/client/client.ts'
import { type Statements, throughPrisma, withRests } from '../../src/database/sql-transactions.ts'
import { transaction } from '../../src/database/transaction.ts'
import { Turn, type Turns } from '../../src/database/turns.ts'
import { DatabaseBudget } from '../../src/fairness/database-budget.ts'
import { startTestServer } from '../support/server.ts'

const server = await startTestServer()
const STATEMENT = Prisma.sql`SELECT 1`

test('a tenant rests before each statement but the first, for the time that the last one took', async () => {
  const events: string[] = []
  const rested: number[] = []
  const statements: Statements = {
    client: null,
    run: async () => {
      events.push('statement')
      await sleep(20)
      return []
    },
  }
  const rest = {
    isOwed: () => true,
    after: async (ms: number) => {
      events.push('rest')
      rested.push(ms)
    },
  }
  const { run } = withRests(statements, rest)
  for (let i = 0; i < 3; i += 1) await run(STATEMENT)
  expect(events).toEqual(['statement', 'rest', 'statement', 'rest', 'statement'])
  expect(Math.min(...rested)).toBeGreaterThan(15)
})

test('a statement that fails counts as well', async () => {
  const rested: number[] = []
  const statements: Statements = {
    client: null,
    run: async () => {
      await sleep(20)
      throw new Error('no such table')
    },
  }
  const { run } = withRests(statements, { isOwed: () => true, after: async (ms) => void rested.push(ms) })
  await expect(run(STATEMENT)).rejects.toThrow('no such table')
  await expect(run(STATEMENT)).rejects.toThrow('no such table')
  expect(rested.length).toBe(1)
})

test('a tenant that owes none when its transaction begins does not rest', async () => {
  const statements: Statements = { client: null, run: async () => [] }
  expect(withRests(statements, { isOwed: () => false, after: async () => {} })).toBe(statements)
})

test('a transaction that only reads outlasts rests that are longer than any of its statements may be', async () => {
  const { id } = await server.newTenant()
  const rest = { isOwed: () => true, after: () => sleep(2_000) }
  const run: Turns['run'] = (_options, work) => work(new Turn(new DatabaseBudget(60_000), rest))
  const timeouts = { statementTimeoutMs: 400, connectTimeoutMs: 400 }
  const database = { ...server.database, ...timeouts, turns: { run } as Turns }
  const scope = { tenantId: id, admin: false, rowRestriction: null, readOnly: true }
  const answered = transaction(database, scope, async (client) => {
    const { run } = throughPrisma(client)
    await run(Prisma.sql`SELECT 1 AS one, pg_sleep(0.01)::text`)
    return run(Prisma.sql`SELECT 2 AS two`)
  })
  expect(await answered).toEqual([{ two: 2 }])
})

import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { Prisma } from '../../src/database/generated/client/client.ts'
import { type Opening, postgresTransactions } from '../../src/database/sql-transactions.ts'
import { openTestDatabase, type TestDatabase } from '../support/database.ts'

const select = (number: number) => Prisma.sql`SELECT ${Prisma.raw(String(number))} AS it WHERE ${true}`

const OPENING: Opening = { mode: '', settings: [], turn: { hold() {} } }

/** Hand-written SQL goes by name, and a pooler in transaction mode lets the names of all processes meet. */
describe.skipIf(inject('databaseKind') === 'pglite')('named statements', () => {
  let opened: TestDatabase
  const pools: pg.Pool[] = []
  beforeAll(async () => {
    opened = await openTestDatabase()
  })
  afterAll(async () => {
    for (const pool of pools) await pool.end()
    await opened.database.close()
  })

  /** What a process reads with, on one connection. */
  function newProcess() {
    const pool = new pg.Pool({ connectionString: String(opened.url), max: 1, pipeline: true })
    pools.push(pool)
    const asked: string[] = []
    const statements = postgresTransactions(pool, (sql) => void asked.push(sql))
    return {
      pool,
      asked,
      statements,
      ask: (number: number) => statements.read(OPENING, select(number)),
      askInside: (number: number) => statements.transaction(OPENING, ({ run }) => run(select(number))),
      named: async () =>
        (await pool.query('SELECT name, statement FROM pg_prepared_statements ORDER BY statement')).rows,
    }
  }

  test('a name means the same statement on every process, in whatever order they came', async () => {
    const [one, other] = [newProcess(), newProcess()]
    for (const number of [1, 2]) expect(await one.ask(number)).toEqual([{ it: number }])
    for (const number of [2, 1]) expect(await other.ask(number)).toEqual([{ it: number }])
    expect(await one.named()).toHaveLength(2)
    expect(await other.named()).toEqual(await one.named())
  })

  test('work that runs no statement begins no transaction, and ends none', async () => {
    const { statements, asked } = newProcess()
    for (const way of [statements.transaction, statements.reading]) {
      expect(await way(OPENING, async () => 'done')).toBe('done')
      await expect(way(OPENING, () => Promise.reject(new Error('refused')))).rejects.toThrow('refused')
    }
    expect(asked).toEqual([])
  })

  test('where a connection has the names of another, each statement is still answered, and none is named again', async () => {
    const one = newProcess()
    await one.ask(1)
    const [{ name }] = await one.named()
    for (const meanwhile of [`PREPARE "${name}" AS SELECT 2`, 'DEALLOCATE ALL']) {
      const other = newProcess()
      // Known to the one of the two that is behind the pooler, or to the other.
      if (meanwhile.startsWith('DEALLOCATE')) await other.ask(1)
      await other.pool.query(meanwhile)
      const before = await other.named()
      for (const number of [1, 3]) expect(await other.ask(number)).toEqual([{ it: number }])
      expect(await other.askInside(1)).toEqual([{ it: 1 }])
      expect(await other.named()).toEqual(before)
    }
  })
})

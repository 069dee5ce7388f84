import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createPool } from '../../src/database/postgres-clients.ts'
import { openTestDatabase, type TestDatabase } from '../support/database.ts'

/** Of two indexes that cost the same on an empty table, PostgreSQL chooses the one that was made last. */
describe.skipIf(inject('databaseKind') === 'pglite')('plans that were made for an empty table', () => {
  let opened: TestDatabase
  let pool: pg.Pool
  beforeAll(async () => {
    opened = await openTestDatabase()
    pool = createPool({ connectionString: String(opened.ownerUrl), max: 1, pipeline: true })
    await pool.query(`
      CREATE TEMPORARY TABLE grown (tenant_id text, name text, id integer, wide character(2000)) WITH (autovacuum_enabled = off);
      CREATE UNIQUE INDEX by_id ON grown (id);
      CREATE UNIQUE INDEX by_name ON grown (tenant_id, name);
      SET plan_cache_mode = force_generic_plan;
      SET enable_bitmapscan = off;
      PREPARE one (text, integer) AS SELECT name FROM grown WHERE tenant_id = $1 AND id = $2`)
  })
  afterAll(async () => {
    await pool.end()
    await opened.database.close()
  })

  const indexUsed = async () => {
    const { rows } = await pool.query(`EXPLAIN EXECUTE one ('t', 1)`)
    return /Index Scan using (\w+)/.exec(rows.map((row) => row['QUERY PLAN']).join('\n'))?.[1]
  }
  /** To the planner, an empty table of wide rows has so few of them that any index will do. */
  const grow = () => pool.query(`INSERT INTO grown SELECT 't', 'name ' || n, n FROM generate_series(1, 20000) n`)

  test('are made anew after a slow transaction', async () => {
    expect(await indexUsed()).toBe('by_name')
    await grow()
    await pool.query('SELECT pg_sleep(0.06)')
    expect(await indexUsed()).toBe('by_id')
  })
})

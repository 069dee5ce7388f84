import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type EmbeddedDatabase, openEmbedded } from '../../../src/database/embedded/open.ts'
import type { Intervals } from '../../../src/database/embedded/upkeep.ts'
import { Turns } from '../../../src/database/turns.ts'
import { newDirectory, useProcesses } from '../../support/process.ts'

const MIB = 1_048_576
const NEVER_MS = 3_600_000

const ROWS = `SELECT i AS id, repeat(md5(i::text), 30) AS text FROM generate_series(1, 10000) AS i`

/** The only value of the first row. */
async function firstValue(session: EmbeddedDatabase['session'], sql: string): Promise<unknown> {
  const [row] = await session.query<Record<string, unknown>>(sql)
  return Object.values(row ?? {})[0]
}

describe.skipIf(inject('databaseKind') === 'postgresql')('the embedded database', () => {
  useProcesses()
  const failures: unknown[] = []
  let opened: EmbeddedDatabase | undefined
  afterAll(() => opened?.close())

  async function open(intervals: Intervals) {
    await opened?.close()
    const dataDir = newDirectory()
    opened = await openEmbedded({ dataDir, connectTimeoutMs: 20_000, fsync: false })
    const { session } = opened
    const turns = new Turns({ statementTimeoutMs: 15_000, connectTimeoutMs: 20_000, connections: 1 })
    const log = join(dataDir, 'database/pg_wal')
    const kept = {
      session,
      /** Bytes in the log's files. */
      logBytes: () =>
        readdirSync(log)
          .map((name) => statSync(join(log, name)))
          .reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0),
      keepUp: () => opened?.keepUp({ turns, onFailure: (error) => failures.push(error), intervals }),
    }
    return kept
  }

  /** Writes so much to the log that checkpoints are due. */
  async function write(session: EmbeddedDatabase['session']) {
    for (let i = 0; i < 12; i += 1) {
      await session.execute(`CREATE TABLE t${i} AS ${ROWS}`)
      await session.execute(`DROP TABLE t${i}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  test('makes checkpoints by size: its log stays small', async () => {
    const { session, logBytes, keepUp } = await open({ measureMs: 5, checkpointMs: NEVER_MS, lookMs: NEVER_MS })
    keepUp()
    await write(session)
    expect(logBytes()).toBeLessThanOrEqual(96 * MIB)
    expect(failures).toEqual([])
  })

  test('makes checkpoints by time, as long as there is anything new', async () => {
    const { session, keepUp } = await open({ measureMs: 5, checkpointMs: 50, lookMs: NEVER_MS })
    const redo = () => firstValue(session, 'SELECT redo_lsn FROM pg_control_checkpoint()')
    keepUp()
    const first = await redo()
    await session.execute('CREATE TABLE small (id integer)')
    await expect.poll(redo, { timeout: 5_000 }).not.toBe(first)
  })

  describe('after many rows were deleted and changed', () => {
    let session: EmbeddedDatabase['session']
    const sizeOf = async (table: string) => Number(await firstValue(session, `SELECT pg_table_size('${table}')`))
    const known = async (table: string) =>
      Number(await firstValue(session, `SELECT reltuples FROM pg_class WHERE relname = '${table}'`))

    beforeAll(async () => {
      const kept = await open({ measureMs: 5, checkpointMs: NEVER_MS, lookMs: 50 })
      session = kept.session
      await session.execute(`CREATE TABLE deleted AS ${ROWS}`)
      await session.execute(`CREATE TABLE "Ünknown table" AS ${ROWS}`)
      await session.execute('DELETE FROM deleted WHERE id > 100')
      kept.keepUp()
      await session.execute('SELECT 1')
    })

    test('gives their room back', async () => {
      await expect.poll(() => sizeOf('deleted'), { timeout: 5_000 }).toBeLessThan(MIB)
    })

    test('tells the planner how many there are', async () => {
      await expect.poll(() => known('deleted'), { timeout: 5_000 }).toBe(100)
      await expect.poll(() => known('Ünknown table'), { timeout: 5_000 }).toBe(10_000)
      expect(failures).toEqual([])
    })

    test('rests if nothing happens', async () => {
      const COUNT = `SELECT vacuum_count + analyze_count FROM pg_stat_all_tables WHERE relname = 'deleted'`
      const count = async () => Number(await firstValue(session, COUNT))
      const before = await count()
      await session.execute('SELECT 1')
      await new Promise((resolve) => setTimeout(resolve, 300))
      expect(before).toBeGreaterThan(0)
      expect(await count()).toBe(before)
    })
  })
})

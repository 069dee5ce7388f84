import { spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, statfsSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, inject, onTestFinished, type TestContext, test } from 'vitest'
import { openEmbedded } from '../../../src/database/embedded/open.ts'
import { Turns } from '../../../src/database/turns.ts'
import { newDirectory, ServerProcess, useProcesses } from '../../support/process.ts'

const MIB = 1_048_576

/** A data directory on a small disk of its own, which takes a superuser of the system; without one the test is skipped. */
function onSmallDisk(skip: TestContext['skip']) {
  const disk = newDirectory()
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=240m', 'tmpfs', disk])
  skip(status !== 0, 'no file system can be mounted here')
  onTestFinished(() => void spawnSync('umount', ['--lazy', disk]))
  const dataDir = join(disk, 'data')
  cpSync(inject('pgliteTemplate'), dataDir, { recursive: true })
  return { dataDir, leave: fillerOf(disk) }
}

/** Fills a disk, or makes room on it, until so much is free. Nobody ever sees more than that. */
function fillerOf(disk: string): (bytes: number) => void {
  const filler = join(disk, 'filler')
  writeFileSync(filler, '')
  return (bytes) => {
    const { bavail, bsize } = statfsSync(disk)
    const surplus = bavail * bsize - bytes
    if (surplus > 0) appendFileSync(filler, Buffer.alloc(surplus))
    else truncateSync(filler, statSync(filler).size + surplus)
  }
}

describe.skipIf(inject('databaseKind') === 'postgresql')('the embedded database on a disk that is full', () => {
  useProcesses()

  test('refuses writes, goes on reading, and writes again once there is room', async ({ skip }) => {
    const { dataDir, leave } = onSmallDisk(skip)
    const server = new ServerProcess({ DATA_DIR: dataDir })
    const key = await server.adminKey()
    await server.ask(key, 'mutation { createTenant(input: { id: "acme", name: "Acme" }) { created } }')
    const ask = async (query: string) => (await server.ask(key, query, { tenantId: 'acme' })).body
    const log = (externalId: string) =>
      ask(
        `mutation { logConversation(input: { externalId: "${externalId}", messages: [{ chat: { role: USER, content: "Hello" } }] }) { created } }`,
      )
    const list = '{ conversations(first: 10) { nodes { externalId } } }'
    const ready = async () => (await server.fetch('/ready')).status

    expect(await log('before')).toMatchObject({ data: { logConversation: { created: true } } })
    // A checkpoint may delete a segment of the log, of 16 MB, at any time.
    for (const bytes of [40 * MIB, 1 * MIB]) {
      leave(bytes)
      expect((await log('refused')).errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }])
      expect((await ask(list)).data).toEqual({ conversations: { nodes: [{ externalId: 'before' }] } })
      await expect.poll(ready, { timeout: 5_000 }).toBe(503)
      expect((await server.fetch('/health')).status).toBe(200)
    }
    leave(70 * MIB)
    expect((await log('still too little')).errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }])
    leave(120 * MIB)
    expect(await log('after')).toMatchObject({ data: { logConversation: { created: true } } })
    await expect.poll(ready, { timeout: 5_000 }).toBe(200)
    expect(await server.stop()).toBe(0)

    leave(40 * MIB)
    const restarted = new ServerProcess({ DATA_DIR: dataDir })
    expect(await restarted.ended).toBe(1)
    expect(restarted.stderr).toContain(`DATA_DIR: the disk of ${dataDir}/database is full`)
  })

  test('begins no upkeep whose log may need more room than there is', async ({ skip }) => {
    const { dataDir, leave } = onSmallDisk(skip)
    const { session, keepUp, close } = await openEmbedded({ dataDir, connectTimeoutMs: 20_000, fsync: false })
    onTestFinished(close)
    await session.execute(
      'CREATE TABLE large AS SELECT i AS id, repeat(md5(i::text), 30) AS text FROM generate_series(1, 20000) AS i',
    )
    await session.execute('DELETE FROM large WHERE id % 2 = 0')
    await session.execute('CHECKPOINT')
    leave(100 * MIB)
    const turns = new Turns({ statementTimeoutMs: 15_000, connectTimeoutMs: 20_000, connections: 1 })
    const failures: unknown[] = []
    const intervals = { measureMs: 5, checkpointMs: 3_600_000, lookMs: 50 }
    keepUp({ turns, onFailure: (error) => failures.push(error), intervals })
    const count = async (kind: string) => {
      const [row] = await session.query<{ count: number }>(
        `SELECT ${kind}_count::int AS count FROM pg_stat_all_tables WHERE relname = 'large'`,
      )
      return row?.count
    }
    // Before, it takes less than a tenth of this.
    await sleep(1_000)
    expect([await count('vacuum'), await count('analyze')]).toEqual([0, 0])
    leave(160 * MIB)
    await expect.poll(() => count('vacuum'), { timeout: 5_000 }).toBeGreaterThan(0)
    expect(failures).toEqual([])
  })
})

import { spawnSync } from 'node:child_process'
import { cpSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { newDirectory, ServerProcess, useProcesses } from '../support/process.ts'

const MIB = 1_048_576

/** A small disk of its own. It takes a superuser of the system; null without one. */
function mountSmallDisk(): string | null {
  const directory = newDirectory()
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=240m', 'tmpfs', directory]).status !== 0) return null
  onTestFinished(() => void spawnSync('umount', ['--lazy', directory]))
  return directory
}

describe.skipIf(inject('databaseKind') === 'postgresql')('the embedded database on a disk that is full', () => {
  useProcesses()

  test('refuses writes, goes on reading, and writes again once there is room', async ({ skip }) => {
    const mounted = mountSmallDisk()
    skip(mounted === null, 'no file system can be mounted here')
    const disk = String(mounted)
    const filler = join(disk, 'filler')
    /** Fills the disk until so much is free. */
    const leave = (bytes: number) => {
      rmSync(filler, { force: true })
      const { bavail, bsize } = statfsSync(disk)
      writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - bytes)))
    }
    const dataDir = join(disk, 'data')
    cpSync(inject('pgliteTemplate'), dataDir, { recursive: true })
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

    expect(await log('before')).toEqual({ data: { logConversation: { created: true } } })
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
    expect(await log('after')).toEqual({ data: { logConversation: { created: true } } })
    await expect.poll(ready, { timeout: 5_000 }).toBe(200)
    expect(await server.stop()).toBe(0)
  })
})

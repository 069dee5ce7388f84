import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { migratedDatabase, newDirectory, ServerProcess, useProcesses } from '../../support/process.ts'

/** It may be missing, or not be permitted to look at other processes. */
const canTrace = spawnSync('strace', ['-f', '-e', 'trace=fsync', 'true']).status === 0
const WRITES = 20

const LOG = `mutation { logConversation(input: { messages: [{ chat: { role: USER, content: "Hello" } }] }) { created } }`

/** Counts how often a process calls fsync from now on, by asking the kernel: PostgreSQL's own word is not enough. */
async function countFsyncs(pid: number, during: () => Promise<void>): Promise<number> {
  const file = join(newDirectory(), 'calls')
  const strace = spawn('strace', ['-f', '-e', 'trace=fsync,fdatasync', '-o', file, '-p', String(pid)])
  await attached(strace)
  await during()
  strace.kill('SIGINT')
  await once(strace, 'close')
  return readFileSync(file, 'utf8').match(/\bf(?:data)?sync\(\d+\) += 0/g)?.length ?? 0
}

async function attached({ stderr }: ChildProcess) {
  let text = ''
  for await (const chunk of stderr ?? []) {
    text += chunk
    if (/attached/.test(text)) return
  }
  throw new Error(`strace is not attached: ${text}`)
}

describe.skipIf(inject('databaseKind') === 'postgresql' || !canTrace)('the embedded database', () => {
  useProcesses()

  async function fsyncsOfWrites(settings: Record<string, string>): Promise<number> {
    const server = new ServerProcess({ ...(await migratedDatabase()), ...settings })
    const key = await server.adminKey()
    const ask = (query: string) => server.ask(key, query, { tenantId: 'acme' })
    await server.ask(key, 'mutation { createTenant(input: { id: "acme", name: "Acme" }) { created } }')
    await ask(LOG)
    const count = await countFsyncs(server.pid, async () => {
      for (let i = 0; i < WRITES; i += 1)
        expect((await ask(LOG)).body.data).toEqual({ logConversation: { created: true } })
    })
    await server.stop('SIGKILL')
    return count
  }

  test('calls fsync for each write that it acknowledges', async () => {
    expect(await fsyncsOfWrites({})).toBeGreaterThanOrEqual(WRITES)
  })

  test('does not if EMBEDDED_FSYNC is false', async () => {
    expect(await fsyncsOfWrites({ EMBEDDED_FSYNC: 'false' })).toBe(0)
  })
})

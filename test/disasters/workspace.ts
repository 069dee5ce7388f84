import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { User } from './child.ts'
import { cleanUpLater } from './clean-up.ts'

export const isRoot = process.getuid?.() === 0

/** A fresh directory, removed at the end; on a disk of its own if it is given a size. */
export function newDirectory({ megabytes, owner }: { megabytes?: number | undefined; owner?: User | undefined } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'parley-disasters-'))
  cleanUpLater(() => rmSync(directory, { recursive: true, force: true }))
  if (megabytes !== undefined) mount(directory, megabytes)
  if (owner) chownSync(directory, owner.uid, owner.gid)
  chmodSync(directory, 0o700)
  return directory
}

function mount(directory: string, megabytes: number) {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', directory])
  cleanUpLater(() => execFileSync('umount', [directory]))
}

/** Fills the disk of a directory to its last byte; what it returns makes room again. */
export function fillDisk(directory: string): () => void {
  const file = join(directory, 'filler')
  const descriptor = openSync(file, 'w')
  try {
    for (const size of [1_048_576, 4_096, 1]) writeUntilFull(descriptor, Buffer.alloc(size))
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  return () => rmSync(file)
}

function writeUntilFull(descriptor: number, chunk: Buffer) {
  try {
    while (writeSync(descriptor, chunk) === chunk.length);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
}

/** One that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

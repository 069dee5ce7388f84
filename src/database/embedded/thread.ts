import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { copyTree } from './copy-tree.ts'
import { DiskSpace } from './disk-space.ts'
import { type EmbeddedPlace, pgliteOptions } from './options.ts'
import { failureOutside, joined, queryMessage, READY_FOR_QUERY, wasLeftOpen } from './wire.ts'

/** What the thread reports besides its answers. */
export interface ThreadNote {
  /** Whether the disk has too little room for writes. */
  diskIsFull: boolean
}

/** Asks for a copy of the files, in a directory that must not exist yet. */
export interface CopyRequest {
  copyTo: string
}

/**
 * The thread in which the embedded database runs, because it blocks the thread it runs in. It receives messages of
 * PostgreSQL's protocol, one or several at a time, and answers each time with everything that the database returned;
 * null closes it. It answers a request for a copy as it would a statement.
 */
async function run(port: MessagePort, place: EmbeddedPlace) {
  const lines: string[] = []
  const keep = (line: string) => {
    lines.push(line)
    return false
  }
  const pglite = await PGlite.create({ ...pgliteOptions(place), onStderr: keep }).catch((cause) => {
    throw new Error(reasonIn(lines) ?? cause.message, { cause })
  })
  const space = new DiskSpace(place.dataDir)
  let isOpen = false
  port.on('message', (messages: Uint8Array | CopyRequest | null) => {
    if (messages === null) return void pglite.close().finally(() => port.close())
    if (!(messages instanceof Uint8Array)) return port.postMessage(copyFiles(place.dataDir, messages))
    if (space.look()) port.postMessage({ diskIsFull: space.isShort } satisfies ThreadNote)
    const setting = settingFor(space.isShort, isOpen)
    if (setting !== null) exchange(pglite, queryMessage(setting))
    const answer = exchange(pglite, messages)
    isOpen = wasLeftOpen(answer)
    port.postMessage(answer, [answer.buffer])
  })
  port.postMessage(null)
}

/** PGlite has one process, which is this one: while it copies, nothing changes the files. */
function copyFiles(from: string, { copyTo }: CopyRequest): Uint8Array {
  try {
    copyTree(from, copyTo)
    return new Uint8Array(READY_FOR_QUERY)
  } catch (error) {
    return new Uint8Array(failureOutside((error as Error).message))
  }
}

let refusesWrites = false

/** The statement that makes writes fail while there is no room for them, with the error of a read-only database. */
function settingFor(diskIsFull: boolean, isOpen: boolean): string | null {
  if (isOpen) return diskIsFull ? 'SET LOCAL transaction_read_only = on' : null
  // Each time: whoever took the connection may have reset it.
  if (!diskIsFull && !refusesWrites) return null
  refusesWrites = diskIsFull
  return `SET default_transaction_read_only = ${diskIsFull ? 'on' : 'off'}`
}

/** The last of PostgreSQL's messages that says why it ended. */
const reasonIn = (lines: readonly string[]) =>
  lines.findLast((line) => /\b(FATAL|PANIC):/.test(line))?.replace(/^.*?\b(FATAL|PANIC): */, '')

/** The raw stream: PGlite's other methods also parse each answer, and keep what they have parsed. */
function exchange(pglite: PGlite, messages: Uint8Array): Uint8Array<ArrayBuffer> {
  const chunks: Uint8Array[] = []
  // It has finished when it returns: the promise is for file systems that are written to later.
  void pglite.execProtocolRawStream(messages, {
    syncToFs: false,
    // The chunks are in the database's own memory, which it reuses.
    onRawData: (chunk) => void chunks.push(chunk.slice()),
  })
  return joined(chunks)
}

// This file is never loaded anywhere else.
await run(parentPort as MessagePort, workerData)

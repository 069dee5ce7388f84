import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** The answer of the process that serves an embedded database to a request for a copy of its files. */
export interface CopyAnswer {
  error: string | null
  /** Includes the wait for its turn. Other statements waited no longer than this. */
  tookMs: number
}

/** Not every operating system accepts a longer path for a socket; Linux accepts 107 bytes. */
const MAX_PATH_BYTES = 103

const isTooLong = (path: string) => Buffer.byteLength(path) > MAX_PATH_BYTES

/** In a directory of its own, because access to that can be restricted before the socket exists. */
const directoryOf = (dataDir: string) => join(dataDir, 'control')
const socketOf = (dataDir: string) => join(directoryOf(dataDir), 'socket')

interface Options {
  dataDir: string
  /** Copies the database's files to a directory that must not exist yet. */
  copy(directory: string): Promise<void>
  onWarning(message: string): void
}

/**
 * Lets this user's other processes ask for a copy of the database while it is open, for `npm run backup`. Call it while
 * holding the lock of the data directory: a socket that exists was left by a process that is gone. Returns a function
 * that ends it.
 */
export function listenForCopyRequests({ dataDir, copy, onWarning }: Options): () => void {
  const path = socketOf(dataDir)
  const fail = (reason: string) =>
    onWarning(`DATA_DIR: npm run backup works only while this server is stopped: ${reason}`)
  if (isTooLong(path)) {
    fail(`${path} is longer than the path of a socket can be (${MAX_PATH_BYTES} bytes). Choose a shorter directory.`)
    return () => {}
  }
  const server = createServer((socket) => void answer(socket, copy))
  server.on('error', (error) => fail(error.message))
  try {
    mkdirSync(directoryOf(dataDir), { recursive: true, mode: 0o700 })
    chmodSync(directoryOf(dataDir), 0o700)
    rmSync(path, { force: true })
    server.listen(path).unref()
  } catch (error) {
    fail((error as Error).message)
  }
  return () => server.close()
}

async function answer(socket: Socket, copy: Options['copy']) {
  let hasLeft = false
  socket.on('error', () => socket.destroy())
  socket.once('close', () => {
    hasLeft = true
  })
  for await (const directory of createInterface(socket)) {
    const answer = await timed(() => copy(directory))
    // Otherwise nobody would remove it.
    if (hasLeft && answer.error === null) rmSync(directory, { recursive: true, force: true })
    else if (!hasLeft) socket.end(`${JSON.stringify(answer)}\n`)
    return
  }
}

async function timed(work: () => Promise<void>): Promise<CopyAnswer> {
  const startMs = performance.now()
  const error = await work().then(
    () => null,
    (error: Error) => error.message,
  )
  return { error, tookMs: Math.round(performance.now() - startMs) }
}

/** Asks the process that has the database open. Returns null if none listens. Both processes must belong to the same user. */
export async function requestCopy(dataDir: string, directory: string): Promise<CopyAnswer | null> {
  const path = socketOf(dataDir)
  if (isTooLong(path)) return null
  const socket = connect(path)
  try {
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  } catch (error) {
    const { code = '' } = error as { code?: string }
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return null
    throw new Error(
      `The server on ${dataDir} can't be asked for a backup (${code}). Run npm run backup as the user that runs Parley.`,
      { cause: error },
    )
  }
  socket.write(`${directory}\n`)
  for await (const line of createInterface(socket)) return JSON.parse(line) as CopyAnswer
  throw new Error('The server exited before it had copied its database.')
}

import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Another process uses the data directory. */
export class DirectoryInUse extends Error {}

/**
 * PGlite has no lock of its own: two processes on one directory lose rows. This one is an exclusive SQLite
 * transaction on a file beside the database, so the operating system drops it however the process ends, `kill -9` too.
 */
export function lockDirectory(dataDir: string): () => void {
  const lock = openLock(dataDir)
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    const { errcode } = error as { errcode?: number }
    if (errcode === SQLITE_NOTADB) {
      throw new Error(`DATA_DIR: ${join(dataDir, 'lock')} is damaged. If no Parley runs on this directory, delete it.`)
    }
    if (errcode !== SQLITE_BUSY) throw unusable(dataDir, error)
    throw new DirectoryInUse(
      `DATA_DIR: another process uses ${dataDir}. Stop it, or give this one a directory of its own.`,
    )
  }
  return () => {
    lock.exec('ROLLBACK')
    lock.close()
  }
}

const SQLITE_BUSY = 5
const SQLITE_NOTADB = 26

function openLock(dataDir: string): DatabaseSync {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    const path = join(dataDir, 'lock')
    const lock = new DatabaseSync(path)
    // SQLite opens a file that it may only read, and then locks nobody out.
    accessSync(path, constants.W_OK)
    return lock
  } catch (error) {
    throw unusable(dataDir, error)
  }
}

export const unusable = (dataDir: string, error: unknown) =>
  new Error(
    `DATA_DIR: ${dataDir} can't be written to: ${error instanceof Error ? error.message : error}. Let the user that runs Parley write to it, make room on its disk, or name another directory.`,
  )

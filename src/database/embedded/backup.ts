import { cpSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { checkCompatibility } from '../compatibility.ts'
import { replaceIncarnation } from '../incarnation.ts'
import { requestCopy } from './copy-requests.ts'
import { copyTree } from './copy-tree.ts'
import { DirectoryInUse, lockDirectory } from './lock.ts'
import { openFiles } from './open.ts'
import { restoringPlace } from './restoring.ts'
import { sync, syncTree } from './sync-tree.ts'

/**
 * Copies the database of a data directory to a directory that must not exist yet. If a server has it open, that server
 * makes the copy: the files are consistent only while nothing writes to them. Returns how long its other work waited,
 * at most.
 */
export async function copyDatabase(dataDir: string, directory: string): Promise<{ waitedMs: number | null }> {
  // Locking the directory would create it.
  if (!existsSync(join(dataDir, 'database'))) throw new Error(`DATA_DIR: there is no database in ${dataDir}.`)
  let unlock: () => void
  try {
    unlock = lockDirectory(dataDir)
  } catch (error) {
    if (!(error instanceof DirectoryInUse)) throw error
    return { waitedMs: await copyByServer(dataDir, directory) }
  }
  try {
    if (existsSync(join(dataDir, 'database-unfinished'))) {
      throw new Error(`DATA_DIR: the database in ${dataDir} was never finished, and is empty.`)
    }
    copyTree(join(dataDir, 'database'), directory)
  } finally {
    unlock()
  }
  return { waitedMs: null }
}

async function copyByServer(dataDir: string, directory: string): Promise<number> {
  const answer = await requestCopy(dataDir, directory)
  if (answer === null) {
    throw new Error(
      `DATA_DIR: another process uses ${dataDir} and can't be asked for a backup: it is starting or stopping, or it has logged why. Try again, or stop it first.`,
    )
  }
  if (answer.error !== null) throw new Error(`The server on ${dataDir} could not copy its database: ${answer.error}`)
  return answer.tookMs
}

/** Files that a data directory may hold before a restore: nothing that anybody could miss. */
const LEFT_BEHIND = ['lock', 'control']

interface Restored {
  /** Holds `database`, and perhaps files that belong beside it. */
  backup: string
  dataDir: string
  /** Names of these files. */
  beside: readonly string[]
}

/**
 * Puts a copy of a database into a data directory, as a new incarnation: resume tokens expire. If this is interrupted,
 * the next start is refused.
 */
export async function restoreDatabase({ backup, dataDir, beside }: Restored): Promise<void> {
  const unlock = lockDirectory(dataDir)
  try {
    const place = restoringPlace(dataDir)
    const expected = [...LEFT_BEHIND, ...(existsSync(place) ? [basename(place), ...beside] : [])]
    const kept = readdirSync(dataDir).find((name) => !expected.includes(name))
    if (kept !== undefined) {
      throw new Error(`DATA_DIR: ${dataDir} is not empty: it has ${kept}. Name a directory that is empty or missing.`)
    }
    rmSync(place, { recursive: true, force: true })
    copyTree(join(backup, 'database'), place)
    await beginNextLife(place)
    for (const name of beside.filter((name) => existsSync(join(backup, name)))) {
      cpSync(join(backup, name), join(dataDir, name))
    }
    syncTree(dataDir)
    renameSync(place, join(dataDir, 'database'))
    sync(dataDir)
  } finally {
    unlock()
  }
}

/** Opening it also shows whether its files are intact. If they are not, the copy is removed. */
async function beginNextLife(place: string): Promise<void> {
  try {
    const { session, close } = await openFiles(place)
    try {
      await checkCompatibility(session)
      await replaceIncarnation(session)
    } finally {
      await close()
    }
  } catch (error) {
    rmSync(place, { recursive: true, force: true })
    throw error
  }
}

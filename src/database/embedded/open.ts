import { accessSync, constants, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type pg from 'pg'
import type { DatabaseConfig } from '../../config.ts'
import { createPool } from '../postgres-clients.ts'
import { clientSession, type Session } from '../session.ts'
import { adviceFor, checkFiles } from './check-files.ts'
import { EmbeddedEngine, within } from './engine.ts'
import { EmbeddedStream } from './stream.ts'
import { sync, syncTree } from './sync-tree.ts'
import { Upkeep, type UpkeepOptions } from './upkeep.ts'

/** What PGlite makes of an empty directory, made once at installation: making it takes seconds, copying it a tenth of one. */
export const EMPTY_DATABASE = join(import.meta.dirname, '../generated/empty-database')

/** An open embedded database. */
export interface EmbeddedDatabase {
  /** Its one connection: transactions run one after the other, and each sees what the one before left behind. */
  pool: pg.Pool
  session: Session
  /** Throws while it can't be written to: it was lost and is being opened again, or its disk is full. */
  refuseIfUnfit(): void
  /**
   * From now on the connection has this role and no other, and a statement that takes too long ends the database's
   * thread.
   */
  serve(options: ServeOptions): Promise<void>
  /** Begins the upkeep that PGlite does not do by itself, in the turns of background work. */
  keepUp(options: UpkeepOptions): void
  close(): Promise<void>
}

interface ServeOptions {
  role: string
  statementTimeoutMs: number
  /** Called each time the database was lost, or could not be opened again. */
  onFailure(error: unknown): void
}

/** Opens the database in a data directory, or refuses if another process has it. */
export async function openEmbedded({
  dataDir,
  connectTimeoutMs,
  fsync = true,
}: Pick<DatabaseConfig, 'dataDir' | 'connectTimeoutMs'> & { fsync?: boolean }): Promise<EmbeddedDatabase> {
  const unlock = lockDirectory(dataDir)
  try {
    return connectTo(await startWhole(dataDir, fsync), connectTimeoutMs, unlock)
  } catch (error) {
    unlock()
    throw error
  }
}

/** Opens the database, and makes it where there is none or where making it was cut short, which PGlite can't tell. */
async function startWhole(dataDir: string, fsync: boolean): Promise<EmbeddedEngine> {
  const place = join(dataDir, 'database')
  const unfinished = join(dataDir, 'database-unfinished')
  if (existsSync(unfinished)) rmSync(place, { recursive: true, force: true })
  if (!existsSync(place)) {
    writeFileSync(unfinished, '')
    copyEmptyDatabase(place, fsync)
  }
  const failure = (cause: unknown, reason: string) =>
    new Error(`DATA_DIR: the database in ${dataDir} can't be opened: ${reason}`, { cause })
  try {
    if (existsSync(place)) checkFiles(place)
  } catch (error) {
    throw failure(error, (error as Error).message)
  }
  const engine = await EmbeddedEngine.start({ dataDir: place, fsync }).catch((error) => {
    const { message } = error as Error
    throw failure(error, `${message.replace(/\.?$/, '.')} ${adviceFor(message)}`)
  })
  rmSync(unfinished, { force: true })
  if (fsync) sync(dataDir)
  return engine
}

function copyEmptyDatabase(place: string, fsync: boolean) {
  if (!existsSync(EMPTY_DATABASE)) return
  try {
    cpSync(EMPTY_DATABASE, place, { recursive: true })
    if (fsync) syncTree(place)
  } catch (error) {
    throw unusable(place, error)
  }
}

/** How long a transaction may go on while the database is being closed. */
const FINISH_WITHIN_MS = 1_000

function connectTo(engine: EmbeddedEngine, connectTimeoutMs: number, unlock: () => void): EmbeddedDatabase {
  const pool = createPool({
    stream: () => new EmbeddedStream(engine),
    max: 1,
    // Reconnecting would be of no use.
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: connectTimeoutMs,
    pipeline: true,
  })
  const session = clientSession(pool)
  let upkeep: Upkeep | null = null
  return {
    pool,
    session,
    refuseIfUnfit: () => engine.refuseIfUnfit(),
    async serve({ role, statementTimeoutMs, onFailure }) {
      engine.onFailure = onFailure
      engine.serve({ role, statementTimeoutMs })
      await session.execute(`SET ROLE ${role}`)
    },
    keepUp(options) {
      upkeep = new Upkeep({ engine, ...options })
    },
    async close() {
      upkeep?.close()
      await within(FINISH_WITHIN_MS, pool.end())
      await engine.close()
      unlock()
    },
  }
}

/**
 * PGlite has no lock of its own: two processes on one directory lose rows. This one is an exclusive SQLite
 * transaction on a file beside the database, so the operating system drops it however the process ends, `kill -9` too.
 */
function lockDirectory(dataDir: string): () => void {
  const lock = openLock(dataDir)
  try {
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw unusable(dataDir, error)
    throw new Error(`DATA_DIR: another process uses ${dataDir}. Stop it, or give this one a directory of its own.`)
  }
  return () => {
    lock.exec('ROLLBACK')
    lock.close()
  }
}

const SQLITE_BUSY = 5

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

const unusable = (dataDir: string, error: unknown) =>
  new Error(
    `DATA_DIR: ${dataDir} can't be written to: ${error instanceof Error ? error.message : error}. Let the user that runs Parley write to it, make room on its disk, or name another directory.`,
  )

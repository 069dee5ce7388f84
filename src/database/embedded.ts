import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type pg from 'pg'
import type { DatabaseConfig } from '../config.ts'
import { EmbeddedEngine, within } from './embedded-engine.ts'
import { EmbeddedStream } from './embedded-stream.ts'
import { createPool } from './postgres-clients.ts'
import { clientSession, type Session } from './session.ts'

/** What PGlite makes of an empty directory, made once at installation: making it takes seconds, copying it a tenth of one. */
export const EMPTY_DATABASE = join(import.meta.dirname, 'generated/empty-database')

/** An open embedded database. */
export interface EmbeddedDatabase {
  /** Its one connection: transactions run one after the other, and each sees what the one before left behind. */
  pool: pg.Pool
  session: Session
  /** Throws while the database, after it was lost, is being opened again. */
  refuseIfLost(): void
  /**
   * From now on the connection has this role and no other, and a statement that takes too long ends the database's
   * thread.
   */
  serve(options: ServeOptions): Promise<void>
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
}: Pick<DatabaseConfig, 'dataDir' | 'connectTimeoutMs'>): Promise<EmbeddedDatabase> {
  const unlock = lockDirectory(dataDir)
  try {
    return connectTo(await startWhole(dataDir), connectTimeoutMs, unlock)
  } catch (error) {
    unlock()
    throw error
  }
}

/** Opens the database, and makes it where there is none or where making it was cut short, which PGlite can't tell. */
async function startWhole(dataDir: string): Promise<EmbeddedEngine> {
  const place = join(dataDir, 'database')
  const unfinished = join(dataDir, 'database-unfinished')
  if (existsSync(unfinished)) rmSync(place, { recursive: true, force: true })
  if (!existsSync(place)) {
    writeFileSync(unfinished, '')
    if (existsSync(EMPTY_DATABASE)) cpSync(EMPTY_DATABASE, place, { recursive: true })
  }
  const engine = await EmbeddedEngine.start(place).catch((error) => {
    throw new Error(`DATA_DIR: the database in ${dataDir} can't be opened: ${error.message}`, { cause: error })
  })
  rmSync(unfinished, { force: true })
  return engine
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
  return {
    pool,
    session,
    refuseIfLost: () => engine.refuseIfLost(),
    async serve({ role, statementTimeoutMs, onFailure }) {
      engine.onFailure = onFailure
      engine.serve({ role, statementTimeoutMs })
      await session.execute(`SET ROLE ${role}`)
    },
    async close() {
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
    return new DatabaseSync(join(dataDir, 'lock'))
  } catch (error) {
    throw unusable(dataDir, error)
  }
}

const unusable = (dataDir: string, error: unknown) =>
  new Error(`DATA_DIR: ${dataDir} can't be used: ${error instanceof Error ? error.message : error}`)

import { cpSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type pg from 'pg'
import type { DatabaseConfig } from '../../config.ts'
import { createPool } from '../postgres-clients.ts'
import { clientSession, type Session } from '../session.ts'
import { adviceFor, checkFiles } from './check-files.ts'
import { EmbeddedEngine } from './engine.ts'
import { lockDirectory, unusable } from './lock.ts'
import { within } from './open-thread.ts'
import { refuseUnfinishedRestore } from './restoring.ts'
import { EmbeddedStream } from './stream.ts'
import { sync, syncTree } from './sync-tree.ts'
import { Upkeep, type UpkeepOptions } from './upkeep.ts'

/** An empty database of PGlite, created once at installation: creating it takes seconds, copying it a tenth of a second. */
export const EMPTY_DATABASE = join(import.meta.dirname, '../generated/empty-database')

/** An open embedded database. */
export interface EmbeddedDatabase {
  /** Its only connection: transactions run one after the other, and each sees what the one before left. */
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
  /**
   * Copies its files to a directory that must not exist yet. The copy has everything that was committed before, and
   * recovers as after a crash when it is opened. Statements wait while it is copied.
   */
  copyTo(directory: string): Promise<void>
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
    refuseUnfinishedRestore(dataDir)
    return connectTo(await startWhole(dataDir, fsync), connectTimeoutMs, unlock)
  } catch (error) {
    unlock()
    throw error
  }
}

/** Opens the database. Creates it if there is none, or if creating it was interrupted, which PGlite can't tell. */
async function startWhole(dataDir: string, fsync: boolean): Promise<EmbeddedEngine> {
  const place = join(dataDir, 'database')
  const unfinished = join(dataDir, 'database-unfinished')
  if (existsSync(unfinished)) rmSync(place, { recursive: true, force: true })
  if (!existsSync(place)) {
    writeFileSync(unfinished, '')
    copyEmptyDatabase(place, fsync)
  }
  const engine = await startEngine(place, fsync).catch((error: Error) => {
    throw new Error(`DATA_DIR: the database in ${dataDir} can't be opened: ${error.message}`, { cause: error })
  })
  rmSync(unfinished, { force: true })
  if (fsync) sync(dataDir)
  return engine
}

/** Opens the database whose files are in this directory. Rejects with the reason, and what to do about it. */
async function startEngine(place: string, fsync: boolean): Promise<EmbeddedEngine> {
  if (existsSync(place)) checkFiles(place)
  return EmbeddedEngine.start({ dataDir: place, fsync }).catch((error: Error) => {
    throw new Error(`${error.message.replace(/\.?$/, '.')} ${adviceFor(error.message)}`, { cause: error })
  })
}

/** Opens files that are not a data directory's database yet. Nobody else may use them. */
export async function openFiles(place: string): Promise<EmbeddedDatabase> {
  return connectTo(await startEngine(place, true), CONNECT_WITHIN_MS, () => {})
}

const CONNECT_WITHIN_MS = 60_000

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
    copyTo: (directory) => engine.copyTo(directory),
    async close() {
      upkeep?.close()
      await within(FINISH_WITHIN_MS, pool.end())
      await engine.close()
      unlock()
    },
  }
}

import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PGlite } from '@electric-sql/pglite'
import { btree_gin } from '@electric-sql/pglite/contrib/btree_gin'
import type { Prisma } from './generated/client/client.ts'
import type { Session } from './session.ts'
import type { Opening, PlainTransactions, Statements } from './statements.ts'

/** Its shared memory is filled with zeros at every start: PostgreSQL's 128 MB took 0.6 s of it. */
const SHARED_BUFFERS = '16MB'

export const EMBEDDED_OPTIONS = {
  extensions: { btree_gin },
  startParams: [...PGlite.defaultStartParams, '-c', `shared_buffers=${SHARED_BUFFERS}`],
}

/** What PGlite makes of an empty directory, made once at installation: making it takes seconds, copying it a tenth of one. */
export const EMPTY_DATABASE = join(import.meta.dirname, 'generated/empty-database')

export interface EmbeddedDatabase {
  pglite: PGlite
  session: Session
  close(): Promise<void>
}

/** Opens the PGlite of a data directory, or refuses when another process has it. */
export async function openEmbedded(dataDir: string): Promise<EmbeddedDatabase> {
  const unlock = lockDirectory(dataDir)
  try {
    const pglite = await createWhole(dataDir)
    return {
      pglite,
      session: pgliteSession(pglite),
      async close() {
        await pglite.close()
        unlock()
      },
    }
  } catch (error) {
    unlock()
    throw error
  }
}

/** Opens the database, and makes it where there is none or where making it was cut short, which PGlite can't tell. */
async function createWhole(dataDir: string): Promise<PGlite> {
  const place = join(dataDir, 'database')
  const unfinished = join(dataDir, 'database-unfinished')
  if (existsSync(unfinished)) rmSync(place, { recursive: true, force: true })
  if (!existsSync(place)) {
    writeFileSync(unfinished, '')
    if (existsSync(EMPTY_DATABASE)) cpSync(EMPTY_DATABASE, place, { recursive: true })
  }
  const pglite = await PGlite.create({ dataDir: place, ...EMBEDDED_OPTIONS })
  rmSync(unfinished, { force: true })
  return pglite
}

export function pgliteSession(pglite: PGlite): Session {
  return {
    execute: async (sql) => void (await pglite.exec(sql)),
    query: async <Row extends object>(sql: string, parameters?: unknown[]) =>
      (await pglite.query<Row>(sql, parameters)).rows,
  }
}

/** Its transactions run one after the other: each sees what the one before has left. */
export function embeddedTransactions(
  pglite: PGlite,
  onStatement: ((sql: string) => void) | undefined,
): PlainTransactions {
  const transaction = async <Result>(
    { mode, settings }: Opening,
    work: (statements: Statements) => Promise<Result>,
  ): Promise<Result> => {
    const opening = [...(mode ? [`SET TRANSACTION ${mode}`] : []), ...settings].join(';')
    const result = await pglite.transaction(async (tx) => {
      onStatement?.(opening)
      await tx.exec(opening)
      return work({
        client: null,
        async run<Row>({ text, values }: Prisma.Sql) {
          onStatement?.(text)
          return (await tx.query<Row>(text, values)).rows
        },
      })
    })
    onStatement?.('COMMIT')
    return result
  }
  return {
    transaction,
    reading: transaction,
    read: <Row>(opening: Opening, statement: Prisma.Sql) => transaction(opening, ({ run }) => run<Row>(statement)),
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

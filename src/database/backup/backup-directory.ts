import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import * as v from 'valibot'
import { version } from '../compatibility.ts'
import { sync, syncTree } from '../embedded/sync-tree.ts'

const FORMAT = 1

/** What a backup says about itself, in its file backup.json. It is the last file written. */
export type BackupRecord = { format: typeof FORMAT; madeAt: string; parley: string } & BackupContents

export type BackupContents = { kind: 'embedded' } | PostgresContents

export interface PostgresContents {
  kind: 'postgresql'
  /** The role that owns the tables. */
  owner: string
  /** All roles that the database names, which a dump does not contain. */
  roles: string[]
  protection: Protection
}

/** Counts of what keeps tenants apart, to compare after a restore. */
export interface Protection {
  forcedTables: number
  policies: number
  definerFunctions: number
}

const RECORD = 'backup.json'

/**
 * Makes a backup in a directory that must not exist yet. It has another name until it is complete and on disk, so that
 * an interrupted one is never mistaken for a backup.
 */
export async function makeBackup(
  target: string,
  fill: (directory: string) => Promise<BackupContents>,
): Promise<BackupRecord> {
  if (existsSync(target)) throw new Error(`${target} exists already. Name a directory that doesn't.`)
  mkdirSync(dirname(target), { recursive: true })
  const unfinished = mkdtempSync(join(dirname(target), `${basename(target)}.unfinished-`))
  try {
    const madeAt = new Date().toISOString()
    const record: BackupRecord = { format: FORMAT, madeAt, parley: version, ...(await fill(unfinished)) }
    writeFileSync(join(unfinished, RECORD), `${JSON.stringify(record, null, 2)}\n`)
    syncTree(unfinished)
    renameSync(unfinished, target)
    sync(dirname(target))
    return record
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    throw error
  }
}

const count = v.pipe(v.number(), v.integer())
const Record = v.intersect([
  v.object({ format: v.number(), madeAt: v.string(), parley: v.string() }),
  v.variant('kind', [
    v.object({ kind: v.literal('embedded') }),
    v.object({
      kind: v.literal('postgresql'),
      owner: v.string(),
      roles: v.array(v.string()),
      protection: v.object({ forcedTables: count, policies: count, definerFunctions: count }),
    }),
  ]),
])

function loadRecord(path: string): BackupRecord {
  try {
    return v.parse(Record, JSON.parse(readFileSync(path, 'utf8'))) as BackupRecord
  } catch (error) {
    throw new Error(`${path} is damaged (${(error as Error).message}). Restore another backup.`, { cause: error })
  }
}

/** Throws if this is not a complete backup, or is one of another kind of database. */
export function readBackup<Kind extends BackupRecord['kind']>(
  directory: string,
  kind: Kind,
): Extract<BackupRecord, { kind: Kind }> {
  const path = join(directory, RECORD)
  if (!existsSync(path)) throw new Error(`${directory} is not a backup, or an incomplete one: ${path} is missing.`)
  const record = loadRecord(path)
  if (record.format !== FORMAT) {
    throw new Error(`${directory} was made by Parley ${record.parley}, whose backups this version can't read.`)
  }
  if (record.kind !== kind) {
    throw new Error(
      record.kind === 'embedded'
        ? `${directory} is a backup of an embedded database. Restore it without DATABASE_URL, into DATA_DIR.`
        : `${directory} is a backup of a PostgreSQL database. Name the database to restore it into in DATABASE_URL and DATABASE_OWNER_URL.`,
    )
  }
  return record as Extract<BackupRecord, { kind: Kind }>
}

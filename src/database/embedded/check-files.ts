import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** PGlite's major version of PostgreSQL. */
const POSTGRESQL = '18'

/** Files that PostgreSQL writes to at every start. */
const WRITTEN = ['global', 'global/pg_control', 'pg_wal']

const RESTORE =
  'Restore a backup as src/database/README.md says under "Backup and restore", or name another directory to start with an empty database.'

/** Throws if these are not the files of a database that can be opened, with what to do about it. */
export function checkFiles(place: string): void {
  if (!statSync(place).isDirectory()) throw new Error(`${place} is not a directory. ${RESTORE}`)
  // Otherwise its files would seem to be missing.
  checkWritable(place)
  // Without PG_VERSION, PGlite would create an empty database over this one. Without postgresql.conf, it fails and gives no reason.
  for (const name of ['PG_VERSION', 'postgresql.conf']) {
    const path = join(place, name)
    if (!existsSync(path)) throw new Error(`its files are damaged: ${path} is missing. ${RESTORE}`)
  }
  const version = readFileSync(join(place, 'PG_VERSION'), 'utf8').trim()
  if (!/^\d+$/.test(version))
    throw new Error(`its files are damaged: ${join(place, 'PG_VERSION')} holds no version. ${RESTORE}`)
  if (version !== POSTGRESQL) {
    throw new Error(
      `it was made by PostgreSQL ${version}, and this version of Parley needs ${POSTGRESQL}. Start the version of Parley that made it, or restore a backup of it.`,
    )
  }
  for (const name of WRITTEN) checkWritable(join(place, name))
}

function checkWritable(path: string) {
  // A file that is missing is reported by PostgreSQL.
  if (!existsSync(path)) return
  try {
    const isDirectory = statSync(path).isDirectory()
    accessSync(path, constants.R_OK | constants.W_OK | (isDirectory ? constants.X_OK : 0))
  } catch (error) {
    throw new Error(
      `${path} is read-only for this process (${(error as { code?: string }).code}). Let the user that runs Parley write to it, or name another directory.`,
      { cause: error },
    )
  }
}

/** What to do if the database can't be opened for another reason, which PostgreSQL has given. */
export function adviceFor(reason: string): string {
  if (/No space left/i.test(reason)) return 'Make room on its disk.'
  if (/Permission denied|Read-only file system/i.test(reason)) {
    return 'Let the user that runs Parley write to its files, or name another directory.'
  }
  return `Its files are damaged, or something else has changed them. ${RESTORE}`
}

import { SECRET_FILE } from '../auth/data-dir-secret.ts'
import { type DatabaseConfig, parseConfig } from '../config.ts'
import { readBackup } from '../database/backup/backup-directory.ts'
import { typed } from '../database/backup/client-program.ts'
import { restoreCall, restorePostgres } from '../database/backup/restore-postgres.ts'
import { restoreDatabase } from '../database/embedded/backup.ts'
import { reportFailure } from '../log.ts'
import { NOTHING_TO_PRINT, parseBackupArguments } from './backup-arguments.ts'
import { untilSignal } from './until-signal.ts'

/** `npm run restore -- directory`: puts a backup into the configured database, which must be empty. */
async function main() {
  const { database } = parseConfig(process.env)
  const { directory, prints } = parseBackupArguments('restore', process.argv.slice(2))
  if (database.url === undefined) {
    if (prints) throw new Error(NOTHING_TO_PRINT)
    readBackup(directory, 'embedded')
    await restoreDatabase({ backup: directory, dataDir: database.dataDir, beside: [SECRET_FILE] })
    process.stderr.write(`Restored into ${database.dataDir}. ${NEXT}\n`)
  } else await intoPostgres({ ...database, url: database.url }, directory, prints)
}

const NEXT = 'All resume tokens have expired: subscribers read their lists again. Start the server.'

async function intoPostgres(
  config: DatabaseConfig & { url: string },
  directory: string,
  prints: boolean,
): Promise<void> {
  const { ownerUrl } = config
  if (ownerUrl === undefined) throw new Error('DATABASE_OWNER_URL: is missing. Name the role that owns the tables.')
  const backup = readBackup(directory, 'postgresql')
  if (prints) {
    process.stdout.write(`${typed(restoreCall(ownerUrl, directory))}\n`)
    return
  }
  const made = await untilSignal((signal) =>
    restorePostgres({ config: { ...config, ownerUrl }, directory, backup, signal }),
  )
  const roles =
    made.length === 0 ? '' : `These roles were created, and can’t log in until you let them: ${made.join(', ')}.\n`
  process.stderr.write(`${roles}Restored, with all roles and policies. ${NEXT}\n`)
}

main().catch(reportFailure)

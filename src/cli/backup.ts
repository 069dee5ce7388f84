import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { SECRET_FILE } from '../auth/data-dir-secret.ts'
import { type DatabaseConfig, parseConfig } from '../config.ts'
import { backUpPostgres, dumpCall, NO_BACKUP_URL } from '../database/backup/back-up-postgres.ts'
import { type BackupContents, makeBackup } from '../database/backup/backup-directory.ts'
import { typed } from '../database/backup/client-program.ts'
import { copyDatabase } from '../database/embedded/backup.ts'
import { sizeOf } from '../database/embedded/copy-tree.ts'
import { reportFailure } from '../log.ts'
import { NOTHING_TO_PRINT, parseBackupArguments } from './backup-arguments.ts'
import { untilSignal } from './until-signal.ts'

/** `npm run backup -- directory`: a backup of the configured database, whether or not a server runs on it. */
async function main() {
  const { database, backupUrl } = parseConfig(process.env)
  const { directory, prints } = parseBackupArguments('backup', process.argv.slice(2))
  if (database.url !== undefined && backupUrl === undefined) throw new Error(NO_BACKUP_URL)
  if (prints) {
    if (backupUrl === undefined) throw new Error(NOTHING_TO_PRINT)
    process.stdout.write(`${typed(dumpCall(backupUrl, directory))}\n`)
    return
  }
  const fill = (unfinished: string, signal: AbortSignal) =>
    backupUrl === undefined
      ? copyDirectory(database, unfinished)
      : backUpPostgres({ ...database, backupUrl, servingUrl: database.url }, unfinished, signal)
  const { madeAt } = await untilSignal((signal) => makeBackup(directory, (unfinished) => fill(unfinished, signal)))
  const megabytes = (sizeOf(directory) / 1_000_000).toFixed(1)
  process.stderr.write(`${directory} (${megabytes} MB) has everything that was stored by ${madeAt}.\n`)
}

async function copyDirectory({ dataDir }: DatabaseConfig, directory: string): Promise<BackupContents> {
  const { waitedMs } = await copyDatabase(dataDir, join(directory, 'database'))
  if (waitedMs !== null) process.stderr.write(`Requests to the server waited for up to ${waitedMs} ms.\n`)
  // A deployment that sets its own secret has no such file.
  const secret = join(dataDir, SECRET_FILE)
  if (existsSync(secret)) copyFileSync(secret, join(directory, SECRET_FILE))
  return { kind: 'embedded' }
}

main().catch(reportFailure)

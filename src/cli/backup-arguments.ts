import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { refuseSecrets } from './secret-arguments.ts'

interface BackupArguments {
  directory: string
  /** Only shows the PostgreSQL command that would be run. */
  prints: boolean
}

export const NOTHING_TO_PRINT = '--print: shows a PostgreSQL command, and the embedded database has none.'

/** For `npm run backup` and `npm run restore`. */
export function parseBackupArguments(script: 'backup' | 'restore', args: string[]): BackupArguments {
  refuseSecrets(args)
  const { values, positionals } = parseArgs({ args, options: { print: { type: 'boolean' } }, allowPositionals: true })
  const [directory, ...more] = positionals
  if (directory === undefined || more.length > 0 || /[\r\n]/.test(directory)) {
    throw new Error(`Name one directory: npm run ${script} -- parley-backup`)
  }
  return { directory: resolve(directory), prints: values.print === true }
}

import { keyIdOf } from '../auth/api-key.ts'
import { parseConfig } from '../config.ts'
import { makeAdminKey } from '../credentials/bootstrap-keys.ts'
import { connect } from '../database/connect.ts'
import { reportFailure } from '../log.ts'
import { refuseSecrets } from './secret-arguments.ts'

/**
 * `npm run admin-key [-- name]`: creates another ADMIN key in the configured database, for someone who has lost all
 * others. Standard output is only the secret, so that it can be piped to where it belongs.
 */
async function main() {
  refuseSecrets(process.argv.slice(2))
  const config = parseConfig(process.env, (key) => keyIdOf(key) !== null)
  const database = await connect(config.database, { onWarning: console.error })
  try {
    const secret = await makeAdminKey(database, process.argv[2] ?? 'Admin key made by npm run admin-key')
    process.stderr.write('An ADMIN key, not shown again:\n')
    process.stdout.write(`${secret}\n`)
  } finally {
    await database.close()
  }
}

main().catch(reportFailure)

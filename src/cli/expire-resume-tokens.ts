import { existsSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { type DatabaseConfig, parseConfig } from '../config.ts'
import { openEmbedded } from '../database/embedded/open.ts'
import { replaceIncarnation } from '../database/incarnation.ts'
import { clientSession } from '../database/session.ts'
import { reportFailure } from '../log.ts'

/**
 * `npm run expire-resume-tokens`: run it on a restored database before the database serves. Changes made since the
 * backup are gone, so no subscriber may continue from a resume token of that time.
 */
async function main() {
  const { database } = parseConfig(process.env)
  const replaced = await (database.url === undefined ? inDirectory(database) : onServer(database))
  process.stderr.write(
    replaced
      ? 'All resume tokens have expired: subscribers read their lists again.\n'
      : 'Nothing to do: this database is of an older version, whose resume tokens expire when the next start migrates it.\n',
  )
}

async function inDirectory(config: DatabaseConfig): Promise<boolean> {
  // Opening it would create one.
  if (!existsSync(join(config.dataDir, 'database')))
    throw new Error(`DATA_DIR: there is no database in ${config.dataDir}.`)
  const embedded = await openEmbedded(config)
  return replaceIncarnation(embedded.session).finally(() => embedded.close())
}

async function onServer({ ownerUrl, connectTimeoutMs }: DatabaseConfig): Promise<boolean> {
  if (ownerUrl === undefined) throw new Error('DATABASE_OWNER_URL: is missing. Name the role that owns the tables.')
  const owner = new pg.Client({ connectionString: ownerUrl, connectionTimeoutMillis: connectTimeoutMs })
  await owner.connect()
  return replaceIncarnation(clientSession(owner)).finally(() => owner.end())
}

main().catch(reportFailure)

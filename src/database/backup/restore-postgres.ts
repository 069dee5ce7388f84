import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { DatabaseConfig } from '../../config.ts'
import { connect } from '../connect.ts'
import { replaceIncarnation } from '../incarnation.ts'
import { createClient } from '../postgres-clients.ts'
import { createRolesOfBackup, createServingRole, whileOwningFunctions } from '../roles.ts'
import { clientSession, type Session } from '../session.ts'
import { refuseUnfitDatabase } from '../unfit-database.ts'
import { DUMP } from './back-up-postgres.ts'
import type { PostgresContents, Protection } from './backup-directory.ts'
import { type ProgramCall, runProgram, withoutPassword } from './client-program.ts'
import { readProtection } from './protection.ts'

export const restoreCall = (ownerUrl: string, directory: string): ProgramCall => ({
  program: 'pg_restore',
  args: ['--single-transaction', '--exit-on-error', join(directory, DUMP)],
  ...withoutPassword(ownerUrl),
})

interface Restored {
  config: DatabaseConfig & { url: string; ownerUrl: string }
  directory: string
  backup: PostgresContents
  signal: AbortSignal
}

/**
 * Restores a backup into an empty database, with the roles that it needs, as a new incarnation of the database: resume
 * tokens expire. Then it does what a start does: migrates, grants the serving role access, and checks that this role
 * sees no tenant's rows by itself. Returns the roles that were created and may not log in.
 */
export async function restorePostgres({ config, directory, backup, signal }: Restored): Promise<string[]> {
  const { url, ownerUrl, connectTimeoutMs } = config
  const owner = createClient({
    connectionString: ownerUrl,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: 'parley restore',
  })
  await owner.connect().catch((error: Error) => {
    throw new Error(`DATABASE_OWNER_URL: the database can't be reached: ${error.message}`, { cause: error })
  })
  let made: string[]
  try {
    const session = clientSession(owner)
    await refuseUnfitDatabase('DATABASE_OWNER_URL', session)
    await refuseFullDatabase(session)
    await refuseOtherOwner(session, backup)
    const { username, password } = new URL(url)
    await createServingRole(session, decodeURIComponent(username), decodeURIComponent(password))
    made = await createRolesOfBackup(session, [backup.owner, ...backup.roles])
    await whileOwningFunctions(session, () => runProgram(restoreCall(ownerUrl, directory), signal))
    refuseMissingProtection(backup.protection, await readProtection(session))
    await replaceIncarnation(session)
    // A dump has no statistics, without which queries are planned badly.
    await session.execute('ANALYZE')
  } finally {
    await owner.end()
  }
  await (await connect(config)).close()
  return made
}

/** Extensions that are always there do not count. */
async function refuseFullDatabase(session: Session): Promise<void> {
  const [found] = await session.query<{ name: string }>(`
    SELECT oid::regclass::text AS name FROM pg_class
    WHERE relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
      AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')
    LIMIT 1`)
  if (found) {
    throw new Error(
      `DATABASE_OWNER_URL: this database is not empty: it has ${found.name}. Create an empty one, and name it in DATABASE_URL and DATABASE_OWNER_URL.`,
    )
  }
}

async function refuseOtherOwner(session: Session, { owner }: PostgresContents): Promise<void> {
  const [role] = await session.query<{ name: string; rolsuper: boolean }>(
    'SELECT rolname AS name, rolsuper FROM pg_roles WHERE rolname = current_user',
  )
  if (role?.rolsuper || role?.name === owner) return
  throw new Error(
    `DATABASE_OWNER_URL: the tables of this backup belong to role "${owner}", and "${role?.name}" can’t create tables for it. Name "${owner}" itself, or a superuser.`,
  )
}

function refuseMissingProtection(expected: Protection, found: Protection) {
  if (isDeepStrictEqual(expected, found)) return
  throw new Error(
    `The restored database must not be served: the backup has ${JSON.stringify(expected)}, and the database ${JSON.stringify(found)}.`,
  )
}

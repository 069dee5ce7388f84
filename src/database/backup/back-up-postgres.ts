import { join } from 'node:path'
import { createClient } from '../postgres-clients.ts'
import { clientSession, type Session } from '../session.ts'
import type { PostgresContents } from './backup-directory.ts'
import { type ProgramCall, runProgram, withoutPassword } from './client-program.ts'
import { readProtection } from './protection.ts'

/** The file of a backup that pg_dump writes. */
export const DUMP = 'database.dump'

interface Options {
  backupUrl: string
  /** The URL of the role that serves, if it is known. */
  servingUrl: string | undefined
  connectTimeoutMs: number
}

const PERMITTED_ROLE = `As a superuser, create one with
  CREATE ROLE parley_backup LOGIN BYPASSRLS IN ROLE pg_read_all_data;
  \\password parley_backup
and name it in BACKUP_URL.`

export const NO_BACKUP_URL = `BACKUP_URL: is missing. Name a role that may read every row. The owner of the tables may not: row-level security applies to it, too. ${PERMITTED_ROLE}`

export const dumpCall = (backupUrl: string, directory: string, snapshot?: string): ProgramCall => ({
  program: 'pg_dump',
  args: [
    '--format=custom',
    ...(snapshot === undefined ? [] : [`--snapshot=${snapshot}`]),
    `--file=${join(directory, DUMP)}`,
  ],
  ...withoutPassword(backupUrl),
})

/** Dumps the database into a directory, and returns what a dump does not contain: the roles that it needs. */
export async function backUpPostgres(
  { backupUrl, servingUrl, connectTimeoutMs }: Options,
  directory: string,
  signal: AbortSignal,
): Promise<PostgresContents> {
  const client = createClient({
    connectionString: backupUrl,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: 'parley backup',
  })
  await client.connect().catch((error: Error) => {
    throw new Error(`BACKUP_URL: the database can't be reached: ${error.message}`, { cause: error })
  })
  try {
    const session = clientSession(client)
    await refuseRoleThatMissesRows(session, servingUrl)
    // What is read here and what pg_dump reads comes from one snapshot.
    await session.execute('SET idle_in_transaction_session_timeout = 0')
    await session.execute('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const contents = await readContents(session)
    const [{ snapshot } = { snapshot: '' }] = await session.query<{ snapshot: string }>(
      'SELECT pg_export_snapshot() AS snapshot',
    )
    await runProgram(dumpCall(backupUrl, directory, snapshot), signal)
    return contents
  } finally {
    await client.end()
  }
}

async function refuseRoleThatMissesRows(session: Session, servingUrl: string | undefined): Promise<void> {
  const [role] = await session.query<{ name: string; reads_past_policies: boolean; reads_all_tables: boolean }>(`
    SELECT rolname AS name, rolsuper OR rolbypassrls AS reads_past_policies,
      NOT EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'S')
        AND NOT has_table_privilege(oid, 'SELECT')) AS reads_all_tables
    FROM pg_roles WHERE rolname = current_user`)
  const name = role?.name ?? ''
  const refuse = (reason: string) => {
    throw new Error(`BACKUP_URL: role "${name}" ${reason} ${PERMITTED_ROLE}`)
  }
  if (servingUrl !== undefined && decodeURIComponent(new URL(servingUrl).username) === name) {
    refuse('is the one that serves (DATABASE_URL), which must not see the rows of all tenants.')
  }
  if (!role?.reads_past_policies) refuse('can’t read past row-level security: a backup would lack rows.')
  if (!role?.reads_all_tables) refuse('may not read every table.')
}

async function readContents(session: Session): Promise<PostgresContents> {
  const [tables] = await session.query<{ owner: string }>(
    `SELECT pg_get_userbyid(relowner) AS owner FROM pg_class WHERE oid = to_regclass('_prisma_migrations')`,
  )
  if (!tables) throw new Error('BACKUP_URL: this is not a database of Parley: it has no table _prisma_migrations.')
  const roles = await session.query<{ name: string }>(`
    SELECT DISTINCT rolname AS name FROM pg_shdepend JOIN pg_roles ON pg_roles.oid = refobjid
    WHERE refclassid = 'pg_authid'::regclass AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    ORDER BY name`)
  return {
    kind: 'postgresql',
    owner: tables.owner,
    roles: roles.map(({ name }) => name),
    protection: await readProtection(session),
  }
}

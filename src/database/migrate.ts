import { createHash, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Session } from './session.ts'

const DIRECTORY = join(import.meta.dirname, '../../prisma/migrations')

/** Prisma's own lock number, so that `prisma migrate deploy` and this runner wait for each other. */
const ADVISORY_LOCK = 72_707_369

interface Migration {
  name: string
  sql: string
  checksum: string
}

const FORCE_ON_ROLLUPS = 'ALTER TABLE conversation_rollups FORCE ROW LEVEL SECURITY;'

/**
 * Corrected SQL that runs in place of a migration that was wrong. The file and its checksum stay: a database where it
 * was applied had nothing that it gets wrong, and an earlier version that starts there again would refuse a changed
 * checksum.
 */
const CORRECTIONS: Record<string, (sql: string) => string> = {
  // An owner that is not a superuser could not fill the table because of its own policy, so existing rows could not be migrated.
  '20261124100000_rollups': (sql) => `${sql.replace(FORCE_ON_ROLLUPS, '')}\n${FORCE_ON_ROLLUPS}`,
}

/** The migrations of this version, oldest first. */
const migrations: Migration[] = readdirSync(DIRECTORY, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort()
  .map((name) => {
    const sql = readFileSync(join(DIRECTORY, name, 'migration.sql'), 'utf8')
    return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
  })

export const migrationNames = migrations.map(({ name }) => name)

/** Processes that start together wait for one another. May be nested. */
export async function whileNobodyElseMigrates(session: Session, work: () => Promise<void>): Promise<void> {
  await session.execute(`SELECT pg_advisory_lock(${ADVISORY_LOCK})`)
  const unlock = () => session.execute(`SELECT pg_advisory_unlock(${ADVISORY_LOCK})`)
  try {
    await work()
  } catch (error) {
    // It fails only if the connection is lost. The lock is then gone with it, and the first error says why.
    await unlock().catch(() => {})
    throw error
  }
  await unlock()
}

/**
 * Applies the missing migrations, each in a transaction of its own, and records them as `prisma migrate deploy` does
 * (whose engine can't be installed from a registry).
 */
export async function migrate(session: Session): Promise<void> {
  await whileNobodyElseMigrates(session, async () => {
    await session.execute(`
      CREATE TABLE IF NOT EXISTS _prisma_migrations (
        id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz, migration_name varchar(255) NOT NULL,
        logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0)`)
    const applied = await appliedMigrations(session)
    for (const migration of migrations) {
      const checksum = applied.get(migration.name)
      if (checksum === undefined) await apply(session, migration)
      else if (checksum !== migration.checksum) {
        throw new Error(`Migration ${migration.name} was changed after it had been applied to this database.`)
      }
    }
  })
}

async function apply(session: Session, { name, sql, checksum }: Migration): Promise<void> {
  await session.execute('BEGIN')
  let isCommitting = false
  try {
    await session.execute(CORRECTIONS[name]?.(sql) ?? sql)
    await session.query(
      `INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count) VALUES ($1, $2, now(), $3, 1)`,
      [randomUUID(), checksum, name],
    )
    isCommitting = true
    await session.execute('COMMIT')
  } catch (error) {
    // It fails only if the connection is lost. PostgreSQL then rolls back what it has not committed.
    const isLost = await session.execute('ROLLBACK').then(
      () => false,
      () => true,
    )
    throw new Error(isLost && isCommitting ? unknownOutcome(name) : failed(name), { cause: error })
  }
}

const failed = (name: string) => `Migration ${name} failed, and none of it was applied.`

const unknownOutcome = (name: string) =>
  `Migration ${name}: the connection was lost while it was being committed. Start again: a migration that was applied is recorded, and is not run twice.`

/** Names of the migrations that the database still lacks. */
export async function pendingMigrations(session: Session): Promise<string[]> {
  const [table] = await session.query<{ present: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS present`,
  )
  const applied = table?.present ? await appliedMigrations(session) : new Map<string, string>()
  return migrationNames.filter((name) => !applied.has(name))
}

async function appliedMigrations(session: Session): Promise<Map<string, string>> {
  const rows = await session.query<{ migration_name: string; checksum: string }>(
    'SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
  )
  return new Map(rows.map((row) => [row.migration_name, row.checksum]))
}

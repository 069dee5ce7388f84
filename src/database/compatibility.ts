import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { migrationNames } from './migrate.ts'
import type { Session } from './session.ts'

const packageJson = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')
/** Of this code. */
export const { version } = JSON.parse(packageJson) as { version: string }

interface UnknownMigration {
  name: string
  /** Null if the migration does not say. */
  oldest_code_version: string | null
  excludes_this: boolean
}

/**
 * Checks whether this code may run on the database, which a newer version may have migrated. Throws if one of the
 * migrations that this code does not know excludes it, or does not say which version it needs. Otherwise returns a
 * warning that names them; null if there are none. So a rolling deploy can start its old processes again, and a version
 * that is too old can't write.
 */
export async function checkCompatibility(session: Session): Promise<string | null> {
  const unknown = await unknownMigrations(session)
  const excluding = unknown.filter((migration) => migration.excludes_this)
  if (excluding.length > 0) {
    throw new Error(
      `Parley ${version} is too old for this database: ${excluding.map(requirementOf).join('; ')}. Start a newer version.`,
    )
  }
  if (unknown.length === 0) return null
  const names = unknown.map(({ name }) => name).join(', ')
  return `The database has migrations that are newer than Parley ${version} and allow it to run: ${names}.`
}

const requirementOf = ({ name, oldest_code_version: oldest }: UnknownMigration) =>
  `migration ${name} ${oldest === null ? 'does not say which version it needs' : `needs ${oldest}`}`

async function unknownMigrations(session: Session): Promise<UnknownMigration[]> {
  const [tables] = await session.query<{ migrations: boolean; versions: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS migrations, to_regclass('migration_compatibility') IS NOT NULL AS versions`,
  )
  if (!tables?.migrations) return []
  const versions = tables.versions
    ? 'SELECT migration_name, oldest_code_version FROM migration_compatibility'
    : 'SELECT NULL, NULL WHERE false'
  // A release candidate, such as 1.0.0-rc.1, may do what its release may.
  // A version counts from the commit of its migration, which `prisma migrate deploy` records as finished a moment later.
  return session.query<UnknownMigration>(
    `WITH versions (name, oldest_code_version) AS (${versions}),
    applied (name) AS (
      SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL
      UNION SELECT name FROM versions)
    SELECT name, oldest_code_version,
      coalesce(string_to_array(oldest_code_version, '.')::int[] > string_to_array(split_part($2, '-', 1), '.')::int[], true) AS excludes_this
    FROM applied LEFT JOIN versions USING (name) WHERE name <> ALL ($1::text[]) ORDER BY name`,
    [migrationNames, version],
  )
}

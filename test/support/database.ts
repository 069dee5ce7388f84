import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { type ConnectOptions, connect, type Database, serveEmbedded } from '../../src/database/connect.ts'
import { type EmbeddedDatabase, openEmbedded } from '../../src/database/embedded/open.ts'
import { asOwner, copyPGliteTemplate, withDatabase } from './template.ts'

export interface TestDatabase {
  database: Database
  /** SQL as the owner of the tables, whom no policy stops. */
  owner(sql: string): Promise<Record<string, unknown>[]>
  /** The SQL statements that Prisma ran since the last call. */
  statements(): string[]
  /** For a second process on the same database. PostgreSQL only. */
  url?: string
  ownerUrl?: string
}

const TIMEOUTS = { statementTimeoutMs: 15_000, connectTimeoutMs: 20_000 }

export interface TestDatabaseOptions extends Pick<ConnectOptions, 'onBackgroundFailure'> {
  /** What the server's URL of a PostgreSQL becomes: a way through a proxy. */
  through?: (url: string) => string
  poolSize?: number
  /**
   * For the embedded database. The time-outs below are only for PostgreSQL: a skipped `describe` runs its body all the same.
   */
  embeddedTimeouts?: typeof TIMEOUTS
  maxReadBytes?: number
  statementTimeoutMs?: number
  connectTimeoutMs?: number
}

/** An empty, migrated database of the kind that this run is about. */
export async function openTestDatabase({
  onBackgroundFailure,
  maxReadBytes,
  ...given
}: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const seen: string[] = []
  const options = {
    ...(onBackgroundFailure ? { onBackgroundFailure } : {}),
    ...(maxReadBytes ? { maxReadBytes } : {}),
    onStatement: (sql: string) => void seen.push(sql),
  }
  const statements = () => seen.splice(0)
  if (inject('databaseKind') === 'pglite') return openPGlite(options, statements, given)
  return openPostgres(options, statements, given)
}

/** Databases of this worker that no test file has now: to make one takes several times as long as to empty it. */
const idle: { embedded: EmbeddedDatabase[]; postgresUrls: string[] } = { embedded: [], postgresUrls: [] }

/** Leaves a database as migrating left it. */
const EMPTY_IT = `DO $$ BEGIN EXECUTE (
  SELECT 'TRUNCATE ' || string_agg(quote_ident(relname), ', ') FROM pg_class
  WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT IN ('_prisma_migrations', 'migration_compatibility', 'position_key')); END $$`

/** Whose tables were changed is not handed on. */
const CHANGES_TABLES = /\b(?:ALTER|CREATE|DROP|GRANT|REVOKE) /

async function openPGlite(
  options: ConnectOptions,
  statements: () => string[],
  { embeddedTimeouts }: TestDatabaseOptions,
): Promise<TestDatabase> {
  const embedded = idle.embedded.pop() ?? (await openPGliteTemplate())
  let isAsMigrated = true
  const owner: TestDatabase['owner'] = async (sql) => {
    isAsMigrated &&= !CHANGES_TABLES.test(sql)
    const client = await embedded.pool.connect()
    try {
      await client.query('BEGIN; SET LOCAL ROLE postgres')
      const { rows } = await client.query(sql)
      await client.query('COMMIT')
      return rows
    } catch (error) {
      await client.query('ROLLBACK')
      throw error
    } finally {
      client.release()
    }
  }
  const close = async () => {
    // One is enough: they are large.
    if (!isAsMigrated || idle.embedded.length > 0) return embedded.close()
    await owner(EMPTY_IT)
    idle.embedded.push(embedded)
  }
  const database = await serveEmbedded({ ...embedded, close }, embeddedTimeouts ?? TIMEOUTS, options)
  return { database, statements, owner }
}

/** A migrated database as its owner, in a data directory of its own. */
export const openPGliteTemplate = () =>
  openEmbedded({ dataDir: copyPGliteTemplate(inject('pgliteTemplate')), fsync: false, ...TIMEOUTS })

async function openPostgres(
  options: ConnectOptions,
  statements: () => string[],
  {
    through = (url) => url,
    poolSize = 10,
    ...timeouts
  }: Omit<TestDatabaseOptions, 'onBackgroundFailure' | 'maxReadBytes'>,
): Promise<TestDatabase> {
  const template = inject('postgresTemplate')
  if (!template) throw new Error('TEST_DATABASE_URL is not set')
  const ownerUrl = idle.postgresUrls.pop() ?? (await copyPostgresTemplate(template.ownerUrl))
  const url = new URL(ownerUrl)
  url.username = template.role
  url.password = template.password
  const connected = await connect(
    { url: through(url.href), ownerUrl: undefined, poolSize, dataDir: '', fsync: false, ...TIMEOUTS, ...timeouts },
    options,
  )
  const pool = new pg.Pool({ connectionString: ownerUrl, max: 2 })
  let isAsMigrated = true
  const owner: TestDatabase['owner'] = async (sql) => {
    isAsMigrated &&= !CHANGES_TABLES.test(sql)
    return (await pool.query(sql)).rows
  }
  const database: Database = {
    ...connected,
    async close() {
      await connected.close()
      if (isAsMigrated) {
        await pool.query(EMPTY_IT)
        idle.postgresUrls.push(ownerUrl)
      }
      await pool.end()
    },
  }
  return { database, statements, owner, url: url.href, ownerUrl }
}

async function copyPostgresTemplate(templateUrl: string): Promise<string> {
  const template = new URL(templateUrl).pathname.slice(1)
  const name = `${template}_${randomUUID().replaceAll('-', '')}`
  // Grants on a database are not copied with it.
  await asOwner(withDatabase(templateUrl, 'postgres'), async (client) => {
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`)
    await client.query(`REVOKE TEMPORARY ON DATABASE ${name} FROM PUBLIC`)
  })
  return withDatabase(templateUrl, name)
}

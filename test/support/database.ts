import { randomUUID } from 'node:crypto'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { inject } from 'vitest'
import { type ConnectOptions, connect, type Database, serveEmbedded } from '../../src/database/connect.ts'
import { EMBEDDED_OPTIONS, pgliteSession } from '../../src/database/embedded.ts'
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
  statementTimeoutMs?: number
  connectTimeoutMs?: number
}

/** An empty, migrated database of the kind that this run is about. */
export async function openTestDatabase({
  onBackgroundFailure,
  ...given
}: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const seen: string[] = []
  const options = {
    ...(onBackgroundFailure ? { onBackgroundFailure } : {}),
    onStatement: (sql: string) => void seen.push(sql),
  }
  const statements = () => seen.splice(0)
  if (inject('databaseKind') === 'pglite') return openPGlite(options, statements)
  return openPostgres(options, statements, given)
}

/** Databases of this worker that no test file has now: to make one takes several times as long as to empty it. */
const idle: { pglite: PGlite[]; postgresUrls: string[] } = { pglite: [], postgresUrls: [] }

/** Leaves a database as migrating left it. */
const EMPTY_IT = `DO $$ BEGIN EXECUTE (
  SELECT 'TRUNCATE ' || string_agg(quote_ident(relname), ', ') FROM pg_class
  WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT IN ('_prisma_migrations', 'migration_compatibility', 'position_key')); END $$`

/** Whose tables were changed is not handed on. */
const CHANGES_TABLES = /\b(?:ALTER|CREATE|DROP|GRANT|REVOKE) /

async function openPGlite(options: ConnectOptions, statements: () => string[]): Promise<TestDatabase> {
  const pglite = idle.pglite.pop() ?? (await openPGliteTemplate())
  let isAsMigrated = true
  const owner: TestDatabase['owner'] = (sql) => {
    isAsMigrated &&= !CHANGES_TABLES.test(sql)
    return pglite.transaction(async (tx) => {
      await tx.exec('SET LOCAL ROLE postgres')
      return (await tx.query<Record<string, unknown>>(sql)).rows
    })
  }
  const close = async () => {
    // One is enough: they are large.
    if (!isAsMigrated || idle.pglite.length > 0) return pglite.close()
    await owner(EMPTY_IT)
    idle.pglite.push(pglite)
  }
  const database = await serveEmbedded({ pglite, session: pgliteSession(pglite), close }, TIMEOUTS, options)
  return { database, statements, owner }
}

export const openPGliteTemplate = () =>
  PGlite.create({ dataDir: copyPGliteTemplate(inject('pgliteTemplate')), ...EMBEDDED_OPTIONS })

async function openPostgres(
  options: ConnectOptions,
  statements: () => string[],
  { through = (url) => url, poolSize = 10, ...timeouts }: Omit<TestDatabaseOptions, 'onBackgroundFailure'>,
): Promise<TestDatabase> {
  const template = inject('postgresTemplate')
  if (!template) throw new Error('TEST_DATABASE_URL is not set')
  const ownerUrl = idle.postgresUrls.pop() ?? (await copyPostgresTemplate(template.ownerUrl))
  const url = new URL(ownerUrl)
  url.username = template.role
  url.password = template.password
  const connected = await connect(
    { url: through(url.href), ownerUrl: undefined, poolSize, dataDir: '', ...TIMEOUTS, ...timeouts },
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
  // What is granted on a database is not copied with it.
  await asOwner(withDatabase(templateUrl, 'postgres'), async (client) => {
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`)
    await client.query(`REVOKE TEMPORARY ON DATABASE ${name} FROM PUBLIC`)
  })
  return withDatabase(templateUrl, name)
}

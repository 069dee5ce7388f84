import { randomUUID } from 'node:crypto'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { inject } from 'vitest'
import { connect, type Database, serveEmbedded } from '../../src/database/connect.ts'
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

/** An empty, migrated database of the kind that this run is about. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const seen: string[] = []
  const options = { onStatement: (sql: string) => void seen.push(sql) }
  const statements = () => seen.splice(0)
  return inject('databaseKind') === 'pglite' ? openPGlite(options, statements) : openPostgres(options, statements)
}

type Options = { onStatement: (sql: string) => void }

/** The embedded database of this worker while no test file has it: to open one takes twenty times as long as to empty it. */
let idle: PGlite | null = null

async function openPGlite(options: Options, statements: () => string[]): Promise<TestDatabase> {
  const pglite = idle ?? (await openPGliteTemplate())
  idle = null
  const owner: TestDatabase['owner'] = (sql) => {
    // Whose tables were changed is not handed on.
    isAsMigrated &&= !/\b(?:ALTER|CREATE|DROP|GRANT|REVOKE) /.test(sql)
    return pglite.transaction(async (tx) => {
      await tx.exec('SET LOCAL ROLE postgres')
      return (await tx.query<Record<string, unknown>>(sql)).rows
    })
  }
  let isAsMigrated = true
  const close = async () => {
    if (!isAsMigrated) return pglite.close()
    await owner(`DO $$ BEGIN EXECUTE (
      SELECT 'TRUNCATE ' || string_agg(quote_ident(relname), ', ') FROM pg_class
      WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT IN ('_prisma_migrations', 'position_key')); END $$`)
    idle = pglite
  }
  const database = await serveEmbedded({ pglite, session: pgliteSession(pglite), close }, TIMEOUTS, options)
  return { database, statements, owner }
}

export const openPGliteTemplate = () =>
  PGlite.create({ dataDir: copyPGliteTemplate(inject('pgliteTemplate')), ...EMBEDDED_OPTIONS })

async function openPostgres(options: Options, statements: () => string[]): Promise<TestDatabase> {
  const template = inject('postgresTemplate')
  if (!template) throw new Error('TEST_DATABASE_URL is not set')
  const templateName = new URL(template.ownerUrl).pathname.slice(1)
  const name = `${templateName}_${randomUUID().replaceAll('-', '')}`
  await asOwner(withDatabase(template.ownerUrl, 'postgres'), (client) =>
    client.query(`CREATE DATABASE ${name} TEMPLATE ${templateName}`),
  )
  const ownerUrl = withDatabase(template.ownerUrl, name)
  const url = new URL(ownerUrl)
  url.username = template.role
  url.password = template.password
  const connected = await connect(
    { url: url.href, ownerUrl: undefined, poolSize: 10, dataDir: '', ...TIMEOUTS },
    options,
  )
  const owner = new pg.Pool({ connectionString: ownerUrl, max: 2 })
  const database: Database = {
    ...connected,
    async close() {
      await connected.close()
      await owner.end()
    },
  }
  return {
    database,
    statements,
    owner: async (sql) => (await owner.query(sql)).rows,
    url: url.href,
    ownerUrl,
  }
}

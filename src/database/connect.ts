import { PrismaPg } from '@prisma/adapter-pg'
import type { DatabaseConfig } from '../config.ts'
import { checkCompatibility } from './compatibility.ts'
import { adviceFor } from './embedded/check-files.ts'
import { listenForCopyRequests } from './embedded/copy-requests.ts'
import { type EmbeddedDatabase, openEmbedded } from './embedded/open.ts'
import { databaseCode } from './error-code.ts'
import { PrismaClient } from './generated/client/client.ts'
import { migrate, pendingMigrations, whileNobodyElseMigrates } from './migrate.ts'
import { type ChangeNotifications, notificationsInside, wakeupsThroughPostgres } from './notifications.ts'
import { dropOldTextIndex } from './old-text-index.ts'
import { createClient, createPool } from './postgres-clients.ts'
import { grantToServingRole, SERVING_ROLE } from './roles.ts'
import { clientSession, type Session } from './session.ts'
import { type PlainTransactions, postgresTransactions } from './sql-transactions.ts'
import { Turns } from './turns.ts'
import { refuseUnfitDatabase } from './unfit-database.ts'
import { refuseFunctionsThatCouldBypass, refuseRoleThatCouldBypass } from './verify-serving-role.ts'

/** An open, migrated database under a role that can't look past row-level security. */
export interface Database extends Session {
  readonly kind: 'postgresql' | 'pglite'
  readonly prisma: PrismaClient
  /** Transactions without Prisma, for the hot paths. */
  readonly withoutPrisma: PlainTransactions
  /** Notifies the processes on this database of each other's writes. */
  readonly wakeups: ChangeNotifications
  readonly statementTimeoutMs: number
  readonly connectTimeoutMs: number
  /** Transactions take their turns here. */
  readonly turns: Turns
  /** How many transactions can be open at a time. Null means one, which the others wait for. */
  readonly connections: number | null
  /** Rejects unless the database answers, has every migration, and has none that excludes this version of the code. */
  ready(): Promise<void>
  /** Call it with each failure of work that nobody waits for. `work` is a constant that names the kind of work. */
  backgroundFailure(work: string, error: unknown): void
  close(): Promise<void>
}

/** Opens PostgreSQL when a URL is given, PGlite in the data directory otherwise. */
export function connect(config: DatabaseConfig, options: ConnectOptions = {}): Promise<Database> {
  return config.url === undefined ? connectEmbedded(config, options) : connectPostgres(config, config.url, options)
}

export interface ConnectOptions {
  /** How much one transaction may read from PostgreSQL. */
  maxReadBytes?: number
  /** Called with each SQL statement, without its parameters. */
  onStatement?: (sql: string) => void
  /** Called with what an operator should know about a database that can be served all the same. */
  onWarning?: (message: string) => void
  /** Called with each failure of work that nobody waits for. */
  onBackgroundFailure?: (work: string, error: unknown) => void
}

async function connectPostgres(config: DatabaseConfig, url: string, options: ConnectOptions): Promise<Database> {
  if (config.ownerUrl !== undefined) await prepareAsOwner(config.ownerUrl, url, config.connectTimeoutMs)

  const pool = createPool(
    {
      connectionString: url,
      max: config.poolSize,
      connectionTimeoutMillis: config.connectTimeoutMs,
      // Longer than the server's own statement time-out, which gives the better error: this one ends silent
      // connections.
      query_timeout: config.statementTimeoutMs + config.connectTimeoutMs,
      application_name: 'parley',
      // Fields of one operation query at the same time: their statements are sent together instead of one by one.
      pipeline: true,
    },
    options.maxReadBytes,
  )
  const session = clientSession(pool)
  try {
    await reach('DATABASE_URL', () => session.query('SELECT 1'))
    await refuseUnfitDatabase('DATABASE_URL', session)
    await refuseRoleThatCouldBypass(session)
    warn(options, await checkMigrations(session))
    await refuseFunctionsThatCouldBypass(session)
  } catch (error) {
    await pool.end()
    if ((error as { code?: string }).code !== INSUFFICIENT_PRIVILEGE) throw error
    throw new Error(
      `DATABASE_URL: its role has no access (${(error as Error).message}). Start once with DATABASE_OWNER_URL, the URL of the role that owns the tables.`,
    )
  }
  const prisma = createPrisma(new PrismaPg(pool), options)
  const { onBackgroundFailure: backgroundFailure = () => {} } = options
  const wakeups = wakeupsThroughPostgres(session, url, backgroundFailure)
  return {
    kind: 'postgresql',
    prisma,
    withoutPrisma: postgresTransactions(pool, options.onStatement),
    wakeups,
    ...session,
    statementTimeoutMs: config.statementTimeoutMs,
    connectTimeoutMs: config.connectTimeoutMs,
    connections: config.poolSize,
    turns: new Turns({ ...config, connections: config.poolSize }),
    ready: async () => {
      await checkMigrations(session)
      await refuseUnfitDatabase('DATABASE_URL', session)
    },
    backgroundFailure,
    async close() {
      await wakeups.close()
      await prisma.$disconnect()
      await pool.end()
    },
  }
}

/** PostgreSQL's error code. */
const INSUFFICIENT_PRIVILEGE = '42501'

async function connectEmbedded(config: DatabaseConfig, options: ConnectOptions): Promise<Database> {
  const embedded = await openEmbedded(config)
  try {
    warn(options, await checkCompatibility(embedded.session))
    // The next steps write, and would fail without saying why.
    embedded.refuseIfUnfit()
    await prepareEmbedded(embedded, config)
    return acceptCopyRequests(await serveEmbedded(embedded, config, options), embedded, config, options)
  } catch (error) {
    await embedded.close()
    throw error
  }
}

async function prepareEmbedded({ session }: EmbeddedDatabase, { dataDir }: DatabaseConfig): Promise<void> {
  try {
    await migrate(session)
    await dropOldTextIndex(session)
    await grantToServingRole(session, SERVING_ROLE)
  } catch (error) {
    if (!DAMAGED.test(databaseCode(error) ?? '')) throw error
    const { message } = error as Error
    throw new Error(`DATA_DIR: the database in ${dataDir} can't be used: ${message}. ${adviceFor(message)}`, {
      cause: error,
    })
  }
}

/** SQLSTATEs: a file can't be read, or holds something else. */
const DAMAGED = /^(58|XX)/

function acceptCopyRequests(
  database: Database,
  embedded: EmbeddedDatabase,
  { dataDir }: DatabaseConfig,
  options: ConnectOptions,
): Database {
  const stop = listenForCopyRequests({
    dataDir,
    copy: (directory) => database.turns.runInBackground(() => embedded.copyTo(directory)),
    onWarning: (message) => warn(options, message),
  })
  const close = () => {
    stop()
    return database.close()
  }
  return { ...database, close }
}

/** Makes a migrated PGlite a database that serves. */
export async function serveEmbedded(
  { pool, session, refuseIfUnfit, serve, keepUp, close }: EmbeddedDatabase,
  { statementTimeoutMs, connectTimeoutMs }: Pick<DatabaseConfig, 'statementTimeoutMs' | 'connectTimeoutMs'>,
  options: ConnectOptions = {},
): Promise<Database> {
  const { onBackgroundFailure: backgroundFailure = () => {} } = options
  // PGlite's only connection belongs to a superuser. From here on, its role may only switch to a tenant's role, like a
  // login role of PostgreSQL.
  const onFailure = (error: unknown) => backgroundFailure('run the embedded database', error)
  await serve({ role: SERVING_ROLE, statementTimeoutMs, onFailure })
  const prisma = createPrisma(new PrismaPg(pool), options)
  const turns = new Turns({ statementTimeoutMs, connectTimeoutMs, connections: 1 })
  keepUp({ turns, onFailure: (error) => backgroundFailure('keep the embedded database in order', error) })
  return {
    kind: 'pglite',
    prisma,
    withoutPrisma: postgresTransactions(pool, options.onStatement),
    wakeups: notificationsInside(),
    ...session,
    statementTimeoutMs,
    connectTimeoutMs,
    connections: null,
    turns,
    ready: async () => {
      refuseIfUnfit()
      await checkMigrations(session)
    },
    backgroundFailure,
    async close() {
      await prisma.$disconnect()
      await close()
    },
  }
}

function createPrisma(adapter: PrismaPg, { onStatement }: ConnectOptions): PrismaClient {
  if (!onStatement) return new PrismaClient({ adapter })
  const prisma = new PrismaClient({ adapter, log: [{ emit: 'event', level: 'query' }] })
  prisma.$on('query', ({ query }) => onStatement(query))
  return prisma
}

/** Does what only the owner of the tables may do: migrates, and grants the role of `url` what it needs to serve. */
async function prepareAsOwner(ownerUrl: string, url: string, connectionTimeoutMillis: number): Promise<void> {
  const owner = createClient({
    connectionString: ownerUrl,
    connectionTimeoutMillis,
    application_name: 'parley migrate',
  })
  await reach('DATABASE_OWNER_URL', () => owner.connect())
  try {
    const session = clientSession(owner)
    await refuseUnfitDatabase('DATABASE_OWNER_URL', session)
    await whileNobodyElseMigrates(session, async () => {
      await checkCompatibility(session)
      await migrate(session)
      await dropOldTextIndex(session)
      const { username, password } = new URL(url)
      await grantToServingRole(session, decodeURIComponent(username), decodeURIComponent(password))
    })
  } finally {
    await owner.end()
  }
}

/** Makes the first contact. If it fails, the error names the setting: the driver names none, and may have no message at all. */
async function reach(setting: string, contact: () => Promise<unknown>): Promise<void> {
  try {
    await contact()
  } catch (error) {
    const { message, code = '' } = error as Error & { code?: string }
    if (!REFUSED_AT_CONNECT.has(code)) throw new Error(`${setting}: the database can't be reached: ${message || code}`)
    const hint =
      setting === 'DATABASE_URL'
        ? 'Create the database if it is missing, and start once with DATABASE_OWNER_URL, which creates the role of this URL.'
        : 'Name a role and a database that exist.'
    throw new Error(`${setting}: PostgreSQL refuses the connection: ${message}. ${hint}`)
  }
}

/** SQLSTATEs: a role or a database that is missing, or a wrong password. */
const REFUSED_AT_CONNECT = new Set(['28000', '28P01', '3D000'])

function warn({ onWarning }: ConnectOptions, warning: string | null) {
  if (warning !== null) onWarning?.(warning)
}

/** Throws if this code and the database don't fit. Returns a warning if the database is newer. */
async function checkMigrations(session: Session): Promise<string | null> {
  const warning = await checkCompatibility(session)
  await refusePending(session)
  return warning
}

async function refusePending(session: Session): Promise<void> {
  const pending = await pendingMigrations(session)
  if (pending.length > 0) {
    throw new Error(
      `The database lacks these migrations: ${pending.join(', ')}. Start once with DATABASE_OWNER_URL, the URL of the role that owns the tables.`,
    )
  }
}

import { LRUCache } from 'lru-cache'
import pg from 'pg'
import { MAX_REST_MS, MOST_REST_FACTOR } from '../fairness/rest.ts'
import type { Database } from './connect.ts'
import { commitFailure } from './failure.ts'
import type { Prisma, PrismaClient } from './generated/client/client.ts'
import { ADMIN_ROLE, TENANT_ROLE } from './roles.ts'
import { type Opening, type Statements, withRests } from './sql-transactions.ts'
import { followingStatements } from './statement-line.ts'
import { type AccessScope, type Client, scopeToTenant } from './tenant-scope.ts'
import { type Turn, throughTurn } from './turns.ts'

export interface TransactionOptions extends AccessScope {
  /** Reads see one snapshot throughout; writes see each other's commits, statement by statement. */
  readOnly: boolean
  /** The tenant does not exist: it is created first, and is kept if the transaction commits. */
  createTenant?: boolean
  /** Uses one of the connections that requests can't use. */
  isReserved?: boolean
  /** For reads: called with the milliseconds that each turn of the event loop took in which rows arrived. */
  onTurn?: (ms: number) => void
}

/**
 * Runs `work` in one transaction behind both walls; commits when it resolves, rolls back when it rejects. Rejects with
 * OutcomeUnknown if it wrote and the answer to its COMMIT is lost.
 */
export async function transaction<Result>(
  database: Database,
  options: TransactionOptions,
  work: (client: Client, tenantWasCreated: boolean) => Promise<Result>,
): Promise<Result> {
  let commits = false
  const inside = async (client: Client) => {
    const { createTenant: create, tenantId } = options
    const created = create === true && tenantId !== null && (await createTenant(database, client, tenantId))
    await enterTenantRole(database, client, options)
    const result = await work(client, created)
    commits = !options.readOnly
    return result
  }
  try {
    // Clients get the error of the statement time-out; this one only ends what would otherwise hang.
    const restFactor = options.readOnly ? MOST_REST_FACTOR : 0
    const timeouts = { maxWait: database.connectTimeoutMs, timeout: database.statementTimeoutMs * (4 + restFactor) }
    return await database.turns.run(options, (turn) => {
      const run = () => throughTurn(turn, () => clientFor(database, options).$transaction(inside, timeouts))
      // A write holds locks that others wait for.
      return options.readOnly ? followingStatements({ rest: turn.rest, onTurn: options.onTurn }, run) : run()
    })
  } catch (error) {
    throw commits ? commitFailure(error) : error
  }
}

const MAX_CLIENTS = 200
const clients = new WeakMap<Database, LRUCache<string, PrismaClient>>()

/** Prisma takes as long to scope a client as to run a statement: the clients that were used last are cached. */
function clientFor(database: Database, scope: AccessScope): PrismaClient {
  if (scope.rowRestriction) return scopeToTenant(database.prisma, scope)
  const kept = clients.get(database) ?? new LRUCache<string, PrismaClient>({ max: MAX_CLIENTS })
  clients.set(database, kept)
  const name = `${scope.admin} ${scope.tenantId === null ? '' : `"${scope.tenantId}"`}`
  const client = kept.get(name) ?? scopeToTenant(database.prisma, scope)
  kept.set(name, client)
  return client
}

/**
 * A tenant's role can't create a tenant, so this is done before the transaction enters that role. The name of the
 * tenant is its id. Returns false if another transaction was first.
 */
async function createTenant(database: Database, client: Client, id: string): Promise<boolean> {
  await enterTenantRole(database, client, { tenantId: null, admin: true, rowRestriction: null, readOnly: false })
  const count = await client.$executeRaw`
    INSERT INTO tenants (id, name, time_zone) VALUES (${id}, ${id}, 'UTC') ON CONFLICT DO NOTHING`
  return count === 1
}

async function enterTenantRole(database: Database, client: Client, options: TransactionOptions) {
  const { readOnly } = options
  const mode = readOnly ? 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY' : FORCE_GENERIC_PLAN
  await client.$executeRawUnsafe([mode, ...setLocally(database, options)].join(';'))
}

const quote = pg.escapeLiteral

function settingsOf(database: Database, { tenantId, admin, budget }: AccessScope): [name: string, value: string][] {
  return [
    ['role', admin ? ADMIN_ROLE : TENANT_ROLE],
    ['app.tenant_id', tenantId ?? ''],
    ['statement_timeout', String(budget?.statementMs ?? database.statementTimeoutMs)],
    // The drivers read every time as UTC.
    ['TimeZone', 'UTC'],
  ]
}

/** How often a running statement checks whether its connection is still there. */
const CONNECTION_CHECK_MS = 1_000

/** How long a statement waits for a lock, such as one on rows that another write holds. */
const LOCK_TIMEOUT_MS = 2_000

/** The same if several writes share a transaction. After it, each of them is run by itself. */
const SHARED_LOCK_TIMEOUT_MS = 500

/** Less than a statement may take: the error of that time-out would say that the query is too large. */
const lockTimeoutOf = ({ statementTimeoutMs }: Database, ms: number) =>
  Math.max(1, Math.min(ms, Math.floor(statementTimeoutMs / 2)))

/**
 * How long PostgreSQL waits for the next statement of a transaction, before which its tenant may have to rest. This ends
 * transactions whose process was lost without notice: their locks would be held for hours, and their idempotency keys
 * with them.
 */
const idleTimeoutOf = ({ statementTimeoutMs, connectTimeoutMs }: Database) =>
  statementTimeoutMs + connectTimeoutMs + MAX_REST_MS

const setLocally = (database: Database, scope: AccessScope, lockTimeoutMs = LOCK_TIMEOUT_MS) => [
  // SET rather than set_config(): poolers and sharding coordinators pass it on.
  ...settingsOf(database, scope).map(([name, value]) => `SET LOCAL ${name} = ${quote(value)}`),
  // JIT compilation of a statement took five times as long as running it: none here runs long enough. PGlite has no
  // JIT, and its transactions run one after the other, so none waits for a lock.
  ...(database.kind === 'postgresql'
    ? [
        'SET LOCAL jit = off',
        // A connection gets one core of the database.
        'SET LOCAL max_parallel_workers_per_gather = 0',
        `SET LOCAL lock_timeout = ${lockTimeoutOf(database, lockTimeoutMs)}`,
        `SET LOCAL idle_in_transaction_session_timeout = ${idleTimeoutOf(database)}`,
        // Ends statements that nobody waits for any more: this process closes their connection.
        `SET LOCAL client_connection_check_interval = ${CONNECTION_CHECK_MS}`,
      ]
    : []),
]

/**
 * For statements that find rows by their keys: one plan for all values. In a plan for the actual values, a tenant that
 * has grown since statistics were taken counts as one without rows, and all its rows were scanned for each row asked
 * for.
 */
const FORCE_GENERIC_PLAN = 'SET LOCAL plan_cache_mode = force_generic_plan'

/** Reads the rows of one statement in a transaction of its own behind the second wall; the statement is behind the first. */
export async function readAsTenant<Row>(
  database: Database,
  scope: AccessScope,
  statement: Prisma.Sql,
  { isPlannedAnew = false, findsByKey = false } = {},
): Promise<Row[]> {
  const opening = openingOf(database, scope, 'READ ONLY', findsByKey ? [FORCE_GENERIC_PLAN] : [])
  return database.turns.run(scope, (turn) =>
    database.withoutPrisma.read<Row>({ ...opening, turn }, statement, isPlannedAnew),
  )
}

/** The same for statements that see one snapshot: numbers, whose plans depend on the values in the query. */
export async function countAsTenant<Result>(
  database: Database,
  scope: AccessScope,
  work: (statements: Statements) => Promise<Result>,
): Promise<Result> {
  const planning = ['SET LOCAL plan_cache_mode = force_custom_plan']
  const opening = openingOf(database, scope, 'ISOLATION LEVEL REPEATABLE READ READ ONLY', planning)
  return database.turns.run(scope, (turn) =>
    database.withoutPrisma.reading({ ...opening, turn }, (statements) => work(withRests(statements, turn.rest))),
  )
}

/** The same for rows that are found by their keys. */
export async function readSnapshotAsTenant<Result>(
  database: Database,
  scope: AccessScope,
  work: (statements: Statements) => Promise<Result>,
): Promise<Result> {
  const opening = openingOf(database, scope, 'ISOLATION LEVEL REPEATABLE READ READ ONLY', [FORCE_GENERIC_PLAN])
  return database.turns.run(scope, (turn) => database.withoutPrisma.reading({ ...opening, turn }, work))
}

/**
 * The same for writes, in statements that each name their tenant. With `isShared`, several requests write in it: it
 * skips rows that another transaction has locked, and waits only briefly for any other lock, so that none holds up the
 * rest. With `inBackground`, it gets its turn after everybody else's.
 */
export async function writeAsTenant<Result>(
  database: Database,
  scope: AccessScope,
  work: (statements: Statements) => Promise<Result>,
  { isShared = false, inBackground = false } = {},
): Promise<Result> {
  const lockTimeoutMs = isShared ? SHARED_LOCK_TIMEOUT_MS : LOCK_TIMEOUT_MS
  const opening = openingOf(database, scope, '', [FORCE_GENERIC_PLAN], lockTimeoutMs)
  const inTurn = (turn: Turn) =>
    database.withoutPrisma.transaction({ ...opening, turn }, (statements) =>
      work(isShared ? { ...statements, skipsLockedRows: true } : statements),
    )
  return inBackground ? database.turns.runInBackground(inTurn) : database.turns.run(scope, inTurn)
}

const openingOf = (
  database: Database,
  scope: AccessScope,
  mode: Opening['mode'],
  planning: readonly string[],
  lockTimeoutMs?: number,
): Omit<Opening, 'turn'> => ({ mode, settings: [...planning, ...setLocally(database, scope, lockTimeoutMs)] })

import { isDeepStrictEqual } from 'node:util'
import { beforeAll, expect, inject, test } from 'vitest'
import { databaseCode, QUERY_CANCELED } from '../../src/database/error-code.ts'
import { Prisma } from '../../src/database/generated/client/client.ts'
import { writeAsTenant } from '../../src/database/transaction.ts'
import { TENANT_JOBS, TenantJobs } from '../../src/jobs/tenant-jobs.ts'
import { ChangeFeed } from '../../src/live/change-feed.ts'
import { logged, said, write } from '../conversations/writes.ts'
import {
  type Credential,
  serveTestDatabase,
  startTestServer,
  type TestServer,
  type TestTenant,
} from '../support/server.ts'
import { send } from './send.ts'

/**
 * What each transaction opens with, as the database sees it while a row is read or written: on one connection, whose session
 * notes it, and whose own time zone isn't UTC.
 */

const ZONE = 'Asia/Kathmandu'
const { sql } = Prisma
const isPostgres = inject('databaseKind') === 'postgresql'

/** One connection, so that the session that noted something is the one that is asked. */
const server = await startTestServer({
  database: { poolSize: 1, through: (url) => `${url}?options=-c%20TimeZone%3D${ZONE}` },
})
/** What is the same in all of them; by PostgreSQL alone, what keeps it from waiting. */
const ALWAYS = { statement_timeout: '15s', timezone: 'UTC' }
const ALWAYS_ON_POSTGRES = {
  ...{ jit: 'off', max_parallel_workers_per_gather: '0', idle_in_transaction_session_timeout: '55s' },
  client_connection_check_interval: '1s',
}

/** By name, what differs: the isolation, whether it may write, how it plans, how long it waits for a lock. */
const MODES = {
  snapshot: ['repeatable read', 'on', 'auto', '2s'],
  snapshotOfKeys: ['repeatable read', 'on', 'force_generic_plan', '2s'],
  /** Of several root fields, none of which may take all of the time. */
  snapshotOfSeveral: ['repeatable read', 'on', 'auto', '2s'],
  numbers: ['repeatable read', 'on', 'force_custom_plan', '2s'],
  rows: ['read committed', 'on', 'auto', '2s'],
  rowsOfKeys: ['read committed', 'on', 'force_generic_plan', '2s'],
  write: ['read committed', 'off', 'force_generic_plan', '2s'],
  sharedWrite: ['read committed', 'off', 'force_generic_plan', '500ms'],
} as const
type Mode = keyof typeof MODES

const NOTED = [
  ...['transaction_isolation', 'transaction_read_only', 'plan_cache_mode'],
  ...Object.keys(ALWAYS),
  ...(isPostgres ? ['lock_timeout', ...Object.keys(ALWAYS_ON_POSTGRES)] : []),
]

/** Of every row that is read or written under a tenant's role or an administrator's, and of everything that it changes. */
const NOTE_OPENINGS = `
  CREATE FUNCTION note_opening() RETURNS boolean LANGUAGE plpgsql AS $$
  DECLARE
    noted text := coalesce(current_setting('noted.openings', true), '');
    opening text := jsonb_build_object('role', current_user, 'tenant', current_setting('app.tenant_id', true),
      ${NOTED.map((name) => `'${name}', current_setting('${name}')`).join(', ')})::text || E'\\n';
  BEGIN
    IF position(opening IN noted) = 0 THEN PERFORM set_config('noted.openings', noted || opening, false); END IF;
    RETURN true;
  END $$;
  DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relrowsecurity LOOP
      EXECUTE format('CREATE POLICY note_opening ON %I AS RESTRICTIVE TO parley_tenant, parley_admin USING (note_opening())', name);
    END LOOP;
  END $$`

let tenant: TestTenant
let conversation: string
let browserToken: string

beforeAll(async () => {
  if (!isPostgres) await server.owner(`SET TimeZone = '${ZONE}'`)
  tenant = await server.newTenant()
  conversation = (await logged(tenant.ask, { externalId: 'x', status: 'ACTIVE' })).id
  const { data } = await write(tenant.ask, 'createEmbedToken', {}, 'token')
  browserToken = data.createEmbedToken.token
  await server.owner(NOTE_OPENINGS)
})

interface Opening {
  role: string
  tenant: string
}

/** What was noted while something was done. Nobody but the connection itself knows. */
async function openingsOf(work: () => Promise<unknown>): Promise<Opening[]> {
  const { database } = server
  await database.query(`SELECT set_config('noted.openings', '', false)`)
  await work()
  await server.refusals.flush()
  const [row] = await database.query<{ openings: string }>(`SELECT current_setting('noted.openings') AS openings`)
  const lines = (row?.openings ?? '').split('\n').filter((line) => line !== '')
  return lines.map((line): Opening => JSON.parse(line))
}

function opening(role: 'tenant' | 'admin', tenantId: string, mode: Mode) {
  const [transaction_isolation, transaction_read_only, plan_cache_mode, lock_timeout] = MODES[mode]
  return {
    ...{ role: `parley_${role}`, tenant: tenantId, transaction_isolation, transaction_read_only, plan_cache_mode },
    ...ALWAYS,
    ...(isPostgres ? { lock_timeout, ...ALWAYS_ON_POSTGRES } : {}),
    ...(isPostgres && mode === 'snapshotOfSeveral' ? { statement_timeout: '7500ms' } : {}),
  }
}

type Send = (query: string, variables?: Record<string, unknown>) => Promise<unknown>

/** Asks; of a subscription, for its first event. */
const sending =
  (on: TestServer, credential: Credential): Send =>
  async (query, variables = {}) => {
    const { text } = await send(on, credential, { query, variables })
    expect(JSON.parse(text)).not.toHaveProperty('errors')
  }

/** The openings of a request to a server of its own, and of what it leaves to do in the background. */
function openingsOfRequest({ run, compilesReads = true }: Request, credential: Credential): Promise<Opening[]> {
  const own = serveTestDatabase(server, server.adminKey, { compilesReads })
  return openingsOf(async () => {
    await run(sending(own, credential))
    await own.changes.close()
  })
}

const writing = (mutation: string, input: object, selection = 'conversation { id }') => {
  const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`
  return (ask: Send) => ask(`mutation ($input: ${type}!) { ${mutation}(input: $input) { ${selection} } }`, { input })
}

interface Request {
  mode: Mode
  run: (ask: Send) => Promise<unknown>
  compilesReads?: boolean
  /** What is done in the background, for the tenant as a whole. */
  background?: Mode
}

const LIST = '{ conversations { nodes { startedAt } } }'
const LOOK_UP = '{ conversation(by: { externalId: "x" }) { startedAt } }'
const LIVE = 'subscription ($id: ID!) { conversationUpdated(id: $id) { id startedAt } }'
const LOG_MANY = `mutation ($input: LogConversationsInput!) {
  logConversations(input: $input) { results { created conversation { startedAt } } } }`
const MESSAGES = [said('a')]

const READS: Record<string, Request> = {
  'a compiled list': { mode: 'rows', run: (ask) => ask(LIST) },
  'a compiled look-up': { mode: 'rowsOfKeys', run: (ask) => ask(LOOK_UP) },
  'compiled numbers': {
    mode: 'numbers',
    run: (ask) => ask('{ conversationMetrics { current { conversationCount } } }'),
  },
  'a query of several fields': {
    mode: 'snapshotOfSeveral',
    run: (ask) => ask('{ conversations { totalCount } agents { totalCount } }'),
  },
  'a query that is not compiled': { mode: 'snapshot', run: (ask) => ask(LIST), compilesReads: false },
  'a subscription': {
    mode: 'snapshotOfKeys',
    run: (ask) => ask(LIVE, { id: conversation }),
    background: 'snapshotOfKeys',
  },
  'a subscription that is not compiled': {
    mode: 'snapshot',
    run: (ask) => ask(LIVE, { id: conversation }),
    compilesReads: false,
    background: 'snapshotOfKeys',
  },
}

/** After a write, old changes are removed. */
const WRITES: Record<string, Request> = {
  'a write that may share a transaction': {
    mode: 'sharedWrite',
    run: writing('logConversation', { messages: MESSAGES }, 'conversation { id startedAt }'),
    background: 'write',
  },
  'many conversations at once': {
    mode: 'write',
    run: (ask) => ask(LOG_MANY, { input: { conversations: [{ messages: MESSAGES }] } }),
    background: 'write',
  },
  'a write through Prisma': {
    mode: 'write',
    run: writing('updateConversation', { by: { externalId: 'x' }, campaign: 'c' }),
    background: 'write',
  },
}

const REQUESTS = Object.entries({ ...READS, ...WRITES })

/** Expects one opening for the request; one in the background may be there or not. */
function expectOpening(openings: readonly Opening[], role: 'tenant' | 'admin', { mode, background }: Request) {
  const expected = opening(role, tenant.id, mode)
  const others = background ? [opening('tenant', tenant.id, background)] : []
  expect(openings).toContainEqual(expected)
  expect(openings.filter((one) => ![expected, ...others].some((known) => isDeepStrictEqual(known, one)))).toEqual([])
}

test.each(REQUESTS)('%s, with a key of the tenant, opens as the tenant', async (_name, request) => {
  expectOpening(await openingsOfRequest(request, { key: tenant.key }), 'tenant', request)
})

test.each(REQUESTS)('%s, with an account key, opens as an administrator, for the tenant', async (_name, request) => {
  const credential = { key: server.adminKey, tenantId: tenant.id }
  expectOpening(await openingsOfRequest(request, credential), 'admin', request)
})

test.each(Object.entries(READS))('%s, with a browser’s token, opens as the tenant', async (_name, request) => {
  expectOpening(await openingsOfRequest(request, { key: browserToken }), 'tenant', request)
})

test('what belongs to the account opens as an administrator without a tenant', async () => {
  const account = { key: server.adminKey }
  const list: Request = {
    mode: 'snapshotOfSeveral',
    run: (ask) => ask('{ tenants { totalCount } apiKeys { totalCount } }'),
  }
  expect(await openingsOfRequest(list, account)).toEqual([opening('admin', '', 'snapshotOfSeveral')])
  const update: Request = {
    mode: 'write',
    run: writing('updateTenant', { id: tenant.id, name: 'N' }, 'tenant { name }'),
  }
  expect(await openingsOfRequest(update, account)).toEqual([opening('admin', '', 'write')])
})

test('a refusal is recorded by an administrator without a tenant', async () => {
  const refused = { query: '{ apiKeys { totalCount } }', variables: {} }
  const openings = await openingsOf(() => send(server, { key: tenant.key }, refused))
  expect(openings.filter(({ role }) => role === 'parley_admin')).toEqual([opening('admin', '', 'write')])
})

test('a first write creates its tenant as an administrator, and is the tenant’s from then on', async () => {
  const { secret } = await server.newKey({ scopes: ['CONVERSATIONS_WRITE'], autoCreateTenants: true })
  const log: Request = { mode: 'write', run: writing('logConversation', { messages: MESSAGES }, 'created') }
  expect(await openingsOfRequest(log, { key: secret, tenantId: 'made-by-writing' })).toEqual([
    opening('admin', '', 'write'),
    opening('tenant', 'made-by-writing', 'write'),
  ])
})

test('a job in the background opens as the tenant', async () => {
  await server.owner(`INSERT INTO tenant_jobs (tenant_id, name) VALUES ('${tenant.id}', 'recompute conversations')`)
  const jobs = new TenantJobs(server.database, TENANT_JOBS)
  expect(await openingsOf(() => jobs.runOnce())).toEqual([opening('tenant', tenant.id, 'write')])
})

test('what watches the changes of a tenant opens as the tenant', async () => {
  const { promise: seen, resolve: onChange } = Promise.withResolvers<unknown>()
  const options = { onChange, maxChanges: () => 10, pauseMs: () => 0, pollMs: 3_600_000 }
  const feed = new ChangeFeed(server.database, tenant.id, options)
  await feed.begun
  await write(tenant.ask, 'updateConversation', { by: { externalId: 'x' }, campaign: 'watched' })
  const openings = await openingsOf(async () => {
    feed.wake()
    await seen
    await feed.stop()
  })
  expect(openings).toEqual([opening('tenant', tenant.id, 'snapshotOfKeys')])
})

test('times are read as they were written, whatever the time zone of the database', async () => {
  const startedAt = '2026-01-05T09:00:00.000Z'
  const messages = [{ chat: { role: 'USER', content: 'a', timestamp: startedAt } }]
  const input = { externalId: 'timed', startedAt, messages }
  const { data } = await write(tenant.ask, 'logConversation', input, 'conversation { id startedAt }')
  const { id } = data.logConversation.conversation
  const READ = `query ($id: ID!) { conversation(by: { id: $id }) { startedAt messages { nodes { timestamp } } } }`
  const range = { from: '2026-01-05T09:00:00Z', to: '2026-01-05T10:00:00Z' }
  const COUNT = 'query ($range: TimeRange) { conversationMetrics(range: $range) { current { conversationCount } } }'
  const expected = { startedAt, messages: { nodes: [{ timestamp: startedAt }] } }
  expect(data.logConversation.conversation).toEqual({ id, startedAt })
  for (const compilesReads of [true, false]) {
    const on = serveTestDatabase(server, server.adminKey, { compilesReads })
    const asked = await on.ask({ key: tenant.key }, READ, { id })
    expect(asked.data.conversation).toEqual(expected)
    const counted = await on.ask({ key: tenant.key }, COUNT, { range })
    expect(counted.data.conversationMetrics.current).toEqual({ conversationCount: 1 })
    const live = await send(on, { key: tenant.key }, { query: LIVE, variables: { id } })
    expect(JSON.parse(live.text).data.conversationUpdated).toEqual({ id, startedAt })
    await on.changes.close()
  }
})

test('a key ends when it says, whatever the time zone of the database', async () => {
  const now = Date.now()
  const expiresAt = new Date(now + 3_600_000).toISOString()
  const { secret } = await server.newKey({ scopes: ['CONVERSATIONS_READ'], tenantId: tenant.id, expiresAt })
  const statusAt = async (ms: number) => {
    server.clock.now = new Date(ms)
    return (await server.ask({ key: secret }, LIST)).status
  }
  expect(await statusAt(now + 3_599_999)).toBe(200)
  expect(await statusAt(now + 3_600_000)).toBe(401)
  server.clock.now = null
})

/** The embedded database has no timers: what runs too long there ends with its thread (test/abuse/embedded.test.ts). */
test.skipIf(!isPostgres)('what nobody waits for is ended by the statement timeout', async () => {
  const database = { ...server.database, statementTimeoutMs: 100 }
  const reach = { tenantId: tenant.id, admin: false, rowRestriction: null }
  const forEver = sql`SELECT count(*) FROM generate_series(1, 1000000000)`
  const running = writeAsTenant(database, reach, ({ run }) => run(forEver), { inBackground: true })
  expect(databaseCode(await running.catch((error) => error))).toBe(QUERY_CANCELED)
})

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, describe, expect, inject, test, vi } from 'vitest'
import { EmbeddedEngine } from '../src/database/embedded/engine.ts'
import { FailureLog } from '../src/failure-log.ts'
import type { BackgroundJob } from '../src/jobs/background-job.ts'
import { ExpiringKeys } from '../src/jobs/expiring-keys.ts'
import { IdleConversations } from '../src/jobs/idle-conversations.ts'
import { SealedSecrets } from '../src/jobs/sealed-secrets.ts'
import { TENANT_JOBS, TenantJobs } from '../src/jobs/tenant-jobs.ts'
import { createLog } from '../src/log.ts'
import { makeKey, newIssuerName, register, sign } from './credentials/token-issuers/issuer.ts'
import { log as logConversation } from './live/conversations.ts'
import { readEvents } from './support/live.ts'
import { openWithFirstKeys, serveTestDatabase } from './support/server.ts'
import { isStory } from './support/story.ts'

isStory()

const lines: Record<string, unknown>[] = []
const log = createLog('info', { write: (line) => void lines.push(JSON.parse(line)) })
const failureLog = new FailureLog(log, 3_600_000)
/** The work of each failure, logged or only counted. */
const failed: string[] = []

const { opened, adminKey } = await openWithFirstKeys({
  onBackgroundFailure(work, error) {
    failureLog.note(work, error)
    failed.push(work)
  },
})
const server = serveTestDatabase(opened, adminKey, { rateLimits: { perMinute: 1_000, tenantPerMinute: 0 } })
const [{ role } = {}] = await opened.database.query<{ role: string }>('SELECT current_user AS role')
const live = await subscribe()
const [issuer, issuerKey, issuersTenant] = [newIssuerName(), await makeKey('key-1'), await server.newTenant()]
await register(server, { issuer, keys: [issuerKey.publicJwk] })
afterAll(async () => {
  failureLog.close()
  await live.close()
  await server.changes.close()
  await opened.database.close()
})

/** Changes are followed, and those of other processes listened for, while somebody subscribes. */
async function subscribe() {
  const { key } = await server.newTenant()
  const response = await server.fetch('/graphql', {
    method: 'POST',
    headers: { accept: 'text/event-stream', 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query: 'subscription { conversationsChanged { resumeToken } }' }),
  })
  const live = readEvents(response)
  await live.data()
  return live
}

let minutes = 0
function passMinute() {
  minutes += 1
  server.clock.now = new Date(Date.now() + minutes * 60_000)
}

const preflight = () =>
  server.fetch('/graphql', {
    method: 'OPTIONS',
    headers: { origin: 'https://app.example.com', 'access-control-request-method': 'POST' },
  })

async function runOnce(job: BackgroundJob) {
  job.start()
  await job.close()
}

interface BackgroundWork {
  /** What the owner of the tables takes away, so that the work fails. */
  revoke: string
  provoke(): Promise<unknown>
  onPostgresOnly?: boolean
}

const WORKS: Record<string, BackgroundWork> = {
  'record the last use of API keys': {
    revoke: `EXECUTE ON FUNCTION touch_api_key(uuid, text, text) FROM ${role}`,
    async provoke() {
      passMinute()
      expect((await server.admin('{ viewer { name } }')).errors).toBeUndefined()
    },
  },
  'record the last use of token issuers': {
    revoke: `EXECUTE ON FUNCTION touch_token_issuer(uuid, text, text) FROM ${role}`,
    async provoke() {
      passMinute()
      const now = Math.floor(Date.now() / 1_000) + minutes * 60
      const token = await sign(issuerKey, { iss: issuer, tenant: issuersTenant.id, iat: now, exp: now + 600 })
      expect((await server.ask({ key: token }, '{ viewer { name } }')).errors).toBeUndefined()
    },
  },
  'look up allowed origins': {
    revoke: `EXECUTE ON FUNCTION list_allowed_origins() FROM ${role}`,
    provoke: async () => expect((await preflight()).status).toBe(503),
  },
  'check readiness': {
    revoke: `SELECT ON _prisma_migrations FROM ${role}`,
    async provoke() {
      // A check is shared for a second.
      passMinute()
      expect((await server.fetch('/ready')).status).toBe(503)
    },
  },
  'prune old changes': {
    revoke: 'DELETE ON conversation_changes FROM parley_tenant',
    provoke: async () => logConversation((await server.newTenant()).ask),
  },
  'bring stored rows up to date': {
    revoke: `EXECUTE ON FUNCTION list_tenant_jobs() FROM ${role}`,
    provoke: () => runOnce(new TenantJobs(opened.database, TENANT_JOBS)),
  },
  'close idle conversations': {
    revoke: `EXECUTE ON FUNCTION list_abandoning_tenants() FROM ${role}`,
    provoke: () => new IdleConversations(opened.database).runOnce(new Date()),
  },
  'delete sealed secrets': {
    revoke: 'DELETE ON sealed_secrets FROM parley_admin',
    provoke: () => runOnce(new SealedSecrets(opened.database)),
  },
  'look for API keys that expire': {
    revoke: 'SELECT ON api_keys FROM parley_admin',
    provoke: () => runOnce(new ExpiringKeys(opened.database, log)),
  },
  'read what changed': {
    revoke: 'SELECT ON conversation_changes FROM parley_tenant',
    provoke: async () => opened.database.wakeups.publish({ tenantIds: null, credentials: false }),
  },
  'share rate-limit counts': {
    onPostgresOnly: true,
    revoke: `EXECUTE ON FUNCTION add_to_rate_counts(integer, text[], integer[]) FROM ${role}`,
    async provoke() {
      passMinute()
      expect((await server.admin('{ viewer { name } }')).errors).toBeUndefined()
    },
  },
  'notify other processes of writes': {
    onPostgresOnly: true,
    revoke: 'EXECUTE ON FUNCTION pg_notify(text, text) FROM PUBLIC',
    provoke: async () => opened.database.wakeups.publish({ tenantIds: null, credentials: false }),
  },
}

/** It fails when its connection ends. */
const LISTENS = 'listen for writes of other processes'

/** It fails when the thread of the embedded database ends. */
const RUNS = 'run the embedded database'

/** It fails when a statement of upkeep does. */
const KEEPS_IN_ORDER = 'keep the embedded database in order'

const linesOf = (work: string) => lines.filter((line) => line['work'] === work)

describe('background work that goes on failing is logged once', () => {
  const onPGlite = inject('databaseKind') === 'pglite'

  test.skipIf(onPGlite)(LISTENS, async () => {
    const END = `SELECT count(pg_terminate_backend(pid))::int AS ended FROM pg_stat_activity
      WHERE application_name = 'parley listen' AND datname = current_database()`
    await expect.poll(() => server.owner(END)).toEqual([{ ended: 1 }])
    await expect.poll(() => failed).toContain(LISTENS)
    expect(linesOf(LISTENS)).toEqual([expect.objectContaining({ level: 'warn', msg: 'background work failed' })])
  })

  test.skipIf(!onPGlite)(KEEPS_IN_ORDER, async () => {
    const maintain = vi.spyOn(EmbeddedEngine.prototype, 'maintain').mockRejectedValue(new Error('planted'))
    for (const times of [1, 2]) {
      expect((await server.admin('{ viewer { name } }')).errors).toBeUndefined()
      await expect.poll(() => failed.filter((work) => work === KEEPS_IN_ORDER).length, { timeout: 5_000 }).toBe(times)
    }
    maintain.mockRestore()
    expect(linesOf(KEEPS_IN_ORDER)).toHaveLength(1)
  })

  test.for(Object.entries(WORKS))('%s', async ([work, { revoke, provoke, onPostgresOnly = false }], { skip }) => {
    skip(onPostgresOnly && onPGlite)
    await server.owner(`REVOKE ${revoke}`)
    for (const times of [1, 2]) {
      await provoke()
      await expect.poll(() => failed.filter((other) => other === work).length).toBeGreaterThanOrEqual(times)
    }
    expect(linesOf(work)).toEqual([
      expect.objectContaining({
        level: 'warn',
        err: expect.objectContaining({ stack: expect.stringMatching('denied') }),
      }),
    ])
  })

  test.runIf(onPGlite)(RUNS, async () => {
    const post = vi.spyOn(Worker.prototype, 'postMessage')
    await opened.database.query('SELECT 1')
    const [thread] = post.mock.contexts as Worker[]
    post.mockRestore()
    await thread?.terminate()
    await expect.poll(() => failed).toContain(RUNS)
    expect(linesOf(RUNS)).toEqual([expect.objectContaining({ level: 'warn', msg: 'background work failed' })])
  })
})

test('all background work of the source is among these', () => {
  const source = join(import.meta.dirname, '../src')
  const reported = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.includes('generated'))
    .flatMap((file) => [
      ...readFileSync(join(source, file), 'utf8').matchAll(
        /\b(?:(?:onFailure|backgroundFailure|failureOf)\(|super\(database, )'([^']+)'/g,
      ),
    ])
    .map(([, work]) => work)
  expect(reported.sort()).toEqual([LISTENS, RUNS, KEEPS_IN_ORDER, ...Object.keys(WORKS)].sort())
})

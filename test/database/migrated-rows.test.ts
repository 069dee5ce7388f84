import fc from 'fast-check'
import { expect, inject, test, vi } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import { connect } from '../../src/database/connect.ts'
import { openEmbedded } from '../../src/database/embedded/open.ts'
import { migrate, migrationNames } from '../../src/database/migrate.ts'
import { clientSession, type Session } from '../../src/database/session.ts'
import { listJobs } from '../../src/jobs/tenant-jobs.sql.ts'
import { createLog } from '../../src/log.ts'
import { serve } from '../../src/serve.ts'
import { history, replay, type Write } from '../analytics/random-writes.ts'
import { register } from '../documents/documents.ts'
import { must, plantVictim } from '../isolation/plant.ts'
import { managedPostgres, newDirectory, roleUrl, type Settings, useProcesses } from '../support/process.ts'
import { SIGNING_KEY_SECRET, startTestServer } from '../support/server.ts'
import { asOwner } from '../support/template.ts'
import {
  inOrder,
  ofTenant,
  type Row,
  type RunSql,
  readRollups,
  readTables,
  storeRows,
  type Tables,
} from './old-rows.ts'

/**
 * What an earlier version has stored is, once migrated and served, what this version would have stored. Before each migration
 * a tenant's rows are stored as the version of then did: as those of this version, without the columns that were still to come.
 * So each migration meets rows, and a new one needs no line here, unless rows that are older than it are not to be as new ones.
 */

useProcesses()

/** What was stored otherwise before a migration, if this is more than a column less. */
const STORED_BEFORE: Record<string, (tables: Tables) => Tables> = {
  // A conversation had a language only if the caller said so.
  '20261129184000_known_times': (tables) => ({
    ...tables,
    conversations: (tables['conversations'] ?? []).map((row) => ({ ...row, language: row['given_language'] })),
  }),
  // Some values had other names, a recording’s duration was in seconds, and understood messages were not counted.
  '20261130100000_contract_names': (tables) => ({
    ...tables,
    conversations: (tables['conversations'] ?? []).map(({ recording_duration_ms: ms, ...row }) => ({
      ...row,
      outcome: row['outcome'] === 'HUMAN_AGENT' ? 'AGENT' : row['outcome'],
      recording_duration_seconds: ms === null ? null : Number(ms) / 1_000,
      rules_version: 1,
    })),
    audit_events: (tables['audit_events'] ?? []).map((row) => ({
      ...row,
      actor_kind: row['actor_kind'] === 'ISSUER_TOKEN' ? 'FOREIGN_TOKEN' : row['actor_kind'],
      action: row['action'] === 'TOKEN_ISSUER_DELETED' ? 'TOKEN_ISSUER_REMOVED' : row['action'],
    })),
  }),
}

/** What nothing tells of rows that are older than the column. */
const UNKNOWN_BEFORE: Record<string, unknown> = {
  'tenants.embed_token_generation': 0,
  'tenants.embed_tokens_revoked_at': null,
  'tenants.allowed_origins': [],
  'tenants.derives_sentiment': true,
  'tenants.derives_language': true,
  'tenants.derives_token_count': true,
  'tenants.derives_cost': true,
  'tenants.redacts_personal_data': true,
  'api_keys.note': null,
  'api_keys.requests_per_minute': null,
  'api_keys.allowed_networks': [],
  'tenants.redacts_phone_numbers': false,
  'tenants.phone_region': null,
  'tenants.redacts_ibans': false,
  'tenants.redaction_patterns': [],
  'messages.derived': [],
  'tenants.abandon_after_minutes': 0,
  'messages.redactions': null,
  'messages.external_id': null,
  'messages.attachments': null,
  'messages.reply': null,
  'messages.intent_external_id': null,
  'conversations.llm_stats': null,
  'conversations.is_llm_conversation': null,
  'conversations.title': null,
  'conversations.end_reason': null,
  'conversations.given_cost': null,
  'conversations.is_abandoned_as_idle': false,
  'token_issuers.documents': 'ANY',
}

const server = await startTestServer()
const tenantId = await write()
const written = withoutNewActions(withoutUselessStarts(ofNobodyElse(await readTables(server.owner))))
const rollups = await readRollups(server.owner)

/** Without the account's own key and its doings. */
function ofNobodyElse(tables: Tables): Tables {
  const isOwn = (row: Row) => JSON.stringify(row).includes(tenantId)
  return Object.fromEntries(
    Object.entries(tables).map(([table, rows]) => [table, table === 'signing_keys' ? rows : rows.filter(isOwn)]),
  )
}

/** That a caller named the time of the first message as the start as well, nobody knows of old rows, and nothing follows from it. */
function withoutUselessStarts(tables: Tables): Tables {
  const conversations = (tables['conversations'] ?? []).map((row) =>
    row['given_started_at'] === row['first_known_at'] ? { ...row, given_started_at: null } : row,
  )
  return { ...tables, conversations }
}

/** Of audit events that no version recorded before. */
function withoutNewActions(tables: Tables): Tables {
  const auditEvents = (tables['audit_events'] ?? []).filter((row) => row['action'] !== 'DOCUMENTS_REGISTERED')
  return { ...tables, audit_events: auditEvents }
}

/** With the code of this version. Returns the tenant. */
async function write(): Promise<string> {
  const { ask, tenantId } = await plantVictim(server)
  await register(server.admin, `# ${tenantId}\n{ viewer { name } }`)
  await must(server.admin, 'mutation { rotateSigningKey { verifyUntil: __typename } }', {})
  // In one bucket of the roll-ups, which leave the test out.
  const LOG = 'mutation ($input: LogConversationInput!) { logConversation(input: $input) { created } }'
  const messages = ['10:00', '10:05'].map((time) => ({
    chat: { role: 'USER', content: 'Hello', timestamp: `2026-03-12T${time}:00Z` },
  }))
  for (const isTest of [false, true]) await must(ask, LOG, { input: { isTest, messages } })
  for (const writes of fc.sample(history, 2)) await replay(ask, writes.map(timed))
  return tenantId
}

/** With times for all messages: of one without, an earlier version knew another time. */
function timed(write: Write, index: number): Write {
  if (!('input' in write) || !('messages' in write.input)) return write
  const startedAt = 'startedAt' in write.input ? write.input.startedAt : '2026-03-12T00:00:00.000Z'
  const messages = write.input.messages.map((message, i) => {
    const timestamp = new Date(Date.parse(startedAt) + 1_000 * (1 + i) + index).toISOString()
    return Object.fromEntries(Object.entries(message).map(([kind, fields]) => [kind, { ...fields, timestamp }]))
  })
  return { ...write, input: { ...write.input, messages } } as Write
}

interface Upgraded {
  /** The columns that there were before each migration, as `table.column`. */
  known: ReadonlyMap<string, ReadonlySet<string>>
  tables: Tables
  rollups: Row[]
}

const tenantBefore = (migration: string) => `${tenantId}-before-${migration}`

const rowsBefore = (migration: string) =>
  ofTenant(written, [tenantId, tenantBefore(migration)], migrationNames.indexOf(migration))

/** Migrates from the first version on, and stores a tenant's rows before each migration. A server applies the last one. */
async function upgrade(): Promise<Upgraded> {
  const known = new Map<string, ReadonlySet<string>>()
  const { settings, run } = await openEmpty(async (session, run) => {
    const lastReached = new Error('the last migration is for the server')
    const migrated = migrate(
      beforeEachMigration(session, async (migration) => {
        if (!migration) throw new Error('there are more migrations than names')
        if (migration === migrationNames[0]) return
        const otherwise = Object.entries(STORED_BEFORE).filter(([since]) => since >= migration)
        const rows = otherwise.reduce((tables, [, storedBefore]) => storedBefore(tables), rowsBefore(migration))
        known.set(migration, await storeRows(run, rows))
        if (migration === migrationNames.at(-1)) throw lastReached
      }),
    )
    await expect(migrated).rejects.toBe(lastReached)
  })
  await serveUntilUpToDate(settings)
  return run(async (run) => ({ known, tables: await readTables(run), rollups: await readRollups(run) }))
}

function beforeEachMigration(session: Session, work: (migration: string | undefined) => Promise<void>): Session {
  let begun = 0
  return {
    ...session,
    async execute(sql) {
      if (sql === 'BEGIN') await work(migrationNames[begun++])
      await session.execute(sql)
    },
  }
}

interface Opened {
  settings: Settings
  run<Result>(work: (run: RunSql) => Promise<Result>): Promise<Result>
}

/**
 * A database without a table. `migrateIt` is given a session of the owner of the tables, who is no superuser if this is
 * PostgreSQL. `run` then gives a superuser.
 */
async function openEmpty(migrateIt: (owner: Session, run: RunSql) => Promise<void>): Promise<Opened> {
  if (inject('databaseKind') === 'pglite') {
    const dataDir = newDirectory()
    const run = async <Result>(work: (run: RunSql, session: Session) => Promise<Result>): Promise<Result> => {
      const { session, close } = await openEmbedded({ dataDir, connectTimeoutMs: 20_000, fsync: false })
      return work((sql) => session.query(sql), session).finally(close)
    }
    await run((run, session) => migrateIt(session, run))
    return { settings: { DATA_DIR: dataDir, EMBEDDED_FSYNC: 'false' }, run }
  }
  const { superuser, owner } = await managedPostgres()
  const run = <Result>(work: (run: RunSql) => Promise<Result>): Promise<Result> =>
    asOwner(superuser, (client) => work(async (sql) => (await client.query(sql)).rows))
  await run((run) => asOwner(owner, (client) => migrateIt(clientSession(client), run)))
  return { settings: { DATABASE_URL: roleUrl(superuser), DATABASE_OWNER_URL: owner }, run }
}

/** As `npm start` opens it. */
async function serveUntilUpToDate(settings: Settings) {
  const config = parseConfig({ PORT: '0', SIGNING_KEY_SECRET, ...settings })
  const database = await connect(config.database)
  const service = await serve(database, config, createLog('silent'))
  expect(await listJobs(database)).not.toEqual([])
  await vi.waitFor(async () => expect(await listJobs(database)).toEqual([]), { timeout: 10_000 })
  await service.stop()
  await database.close()
}

const upgraded = await upgrade()

test('there are rows in every table to migrate', () => {
  expect(Object.keys(written).filter((table) => written[table]?.length === 0)).toEqual([])
  expect(rollups).not.toEqual([])
})

const isOf = (migration: string) => (row: Row) => JSON.stringify(row).includes(tenantBefore(migration))

test.each(migrationNames.slice(1))('rows from before %s are as this version stores them', (migration) => {
  const known = upgraded.known.get(migration)
  for (const [table, rows] of Object.entries(rowsBefore(migration))) {
    // A table that was made later has rows of later versions only.
    if (!known?.has(`${table}.${Object.keys(rows[0] ?? {})[0]}`)) continue
    const expected = rows.map((row) => {
      const columns = Object.entries(row).map(([column, value]) => {
        const name = `${table}.${column}`
        return [column, name in UNKNOWN_BEFORE && !known.has(name) ? UNKNOWN_BEFORE[name] : value]
      })
      return Object.fromEntries(columns)
    })
    const found = upgraded.tables[table]?.filter(isOf(migration)) ?? []
    expect({ table, rows: inOrder(found) }).toEqual({ table, rows: inOrder(expected) })
  }
  const ofThisTenant = rollups.map((row) => ({ ...row, tenant_id: tenantBefore(migration) }))
  expect(upgraded.rollups.filter(isOf(migration))).toEqual(inOrder(ofThisTenant))
})

import { readFileSync } from 'node:fs'
import { describe, expect, inject, test } from 'vitest'
import { migrate } from '../../src/database/migrate.ts'
import { clientSession } from '../../src/database/session.ts'
import {
  dropPostgres,
  FIRST_KEY_VIEWER,
  type Line,
  managedPostgres,
  migratedDatabase,
  newPostgres,
  roleUrl,
  ServerProcess,
  useProcesses,
  VIEWER,
} from '../support/process.ts'
import { asOwner } from '../support/template.ts'

useProcesses()

describe.skipIf(inject('databaseKind') === 'pglite')('on PostgreSQL', () => {
  test('DATABASE_OWNER_URL migrates and makes the role of DATABASE_URL, which then serves by itself', async () => {
    const { superuser, owner } = await managedPostgres()
    const url = roleUrl(superuser)
    const first = new ServerProcess({ DATABASE_URL: url, DATABASE_OWNER_URL: owner })
    const key = await first.adminKey()
    expect((await first.ask(key, VIEWER)).body).toMatchObject(FIRST_KEY_VIEWER)
    await first.stop()

    const second = new ServerProcess({ DATABASE_URL: url })
    expect((await second.ask(key, VIEWER)).body).toMatchObject(FIRST_KEY_VIEWER)
  })

  test('the owner of the tables removes what is old, as the pages say, and nobody needs to be a superuser for it', async () => {
    const { superuser, owner } = await managedPostgres()
    await asOwner(owner, (client) => migrate(clientSession(client)))
    await asOwner(superuser, (client) =>
      client.query(`
        INSERT INTO tenants (id, name, time_zone) VALUES ('acme', 'Acme', 'UTC');
        INSERT INTO audit_events (id, at, actor_kind, action, outcome)
          SELECT gen_random_uuid(), now() - days * interval '1 day', 'NONE', 'DATA_WRITTEN', 'DONE' FROM generate_series(0, 99) AS days;
        INSERT INTO idempotency_keys (tenant_id, key, input_hash, created_at)
          SELECT 'acme', days, '', now() - days * interval '1 day' FROM generate_series(0, 99) AS days`),
    )
    const pages = ['src/conversations/README.md', 'src/audit/README.md'].map((path) => readFileSync(path, 'utf8'))
    const statements = [...pages.join().matchAll(/DELETE FROM (\w+) WHERE [^`]+(?=`)/g)]
    expect(statements.map(([, table]) => table)).toEqual(['idempotency_keys', 'audit_events'])
    for (const [statement, table] of statements) {
      const removed = await asOwner(owner, (client) => client.query(statement))
      expect({ table, removed: removed.rowCount }).toEqual({
        table,
        removed: expect.toSatisfy((count) => count > 0 && count < 100),
      })
    }
  })

  test('two starts at once on an empty database both serve, with one key between them; a killed one leaves no worker', async () => {
    const superuser = await newPostgres()
    const settings = { DATABASE_URL: roleUrl(superuser), DATABASE_OWNER_URL: superuser }
    const several = new ServerProcess({ ...settings, PROCESSES: '2' })
    const alone = new ServerProcess(settings)
    const servers = [several, alone]
    const key = await Promise.any(servers.map((server) => server.adminKey()))
    for (const server of servers) expect((await server.ask(key, VIEWER)).body).toMatchObject(FIRST_KEY_VIEWER)
    expect(await alone.stop()).toBe(0)
    // It has ended when nobody holds its output any more, which its workers do as well.
    expect(await several.stop('SIGKILL')).toBe('SIGKILL')
    const keyLines = servers.flatMap((server) => server.lines).filter((line) => 'adminKey' in line)
    expect(keyLines).toHaveLength(1)
    expect(await asOwner(superuser, (owner) => owner.query('SELECT 1 FROM api_keys'))).toHaveProperty('rowCount', 1)
  })

  test('a start without SIGNING_KEY_SECRET logs one warning, and what needs it answers NOT_CONFIGURED', async () => {
    const settings = await migratedDatabase()
    const server = new ServerProcess({ ...settings, PROCESSES: '2' })
    const key = await server.adminKey()
    await server.ask(key, 'mutation { createTenant(input: { id: "acme", name: "Acme" }) { created } }')
    for (const [field, tenantId] of [
      ['createEmbedToken(input: {}) { token }', 'acme'],
      ['rotateSigningKey { keyId }', ''],
    ] as const) {
      const { body } = await server.ask(key, `mutation { ${field} }`, { tenantId })
      expect(body.errors).toEqual([
        expect.objectContaining({
          message: 'This deployment lacks the setting SIGNING_KEY_SECRET, which the operation needs.',
          extensions: { code: 'NOT_CONFIGURED' },
        }),
      ])
    }
    await server.stop()
    const isWarning = ({ level }: Line) => level === 'warn'
    expect(server.lines.filter(isWarning).map(({ msg }) => msg)).toEqual([
      expect.stringMatching(/^SIGNING_KEY_SECRET is not set: createEmbedToken .* Set it to 32/),
    ])

    const configured = new ServerProcess({ ...settings, SIGNING_KEY_SECRET: 'x'.repeat(32) })
    const { body } = await configured.ask(key, 'mutation { createEmbedToken(input: {}) { expiresAt } }', {
      tenantId: 'acme',
    })
    expect(body).toHaveProperty('data.createEmbedToken.expiresAt')
    expect(configured.lines.filter(isWarning)).toEqual([])
  })

  test('readiness fails while the database is read-only, as after a failover', async () => {
    const settings = await migratedDatabase()
    const server = new ServerProcess(settings)
    await server.adminKey()
    const { pathname } = new URL(String(settings['DATABASE_URL']))
    const setReadOnly = (value: string) =>
      asOwner(String(settings['DATABASE_OWNER_URL']), async (owner) => {
        await owner.query('SET default_transaction_read_only = off')
        await owner.query(`ALTER DATABASE ${pathname.slice(1)} SET default_transaction_read_only = ${value}`)
        // What is set holds for connections that are made after it.
        await owner.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = 'parley'`)
      })
    await setReadOnly('on')
    await expect.poll(async () => (await server.fetch('/ready')).status, { timeout: 10_000 }).toBe(503)
    await setReadOnly('off')
    await expect.poll(async () => (await server.fetch('/ready')).status, { timeout: 10_000 }).toBe(200)
    await server.stop()
  })

  test('readiness fails while the database is gone, and health does not', async () => {
    const settings = await migratedDatabase()
    const server = new ServerProcess(settings)
    const key = await server.adminKey()
    expect((await server.fetch('/ready')).status).toBe(200)
    await dropPostgres(String(settings['DATABASE_URL']))
    await expect.poll(async () => (await server.fetch('/ready')).status, { timeout: 10_000 }).toBe(503)
    expect((await server.fetch('/health')).status).toBe(200)
    const answer = await server.ask(key, VIEWER)
    expect(answer.status).toBe(503)
    expect(answer.body.errors[0].extensions).toEqual({ code: 'UNAVAILABLE', retryAfterSeconds: expect.any(Number) })
    expect(await server.stop()).toBe(0)
  })
})

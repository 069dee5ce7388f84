import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { tokenAfter } from '../../isolation/plant.ts'
import { type Cluster, noCluster, startCluster } from '../../support/cluster.ts'
import { Command, newDirectory, ServerProcess, type Settings, useProcesses } from '../../support/process.ts'
import { asOwner } from '../../support/template.ts'
import { answersOf, createEmbedToken, type Filled, fill, PATIENT } from './fifty-queries.ts'
import { commandsOf, paste } from './page.ts'

useProcesses()

const HEADING = 'Of PostgreSQL'
const [makeRole = ''] = commandsOf('sql', HEADING)
const [backUp = '', restoreIt = ''] = commandsOf('sh', HEADING)

/** The settings of the page, on another cluster. */
const settingsOn = ({ port }: Cluster): Settings => ({
  DATABASE_URL: `postgres://parley_app:secret@localhost:${port}/parley`,
  DATABASE_OWNER_URL: ownerOf(port),
  SIGNING_KEY_SECRET: 'x'.repeat(32),
  ...PATIENT,
})

const ownerOf = (port: number, database = 'parley') => `postgres://postgres@localhost:${port}/${database}`

/** The secret of the role that the page makes. */
const PASSWORD = 'gehe/im 1'

const title = noCluster === null ? 'of PostgreSQL' : `of PostgreSQL (skipped: ${noCluster})`

describe.skipIf(inject('databaseKind') === 'pglite' || noCluster !== null)(title, () => {
  const clusters: Cluster[] = []
  const newCluster = async () => {
    const cluster = await startCluster()
    clusters.push(cluster)
    return cluster
  }
  afterAll(() => {
    for (const cluster of clusters) cluster.stop()
  })

  let original: Cluster
  let filled: Filled
  let expected: Map<string, string>
  let resumeToken: string
  const directory = newDirectory()
  const directories = { '/var/backups/parley': directory }
  const backupUrl = () => `postgres://parley_backup:${encodeURIComponent(PASSWORD)}@localhost:${original.port}/parley`

  beforeAll(async () => {
    original = await newCluster()
    await asOwner(ownerOf(original.port, 'postgres'), (client) => client.query('CREATE DATABASE parley'))
    const server = new ServerProcess(settingsOn(original))
    filled = await fill(server)
    expected = await answersOf(server, filled)
    resumeToken = await tokenAfter(server, filled.tenants[0].secret, null)
    await server.stop()
    await asOwner(ownerOf(original.port), async (client) => {
      await client.query(makeRole)
      await client.query(`ALTER ROLE parley_backup PASSWORD '${PASSWORD}'`)
      // Somebody's report, which reads one table.
      await client.query('CREATE ROLE reports LOGIN; GRANT SELECT ON tenants TO reports')
      await client.query('CREATE ROLE half LOGIN BYPASSRLS')
    })
  })

  test('the page’s commands restore a backup on an empty cluster, and it answers the same', async () => {
    const backedUp = paste(backUp, directories, { PGPORT: String(original.port), PGPASSWORD: PASSWORD })
    expect(backedUp).toEqual({ status: 0, stderr: expect.stringContaining('has everything') })

    const cluster = await newCluster()
    const restored = paste(restoreIt, directories, { PGPORT: String(cluster.port) })
    expect(restored).toEqual({ status: 0, stderr: expect.stringContaining('with all roles and policies') })
    expect(restored.stderr).toContain('can’t log in until you let them: reports.')

    // As the role that serves, and no other.
    const { DATABASE_OWNER_URL: _owner, ...settings } = settingsOn(cluster)
    const server = new ServerProcess(settings)
    expect(expected.size).toBeGreaterThanOrEqual(50)
    expect(await answersOf(server, filled)).toEqual(expected)
    const [tenant] = filled.tenants
    await expect(tokenAfter(server, tenant.secret, resumeToken)).rejects.toThrow('RESUME_TOKEN_EXPIRED')
    await createEmbedToken(server, tenant)
    await server.stop()
    await expectWall(ownerOf(cluster.port), filled)

    // The database that is there now is left as it is.
    const again = paste(restoreIt.replace(/^createdb.*\n/, ''), directories, { PGPORT: String(cluster.port) })
    expect(again).toEqual({ status: 1, stderr: expect.stringContaining('this database is not empty') })
  })

  test('an owner that is no superuser restores what it owned', async () => {
    const target = join(directory, 'of-owner')
    const cluster = await newCluster()
    await asOwner(ownerOf(original.port, 'postgres'), async (client) => {
      await client.query('CREATE ROLE owner LOGIN CREATEROLE')
      await client.query('CREATE DATABASE owned OWNER owner')
      await client.query('GRANT parley_tenant, parley_admin, parley_functions TO owner WITH ADMIN OPTION')
    })
    const ofOwner = ({ port }: Cluster) => ({
      DATABASE_URL: `postgres://other_app:secret@localhost:${port}/owned`,
      DATABASE_OWNER_URL: `postgres://owner@localhost:${port}/owned`,
    })
    const server = new ServerProcess(ofOwner(original))
    const key = await server.adminKey()
    await server.ask(key, 'mutation { createTenant(input: { id: "acme", name: "Acme" }) { created } }')
    await server.stop()
    const BACKUP_URL = backupUrl().replace(/parley$/, 'owned')
    expect(await new Command('backup', { BACKUP_URL }, { args: [target] }).ended).toBe(0)

    await asOwner(ownerOf(cluster.port, 'postgres'), async (client) => {
      await client.query('CREATE ROLE owner LOGIN CREATEROLE')
      await client.query('CREATE ROLE stranger LOGIN CREATEROLE')
      await client.query('CREATE DATABASE owned OWNER owner')
    })
    const settings = ofOwner(cluster)
    const asStranger = { ...settings, DATABASE_OWNER_URL: settings.DATABASE_OWNER_URL.replace('owner@', 'stranger@') }
    const refused = new Command('restore', asStranger, { args: [target] })
    expect(await refused.ended).toBe(1)
    expect(refused.stderr).toContain('the tables of this backup belong to role "owner"')

    const command = new Command('restore', settings, { args: [target] })
    expect({ code: await command.ended, stderr: command.stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('with all roles and policies'),
    })
    const restored = new ServerProcess({ DATABASE_URL: settings.DATABASE_URL })
    expect((await restored.ask(key, '{ tenant(id: "acme") { name } }')).body).toMatchObject({
      data: { tenant: { name: 'Acme' } },
    })
    await restored.stop()
    const memberships = await asOwner(ownerOf(cluster.port, 'owned'), (client) =>
      client.query(`SELECT pg_has_role('owner', 'parley_functions', 'MEMBER') AS member,
        has_schema_privilege('parley_functions', 'public', 'CREATE') AS creates`),
    )
    expect(memberships.rows).toEqual([{ member: false, creates: false }])
  })

  test.each([
    ['without BACKUP_URL', () => ({}), 'BACKUP_URL: is missing'],
    [
      'as the role that serves',
      () => ({ BACKUP_URL: settingsOn(original)['DATABASE_URL'] ?? '' }),
      'role "parley_app" is the one that serves',
    ],
    [
      'as a role that row-level security holds for',
      () => ({ BACKUP_URL: `postgres://reports@localhost:${original.port}/parley` }),
      'role "reports" can’t read past row-level security',
    ],
    [
      'as a role that may not read everything',
      () => ({ BACKUP_URL: `postgres://half@localhost:${original.port}/parley` }),
      'role "half" may not read every table',
    ],
  ])('a backup %s is refused with the SQL that helps', async (_name, settingsOf, message) => {
    const { DATABASE_URL = '' } = settingsOn(original)
    const target = join(directory, 'refused')
    const command = new Command('backup', { DATABASE_URL, ...settingsOf() }, { args: [target] })
    expect(await command.ended).toBe(1)
    expect(command.stderr).toContain(message)
    expect(command.stderr).toContain(makeRole.trim())
    expect(existsSync(target)).toBe(false)
  })

  test('a restored database that lacks a policy of the backup is not to be served', async () => {
    const own = newDirectory()
    expect(await new Command('backup', { BACKUP_URL: backupUrl() }, { args: [join(own, 'backup')] }).ended).toBe(0)
    const path = join(own, 'backup/backup.json')
    const record = JSON.parse(readFileSync(path, 'utf8'))
    const { policies } = record.protection
    writeFileSync(path, JSON.stringify({ ...record, protection: { ...record.protection, policies: policies + 1 } }))
    await asOwner(ownerOf(original.port, 'postgres'), (client) => client.query('CREATE DATABASE lacking'))
    const settings = {
      DATABASE_URL: `postgres://parley_app:secret@localhost:${original.port}/lacking`,
      DATABASE_OWNER_URL: ownerOf(original.port, 'lacking'),
    }
    const restore = new Command('restore', settings, { args: [join(own, 'backup')] })
    expect(await restore.ended).toBe(1)
    expect(restore.stderr).toMatch(/^The restored database must not be served: /)
    expect(restore.stderr).toContain(`"policies":${policies + 1}`)
  })

  test('no password is in an argument, and one that was killed left nothing that looks whole', async () => {
    const own = newDirectory()
    const target = join(own, 'backup')
    const PATH = insteadOf('pg_dump', own, 'echo partial > "${3#--file=}"; sleep 60')
    const command = new Command('backup', { BACKUP_URL: backupUrl(), PATH }, { args: [target] })
    await expect.poll(() => existsSync(join(own, 'arguments')), { timeout: 20_000 }).toBe(true)
    const given = readFileSync(join(own, 'arguments'), 'utf8')
    expect(given).toContain('parley_backup@localhost')
    expect(given).not.toMatch(/gehe/)
    expect(readFileSync(join(own, 'password'), 'utf8')).toBe(`${PASSWORD}\n`)
    command.signal('SIGKILL')
    const [unfinished = ''] = readdirSync(own).filter((name) => name.startsWith('backup'))
    expect(unfinished).toMatch(/^backup\.unfinished-/)
    const { DATABASE_URL = '', DATABASE_OWNER_URL = '' } = settingsOn(original)
    const restore = new Command('restore', { DATABASE_URL, DATABASE_OWNER_URL }, { args: [join(own, unfinished)] })
    expect(await restore.ended).toBe(1)
    expect(restore.stderr).toContain('is not a backup, or an incomplete one')
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('a backup that %s stops leaves nothing', async (signal) => {
    const own = newDirectory()
    const PATH = insteadOf('pg_dump', own, 'exec sleep 60')
    const command = new Command('backup', { BACKUP_URL: backupUrl(), PATH }, { args: [join(own, 'backup')] })
    await expect.poll(() => existsSync(join(own, 'password')), { timeout: 20_000 }).toBe(true)
    command.signal(signal)
    expect(await command.ended).toBe(1)
    expect(command.stderr).toBe(`Stopped by ${signal}.\n`)
    expect(readdirSync(own).filter((name) => name.startsWith('backup'))).toEqual([])
  })

  test('a dump that fails is no backup', async () => {
    const own = newDirectory()
    const PATH = insteadOf('pg_dump', own, 'echo "planted" >&2; exit 3')
    const command = new Command('backup', { BACKUP_URL: backupUrl(), PATH }, { args: [join(own, 'backup')] })
    expect(await command.ended).toBe(1)
    expect(command.stderr).toBe('planted\npg_dump failed with exit code 3. The reason is above.\n')
    expect(readdirSync(own).filter((name) => name.startsWith('backup'))).toEqual([])
  })

  test('--print shows what would be run, without the password', async () => {
    const target = join(directory, 'printed')
    const command = new Command('backup', { BACKUP_URL: backupUrl() }, { args: [target, '--print'] })
    expect(await command.ended).toBe(0)
    const url = `postgres://parley_backup@localhost:${original.port}/parley`
    expect(command.stdout).toBe(`pg_dump --format=custom --file=${target}/database.dump --dbname=${url}\n`)
    expect(existsSync(target)).toBe(false)
  })
})

/** A PATH on which another program comes first. It notes how it was called. */
function insteadOf(program: string, directory: string, script: string): string {
  const bin = join(directory, 'bin')
  mkdirSync(bin)
  const note = `echo "$@" > ${directory}/arguments; echo "$PGPASSWORD" > ${directory}/password`
  writeFileSync(join(bin, program), `#!/bin/sh\n${note}\n${script}\n`)
  chmodSync(join(bin, program), 0o755)
  return `${bin}:${process.env['PATH']}`
}

/** What a tenant's role sees by itself: its own rows, and without a tenant none. */
async function expectWall(ownerUrl: string, { tenants: [one, other] }: Filled) {
  await asOwner(ownerUrl, async (client) => {
    const tenantsSeen = async (tenantId: string) => {
      await client.query(`BEGIN; SET LOCAL ROLE parley_tenant; SET LOCAL app.tenant_id = '${tenantId}'`)
      const { rows } = await client.query('SELECT DISTINCT tenant_id FROM conversations')
      await client.query('ROLLBACK')
      return rows.map(({ tenant_id }) => tenant_id)
    }
    expect(await tenantsSeen(one.tenantId)).toEqual([one.tenantId])
    expect(await tenantsSeen(other.tenantId)).toEqual([other.tenantId])
    expect(await tenantsSeen('')).toEqual([])
    const { rows } = await client.query(`
      SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'tenant_id'
      WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND NOT (relrowsecurity AND relforcerowsecurity)`)
    expect(rows).toEqual([{ relname: 'api_keys' }])
  })
}

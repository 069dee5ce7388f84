import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { newDirectory, newPostgres, newRole, useProcesses } from '../support/process.ts'
import { refusalOf } from '../support/refusal.ts'
import { asOwner } from '../support/template.ts'

useProcesses()

test('a database that can’t be reached is named by its setting, without its password', async () => {
  const nowhere = 'postgres://somebody:hunter2@localhost:1/parley'
  const message = await refusalOf({ url: nowhere })
  expect(message).toMatch(/^DATABASE_URL: the database can't be reached: .*ECONNREFUSED/)
  const ownerMessage = await refusalOf({ url: nowhere, ownerUrl: nowhere })
  expect(ownerMessage).toMatch(/^DATABASE_OWNER_URL: the database can't be reached: .*ECONNREFUSED/)
  expect(message + ownerMessage).not.toContain('hunter2')
})

test.skipIf(inject('databaseKind') === 'pglite')(
  'a role or a database that is missing is refused with what makes it',
  async () => {
    const ownerUrl = await newPostgres()
    const missingRole = new URL(ownerUrl)
    missingRole.username = 'parley_nobody'
    const missingDatabase = new URL(ownerUrl)
    missingDatabase.pathname = '/parley_nowhere'
    for (const url of [missingRole.href, missingDatabase.href]) {
      expect(await refusalOf({ url })).toMatch(
        /^DATABASE_URL: PostgreSQL refuses the connection: .* does not exist\. .*DATABASE_OWNER_URL/,
      )
    }
    expect(await refusalOf({ url: ownerUrl, ownerUrl: missingDatabase.href })).toMatch(
      /^DATABASE_OWNER_URL: PostgreSQL refuses the connection: .* does not exist\. Name /,
    )
  },
)

test('a DATA_DIR that can’t be a directory is named', async () => {
  const file = join(newDirectory(), 'file')
  writeFileSync(file, '')
  expect(await refusalOf({ dataDir: file })).toMatch(`DATA_DIR: ${file} can't be written to: `)
})

test.skipIf(inject('databaseKind') === 'pglite')(
  'a start whose connection is lost while it migrates ends with the first error',
  async () => {
    const ownerUrl = await newPostgres({ migrated: true })
    const url = await newRole(ownerUrl)
    const END = `SELECT count(pg_terminate_backend(pid))::int AS ended FROM pg_stat_activity
    WHERE application_name = 'parley migrate' AND datname = current_database() AND wait_event_type = 'Lock'`
    const refusal = await asOwner(ownerUrl, async (owner) => {
      await owner.query('BEGIN; LOCK TABLE _prisma_migrations')
      const opening = refusalOf({ url, ownerUrl })
      // By another connection: within a transaction, what others do is read once.
      await asOwner(ownerUrl, (other) => expect.poll(async () => (await other.query(END)).rows).toEqual([{ ended: 1 }]))
      return opening
    })
    expect(refusal).toBe('terminating connection due to administrator command')
  },
)

describe.skipIf(inject('databaseKind') === 'pglite')(
  'a database that can’t serve is refused by the name of its setting',
  () => {
    let owner: string
    beforeAll(async () => {
      owner = await newPostgres({ migrated: true })
    })

    /** What starts say that reach this database by DATABASE_URL and by DATABASE_OWNER_URL. */
    const refusalsOf = async (url: string) => [
      await refusalOf({ url }),
      await refusalOf({ url: await newRole(owner), ownerUrl: url }),
    ]

    test('a standby', async () => {
      const url = await newRole(owner)
      const { username } = new URL(url)
      // What a standby answers, before PostgreSQL's own.
      await asOwner(owner, (client) =>
        client.query(`
        CREATE SCHEMA standby;
        GRANT USAGE ON SCHEMA standby TO PUBLIC;
        CREATE FUNCTION standby.pg_is_in_recovery() RETURNS boolean LANGUAGE sql AS 'SELECT true';
        ALTER ROLE ${username} SET search_path = standby, pg_catalog, public`),
      )
      expect(await refusalsOf(url)).toEqual([
        'DATABASE_URL: this PostgreSQL is a standby, which can’t be written to. Name the primary.',
        'DATABASE_OWNER_URL: this PostgreSQL is a standby, which can’t be written to. Name the primary.',
      ])
    })

    test('one that is read-only', async () => {
      const url = await newRole(owner)
      await asOwner(owner, (client) =>
        client.query(`ALTER ROLE ${new URL(url).username} SET default_transaction_read_only = on`),
      )
      expect(await refusalsOf(url)).toEqual([
        'DATABASE_URL: this PostgreSQL is read-only (default_transaction_read_only is on). Name a primary that can be written to.',
        'DATABASE_OWNER_URL: this PostgreSQL is read-only (default_transaction_read_only is on). Name a primary that can be written to.',
      ])
    })

    test.each(['LATIN1', 'SQL_ASCII', 'EUC_JP'])('one whose encoding is %s', async (encoding) => {
      const url = await newPostgres({ attributes: `TEMPLATE template0 ENCODING '${encoding}' LOCALE 'C'` })
      expect(await refusalsOf(url)).toEqual([
        `DATABASE_URL: the encoding of this database is ${encoding}. Name one whose encoding is UTF8.`,
        `DATABASE_OWNER_URL: the encoding of this database is ${encoding}. Name one whose encoding is UTF8.`,
      ])
    })
  },
)

describe.skipIf(inject('databaseKind') === 'pglite')('DATABASE_URL alone does not serve, and says what to do', () => {
  test('what is not migrated', async () => {
    expect(await refusalOf({ url: await newRole(await newPostgres()) })).toMatch(
      /^The database lacks these migrations: \d+_init.* Start once with DATABASE_OWNER_URL, .*\.$/,
    )
  })

  test('under a role that was let in nowhere', async () => {
    const url = await newRole(await newPostgres({ migrated: true }))
    expect(await refusalOf({ url })).toMatch(/^DATABASE_URL: .* Start once with DATABASE_OWNER_URL, .*$/)
  })
})

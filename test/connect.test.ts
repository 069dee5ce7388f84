import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { newDirectory, newPostgres, newRole, useProcesses } from './support/process.ts'
import { refusalOf } from './support/refusal.ts'
import { asOwner } from './support/template.ts'

useProcesses()

test('a database that can’t be reached is named by its setting, without its password', async () => {
  const nowhere = 'postgres://somebody:hunter2@localhost:1/parley'
  const message = await refusalOf({ url: nowhere })
  expect(message).toMatch(/^DATABASE_URL: the database can't be reached: .*ECONNREFUSED/)
  const ownerMessage = await refusalOf({ url: nowhere, ownerUrl: nowhere })
  expect(ownerMessage).toMatch(/^DATABASE_OWNER_URL: the database can't be reached: .*ECONNREFUSED/)
  expect(message + ownerMessage).not.toContain('hunter2')
})

test('a DATA_DIR that can’t be a directory is named', async () => {
  const file = join(newDirectory(), 'file')
  writeFileSync(file, '')
  expect(await refusalOf({ dataDir: file })).toMatch(`DATA_DIR: ${file} can't be used: `)
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
      await asOwner(ownerUrl, (other) =>
        expect.poll(async () => (await other.query(END)).rows).toEqual([{ ended: 1 }]),
      )
      return opening
    })
    expect(refusal).toBe('terminating connection due to administrator command')
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

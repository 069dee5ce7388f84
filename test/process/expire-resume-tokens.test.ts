import { existsSync } from 'node:fs'
import { expect, inject, test } from 'vitest'
import { openEmbedded } from '../../src/database/embedded/open.ts'
import { Command, migratedDatabase, newDirectory, type Settings, useProcesses } from '../support/process.ts'
import { asOwner } from '../support/template.ts'

useProcesses()

const onPGlite = inject('databaseKind') === 'pglite'

async function incarnationIn({ DATA_DIR = '', DATABASE_OWNER_URL }: Settings): Promise<string> {
  const query = 'SELECT incarnation::text AS incarnation FROM position_key'
  if (DATABASE_OWNER_URL) {
    return asOwner(DATABASE_OWNER_URL, async (client) => (await client.query(query)).rows[0].incarnation)
  }
  const embedded = await openEmbedded({ dataDir: DATA_DIR, connectTimeoutMs: 20_000 })
  const [row] = await embedded.session.query<{ incarnation: string }>(query).finally(() => embedded.close())
  return row?.incarnation ?? ''
}

const expire = (settings: Settings) => new Command('expire-resume-tokens', settings)

test('npm run expire-resume-tokens begins another life of the configured database', async () => {
  const settings = await migratedDatabase()
  const before = await incarnationIn(settings)
  const command = expire(settings)
  expect(await command.ended).toBe(0)
  expect(command.stderr).toBe('All resume tokens have expired: subscribers read their lists again.\n')
  expect(await incarnationIn(settings)).not.toBe(before)
})

test.runIf(onPGlite)('a directory without a database is left as it is', async () => {
  const DATA_DIR = newDirectory()
  const command = expire({ DATA_DIR })
  expect(await command.ended).toBe(1)
  expect(command.stderr).toBe(`DATA_DIR: there is no database in ${DATA_DIR}.\n`)
  expect(existsSync(`${DATA_DIR}/database`)).toBe(false)
})

test.skipIf(onPGlite)('without the owner of the tables it says that it needs it', async () => {
  const { DATABASE_URL = '' } = await migratedDatabase()
  const command = expire({ DATABASE_URL })
  expect(await command.ended).toBe(1)
  expect(command.stderr).toBe('DATABASE_OWNER_URL: is missing. Name the role that owns the tables.\n')
})

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { openEmbedded } from '../../src/database/embedded/open.ts'
import { clientSession, type Session } from '../../src/database/session.ts'
import { migrationOfNewerVersion, runAsOwner } from '../support/newer-version.ts'
import { migratedDatabase, newDirectory, newPostgres, useProcesses } from '../support/process.ts'
import { outcomeOfStart } from '../support/refusal.ts'
import { startTestServer } from '../support/server.ts'

useProcesses()

const { version } = packageJson
/** Whose release candidate this version may be. */
const [release = ''] = version.split('-')
const DIRECTORY = join(import.meta.dirname, '../../prisma/migrations')
const FIRST_WITH_VERSION = '20261128120000_migration_compatibility'
const NEWER = '20990101000000_newer'

const migrations = readdirSync(DIRECTORY, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => ({ name, sql: readFileSync(join(DIRECTORY, name, 'migration.sql'), 'utf8') }))
  .sort((one, other) => (one.name < other.name ? -1 : 1))
const withVersion = migrations.filter(({ name }) => name >= FIRST_WITH_VERSION)

const numbersOf = (text: string) => text.split('.').map(Number) as [number, number, number]

function isAbove(one: string, other: string): boolean {
  const [[a, b, c], [x, y, z]] = [numbersOf(one), numbersOf(other)]
  return a !== x ? a > x : b !== y ? b > y : c > z
}

const server = await startTestServer()

describe('each migration since versions are recorded', () => {
  test('inserts its own row, with a version that exists', () => {
    const INSERT = /INSERT INTO migration_compatibility[^;]*VALUES\s*\(([^;]*)\);/g
    expect(withVersion.length).toBeGreaterThan(0)
    for (const { name, sql } of withVersion) {
      const rows = [...sql.matchAll(INSERT)].map(([, row]) => row)
      expect(rows).toEqual([expect.stringMatching(`^'${name}', '\\d+\\.\\d+\\.\\d+'$`)])
      const [, oldest = ''] = /, '(.*)'$/.exec(rows[0] ?? '') ?? []
      expect({ name, isAboveThis: isAbove(oldest, release) }).toEqual({ name, isAboveThis: false })
    }
  })

  test('leaves this row in a migrated database', async () => {
    const rows = await server.owner('SELECT migration_name AS name FROM migration_compatibility ORDER BY 1')
    expect(rows).toEqual(withVersion.map(({ name }) => ({ name })))
  })
})

describe('the first migration that records a version', () => {
  let session: Session
  let close: () => Promise<void>
  beforeAll(async () => {
    if (inject('databaseKind') === 'pglite') {
      const embedded = await openEmbedded({ dataDir: newDirectory(), connectTimeoutMs: 20_000 })
      session = embedded.session
      close = () => embedded.close()
      return
    }
    const client = new pg.Client({ connectionString: await newPostgres() })
    await client.connect()
    session = clientSession(client)
    close = () => client.end()
  })
  afterAll(() => close())

  test('adds its table and changes nothing else: 0.1.0, which does not know the table, runs on', async () => {
    for (const { name, sql } of migrations) if (name < FIRST_WITH_VERSION) await session.execute(sql)
    const before = await catalogOf(session)
    await session.execute(withVersion[0]?.sql ?? '')
    const after = await catalogOf(session)
    expect(before.filter((entry) => !after.includes(entry))).toEqual([])
    const added = after.filter((entry) => !before.includes(entry))
    expect(added.map((entry) => entry.split(' ', 2).join(' ')).sort()).toEqual([
      'column migration_compatibility.migration_name',
      'column migration_compatibility.oldest_code_version',
      'constraint migration_compatibility',
      'constraint migration_compatibility',
      'relation migration_compatibility',
      'relation migration_compatibility_pkey',
    ])
  })
})

/** All that statements of older code could run into, a line each. */
async function catalogOf(session: Session): Promise<string[]> {
  const rows = await session.query<{ entry: string }>(`
    WITH own AS (SELECT * FROM pg_class WHERE relnamespace = 'public'::regnamespace)
    SELECT format('relation %s %s %s %s', relname, relkind, relrowsecurity, relacl) AS entry FROM own
    UNION ALL SELECT format('column %s.%s %s %s %s %s', relname, attname, format_type(atttypid, atttypmod), attnotnull, attacl, pg_get_expr(adbin, adrelid))
      FROM own JOIN pg_attribute a ON attrelid = own.oid LEFT JOIN pg_attrdef ON adrelid = own.oid AND adnum = attnum
      WHERE attnum > 0 AND relkind = 'r'
    UNION ALL SELECT format('constraint %s %s %s', relname, conname, pg_get_constraintdef(c.oid)) FROM pg_constraint c JOIN own ON conrelid = own.oid
      WHERE contype <> 'n'
    UNION ALL SELECT format('trigger %s %s', relname, pg_get_triggerdef(t.oid)) FROM pg_trigger t JOIN own ON tgrelid = own.oid
    UNION ALL SELECT format('policy %s %s %s %s', relname, polname, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
      FROM pg_policy JOIN own ON polrelid = own.oid
    UNION ALL SELECT format('function %s %s %s %s', p.oid::regprocedure, prosrc, proowner, proacl) FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT format('type %s %s', typname, (SELECT string_agg(enumlabel, ' ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid))
      FROM pg_type t WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'`)
  return rows.map(({ entry }) => entry)
}

const tooOld = (reason: string) => `Parley ${version} is too old for this database: ${reason}. Start a newer version.`

describe('a start on a database that a newer version has migrated', () => {
  async function startAfter(...newer: [name: string, oldestCodeVersion: string | null][]) {
    const settings = await migratedDatabase()
    await runAsOwner(settings, newer.map((migration) => migrationOfNewerVersion(...migration)).join(''))
    const { DATABASE_URL: url, DATABASE_OWNER_URL: ownerUrl, DATA_DIR: dataDir = '' } = settings
    const warnings: string[] = []
    const outcome = await outcomeOfStart({ url, ownerUrl, dataDir }, (warning) => void warnings.push(warning))
    return { warnings, outcome }
  }

  test('serves and warns if each of its migrations lets this version run', async () => {
    const second = `${NEWER}_2`
    expect(await startAfter([second, '0.0.9'], [NEWER, release])).toEqual({
      warnings: [
        `The database has migrations that are newer than Parley ${version} and allow it to run: ${NEWER}, ${second}.`,
      ],
      outcome: 'it serves',
    })
  })

  test('is refused if one needs a newer version, or does not say what it needs', async () => {
    expect(await startAfter([NEWER, null], [`${NEWER}_2`, '9.0.0'], [`${NEWER}_3`, '0.1.0'])).toEqual({
      warnings: [],
      outcome: tooOld(`migration ${NEWER} does not say which version it needs; migration ${NEWER}_2 needs 9.0.0`),
    })
  })
})

describe('a server that runs while a newer version migrates', () => {
  let seconds = Date.now()
  const ready = async () => {
    // A check is shared for a second.
    seconds += 1_000
    server.clock.now = new Date(seconds)
    return (await server.fetch('/ready')).status
  }
  const setVersion = (oldest: string) =>
    server.owner(
      `UPDATE migration_compatibility SET oldest_code_version = '${oldest}' WHERE migration_name = '${NEWER}'`,
    )
  beforeAll(async () => {
    for (const statement of migrationOfNewerVersion(NEWER, '0.1.0').split(';\n')) await server.owner(statement)
  })
  // The database is used again.
  afterAll(async () => {
    for (const table of ['_prisma_migrations', 'migration_compatibility']) {
      await server.owner(`DELETE FROM ${table} WHERE migration_name = '${NEWER}'`)
    }
  })

  test('stays ready if the migration lets it run, and is not if it needs a newer version', async () => {
    expect(await ready()).toBe(200)
    await setVersion('9.0.0')
    expect(await ready()).toBe(503)
    await expect(server.database.ready()).rejects.toThrow(tooOld(`migration ${NEWER} needs 9.0.0`))
    await setVersion(release)
    expect(await ready()).toBe(200)
  })

  test('compares versions number by number', async () => {
    const [major, minor, patch] = numbersOf(release)
    for (const newer of [
      [major, minor, patch + 10],
      [major, minor + 10, 0],
      [major + 10, 0, 0],
    ]) {
      await setVersion(newer.join('.'))
      await expect(server.database.ready()).rejects.toThrow(`needs ${newer.join('.')}`)
    }
    await setVersion('0.1.10')
    await server.database.ready()
  })

  test('finds no version that is not three numbers', async () => {
    for (const text of ['1.0', 'v1.0.0', '1.0.0-beta', '1.0.12345678901']) {
      await expect(setVersion(text)).rejects.toThrow(/violates check constraint/)
    }
  })
})

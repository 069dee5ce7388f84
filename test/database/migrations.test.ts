import { globSync, readFileSync } from 'node:fs'
import pg from 'pg'
import { afterAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { getDatamodel } from '../../src/database/generated/pothos.ts'
import { migrate, migrationNames, pendingMigrations } from '../../src/database/migrate.ts'
import { clientSession, type Session } from '../../src/database/session.ts'
import { openPGliteTemplate } from '../support/database.ts'
import { columnTypes, type Model, readPrismaSchema } from '../support/prisma-schema.ts'
import { newPostgres, useProcesses } from '../support/process.ts'
import { isStory } from '../support/story.ts'

isStory()

useProcesses()

// From the checked-in files: what is generated from them may be stale, and leaves out native types.
const schema = readPrismaSchema(
  globSync('prisma/*.prisma')
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n'),
)

/** A migrated database as its owner. */
async function openAsOwner(): Promise<{ session: Session; close(): Promise<void> }> {
  if (inject('databaseKind') === 'pglite') return openPGliteTemplate()
  const client = new pg.Client({ connectionString: await newPostgres({ migrated: true }) })
  await client.connect()
  return { session: clientSession(client), close: () => client.end() }
}

const { session, close } = await openAsOwner()
afterAll(close)

describe('the migrated tables are those of the Prisma schema', () => {
  test('table by table, column by column: names, types, nullability', async () => {
    const columns = await session.query<{ table: string; column: string; type: string }>(`
      SELECT c.relname AS table, a.attname AS column,
        format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END AS type
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND c.relname <> '_prisma_migrations'`)
    const migrated: Record<string, Record<string, string>> = {}
    for (const { table, column, type } of columns) migrated[table] = { ...migrated[table], [column]: type }
    expect(migrated).toEqual(
      Object.fromEntries(schema.models.map((model) => [model.table, columnTypes(model, schema)])),
    )
  })

  test('with the same keys', async () => {
    const keys = await session.query<{ key: string }>(`
      SELECT format('%s (%s)%s', c.relname, string_agg(a.attname, ', ' ORDER BY k.position), CASE WHEN indisprimary THEN ' primary' ELSE '' END) AS key
      FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
      JOIN unnest(i.indkey::int[]) WITH ORDINALITY AS k (attnum, position) ON true
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
      WHERE i.indisunique AND i.indpred IS NULL AND c.relnamespace = 'public'::regnamespace AND c.relname <> '_prisma_migrations'
      GROUP BY c.relname, i.indexrelid, i.indisprimary`)
    const declared = schema.models.flatMap(({ table, keys }) =>
      keys.map(({ columns, primary }) => `${table} (${columns.join(', ')})${primary ? ' primary' : ''}`),
    )
    expect(keys.map(({ key }) => key).sort()).toEqual(declared.sort())
  })

  test('with a default wherever it says so', async () => {
    const defaults = await session.query<{ name: string }>(`
      SELECT c.relname || '.' || a.attname AS name FROM pg_attrdef d
      JOIN pg_class c ON c.oid = d.adrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.adnum`)
    const declared = schema.models.flatMap(({ table, fields }) =>
      fields.filter(({ hasDefault }) => hasDefault).map(({ column }) => `${table}.${column}`),
    )
    expect(defaults.map(({ name }) => name)).toEqual(expect.arrayContaining(declared))
  })

  test('enum by enum, value by value, in the same order', async () => {
    const values = await session.query<{ name: string; values: string[] }>(`
      SELECT t.typname AS name, array_agg(e.enumlabel::text ORDER BY e.enumsortorder) AS values
      FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid GROUP BY t.typname`)
    const migrated = Object.fromEntries(values.map(({ name, values }) => [name, values]))
    expect(migrated).toEqual(Object.fromEntries(schema.enums.map(({ type, values }) => [type, values])))
  })

  test('and functions compare enums only with values that there are', async () => {
    const enumColumns = await session.query<{ column: string; values: string[] }>(`
      SELECT attname AS column, array_agg(DISTINCT enumlabel::text) AS values FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
      JOIN pg_enum e ON enumtypid = atttypid WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' GROUP BY attname`)
    const functions = await session.query<{ name: string; body: string }>(
      `SELECT proname AS name, prosrc AS body FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosrc ~ '[A-Z]'`,
    )
    const compared = functions.flatMap(({ name, body }) =>
      enumColumns.flatMap(({ column, values }) =>
        [...body.matchAll(new RegExp(`\\b${column} (?:=|<>|IN|NOT IN) \\(?((?:'[A-Z_]+'(?:, )?)+)`, 'g'))]
          .flatMap(([, list = '']) => [...list.matchAll(/'([A-Z_]+)'/g)].map(([, value = '']) => value))
          .map((value) => ({ name, column, value, exists: values.includes(value) })),
      ),
    )
    expect(compared.filter(({ exists }) => !exists)).toEqual([])
    const inRollups = compared.filter(
      ({ name, column }) => name === 'roll_up_conversation_update' && column === 'outcome',
    )
    // They are all outcomes: CONVERSATIONS_WITH_OUTCOME is their sum.
    const outcomes = schema.enums.find(({ type }) => type === 'outcome')?.values ?? []
    expect(inRollups.map(({ value }) => value).toSorted()).toEqual(outcomes.toSorted())
  })

  test('which is what the client in use was generated from', () => {
    const { models } = getDatamodel().datamodel
    const generated = Object.entries(models).map(([name, { fields }]) => [
      name,
      fields.filter(isColumn).map(describeField),
    ])
    const declared = schema.models.map(({ name, fields }: Model) => [
      name,
      fields.map((field) => describeField({ ...field, isRequired: field.required, isList: field.list })),
    ])
    expect(Object.fromEntries(generated)).toEqual(Object.fromEntries(declared))
  })
})

const isColumn = ({ kind }: { kind: string }) => kind !== 'object'

function describeField(field: { name: string; type: string; isRequired: boolean; isList: boolean }): string {
  const arity = field.isList ? '[]' : field.isRequired ? '' : '?'
  return `${field.name} ${field.type}${arity}`
}

/** A connection on which a statement still arrives, and its answer and whatever follows does not. */
function losesConnectionAfter(isLast: (sql: string) => boolean, error: Error): Session {
  let isLost = false
  const unlessLost = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (isLost) throw new Error('the connection is closed')
    return work()
  }
  return {
    execute: (sql) =>
      unlessLost(async () => {
        await session.execute(sql)
        isLost = isLast(sql)
        if (isLost) throw error
      }),
    query: (sql, parameters) => unlessLost(() => session.query(sql, parameters)),
  }
}

describe('migrating', () => {
  const applied = () => session.query('SELECT * FROM _prisma_migrations ORDER BY migration_name')
  const tables = async () => {
    const rows = await session.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`,
    )
    return rows.map(({ name }) => name)
  }

  test('a second time changes nothing', async () => {
    const before = await applied()
    expect(before.length).toBeGreaterThan(0)
    await migrate(session)
    expect(await applied()).toEqual(before)
    expect(await pendingMigrations(session)).toEqual([])
  })

  test('is refused where an applied migration was changed since', async () => {
    const [first] = (await applied()) as { id: string; migration_name: string; checksum: string }[]
    const setChecksum = (checksum?: string) =>
      session.query('UPDATE _prisma_migrations SET checksum = $1 WHERE id = $2', [checksum, first?.id])
    await setChecksum('0'.repeat(64))
    await expect(migrate(session)).rejects.toThrow(
      `Migration ${first?.migration_name} was changed after it had been applied to this database.`,
    )
    await setChecksum(first?.checksum)
    await migrate(session)
  })

  describe('an empty schema', () => {
    beforeEach(() => session.execute('DROP SCHEMA public CASCADE; CREATE SCHEMA public'))

    test('becomes the migrated one without any table of conversations being written anew', async () => {
      const files = async () =>
        session.query<{ name: string; file: string }>(`
          SELECT relname AS name, pg_relation_filenode(oid)::text AS file FROM pg_class
          WHERE relnamespace = 'public'::regnamespace AND relname IN ('conversations', 'messages') ORDER BY 1`)
      const [first = '', ...others] = migrationNames
      const sqlOf = (name: string) => readFileSync(`prisma/migrations/${name}/migration.sql`, 'utf8')
      await session.execute(sqlOf(first))
      const before = await files()
      for (const name of others) {
        await session.execute(sqlOf(name))
        expect({ name, files: await files() }).toEqual({ name, files: before })
      }
    })

    test('leaves nothing of a migration that fails, and goes on once it can', async () => {
      // In the way of the first migration, near its end.
      await session.execute('CREATE TABLE messages ()')
      const failure = await migrate(session).catch((error: Error) => error)
      expect(failure).toMatchObject({ message: expect.stringMatching(/^Migration \d+_init failed, and none of it/) })
      expect((failure as Error).cause).toMatchObject({ message: 'relation "messages" already exists' })
      expect(await tables()).toEqual(['_prisma_migrations', 'messages'])
      expect(await applied()).toEqual([])
      expect(await pendingMigrations(session)).toContain('20261121000000_init')

      await session.execute('DROP TABLE messages')
      await migrate(session)
      expect(await pendingMigrations(session)).toEqual([])
      expect(await tables()).toEqual([...schema.models.map(({ table }) => table), '_prisma_migrations'].sort())
    })

    test('says what it knows if the connection is lost while a migration is committed, and goes on at the next start', async () => {
      const lost = new Error('Connection terminated unexpectedly')
      const failure = await migrate(losesConnectionAfter((sql) => sql === 'COMMIT', lost)).catch(
        (error: Error) => error,
      )
      expect((failure as Error).message).toBe(
        'Migration 20261121000000_init: the connection was lost while it was being committed. Start again: a migration that was applied is recorded, and is not run twice.',
      )
      expect((failure as Error).cause).toBe(lost)

      expect(await tables()).toContain('messages')
      await migrate(session)
      expect(await pendingMigrations(session)).toEqual([])
    })

    test('says that nothing was applied if the connection is lost before, and with which error', async () => {
      const lost = new Error('Connection terminated unexpectedly')
      const failure = await migrate(losesConnectionAfter((sql) => sql.includes('CREATE TABLE messages'), lost)).catch(
        (error: Error) => error,
      )
      expect((failure as Error).message).toBe('Migration 20261121000000_init failed, and none of it was applied.')
      expect((failure as Error).cause).toBe(lost)
      await session.execute('ROLLBACK')
    })

    test('says that nothing was applied if PostgreSQL refuses to commit', async () => {
      await session.execute(`
        CREATE TABLE _prisma_migrations (
          id varchar(36), checksum varchar(64), finished_at timestamptz, migration_name varchar(255) UNIQUE DEFERRABLE INITIALLY DEFERRED,
          logs text, rolled_back_at timestamptz, started_at timestamptz, applied_steps_count integer);
        INSERT INTO _prisma_migrations (migration_name) VALUES ('20261121000000_init')`)
      const failure = await migrate(session).catch((error: Error) => error)
      expect((failure as Error).message).toBe('Migration 20261121000000_init failed, and none of it was applied.')
      expect((failure as Error).cause).toMatchObject({ code: '23505' })
      expect(await tables()).toEqual(['_prisma_migrations'])
    })
  })
})

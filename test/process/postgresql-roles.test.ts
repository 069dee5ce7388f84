import { beforeAll, describe, expect, inject, test } from 'vitest'
import { grantToServingRole } from '../../src/database/roles.ts'
import { clientSession } from '../../src/database/session.ts'
import { newPostgres, newRole, ServerProcess, useProcesses } from '../support/process.ts'
import { refusalOf } from '../support/refusal.ts'
import { asOwner } from '../support/template.ts'

useProcesses()

const refusal = (url: string) => refusalOf({ url })

const ATTRIBUTES = ['SUPERUSER', 'BYPASSRLS', 'CREATEROLE', 'REPLICATION']

const BEYOND_GRANTS = [
  ...['pg_read_all_data', 'pg_write_all_data'],
  ...['pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program'],
]

const nameOf = (url: string) => new URL(url).username

/** A role that may serve. */
async function newServingRole(owner: string): Promise<string> {
  const url = await newRole(owner, 'NOINHERIT')
  await asOwner(owner, (client) => grantToServingRole(clientSession(client), nameOf(url)))
  return url
}

describe.skipIf(inject('databaseKind') === 'pglite')('row-level security that could be bypassed', () => {
  /** For tests that change roles alone. */
  let unchanged: string
  beforeAll(async () => {
    unchanged = await newPostgres({ migrated: true })
  })

  test('is never served under: the process says why and ends', async () => {
    const url = await newPostgres({ migrated: true })
    const refused = new ServerProcess({ DATABASE_URL: url, DATABASE_OWNER_URL: url })
    expect(await refused.ended).toBe(1)
    expect(refused.stdout).toBe('')
    expect(refused.stderr.split('\n')).toEqual([
      'DATABASE_URL: its role could see the rows of other tenants, so Parley refuses to serve:',
      `  role "${nameOf(url)}" is a superuser`,
      expect.stringMatching(/^Name a separate role in DATABASE_URL .* DATABASE_OWNER_URL\.$/),
      '',
    ])
  })

  test.each(ATTRIBUTES)('is refused to a role with %s', async (attribute) => {
    const url = await newRole(unchanged, attribute)
    const way = attribute === 'SUPERUSER' ? 'is a superuser' : `has ${attribute}`
    expect(await refusal(url)).toContain(`\n  role "${nameOf(url)}" ${way}\n`)
  })

  test.each(ATTRIBUTES)('is refused to a role that can become one with %s', async (attribute) => {
    const [url, group] = [await newRole(unchanged, 'NOINHERIT'), await newRole(unchanged, attribute)]
    await asOwner(unchanged, (client) => client.query(`GRANT ${nameOf(group)} TO ${nameOf(url)}`))
    const way = attribute === 'SUPERUSER' ? 'is a superuser' : `has ${attribute}`
    expect(await refusal(url)).toContain(`\n  role "${nameOf(group)}" ${way}\n`)
  })

  test('is refused to a role that owns a table, itself or through a group', async () => {
    const owner = await newPostgres({ migrated: true })
    const [url, group] = [await newRole(owner), await newRole(owner)]
    await asOwner(owner, (client) =>
      client.query(`
        GRANT ${nameOf(group)} TO ${nameOf(url)};
        ALTER TABLE messages OWNER TO ${nameOf(url)};
        ALTER TABLE agents OWNER TO ${nameOf(group)};`),
    )
    const message = await refusal(url)
    expect(message).toContain(`\n  role "${nameOf(url)}" owns table "messages"\n`)
    expect(message).toContain(`\n  role "${nameOf(group)}" owns table "agents"\n`)
  })

  test('is refused to a role that can become the owner of the functions behind the wall', async () => {
    const url = await newRole(unchanged)
    await asOwner(unchanged, (client) => client.query(`GRANT parley_functions TO ${nameOf(url)}`))
    expect(await refusal(url)).toContain('\n  role "parley_functions" owns functions that look past a policy\n')
  })

  test.each(BEYOND_GRANTS)('is refused to a member of %s', async (group) => {
    const url = await newRole(unchanged)
    await asOwner(unchanged, (client) => client.query(`GRANT ${group} TO ${nameOf(url)}`))
    expect(await refusal(url)).toContain(`\n  role "${group}" reaches beyond what is granted\n`)
  })

  test('is refused to a role that may create in the schema, as the owner of the database or as everybody', async () => {
    const owner = await newPostgres({ migrated: true })
    const [url, everybody] = [await newRole(owner), await newServingRole(owner)]
    const database = new URL(owner).pathname.slice(1)
    await asOwner(owner, (client) => client.query(`ALTER DATABASE ${database} OWNER TO ${nameOf(url)}`))
    expect(await refusal(url)).toContain(`\n  role "${nameOf(url)}" may create in schema "public"\n`)
    await asOwner(owner, (client) => client.query(`ALTER DATABASE ${database} OWNER TO ${nameOf(owner)}`))
    await asOwner(owner, (client) => client.query('GRANT CREATE ON SCHEMA public TO PUBLIC'))
    expect(await refusal(everybody)).toContain(`\n  role "parley_tenant" may create in schema "public"\n`)
  })

  test('is refused to a role that may create temporary objects, and the owner takes the right away at the next start', async () => {
    const owner = await newPostgres({ migrated: true })
    const url = await newServingRole(owner)
    await expect(refusal(url)).rejects.toThrow('it would have served')
    const database = new URL(owner).pathname.slice(1)
    await asOwner(owner, (client) => client.query(`GRANT TEMPORARY ON DATABASE ${database} TO PUBLIC`))
    const message = await refusal(url)
    for (const role of [nameOf(url), 'parley_tenant', 'parley_admin']) {
      expect(message).toContain(`\n  role "${role}" may create temporary objects in database "${database}"\n`)
    }
    await expect(refusalOf({ url, ownerUrl: owner })).rejects.toThrow('it would have served')
  })

  test.each([
    ['"$user", public'],
    ['public'],
    ['pg_temp, public'],
    ['pg_temp, public, pg_temp'],
    ['"$user", public, pg_temp'],
  ])('is refused where a function that looks past a policy has the search_path %s', async (searchPath) => {
    const owner = await newPostgres({ migrated: true })
    const url = await newServingRole(owner)
    await asOwner(owner, (client) =>
      client.query(`ALTER FUNCTION search_messages(text, boolean) SET search_path = ${searchPath}`),
    )
    expect(await refusal(url)).toContain(
      '\n  function "search_messages(text,boolean)" has no search_path that ends with pg_temp',
    )
    await asOwner(owner, (client) => client.query('ALTER FUNCTION search_messages(text, boolean) RESET search_path'))
    expect(await refusal(url)).toContain('\n  function "search_messages(text,boolean)" has no search_path')
  })

  test.each([
    ['for everybody', 'CREATE POLICY more ON messages USING (true)', 'more', 'messages'],
    ['for a tenant', 'CREATE POLICY more ON agents TO parley_tenant USING (true)', 'more', 'agents'],
    [
      'of what is written',
      'CREATE POLICY more ON agents FOR INSERT TO parley_admin WITH CHECK (true)',
      'more',
      'agents',
    ],
    ['of an old name', 'ALTER POLICY own_tenant ON conversations USING (true)', 'own_tenant', 'conversations'],
    ['of another tenant', `CREATE POLICY more ON tenants TO parley_tenant USING (id = 'x')`, 'more', 'tenants'],
  ])('is refused where a policy %s lets in more', async (_which, change, policy, table) => {
    const owner = await newPostgres({ migrated: true })
    const url = await newServingRole(owner)
    await asOwner(owner, (client) => client.query(change))
    expect(await refusal(url)).toContain(`\n  policy "${policy}" of table "${table}" lets in more than a tenant\n`)
  })

  test('is served under where a policy takes away', async () => {
    const owner = await newPostgres({ migrated: true })
    const url = await newServingRole(owner)
    await asOwner(owner, (client) => client.query('CREATE POLICY less ON messages AS RESTRICTIVE USING (false)'))
    await expect(refusal(url)).rejects.toThrow('it would have served')
  })

  test('is refused where a table has it switched off, or not forced', async () => {
    const owner = await newPostgres({ migrated: true })
    const url = await newServingRole(owner)
    const tables = await asOwner(owner, async (client) => {
      const { rows } = await client.query('SELECT relname FROM pg_class WHERE relrowsecurity ORDER BY relname')
      return rows.map((row: { relname: string }) => row.relname)
    })
    expect(tables).toEqual(expect.arrayContaining(['conversations', 'messages', 'tenants']))
    for (const [off, on] of [
      ['DISABLE', 'ENABLE'],
      ['NO FORCE', 'FORCE'],
    ]) {
      const switched = (how: string | undefined) =>
        tables.map((table) => `ALTER TABLE ${table} ${how} ROW LEVEL SECURITY`).join(';')
      await asOwner(owner, (client) => client.query(switched(off)))
      const message = await refusal(url)
      for (const table of tables) expect(message).toContain(`\n  table "${table}" has no forced row-level security\n`)
      await asOwner(owner, (client) => client.query(switched(on)))
    }
    await expect(refusal(url)).rejects.toThrow('it would have served')
  })
})

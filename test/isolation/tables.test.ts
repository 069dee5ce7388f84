import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { tenantTables } from './attack.ts'
import { plantAttacker, plantVictim } from './plant.ts'

/** The second wall by itself, as the catalog has it and as SQL runs into it: no application in between. */

const server = await startTestServer()
const victim = await plantVictim(server)
const attacker = await plantAttacker(server)
const tables = await tenantTables(server)
// Nothing but an upgrade leaves one.
for (const { tenantId } of [victim, attacker])
  await server.owner(`INSERT INTO tenant_jobs (tenant_id, name) VALUES ('${tenantId}', 'planted')`)

/** What belongs to the account and holds nothing of any tenant: every tenant’s role may read it. */
const READABLE_TABLES = ['account_documents']

/** What belongs to the account: no tenant's role may so much as read these, but its own row of `tenants`. */
const ACCOUNT_TABLES = [
  'api_keys',
  'audit_events',
  'position_key',
  'rate_counts',
  'sealed_secrets',
  'signing_keys',
  'tenants',
  'token_issuers',
]

/** What the login role reads when it starts, before it switches to another. */
const MIGRATION_TABLES = ['_prisma_migrations', 'migration_compatibility']

/** A statement in a transaction under a role, with a tenant set, with none, or with the setting never touched. */
function asRole(role: string, tenantId: string | null | undefined, statement: string, ...values: unknown[]) {
  return server.database.prisma.$transaction(async (client) => {
    await client.$executeRawUnsafe(`SET LOCAL ROLE ${role}`)
    if (tenantId !== undefined) await client.$executeRawUnsafe(`SET LOCAL app.tenant_id = '${tenantId ?? ''}'`)
    return client.$queryRawUnsafe<Record<string, unknown>[]>(statement, ...values)
  })
}

test('every table is a tenant’s or known as the account’s, and there is nothing to look through', async () => {
  const relations = await server.owner(`
    SELECT relname AS name, relkind::text AS kind FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind NOT IN ('i', 'I', 'S', 't', 'c') ORDER BY 1`)
  const known = [...tables, ...ACCOUNT_TABLES, ...READABLE_TABLES, ...MIGRATION_TABLES]
  // Views and foreign tables would bring rows along without the tables' policies.
  expect(relations.filter(({ name, kind }) => !known.includes(String(name)) || !'rp'.includes(String(kind)))).toEqual(
    [],
  )
})

test('every table that a tenant’s role may touch has forced row-level security', async () => {
  const rows = await server.owner(`
    SELECT relname AS name, relrowsecurity AND relforcerowsecurity AS forced FROM pg_class c
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
      AND has_any_column_privilege('parley_tenant', c.oid, 'SELECT, INSERT, UPDATE, REFERENCES') ORDER BY 1`)
  const names = rows.map(({ name }) => name)
  expect([...tables, 'tenants'].filter((table) => !names.includes(table))).toEqual([])
  expect(rows.flatMap(({ name, forced }) => (forced ? [] : [name]))).toEqual(READABLE_TABLES)
})

const asksFor = (column: string) =>
  `(${column} = ( SELECT current_setting('app.tenant_id'::text, true) AS current_setting))`

test('every policy for a tenant’s role asks for the tenant of the transaction, for reading and for writing', async () => {
  const rows = await server.owner(`
    SELECT tablename AS "table", cmd, permissive, qual, with_check FROM pg_policies
    WHERE schemaname = current_schema() AND roles && '{parley_tenant,public}' ORDER BY 1, 2`)
  const tenantOwned = rows.filter(({ table }) => tables.includes(String(table)))
  expect(tenantOwned).toEqual(
    tables.map((table) => ({
      ...{ table, cmd: 'ALL', permissive: 'PERMISSIVE' },
      ...{ qual: asksFor('tenant_id'), with_check: asksFor('tenant_id') },
    })),
  )
  const others = rows.filter((row) => !tenantOwned.includes(row))
  const loose = others.filter(({ table, cmd, qual, with_check }) => {
    const asked = asksFor(table === 'tenants' ? 'id' : 'tenant_id')
    return (cmd !== 'INSERT' && qual !== asked) || (!['SELECT', 'DELETE'].includes(String(cmd)) && with_check !== asked)
  })
  expect(loose).toEqual([])
})

test('tenant_id comes first in every primary key and in every other unique one', async () => {
  const rows = await server.owner(`
    SELECT c.relname AS "table", i.indisprimary AS is_primary, a.attname AS first FROM pg_index i
    JOIN pg_class c ON c.oid = i.indrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relname IN ('${tables.join("','")}') AND i.indisunique`)
  expect(rows.filter(({ first }) => first !== 'tenant_id')).toEqual([])
  const withPrimaryKey = rows.filter(({ is_primary }) => is_primary).map(({ table }) => table)
  expect(withPrimaryKey.sort()).toEqual(tables)
})

test('every foreign key begins with tenant_id on both sides, so that no row can point at another tenant’s', async () => {
  const rows = await server.owner(`
    SELECT f.conname AS name, target.relname AS target, own.attname AS own, other.attname AS other FROM pg_constraint f
    JOIN pg_class c ON c.oid = f.conrelid JOIN pg_class target ON target.oid = f.confrelid
    JOIN pg_attribute own ON own.attrelid = f.conrelid AND own.attnum = f.conkey[1]
    JOIN pg_attribute other ON other.attrelid = f.confrelid AND other.attnum = f.confkey[1]
    WHERE f.contype = 'f' AND c.relname IN ('${tables.join("','")}') AND c.relnamespace = current_schema()::regnamespace`)
  expect(rows.length).toBeGreaterThan(0)
  const across = rows.filter(
    ({ target, own, other }) => own !== 'tenant_id' || other !== (target === 'tenants' ? 'id' : 'tenant_id'),
  )
  expect(across).toEqual([])
})

test.each(tables)('with no tenant set, %s shows no row and takes none', async (table) => {
  const [row] = await server.owner(
    `SELECT to_jsonb(t)::text AS row FROM ${table} t WHERE tenant_id = '${victim.tenantId}'`,
  )
  const insert = `INSERT INTO ${table} SELECT * FROM jsonb_populate_record(NULL::${table}, $1::jsonb) RETURNING 1`
  for (const tenantId of [undefined, null]) {
    expect(await asRole('parley_tenant', tenantId, `SELECT * FROM ${table}`)).toEqual([])
    expect(await asRole('parley_admin', tenantId, `SELECT * FROM ${table}`)).toEqual([])
    await expect(asRole('parley_tenant', tenantId, insert, row?.['row'])).rejects.toThrow(/row-level security/)
    await expect(asRole('parley_admin', tenantId, insert, row?.['row'])).rejects.toThrow(/row-level security/)
  }
})

test.each(tables)(
  'a tenant can not put rows of %s under another tenant, nor take or delete another’s',
  async (table) => {
    const { tenantId } = attacker
    const condition = `WHERE tenant_id = '${victim.tenantId}'`
    const stored = await server.owner(`SELECT to_jsonb(t)::text AS row FROM ${table} t ${condition} ORDER BY 1`)
    const insert = `INSERT INTO ${table} SELECT * FROM jsonb_populate_record(NULL::${table}, $1::jsonb) RETURNING 1`
    await expect(asRole('parley_tenant', tenantId, insert, stored[0]?.['row'])).rejects.toThrow(/row-level security/)
    const give = `UPDATE ${table} SET tenant_id = '${victim.tenantId}' RETURNING 1`
    await expect(asRole('parley_tenant', tenantId, give)).rejects.toThrow(/row-level security/)
    const take = `UPDATE ${table} SET tenant_id = '${tenantId}' ${condition} RETURNING 1`
    expect(await asRole('parley_tenant', tenantId, take)).toEqual([])
    expect(await asRole('parley_tenant', tenantId, `DELETE FROM ${table} ${condition} RETURNING 1`)).toEqual([])
    expect(await server.owner(`SELECT to_jsonb(t)::text AS row FROM ${table} t ${condition} ORDER BY 1`)).toEqual(
      stored,
    )
  },
)

test('a tenant’s role sees its own row of tenants alone, and neither keys nor signing keys', async () => {
  const { tenantId } = attacker
  expect(await asRole('parley_tenant', tenantId, 'SELECT id FROM tenants')).toEqual([{ id: tenantId }])
  expect(await asRole('parley_tenant', null, 'SELECT id FROM tenants')).toEqual([])
  for (const table of [...ACCOUNT_TABLES, ...MIGRATION_TABLES].filter((name) => name !== 'tenants')) {
    await expect(asRole('parley_tenant', tenantId, `SELECT 1 FROM ${table}`)).rejects.toThrow(/permission denied/)
  }
  for (const write of [
    `UPDATE tenants SET name = 'x'`,
    `DELETE FROM tenants`,
    `INSERT INTO tenants VALUES ('x', 'x', 'UTC')`,
  ]) {
    await expect(asRole('parley_tenant', tenantId, `${write} RETURNING 1`)).rejects.toThrow(/permission denied/)
  }
})

test.each(READABLE_TABLES)('a tenant’s role only reads %s', async (table) => {
  const { tenantId } = attacker
  expect(await asRole('parley_tenant', tenantId, `SELECT * FROM ${table}`)).toEqual([])
  for (const write of [
    `INSERT INTO ${table} DEFAULT VALUES`,
    `UPDATE ${table} SET name = 'x'`,
    `DELETE FROM ${table}`,
  ]) {
    await expect(asRole('parley_tenant', tenantId, `${write} RETURNING 1`)).rejects.toThrow(/permission denied/)
  }
})

test('a tenant’s role adds to its own audit log alone', async () => {
  const add = (tenantId: string) =>
    asRole(
      'parley_tenant',
      attacker.tenantId,
      `INSERT INTO audit_events (id, actor_kind, tenant_id, action, outcome)
       VALUES (gen_random_uuid(), 'NONE', '${tenantId}', 'DATA_WRITTEN', 'DONE')`,
    )
  await expect(add(victim.tenantId)).rejects.toThrow(/row-level security/)
  expect(await add(attacker.tenantId)).toEqual([])
})

test('the role that the server logs in as reads no table before it switches to a tenant’s', async () => {
  for (const table of [...tables, ...ACCOUNT_TABLES, ...READABLE_TABLES]) {
    await expect(server.database.query(`SELECT 1 FROM ${table}`)).rejects.toThrow(/permission denied/)
  }
  await expect(server.database.query(`SELECT search_messages('canary', true)`)).rejects.toThrow(/permission denied/)
})

test('functions that look past a policy are few, fixed to their schema, and not everybody’s', async () => {
  const rows = await server.owner(`
    SELECT p.proname AS name, pg_get_userbyid(p.proowner) AS owner,
      p.proconfig::text LIKE '%search_path=%' AS has_schema,
      has_function_privilege('parley_tenant', p.oid, 'EXECUTE') AS for_tenants,
      EXISTS (SELECT 1 FROM aclexplode(p.proacl) WHERE grantee = 0) OR p.proacl IS NULL AS for_everybody
    FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace AND p.prosecdef ORDER BY 1`)
  const known = { owner: 'parley_functions', has_schema: true, for_everybody: false }
  expect(rows).toEqual(
    rows.map(({ name }) => ({
      name,
      ...known,
      for_tenants: [
        'count_own_live_tokens',
        'read_change_log',
        'read_position_key',
        'read_signing_keys',
        'search_messages',
      ].includes(String(name)),
    })),
  )
  const names = [
    'authenticate_api_key',
    'count_own_live_tokens',
    'touch_api_key',
    'touch_token_issuer',
    'search_messages',
    'read_position_key',
    'read_change_log',
    'read_signing_keys',
    'check_embed_token',
    'read_maker_of_token',
    'find_token_issuer',
    'is_allowed_origin',
    'list_abandoning_tenants',
    'list_allowed_origins',
    'list_tenant_jobs',
    'add_to_rate_counts',
  ]
  expect(rows.filter(({ name }) => !names.includes(String(name)))).toEqual([])
})

test('the function that searches messages finds those of the transaction’s tenant alone', async () => {
  const search = `SELECT search_messages($1, true)::text AS id`
  const content = `${victim.marker}-content`
  expect(await asRole('parley_tenant', victim.tenantId, search, content)).toHaveLength(1)
  for (const tenantId of [attacker.tenantId, null, undefined]) {
    expect(await asRole('parley_tenant', tenantId, search, content)).toEqual([])
  }
})

test('the function that counts tokens counts those of the transaction’s tenant alone, and no other shows who made them', async () => {
  const CREATE = 'mutation { createEmbedToken { expiresAt } }'
  const count = 'SELECT count_own_live_tokens(now()) AS count'
  const before = await asRole('parley_tenant', attacker.tenantId, count)
  const [own] = await asRole('parley_tenant', victim.tenantId, count)
  expect((await victim.ask(CREATE)).errors).toBeUndefined()
  expect(await asRole('parley_tenant', victim.tenantId, count)).toEqual([{ count: Number(own?.['count']) + 1 }])
  expect(await asRole('parley_tenant', attacker.tenantId, count)).toEqual(before)
  for (const tenantId of [null, undefined]) {
    expect(await asRole('parley_tenant', tenantId, count)).toEqual([{ count: 0 }])
  }
  for (const statement of [
    `SELECT * FROM count_live_tokens(now(), '{}', ARRAY['${victim.tenantId}'])`,
    `SELECT uuid_of_key_id('${victim.nodeIds['ApiKey']}')`,
  ]) {
    await expect(asRole('parley_tenant', attacker.tenantId, statement)).rejects.toThrow(
      /permission denied for function/,
    )
  }
})

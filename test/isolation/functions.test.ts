import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { plantAttacker, plantVictim } from './plant.ts'

/** The functions that look past a policy, and what a tenant's role could make them look at instead. */

const server = await startTestServer()
const victim = await plantVictim(server)
const attacker = await plantAttacker(server)

const OWN_FUNCTIONS = `
  SELECT p.oid::regprocedure::text AS name, p.prosecdef AS looks_past, p.proconfig AS settings FROM pg_proc p
  WHERE p.pronamespace = current_schema()::regnamespace
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
  ORDER BY 1`

test('every function looks for objects in its own schema first, and for temporary ones last', async () => {
  const functions = await server.owner(OWN_FUNCTIONS)
  expect(functions.filter(({ looks_past }) => looks_past).length).toBeGreaterThanOrEqual(10)
  for (const { name, settings } of functions) {
    expect(settings, String(name)).toContain('search_path=pg_catalog, public, pg_temp')
  }
})

type Run = (sql: string) => Promise<Record<string, unknown>[]>

/** Runs in one transaction of the role that serves; `as` switches to other roles. */
const inTransaction = <Result>(
  work: (run: Run, as: (role: string) => Promise<unknown>, login: string) => Promise<Result>,
) =>
  server.database.prisma.$transaction(async (client) => {
    const run: Run = (sql) => client.$queryRawUnsafe<Record<string, unknown>[]>(sql)
    const [{ login } = {}] = await run('SELECT current_user::text AS login')
    await run(`SELECT set_config('app.tenant_id', '${attacker.tenantId}', true)`)
    return work(run, (role) => client.$executeRawUnsafe(`SET LOCAL ROLE ${role}`), String(login))
  })

test('the roles that serve can’t create temporary objects', async () => {
  const login = await inTransaction(async (_run, _as, name) => name)
  for (const role of [login, 'parley_tenant', 'parley_admin']) {
    const creation = inTransaction(async (run, as) => {
      await as(role)
      await run('CREATE TEMP TABLE messages (conversation_id uuid)')
    })
    await expect(creation).rejects.toThrow(/permission denied to create temporary tables/)
  }
})

/** A call of each function, by those that may call it. `KEY` is a key of the attacker's own. */
const CALLS: Record<string, string> = {
  'add_to_rate_counts(integer,text[],integer[])': `SELECT * FROM add_to_rate_counts(2000000000, ARRAY['a'], ARRAY[0])`,
  'authenticate_api_key(uuid,text)': `SELECT tenant_id, name, scopes::text, tenant_exists FROM authenticate_api_key(KEY, '${attacker.tenantId}')`,
  'check_embed_token(text,uuid)': `SELECT t::text FROM check_embed_token('${attacker.tenantId}', KEY) t`,
  'count_own_live_tokens(timestamp with time zone)': 'SELECT count_own_live_tokens(now()) AS count',
  'find_token_issuer(text,text)': `SELECT t::text FROM find_token_issuer('https://${victim.tenantId}.example', '{}') t`,
  'is_allowed_origin(text,text)': `SELECT is_allowed_origin('https://page.example', '${attacker.tenantId}')`,
  'list_abandoning_tenants()': 'SELECT * FROM list_abandoning_tenants() ORDER BY 1',
  'list_allowed_origins()': 'SELECT * FROM list_allowed_origins() ORDER BY 1, 2',
  'list_tenant_jobs()': 'SELECT * FROM list_tenant_jobs() ORDER BY 1, 2',
  'read_change_log()': 'SELECT sealing_key::text, identity FROM read_change_log()',
  'read_maker_of_token(text,uuid)': `SELECT * FROM read_maker_of_token('${attacker.tenantId}', KEY)`,
  'read_position_key()': 'SELECT read_position_key()::text AS key',
  'read_signing_keys()': 'SELECT id FROM read_signing_keys() ORDER BY 1',
  'search_messages(text,boolean)': `SELECT search_messages('content', true)::text AS id ORDER BY 1`,
  'search_messages(text,jsonb,boolean)': `SELECT search_messages('content', '[{"from_version": 0, "to_version": 9, "keys": "content", "like": ["% content %"], "match": [], "not_like": [], "not_match": []}]', true)::text AS id ORDER BY 1`,
  'touch_api_key(uuid)': 'SELECT touch_api_key(KEY)::text',
  'touch_api_key(uuid,text,text)': `SELECT touch_api_key(KEY, '192.0.2.1', 'curl')::text`,
  'touch_token_issuer(uuid,text,text)': `SELECT touch_token_issuer(KEY, '192.0.2.1', 'curl')::text`,
}

test('no function uses temporary tables, views or functions of a tenant’s role', async () => {
  const [{ name } = { name: '' }] = await server.owner('SELECT quote_ident(current_database()) AS name')
  const [{ key } = { key: '' }] = await server.owner(
    `SELECT quote_literal(id) || '::uuid' AS key FROM api_keys WHERE tenant_id = '${attacker.tenantId}' LIMIT 1`,
  )
  const tables = await server.owner(`
    SELECT c.relname AS name, string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ') AS columns
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.relname <> 'messages' GROUP BY c.relname`)
  await server.owner(
    `UPDATE tenants SET allowed_origins = ARRAY['https://page.example'] WHERE id = '${attacker.tenantId}'`,
  )
  await server.owner(`INSERT INTO rate_counts (minute, budget, spent) VALUES (2000000000, 'a', 5)`)
  await server.owner(`INSERT INTO tenant_jobs (tenant_id, name) VALUES ('${attacker.tenantId}', 'planted')`)
  // One that is counted, because 0 would look the same if it came from an empty table.
  const created = await attacker.ask('mutation { createEmbedToken { expiresAt } }')
  expect(created.errors).toBeUndefined()
  const functions = await server.owner(OWN_FUNCTIONS)
  expect(functions.flatMap((one) => (one['looks_past'] ? [one['name']] : []))).toEqual(Object.keys(CALLS))
  const answers = async (run: Run, as: (role: string) => Promise<unknown>, login: string) => {
    const found: [string, Record<string, unknown>[]][] = []
    for (const role of ['parley_tenant', login]) {
      await as(role)
      const callable = await run(
        `SELECT p.oid::regprocedure::text AS name FROM pg_proc p WHERE p.prosecdef AND has_function_privilege(p.oid, 'EXECUTE')`,
      )
      for (const [signature, sql] of Object.entries(CALLS)) {
        if (!callable.some((one) => one['name'] === signature)) continue
        found.push([`${role} ${signature}`, await run(sql.replaceAll('KEY', String(key)))])
      }
    }
    return found
  }
  const honest = await inTransaction(answers)
  expect(new Set(honest.map(([call]) => call.slice(call.indexOf(' ') + 1)))).toEqual(new Set(Object.keys(CALLS)))
  // Empty results would look the same if they came from an empty table.
  expect(honest.filter(([, rows]) => rows.length === 0)).toEqual([])
  expect(Object.fromEntries(honest)['parley_tenant count_own_live_tokens(timestamp with time zone)']).toEqual([
    { count: 1 },
  ])
  await server.owner(`GRANT TEMPORARY ON DATABASE ${name} TO PUBLIC`)
  const rolledBack = inTransaction(async (run, as, login) => {
    await as('parley_tenant')
    // Run with the rights of a function that looks past policies, this sees every tenant's messages.
    await run(
      `CREATE FUNCTION pg_temp.stolen() RETURNS text LANGUAGE sql AS $$ SELECT string_agg(content, '') FROM public.messages $$`,
    )
    await run(`CREATE TEMP VIEW messages AS SELECT '${attacker.tenantId}'::text AS tenant_id, 'USER'::public.message_role AS role,
      coalesce(pg_temp.stolen(), '') || ' content' AS content, ' content ' AS search_words, NULL::text AS search_parts, 1::smallint AS search_version,
      gen_random_uuid() AS conversation_id`)
    await run('GRANT SELECT ON pg_temp.messages TO PUBLIC')
    for (const { name: table, columns } of tables) {
      await run(`CREATE TEMP TABLE "${table}" (${columns})`)
      await run(`GRANT ALL ON pg_temp."${table}" TO PUBLIC`)
    }
    throw new Found(await answers(run, as, login))
  })
  const found = await rolledBack.catch((error) => error)
  await server.owner(`REVOKE TEMPORARY ON DATABASE ${name} FROM PUBLIC`)
  expect(found).toBeInstanceOf(Found)
  expect(found.answers).toEqual(honest)
})

class Found extends Error {
  readonly answers: unknown
  constructor(answers: unknown) {
    super('rolled back')
    this.answers = answers
  }
}

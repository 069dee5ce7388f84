import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'

/** The table by itself, as SQL runs into it: no application in between. */

const server = await startTestServer()
const own = await server.newTenant()
const other = await server.newTenant()

/** A statement in a transaction under a role, for a tenant or for none. */
const asRole = (role: string, tenantId: string | null, statement: string) =>
  server.database.prisma.$transaction(async (client) => {
    await client.$executeRawUnsafe(`SET LOCAL ROLE ${role}`)
    await client.$executeRawUnsafe(`SET LOCAL app.tenant_id = '${tenantId ?? ''}'`)
    // PGlite counts what is written, and not what is read.
    return /^SELECT/.test(statement)
      ? (await client.$queryRawUnsafe<unknown[]>(statement)).length
      : client.$executeRawUnsafe(statement)
  })

const insert = (tenantId: string | null) => `
  INSERT INTO audit_events (id, actor_kind, tenant_id, action, outcome)
  VALUES (gen_random_uuid(), 'NONE', ${tenantId === null ? 'NULL' : `'${tenantId}'`}, 'TENANT_UPDATED', 'DONE')`

const CHANGES = [
  `UPDATE audit_events SET actor_name = 'somebody else'`,
  'UPDATE audit_events SET id = id WHERE false',
  'DELETE FROM audit_events',
  'TRUNCATE audit_events',
  'INSERT INTO audit_events SELECT * FROM audit_events LIMIT 1 ON CONFLICT (id) DO UPDATE SET at = now()',
  'ALTER TABLE audit_events DISABLE ROW LEVEL SECURITY',
  'DROP TABLE audit_events',
]

test.each(['parley_tenant', 'parley_admin'])('%s changes, removes and empties nothing of it', async (role) => {
  const dump = () => server.owner('SELECT to_jsonb(e)::text AS row FROM audit_events e ORDER BY id')
  const before = await dump()
  expect(before.length).toBeGreaterThan(2)
  for (const change of CHANGES) {
    await expect(asRole(role, own.id, change)).rejects.toThrow(/permission denied|must be owner/)
  }
  expect(await dump()).toEqual(before)
})

test('the role that the server logs in as can do nothing with it before it switches', async () => {
  for (const statement of ['SELECT 1 FROM audit_events', insert(null), ...CHANGES]) {
    await expect(server.database.query(statement)).rejects.toThrow(/permission denied|must be owner/)
  }
})

test('a tenant’s role adds what is about its tenant, and about no other, nor about the account', async () => {
  expect(await asRole('parley_tenant', own.id, insert(own.id))).toBe(1)
  for (const [tenantId, about] of [
    [own.id, other.id],
    [own.id, null],
    [null, own.id],
    [null, null],
  ] as const) {
    await expect(asRole('parley_tenant', tenantId, insert(about))).rejects.toThrow(/row-level security/)
  }
})

test('a tenant’s role reads none of it, its own neither', async () => {
  const read = (role: string) => asRole(role, own.id, 'SELECT 1 FROM audit_events')
  await expect(read('parley_tenant')).rejects.toThrow(/permission denied/)
  await expect(asRole('parley_tenant', own.id, `${insert(own.id)} RETURNING at`)).rejects.toThrow(/permission denied/)
  expect(await read('parley_admin')).toBeGreaterThan(2)
})

test('nobody holds more of it than to add, an administrator to read, and a function to count tokens', async () => {
  const grants = await server.owner(`
    SELECT grantee::regrole::text AS role, string_agg(privilege_type, ' ' ORDER BY privilege_type) AS may
    FROM pg_class c, aclexplode(c.relacl) WHERE c.relname = 'audit_events' AND grantee <> c.relowner GROUP BY 1 ORDER BY 1`)
  expect(grants).toEqual([
    { role: 'parley_admin', may: 'INSERT SELECT' },
    { role: 'parley_tenant', may: 'INSERT' },
  ])
  const columns = await server.owner(`
    SELECT grantee::regrole::text AS role, privilege_type AS may, string_agg(attname, ' ' ORDER BY attname) AS columns
    FROM pg_attribute, aclexplode(attacl) WHERE attrelid = 'audit_events'::regclass GROUP BY 1, 2`)
  // Nobody can become this role: one of its functions counts the tokens that are accepted, and returns only numbers.
  const counted = 'action actor_id actor_kind at details outcome tenant_id token_generation token_secret_mark'
  expect(columns).toEqual([{ role: 'parley_functions', may: 'SELECT', columns: counted }])
})

test('an event is refused or has no code: one without the other is not taken', async () => {
  const wrong = insert(own.id).replace(`'DONE'`, `'REFUSED'`)
  await expect(asRole('parley_tenant', own.id, wrong)).rejects.toThrow(/check constraint/)
})

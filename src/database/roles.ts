import pg from 'pg'
import type { Session } from './session.ts'

/** What a request may touch: rows of one tenant. */
export const TENANT_ROLE = 'parley_tenant'
/** The same, and tenants and API keys. */
export const ADMIN_ROLE = 'parley_admin'
/** The role that PGlite's one connection serves under. */
export const SERVING_ROLE = 'parley_server'

/** Makes the login role where there is none, and lets it do what serving needs: switch roles, authenticate. */
export async function grantToServingRole(owner: Session, role: string, password = ''): Promise<void> {
  const name = pg.escapeIdentifier(role)
  const [existing] = await owner.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role])
  if (!existing) {
    const login = password === '' ? 'LOGIN' : `LOGIN PASSWORD ${pg.escapeLiteral(password)}`
    await owner.execute(`CREATE ROLE ${name} ${login} NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEROLE`)
  }
  const [{ schema } = { schema: 'public' }] = await owner.query<{ schema: string }>('SELECT current_schema() AS schema')
  await owner.execute(`
    GRANT ${TENANT_ROLE}, ${ADMIN_ROLE} TO ${name};
    GRANT USAGE ON SCHEMA ${pg.escapeIdentifier(schema)} TO ${name};
    GRANT SELECT ON _prisma_migrations TO ${name};`)

  // The functions are not the owner's. Unless it is a superuser it joins the role that has them, for this long.
  const [{ member } = { member: true }] = await owner.query<{ member: boolean }>(
    `SELECT pg_has_role(current_user, 'parley_functions', 'USAGE') AS member`,
  )
  await owner.execute(`
    ${member ? '' : 'GRANT parley_functions TO CURRENT_USER;'}
    GRANT EXECUTE ON FUNCTION authenticate_api_key(uuid, text), touch_api_key(uuid), read_signing_keys(),
      check_embed_token(text, uuid), find_token_issuer(text, text), is_allowed_origin(text, text),
      add_to_rate_counts(integer, text[], integer[]) TO ${name};
    ${member ? '' : 'REVOKE parley_functions FROM CURRENT_USER;'}`)
}

/** The second wall stands only while these hold; each row is a way around it. */
const WAYS_AROUND = `
  WITH me AS (SELECT rolname, rolsuper FROM pg_roles WHERE rolname = session_user),
  mine AS (SELECT r.* FROM pg_roles r, me WHERE NOT me.rolsuper AND pg_has_role(session_user, r.oid, 'MEMBER')),
  tables AS (
    SELECT c.* FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace)
  SELECT format('role "%s" is a superuser', rolname) AS way FROM me WHERE rolsuper
  UNION ALL SELECT format('role "%s" is a superuser', rolname) FROM mine WHERE rolsuper
  UNION ALL SELECT format('role "%s" has BYPASSRLS', rolname) FROM mine WHERE rolbypassrls
  UNION ALL SELECT format('role "%s" has CREATEROLE', rolname) FROM mine WHERE rolcreaterole
  UNION ALL SELECT format('role "%s" owns functions that look past a policy', rolname) FROM mine WHERE rolname = 'parley_functions'
  UNION ALL SELECT format('role "%s" owns table "%s"', mine.rolname, relname) FROM tables JOIN mine ON mine.oid = relowner
  UNION ALL SELECT format('table "%s" has no forced row-level security', relname) FROM tables
    WHERE relname <> 'api_keys' AND NOT (relrowsecurity AND relforcerowsecurity)
      AND (relname = 'tenants' OR EXISTS (
        SELECT 1 FROM pg_attribute a WHERE a.attrelid = tables.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped))`

/** Refuses to serve under a role that could look past row-level security, and says each way it could. */
export async function refuseRoleThatCouldBypass(session: Session): Promise<void> {
  const ways = await session.query<{ way: string }>(WAYS_AROUND)
  if (ways.length === 0) return
  throw new Error(
    `DATABASE_URL: its role could see past the wall between tenants, so nothing is served:\n${ways
      .map(({ way }) => `  ${way}`)
      .join(
        '\n',
      )}\nName a role of its own in DATABASE_URL (it is made when missing), and the owner of the tables in DATABASE_OWNER_URL.`,
  )
}

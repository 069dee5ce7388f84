import { ADMIN_ROLE } from './roles.ts'
import type { Session } from './session.ts'

/** The condition of every policy on a row that a tenant's role may see or write, as PostgreSQL prints it. */
const asksFor = (column: string) =>
  `(${column} = ( SELECT current_setting('app.tenant_id'::text, true) AS current_setting))`

/** PostgreSQL's own roles that can read or write tables without grants, or the files of the server. */
const BEYOND_GRANTS = [
  ...['pg_read_all_data', 'pg_write_all_data'],
  ...['pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program'],
]

const texts = (list: readonly string[]) => list.map((text) => `'${text.replaceAll("'", "''")}'`).join()

/**
 * How a function must set its search_path: temporary objects are found last, and no schema is named after the caller.
 */
const PINNED = `'^search_path=(?!.*\\$user)(?!.*pg_temp.*pg_temp).+, pg_temp$'`

const MINE = `
  me AS (SELECT rolname, rolsuper FROM pg_roles WHERE rolname = session_user),
  mine AS (SELECT r.* FROM pg_roles r, me WHERE NOT me.rolsuper AND pg_has_role(session_user, r.oid, 'MEMBER'))`

/**
 * The second wall holds only if this returns no rows; each row is a way around it. `mine` are the roles that the login
 * role can become. A role that may create objects in the schema could put functions there, which the functions that
 * look past a policy would call.
 */
const WAYS_AROUND = `
  WITH ${MINE},
  tables AS (
    SELECT c.* FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace),
  policies AS (
    SELECT p.polname, t.relname, who.role, pg_get_expr(p.polqual, p.polrelid) AS qual, pg_get_expr(p.polwithcheck, p.polrelid) AS checked,
      CASE t.relname WHEN 'tenants' THEN ${texts([asksFor('id')])} ELSE ${texts([asksFor('tenant_id')])} END AS asked
    FROM pg_policy p JOIN tables t ON t.oid = p.polrelid, unnest(p.polroles) AS who (role)
    WHERE p.polpermissive AND (who.role = 0 OR who.role IN (SELECT oid FROM mine)))
  SELECT format('role "%s" is a superuser', rolname) AS way FROM me WHERE rolsuper
  UNION ALL SELECT format('role "%s" is a superuser', rolname) FROM mine WHERE rolsuper
  UNION ALL SELECT format('role "%s" has BYPASSRLS', rolname) FROM mine WHERE rolbypassrls
  UNION ALL SELECT format('role "%s" has CREATEROLE', rolname) FROM mine WHERE rolcreaterole
  UNION ALL SELECT format('role "%s" has REPLICATION', rolname) FROM mine WHERE rolreplication
  UNION ALL SELECT format('role "%s" reaches beyond what is granted', rolname) FROM mine WHERE rolname IN (${texts(BEYOND_GRANTS)})
  UNION ALL SELECT format('role "%s" owns functions that look past a policy', rolname) FROM mine WHERE rolname = 'parley_functions'
  UNION ALL SELECT format('role "%s" owns table "%s"', mine.rolname, relname) FROM tables JOIN mine ON mine.oid = relowner
  UNION ALL SELECT format('role "%s" may create in schema "%s"', rolname, current_schema()) FROM mine
    WHERE has_schema_privilege(mine.oid, current_schema(), 'CREATE')
  UNION ALL SELECT format('table "%s" has no forced row-level security', relname) FROM tables
    WHERE relname <> 'api_keys' AND NOT (relrowsecurity AND relforcerowsecurity)
      AND (relname = 'tenants' OR EXISTS (
        SELECT 1 FROM pg_attribute a WHERE a.attrelid = tables.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped))
  UNION ALL SELECT format('policy "%s" of table "%s" lets in more than a tenant', polname, relname) FROM policies
    WHERE (coalesce(qual, asked) <> asked OR coalesce(checked, asked) <> asked)
      AND NOT (role = to_regrole('${ADMIN_ROLE}') AND relname IN ('tenants', 'audit_events'))`

/** Functions that look past a policy could be made to use a caller's temporary objects, if they found these first. */
const WAYS_THROUGH_FUNCTIONS = `
  WITH ${MINE}
  SELECT format('role "%s" may create temporary objects in database "%s"', rolname, current_database()) AS way FROM mine
    WHERE has_database_privilege(mine.oid, current_database(), 'TEMPORARY')
  UNION ALL SELECT format('function "%s" has no search_path that ends with pg_temp, so it can be made to use others'' objects', p.oid::regprocedure)
    FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = current_schema()::regnamespace
      AND NOT EXISTS (SELECT 1 FROM unnest(p.proconfig) AS setting WHERE setting ~ ${PINNED})`

/** Refuses to serve under a role that could look past row-level security, and lists each way it could. */
export const refuseRoleThatCouldBypass = (session: Session): Promise<void> => refuseWays(session, WAYS_AROUND)

/** The same for ways that only a start with the owner's connection can close. The database must have every migration. */
export const refuseFunctionsThatCouldBypass = (session: Session): Promise<void> =>
  refuseWays(session, WAYS_THROUGH_FUNCTIONS)

async function refuseWays(session: Session, query: string): Promise<void> {
  const ways = await session.query<{ way: string }>(query)
  if (ways.length === 0) return
  throw new Error(
    `DATABASE_URL: its role could see the rows of other tenants, so Parley refuses to serve:\n${ways
      .map(({ way }) => `  ${way}`)
      .join(
        '\n',
      )}\nName a separate role in DATABASE_URL (it is created if it is missing), and the owner of the tables in DATABASE_OWNER_URL.`,
  )
}

import pg from 'pg'
import type { Session } from './session.ts'

/** What a request may touch: rows of one tenant. */
export const TENANT_ROLE = 'parley_tenant'
/** The same, and tenants and API keys. */
export const ADMIN_ROLE = 'parley_admin'
/** Owns the functions that look past a policy. */
export const FUNCTIONS_ROLE = 'parley_functions'
/** The role that PGlite's one connection serves under. */
export const SERVING_ROLE = 'parley_server'

/** Creates the login role if it is missing, and grants it what serving needs: switching roles, authenticating. */
export async function grantToServingRole(owner: Session, role: string, password = ''): Promise<void> {
  const name = pg.escapeIdentifier(role)
  await createServingRole(owner, role, password)
  await revokeTemporaryObjects(owner)
  const [{ schema } = { schema: 'public' }] = await owner.query<{ schema: string }>('SELECT current_schema() AS schema')
  await owner.execute(`
    GRANT ${TENANT_ROLE}, ${ADMIN_ROLE} TO ${name};
    GRANT USAGE ON SCHEMA ${pg.escapeIdentifier(schema)} TO ${name};
    GRANT SELECT ON _prisma_migrations, migration_compatibility TO ${name};`)

  // The owner of the tables does not own the functions. Unless it is a superuser, it joins the role that does for as
  // long as this takes.
  const [{ member } = { member: true }] = await owner.query<{ member: boolean }>(
    `SELECT pg_has_role(current_user, 'parley_functions', 'USAGE') AS member`,
  )
  await owner.execute(`
    ${member ? '' : 'GRANT parley_functions TO CURRENT_USER;'}
    GRANT EXECUTE ON FUNCTION authenticate_api_key(uuid, text), touch_api_key(uuid),
      touch_api_key(uuid, text, text), touch_token_issuer(uuid, text, text), read_signing_keys(),
      check_embed_token(text, uuid), read_maker_of_token(text, uuid), find_token_issuer(text, text), is_allowed_origin(text, text),
      list_allowed_origins(), list_tenant_jobs(), list_abandoning_tenants(), add_to_rate_counts(integer, text[], integer[]) TO ${name};
    ${member ? '' : 'REVOKE parley_functions FROM CURRENT_USER;'}`)
}

/** Creates the login role if it is missing. */
export async function createServingRole(owner: Session, role: string, password: string): Promise<void> {
  if (await isRole(owner, role)) return
  const login = password === '' ? 'LOGIN' : `LOGIN PASSWORD ${pg.escapeLiteral(password)}`
  await owner.execute(
    `CREATE ROLE ${pg.escapeIdentifier(role)} ${login} NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEROLE`,
  )
}

const isRole = async (session: Session, role: string) =>
  (await session.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role])).length > 0

/**
 * Creates the roles that a backup of another cluster names and this cluster lacks. As in the first migration, nobody
 * can log in as these. Returns those that are not Parley's own.
 */
export async function createRolesOfBackup(owner: Session, roles: readonly string[]): Promise<string[]> {
  const made: string[] = []
  for (const role of new Set([TENANT_ROLE, ADMIN_ROLE, FUNCTIONS_ROLE, ...roles])) {
    if (await isRole(owner, role)) continue
    await owner.execute(`CREATE ROLE ${pg.escapeIdentifier(role)} NOLOGIN NOSUPERUSER NOBYPASSRLS INHERIT`)
    if (![TENANT_ROLE, ADMIN_ROLE, FUNCTIONS_ROLE].includes(role)) made.push(role)
  }
  const [{ member } = { member: false }] = await owner.query<{ member: boolean }>(
    `SELECT pg_has_role('${ADMIN_ROLE}', '${TENANT_ROLE}', 'MEMBER') AS member`,
  )
  if (!member) await owner.execute(`GRANT ${TENANT_ROLE} TO ${ADMIN_ROLE}`)
  return made
}

/**
 * Within `work`, the owner of the tables may give functions to the role that owns them. Unless it is a superuser, it
 * joins that role for as long as `work` runs.
 */
export async function whileOwningFunctions(owner: Session, work: () => Promise<void>): Promise<void> {
  const [state] = await owner.query<{ member: boolean; schema: string }>(
    `SELECT pg_has_role(current_user, '${FUNCTIONS_ROLE}', 'USAGE') AS member, current_schema() AS schema`,
  )
  if (!state || state.member) return work()
  const schema = pg.escapeIdentifier(state.schema)
  await owner.execute(`
    GRANT ${FUNCTIONS_ROLE} TO CURRENT_USER;
    GRANT CREATE ON SCHEMA ${schema} TO ${FUNCTIONS_ROLE};`)
  try {
    await work()
  } finally {
    await owner.execute(`
      REVOKE CREATE ON SCHEMA ${schema} FROM ${FUNCTIONS_ROLE};
      REVOKE ${FUNCTIONS_ROLE} FROM CURRENT_USER;`)
  }
}

/**
 * The serving roles don't need this right. Only the owner of the database can revoke it; the check at start says if it
 * has to.
 */
async function revokeTemporaryObjects(owner: Session): Promise<void> {
  const [{ database, granted } = { database: '', granted: false }] = await owner.query<{
    database: string
    granted: boolean
  }>(`
    SELECT datname AS database, pg_has_role(current_user, datdba, 'USAGE')
      AND has_database_privilege('${TENANT_ROLE}', oid, 'TEMPORARY') AS granted
    FROM pg_database WHERE datname = current_database()`)
  if (granted) await owner.execute(`REVOKE TEMPORARY ON DATABASE ${pg.escapeIdentifier(database)} FROM PUBLIC`)
}

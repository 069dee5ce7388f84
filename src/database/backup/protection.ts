import type { Session } from '../session.ts'
import type { Protection } from './backup-directory.ts'

/** Counts what keeps tenants apart in the database. */
export async function readProtection(session: Session): Promise<Protection> {
  const [counts] = await session.query<Protection>(`
    SELECT (SELECT count(*)::int FROM pg_class WHERE relnamespace = current_schema()::regnamespace
              AND relrowsecurity AND relforcerowsecurity) AS "forcedTables",
           (SELECT count(*)::int FROM pg_policies WHERE schemaname = current_schema()) AS policies,
           (SELECT count(*)::int FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND prosecdef) AS "definerFunctions"`)
  if (!counts) throw new Error('The policies of the database could not be counted.')
  return counts
}

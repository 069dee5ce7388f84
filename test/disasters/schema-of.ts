import type { Session } from '../../src/database/session.ts'

/** What migrations make, one line each: tables, columns, constraints, indexes, triggers, functions, policies, rights. */
const SCHEMA = `
  SELECT format('column %s.%s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
    pg_get_expr(d.adbin, d.adrelid)) AS line
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT format('table %s %s %s %s %s', relname, relrowsecurity, relforcerowsecurity, reloptions, relacl) FROM pg_class
  WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
  UNION ALL
  SELECT format('constraint %s %s', conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint
  WHERE connamespace = 'public'::regnamespace
  UNION ALL
  SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid IN (
    SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
  UNION ALL
  SELECT format('%s %s', tgenabled, pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL
  SELECT format('%s %s', proacl, pg_get_functiondef(oid)) FROM pg_proc
  WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
  UNION ALL
  SELECT format('policy %s %s %s %s %s %s', tablename, policyname, roles, cmd, qual, with_check) FROM pg_policies
  UNION ALL
  SELECT format('enum %s %s', t.typname, array_agg(e.enumlabel ORDER BY e.enumsortorder)) FROM pg_type t
  JOIN pg_enum e ON e.enumtypid = t.oid GROUP BY t.typname
  UNION ALL
  SELECT format('migration %s %s %s', migration_name, checksum, count(*)) FROM _prisma_migrations
  WHERE finished_at IS NOT NULL GROUP BY migration_name, checksum`

export async function schemaOf(session: Session): Promise<string[]> {
  const rows = await session.query<{ line: string }>(SCHEMA)
  return rows.map(({ line }) => line).sort()
}

/** What is in one of them and not in the other. */
export function schemaDifferences(is: readonly string[], shouldBe: readonly string[]): string[] {
  const [a, b] = [new Set(is), new Set(shouldBe)]
  return [
    ...is.filter((line) => !b.has(line)).map((line) => `schema has: ${line}`),
    ...shouldBe.filter((line) => !a.has(line)).map((line) => `schema lacks: ${line}`),
  ]
}

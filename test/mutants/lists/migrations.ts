import type { Mutant } from '../mutant.ts'

const ROWS = ['test/database/migrated-rows.test.ts'] as const
const rollups = 'prisma/migrations/20261124100000_rollups/migration.sql'
const knownTimes = 'prisma/migrations/20261129184000_known_times/migration.sql'
const contractNames = 'prisma/migrations/20261130100000_contract_names/migration.sql'

export const mutants: readonly Mutant[] = [
  {
    id: 'M01',
    file: rollups,
    from: "  EXECUTE format(adding, '0', 'SELECT 1 AS sign, * FROM conversations');\n",
    to: '',
    tests: ROWS,
  },
  {
    id: 'M02',
    file: rollups,
    from: "coalesce(sum(rating) FILTER (WHERE role = 'ASSISTANT'), 0) AS ratings",
    to: 'coalesce(sum(rating), 0) AS ratings',
    tests: ROWS,
  },
  {
    id: 'M03',
    file: rollups,
    from: 'ALTER TABLE messages NO FORCE ROW LEVEL SECURITY;\n',
    to: '',
    tests: ROWS,
    on: ['postgresql'],
  },
  {
    id: 'M04',
    file: knownTimes,
    from: 'AND c.ended_at > c.started_at GROUP BY',
    to: 'AND c.ended_at >= c.started_at GROUP BY',
    tests: ROWS,
  },
  {
    id: 'M05',
    file: contractNames,
    from: "INSERT INTO tenant_jobs (tenant_id, name) SELECT id, 'recompute conversations' FROM tenants\n  ON CONFLICT (tenant_id, name) DO UPDATE SET after_id = NULL;\n",
    to: '',
    tests: ROWS,
  },
  {
    id: 'M06',
    file: knownTimes,
    from: 'WHERE NOT c.is_test AND c.ended_at',
    to: 'WHERE c.ended_at',
    tests: ROWS,
  },
  {
    id: 'M07',
    file: 'prisma/migrations/20261129200000_exact_costs/migration.sql',
    from: 'ALTER TABLE messages ALTER COLUMN cost TYPE numeric;',
    to: 'ALTER TABLE messages ALTER COLUMN cost TYPE numeric(18, 6);',
    tests: ['test/database/migrations.test.ts'],
  },
  {
    id: 'M08',
    file: 'src/database/migrate.ts',
    from: 'CORRECTIONS[name]?.(sql) ?? sql',
    to: 'sql',
    tests: ROWS,
    on: ['postgresql'],
  },
  { id: 'M09', file: 'src/serve.ts', from: '  for (const job of jobs) job.start()\n', to: '', tests: ROWS },
  {
    id: 'M10',
    file: 'src/serve.ts',
    from: '      await Promise.all(jobs.map((job) => job.close()))\n',
    to: '',
    tests: ['test/process/tenant-jobs.test.ts'],
    on: ['pglite', 'postgresql'],
  },
  {
    id: 'M11',
    file: 'src/conversations/recompute-conversations.sql.ts',
    from: 'given_language = c.language, ',
    to: '',
    tests: ROWS,
  },
  {
    id: 'M12',
    file: 'src/conversations/recompute-conversations.sql.ts',
    from: '(array_agg(e."timestamp" ORDER BY e.sequence DESC))[1]',
    to: '(array_agg(e."timestamp" ORDER BY e.sequence))[1]',
    tests: ROWS,
  },
  {
    id: 'M13',
    file: contractNames,
    from: '(rules_version > 1 AND resolution IS NOT NULL)::int',
    to: '(resolution IS NOT NULL)::int',
    tests: ROWS,
  },
  {
    id: 'M14',
    file: contractNames,
    from: "(outcome IN ('HUMAN_AGENT', ",
    to: "(outcome IN ('AGENT', ",
    tests: ['test/database/migrations.test.ts'],
  },
]

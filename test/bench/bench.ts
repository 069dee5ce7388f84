import { parseArgs } from 'node:util'
import type { Contestant } from './contestants/contestant.ts'
import { startFloor } from './contestants/floor.ts'
import { servingUrlOf, startParley } from './contestants/parley.ts'
import { startPostgraphile } from './contestants/postgraphile.ts'
import { startTutorial } from './contestants/tutorial.ts'
import { readingContests } from './contests/reading.ts'
import { openBenchDatabase } from './database.ts'
import { type Mark, printMarks } from './report.ts'

/**
 * Parley beside its peers on one PostgreSQL:
 *
 *   npm run bench -- [--size 1000000] [--url postgres://superuser@host/postgres] [--rounds 7] [--seconds 2] [--only reading]
 *
 * The databases it needs are made where they are missing (`parley_bench_<size>`), and stay. Small sizes take short rounds.
 */
const GROUPS = { reading: readingContests }

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '1000000' },
    url: {
      type: 'string',
      default: process.env['TEST_DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres',
    },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    only: { type: 'string' },
  },
})
const size = Number(values.size)
const isQuick = size < 100_000
const options = {
  rounds: Number(values.rounds ?? (isQuick ? 3 : 7)),
  milliseconds: Number(values.seconds ?? (isQuick ? 0.5 : 2)) * 1_000,
}
const groups = Object.entries(GROUPS).filter(([name]) => values.only === undefined || values.only === name)
if (groups.length === 0) throw new Error(`--only is one of ${Object.keys(GROUPS).join(', ')}`)

const database = await openBenchDatabase(values.url, size)
const contestants: Contestant[] = []
const marks: Mark[] = []
try {
  // Parley first: it migrates, and makes the role that PostGraphile serves under.
  contestants.push(await startParley(database.ownerUrl))
  contestants.push(await startPostgraphile(servingUrlOf(database.ownerUrl)))
  contestants.push(await startTutorial(database.ownerUrl))
  contestants.push(await startFloor(database.ownerUrl))
  for (const [, run] of groups) marks.push(...(await run(database, contestants, options)))
} finally {
  for (const contestant of contestants) await contestant.stop()
  await database.close()
}
printMarks(marks)

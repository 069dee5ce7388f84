import { parseArgs } from 'node:util'
import type { Contestant } from './contestants/contestant.ts'
import { startFloor } from './contestants/floor.ts'
import { servingUrlOf, startParley } from './contestants/parley.ts'
import { startPostgraphile } from './contestants/postgraphile.ts'
import { startTutorial } from './contestants/tutorial.ts'
import { readingContests } from './contests/reading.ts'
import { makeWriters } from './contests/writers.ts'
import { writingContests } from './contests/writing.ts'
import { openBenchDatabase } from './database.ts'
import { type Mark, printMarks } from './report.ts'
import { removeWritten } from './written-rows.ts'

/**
 * Parley beside its peers on one PostgreSQL:
 *
 *   npm run bench -- [--size 1000000] [--url postgres://superuser@host/postgres] [--rounds 7] [--seconds 2] [--only reading]
 *
 * The databases it needs are made where they are missing (`parley_bench_<size>`), and stay. Small sizes take short rounds.
 */
const GROUPS = ['reading', 'writing']

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
const wants = (group: string) => values.only === undefined || values.only === group
if (values.only !== undefined && !GROUPS.includes(values.only)) throw new Error(`--only is one of ${GROUPS.join(', ')}`)

const database = await openBenchDatabase(values.url, size)
const started: Contestant[] = []
const start = async <One extends Contestant>(contestant: Promise<One>): Promise<One> => {
  started.push(await contestant)
  return contestant
}
const marks: Mark[] = []
try {
  // Of a run that did not come to its end.
  await removeWritten(database)
  // Parley first: it migrates, and makes the role that PostGraphile serves under.
  const parley = await start(startParley(database.ownerUrl))
  const peers = [
    await start(startPostgraphile(servingUrlOf(database.ownerUrl))),
    await start(startTutorial(database.ownerUrl)),
    await start(startFloor(database.ownerUrl)),
  ]
  if (wants('reading')) marks.push(...(await readingContests(database, [parley, ...peers], options)))
  if (wants('writing')) {
    const writers = await makeWriters(database, parley, peers)
    marks.push(...(await writingContests(database, writers, options)))
  }
} finally {
  for (const contestant of started) await contestant.stop()
  await removeWritten(database)
  await database.close()
}
printMarks(marks)

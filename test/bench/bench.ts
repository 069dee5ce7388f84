import { parseArgs } from 'node:util'
import { type BenchDatabase, openBenchDatabase } from './database.ts'
import { KINDS } from './neighbours/attacks.ts'
import { type Mark, printMarks } from './report.ts'
import { growthScenarios } from './scenarios/growth.ts'
import { importScenario } from './scenarios/importing.ts'
import { loggingManyScenario } from './scenarios/logging-many.ts'
import { memoryScenario } from './scenarios/memory.ts'
import { neighboursScenario } from './scenarios/neighbours.ts'
import { readingScenarios } from './scenarios/reading.ts'
import { rollupsScenario } from './scenarios/rollups.ts'
import { seriesScenarios } from './scenarios/series.ts'
import { writingScenarios } from './scenarios/writing.ts'
import { startBaseline } from './systems/baseline.ts'
import { servingUrlOf, startParley } from './systems/parley.ts'
import { startPostgraphile } from './systems/postgraphile.ts'
import type { System } from './systems/system.ts'
import { startTutorial } from './systems/tutorial.ts'
import { removeWritten } from './written-rows.ts'

/**
 * Parley beside its peers on one PostgreSQL:
 *
 *   npm run bench -- [--size 1000000] [--url postgres://superuser@host/postgres] [--rounds 7] [--seconds 2] [--only reading]
 *
 * The databases it needs are made where they are missing (`parley_bench_<size>`), and stay. Small sizes take short rounds.
 *
 * What tenants notice of each other runs only if it is asked for, since it takes more than an hour, and on data of its own
 * (`parley_bench_<tenants>x<conversations>`):
 *
 *   npm run bench -- --only neighbours [--tenants 200] [--conversations 5000] [--pairs 7] [--seconds 30] [--kinds bodies,answers]
 */
const GROUPS = ['reading', 'writing', 'many', 'growth', 'memory', 'import', 'series', 'rollups', 'neighbours']
/** From how many conversations on growth is measured. */
const FEW = 10_000

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
    tenants: { type: 'string', default: '200' },
    conversations: { type: 'string', default: '5000' },
    pairs: { type: 'string', default: '7' },
    kinds: { type: 'string', default: KINDS.join() },
  },
})
const size = Number(values.size)
const isQuick = size < 100_000
const options = {
  rounds: Number(values.rounds ?? (isQuick ? 3 : 7)),
  milliseconds: Number(values.seconds ?? (isQuick ? 0.3 : 2)) * 1_000,
}
if (values.only !== undefined && !GROUPS.includes(values.only)) throw new Error(`--only is one of ${GROUPS.join(', ')}`)
const wants = (group: string) => values.only === undefined || values.only === group

// What was started ends with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const marks: Mark[] = []
if (values.only === 'neighbours') marks.push(...(await neighbours()))
else await besideOthers()
printMarks(marks)

function neighbours(): Promise<Mark[]> {
  const kinds = values.kinds.split(',')
  const unknown = kinds.find((kind) => !KINDS.includes(kind))
  if (unknown !== undefined) throw new Error(`--kinds are of ${KINDS.join(', ')}: not ${unknown}`)
  return neighboursScenario({
    url: values.url,
    shape: { tenants: Number(values.tenants), conversations: Number(values.conversations) },
    pairs: Number(values.pairs),
    milliseconds: Number(values.seconds ?? 30) * 1_000,
    kinds,
  })
}

async function besideOthers() {
  const database = await openBenchDatabase(values.url, size)
  try {
    // Left over from a run that did not finish.
    await removeWritten(database)
    if (['reading', 'writing', 'many'].some(wants)) await besidePeers(database)
    if (wants('growth')) await asItGrows(database)
    if (wants('import')) marks.push(...(await importScenario(database)))
    if (wants('memory')) marks.push(...(await memoryScenario(database, options)))
    if (wants('series')) await series(database)
    if (wants('rollups')) marks.push(...(await rollupsScenario(database, options)))
  } finally {
    await removeWritten(database)
    await database.close()
  }
}

async function besidePeers(database: BenchDatabase) {
  const started: System[] = []
  const start = async <One extends System>(system: Promise<One>): Promise<One> => {
    started.push(await system)
    return system
  }
  try {
    // Parley first: it migrates, and makes the role that PostGraphile serves under.
    const systems = [
      await start(startParley(database.ownerUrl)),
      await start(startPostgraphile(servingUrlOf(database.ownerUrl))),
      await start(startTutorial(database.ownerUrl)),
      await start(startBaseline(database.ownerUrl)),
    ] as const
    if (wants('reading')) marks.push(...(await readingScenarios(database, systems, options)))
    if (wants('writing')) marks.push(...(await writingScenarios(database, systems, options)))
    if (wants('many')) marks.push(...(await loggingManyScenario(database, systems, options)))
  } finally {
    for (const system of started) await system.stop()
  }
}

async function asItGrows(database: BenchDatabase) {
  if (size <= FEW) {
    console.log(`\nGrowth is not measured: it is from ${FEW} conversations to --size.`)
    return
  }
  const few = await openBenchDatabase(values.url, FEW)
  try {
    await removeWritten(few)
    marks.push(...(await growthScenarios([few, database], options)))
  } finally {
    await removeWritten(few)
    await few.close()
  }
}

/** Also on a tenth of the rows: what is asked of sums that are kept must not take longer with more. */
async function series(database: BenchDatabase) {
  const few = await openBenchDatabase(values.url, size / 10)
  try {
    marks.push(...(await seriesScenarios(database, few, options)))
  } finally {
    await removeWritten(few)
    await few.close()
  }
}

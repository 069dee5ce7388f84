import { parseArgs } from 'node:util'
import { cleaningUp, cleanUpOnSignals } from './clean-up.ts'
import { Cluster } from './cluster.ts'
import { databaseFaults } from './database-faults.ts'
import { BACK_WITHIN_MS, type Fault, type Need, type Outcome, underLoad, type World } from './fault.ts'
import { importFaults } from './import-faults.ts'
import { type Installed, install } from './installed.ts'
import { Ledger } from './ledger.ts'
import { settingsOf } from './on-postgresql.ts'
import { Parley } from './parley.ts'
import { proveVerify } from './prove-verify.ts'
import { serverFaults } from './server-faults.ts'
import { startFaults } from './start-faults.ts'
import { isRoot } from './workspace.ts'

/**
 * What Parley survives, on real processes, disks and clocks:
 *
 *   npm run test:faults [-- --only name,name]
 */
const { values } = parseArgs({ options: { only: { type: 'string' } } })

/** How many faults are met at once, each lane of them on a PostgreSQL of its own: much of their time is waiting. */
const LANES = 2

const ALL = [...serverFaults, ...databaseFaults, ...startFaults, ...importFaults]

async function main() {
  const only = values.only?.split(',')
  const faults = ALL.filter(({ name }) => only === undefined || only.includes(name))
  const unknown = only?.filter((name) => !ALL.some((fault) => fault.name === name)) ?? []
  if (unknown.length > 0)
    throw new Error(`There is no fault ${unknown.join(', ')}. There are ${ALL.map(({ name }) => name).join(', ')}.`)
  const installed = install()
  const newCluster = () => (installed.postgresql === null ? null : Cluster.create(installed))
  const clusters = await Promise.all(Array.from({ length: Math.min(LANES, faults.length) }, newCluster))
  const [cluster] = clusters
  if (cluster)
    console.log(`The check sees each of ${await cleaningUp(() => proveCheck(cluster))} mistakes planted in the data.`)
  const count = { survived: 0, failed: 0, skipped: 0 }
  console.log(line(HEADINGS))
  const waiting = faults.values()
  const runLane = async (cluster: Cluster | null) => {
    for (const fault of waiting) count[await meet(fault, { installed, cluster })] += 1
  }
  await Promise.all(clusters.map(runLane))
  console.log(`${count.survived} faults survived, ${count.failed} failed, ${count.skipped} skipped`)
  if (count.failed > 0) process.exitCode = 1
}

const HEADINGS = [
  'fault',
  'survived',
  'acknowledged',
  'lost',
  'stored twice',
  'differences',
  'answers again after',
  'took',
]
const WIDTHS = [32, 10, 14, 6, 14, 13, 21, 0]
const line = (cells: readonly string[]) =>
  cells
    .map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0))
    .join('')
    .trimEnd()

const inSeconds = (ms: number | null) => (ms === null ? '' : `${(ms / 1_000).toFixed(1)} s`)

/** Runs one fault, and prints its line of the table. */
async function meet(fault: Fault, world: World): Promise<'survived' | 'failed' | 'skipped'> {
  const missing = fault.needs.map((need) => reasonToSkip(need, world.installed)).find((reason) => reason !== null)
  if (missing !== undefined) {
    console.log(line([fault.name, 'skipped', missing ?? '']))
    return 'skipped'
  }
  const began = performance.now()
  const outcome = await cleaningUp(() => fault.run(world)).catch(failed)
  const { acknowledged, lost, twice, differences, backMs } = outcome
  const wrong = wrongWith(outcome)
  const counts = [acknowledged, lost.length, twice.length, differences.length].map(String)
  console.log(
    line([
      fault.name,
      wrong.length === 0 ? 'yes' : 'NO',
      ...counts,
      inSeconds(backMs),
      inSeconds(performance.now() - began),
    ]),
  )
  for (const text of wrong.slice(0, 20)) console.log(`  ${text}`)
  return wrong.length === 0 ? 'survived' : 'failed'
}

function reasonToSkip(need: Need, { postgresql, pgbouncer }: Installed): string | null {
  if (need === 'tmpfs') return isRoot ? null : 'only root can mount a tmpfs'
  return (need === 'postgresql' ? postgresql : pgbouncer) === null ? `${need} is not installed` : null
}

const failed = (error: Error): Outcome => ({
  ...{ acknowledged: 0, lost: [], twice: [], differences: [], backMs: null, problems: [error.stack ?? error.message] },
})

function wrongWith({ lost, twice, differences, backMs, problems }: Outcome): string[] {
  return [
    ...problems,
    ...lost.map((what) => `lost: ${what}`),
    ...twice.map((what) => `stored twice: ${what}`),
    ...differences.map((what) => `differs: ${what}`),
    ...((backMs ?? 0) > BACK_WITHIN_MS ? ['it did not answer again in time'] : []),
  ]
}

/** A check that never finds anything would pass all faults. */
async function proveCheck(cluster: Cluster): Promise<number> {
  const database = await cluster.newDatabase()
  let mistakes = 0
  let ledger = new Ledger()
  const outcome = await underLoad({
    servers: [await Parley.start(settingsOf(cluster, database))],
    disaster: async ({ load }) => {
      ledger = load.ledger
    },
    withSession: (work) =>
      cluster.as(database, async (session) => {
        mistakes = await proveVerify(session, ledger)
        return work(session)
      }),
  })
  const wrong = wrongWith(outcome)
  if (wrong.length > 0) throw new Error(`Without any fault:\n${wrong.join('\n')}`)
  return mistakes
}

cleanUpOnSignals()
await cleaningUp(main).catch((error: Error) => {
  console.error(error.message)
  process.exitCode = 1
})

import { isDeepStrictEqual } from 'node:util'
import type pg from 'pg'
import { connectToCopy, copy, toCopyText } from '../copy.ts'
import type { BenchDatabase } from '../database.ts'
import { load, type Measured, nextStamp, stamped, toBytes } from '../measure.ts'
import { atLeast, type Mark, printTable } from '../report.ts'
import type { Parley } from '../systems/parley.ts'
import { ask } from '../systems/system.ts'
import { conversationToWrite } from '../systems/written.ts'
import { countStored, makeTenants, storedRows } from '../written-rows.ts'
import { type Options, type Run, rateOf, rowsOf, runScenario } from './scenario.ts'
import { makeWriters, PLAIN } from './writers.ts'

const CONVERSATIONS = 500

/** The rows stand ready as text: nothing is left to do but to send and to store them. */
const COPY = 'COPY'
/** The text is made of the conversations while the time runs, as whoever holds conversations has to. */
const MAKE_AND_COPY = 'COPY and making its text'

/**
 * `logConversations` of 500 beside COPY of all the rows that these consist of, from this process: the same tables, the same
 * triggers, one connection, one transaction each. COPY has no wall, checks nothing, derives nothing.
 */
export async function loggingManyScenario(
  database: BenchDatabase,
  [parley]: readonly [Parley, ...unknown[]],
  options: Options,
): Promise<Mark[]> {
  const writers = await makeWriters(database, 'many', [parley])
  const [compared = '', copied = ''] = await makeTenants(database, 'copy', 2)
  const client = await connectToCopy(database.ownerUrl)
  const plain = writers.find(({ name }) => name === PLAIN)?.tenants[0] ?? ''
  await ask(parley.origin, parley.logMany(plain, [conversationToWrite()]))
  await copy(client, toCopyText(compared, [conversationToWrite()]))
  if (!isDeepStrictEqual(await storedRows(database, plain, []), await storedRows(database, compared, [])))
    throw new Error('COPY stores other rows than logConversations')

  const runs = new Map<string, Run>()
  const checks = writers.map(({ name, tenants: [, tenantId = ''] }) => {
    const { run, sent } = manyThrough(parley, tenantId)
    runs.set(name, run)
    return async () => {
      if ((await countStored(database, [tenantId])) !== sent() * CONVERSATIONS)
        throw new Error(`${name}: not all that was acknowledged is stored`)
    }
  })
  runs.set(COPY, (milliseconds) => copyFor(milliseconds, client, copied, { isTextTimed: false }))
  runs.set(MAKE_AND_COPY, (milliseconds) => copyFor(milliseconds, client, copied, { isTextTimed: true }))
  await database.sql('CHECKPOINT')
  const results = await runScenario(runs, options)
  for (const check of checks) await check()
  await client.end()
  printTable(
    `${CONVERSATIONS} conversations of 6 at once, one connection`,
    rowsOf('calls', results, [COPY, MAKE_AND_COPY]),
  )
  return ['Parley', PLAIN].map((name) =>
    atLeast(
      `${name}, logConversations of ${CONVERSATIONS}: of COPY`,
      0.6,
      rateOf(results, name) / rateOf(results, COPY),
    ),
  )
}

function manyThrough(parley: Parley, tenantId: string): { run: Run; sent: () => number } {
  const given = Array.from({ length: CONVERSATIONS }, () => conversationToWrite())
  const { requests, sent } = stamped([toBytes(parley.origin, parley.logMany(tenantId, given))])
  return { run: (milliseconds) => load({ ...parley, requests, connections: 1, milliseconds }), sent }
}

async function copyFor(
  milliseconds: number,
  client: pg.Client,
  tenantId: string,
  { isTextTimed }: { isTextTimed: boolean },
): Promise<Measured> {
  const latencies: number[] = []
  let cpu = 0
  const until = performance.now() + milliseconds
  while (performance.now() < until) {
    const given = Array.from({ length: CONVERSATIONS }, () => ({
      ...conversationToWrite(),
      externalId: `bench-${nextStamp()}`,
    }))
    const start = performance.now()
    const text = toCopyText(tenantId, given)
    const begin = isTextTimed ? start : performance.now()
    const cpuBefore = process.cpuUsage()
    await copy(client, text)
    latencies.push(performance.now() - begin)
    const { user, system } = process.cpuUsage(cpuBefore)
    cpu += (user + system) / 1_000
  }
  const sum = latencies.reduce((all, latency) => all + latency, 0)
  return {
    perSecond: (latencies.length * 1_000) / sum,
    latencies: Float64Array.from(latencies).sort(),
    cpuMs: cpu / latencies.length,
  }
}

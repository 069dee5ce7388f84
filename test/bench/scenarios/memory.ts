import type { BenchDatabase } from '../database.ts'
import { inTurn, load, stamped, toBytes } from '../measure.ts'
import { memoryOf } from '../process-use.ts'
import { type Mark, printTable, under } from '../report.ts'
import { startParley } from '../systems/parley.ts'
import { conversationToWrite } from '../systems/written.ts'
import { makeTenants } from '../written-rows.ts'
import type { Options } from './scenario.ts'

const CONNECTIONS = 64
const TENANTS = 16
/** How much longer than a round of the other scenarios: what leaks needs time to show. */
const TIMES_LONGER = 5

/** What a Parley of its own keeps in memory while it reads and writes in turn, at 64 connections. */
export async function memoryScenario(database: BenchDatabase, options: Options): Promise<Mark[]> {
  const parley = await startParley(database.ownerUrl)
  try {
    const { origin } = parley
    const tenants = await makeTenants(database, 'memory', TENANTS)
    const lists = await Promise.all(
      Array.from({ length: 100 }, (_, n) => parley.list({ tenantId: `t${String(n).padStart(3, '0')}` })),
    )
    const logs = tenants.flatMap((tenantId) => parley.log?.(tenantId, conversationToWrite()) ?? [])
    const kinds = {
      reading: inTurn(lists.map((one) => toBytes(origin, one))),
      writing: stamped(logs.map((one) => toBytes(origin, one))).requests,
    }
    const rows = [row('started', 0, parley.pid)]
    let answered = 0
    for (let round = 1; round <= options.rounds; round += 1) {
      for (const [kind, requests] of Object.entries(kinds)) {
        const milliseconds = options.milliseconds * TIMES_LONGER
        answered += (await load({ ...parley, requests, connections: CONNECTIONS, milliseconds })).latencies.length
        rows.push(row(`${kind}, ${round}`, answered, parley.pid))
      }
    }
    printTable(`Memory of Parley's process, ${CONNECTIONS} connections`, rows)
    return [under(`most resident memory at ${CONNECTIONS} connections`, 250, memoryOf(parley.pid).most, ' MB')]
  } finally {
    await parley.stop()
  }
}

function row(after: string, answered: number, pid: number) {
  const { now, most } = memoryOf(pid)
  return {
    after,
    'requests answered': answered.toLocaleString('en'),
    'resident, MB': now.toFixed(0),
    'most so far, MB': most.toFixed(0),
  }
}

import { parseArgs } from 'node:util'
import { openBenchDatabase } from './database.ts'
import { interleave, load, type Measured, quantile, spread, toBytes } from './measure.ts'
import { printTable, range, times } from './report.ts'
import { type Parley, startParley } from './systems/parley.ts'

/**
 * What a second process adds to the rate of the list query (20 conversations with 6 messages):
 *
 *   node test/bench/processes.ts [--processes 1,2] [--size 20000] [--url postgres://superuser@host/postgres] [--rounds 7] [--seconds 3]
 *
 * PostgreSQL and what measures run on the same machine: on two cores there is little left for a second process to win.
 */
const { values } = parseArgs({
  options: {
    processes: { type: 'string', default: '1,2' },
    size: { type: 'string', default: '20000' },
    url: {
      type: 'string',
      default: process.env['TEST_DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres',
    },
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '3' },
  },
})

const database = await openBenchDatabase(values.url, Number(values.size))
const servers = new Map<string, Parley>()
try {
  for (const processes of values.processes.split(',')) {
    // A process that is started takes its settings from here.
    process.env['PROCESSES'] = processes
    servers.set(processes, await startParley(database.ownerUrl))
  }
  for (const connections of [16, 64]) await measure(connections)
} finally {
  for (const server of servers.values()) await server.stop()
  await database.close()
}

async function measure(connections: number) {
  const run = async (processes: string): Promise<Measured> => {
    const server = servers.get(processes)
    if (!server) throw new Error(`${processes} processes are not started`)
    const question = toBytes(server.origin, await server.list({ tenantId: 't000' }))
    return load({ ...server, connections, requests: () => question, milliseconds: Number(values.seconds) * 1_000 })
  }
  const names = [...servers.keys()]
  await interleave(names, 1, run)
  const results = await interleave(names, Number(values.rounds), run)
  const rateOf = (processes: string) => spread((results.get(processes) ?? []).map(({ perSecond }) => perSecond))
  const first = rateOf(names[0] ?? '').median
  const latency = (processes: string, share: number) =>
    `${spread((results.get(processes) ?? []).map(({ latencies }) => quantile(latencies, share))).median.toFixed(1)} ms`
  printTable(
    `List of 20 × 6, ${connections} connections, medians of ${values.rounds} rounds`,
    names.map((processes) => ({
      processes,
      'requests/s': range(rateOf(processes)),
      ratio: times(rateOf(processes).median / first),
      median: latency(processes, 0.5),
      p99: latency(processes, 0.99),
    })),
  )
}

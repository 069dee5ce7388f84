import { resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type BenchDatabase, openBenchDatabase } from './database.ts'
import { inTurn, interleave, load, quantile, type Requests, spread, stamped, toBytes } from './measure.ts'
import { cpuNanoseconds, usedSince } from './process-use.ts'
import { printTable, times } from './report.ts'
import { SERIES, TENANT, WHOLE } from './scenarios/series-questions.ts'
import { type Parley, startParley } from './systems/parley.ts'
import { conversationToWrite } from './systems/written.ts'
import { makeTenants, removeWritten } from './written-rows.ts'

/**
 * What a change costs: CPU time per request, of the server and PostgreSQL together, compared with another checkout
 * (installed, in a directory of its own) in alternating rounds on one database:
 *
 *   node test/bench/before.ts --before DIRECTORY [--size 10000] [--url postgres://superuser@host/postgres] [--starts 3] [--rounds 5] [--seconds 2] [--only list|log|series|seldom] [--apart]
 *
 * The other checkout is started twice; compared with itself, it shows what the machine's noise can hide. A ratio is
 * decided only if that control is within two percent of 1. All are started several times, with this many rounds each,
 * because two starts of one server differ by more than two rounds do: V8 compiles them differently. PostgreSQL must run
 * on this machine, and only for this benchmark.
 *
 * `--apart`: the other checkout has a database that it has made and filled itself. On one that this checkout has migrated,
 * its writes would pay for our triggers and indexes. (What it fills may differ, so lists and series are compared on one.)
 * A checkout older than 1.0.0 always needs it, because it does not run on a database that this one has migrated. What is
 * asked here is the same in its schema; other documents of `systems/parley.ts` are not.
 */
const { values } = parseArgs({
  options: {
    before: { type: 'string' },
    size: { type: 'string', default: '10000' },
    url: {
      type: 'string',
      default: process.env['TEST_DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres',
    },
    starts: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
    apart: { type: 'boolean', default: false },
  },
})
if (values.before === undefined) throw new Error('--before DIRECTORY: the checkout to compare with')

const CONNECTIONS = 16
const SETTLING_MS = 5_000
const CONTROL_TOLERANCE = 0.02

const SYSTEMS = ['after', 'before', 'control'] as const
type System = (typeof SYSTEMS)[number]

interface Scenario {
  name: string
  requestsOf(server: Parley): Promise<Requests>
}

function scenarios(writtenTo: Map<Parley, string[]>): Scenario[] {
  const tenants = Array.from({ length: 100 }, (_, n) => `t${String(n).padStart(3, '0')}`)
  return [
    {
      name: 'list of 20 × 6',
      requestsOf: async (server) =>
        inTurn(
          await Promise.all(tenants.map(async (tenantId) => toBytes(server.origin, await server.list({ tenantId })))),
        ),
    },
    {
      name: 'log of 6 messages',
      requestsOf: async (server) =>
        stamped(
          (writtenTo.get(server) ?? []).flatMap((tenant) => {
            const question = server.log?.(tenant, conversationToWrite())
            return question ? [toBytes(server.origin, question)] : []
          }),
        ).requests,
    },
    {
      name: 'series of a year of days',
      requestsOf: async (server) =>
        inTurn(WHOLE.map(({ variables }) => toBytes(server.origin, server.question(TENANT, SERIES, variables)))),
    },
    ...Object.entries(SELDOM).map(([what, query]) => ({
      name: `${SELDOM_PREFIX}${what}`,
      requestsOf: async (server: Parley) =>
        inTurn(
          await Promise.all(
            tenants.map(async (tenantId) => {
              const first = JSON.parse(await server.ask(tenantId, '{ conversations(first: 1) { nodes { id } } }'))
              const variables = { id: first.data.conversations.nodes[0].id, condition: true }
              return toBytes(server.origin, server.question(tenantId, query, variables))
            }),
          ),
        ),
    })),
  ]
}

/** Queries that were resolved by graphql-js at first; measured only with `--only seldom`. */
const SELDOM_PREFIX = 'seldom: '
const ROWS =
  'nodes { id status startedAt messages(first: 6) { nodes { id sequence ... on ChatMessage { role content } } } }'
const SELDOM: Record<string, string> = {
  'a total': `query { conversations(first: 20) { totalCount ${ROWS} } }`,
  'two root fields': `query { a: conversations(first: 10) { ${ROWS} } b: conversations(last: 10) { ${ROWS} } }`,
  'a condition': `query ($condition: Boolean!) { conversations(first: 20) { ${ROWS} pageInfo @include(if: $condition) { hasNextPage } } }`,
  'a node': `query ($id: ID!) { node(id: $id) { ... on Conversation { status messages(first: 20) { nodes { id ... on ChatMessage { content } } } } } }`,
}

const isChosen = (name: string) => (values.only === '' ? !name.startsWith(SELDOM_PREFIX) : name.startsWith(values.only))

/** Runs the scenarios on one start of the servers, and adds what they measured. */
async function run(databases: Databases, servers: Map<System, Parley>, measured: Map<string, Results>) {
  const writtenTo = new Map<Parley, string[]>()
  for (const [system, server] of servers) {
    const database = system === 'after' ? databases.own : databases.other
    writtenTo.set(server, await makeTenants(database, `before-${system}`, 16))
  }
  for (const { name, requestsOf } of scenarios(writtenTo).filter((one) => isChosen(one.name))) {
    const requests = new Map<System, Requests>()
    for (const [system, server] of servers) requests.set(system, await requestsOf(server))
    const round = (milliseconds: number) => async (system: System) => {
      const server = servers.get(system) as Parley
      const before = [cpuNanoseconds(server.pid), cpuNanoseconds('postgres')] as const
      const { latencies } = await load({
        ...server,
        requests: requests.get(system) as Requests,
        connections: CONNECTIONS,
        milliseconds,
      })
      const ofServer = usedSince(before[0], cpuNanoseconds(server.pid))
      const ofPostgres = usedSince(before[1], cpuNanoseconds('postgres'))
      return { server: ofServer / latencies.length / 1e6, all: (ofServer + ofPostgres) / latencies.length / 1e6 }
    }
    await interleave(SYSTEMS, 2, round(1_500))
    const results = await interleave(SYSTEMS, Number(values.rounds), round(Number(values.seconds) * 1_000))
    const others = measured.get(name)
    measured.set(name, new Map(SYSTEMS.map((one) => [one, [...(others?.get(one) ?? []), ...(results.get(one) ?? [])]])))
  }
}

type Results = Map<System, { server: number; all: number }[]>

/** Milliseconds, and how many of them the server took. */
const milliseconds = (results: Results, system: System) => {
  const [all, server] = (['all', 'server'] as const).map((of) =>
    median((results.get(system) ?? []).map((one) => one[of])),
  )
  return `${all?.toFixed(3)} (${server?.toFixed(3)})`
}

const median = (numbers: number[]) => spread(numbers).median

function rowOf(name: string, results: Results) {
  const of = (system: System) => (results.get(system) ?? []).map(({ all }) => all)
  const ratios = (one: System, other: System) => of(one).map((value, round) => value / (of(other)[round] ?? Number.NaN))
  const spreadOf = (numbers: number[]) => {
    const sorted = numbers.toSorted((a, b) => a - b)
    return `${times(quantile(sorted, 0.5))} (${times(quantile(sorted, 0.25))}–${times(quantile(sorted, 0.75))})`
  }
  const isDecided = Math.abs(median(ratios('control', 'before')) - 1) <= CONTROL_TOLERANCE
  return {
    scenario: name,
    'before, ms (server)': milliseconds(results, 'before'),
    'after, ms (server)': milliseconds(results, 'after'),
    'after / before (quartiles)': spreadOf(ratios('after', 'before')),
    'control / before (quartiles)': spreadOf(ratios('control', 'before')),
    decided: isDecided ? 'yes' : 'no',
  }
}

async function startAll({ own, other }: Databases): Promise<Map<System, Parley>> {
  // First this one, which migrates the database.
  const servers = new Map<System, Parley>([['after', await startParley(own.ownerUrl)]])
  for (const system of ['before', 'control'] as const) {
    servers.set(system, await startParley(other.ownerUrl, values.before))
  }
  // What a server loads after its start is none of the requests'.
  await setTimeout(SETTLING_MS)
  return servers
}

/** Of this checkout, and of the other: the same one, unless they are apart. */
interface Databases {
  own: BenchDatabase
  other: BenchDatabase
}

async function openDatabases(other: string): Promise<Databases> {
  const own = await openBenchDatabase(values.url, Number(values.size))
  if (!values.apart) return { own, other: own }
  const { openBenchDatabase: openOther } = (await import(resolve(other, 'test/bench/database.ts'))) as {
    openBenchDatabase: typeof openBenchDatabase
  }
  // A database is named by its size.
  return { own, other: await openOther(values.url, Number(values.size) + 1) }
}

const databases = await openDatabases(values.before)
const each = new Set(Object.values(databases))
// An earlier run may have been killed.
for (const database of each) await removeWritten(database)
try {
  const measured = new Map<string, Results>()
  for (let start = 0; start < Number(values.starts); start += 1) {
    const servers = await startAll(databases)
    try {
      await run(databases, servers, measured)
    } finally {
      for (const server of servers.values()) await server.stop()
      for (const database of each) await removeWritten(database)
    }
  }
  printTable(
    `CPU a request of the server and PostgreSQL, medians of ${values.starts} starts with ${values.rounds} rounds of ${values.seconds} s`,
    [...measured].map(([name, results]) => rowOf(name, results)),
  )
} finally {
  for (const database of each) await database.close()
}

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { quantile } from './measure.ts'
import { memoryOf } from './process-use.ts'
import { type Mark, printMarks, printTable, times, under } from './report.ts'
import type { Subscription } from './subscribers/event-stream.ts'
import { type Met, startNeighbour } from './subscribers/neighbour.ts'
import type { Order, Report, Write } from './subscribers/readers.ts'
import { importFor, writeFor } from './subscribers/writes.ts'
import { type Parley, startParley } from './systems/parley.ts'

/**
 * Many subscribers of one tenant, and what they cost each other and another tenant:
 *
 *   node test/bench/subscribers.ts [--url postgres://superuser@host/postgres] [--rounds 5] [--seconds 4] [--credential token|key] [--only import|writes]
 *
 * First one reader among 199 whose sockets nobody reads, while conversations are imported; then 200 readers at 200 small
 * writes a second. Each round also runs with the same writes and no subscribers, and with neither.
 * Makes the database parley_bench_subscribers anew, and drops it.
 */
const { values } = parseArgs({
  options: {
    url: {
      type: 'string',
      default: process.env['TEST_DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres',
    },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    /** What the subscribers hold: an embed token each, or all of them one key. */
    credential: { type: 'string', default: 'token' },
    /** Of the two, only one. */
    only: { type: 'string' },
  },
})
const milliseconds = Number(values.seconds) * 1_000

const SUBSCRIBERS = 200
const WRITES_PER_SECOND = 200
/** How long a reader may take to catch up after the last write before what is missing counts as lost. */
const TIMEOUT_MS = 20_000
/** Longest lag, and how much more memory, that are acceptable. */
const MAX_LAG_MS = 1_000
const MAX_MEMORY_MB = 50
const MAX_RATIO = 1.5

const DATABASE = 'parley_bench_subscribers'
const [TENANT, NEIGHBOUR] = ['many', 'neighbour']
const QUERY = `subscription {
  conversationsChanged { resumeToken changes { kind conversationId conversation { status messageCount } } }
}`

type Writing = (milliseconds: number) => Promise<Write[]>

interface Phase {
  key: string
  name: string
  readers: number
  write: Writing
}

/** What one round came to. */
interface Round {
  written: number
  report: Report | null
  met: Met
  memory: { before: number; after: number }
}

// What was started ends with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const admin = new pg.Client({ connectionString: values.url })
await admin.connect()
await admin.query(`DROP DATABASE IF EXISTS ${DATABASE}`)
await admin.query(`CREATE DATABASE ${DATABASE}`)
const databaseUrl = new URL(values.url)
databaseUrl.pathname = DATABASE
// A process that is started takes its settings from here.
process.env['MAX_SUBSCRIPTIONS_PER_TENANT'] = String(2 * SUBSCRIBERS)
const parley = await startParley(databaseUrl.href)
const readers = fork(`${import.meta.dirname}/subscribers/reader-process.ts`, { serialization: 'advanced' })
const readersEnded = once(readers, 'exit').then(([code]) => {
  throw new Error(`the readers ended with ${code}`)
})
// Only whoever waits for an answer of theirs has to know.
readersEnded.catch(() => {})
try {
  await makeTenants()
  printMarks(await measureAll())
} finally {
  readers.disconnect()
  await parley.stop()
  await admin.query(`DROP DATABASE ${DATABASE}`)
  await admin.end()
}

async function makeTenants() {
  const owner = new pg.Client({ connectionString: databaseUrl.href })
  await owner.connect()
  const enrichment = { sentiment: false, language: false, tokenCount: false, cost: false }
  for (const id of [TENANT, NEIGHBOUR]) {
    await owner.query('INSERT INTO tenants (id, name, time_zone) VALUES ($1, $1, $2)', [id, 'UTC'])
    const input = { id, enrichment, redactsPersonalData: false }
    await parley.ask(id, 'mutation ($input: UpdateTenantInput!) { updateTenant(input: $input) { tenant { id } } }', {
      input,
    })
  }
  await owner.end()
}

async function measureAll(): Promise<Mark[]> {
  const tokens = await subscriptions(TENANT, SUBSCRIBERS)
  const [neighbour] = await subscriptions(NEIGHBOUR, 1)
  if (!neighbour) throw new Error('the neighbour has no credential')
  const importing: Writing = (ms) => importFor(ms, parley, TENANT)
  const writing: Writing = (ms) => writeFor(ms, parley, { tenantId: TENANT, perSecond: WRITES_PER_SECOND })
  const phases: Phase[] = [
    { key: 'import', name: `1 reader, ${SUBSCRIBERS - 1} silent, import`, readers: 1, write: importing },
    {
      key: 'writes',
      name: `${SUBSCRIBERS} readers, ${WRITES_PER_SECOND} writes/s`,
      readers: SUBSCRIBERS,
      write: writing,
    },
  ]
  // What is compiled and loaded with the first writes is no cost of subscribers.
  for (const { write } of phases) await round(write, neighbour)
  const marks: Mark[] = []
  for (const phase of phases.filter(({ key }) => key === (values.only ?? key)))
    marks.push(...(await measure(phase, tokens, neighbour)))
  return marks
}

async function measure({ name, readers, write }: Phase, all: Subscription[], neighbour: Subscription): Promise<Mark[]> {
  const rounds: Record<'idle' | 'without' | 'with', Round[]> = { idle: [], without: [], with: [] }
  for (let n = 0; n < Number(values.rounds); n += 1) {
    rounds.idle.push(await round(null, neighbour))
    rounds.without.push(await round(write, neighbour))
    rounds.with.push(await round(write, neighbour, { reading: all.slice(0, readers), silent: all.slice(readers) }))
  }
  printRounds(name, rounds.with)
  printNeighbour(name, rounds)
  const lag = median(rounds.with.map(({ report }) => report?.lagsMs.at(-1) ?? Number.POSITIVE_INFINITY))
  const grown = median(rounds.with.map(({ memory }) => memory.after - memory.before))
  return [
    under(`${name}: the longest lag`, MAX_LAG_MS, lag, ' ms'),
    under(`${name}: memory`, MAX_MEMORY_MB, grown, ' MB'),
    under(`${name}: another tenant's first answer`, MAX_RATIO, ratio(rounds, 'firstAnswers')),
    under(`${name}: another tenant's delivery`, MAX_RATIO, ratio(rounds, 'deliveries')),
  ]
}

async function round(
  write: Writing | null,
  neighbour: Subscription,
  subscribers?: { reading: Subscription[]; silent: Subscription[] },
): Promise<Round> {
  const before = memoryOf(parley.pid).now
  if (subscribers) await order({ kind: 'OPEN', ...subscribers })
  const stopNeighbour = startNeighbour(parley, NEIGHBOUR, neighbour)
  const writes = write
    ? await write(milliseconds)
    : await new Promise<Write[]>((resolve) => setTimeout(resolve, milliseconds, []))
  const met = await stopNeighbour()
  const report = subscribers ? await order({ kind: 'REPORT', writes, timeoutMs: TIMEOUT_MS }) : null
  const after = memoryOf(parley.pid).now
  if (subscribers) await order({ kind: 'CLOSE' })
  return { written: writes.length, report, met, memory: { before, after } }
}

async function order(one: Order): Promise<Report | null> {
  const answered = once(readers, 'message') as Promise<[{ report: Report | null }]>
  readers.send(one)
  const [{ report }] = await Promise.race([answered, readersEnded])
  return report
}

/** Subscriptions with a credential each, or all with the same one. */
async function subscriptions(tenantId: string, count: number): Promise<Subscription[]> {
  const withHeaders = (headers: Record<string, string>) => ({ origin: parley.origin, headers, query: QUERY })
  const ofKey = withHeaders({ authorization: `Bearer ${parley.key}`, 'x-tenant-id': tenantId })
  if (values.credential === 'key') return Array.from({ length: count }, () => ofKey)
  const subscribed = []
  for (let n = 0; n < count; n += 1) {
    const token = await makeToken(parley, tenantId, `page-${n}`)
    subscribed.push(withHeaders({ authorization: `Bearer ${token}` }))
  }
  return subscribed
}

async function makeToken({ ask }: Parley, tenantId: string, subject: string): Promise<string> {
  const answer = await ask(
    tenantId,
    `mutation { createEmbedToken(input: { subject: "${subject}", scopes: [CONVERSATIONS_READ] }) { token } }`,
  )
  return JSON.parse(answer).data.createEmbedToken.token
}

function printRounds(name: string, rounds: readonly Round[]) {
  printTable(
    `${name}, ${values.credential}`,
    rounds.map(({ written, report, memory }, n) => ({
      round: String(n + 1),
      written: written.toLocaleString('en'),
      'received by the last': (report?.received ?? 0).toLocaleString('en'),
      'lag p50, ms': lagOf(report, 0.5),
      'p95, ms': lagOf(report, 0.95),
      'longest, ms': lagOf(report, 1),
      'resident before, MB': memory.before.toFixed(0),
      'after, MB': memory.after.toFixed(0),
    })),
  )
}

function lagOf(report: Report | null, share: number): string {
  const lag = report?.lagsMs[Math.ceil((report.lagsMs.length - 1) * share)] ?? Number.POSITIVE_INFINITY
  return lag === Number.POSITIVE_INFINITY ? 'never' : lag.toFixed(0)
}

/** One of the values: some may be infinite. */
function median(of: readonly number[]): number {
  return of.toSorted((a, b) => a - b)[Math.floor(of.length / 2)] ?? Number.NaN
}

function p95(rounds: readonly Round[], what: keyof Met): number {
  const met = rounds.flatMap((one) => one.met[what])
  return quantile(
    met.toSorted((a, b) => a - b),
    0.95,
  )
}

function ratio(rounds: { with: Round[]; without: Round[] }, what: keyof Met): number {
  return p95(rounds.with, what) / p95(rounds.without, what)
}

function printNeighbour(name: string, rounds: { idle: Round[]; without: Round[]; with: Round[] }) {
  printTable(
    `Another tenant meanwhile (${name}), p95`,
    (['idle', 'without', 'with'] as const).map((key) => ({
      load: { idle: 'none', without: 'the writes', with: 'the writes and the subscribers' }[key],
      visits: String(rounds[key].reduce((sum, { met }) => sum + met.firstAnswers.length, 0)),
      'first answer, ms': p95(rounds[key], 'firstAnswers').toFixed(1),
      'of the writes alone': times(p95(rounds[key], 'firstAnswers') / p95(rounds.without, 'firstAnswers')),
      'a write to its delivery, ms': p95(rounds[key], 'deliveries').toFixed(1),
      'of the same alone': times(p95(rounds[key], 'deliveries') / p95(rounds.without, 'deliveries')),
    })),
  )
}

import { isDeepStrictEqual } from 'node:util'
import { ask, type Contestant, type ListReading, type Place } from '../contestants/contestant.ts'
import type { BenchDatabase } from '../database.ts'
import { inTurn, interleave, load, type Measured, quantile, spread, toBytes } from '../measure.ts'
import { atLeast, type Mark, milliseconds, printTable, range, times, under } from '../report.ts'

export interface Options {
  rounds: number
  milliseconds: number
}

const CONNECTIONS = 16

/** What is read: in every contest several readings in turn, so that none stays in a cache that a real page would miss. */
interface Contest {
  name: string
  kind: 'list' | 'get'
  readings: (ListReading & { id?: string })[]
}

async function contestsOf(database: BenchDatabase): Promise<Contest[]> {
  const tenants = Array.from({ length: 100 }, (_, n) => `t${String(n).padStart(3, '0')}`)
  const long = await database.sql<{ tenantId: string; id: string }>(
    `SELECT tenant_id AS "tenantId", id FROM conversations WHERE tenant_id < 't020' AND external_id LIKE 'long-%'`,
  )
  // Ten weeks into two years, so behind nine tenths of the largest tenant's conversations.
  const deep = await database.sql<Place>(
    `SELECT c.id, c.external_id AS "externalId", to_json(c.started_at) #>> '{}' AS "startedAt"
     FROM generate_series(0, 19) AS day, LATERAL (
       SELECT * FROM conversations WHERE tenant_id = 't000' AND started_at < timestamptz '2025-01-10' + day * interval '1 day'
       ORDER BY started_at DESC, id DESC LIMIT 1) c`,
  )
  const values = (key: string, all: string[]) => all.map((value) => ({ tenantId: 't000', where: { key, value } }))
  return [
    { name: 'list of 20 × 6 messages', kind: 'list', readings: tenants.map((tenantId) => ({ tenantId })) },
    { name: 'one of 200 messages', kind: 'get', readings: long },
    {
      name: 'list, rare metadata',
      kind: 'list',
      readings: values(
        'customer',
        Array.from({ length: 20 }, (_, n) => `c${n}`),
      ),
    },
    { name: 'list, common metadata', kind: 'list', readings: values('plan', ['free', 'pro', 'team', 'enterprise']) },
    { name: 'deep page', kind: 'list', readings: deep.map((after) => ({ tenantId: 't000', after })) },
  ]
}

const question = (contestant: Contestant, { kind }: Contest, reading: Contest['readings'][number]) =>
  kind === 'list' ? contestant.list(reading) : contestant.get({ tenantId: reading.tenantId, id: reading.id ?? '' })

/** Fails unless all give the same to each reading. */
async function compare(contest: Contest, contestants: readonly Contestant[]) {
  for (const reading of contest.readings) {
    const answers = await Promise.all(
      contestants.map(async (contestant) => {
        const text = await ask(contestant.origin, await question(contestant, contest, reading))
        return contest.kind === 'list' ? contestant.readList(text) : contestant.readGet(text)
      }),
    )
    const [first] = answers
    const found = first && ('conversations' in first ? first.conversations.length : first.messages.length)
    if (!found) throw new Error(`${contest.name}: nothing is found for ${JSON.stringify(reading)}`)
    for (const [i, answer] of answers.entries()) {
      if (isDeepStrictEqual(answer, first)) continue
      const texts = [first, answer].map((one) => JSON.stringify(one).slice(0, 1_000)).join('\n')
      throw new Error(
        `${contest.name}: ${contestants[i]?.name} and ${contestants[0]?.name} answer differently:\n${texts}`,
      )
    }
  }
}

/** Reads against the peers, at 16 connections. The floor is the one named so. */
export async function readingContests(
  database: BenchDatabase,
  contestants: readonly Contestant[],
  options: Options,
): Promise<Mark[]> {
  const marks: Mark[] = []
  const rows: Record<string, string>[] = []
  for (const contest of await contestsOf(database)) {
    await compare(contest, contestants)
    const results = await run(contest, contestants, options)
    const rate = (name: string) => spread(results.get(name)?.map(({ perSecond }) => perSecond) ?? []).median
    for (const [name, rounds] of results) rows.push(row(contest.name, name, rounds, rate))
    if (contest.name.startsWith('list of')) marks.push(...listMarks(rate, results.get('Parley') ?? []))
  }
  printTable(`Reading, ${CONNECTIONS} connections, requests a second: median (least–most of the rounds)`, rows)
  return marks
}

async function run(contest: Contest, contestants: readonly Contestant[], { rounds, milliseconds }: Options) {
  const loads = await Promise.all(
    contestants.map(async (contestant) => {
      const questions = await Promise.all(contest.readings.map((reading) => question(contestant, contest, reading)))
      const requests = inTurn(questions.map((one) => toBytes(contestant.origin, one)))
      return { origin: contestant.origin, requests, connections: CONNECTIONS, milliseconds }
    }),
  )
  for (const one of loads) await load(one)
  const results = await interleave(loads, rounds, load)
  return new Map(contestants.map(({ name }, i) => [name, results.get(loads[i] as (typeof loads)[number]) ?? []]))
}

function row(contest: string, name: string, rounds: Measured[], rate: (name: string) => number) {
  return {
    contest,
    contestant: name,
    'requests/s': range(spread(rounds.map(({ perSecond }) => perSecond))),
    'of the floor': times(rate(name) / rate('floor')),
    'of PostGraphile': times(rate(name) / rate('PostGraphile 5')),
    p50: milliseconds(rounds.map(({ latencies }) => quantile(latencies, 0.5))),
    p99: milliseconds(rounds.map(({ latencies }) => quantile(latencies, 0.99))),
  }
}

function listMarks(rate: (name: string) => number, parley: Measured[]): Mark[] {
  const tail = parley.map(({ latencies }) => quantile(latencies, 0.99) / quantile(latencies, 0.5))
  return [
    atLeast('list of 20 × 6, of PostGraphile', 1.2, rate('Parley') / rate('PostGraphile 5')),
    atLeast('list of 20 × 6, of the floor', 0.65, rate('Parley') / rate('floor')),
    under('p99 at 16 connections, of the median', 3, spread(tail).median),
  ]
}

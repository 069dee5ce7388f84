import { isDeepStrictEqual } from 'node:util'
import type { BenchDatabase } from '../database.ts'
import { inTurn, load, toBytes } from '../measure.ts'
import { atLeast, type Mark, printTable, under } from '../report.ts'
import { ask, type ListReading, type Place, type System } from '../systems/system.ts'
import { type Options, type Results, type Run, rateOf, rowsOf, runScenario, tailOf } from './scenario.ts'

const CONNECTIONS = 16

/** What is read: in every scenario several readings in turn, so that none stays in a cache that a real page would miss. */
interface Scenario {
  name: string
  kind: 'list' | 'get'
  readings: (ListReading & { id?: string })[]
}

async function scenariosOf(database: BenchDatabase): Promise<Scenario[]> {
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

const question = (system: System, { kind }: Scenario, reading: Scenario['readings'][number]) =>
  kind === 'list' ? system.list(reading) : system.get({ tenantId: reading.tenantId, id: reading.id ?? '' })

/** Fails unless all give the same to each reading. */
async function compare(scenario: Scenario, systems: readonly System[]) {
  for (const reading of scenario.readings) {
    const answers = await Promise.all(
      systems.map(async (system) => {
        const text = await ask(system.origin, await question(system, scenario, reading))
        return scenario.kind === 'list' ? system.readList(text) : system.readGet(text)
      }),
    )
    const [first] = answers
    const found = first && ('conversations' in first ? first.conversations.length : first.messages.length)
    if (!found) throw new Error(`${scenario.name}: nothing is found for ${JSON.stringify(reading)}`)
    for (const [i, answer] of answers.entries()) {
      if (isDeepStrictEqual(answer, first)) continue
      const texts = [first, answer].map((one) => JSON.stringify(one).slice(0, 1_000)).join('\n')
      throw new Error(`${scenario.name}: ${systems[i]?.name} and ${systems[0]?.name} answer differently:\n${texts}`)
    }
  }
}

/** Reads beside the peers, at 16 connections. */
export async function readingScenarios(
  database: BenchDatabase,
  systems: readonly System[],
  options: Options,
): Promise<Mark[]> {
  const marks: Mark[] = []
  const rows = []
  for (const scenario of await scenariosOf(database)) {
    await compare(scenario, systems)
    const results = await runScenario(await runsOf(scenario, systems), options)
    rows.push(...rowsOf(scenario.name, results, ['baseline', 'PostGraphile 5']))
    if (scenario.name.startsWith('list of')) marks.push(...listMarks(results))
  }
  printTable(`Reading, ${CONNECTIONS} connections`, rows)
  return marks
}

async function runsOf(scenario: Scenario, systems: readonly System[]) {
  const runs = new Map<string, Run>()
  for (const system of systems) {
    const questions = await Promise.all(scenario.readings.map((reading) => question(system, scenario, reading)))
    const requests = inTurn(questions.map((one) => toBytes(system.origin, one)))
    runs.set(system.name, (milliseconds) => load({ ...system, requests, connections: CONNECTIONS, milliseconds }))
  }
  return runs
}

const listMarks = (results: Results): Mark[] => [
  atLeast('list of 20 × 6, of PostGraphile', 1.2, rateOf(results, 'Parley') / rateOf(results, 'PostGraphile 5')),
  atLeast('list of 20 × 6, of the baseline', 0.65, rateOf(results, 'Parley') / rateOf(results, 'baseline')),
  under('list of 20 × 6: p99 at 16 connections, of the median', 3, tailOf(results, 'Parley')),
]

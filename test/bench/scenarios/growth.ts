import type { BenchDatabase } from '../database.ts'
import { inTurn, load, toBytes } from '../measure.ts'
import { type Mark, printTable, under } from '../report.ts'
import { type Parley, startParley } from '../systems/parley.ts'
import { messageToAppend } from '../systems/written.ts'
import { openConversations } from '../written-rows.ts'
import { type Options, type Run, rateOf, rowsOf, runScenario } from './scenario.ts'

const CONNECTIONS = 16

/** Parley alone, on few conversations and on many: the same requests of the largest tenant, which has 3 of 10. */
export async function growthScenarios(
  databases: readonly [few: BenchDatabase, many: BenchDatabase],
  options: Options,
): Promise<Mark[]> {
  const sides: Side[] = []
  try {
    for (const database of databases) sides.push(await prepare(database))
    const marks: Mark[] = []
    const rows = []
    const [few = '', many = ''] = sides.map(({ name }) => name)
    for (const kind of ['list', 'get', 'append'] as const) {
      const runs = new Map(sides.map((side) => [side.name, side.runs[kind]]))
      const results = await runScenario(runs, options)
      rows.push(...rowsOf(kind, results, [few]))
      marks.push(
        under(`${kind}, from ${few} to ${many}: slower by`, 1.25, rateOf(results, few) / rateOf(results, many)),
      )
    }
    printTable(`Growth, ${CONNECTIONS} connections`, rows)
    return marks
  } finally {
    for (const { parley } of sides) await parley.stop()
  }
}

interface Side {
  name: string
  parley: Parley
  runs: Record<'list' | 'get' | 'append', Run>
}

const TENANT = 't000'
const READ_CONVERSATIONS = 1_000
const OPEN_CONVERSATIONS = 200

async function prepare(database: BenchDatabase): Promise<Side> {
  const parley = await startParley(database.ownerUrl)
  // From all over the two years, so that what is read lies far apart.
  const some = await database.sql<{ id: string }>(
    `SELECT id FROM conversations WHERE tenant_id = $1 AND external_id LIKE 'ext-%' ORDER BY md5(external_id) LIMIT $2`,
    [TENANT, READ_CONVERSATIONS],
  )
  const open = await openConversations(database, parley, TENANT, OPEN_CONVERSATIONS)
  const running = (questions: Awaited<ReturnType<Parley['list']>>[]): Run => {
    const requests = inTurn(questions.map((one) => toBytes(parley.origin, one)))
    return (milliseconds) => load({ ...parley, requests, connections: CONNECTIONS, milliseconds })
  }
  return {
    name: `${database.size.toLocaleString('en')} conversations`,
    parley,
    runs: {
      list: running([await parley.list({ tenantId: TENANT })]),
      get: running(some.map(({ id }) => parley.get({ tenantId: TENANT, id }))),
      append: running(open.flatMap((id) => parley.append?.(TENANT, id, messageToAppend()) ?? [])),
    },
  }
}

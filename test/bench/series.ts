import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { startParley } from './contestants/parley.ts'

/**
 * Series beside the straightforward SQL on the rows themselves, both through HTTP, the answers compared:
 *
 *   node test/bench/series.ts --url postgres://owner@localhost/parley_bench [--rounds 20]
 *
 * on a database that data.ts filled. The peer is node:http, pg and JSON.stringify, without any wall between tenants.
 */
const { values } = parseArgs({ options: { url: { type: 'string' }, rounds: { type: 'string', default: '20' } } })
if (!values.url) throw new Error('--url is missing')
const rounds = Number(values.rounds)

const TENANT = 't000'
const RANGE = { from: '2025-10-01T00:00:00Z', to: '2026-10-01T00:00:00Z' }
const ONE_DAY_LESS = { from: '2025-10-01T04:00:00Z', to: '2026-10-01T04:00:00Z' }

interface Contest {
  name: string
  variables: Record<string, unknown>
  sql: string
  parameters: unknown[]
}

const SERIES = `query ($measures: [SeriesMeasure!]!, $range: TimeRange!, $timeZone: String, $filter: ConversationFilter) {
  conversationSeries(measures: $measures, range: $range, timeZone: $timeZone, filter: $filter) { lines { points { start value } } }
}`

const daily = (columns: string, from: string, where = 'true') => `
  SELECT date_trunc('day', c.started_at, $4) AS start, ${columns} FROM ${from}
  WHERE c.tenant_id = $1 AND c.started_at >= $2 AND c.started_at < $3 AND NOT c.is_test AND ${where} GROUP BY 1 ORDER BY 1`
/** As somebody writes it who knows the tables: from the index of metadata's values. */
const hasEntry = (path: string, value: string) => `c.id IN (
  SELECT e.conversation_id FROM conversation_metadata e WHERE e.tenant_id = $1 AND e.path = '${path}' AND e.value = '${value}')`
const MESSAGES = 'conversations c JOIN messages m ON m.tenant_id = c.tenant_id AND m.conversation_id = c.id'
const parameters = (range: { from: string; to: string }, timeZone: string) => [TENANT, range.from, range.to, timeZone]
const year = (measures: string[], sql: string, timeZone = 'UTC'): Omit<Contest, 'name'> => {
  const range = timeZone === 'UTC' ? RANGE : ONE_DAY_LESS
  return { variables: { measures, range, timeZone }, sql, parameters: parameters(range, timeZone) }
}
const filtered = (filter: object, where: string): Omit<Contest, 'name'> => {
  const contest = year(['CONVERSATIONS'], daily('count(*)::int AS a', 'conversations c', where))
  return { ...contest, variables: { ...contest.variables, filter } }
}

const contests: Contest[] = [
  { name: '365 days: conversations', ...year(['CONVERSATIONS'], daily('count(*)::int AS a', 'conversations c')) },
  {
    name: '365 days: conversations, in New York',
    ...year(['CONVERSATIONS'], daily('count(*)::int AS a', 'conversations c'), 'America/New_York'),
  },
  {
    name: '365 days: user messages and their mean sentiment',
    ...year(
      ['USER_MESSAGES', 'SENTIMENT_MEAN'],
      daily('count(*)::int AS a, avg(m.sentiment) AS b', MESSAGES, `m.role = 'USER'`),
    ),
  },
  {
    name: '365 days: one customer of 5,000',
    ...filtered({ metadata: [{ path: ['customer'], eq: 'c3' }] }, hasEntry('/customer', 'sc3')),
  },
  {
    name: '365 days: a quarter of the rows',
    ...filtered({ metadata: [{ path: ['plan'], eq: 'pro' }] }, hasEntry('/plan', 'spro')),
  },
]

const pool = new pg.Pool({ connectionString: values.url, max: 4 })
const peer = createServer(async (request, response) => {
  const contest = contests[Number(request.url?.slice(1))]
  const { rows } = await pool.query({
    name: contest?.name ?? '',
    text: contest?.sql ?? '',
    values: contest?.parameters ?? [],
  })
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ points: rows }))
}).listen(0)
const peerUrl = `http://127.0.0.1:${(peer.address() as AddressInfo).port}`
const parley = await startParley(values.url)

const askPeer = async (index: number) => (await fetch(`${peerUrl}/${index}`)).text()

interface Row {
  start: string
  a: number
  b?: number
}

/** Both answers as `start: values`, without the days on which there was nothing. */
function compare(ours: string, theirs: string) {
  const { lines } = JSON.parse(ours).data.conversationSeries as {
    lines: { points: { start: string; value: number | null }[] }[]
  }
  const points = (lines[0]?.points ?? []).flatMap(({ start, value }, i) =>
    value ? [[start, value, ...lines.slice(1).map((line) => line.points[i]?.value)].join()] : [],
  )
  const rows = (JSON.parse(theirs).points as Row[]).map(({ start, a, b }) =>
    [start, a, ...(b === undefined ? [] : [b])].join(),
  )
  if (points.join('\n') !== rows.join('\n'))
    throw new Error(`the answers differ:\n${points.slice(0, 3)}\n${rows.slice(0, 3)}`)
  return points.length
}

const timed = async (work: () => Promise<unknown>) => {
  const start = performance.now()
  await work()
  return performance.now() - start
}
const median = (times: number[]) => times.sort((a, b) => a - b)[times.length >> 1] ?? 0

const table = []
for (const [index, { name, variables }] of contests.entries()) {
  const points = compare(await parley.ask(TENANT, SERIES, variables), await askPeer(index))
  const [ours, theirs]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await timed(() => parley.ask(TENANT, SERIES, variables)))
    theirs.push(await timed(() => askPeer(index)))
  }
  table.push({
    series: name,
    points,
    'Parley, ms': median(ours).toFixed(1),
    'SQL on rows, ms': median(theirs).toFixed(1),
    'times as fast': (median(theirs) / median(ours)).toFixed(1),
  })
}
console.table(table)
await parley.stop()
peer.close()
await pool.end()

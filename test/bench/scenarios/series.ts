import type { BenchDatabase } from '../database.ts'
import { inTurn, load, toBytes } from '../measure.ts'
import { atLeast, atMost, type Mark, printTable, under } from '../report.ts'
import { type Parley, startParley } from '../systems/parley.ts'
import { ask, type Serving, startServer } from '../systems/system.ts'
import { type Options, type Results, type Run, rateOf, rowsOf, runScenario } from './scenario.ts'
import { COMMON, SELECTIVE, SERIES, type SeriesQuestion, TENANT, WHOLE } from './series-questions.ts'

/**
 * A year of days beside the straightforward SQL on the rows themselves, both through HTTP; and on fewer conversations. One
 * request at a time: what a page waits for.
 */
export async function seriesScenarios(database: BenchDatabase, few: BenchDatabase, options: Options): Promise<Mark[]> {
  const started: Serving[] = []
  const start = async <One extends Serving>(serving: Promise<One>): Promise<One> => {
    started.push(await serving)
    return serving
  }
  try {
    const parley = await start(startParley(database.ownerUrl))
    const rows = await start(startServer('rows-server.ts', database.ownerUrl))
    const marks = await besideRows(parley, rows, options)
    return [...marks, ...(await asItGrows(parley, await start(startParley(few.ownerUrl)), options))]
  } finally {
    for (const serving of started) await serving.stop()
  }
}

const OURS = 'Parley'
const THEIRS = 'SQL on rows'

async function besideRows(parley: Parley, rows: Serving, options: Options): Promise<Mark[]> {
  const table = []
  const ratios = new Map<SeriesQuestion, number>()
  for (const question of [...WHOLE, SELECTIVE, COMMON]) {
    compare(question, await parley.ask(TENANT, SERIES, question.variables), await askRows(rows, question))
    const runs = new Map([
      [OURS, runOf(parley, question)],
      [THEIRS, running(rows, toBytes(rows.origin, sqlOf(question)))],
    ])
    const results = await runScenario(runs, options)
    table.push(...rowsOf(question.name, results, [THEIRS]))
    ratios.set(question, rateOf(results, OURS) / rateOf(results, THEIRS))
  }
  printTable('A year of days, largest tenant, one request at a time', table)
  const ratio = (question: SeriesQuestion) => ratios.get(question) ?? Number.NaN
  return [
    ...WHOLE.map((question) => atLeast(`365 days, ${question.name}: faster than from rows`, 50, ratio(question))),
    atMost(`365 days, ${SELECTIVE.name}: of hand-written SQL`, 1.5, 1 / ratio(SELECTIVE)),
    atMost(`365 days, ${COMMON.name}: of hand-written SQL`, 1.2, 1 / ratio(COMMON)),
  ]
}

async function asItGrows(many: Parley, few: Parley, options: Options): Promise<Mark[]> {
  const table = []
  const marks: Mark[] = []
  for (const question of WHOLE) {
    const runs = new Map([
      ['all', runOf(many, question)],
      ['a tenth', runOf(few, question)],
    ])
    const results: Results = await runScenario(runs, options)
    table.push(...rowsOf(question.name, results, ['a tenth']))
    const slower = rateOf(results, 'a tenth') / rateOf(results, 'all')
    marks.push(under(`365 days, ${question.name}: slower with ten times the rows by`, 1.3, slower))
  }
  printTable('A year of days as rows grow', table)
  return marks
}

const runOf = (parley: Parley, { variables }: SeriesQuestion): Run =>
  running(parley, toBytes(parley.origin, parley.question(TENANT, SERIES, variables)))

const running =
  (serving: Serving, request: Buffer): Run =>
  (milliseconds) =>
    load({ ...serving, requests: inTurn([request]), connections: 1, milliseconds })

const sqlOf = ({ sql }: SeriesQuestion) => ({ path: '/', headers: {}, body: JSON.stringify(sql) })

const askRows = (rows: Serving, question: SeriesQuestion) => ask(rows.origin, sqlOf(question))

interface Line {
  points: { start: string; value: number | null }[]
}

/** Fails unless both say the same of every day on which there was something. */
function compare({ name }: SeriesQuestion, ours: string, theirs: string) {
  const [line, ...more]: Line[] = JSON.parse(ours).data.conversationSeries.lines
  const points = (line?.points ?? []).flatMap(({ start, value }, i) =>
    value ? [[start, value, ...more.map(({ points }) => points[i]?.value)].join()] : [],
  )
  const rows = (JSON.parse(theirs).rows as { start: string; a: number; b?: number }[]).map(({ start, a, b }) =>
    [start, a, ...(b === undefined ? [] : [b])].join(),
  )
  if (points.length === 0 || points.join('\n') !== rows.join('\n'))
    throw new Error(`${name}: the answers differ:\n${points.slice(0, 3)}\n${rows.slice(0, 3)}`)
}

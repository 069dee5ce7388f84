import { quantile, type Spread, spread } from '../measure.ts'
import { type Answers, printAnswers, sumOf } from '../neighbours/answers.ts'
import { type Attack, planAttack } from '../neighbours/attacks.ts'
import { openNeighbours, type Shape, tenantIds } from '../neighbours/data.ts'
import type { Met } from '../neighbours/others.ts'
import { type Round, Stage } from '../neighbours/stage.ts'
import { type Mark, printTable, range, times, under } from '../report.ts'
import { removeConversations, removeWritten } from '../written-rows.ts'

export interface Options {
  /** The URL of a superuser. */
  url: string
  shape: Shape
  /** Rounds without an attack and with it. */
  pairs: number
  /** The length of each round. */
  milliseconds: number
  kinds: readonly string[]
}

/** How many dashboards are open at the same time while the capacity of the server is measured. */
const PAGES = 16
const CAPACITY_ROUNDS = 3
/** Arrivals, as a share of the capacity. */
const SHARE = 0.5

const MAX_P95_MS = 200
const MAX_RATIO = 1.5
const MAX_MORE_MS = 25

const CONTROL = 'none (control)'

interface Pair {
  without: Round
  with: Round
}

/**
 * What the dashboards of all other tenants take while one tenant, or somebody without a credential, does the worst that
 * is allowed.
 */
export async function neighboursScenario({ url, shape, pairs, milliseconds, kinds }: Options): Promise<Mark[]> {
  const database = await openNeighbours(url, shape)
  const [reading = '', ...others] = tenantIds(shape.tenants)
  // Left over from a run that did not finish.
  await removeWritten(database)
  const stage = await Stage.set(database, others)
  try {
    const perSecond = SHARE * (await capacityOf(stage, milliseconds))
    const alone = await stage.openLoop(perSecond, milliseconds, null)
    printAlone(perSecond, alone)
    const marks = [under(`dashboard, ${perSecond.toFixed(0)} a second: p95`, MAX_P95_MS, p95(alone.met), ' ms')]
    const attacks: Attack[] = []
    const all = new Map<string, Pair[]>()
    const measure = async (name: string, lanes: Attack['lanes'] | null) => {
      const measured: Pair[] = []
      for (let n = 0; n < pairs; n += 1) {
        measured.push(await runPair(stage, { perSecond, milliseconds, lanes, attackFirst: n % 2 === 1 }))
        progress(name, measured)
      }
      all.set(name, measured)
    }
    await measure(CONTROL, null)
    for (const kind of kinds) {
      const attack = await planAttack(kind, { parley: stage.parley, database, reading })
      attacks.push(attack)
      await measure(kind, attack.lanes)
      await removeConversations(database)
    }
    printOthers(all)
    printAttacks(all)
    for (const { name, what } of attacks) console.log(`\n${name}:\n${what.map((line) => `- ${line}`).join('\n')}`)
    return [
      ...marks,
      ...[...all].filter(([name]) => name !== CONTROL).map(([name, measured]) => verdict(name, measured)),
    ]
  } finally {
    await stage.clear()
    await removeWritten(database)
    await database.close()
  }
}

async function capacityOf(stage: Stage, milliseconds: number): Promise<number> {
  // Compiling and loading during the first requests does not count.
  await stage.closedLoop(PAGES, milliseconds)
  const rounds: number[] = []
  for (let n = 0; n < CAPACITY_ROUNDS; n += 1) {
    const { perSecond, errors } = await stage.closedLoop(PAGES, milliseconds)
    if (Object.keys(errors).length > 0) throw new Error(`dashboards fail without an attack: ${printAnswers(errors)}`)
    rounds.push(perSecond)
  }
  const capacity = spread(rounds)
  console.log(`\nCapacity: ${range(capacity)} dashboards a second, ${PAGES} at a time.`)
  return capacity.median
}

interface PairOptions {
  perSecond: number
  milliseconds: number
  lanes: Attack['lanes'] | null
  attackFirst: boolean
}

async function runPair(stage: Stage, { perSecond, milliseconds, lanes, attackFirst }: PairOptions): Promise<Pair> {
  const run = (attacked: boolean) => stage.openLoop(perSecond, milliseconds, attacked ? lanes : null)
  const first = await run(attackFirst)
  const second = await run(!attackFirst)
  return attackFirst ? { without: second, with: first } : { without: first, with: second }
}

const p95 = ({ latenciesMs }: Met) => quantile(latenciesMs, 0.95)

const ratios = (pairs: readonly Pair[]): Spread =>
  spread(pairs.map((pair) => p95(pair.with.met) / p95(pair.without.met)))
const differences = (pairs: readonly Pair[]): Spread =>
  spread(pairs.map((pair) => p95(pair.with.met) - p95(pair.without.met)))
const errorsOf = (pairs: readonly Pair[]): Answers =>
  sumOf(pairs.flatMap((pair) => [pair.without.met.errors, pair.with.met.errors]))

function verdict(name: string, pairs: readonly Pair[]): Mark {
  const [ratio, more, errors] = [ratios(pairs).median, differences(pairs).median, errorsOf(pairs)]
  const failed = Object.values(errors).reduce((sum, count) => sum + count, 0)
  return {
    asked: `${name}: p95 of the others at most ${MAX_RATIO}× or +${MAX_MORE_MS} ms, no errors`,
    measured: `${times(ratio)}, ${signed(more)} ms, ${failed} errors`,
    holds: (ratio <= MAX_RATIO || more <= MAX_MORE_MS) && failed === 0,
  }
}

const signed = (ms: number) => `${ms < 0 ? '−' : '+'}${Math.abs(ms).toFixed(0)}`
const ms = (value: number) => value.toFixed(value < 10 ? 1 : 0)
const timesRange = ({ median, min, max }: Spread) => `${times(median)} (${min.toFixed(2)}–${max.toFixed(2)})`
const signedRange = ({ median, min, max }: Spread) => `${signed(median)} (${signed(min)} … ${signed(max)})`

function progress(name: string, pairs: readonly Pair[]) {
  const last = pairs.at(-1)
  if (last)
    process.stderr.write(
      `${name}, pair ${pairs.length}: p95 ${ms(p95(last.without.met))} and ${ms(p95(last.with.met))} ms, by second ${last.with.met.secondsP95Ms.map(ms).join(' ')}\n`,
    )
}

function printAlone(perSecond: number, { met }: Round) {
  printTable('A dashboard (series, metrics and list, a request each), open loop, without an attack', [
    {
      'arrivals a second': perSecond.toFixed(1),
      ...Object.fromEntries(
        [0.5, 0.95, 0.99].map((share) => [`p${share * 100}, ms`, ms(quantile(met.latenciesMs, share))]),
      ),
      'sent late, p95, ms': ms(quantile(met.lateMs, 0.95)),
      errors: printAnswers(met.errors) || 'none',
    },
  ])
}

function printOthers(all: ReadonlyMap<string, Pair[]>) {
  const median = (pairs: readonly Pair[], which: keyof Pair, share: number) =>
    ms(spread(pairs.map((pair) => quantile(pair[which].met.latenciesMs, share))).median)
  const column = (pairs: readonly Pair[], which: keyof Pair) =>
    [0.5, 0.95, 0.99].map((share) => median(pairs, which, share)).join(' / ')
  printTable(
    `The others' dashboards, ${all.get(CONTROL)?.length} pairs: medians (least–most)`,
    [...all].map(([attack, pairs]) => ({
      attack,
      'without: p50 / p95 / p99, ms': column(pairs, 'without'),
      'with it, ms': column(pairs, 'with'),
      'p95, ratio': timesRange(ratios(pairs)),
      'p95, ms more': signedRange(differences(pairs)),
      errors: printAnswers(errorsOf(pairs)) || 'none',
    })),
  )
}

function printAttacks(all: ReadonlyMap<string, Pair[]>) {
  printTable(
    'Meanwhile: cores in use, memory, and what the attack was answered',
    [...all].map(([attack, pairs]) => {
      const rounds = pairs.map((pair) => pair.with)
      const cores = (who: keyof Round['use']) => spread(rounds.map(({ use }) => use[who])).median.toFixed(2)
      return {
        attack,
        ...{
          server: cores('server'),
          PostgreSQL: cores('postgres'),
          dashboards: cores('dashboards'),
          attacker: cores('attacker'),
        },
        'server, MB (most ever)': `${Math.max(...rounds.map(({ memory }) => memory.now)).toFixed(0)} (${Math.max(...rounds.map(({ memory }) => memory.most)).toFixed(0)})`,
        'sent late, p95, ms': ms(spread(rounds.map(({ met }) => quantile(met.lateMs, 0.95))).median),
        'answers to the attack': printAnswers(sumOf(rounds.map(({ answers }) => answers ?? {}))),
      }
    }),
  )
}

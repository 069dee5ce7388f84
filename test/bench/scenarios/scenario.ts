import { interleave, type Measured, quantile, spread } from '../measure.ts'
import { range, times } from '../report.ts'

export interface Options {
  rounds: number
  /** Of each round. */
  milliseconds: number
}

/** What is compiled while it runs takes thousands of requests to be fast: so many are sent before, in this many rounds' time. */
const WARM_UP = { requests: 5_000, rounds: 6 }

/** What was measured, by system. */
export type Results = ReadonlyMap<string, Measured[]>

/** Has one system at it for this long. */
export type Run = (milliseconds: number) => Promise<Measured>

/** One scenario: each is warmed up, then all are measured in turn. */
export async function runScenario(runs: ReadonlyMap<string, Run>, { rounds, milliseconds }: Options): Promise<Results> {
  for (const run of runs.values()) {
    const until = performance.now() + milliseconds * WARM_UP.rounds
    for (let answered = 0; answered < WARM_UP.requests && performance.now() < until; )
      answered += (await run(milliseconds / 2)).latencies.length
  }
  const results = await interleave([...runs], rounds, ([, run]) => run(milliseconds))
  return new Map([...results].map(([[name], measured]) => [name, measured]))
}

/** Requests a second: the median of the rounds. */
export const rateOf = (results: Results, name: string) => rates(results.get(name)).median
const rates = (rounds: readonly Measured[] = []) => spread(rounds.map(({ perSecond }) => perSecond))

const latency = (rounds: readonly Measured[], share: number) =>
  spread(rounds.map(({ latencies }) => quantile(latencies, share))).median

/** How many times the median the slowest of a hundred takes. */
export const tailOf = (results: Results, name: string) =>
  spread((results.get(name) ?? []).map(({ latencies }) => quantile(latencies, 0.99) / quantile(latencies, 0.5))).median

/** One line for each system; `against`: those whose rate it is compared with. */
export function rowsOf(scenario: string, results: Results, against: readonly string[]): Record<string, string>[] {
  return [...results].map(([name, rounds]) => ({
    scenario,
    system: name,
    'a second: median (least–most)': range(rates(rounds)),
    ...Object.fromEntries(
      against.map((other) => [`of ${other}`, times(rateOf(results, name) / rateOf(results, other))]),
    ),
    'p50, ms': latency(rounds, 0.5).toFixed(1),
    'p99, ms': latency(rounds, 0.99).toFixed(1),
    'its CPU, ms each': spread(rounds.map(({ cpuMs }) => cpuMs)).median.toFixed(2),
  }))
}

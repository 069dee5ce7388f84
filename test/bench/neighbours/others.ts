import { Connection } from '../connection.ts'
import { quantile } from '../measure.ts'
import { type Answers, count, outcomeOf } from './answers.ts'
import type { Dashboard } from './dashboards.ts'

/**
 * The users who open dashboards. They run in a process of their own (others-process.ts), so that neither the attack nor
 * the measuring delays them.
 */

export type OthersOrder =
  | { kind: 'DASHBOARDS'; origin: string; dashboards: Dashboard[] }
  /** Each of this many pages is opened again as soon as it has loaded. */
  | { kind: 'CLOSED'; pages: number; milliseconds: number }
  /**
   * This many pages a second are opened, at random times, however many are still loading. Those of the first `leadMs` are
   * not measured.
   */
  | { kind: 'OPEN'; perSecond: number; leadMs: number; milliseconds: number }

export interface Met {
  perSecond: number
  /** From the time when a page was to be opened until its last answer, in milliseconds, sorted. */
  latenciesMs: Float64Array
  /** Of the pages of each second: the 95th percentile, in milliseconds. */
  secondsP95Ms: number[]
  /** How much later than planned its requests were sent, because this process waited for a core. Sorted. */
  lateMs: Float64Array
  /** Requests that failed, by kind of failure. */
  errors: Answers
}

/** A request that is not answered this long after the end counts as an error. */
const PATIENCE_MS = 30_000

let origin = ''
let dashboards: Dashboard[] = []

export async function carryOut(order: OthersOrder): Promise<Met | null> {
  if (order.kind === 'CLOSED') return new Visit().closed(order)
  if (order.kind === 'OPEN') return new Visit().open(order)
  ;({ origin, dashboards } = order)
  return null
}

/** One load, with connections of its own. */
class Visit {
  readonly #latencies: number[] = []
  readonly #bySecond: number[][] = []
  readonly #late: number[] = []
  readonly #errors: Answers = {}
  readonly #idle: Connection[] = []
  #measuredFrom = 0

  async closed({ pages, milliseconds }: OthersOrder & { kind: 'CLOSED' }): Promise<Met> {
    const begin = performance.now()
    const until = begin + milliseconds
    const work = async () => {
      while (performance.now() < until) await this.#page(performance.now())
    }
    await Promise.all(Array.from({ length: pages }, work))
    return this.#met(performance.now() - begin)
  }

  /** Latency counts from the planned time: a user who comes while the server stands still waits as well. */
  async open({ perSecond, leadMs, milliseconds }: OthersOrder & { kind: 'OPEN' }): Promise<Met> {
    const begin = performance.now()
    this.#measuredFrom = begin + leadMs
    const waiting = new Set<Promise<void>>()
    for (
      let planned = begin + between(perSecond);
      planned < this.#measuredFrom + milliseconds;
      planned += between(perSecond)
    ) {
      const early = planned - performance.now()
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early))
      const page = this.#page(planned).finally(() => waiting.delete(page))
      waiting.add(page)
    }
    const measured = performance.now() - this.#measuredFrom
    const patience = AbortSignal.timeout(PATIENCE_MS)
    const tired = new Promise<void>((resolve) => patience.addEventListener('abort', () => resolve()))
    await Promise.race([Promise.all(waiting), tired])
    for (const _ of waiting) {
      count(this.#errors, 'no answer')
      this.#latencies.push(PATIENCE_MS)
    }
    return this.#met(measured)
  }

  async #page(planned: number) {
    const dashboard = dashboards[Math.floor(Math.random() * dashboards.length)] ?? []
    const answered = dashboard.map((request) => this.#send(request))
    const lateMs = performance.now() - planned
    await Promise.all(answered)
    if (planned < this.#measuredFrom) return
    const latencyMs = performance.now() - planned
    this.#late.push(lateMs)
    this.#latencies.push(latencyMs)
    const second = Math.floor((planned - this.#measuredFrom) / 1_000)
    this.#bySecond[second] = [...(this.#bySecond[second] ?? []), latencyMs]
  }

  async #send(request: Buffer) {
    try {
      const connection = this.#idle.pop() ?? (await Connection.open(origin))
      const outcome = outcomeOf(await connection.send(request))
      if (outcome !== '200') count(this.#errors, outcome)
      this.#idle.push(connection)
    } catch (error) {
      count(this.#errors, error instanceof Error ? error.message : String(error))
    }
  }

  #met(milliseconds: number): Met {
    for (const connection of this.#idle) connection.close()
    return {
      perSecond: (this.#latencies.length * 1_000) / milliseconds,
      latenciesMs: Float64Array.from(this.#latencies).sort(),
      secondsP95Ms: Array.from(this.#bySecond, (latencies = []) =>
        quantile(
          latencies.toSorted((a, b) => a - b),
          0.95,
        ),
      ),
      lateMs: Float64Array.from(this.#late).sort(),
      errors: this.#errors,
    }
  }
}

/** Milliseconds until the next event of a Poisson process. */
const between = (perSecond: number) => (-Math.log(1 - Math.random()) * 1_000) / perSecond

import { setTimeout } from 'node:timers/promises'
import { Ledger } from './ledger.ts'
import type { Parley, Tenant } from './parley.ts'
import { Reader } from './reader.ts'
import { until } from './until.ts'
import { Writer } from './writer.ts'

const WRITERS_OF_EACH = 3

/** Longest that a write may be repeated after the disaster is over. */
const FINISH_WITHIN_MS = 30_000

/** Back ends that write, and pages that read, for two tenants. */
export class Load {
  readonly ledger = new Ledger()
  readonly problems = new Set<string>()
  readonly #writers: Writer[]
  readonly #readers: Reader[]
  readonly #running: Promise<unknown>

  constructor(tenants: readonly Tenant[], servers: readonly Parley[]) {
    const onProblem = (problem: string) => void this.problems.add(problem)
    const origins = servers.map(({ origin }) => origin)
    const { ledger } = this
    this.#writers = tenants.flatMap((tenant) =>
      Array.from({ length: WRITERS_OF_EACH }, (_, i) => new Writer(`w${i}`, { tenant, origins, ledger, onProblem })),
    )
    const account = servers[0] as Parley
    this.#readers = [
      ...tenants.map((tenant) => new Reader({ tenants: [tenant], origins, onProblem })),
      new Reader({ tenants, accountKey: account.key, origins, onProblem }),
    ]
    this.#running = Promise.allSettled(this.#all.map((one) => one.run())).then((results) => {
      for (const { reason } of results.filter((result) => result.status === 'rejected')) onProblem(String(reason))
    })
  }

  get #all() {
    return [...this.#writers, ...this.#readers]
  }

  get #progress(): number[] {
    return [...this.#writers.map(({ done }) => done), ...this.#readers.map(({ answered }) => answered)]
  }

  /** Reads that were answered so far. */
  get reads(): { answered: number; failed: number } {
    const sum = (of: (reader: Reader) => number) => this.#readers.reduce((all, reader) => all + of(reader), 0)
    return { answered: sum(({ answered }) => answered), failed: sum(({ failed }) => failed.length) }
  }

  /** Until everybody has done so much more. */
  async goesOn(operations: number): Promise<void> {
    const before = this.#progress
    await until(
      'every client goes on',
      () => this.problems.size > 0 || this.#progress.every((done, i) => done >= (before[i] ?? 0) + operations),
      { withinMs: FINISH_WITHIN_MS },
    )
  }

  /** Each finishes what it does: a write is repeated until it is acknowledged. */
  async stop(): Promise<void> {
    for (const one of this.#all) one.stop()
    const inTime = await Promise.race([
      this.#running.then(() => true),
      setTimeout(FINISH_WITHIN_MS, false, { ref: false }),
    ])
    if (!inTime) this.problems.add(`a write was not acknowledged within ${FINISH_WITHIN_MS / 1_000} s`)
  }
}

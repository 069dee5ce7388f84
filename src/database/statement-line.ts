import { AsyncLocalStorage } from 'node:async_hooks'
import PQueue from 'p-queue'
import type { Rest } from '../fairness/fair-semaphore.ts'

/** Runs the statements of a transaction one by one, with the rests between them that its tenant owes. */
class StatementLine {
  readonly #rest: Rest
  readonly #statements = new PQueue({ concurrency: 1 })
  #lastMs = 0

  constructor(rest: Rest) {
    this.#rest = rest
  }

  run<Result>(statement: () => Promise<Result>): Promise<Result> {
    return this.#statements.add(() => this.#next(statement))
  }

  async #next<Result>(statement: () => Promise<Result>): Promise<Result> {
    if (this.#lastMs > 0) await this.#rest.after(this.#lastMs)
    const beganMs = performance.now()
    try {
      return await statement()
    } finally {
      this.#lastMs = performance.now() - beganMs
    }
  }
}

const line = new AsyncLocalStorage<StatementLine>()

/**
 * Within `work`, statements that Prisma runs for a tenant that keeps the database busy have rests between them. For all
 * others they run as they come, since Prisma joins some that come at the same moment.
 */
export const restingBetweenStatements = <Result>(rest: Rest, work: () => Promise<Result>): Promise<Result> =>
  rest.isOwed() ? line.run(new StatementLine(rest), work) : work()

/** Runs a statement of Prisma's, after those before it and their rests if it has to. */
export function inLine<Result>(statement: () => Promise<Result>): Promise<Result> {
  const current = line.getStore()
  return current ? current.run(statement) : statement()
}

import { AsyncLocalStorage } from 'node:async_hooks'
import type { Rest } from '../fairness/fair-semaphore.ts'

/** Runs the statements of a transaction one by one, with the rests between them that its tenant owes. */
class StatementLine {
  readonly #rest: Rest
  #last: Promise<unknown> = Promise.resolve()
  #lastMs = 0

  constructor(rest: Rest) {
    this.#rest = rest
  }

  run<Result>(statement: () => Promise<Result>): Promise<Result> {
    const answer = this.#last.then(() => this.#next(statement))
    this.#last = answer.catch(() => {})
    return answer
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

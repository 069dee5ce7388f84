import { AsyncLocalStorage } from 'node:async_hooks'
import PQueue from 'p-queue'
import type { Rest } from '../fairness/rest.ts'
import { TurnTime } from '../fairness/turn-time.ts'

/** Runs the statements of a transaction one by one, with the rests between them that its tenant owes. */
export class StatementLine {
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

/** How the statements that Prisma runs in a transaction follow each other. */
interface Following {
  /** Set if the tenant owes rests. The statements of all others run as they come, since Prisma joins some that come together. */
  line: StatementLine | null
  /** Measures the processing of rows, which takes longer the more there are. */
  turnTime: TurnTime | null
}

const following = new AsyncLocalStorage<Following>()

/**
 * Within `work`, statements that Prisma runs for a tenant that keeps the database busy have rests between them. `onTurn` is
 * called with the milliseconds that each turn of the event loop took in which rows arrived.
 */
export function followingStatements<Result>(
  { rest, onTurn }: { rest: Rest; onTurn?: ((ms: number) => void) | undefined },
  work: () => Promise<Result>,
): Promise<Result> {
  const line = rest.isOwed() ? new StatementLine(rest) : null
  return following.run({ line, turnTime: onTurn ? new TurnTime(onTurn) : null }, work)
}

/** Runs a statement of Prisma's, after those before it and their rests if it has to. */
export function inLine<Result>(statement: () => Promise<Result>): Promise<Result> {
  const current = following.getStore()
  return current ? run(statement, current) : statement()
}

async function run<Result>(statement: () => Promise<Result>, { line, turnTime }: Following): Promise<Result> {
  const result = await (line ? line.run(statement) : statement())
  turnTime?.measure()
  return result
}

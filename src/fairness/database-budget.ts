import { GraphQLError } from 'graphql'
import { tookTooLong } from '../errors.ts'

/** How much later than the limit a request's work is ended, as a fraction of the limit. */
const GRACE = 0.02

/** What one request may use of the database, in all of its transactions. */
export class DatabaseBudget {
  readonly #limitMs: number
  #usedMs = 0
  /** Null: a statement may take as long as any. */
  #parts: number | null = null
  /** Why it has ended. */
  #reason: Error | null = null
  /** Called when it ends. (An AbortSignal for each request would cost several times as much.) */
  readonly #listeners = new Set<(reason: Error) => void>()

  constructor(limitMs: number) {
    this.#limitMs = limitMs
  }

  /** Leaves time for other work of the request: from now on, a statement may take one of so many parts of what is left. */
  share(parts: number): void {
    this.#parts = parts
  }

  /** How long a statement may take; null: as long as any. */
  get statementMs(): number | null {
    return this.#parts === null ? null : Math.max(1, Math.floor((this.#limitMs - this.#usedMs) / this.#parts))
  }

  /** Ends work that runs or would follow, because nobody waits for the result any more. */
  abandon(): void {
    this.#end(clientLeft())
  }

  /** Why its work has ended, and no more may begin; null if it has not ended. */
  get endedBy(): Error | null {
    return this.#reason
  }

  /** Calls `listener` when the time is used up or the budget is abandoned. Returns a function that removes it. */
  whenEnded(listener: (reason: Error) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Counts the time that `work` takes, and ends the budget when its time is used up. */
  async spend<Result>(work: () => Promise<Result>): Promise<Result> {
    const beganMs = performance.now()
    // A single statement is ended at the limit by the database itself, which keeps its connection.
    const restMs = () => this.#limitMs * (1 + GRACE) - this.#usedMs - (performance.now() - beganMs)
    const look = () => {
      const moreMs = restMs()
      // Some of the time may have been excluded meanwhile. (A timer may fire a millisecond early.)
      if (moreMs > 1) timer = setTimeout(look, moreMs)
      else this.#end(tookTooLong())
    }
    let timer = setTimeout(look, restMs())
    try {
      return await work()
    } finally {
      clearTimeout(timer)
      this.#usedMs += performance.now() - beganMs
    }
  }

  /** Within `spend`: this much of the time does not count, because the work let others go on. */
  exclude(ms: number): void {
    this.#usedMs -= ms
  }

  #end(reason: Error) {
    if (this.#reason) return
    this.#reason = reason
    for (const listener of [...this.#listeners]) listener(reason)
  }
}

/** Only the log shows it. Name and status follow the logs of other servers. */
const clientLeft = () =>
  new GraphQLError('The client closed the connection before it was answered.', {
    extensions: { code: 'CLIENT_CLOSED_REQUEST', http: { status: 499 } },
  })

import { GraphQLError } from 'graphql'
import { tookTooLong } from '../errors.ts'

/** How much later than the limit a request's work is ended, as a part of it. */
const GRACE = 0.02

/** What one request may use of the database, over all of its transactions. */
export class DatabaseBudget {
  readonly #limitMs: number
  #usedMs = 0
  /** Why it has ended. */
  #reason: Error | null = null
  /** Called if it ends. (An AbortSignal, which each request would need, costs several times as much.) */
  readonly #listeners = new Set<(reason: Error) => void>()

  constructor(limitMs: number) {
    this.#limitMs = limitMs
  }

  /** Ends what runs and what would follow, because nobody waits for the result any more. */
  abandon(): void {
    this.#end(clientLeft())
  }

  /** Why its work has ended, and is not to begin; null: it has not. */
  get endedBy(): Error | null {
    return this.#reason
  }

  /** Calls `listener` if the time is used up or the budget is abandoned. Returns how it is forgotten. */
  whenEnded(listener: (reason: Error) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Counts the time that `work` takes, and ends the budget when it is used up. */
  async spend<Result>(work: () => Promise<Result>): Promise<Result> {
    const beganMs = performance.now()
    // One statement alone is ended by the database itself at the limit, which keeps its connection.
    const restMs = this.#limitMs * (1 + GRACE) - this.#usedMs
    const timer = setTimeout(() => this.#end(tookTooLong()), restMs)
    try {
      return await work()
    } finally {
      clearTimeout(timer)
      this.#usedMs += performance.now() - beganMs
    }
  }

  #end(reason: Error) {
    if (this.#reason) return
    this.#reason = reason
    for (const listener of [...this.#listeners]) listener(reason)
  }
}

/** Only the log shows it. Its name and its status are those of other servers' logs. */
const clientLeft = () =>
  new GraphQLError('The client closed the connection before it was answered.', {
    extensions: { code: 'CLIENT_CLOSED_REQUEST', http: { status: 499 } },
  })

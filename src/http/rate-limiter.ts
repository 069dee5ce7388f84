import type { Session } from '../database/session.ts'
import type { Budget, RatePolicy } from '../input/limits.ts'
import { addToRateCounts } from './rate-counts.sql.ts'

/** A budget to take one request from. `name` identifies its owner, and is the same in every process. */
export interface BudgetRequest {
  policy: RatePolicy
  name: string
  limit: number
}

interface Count {
  name: string
  /** How many requests a process counts before it must exchange counts with the others: a twentieth of the limit. */
  block: number
  /** The sum of all processes when the database last answered. */
  shared: number
  /** What this process is adding to the sum now, and what it has counted since. */
  sending: number
  pending: number
}

const MINUTE_MS = 60_000
const BLOCKS_IN_LIMIT = 20
const SHARE_EVERY_MS = 1_000

/**
 * Counts requests per minute of the clock. Each process counts by itself and adds its counts to the database once a
 * second, in the background. A request waits for that only if its budget has counted a whole block since. So all
 * processes together exceed the limit by at most one block each, and a single process never exceeds it.
 */
export class RateLimiter {
  readonly #store: Session | null
  readonly #onFailure: (error: unknown) => void
  #minute = 0
  #counts = new Map<string, Count>()
  #sharedAtMs = 0
  #sharing: Promise<boolean> | null = null

  /** Without a store, this is the only process. `onFailure` is called with the error if counts can't be shared. */
  constructor(store: Session | null, onFailure: (error: unknown) => void = () => {}) {
    this.#store = store
    this.#onFailure = onFailure
  }

  /** Takes one request from every budget, or from none if one of them is used up. */
  async take(requests: readonly BudgetRequest[], now: Date): Promise<{ taken: boolean; budgets: Budget[] }> {
    this.#beginMinute(Math.floor(now.getTime() / MINUTE_MS))
    const asked = requests.map((request) => ({ ...request, count: this.#countOf(request) }))
    const left = () => asked.every(({ count, limit }) => spent(count) < limit)
    // If the database can't be reached, only this process counts: a request must not fail for that.
    while (this.#store && left() && asked.some(({ count }) => unshared(count) >= count.block)) {
      if (!(await this.#share(now))) break
    }
    const taken = left()
    if (taken) for (const { count } of asked) count.pending++
    if (this.#store && now.getTime() - this.#sharedAtMs >= SHARE_EVERY_MS) void this.#share(now)
    const resetsInSeconds = Math.ceil((MINUTE_MS - (now.getTime() % MINUTE_MS)) / 1_000)
    const budgets = asked.map(({ policy, limit, count }) => ({
      policy,
      limit,
      remaining: Math.max(0, limit - spent(count)),
      resetsInSeconds,
    }))
    return { taken, budgets }
  }

  #beginMinute(minute: number) {
    if (minute === this.#minute) return
    this.#minute = minute
    this.#counts = new Map()
  }

  #countOf({ name, limit }: BudgetRequest): Count {
    const block = Math.ceil(limit / BLOCKS_IN_LIMIT)
    const count = this.#counts.get(name) ?? { name, block, shared: 0, sending: 0, pending: 0 }
    this.#counts.set(name, count)
    return count
  }

  /** False if the database did not answer. Callers that come in the meantime share its answer. */
  #share(now: Date): Promise<boolean> {
    this.#sharedAtMs = now.getTime()
    this.#sharing ??= this.#send().finally(() => {
      this.#sharing = null
    })
    return this.#sharing
  }

  async #send(): Promise<boolean> {
    const counts = [...this.#counts.values()].filter(({ pending }) => pending > 0)
    if (!this.#store || counts.length === 0) return true
    for (const count of counts) {
      count.sending = count.pending
      count.pending = 0
    }
    const names = counts.map(({ name }) => name)
    const amounts = counts.map(({ sending }) => sending)
    try {
      const rows = await addToRateCounts(this.#store, this.#minute, { names, amounts })
      const shared = new Map(rows.map((row) => [row.budget, row.spent]))
      for (const count of counts) count.shared = shared.get(count.name) ?? count.shared
      return true
    } catch (error) {
      this.#onFailure(error)
      for (const count of counts) count.pending += count.sending
      return false
    } finally {
      for (const count of counts) count.sending = 0
    }
  }
}

const unshared = ({ sending, pending }: Count) => sending + pending
const spent = (count: Count) => count.shared + unshared(count)

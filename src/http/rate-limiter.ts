import type { Session } from '../database/session.ts'
import type { Budget, RatePolicy } from '../input/limits.ts'
import { addToRateCounts } from './rate-counts.sql.ts'

/** A budget to take one request from. `name` is whose it is, the same on every process. */
export interface BudgetRequest {
  policy: RatePolicy
  name: string
  limit: number
}

interface Count {
  name: string
  /** What a process counts before it must tell the others and hear of them: a twentieth of the limit. */
  block: number
  /** What all processes told the database, when it last answered. */
  shared: number
  /** What this process is telling it now, and what it counted since. */
  sending: number
  pending: number
}

const MINUTE_MS = 60_000
const BLOCKS_IN_LIMIT = 20
const SHARE_EVERY_MS = 1_000

/**
 * Counts requests in whole minutes of the clock. Each process counts by itself and tells the database once a second,
 * behind the answers; a request waits for that only where its budget counted a whole block since. So all processes
 * together let through at most one block each above the limit, and a process alone nothing.
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

  /** Takes one request from every budget, or from none where one of them is used up. */
  async take(requests: readonly BudgetRequest[], now: Date): Promise<{ taken: boolean; budgets: Budget[] }> {
    this.#beginMinute(Math.floor(now.getTime() / MINUTE_MS))
    const asked = requests.map((request) => ({ ...request, count: this.#countOf(request) }))
    const left = () => asked.every(({ count, limit }) => spent(count) < limit)
    // What the database can't be told is counted here alone: a request fails for its own reasons, not for this.
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

  /** False where the database did not answer. Who comes while it is asked waits for the same answer. */
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

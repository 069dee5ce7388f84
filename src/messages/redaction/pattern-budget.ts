import { ParleyError } from '../../errors.ts'
import type { TimeSlice } from '../../fairness/time-slice.ts'

/** Milliseconds of CPU. Meanwhile, others may wait for the write's connection. */
export const MAX_SEARCH_MS = 100
/** How many characters the replacements of a write may be longer than what they replace. */
export const MAX_GROWTH = 4_194_304

/** The patterns of a tenant take too long for a write, or their replacements too much room. Nothing of it is stored. */
export class PatternsExceeded extends ParleyError {
  constructor(message: string, limit: number) {
    super('LIMIT_EXCEEDED', `${message} Send less at once, or let an administrator simplify the redactionPatterns.`, {
      limit,
    })
    this.name = 'PatternsExceeded'
  }
}

/**
 * What the patterns of a tenant may use for all texts of a transaction. Time is measured: how far a pattern looks in a
 * text can't be told from outside, and differs by a factor of 1,000 between patterns of the same size.
 */
export class PatternBudget {
  #leftMs = MAX_SEARCH_MS
  #leftCharacters = MAX_GROWTH
  #sinceMs = 0

  begin() {
    this.#sinceMs = cpuMs()
  }

  /** Counts the time since `begin`, or since the last count. */
  countTime() {
    const nowMs = cpuMs()
    this.#leftMs -= nowMs - this.#sinceMs
    this.#sinceMs = nowMs
    if (this.#leftMs < 0)
      throw new PatternsExceeded(
        `The tenant's redactionPatterns need more than ${MAX_SEARCH_MS} ms for these texts.`,
        MAX_SEARCH_MS,
      )
  }

  countGrowth(characters: number) {
    this.#leftCharacters -= Math.max(characters, 0)
    if (this.#leftCharacters < 0)
      throw new PatternsExceeded(
        `The replacements of the tenant's redactionPatterns add more than ${MAX_GROWTH} characters to these texts.`,
        MAX_GROWTH,
      )
  }
}

const budgets = new WeakMap<TimeSlice, PatternBudget>()

/** The budget of the transaction that this time slice belongs to. */
export function patternBudgetOf(timeSlice: TimeSlice): PatternBudget {
  const budget = budgets.get(timeSlice) ?? new PatternBudget()
  budgets.set(timeSlice, budget)
  return budget
}

/** Of this thread: time in which other processes had the core does not count. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

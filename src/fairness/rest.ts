import type { DatabaseBudget } from './database-budget.ts'

/** The longest rest. */
export const MAX_REST_MS = 20_000

/** A rest is at most this many times as long as the work before it. */
export const MOST_REST_FACTOR = 20

/** The rests of a tenant that keeps the database busy, within its turn. */
export interface Rest {
  /** Whether there are rests, as far as is known when the turn begins. */
  isOwed(): boolean
  /** Await this between two statements, with the milliseconds that the first of them took. */
  after(ms: number): Promise<void>
}

/** Rests, and returns for how long. This time does not count. The rest ends early if the budget ends. */
export async function restUnlessEnded(ms: number, budget: DatabaseBudget | undefined): Promise<number> {
  const beganMs = performance.now()
  // Before the rest: otherwise the budget would end in the meantime.
  budget?.exclude(ms)
  await new Promise<void>((resolve) => {
    const forget = budget?.whenEnded(() => end())
    const timer = setTimeout(() => end(), ms)
    const end = () => {
      clearTimeout(timer)
      forget?.()
      resolve()
    }
  })
  return performance.now() - beganMs
}

import type { DatabaseBudget } from './database-budget.ts'

/** The longest rest. */
export const MAX_REST_MS = 20_000

/** Of a tenant that keeps the database busy, within its turn. */
export interface Rest {
  /** Whether there are rests, as far as is known when the turn begins. */
  isOwed(): boolean
  /** To be awaited between two statements, with the milliseconds that the first of them took. */
  after(ms: number): Promise<void>
}

/** Returns how long the rest was, which does not count. Nobody needs the rest of a turn whose budget has ended. */
export async function restUnlessEnded(ms: number, budget: DatabaseBudget | undefined): Promise<number> {
  const beganMs = performance.now()
  // Before it: the budget would end meanwhile.
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

import { expect, test } from 'vitest'
import { DatabaseBudget } from '../../src/fairness/database-budget.ts'
import { TimeSlice } from '../../src/fairness/time-slice.ts'

/** Keeps this thread busy. */
function compute(ms: number) {
  const untilMs = performance.now() + ms
  while (performance.now() < untilMs);
}

/** Work in slices, until it has had so many. */
async function slices(count: number, timeSlice: TimeSlice, done: () => void) {
  for (let i = 0; i < count; i += 1) {
    compute(2)
    expect(timeSlice.isOver).toBe(true)
    await timeSlice.yieldToEventLoop()
  }
  done()
}

test('work of a tenant that has used more than its share comes after that of all others', async () => {
  const ended: string[] = []
  const sliceOf = (isHeavy: boolean) => new TimeSlice({ charge: () => isHeavy, rested: () => {} })
  await Promise.all([
    slices(3, sliceOf(true), () => ended.push('heavy')),
    slices(10, sliceOf(false), () => ended.push('light')),
    slices(10, sliceOf(false), () => ended.push('light')),
  ])
  expect(ended).toEqual(['light', 'light', 'heavy'])
})

test('each slice is counted, and each rest reported', async () => {
  const [charged, rested]: [number[], number[]] = [[], []]
  const timeSlice = new TimeSlice({ charge: (ms) => charged.push(ms) > 5, rested: (ms) => void rested.push(ms) })
  await slices(3, timeSlice, () => {})
  expect([charged.length, rested.length]).toEqual([3, 3])
  expect(Math.min(...charged)).toBeGreaterThanOrEqual(2)
})

test('rests do not count as time with the database', async () => {
  const budget = new DatabaseBudget(40)
  const ended: Error[] = []
  budget.whenEnded((reason) => void ended.push(reason))
  const spend = (excludedMs: number) =>
    budget.spend(async () => {
      budget.exclude(excludedMs)
      await new Promise((resolve) => setTimeout(resolve, 60))
    })
  await spend(60)
  expect(ended).toEqual([])
  await spend(0)
  expect(ended).toMatchObject([{ extensions: { code: 'LIMIT_EXCEEDED' } }])
})

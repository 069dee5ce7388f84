import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { TurnTime } from '../../src/fairness/turn-time.ts'

function work(ms: number) {
  const beganMs = performance.now()
  while (performance.now() - beganMs < ms);
}

test('work that follows in the same turn is measured once, and that of later turns not at all', async () => {
  const turns: number[] = []
  const time = new TurnTime((ms) => turns.push(ms))
  time.measure()
  work(5)
  await null
  time.measure()
  work(5)
  await setImmediate()
  work(50)
  expect(turns.length).toBe(1)
  expect(turns[0]).toBeGreaterThanOrEqual(10)
  expect(turns[0]).toBeLessThan(50)
  time.measure()
  work(5)
  await setImmediate()
  expect(turns.length).toBe(2)
})

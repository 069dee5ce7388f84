import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { TurnLimiter } from '../../src/fairness/turn-limiter.ts'

const WORK_MS = 4

function work() {
  const beganMs = performance.now()
  while (performance.now() - beganMs < WORK_MS);
}

test('subscribers continue a few at a time, and the time of each turn is measured', async () => {
  const turns: number[] = []
  const limiter = new TurnLimiter((ms) => turns.push(ms))
  let others = 0
  const other = setInterval(() => {
    others += 1
  }, 0)
  const subscribers = Array.from({ length: 20 }, async () => {
    await limiter.wait()
    work()
    await null
    work()
  })
  await Promise.all(subscribers)
  clearInterval(other)
  await sleep(1)
  expect(turns.length).toBe(3)
  expect(turns.reduce((sum, ms) => sum + ms)).toBeGreaterThanOrEqual(2 * 20 * WORK_MS)
  expect(others).toBeGreaterThan(0)
})

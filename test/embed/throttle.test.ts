import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Throttle } from '../../src/embed/lists/throttle.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('what fails is run again after a pause that grows to 30 s, and is short again after a success', async () => {
  const at: number[] = []
  let fails = true
  const start = Date.now()
  const throttle = new Throttle(500, async () => {
    at.push(Date.now() - start)
    if (fails) throttle.retry(0)
  })
  throttle.request()
  await vi.advanceTimersByTimeAsync(200_000)
  expect(at).toEqual([0, 1, 3, 7, 15, 31, 61, 91, 121, 151, 181].map((seconds) => seconds * 1_000))
  fails = false
  await vi.advanceTimersByTimeAsync(60_000)
  at.length = 0
  throttle.request()
  throttle.request()
  await vi.advanceTimersByTimeAsync(500)
  throttle.request()
  await vi.advanceTimersByTimeAsync(500)
  expect(at.length).toBe(3)
})

test('what the server asks for is waited for', async () => {
  let runs = 0
  const throttle = new Throttle(500, async () => {
    runs += 1
    throttle.retry(120_000)
  })
  throttle.request()
  await vi.advanceTimersByTimeAsync(119_000)
  expect(runs).toBe(1)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(runs).toBe(2)
  throttle.stop()
})

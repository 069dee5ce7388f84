import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { RequestLines } from '../../src/http/request-lines.ts'
import { createLog } from '../../src/log.ts'

beforeAll(() => void vi.useFakeTimers())
// Test files share global state.
afterAll(() => void vi.useRealTimers())

function start() {
  const logged: Record<string, unknown>[] = []
  const lines = new RequestLines(createLog('info', { write: (line) => void logged.push(JSON.parse(line)) }))
  const flood = (count: number, isRefused: boolean) => {
    for (let i = 0; i < count; i++) lines.write({ requestId: String(i) }, { isRefused })
  }
  return { logged, lines, flood, requests: () => logged.filter(({ msg }) => msg === 'request').length }
}

const SUPPRESSED = 'more requests were refused in the last second'

test('a hundred refused requests a second have a line each, and one line says how many more there were', () => {
  const { logged, flood, requests } = start()
  flood(5_000, true)
  expect(requests()).toBe(100)
  vi.advanceTimersByTime(1_000)
  expect(logged.at(-1)).toMatchObject({ msg: SUPPRESSED, suppressed: 4_900 })
  expect(logged).toHaveLength(101)
  flood(100, true)
  vi.advanceTimersByTime(1_000)
  expect([requests(), logged.length]).toEqual([200, 201])
})

test('requests that are answered have a line each, however many are refused meanwhile', () => {
  const { flood, requests } = start()
  flood(1_000, true)
  flood(1_000, false)
  expect(requests()).toBe(1_100)
})

test('server faults that a client provokes count as well', () => {
  const { logged, lines } = start()
  for (let i = 0; i < 1_000; i++) lines.unexpected({ requestId: String(i), err: new Error('unexpected') })
  expect(logged).toHaveLength(100)
  vi.advanceTimersByTime(1_000)
  expect(logged.at(-1)).toMatchObject({ msg: SUPPRESSED, suppressed: 900 })
})

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FailureLog } from '../src/failure-log.ts'
import { createLog } from '../src/log.ts'

const INTERVAL_MS = 60_000

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A failure log, and its lines: the work, the count if there is one, and the error. */
function openFailureLog() {
  const lines: string[] = []
  const log = createLog('info', {
    write(text) {
      const { level, msg, work, failures, err } = JSON.parse(text)
      expect({ level, msg }).toEqual({ level: 'warn', msg: 'background work failed' })
      lines.push([work, ...(failures === undefined ? [] : [failures]), err.stack.split('\n')[0]].join(', '))
    },
  })
  return { lines, failureLog: new FailureLog(log, INTERVAL_MS) }
}

test('the first failure is logged at once, and those that follow once an interval with their count', () => {
  const { lines, failureLog } = openFailureLog()
  for (let i = 1; i <= 4; i += 1) failureLog.note('prune', new Error(`failure ${i}`))
  expect(lines.splice(0)).toEqual(['prune, Error: failure 1'])
  vi.advanceTimersByTime(INTERVAL_MS - 1)
  expect(lines).toEqual([])
  vi.advanceTimersByTime(1)
  expect(lines.splice(0)).toEqual(['prune, 3, Error: failure 4'])

  failureLog.note('prune', new Error('failure 5'))
  expect(lines).toEqual([])
  vi.advanceTimersByTime(INTERVAL_MS)
  expect(lines.splice(0)).toEqual(['prune, 1, Error: failure 5'])
})

test('after an interval without a failure, the next one is logged at once again', () => {
  const { lines, failureLog } = openFailureLog()
  failureLog.note('prune', new Error('failure 1'))
  vi.advanceTimersByTime(INTERVAL_MS)
  failureLog.note('prune', new Error('failure 2'))
  expect(lines).toEqual(['prune, Error: failure 1', 'prune, Error: failure 2'])
})

test('one kind of work does not hide the failure of another', () => {
  const { lines, failureLog } = openFailureLog()
  failureLog.note('prune', new Error('failure 1'))
  failureLog.note('listen', new Error('failure 2'))
  expect(lines).toEqual(['prune, Error: failure 1', 'listen, Error: failure 2'])
})

test('a process that ends logs the counts that it still has', () => {
  const { lines, failureLog } = openFailureLog()
  failureLog.note('prune', new Error('failure 1'))
  failureLog.note('prune', new Error('failure 2'))
  failureLog.note('listen', new Error('failure 3'))
  lines.length = 0
  failureLog.close()
  expect(lines).toEqual(['prune, 1, Error: failure 2'])
  expect(vi.getTimerCount()).toBe(0)
})

test('a failure does not keep its process from ending', () => {
  vi.useRealTimers()
  const { failureLog } = openFailureLog()
  // Those that keep a process alive.
  const before = process.getActiveResourcesInfo()
  failureLog.note('prune', new Error('failure'))
  expect(process.getActiveResourcesInfo()).toEqual(before)
  failureLog.close()
})

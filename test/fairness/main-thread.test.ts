import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { MainThread } from '../../src/fairness/main-thread.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const heavy = { tenantId: 'heavy', isKey: true }
const other = { tenantId: 'other', isKey: true }

/** Requests of one tenant, and which of them have begun. */
function asking(mainThread: MainThread) {
  const begun: string[] = []
  const ask = (name: string, holder = heavy) => {
    const begins = mainThread.admit(holder)
    if (begins === null) begun.push(name)
    else
      begins.then(
        () => begun.push(name),
        (error) => begun.push(`${name} ${error.extensions.code}`),
      )
  }
  return { begun, ask }
}

/** Time passes while another tenant sends a request ten times a second. */
async function pass(mainThread: MainThread, ms: number) {
  for (let passed = 0; passed < ms; passed += 100) {
    void mainThread.admit(other)
    await vi.advanceTimersByTimeAsync(100)
  }
}

describe('a tenant whose requests keep the process busy', () => {
  test('waits for its next one while others are active, and they do not', async () => {
    const mainThread = new MainThread({ timeoutMs: 60_000, isBusy: () => true })
    const { begun, ask } = asking(mainThread)
    void mainThread.admit(other)
    ask('first')
    // Counts as 100 ms more for each 50 ms.
    mainThread.charge('heavy', 100)
    ask('second')
    expect(begun).toEqual(['first'])
    expect(mainThread.admit(other)).toBeNull()
    await pass(mainThread, 1_900)
    expect(begun).toEqual(['first'])
    await pass(mainThread, 300)
    expect(begun).toEqual(['first', 'second'])
  })

  test('does not wait when nobody else is active, or any more', async () => {
    const mainThread = new MainThread({ timeoutMs: 60_000, isBusy: () => true })
    const { begun, ask } = asking(mainThread)
    ask('first')
    mainThread.charge('heavy', 10_000)
    ask('second')
    expect(begun).toEqual(['first', 'second'])
    void mainThread.admit(other)
    ask('third')
    expect(begun).toEqual(['first', 'second'])
    await vi.advanceTimersByTimeAsync(900)
    expect(begun).toEqual(['first', 'second'])
    await vi.advanceTimersByTimeAsync(200)
    expect(begun).toEqual(['first', 'second', 'third'])
  })

  test('begins one after the other, each counted before the next', async () => {
    const mainThread = new MainThread({ timeoutMs: 60_000, isBusy: () => true })
    const { begun, ask } = asking(mainThread)
    void mainThread.admit(other)
    mainThread.charge('heavy', 100)
    for (const name of ['one', 'two', 'three']) {
      const begins = mainThread.admit(heavy)
      void begins?.then(() => {
        begun.push(name)
        mainThread.charge('heavy', 50)
      })
    }
    ask('four')
    await pass(mainThread, 2_200)
    expect(begun).toEqual(['one'])
    await pass(mainThread, 1_000)
    expect(begun).toEqual(['one', 'two'])
  })

  test('begins sixteen requests in a turn of the event loop, since what they do is not counted yet', async () => {
    const mainThread = new MainThread({ timeoutMs: 60_000, isBusy: () => true })
    const { begun, ask } = asking(mainThread)
    void mainThread.admit(other)
    for (let i = 0; i < 40; i += 1) ask(String(i))
    expect(begun).toHaveLength(16)
    await new Promise((resolve) => setImmediate(resolve))
    await vi.advanceTimersByTimeAsync(1)
    expect(begun).toHaveLength(32)
    await new Promise((resolve) => setImmediate(resolve))
    await vi.advanceTimersByTimeAsync(1)
    expect(begun).toEqual(Array.from({ length: 40 }, (_, i) => String(i)))
  })

  test('does many small things without waiting', () => {
    const mainThread = new MainThread({ timeoutMs: 60_000, isBusy: () => true })
    const { begun, ask } = asking(mainThread)
    void mainThread.admit(other)
    for (let i = 0; i < 1_000; i += 1) mainThread.charge('heavy', 1)
    ask('first')
    expect(begun).toEqual(['first'])
    mainThread.chargePieces('heavy', 250)
    ask('second')
    expect(begun).toEqual(['first'])
  })
})

describe('a tenant that has used more than its share', () => {
  test('waits no longer once the thread has time', async () => {
    let isBusy = true
    const mainThread = new MainThread({ timeoutMs: 60_000, isBusy: () => isBusy })
    const { begun, ask } = asking(mainThread)
    void mainThread.admit(other)
    mainThread.charge('heavy', 1_000)
    ask('first')
    ask('second')
    await pass(mainThread, 1_000)
    expect(begun).toEqual([])
    isBusy = false
    // One at a time, since its work has to be counted before the next.
    await pass(mainThread, 100)
    expect(begun).toEqual(['first'])
    await pass(mainThread, 100)
    expect(begun).toEqual(['first', 'second'])
  })

  test('is told so after each slice of long work, while others are active', async () => {
    const mainThread = new MainThread({ timeoutMs: 60_000, isBusy: () => true })
    void mainThread.admit(other)
    const slices = Array.from({ length: 200 }, () => mainThread.chargeSlice('heavy', 2))
    // 100 ms are within its share.
    expect(slices.indexOf(true)).toBe(49)
    expect(mainThread.chargeSlice('other', 2)).toBe(false)
    await vi.advanceTimersByTimeAsync(1_100)
    expect(mainThread.chargeSlice('heavy', 2)).toBe(false)
  })

  test('begins no other request until its slices have been made up for', async () => {
    const mainThread = new MainThread({ timeoutMs: 60_000, isBusy: () => true })
    const { begun, ask } = asking(mainThread)
    void mainThread.admit(other)
    for (let i = 0; i < 70; i += 1) mainThread.chargeSlice('heavy', 2)
    ask('first')
    await pass(mainThread, 300)
    expect(begun).toEqual([])
    await pass(mainThread, 200)
    expect(begun).toEqual(['first'])
  })
})

describe('requests that wait', () => {
  test('are of keys and of tokens in turn', async () => {
    const mainThread = new MainThread({ timeoutMs: 60_000, isBusy: () => true })
    const { begun, ask } = asking(mainThread)
    void mainThread.admit(other)
    mainThread.charge('heavy', 100)
    for (const name of ['token 1', 'token 2']) ask(name, { tenantId: 'heavy', isKey: false })
    for (const name of ['key 1', 'key 2']) ask(name)
    await pass(mainThread, 2_500)
    expect(begun).toEqual(['key 1', 'token 1', 'key 2', 'token 2'])
  })

  test('are 256 at most, of keys and of tokens each, and wait no longer than they may', async () => {
    const mainThread = new MainThread({ timeoutMs: 500, isBusy: () => true })
    const { begun, ask } = asking(mainThread)
    void mainThread.admit(other)
    mainThread.charge('heavy', 1_000)
    for (let i = 0; i < 257; i += 1) ask(`token ${i}`, { tenantId: 'heavy', isKey: false })
    ask('key')
    await vi.advanceTimersByTimeAsync(0)
    expect(begun).toEqual(['token 256 OVERLOADED'])
    await pass(mainThread, 600)
    expect(begun).toHaveLength(258)
    expect(begun).toContain('key OVERLOADED')
  })
})

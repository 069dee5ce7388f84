import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { Checkpoint } from '../../../src/cli/import/checkpoint.ts'
import { taskmaster } from '../../../src/cli/import/formats/taskmaster.ts'
import { createProgress } from '../../../src/cli/import/import-progress.ts'
import { ImportSummary } from '../../../src/cli/import/import-summary.ts'
import { type Batch, readBatches } from '../../../src/cli/import/read-batches.ts'
import { type Entry, readEntries } from '../../../src/cli/import/read-entries.ts'
import { line, SAMPLE } from './import-command.ts'

/** A stream that keeps what is shown on it, and a clock that is set. */
function screen(isTTY: boolean) {
  const clock = { ms: 0 }
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY, columns: 200 })
  const progress = createProgress(stream, () => clock.ms)
  return { clock, progress, shown: () => String(stream.read() ?? '') }
}

test('without a terminal there is a line every ten seconds: how many, how fast, how long still, where to go on', () => {
  const { clock, progress, shown } = screen(false)
  progress.start(100_000, 10_000, 10_001, 'line')
  clock.ms = 5_000
  progress.settle(10_000, 19_500)
  expect(shown()).toBe('')
  clock.ms = 10_000
  progress.settle(5_000, 25_001)
  expect(shown()).toBe('25,000 of 100,000 conversations, 1,500/s, 50 s left; --from-line 25001 would continue here\n')
  clock.ms = 19_999
  progress.settle(500, 25_501)
  expect(shown()).toBe('')
})

test('time left goes by the last half minute: what was fast an hour ago tells nothing', () => {
  const { clock, progress, shown } = screen(false)
  progress.start(1_000_000, 0, 1, 'conversation')
  clock.ms = 1_000
  progress.settle(100_000, 1)
  for (let second = 10; second <= 60; second += 10) {
    clock.ms = second * 1_000
    progress.settle(10, 1)
  }
  expect(shown().split('\n').at(-2)).toMatch(/^100,060 of 1,000,000 conversations, 1\/s, 249 h 59 min left;/)
})

test('a terminal shows a bar with the same', () => {
  const { clock, progress, shown } = screen(true)
  progress.start(1_000, 0, 1, 'line')
  clock.ms = 2_000
  progress.settle(500, 501)
  progress.stop()
  expect(shown()).toContain('500 of 1,000 conversations, 250/s, 2 s left, at line 501')
})

test('where to go on is before everything that is under way, whichever ends first', () => {
  const [first, second, third] = [1, 11, 21].map(
    (first): Batch => ({ first, last: first + 9, entryCount: 10, conversations: [] }),
  ) as [Batch, Batch, Batch]
  const checkpoint = new Checkpoint(1)
  for (const batch of [first, second, third]) checkpoint.begin(batch)
  checkpoint.settle(second)
  expect(checkpoint.next).toBe(1)
  checkpoint.settle(first)
  expect(checkpoint.next).toBe(21)
  checkpoint.settle(third)
  expect(checkpoint.next).toBe(31)
})

const LIMITS = { maxBodyBytes: 10_485_760, maxMessagesPerCall: 5_000, maxConversationsPerCall: 500 }
const times = () => ({ start: new Date('2025-03-01'), end: new Date('2025-03-02') })

test('batches are as large as the server takes them, by conversations and by messages', async () => {
  const sizes = async (limits: Partial<typeof LIMITS>) => {
    const sizes = []
    for await (const { conversations } of readBatches(
      readEntries(SAMPLE, 'line'),
      taskmaster,
      times,
      { ...LIMITS, ...limits },
      new ImportSummary('line'),
    )) {
      sizes.push(conversations.length)
    }
    return sizes
  }
  expect(await sizes({})).toEqual([20])
  expect(await sizes({ maxConversationsPerCall: 8 })).toEqual([8, 8, 4])
  // 8, 9, 8 and 10 messages are the first ones', and 15 those of the longest.
  expect((await sizes({ maxMessagesPerCall: 25 })).slice(0, 2)).toEqual([3, 3])
  expect(await sizes({ maxMessagesPerCall: 2 })).toEqual(Array(20).fill(1))
})

test('a file is read no further than what is asked for, however long it is', async () => {
  let read = 0
  async function* endless(): AsyncGenerator<Entry> {
    for (;;) {
      read += 1
      yield { number: read, position: read - 1, bytes: Buffer.from(line(`c-${read}`)) }
    }
  }
  const batches = readBatches(endless(), taskmaster, times, LIMITS, new ImportSummary('line'))
  await batches.next()
  const { value } = await batches.next()
  expect(value).toMatchObject({ first: 501, last: 1_000, entryCount: 500 })
  expect(read).toBe(1_001)
})

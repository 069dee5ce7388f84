import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FairQueue } from '../../src/fairness/fair-queue.ts'
import { TurnLimiter } from '../../src/fairness/turn-limiter.ts'
import { type ChangeReader, ChangeStream, type Polled } from '../../src/live/change-stream.ts'
import { Subscriber } from '../../src/live/subscriber.ts'

/** Changes are numbers, in the order of their commits. An answer tells some of them. */
type Answer = number[]

/** All up to `seen` was read; and of those up to `until`, those up to `read`. */
interface Cursor {
  seen: number
  within?: { until: number; read: number }
}

const PAGE = 3

interface Turn {
  kind: 'COMMIT' | 'WAKE' | 'JOIN' | 'REJOIN' | 'LEAVE' | 'PAUSE' | 'RESUME' | 'WAIT'
  n: number
}

const turns = fc.array(
  fc.record({
    kind: fc.constantFrom<Turn['kind']>(
      'COMMIT',
      'COMMIT',
      'COMMIT',
      'WAKE',
      'JOIN',
      'REJOIN',
      'LEAVE',
      'PAUSE',
      'RESUME',
      'WAIT',
    ),
    n: fc.nat(20),
  }),
  { maxLength: 120 },
)

const settle = async (times: number) => {
  for (let i = 0; i < times; i += 1) await setImmediate()
}

/** A stream over changes that take some time to read, as a database's do. */
class Simulation {
  committed = 0
  reads = 0
  readonly followers: Follower[] = []
  readonly #delays: readonly number[]
  stream: ChangeStream<Cursor, Answer> | null = null

  constructor(delays: readonly number[]) {
    this.#delays = delays
  }

  readonly reader: ChangeReader<Cursor, Answer> = {
    maxRecent: 5,
    syncPoint: (cursor) => (cursor.within ? { seen: cursor.within.until } : cursor),
    compare: ({ seen, within }, other) => {
      if (within) return 'APART'
      if (seen === other.seen) return 'SAME'
      return seen < other.seen ? 'BEFORE' : 'AFTER'
    },
    read: async ({ seen, within }, upTo) => {
      this.reads += 1
      await settle(this.#delays[this.reads % this.#delays.length] ?? 0)
      const end = within?.until ?? upTo?.seen
      const until = end ?? this.committed
      const from = within?.read ?? seen
      const last = Math.min(until, from + PAGE)
      const answer = Array.from({ length: last - from }, (_, i) => from + 1 + i)
      await settle(1)
      if (answer.length < PAGE) {
        const next = end === undefined ? 'WAIT' : 'MORE'
        return { answer: answer.length > 0 ? answer : null, bytes: 1, cursor: { seen: until }, next }
      }
      return { answer, bytes: 1, cursor: { seen, within: { until, read: last } }, next: 'MORE' }
    },
  }

  join(seen: number) {
    const cursor = { seen }
    const source = { key: '', conversationId: null, reader: this.reader }
    this.stream ??= new ChangeStream(source, new FairQueue().forTenant(), cursor, Number.POSITIVE_INFINITY)
    this.followers.push(new Follower(this.stream, cursor))
  }

  wake() {
    this.stream?.wake()
  }
}

/** As a subscription: takes what comes unless its client has paused. */
class Follower {
  readonly begin: number
  readonly told: number[] = []
  readonly ended: Promise<void>
  readonly #subscriber: Subscriber<Cursor, Answer>
  #paused = Promise.resolve()
  #resume: (() => void) | null = null

  constructor(stream: ChangeStream<Cursor, Answer>, cursor: Cursor) {
    this.begin = cursor.seen
    const options = {
      begun: Promise.resolve(),
      turns: new TurnLimiter(() => {}),
      onLeave: () => void stream.subscribers.delete(this.#subscriber),
    }
    this.#subscriber = new Subscriber(stream, cursor, options)
    stream.subscribers.add(this.#subscriber)
    this.ended = this.#follow()
  }

  get hasLeft(): boolean {
    return this.#subscriber.ended !== null
  }

  pause() {
    if (this.#resume) return
    this.#paused = new Promise((resolve) => {
      this.#resume = resolve
    })
  }

  resume() {
    this.#resume?.()
    this.#resume = null
  }

  leave() {
    this.resume()
    this.#subscriber.leave()
  }

  async #follow() {
    const subscriber = this.#subscriber
    subscriber.isPulling = true
    for (let next: Polled<Cursor, Answer>['next'] = 'WAIT'; !subscriber.ended; ) {
      if (next === 'WAIT') await subscriber.waitForWakeup(60_000)
      if (subscriber.ended) return
      const polled = await subscriber.poll()
      subscriber.progress = polled.progress
      next = polled.next
      if (polled.answer === null) continue
      this.told.push(...polled.answer)
      subscriber.isPulling = false
      await this.#paused
      subscriber.isPulling = true
    }
  }
}

async function simulate(all: readonly Turn[], delays: readonly number[]): Promise<Simulation> {
  const simulation = new Simulation(delays)
  simulation.join(0)
  for (const { kind, n } of all) {
    const follower = simulation.followers[n % simulation.followers.length]
    if (kind === 'COMMIT') simulation.committed += n
    if (kind === 'WAKE') simulation.wake()
    if (kind === 'JOIN') simulation.join(simulation.committed)
    // With a position of before.
    if (kind === 'REJOIN') simulation.join(Math.max(0, simulation.committed - n))
    if (kind === 'LEAVE') follower?.leave()
    if (kind === 'PAUSE') follower?.pause()
    if (kind === 'RESUME') follower?.resume()
    await settle(kind === 'WAIT' ? n : n % 3)
  }
  return simulation
}

test('each subscriber gets every change once and in order, whoever joins, pauses or leaves meanwhile', async () => {
  const delays = fc.array(fc.nat(6), { minLength: 1, maxLength: 10 })
  await fc.assert(
    fc.asyncProperty(turns, delays, async (all, delaysOfReads) => {
      const simulation = await simulate(all, delaysOfReads)
      for (const follower of simulation.followers) follower.resume()
      simulation.wake()
      const staying = simulation.followers.filter(({ hasLeft }) => !hasLeft)
      const isDone = () => staying.every(({ told, begin }) => told.length >= simulation.committed - begin)
      for (let i = 0; i < 3_000 && !isDone(); i += 1) await setImmediate()
      const expected = (begin: number) => Array.from({ length: simulation.committed - begin }, (_, i) => begin + 1 + i)
      const told = staying.map((follower) => follower.told)
      for (const follower of simulation.followers) follower.leave()
      await Promise.all(simulation.followers.map(({ ended }) => ended))
      expect(told).toEqual(staying.map(({ begin }) => expected(begin)))
    }),
    { numRuns: 300 },
  )
})

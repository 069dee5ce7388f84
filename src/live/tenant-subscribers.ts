import type { Database } from '../database/connect.ts'
import type { TenantQueue } from '../fairness/fair-queue.ts'
import { TurnLimiter } from '../fairness/turn-limiter.ts'
import { ChangeFeed } from './change-feed.ts'
import type { Changed } from './change-log.sql.ts'
import { ChangeStream, type StreamSource } from './change-stream.ts'
import type { LiveTimes } from './live-times.ts'
import { Subscriber } from './subscriber.ts'

/**
 * How long changes are collected before they are sent. Sending something to a subscriber takes 0.2 ms of CPU, whatever
 * its size. Sending changes to 200 subscribers after the shortest pause would take most of a core; this way it takes a
 * fifth.
 */
const MIN_PAUSE_MS = 50
const PAUSE_MS_PER_SUBSCRIBER = 0.75
const MAX_PAUSE_MS = 300

/** More changes than this wake all subscribers that follow a single conversation. */
const MAX_CHANGES = 1_000

/** One tenant's subscribers, and the streams that they share. */
export class TenantSubscribers {
  readonly #queue: TenantQueue
  readonly #feed: ChangeFeed
  readonly #times: LiveTimes
  readonly #onEmpty: () => void
  // Streams of any type: a key implies the type, so a source with this key has the cursors and answers of its stream.
  readonly #streams = new Map<string, ChangeStream<unknown, unknown>>()
  readonly #turns: TurnLimiter
  #size = 0

  constructor(database: Database, tenantId: string, queue: TenantQueue, times: LiveTimes, onEmpty: () => void) {
    this.#queue = queue
    this.#times = times
    this.#onEmpty = onEmpty
    this.#turns = new TurnLimiter((ms) => database.turns.charge(tenantId, ms))
    this.#feed = new ChangeFeed(database, tenantId, {
      onChange: (changed) => this.#wake(changed),
      // If nobody follows a single conversation, it does not matter which have changed.
      maxChanges: () => (this.#followsOne() ? MAX_CHANGES : 0),
      pauseMs: () => Math.min(MAX_PAUSE_MS, MIN_PAUSE_MS + this.#size * PAUSE_MS_PER_SUBSCRIBER),
      pollMs: times.pollMs,
    })
  }

  get size(): number {
    return this.#size
  }

  subscribe<Cursor, Answer>(source: StreamSource<Cursor, Answer>, cursor: Cursor): Subscriber<Cursor, Answer> {
    const subscriber: Subscriber<Cursor, Answer> = new Subscriber(this.#streamOf(source, cursor), cursor, {
      begun: this.#feed.begun,
      turns: this.#turns,
      onLeave: () => this.#remove(subscriber),
    })
    subscriber.stream.subscribers.add(subscriber)
    this.#size += 1
    return subscriber
  }

  /** Lets a subscriber continue with other rights than before, from where it is. */
  move<Cursor, Answer>(subscriber: Subscriber<Cursor, Answer>, source: StreamSource<Cursor, Answer>): void {
    const { cursor } = subscriber.progress
    this.#leaveStream(subscriber)
    subscriber.moveTo(this.#streamOf(source, cursor), cursor)
    subscriber.stream.subscribers.add(subscriber)
  }

  /** To be called when something may have been written; with `credentials`, when a credential may have ended. */
  wake(credentials: boolean): void {
    if (credentials) for (const subscriber of this.#all()) subscriber.renew()
    this.#feed.wake()
  }

  /** Ends all subscribers. Resolves when all reads for them have ended. */
  async stop(): Promise<void> {
    for (const subscriber of this.#all()) subscriber.stop()
    await Promise.all([this.#feed.stop(), this.#queue.idle()])
  }

  *#all(): Generator<Subscriber<unknown, unknown>> {
    for (const { subscribers } of this.#streams.values()) yield* subscribers
  }

  #streamOf<Cursor, Answer>(source: StreamSource<Cursor, Answer>, cursor: Cursor): ChangeStream<Cursor, Answer> {
    const known = this.#streams.get(source.key) as ChangeStream<Cursor, Answer> | undefined
    if (known) return known
    const stream = new ChangeStream(source, this.#queue, cursor, this.#times.maxAgeMs)
    this.#streams.set(source.key, stream as ChangeStream<unknown, unknown>)
    return stream
  }

  #remove<Cursor, Answer>(subscriber: Subscriber<Cursor, Answer>) {
    this.#leaveStream(subscriber)
    this.#size -= 1
    if (this.#size === 0) this.#onEmpty()
  }

  #leaveStream<Cursor, Answer>(subscriber: Subscriber<Cursor, Answer>) {
    const { key, subscribers } = subscriber.stream
    subscribers.delete(subscriber)
    if (subscribers.size === 0) this.#streams.delete(key)
  }

  #followsOne(): boolean {
    for (const { conversationId } of this.#streams.values()) if (conversationId !== null) return true
    return false
  }

  #wake({ conversationIds: changed }: Changed) {
    for (const stream of this.#streams.values()) {
      if (!changed || stream.conversationId === null || changed.has(stream.conversationId)) stream.wake()
    }
  }
}

import type { Database } from '../database/connect.ts'
import type { Changed } from '../database/conversation-changes.ts'
import { ChangeFeed } from './change-feed.ts'
import { ChangeStream, type StreamSource } from './change-stream.ts'
import type { TenantLane } from './fair-lane.ts'
import { Subscriber } from './subscriber.ts'
import { Turnstile } from './turnstile.ts'

/**
 * How long changes are collected before they are delivered. A delivery costs 0.2 to 0.4 ms, however many changes it holds:
 * 200 subscribers take a third of a core with these pauses, and would take all of it with the shortest one.
 */
const MIN_REST_MS = 50
const REST_MS_PER_SUBSCRIBER = 0.75
const MAX_REST_MS = 300

/** If there are more changes than this, all who follow a single conversation are woken. */
const MAX_CHANGES = 1_000

/** One tenant's subscribers, and the streams that they share. */
export class TenantSubscribers {
  readonly #lane: TenantLane
  readonly #feed: ChangeFeed
  readonly #onEmpty: () => void
  // Streams of any kind. A key names the kind, so whoever has the key knows the types of cursors and answers.
  readonly #streams = new Map<string, ChangeStream<unknown, unknown>>()
  readonly #turnstile = new Turnstile()
  #size = 0

  constructor(database: Database, tenantId: string, lane: TenantLane, onEmpty: () => void) {
    this.#lane = lane
    this.#onEmpty = onEmpty
    this.#feed = new ChangeFeed(database, tenantId, {
      onChange: (changed) => this.#wakeConcerned(changed),
      // If nobody follows a single conversation, it does not matter which have changed.
      maxChanges: () => (this.#followsOne() ? MAX_CHANGES : 0),
      restMs: () => Math.min(MAX_REST_MS, MIN_REST_MS + this.#size * REST_MS_PER_SUBSCRIBER),
    })
  }

  get size(): number {
    return this.#size
  }

  subscribe<Cursor, Answer>(source: StreamSource<Cursor, Answer>, cursor: Cursor): Subscriber<Cursor, Answer> {
    const subscriber: Subscriber<Cursor, Answer> = new Subscriber(this.#streamOf(source, cursor), cursor, {
      begun: this.#feed.begun,
      turnstile: this.#turnstile,
      onLeave: () => this.#remove(subscriber),
    })
    subscriber.stream.subscribers.add(subscriber)
    this.#size += 1
    return subscriber
  }

  /** Moves a subscriber to the stream of its new rights, where it goes on from its cursor. */
  move<Cursor, Answer>(subscriber: Subscriber<Cursor, Answer>, source: StreamSource<Cursor, Answer>): void {
    const { cursor } = subscriber.place
    this.#leaveStream(subscriber)
    subscriber.moveTo(this.#streamOf(source, cursor), cursor)
    subscriber.stream.subscribers.add(subscriber)
  }

  /** Something may have been written; with `credentials`, some credential may have ended. */
  wake(credentials: boolean): void {
    if (credentials) for (const subscriber of this.#all()) subscriber.renew()
    this.#feed.wake()
  }

  /** Ends all subscriptions; resolves when nothing is read for any of them. */
  async stop(): Promise<void> {
    for (const subscriber of this.#all()) subscriber.stop()
    await Promise.all([this.#feed.stop(), this.#lane.idle()])
  }

  *#all(): Generator<Subscriber<unknown, unknown>> {
    for (const { subscribers } of this.#streams.values()) yield* subscribers
  }

  #streamOf<Cursor, Answer>(source: StreamSource<Cursor, Answer>, cursor: Cursor): ChangeStream<Cursor, Answer> {
    const known = this.#streams.get(source.key) as ChangeStream<Cursor, Answer> | undefined
    if (known) return known
    const stream = new ChangeStream(source, this.#lane, cursor)
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

  #wakeConcerned({ conversationIds: changed }: Changed) {
    for (const stream of this.#streams.values()) {
      if (!changed || stream.conversationId === null || changed.has(stream.conversationId)) stream.wake()
    }
  }
}

import { PRIORITY, type TenantLane } from './fair-lane.ts'
import type { Place, Subscriber } from './subscriber.ts'

/** Whether to read on: at once, after the next change, or never, because the end is reached or something failed. */
export type Next = 'MORE' | 'WAIT' | 'END' | 'FAILED'

/** What one read returned. */
export interface Read<Cursor, Answer> {
  /** Null if there is nothing to deliver. */
  answer: Answer | null
  /** How much memory the answer takes while it is kept. */
  bytes: number
  /** Where to read on. */
  cursor: Cursor
  next: Next
}

/** Reads the changes of a stream. A cursor says how far it has read. */
export interface ChangeReader<Cursor, Answer> {
  /** Reads what follows a cursor. With `upTo`, the cursor of another reader, it reads no further than that. */
  read(from: Cursor, upTo: Cursor | null): Promise<Read<Cursor, Answer>>
  /** Where `cursor` is, seen from `other`. APART: it is in the middle of what it reads, where no other reader stops. */
  compare(cursor: Cursor, other: Cursor): 'SAME' | 'BEFORE' | 'AFTER' | 'APART'
  /** The next cursor at which others can join a reader that is at this one. */
  joint(cursor: Cursor): Cursor
  /** How many answers are worth keeping for subscribers that take them later. */
  maxKept: number
}

/** What the subscribers of a stream have in common. */
export interface StreamSource<Cursor, Answer> {
  /** Subscribers with the same key have the same rights, and get the same answers. */
  key: string
  /** UUID of the one conversation that it is about; null: any. */
  conversationId: string | null
  reader: ChangeReader<Cursor, Answer>
}

/** What a subscriber gets, and its place after that. */
export interface Polled<Cursor, Answer> {
  answer: Answer | null
  place: Place<Cursor>
  next: Next
}

/** How much each stream keeps of its answers for slower subscribers. What it does not keep, they read for themselves. */
const MAX_KEPT_BYTES = 262_144

/** How many answers are read in a row before the first of them is delivered. */
const MAX_RUN = 8

/** A lost wake-up delays an answer by this much at most. */
const MAX_AGE_MS = 10_000

interface Kept<Cursor, Answer> extends Polled<Cursor, Answer> {
  bytes: number
}

/**
 * The answers to one query for all subscribers with the same rights, read once for all of them. Nothing is read unless one of
 * them waits for it, and nothing piles up for a slow one: only the last answers are kept, and a subscriber that has missed
 * more reads for itself until it has caught up with the others.
 */
export class ChangeStream<Cursor, Answer> {
  readonly key: string
  readonly conversationId: string | null
  readonly subscribers = new Set<Subscriber<Cursor, Answer>>()
  readonly #reader: ChangeReader<Cursor, Answer>
  readonly #lane: TenantLane
  /** How far was read, and how many answers that gave. */
  #head: { cursor: Cursor; number: number }
  /** The last place at which a subscriber that reads for itself can join the others. */
  #joint: { cursor: Cursor; number: number }
  #kept: Kept<Cursor, Answer>[] = []
  readonly #apart = new Map<
    Cursor,
    { subscribers: Subscriber<Cursor, Answer>[]; polled: Promise<Polled<Cursor, Answer>> }
  >()
  #reading: Promise<Polled<Cursor, Answer>> | null = null
  /** Whether there may be something new. True at first: something may have come since its first subscriber looked. */
  #isWoken = true
  #readMs = Number.NEGATIVE_INFINITY

  constructor({ key, conversationId, reader }: StreamSource<Cursor, Answer>, lane: TenantLane, begin: Cursor) {
    this.key = key
    this.conversationId = conversationId
    this.#reader = reader
    this.#lane = lane
    this.#head = this.#joint = { cursor: reader.joint(begin), number: 0 }
  }

  /** The number of the last answer that was read. */
  get lastNumber(): number {
    return this.#head.number
  }

  /** There may be something new. */
  wake(): void {
    this.#isWoken = true
    for (const subscriber of this.subscribers) subscriber.wake()
  }

  /** The next answer for a subscriber. The caller moves the subscriber to the place that is returned with it. */
  async poll(subscriber: Subscriber<Cursor, Answer>): Promise<Polled<Cursor, Answer>> {
    const place = this.#placeOf(subscriber.place)
    if (place.number === null) return this.#catchUp(subscriber, place.cursor)
    const next = this.#kept.find((kept) => kept.place.number === Number(place.number) + 1)
    // More answers may be kept after it.
    if (next) return { ...next, next: next.next === 'WAIT' ? 'MORE' : next.next }
    return this.#followHead({ cursor: place.cursor, number: place.number })
  }

  /** The place without its number if the subscriber has missed answers that are no longer kept. */
  #placeOf({ cursor, number }: Place<Cursor>): Place<Cursor> {
    const [oldest] = this.#kept
    const first = oldest?.place.number ?? this.#head.number + 1
    if (number !== null && number + 1 >= first) return { cursor, number }
    return { cursor, number: this.#reader.compare(cursor, this.#joint.cursor) === 'SAME' ? this.#joint.number : null }
  }

  async #followHead(place: { cursor: Cursor; number: number }): Promise<Polled<Cursor, Answer>> {
    while (this.#mayHaveNew()) {
      const read = await this.#readHead()
      if (read.next === 'END' && read.answer === null) return read
      // A read that was under way for others may return a later answer than the next one. The next one is then kept.
      const number = read.next === 'FAILED' ? place.number : place.number + 1
      if (read.answer !== null && read.place.number === number) return read
      // A read that was under way may have begun before the change that woke the stream: another one follows it.
      if (this.#head.number !== place.number) return { answer: null, place, next: 'MORE' }
    }
    return { answer: null, place, next: 'WAIT' }
  }

  #mayHaveNew(): boolean {
    return this.#reading !== null || this.#isWoken || performance.now() - this.#readMs > MAX_AGE_MS
  }

  /** One read at a time, for all who wait for it. */
  #readHead(): Promise<Polled<Cursor, Answer>> {
    this.#reading ??= this.#readRun()
      .catch((error: unknown) => {
        this.#isWoken = true
        throw error
      })
      .finally(() => {
        this.#reading = null
      })
    return this.#reading
  }

  /**
   * Reads the next answer. If there are several subscribers and more answers follow, it reads these, too: handing each
   * subscriber a few answers at once takes a fraction of the time.
   */
  async #readRun(): Promise<Polled<Cursor, Answer>> {
    let first: Polled<Cursor, Answer> | null = null
    for (let count = 1, bytes = 0; ; count += 1) {
      const read = await this.#lane.run(PRIORITY.shared, () => this.#readOn())
      if (first === null || first.answer === null) first = read
      bytes += read.bytes
      const isEnough = this.subscribers.size < 2 || count >= MAX_RUN || bytes > MAX_KEPT_BYTES / 2
      if (isEnough || read.next !== 'MORE') return first
    }
  }

  async #readOn(): Promise<Kept<Cursor, Answer>> {
    this.#isWoken = false
    this.#readMs = performance.now()
    const before = this.#head
    const { answer, bytes, cursor, next } = await this.#reader.read(before.cursor, null)
    if (next === 'MORE' || next === 'FAILED') this.#isWoken = true
    // Going on after a failed read would lose what it should have read.
    if (next === 'FAILED') return { answer, place: before, next, bytes }
    this.#head = { cursor, number: before.number + (answer === null ? 0 : 1) }
    if (this.#reader.joint(cursor) === cursor) this.#joint = this.#head
    const polled = { answer, place: this.#head, next, bytes }
    if (answer !== null) this.#keep(polled)
    return polled
  }

  /** For subscribers that do not wait for it at this moment. */
  #keep(answer: Kept<Cursor, Answer>) {
    if (this.subscribers.size < 2) {
      this.#kept = []
      return
    }
    this.#kept.push(answer)
    let bytes = this.#kept.reduce((sum, kept) => sum + kept.bytes, 0)
    while (this.#kept.length > this.#reader.maxKept || bytes > MAX_KEPT_BYTES)
      bytes -= this.#kept.shift()?.bytes ?? bytes
  }

  /** For a subscriber that is not where the others are: it reads for itself until it is. */
  async #catchUp(subscriber: Subscriber<Cursor, Answer>, from: Cursor): Promise<Polled<Cursor, Answer>> {
    for (let cursor = from; ; ) {
      if (this.#reader.compare(cursor, this.#joint.cursor) === 'AFTER') return this.#waitForOthers(subscriber, cursor)
      const polled = await this.#readApart(subscriber, cursor)
      if (polled.answer !== null || polled.next !== 'MORE' || polled.place.number !== null) return polled
      cursor = polled.place.cursor
    }
  }

  /** One read for all subscribers at the same cursor, such as those that have missed the same answers. */
  async #readApart(subscriber: Subscriber<Cursor, Answer>, from: Cursor): Promise<Polled<Cursor, Answer>> {
    const known = this.#apart.get(from)
    if (known) {
      known.subscribers.push(subscriber)
      return known.polled
    }
    const subscribers = [subscriber]
    const polled = this.#lane
      .run(PRIORITY.own, () => this.#readFor(subscribers, from))
      .finally(() => this.#apart.delete(from))
    this.#apart.set(from, { subscribers, polled })
    return polled
  }

  async #readFor(subscribers: Subscriber<Cursor, Answer>[], from: Cursor): Promise<Polled<Cursor, Answer>> {
    if (subscribers.every(({ ended }) => ended))
      return { answer: null, place: { cursor: from, number: null }, next: 'WAIT' }
    // Where the others are now, after the wait for a free place to read: the answers that follow it are still kept.
    const joint = this.#joint
    const isBefore = this.#reader.compare(from, joint.cursor) === 'BEFORE'
    const { answer, cursor, next } = await this.#reader.read(from, isBefore ? joint.cursor : null)
    if (!isBefore || this.#reader.compare(cursor, joint.cursor) !== 'SAME') {
      return { answer, place: { cursor, number: null }, next }
    }
    // What the others got since then is kept already.
    return { answer, place: { cursor, number: joint.number }, next: next === 'WAIT' ? 'MORE' : next }
  }

  /** For a subscriber that has read further than the others: waits until they are there, too. */
  async #waitForOthers(subscriber: Subscriber<Cursor, Answer>, cursor: Cursor): Promise<Polled<Cursor, Answer>> {
    if (!this.#reading && !this.#isFollowed(subscriber)) {
      // Nobody has waited for answers for a while, so nobody needs what lies between: the stream goes on from here.
      this.#kept = []
      this.#head = this.#joint = { cursor: this.#reader.joint(cursor), number: this.#head.number + 1 }
      return { answer: null, place: this.#joint, next: 'MORE' }
    }
    const headIsJoint = this.#head === this.#joint
    const { answer } = await this.#readHead()
    // If nothing changed since before it came, it has missed nothing.
    const hasMissedNothing =
      answer === null && headIsJoint && this.#reader.compare(cursor, this.#joint.cursor) !== 'AFTER'
    return { answer: null, place: { cursor, number: hasMissedNothing ? this.#joint.number : null }, next: 'MORE' }
  }

  #isFollowed(besides: Subscriber<Cursor, Answer>): boolean {
    for (const one of this.subscribers) {
      if (one !== besides && one.isPulling && one.place.number === this.#head.number) return true
    }
    return false
  }
}

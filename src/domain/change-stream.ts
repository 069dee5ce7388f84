import { PRIORITY, type TenantLane } from './fair-lane.ts'
import type { Place, Subscriber } from './subscriber.ts'

/** Whether to read on at once, after the next change, or no more: the end is reached, or something failed. */
export type Next = 'MORE' | 'WAIT' | 'END' | 'FAILED'

/** What reading came to. */
export interface Read<Cursor, Answer> {
  /** Null: there is nothing to tell. */
  answer: Answer | null
  /** What the answer takes of memory while it is kept. */
  bytes: number
  /** Where to read on. */
  cursor: Cursor
  next: Next
}

/** How the changes that a stream tells are read. Cursors say how far. */
export interface ChangeReader<Cursor, Answer> {
  /** What follows a cursor; with `upTo`, no further than this one of another reader. */
  read(from: Cursor, upTo: Cursor | null): Promise<Read<Cursor, Answer>>
  /** Where `cursor` is, seen from `other`. APART: within what it is still reading, where no other reader passes. */
  compare(cursor: Cursor, other: Cursor): 'SAME' | 'BEFORE' | 'AFTER' | 'APART'
  /** The next cursor at which others can join a reader that is at this one. */
  joint(cursor: Cursor): Cursor
  /** How many answers are worth keeping for subscribers that take them later. */
  maxKept: number
}

/** What those have in common who share a stream. */
export interface StreamSource<Cursor, Answer> {
  /** Whose subscribers are told the same, and with the same rights. */
  key: string
  /** UUID of the one conversation that it is about; null: any. */
  conversationId: string | null
  reader: ChangeReader<Cursor, Answer>
}

/** What a subscriber is told, and where it then is. */
export interface Polled<Cursor, Answer> {
  answer: Answer | null
  place: Place<Cursor>
  next: Next
}

/** Answers are kept for slower subscribers up to this much of each stream. Larger ones these read for themselves. */
const MAX_KEPT_BYTES = 262_144

/** Answers that are read one after the other before the first of them is handed out. */
const MAX_RUN = 8

/** A wake-up that got lost costs this much time and no more. */
const MAX_AGE_MS = 10_000

interface Kept<Cursor, Answer> extends Polled<Cursor, Answer> {
  bytes: number
}

/**
 * What subscribers with the same rights and the same question are told, read once for all of them. Nothing is read unless
 * one of them waits for it, and nothing piles up for those who do not: the last answers are kept, and whoever has missed
 * more reads for itself until it meets the others again.
 */
export class ChangeStream<Cursor, Answer> {
  readonly key: string
  readonly conversationId: string | null
  readonly subscribers = new Set<Subscriber<Cursor, Answer>>()
  readonly #reader: ChangeReader<Cursor, Answer>
  readonly #lane: TenantLane
  /** How far was read, and how many answers that came to. */
  #head: { cursor: Cursor; number: number }
  /** The last place up to which others can read for themselves, to go on with the answers that follow. */
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

  /** What comes next for a subscriber. Whoever is told it moves to the place that comes with it. */
  async poll(subscriber: Subscriber<Cursor, Answer>): Promise<Polled<Cursor, Answer>> {
    const place = this.#placeOf(subscriber.place)
    if (place.number === null) return this.#catchUp(subscriber, place.cursor)
    const next = this.#kept.find((kept) => kept.place.number === Number(place.number) + 1)
    // Others may be kept after it.
    if (next) return { ...next, next: next.next === 'WAIT' ? 'MORE' : next.next }
    return this.#followHead({ cursor: place.cursor, number: place.number })
  }

  /** Its number is of no use to whoever has missed too many answers. */
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
      // What others waited for already may be the next but for them: theirs is then kept.
      const number = read.next === 'FAILED' ? place.number : place.number + 1
      if (read.answer !== null && read.place.number === number) return read
      // One that was under way may have begun before the change that woke the stream: it is followed by another.
      if (this.#head.number !== place.number) return { answer: null, place, next: 'MORE' }
    }
    return { answer: null, place, next: 'WAIT' }
  }

  #mayHaveNew(): boolean {
    return this.#reading !== null || this.#isWoken || performance.now() - this.#readMs > MAX_AGE_MS
  }

  /** One at a time, for all who wait for it. */
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
   * The next answer. If there is much to tell to several, those that follow it are read, too: to hand each subscriber a few
   * answers at once takes a fraction of the time.
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
    // To go on after what failed would be to lose it.
    if (next === 'FAILED') return { answer, place: before, next, bytes }
    this.#head = { cursor, number: before.number + (answer === null ? 0 : 1) }
    if (this.#reader.joint(cursor) === cursor) this.#joint = this.#head
    const polled = { answer, place: this.#head, next, bytes }
    if (answer !== null) this.#keep(polled)
    return polled
  }

  /** For those who do not wait for it at this moment. */
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

  /** For those that are not where the others are: what they read apart, until they are. */
  async #catchUp(subscriber: Subscriber<Cursor, Answer>, from: Cursor): Promise<Polled<Cursor, Answer>> {
    for (let cursor = from; ; ) {
      if (this.#reader.compare(cursor, this.#joint.cursor) === 'AFTER') return this.#waitForOthers(subscriber, cursor)
      const polled = await this.#readApart(subscriber, cursor)
      if (polled.answer !== null || polled.next !== 'MORE' || polled.place.number !== null) return polled
      cursor = polled.place.cursor
    }
  }

  /** Once for all that are at the same cursor, such as those that have missed the same answers. */
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
    // Where the others are now, however long this has waited: the answers that follow are still kept then.
    const joint = this.#joint
    const isBefore = this.#reader.compare(from, joint.cursor) === 'BEFORE'
    const { answer, cursor, next } = await this.#reader.read(from, isBefore ? joint.cursor : null)
    if (!isBefore || this.#reader.compare(cursor, joint.cursor) !== 'SAME') {
      return { answer, place: { cursor, number: null }, next }
    }
    // What the others have been told since then is there already.
    return { answer, place: { cursor, number: joint.number }, next: next === 'WAIT' ? 'MORE' : next }
  }

  /** For one that has read further than the others: they come to where it is. */
  async #waitForOthers(subscriber: Subscriber<Cursor, Answer>, cursor: Cursor): Promise<Polled<Cursor, Answer>> {
    if (!this.#reading && !this.#isFollowed(subscriber)) {
      // Nobody has waited for answers for a while: what was missed need not be read for whoever begins now.
      this.#kept = []
      this.#head = this.#joint = { cursor: this.#reader.joint(cursor), number: this.#head.number + 1 }
      return { answer: null, place: this.#joint, next: 'MORE' }
    }
    const headIsJoint = this.#head === this.#joint
    const { answer } = await this.#readHead()
    // If there was nothing to tell since before it came, it has missed nothing.
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

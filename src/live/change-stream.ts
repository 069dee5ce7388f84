import { PRIORITY, type TenantQueue } from '../fairness/fair-queue.ts'
import type { Progress, Subscriber } from './subscriber.ts'

/** Whether to poll again at once, after the next change, or not at all: the stream has ended, or reading it failed. */
export type Next = 'MORE' | 'WAIT' | 'END' | 'FAILED'

export interface ReadResult<Cursor, Answer> {
  /** Null: there is nothing to send. */
  answer: Answer | null
  /** The memory that the answer takes while it is kept. */
  bytes: number
  /** Where the next read begins. */
  cursor: Cursor
  next: Next
}

/** Reads the changes of a stream. A cursor says how far they were read. */
export interface ChangeReader<Cursor, Answer> {
  /** Reads what follows a cursor; with `upTo`, no further than this cursor of another reader. */
  read(from: Cursor, upTo: Cursor | null): Promise<ReadResult<Cursor, Answer>>
  /** Where a cursor is relative to another one. APART: it is within a page, where no other reader stops. */
  compare(cursor: Cursor, other: Cursor): 'SAME' | 'BEFORE' | 'AFTER' | 'APART'
  /** The next cursor at which another reader can join one that is at this cursor. */
  syncPoint(cursor: Cursor): Cursor
  /** How many answers to keep at most for subscribers that are late. */
  maxRecent: number
}

/** What the subscribers of a stream have in common. */
export interface StreamSource<Cursor, Answer> {
  /** Subscribers with the same key have the same rights and get the same answers. */
  key: string
  /** UUID of the one conversation that is followed; null: any. */
  conversationId: string | null
  reader: ChangeReader<Cursor, Answer>
}

/** What to send to a subscriber, and its progress after that. */
export interface Polled<Cursor, Answer> {
  answer: Answer | null
  progress: Progress<Cursor>
  next: Next
}

interface Head<Cursor> {
  cursor: Cursor
  /** How many answers there have been. */
  index: number
}

interface RecentAnswer<Cursor, Answer> extends Polled<Cursor, Answer> {
  bytes: number
}

/** How many bytes of answers each stream keeps for late subscribers, which read larger answers for themselves. */
const MAX_RECENT_BYTES = 1_048_576

/** How many answers are read one after the other, at most, before the first of them is sent. */
const MAX_RUN = 8

/**
 * The answers for subscribers with the same rights and the same subscription, read once for all of them. Nothing is
 * read unless one of them waits for it, and nothing piles up for those that do not: only the last answers are kept, and
 * a subscriber that has missed more reads for itself until it has caught up with the others.
 */
export class ChangeStream<Cursor, Answer> {
  readonly key: string
  readonly conversationId: string | null
  readonly subscribers = new Set<Subscriber<Cursor, Answer>>()
  readonly #reader: ChangeReader<Cursor, Answer>
  readonly #queue: TenantQueue
  readonly #maxAgeMs: number
  /** How far the stream was read. */
  #head: Head<Cursor>
  /** The last point at which a subscriber that reads for itself can join. */
  #syncPoint: Head<Cursor>
  #recent: RecentAnswer<Cursor, Answer>[] = []
  /** Reads for subscribers that have missed answers, by the cursor where they begin. */
  readonly #catchUps = new Map<Cursor, CatchUp<Cursor, Answer>>()
  #reading: Promise<Polled<Cursor, Answer>> | null = null
  /** Whether there may be something new. True at first: something may have changed since its first subscriber began. */
  #isWoken = true
  #readMs = Number.NEGATIVE_INFINITY

  constructor(
    { key, conversationId, reader }: StreamSource<Cursor, Answer>,
    queue: TenantQueue,
    begin: Cursor,
    maxAgeMs: number,
  ) {
    this.key = key
    this.#maxAgeMs = maxAgeMs
    this.conversationId = conversationId
    this.#reader = reader
    this.#queue = queue
    this.#head = this.#syncPoint = { cursor: reader.syncPoint(begin), index: 0 }
  }

  /** The index of the last answer that was read. */
  get lastIndex(): number {
    return this.#head.index
  }

  /** To be called when there may be something new. */
  wake(): void {
    this.#isWoken = true
    for (const subscriber of this.subscribers) subscriber.wake()
  }

  /** What comes next for a subscriber. The caller sends it, then sets the subscriber's progress to the one returned. */
  async poll(subscriber: Subscriber<Cursor, Answer>): Promise<Polled<Cursor, Answer>> {
    const { cursor, index } = this.#locate(subscriber.progress)
    if (index === null) return this.#catchUp(subscriber, cursor)
    const next = this.#recent.find(({ progress }) => progress.index === index + 1)
    // More answers may already follow it.
    if (next) return { ...next, next: next.next === 'WAIT' ? 'MORE' : next.next }
    return this.#followHead({ cursor, index })
  }

  /** The index is null for a subscriber that has missed too many answers, unless it is at the sync point. */
  #locate({ cursor, index }: Progress<Cursor>): Progress<Cursor> {
    const first = this.#recent[0]?.progress.index ?? this.#head.index + 1
    if (index !== null && index + 1 >= first) return { cursor, index }
    const isAtSyncPoint = this.#reader.compare(cursor, this.#syncPoint.cursor) === 'SAME'
    return { cursor, index: isAtSyncPoint ? this.#syncPoint.index : null }
  }

  async #followHead(progress: Head<Cursor>): Promise<Polled<Cursor, Answer>> {
    while (this.#mayHaveNew()) {
      const read = await this.#readHead()
      if (read.next === 'END' && read.answer === null) return read
      // A read that was in progress when it came may be for subscribers that were at an earlier answer.
      const index = read.next === 'FAILED' ? progress.index : progress.index + 1
      if (read.answer !== null && read.progress.index === index) return read
      // A read in progress may have begun before the change that woke the stream: then another one follows.
      if (this.#head.index !== progress.index) return { answer: null, progress, next: 'MORE' }
    }
    return { answer: null, progress, next: 'WAIT' }
  }

  #mayHaveNew(): boolean {
    return this.#reading !== null || this.#isWoken || performance.now() - this.#readMs > this.#maxAgeMs
  }

  /** Runs one read at a time, for all subscribers that wait for it. */
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
   * The next answer. If there is much to send to several subscribers, the answers after it are read as well: sending a
   * few at once takes a fraction of the time.
   */
  async #readRun(): Promise<Polled<Cursor, Answer>> {
    let first: Polled<Cursor, Answer> | null = null
    for (let count = 1, bytes = 0; ; count += 1) {
      const read = await this.#queue.run(PRIORITY.shared, () => this.#readOn())
      if (first === null || first.answer === null) first = read
      bytes += read.bytes
      const isEnough = this.subscribers.size < 2 || count >= MAX_RUN || bytes > MAX_RECENT_BYTES / 2
      if (isEnough || read.next !== 'MORE') return first
    }
  }

  async #readOn(): Promise<RecentAnswer<Cursor, Answer>> {
    this.#isWoken = false
    this.#readMs = performance.now()
    const before = this.#head
    const { answer, bytes, cursor, next } = await this.#reader.read(before.cursor, null)
    if (next === 'MORE' || next === 'FAILED') this.#isWoken = true
    // Continuing after what failed would lose it.
    if (next === 'FAILED') return { answer, progress: before, next, bytes }
    this.#head = { cursor, index: before.index + (answer === null ? 0 : 1) }
    if (this.#reader.syncPoint(cursor) === cursor) this.#syncPoint = this.#head
    const read = { answer, progress: this.#head, next, bytes }
    if (answer !== null) this.#keep(read)
    return read
  }

  /** Keeps an answer for subscribers that are not waiting for it at this moment. */
  #keep(answer: RecentAnswer<Cursor, Answer>) {
    if (this.subscribers.size < 2) {
      this.#recent = []
      return
    }
    this.#recent.push(answer)
    let bytes = this.#recent.reduce((sum, recent) => sum + recent.bytes, 0)
    while (this.#recent.length > this.#reader.maxRecent || bytes > MAX_RECENT_BYTES) {
      bytes -= this.#recent.shift()?.bytes ?? bytes
    }
  }

  /** For a subscriber that is not where the others are: it reads for itself until it is. */
  async #catchUp(subscriber: Subscriber<Cursor, Answer>, from: Cursor): Promise<Polled<Cursor, Answer>> {
    for (let cursor = from; ; ) {
      if (subscriber.ended) return { answer: null, progress: { cursor, index: null }, next: 'WAIT' }
      const where = this.#reader.compare(cursor, this.#syncPoint.cursor)
      if (where === 'AFTER') return this.#waitForOthers(subscriber, cursor)
      const polled = await this.#readApart(subscriber, cursor)
      if (polled.answer !== null || polled.next !== 'MORE' || polled.progress.index !== null) return polled
      cursor = polled.progress.cursor
    }
  }

  /** Reads once for all subscribers at the same cursor, such as those that have missed the same answers. */
  #readApart(subscriber: Subscriber<Cursor, Answer>, from: Cursor): Promise<Polled<Cursor, Answer>> {
    const known = this.#catchUps.get(from)
    if (known) {
      known.subscribers.push(subscriber)
      return known.polled
    }
    const subscribers = [subscriber]
    const polled = this.#queue
      .run(PRIORITY.own, () => this.#readFor(subscribers, from))
      .finally(() => this.#catchUps.delete(from))
    this.#catchUps.set(from, { subscribers, polled })
    return polled
  }

  async #readFor(subscribers: Subscriber<Cursor, Answer>[], from: Cursor): Promise<Polled<Cursor, Answer>> {
    if (subscribers.every(({ ended }) => ended)) {
      return { answer: null, progress: { cursor: from, index: null }, next: 'MORE' }
    }
    // Where the others are now, however long this read has waited: the answers that follow are then still kept.
    const syncPoint = this.#syncPoint
    const isBefore = this.#reader.compare(from, syncPoint.cursor) === 'BEFORE'
    const { answer, cursor, next } = await this.#reader.read(from, isBefore ? syncPoint.cursor : null)
    const hasJoined = isBefore && this.#reader.compare(cursor, syncPoint.cursor) === 'SAME'
    if (!hasJoined) return { answer, progress: { cursor, index: null }, next }
    // What the others were sent since then is already kept.
    return { answer, progress: { cursor, index: syncPoint.index }, next: next === 'WAIT' ? 'MORE' : next }
  }

  /** For a subscriber that has read further than the others: it waits until they catch up. */
  async #waitForOthers(subscriber: Subscriber<Cursor, Answer>, cursor: Cursor): Promise<Polled<Cursor, Answer>> {
    if (!this.#reading && !this.#isFollowed(subscriber)) {
      // Nobody has waited for answers for a while, so what was missed need not be read for this subscriber.
      this.#recent = []
      this.#head = this.#syncPoint = { cursor: this.#reader.syncPoint(cursor), index: this.#head.index + 1 }
      return { answer: null, progress: this.#syncPoint, next: 'MORE' }
    }
    const headIsSyncPoint = this.#head === this.#syncPoint
    const { answer } = await this.#readHead()
    // If there was nothing to send since before it came, it has missed nothing.
    const hasMissedNothing =
      answer === null && headIsSyncPoint && this.#reader.compare(cursor, this.#syncPoint.cursor) !== 'AFTER'
    return { answer: null, progress: { cursor, index: hasMissedNothing ? this.#syncPoint.index : null }, next: 'MORE' }
  }

  #isFollowed(besides: Subscriber<Cursor, Answer>): boolean {
    for (const one of this.subscribers) {
      if (one !== besides && one.isPulling && one.progress.index === this.#head.index) return true
    }
    return false
  }
}

/** A read that only some subscribers need. */
interface CatchUp<Cursor, Answer> {
  subscribers: Subscriber<Cursor, Answer>[]
  polled: Promise<Polled<Cursor, Answer>>
}

import type { TurnLimiter } from '../fairness/turn-limiter.ts'
import type { ChangeStream, Polled } from './change-stream.ts'

/** What a subscriber has been sent. */
export interface Progress<Cursor> {
  cursor: Cursor
  /** The last answer of its stream that it was sent; null: it is between two of them. */
  index: number | null
}

interface Options {
  begun: Promise<void>
  turns: TurnLimiter
  onLeave: () => void
}

/** An open subscription: where it is in its stream, and whether something woke it. It holds no answers. */
export class Subscriber<Cursor, Answer> {
  progress: Progress<Cursor>
  /** Why it ended: its client left, or the server is stopping. */
  ended: 'LEFT' | 'STOPPED' | null = null
  /** Resolves once changes are watched for it; rejects if they can't be. */
  readonly begun: Promise<void>
  /** Whether its client is waiting for an answer. Nothing is read for one that is not. */
  isPulling = false
  /** Whether its credential may have ended. */
  mustRenew = true
  #stream: ChangeStream<Cursor, Answer>
  readonly #turns: TurnLimiter
  readonly #onLeave: () => void
  // True at first: something may have changed since its first answer was read.
  #isWoken = true
  #resolveWait: (() => void) | null = null

  constructor(stream: ChangeStream<Cursor, Answer>, cursor: Cursor, { begun, turns, onLeave }: Options) {
    this.#stream = stream
    this.progress = { cursor, index: null }
    this.begun = begun
    this.#turns = turns
    this.#onLeave = onLeave
  }

  get stream(): ChangeStream<Cursor, Answer> {
    return this.#stream
  }

  moveTo(stream: ChangeStream<Cursor, Answer>, cursor: Cursor): void {
    this.#stream = stream
    this.progress = { cursor, index: null }
  }

  /** What comes next. The caller sends it, then sets `progress` to the one returned. */
  poll(): Promise<Polled<Cursor, Answer>> {
    return this.#stream.poll(this)
  }

  /** Resolves when it may continue. Not all subscribers of a tenant continue at the same moment. */
  waitForTurn(): Promise<void> {
    return this.#turns.wait()
  }

  wake(): void {
    this.#isWoken = true
    this.#resolveWait?.()
  }

  /** Its credential may have ended. */
  renew(): void {
    this.mustRenew = true
    this.wake()
  }

  /** Resolves when it has been woken since the last call, when it has ended, or after `maxMs`. */
  async waitForWakeup(maxMs: number): Promise<void> {
    if (!this.#isWoken && !this.ended) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(() => this.renew(), maxMs)
      this.#resolveWait = resolve
      await promise
      clearTimeout(timer)
      this.#resolveWait = null
    }
    this.#isWoken = false
  }

  leave(): void {
    if (this.ended === 'LEFT') return
    this.ended = 'LEFT'
    this.wake()
    this.#onLeave()
  }

  stop(): void {
    this.ended ??= 'STOPPED'
    this.wake()
  }
}

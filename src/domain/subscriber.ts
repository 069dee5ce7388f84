import type { ChangeStream, Polled } from './change-stream.ts'
import type { Turnstile } from './turnstile.ts'

/** How far a subscriber has come. */
export interface Place<Cursor> {
  cursor: Cursor
  /** The number of the last answer that it got from its stream; null if it is between two of them. */
  number: number | null
}

interface Options {
  begun: Promise<void>
  turnstile: Turnstile
  onLeave: () => void
}

/** An open subscription: where it is in its stream, and whether something woke it. It holds no answers. */
export class Subscriber<Cursor, Answer> {
  place: Place<Cursor>
  /** Why it ended: its client left, or the server stops. */
  ended: 'LEFT' | 'STOPPED' | null = null
  /** Resolves once changes are watched for it; rejects if they can't be. */
  readonly begun: Promise<void>
  /** Whether its client is waiting for an answer. Nothing is read for one that is not. */
  isPulling = false
  /** Whether its credential may have ended. */
  mustRenew = true
  #stream: ChangeStream<Cursor, Answer>
  readonly #turnstile: Turnstile
  readonly #onLeave: () => void
  // True at first: something may have changed since its first cursor was read.
  #isWoken = true
  #resolveWait: (() => void) | null = null

  constructor(stream: ChangeStream<Cursor, Answer>, cursor: Cursor, { begun, turnstile, onLeave }: Options) {
    this.#stream = stream
    this.place = { cursor, number: null }
    this.begun = begun
    this.#turnstile = turnstile
    this.#onLeave = onLeave
  }

  get stream(): ChangeStream<Cursor, Answer> {
    return this.#stream
  }

  moveTo(stream: ChangeStream<Cursor, Answer>, cursor: Cursor): void {
    this.#stream = stream
    this.place = { cursor, number: null }
  }

  /** The next answer. The caller sets `place` to the one that is returned with it. */
  poll(): Promise<Polled<Cursor, Answer>> {
    return this.#stream.poll(this)
  }

  /** Resolves when it is this subscriber's turn. */
  passTurnstile(): Promise<void> {
    return this.#turnstile.pass()
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

  /** Resolves when it has been woken since the last time, when it has ended, or after this time. */
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

import { setImmediate } from 'node:timers/promises'

const SLICE_MS = 10

/** Keeps long work from holding up others: it rests whenever its slice of time is over. */
export class Pace {
  #since = performance.now()

  get isOver(): boolean {
    return performance.now() - this.#since >= SLICE_MS
  }

  async rest(): Promise<void> {
    await setImmediate()
    this.#since = performance.now()
  }
}

const SLICE_MS = 2

/** Those that wait for their next slice. */
const waiting: (() => void)[] = []

/** One slice in each turn of the event loop, whoever's it is: everybody else has the rest of the turn. */
function startNext() {
  waiting.shift()?.()
  if (waiting.length > 0) setImmediate(startNext)
}

/** Keeps long work from holding up others: it rests whenever its slice of time is over. */
export class Pace {
  #since = performance.now()

  get isOver(): boolean {
    return performance.now() - this.#since >= SLICE_MS
  }

  async rest(): Promise<void> {
    await new Promise<void>((resolve) => {
      waiting.push(resolve)
      if (waiting.length === 1) setImmediate(startNext)
    })
    this.#since = performance.now()
  }
}

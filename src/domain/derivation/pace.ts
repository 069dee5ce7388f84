const SLICE_MS = 2
/** How long others may go on between two slices. */
const MAX_REST_MS = 6
/** A turn of the event loop that takes longer has done something for others. */
const IDLE_TURN_MS = 0.3

/** Those that wait for their next slice, whosever work it is. */
const waiting: (() => void)[] = []

/** Starts the next slice once the event loop has nothing else to do, or the rest was long enough. */
function startAfterRest() {
  const beganMs = performance.now()
  let turnMs = beganMs
  const look = () => {
    const nowMs = performance.now()
    const isBusy = nowMs - turnMs > IDLE_TURN_MS
    turnMs = nowMs
    if (isBusy && nowMs - beganMs < MAX_REST_MS) return setImmediate(look)
    waiting.shift()?.()
    if (waiting.length > 0) startAfterRest()
    return null
  }
  setImmediate(look)
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
      if (waiting.length === 1) startAfterRest()
    })
    this.#since = performance.now()
  }
}

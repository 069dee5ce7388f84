import { TurnTime } from './turn-time.ts'

/** Subscribers that continue in one turn of the event loop. */
const MAX_PER_TURN = 8

/**
 * Lets a few subscribers continue per turn of the event loop, and everything else in between: sending an answer to 200
 * of them takes so long that other requests would be delayed noticeably.
 */
export class TurnLimiter {
  readonly #time: TurnTime
  #left = MAX_PER_TURN
  #isTurning = false
  readonly #waiting: (() => void)[] = []

  /** `onTurn` is called with the time that the subscribers of each turn kept the event loop busy. */
  constructor(onTurn: (ms: number) => void) {
    this.#time = new TurnTime(onTurn)
  }

  async wait(): Promise<void> {
    this.#turn()
    if (this.#left > 0) this.#left -= 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #turn() {
    if (this.#isTurning) return
    this.#isTurning = true
    this.#time.measure()
    setImmediate(() => {
      this.#isTurning = false
      const next = this.#waiting.splice(0, MAX_PER_TURN)
      this.#left = MAX_PER_TURN - next.length
      if (next.length > 0) this.#turn()
      for (const resolve of next) resolve()
    })
  }
}

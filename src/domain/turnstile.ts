/** How many subscribers go on in one turn of the event loop. */
const MAX_AT_ONCE = 25

/**
 * Lets a few subscribers go on at a time, and everything else run in between: handing an answer to 200 subscribers at once
 * would delay requests noticeably.
 */
export class Turnstile {
  #left = MAX_AT_ONCE
  #isTurning = false
  readonly #waiting: (() => void)[] = []

  async pass(): Promise<void> {
    this.#turn()
    if (this.#left > 0) this.#left -= 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #turn() {
    if (this.#isTurning) return
    this.#isTurning = true
    setImmediate(() => {
      this.#isTurning = false
      const next = this.#waiting.splice(0, MAX_AT_ONCE)
      this.#left = MAX_AT_ONCE - next.length
      if (next.length > 0) this.#turn()
      for (const resolve of next) resolve()
    })
  }
}

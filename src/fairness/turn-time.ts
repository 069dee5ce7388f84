/** Measures how long the work that follows keeps the event loop busy, in the turn that is running. */
export class TurnTime {
  readonly #onTurn: (ms: number) => void
  #isMeasuring = false

  /** `onTurn` is called at the end of each turn that was measured, with its milliseconds. */
  constructor(onTurn: (ms: number) => void) {
    this.#onTurn = onTurn
  }

  /** Measures from now on. Called again within a turn, it changes nothing. */
  measure(): void {
    if (this.#isMeasuring) return
    this.#isMeasuring = true
    const beganMs = performance.now()
    // A tick requested by a microtask runs after all microtasks: what continues in this turn has done so by then.
    queueMicrotask(() =>
      process.nextTick(() => {
        this.#isMeasuring = false
        this.#onTurn(performance.now() - beganMs)
      }),
    )
  }
}

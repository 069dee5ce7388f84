/**
 * Runs a task when it is requested, but never twice at once, and not again before a pause is over. What is requested
 * meanwhile is run once, after the pause.
 */
export class Throttle {
  readonly #task: () => Promise<void>
  readonly #pauseMs: number
  #isRequested = false
  #isBusy = false
  #isStopped = false
  #timer: ReturnType<typeof setTimeout> | undefined

  /** The task must not reject. */
  constructor(pauseMs: number, task: () => Promise<void>) {
    this.#pauseMs = pauseMs
    this.#task = task
  }

  request(): void {
    if (this.#isStopped) return
    this.#isRequested = true
    if (!this.#isBusy) void this.#run()
  }

  /** For good. */
  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  async #run() {
    this.#isRequested = false
    this.#isBusy = true
    await this.#task()
    if (this.#isStopped) return
    this.#timer = setTimeout(() => {
      this.#isBusy = false
      if (this.#isRequested) void this.#run()
    }, this.#pauseMs)
  }
}

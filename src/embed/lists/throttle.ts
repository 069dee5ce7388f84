import { ParleyRequestError } from '../kit.ts'

const LONGEST_PAUSE_MS = 30_000

/**
 * Runs a task when it is requested, but never twice at once, and not again before a pause is over. What is requested
 * meanwhile is run once, after the pause, which is twice as long after each failure.
 */
export class Throttle {
  readonly #task: () => Promise<void>
  readonly #pauseMs: number
  #isRequested = false
  #isBusy = false
  #isStopped = false
  #failures = 0
  /** How long the server asks to wait. */
  #retryAfterMs = 0
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

  /** The task calls it if it has failed, and is run again. */
  retry(retryAfterMs: number): void {
    this.#failures += 1
    this.#retryAfterMs = retryAfterMs
    this.request()
  }

  /** For good. */
  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  async #run() {
    this.#isRequested = false
    this.#isBusy = true
    const before = this.#failures
    await this.#task()
    if (this.#isStopped) return
    if (this.#failures === before) this.#failures = 0
    const longerMs = Math.min(this.#pauseMs * 2 ** this.#failures, LONGEST_PAUSE_MS)
    const pauseMs = this.#failures > 0 ? Math.max(longerMs, this.#retryAfterMs) : this.#pauseMs
    this.#timer = setTimeout(() => {
      this.#isBusy = false
      if (this.#isRequested) void this.#run()
    }, pauseMs)
  }
}

/** How long the server asks to wait after this error, in milliseconds. */
export const retryAfterOf = (error: unknown): number => (error instanceof ParleyRequestError ? error.retryAfterMs : 0)

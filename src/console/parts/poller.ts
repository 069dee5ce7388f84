import type { ReactiveController, ReactiveControllerHost } from 'lit'
import { ParleyRequestError } from '../../client/errors.ts'
import { backoffMs } from '../../client/timers.ts'

const LONGEST_BACKOFF_MS = 60_000

export interface PollerOptions {
  everyMs: number
  /** Throws if it fails. Each failure in a row delays the next poll further. */
  poll(signal: AbortSignal): Promise<void>
}

/** Polls while its element is connected and the page is visible. Updates the element after each poll. */
export class Poller implements ReactiveController {
  /** Why the latest poll failed; null if it did not. */
  error: unknown = null
  readonly #host: ReactiveControllerHost
  readonly #options: PollerOptions
  #isOn = true
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #underWay: AbortController | null = null

  constructor(host: ReactiveControllerHost, options: PollerOptions) {
    this.#host = host
    this.#options = options
    host.addController(this)
  }

  hostConnected(): void {
    document.addEventListener('visibilitychange', this.#onVisibility)
    void this.now()
  }

  hostDisconnected(): void {
    document.removeEventListener('visibilitychange', this.#onVisibility)
    this.#stop()
  }

  get isOn(): boolean {
    return this.#isOn
  }

  turn(isOn: boolean): void {
    this.#isOn = isOn
    this.#stop()
    if (isOn) void this.now()
    this.#host.requestUpdate()
  }

  /** Polls now, unless a poll is in flight. */
  async now(): Promise<void> {
    if (!this.#isOn || document.hidden || this.#underWay) return
    clearTimeout(this.#timer)
    const underWay = new AbortController()
    this.#underWay = underWay
    let error: unknown = null
    try {
      await this.#options.poll(underWay.signal)
    } catch (reason) {
      error = reason
    }
    if (underWay.signal.aborted) return
    this.#underWay = null
    this.error = error
    this.#failures = error === null ? 0 : this.#failures + 1
    this.#timer = setTimeout(() => void this.now(), this.#pauseMs())
    this.#host.requestUpdate()
  }

  #pauseMs() {
    const { everyMs } = this.#options
    if (this.#failures === 0) return everyMs
    const askedMs = this.error instanceof ParleyRequestError ? this.error.retryAfterMs : 0
    return Math.max(askedMs, backoffMs(this.#failures, 2 * everyMs, LONGEST_BACKOFF_MS))
  }

  #stop() {
    clearTimeout(this.#timer)
    this.#underWay?.abort()
    this.#underWay = null
    this.error = null
    this.#failures = 0
  }

  readonly #onVisibility = () => {
    // A poll in flight may finish: its response is as good as a later one.
    if (document.hidden) clearTimeout(this.#timer)
    else void this.now()
  }
}

import { setTimeout as sleep } from 'node:timers/promises'

const MIN_MS = 250
const MAX_MS = 10_000

/** If the database is lost sooner than this after it was opened, it is opened again only after a pause. */
const STEADY_AFTER_MS = 5_000

/** The pause before the database is opened again, doubled by each failure. */
export class ReopeningPause {
  ms = 0
  #openedMs = 0

  /** Whether the database was ever open. */
  get wasOpen(): boolean {
    return this.#openedMs > 0
  }

  noteOpened(): void {
    this.#openedMs = performance.now()
  }

  /** An open database was lost. */
  noteLost(): void {
    if (performance.now() - this.#openedMs > STEADY_AFTER_MS) this.ms = 0
    else this.noteFailed()
  }

  /** The database could not be opened. */
  noteFailed(): void {
    this.ms = Math.min(Math.max(2 * this.ms, MIN_MS), MAX_MS)
  }

  /** Ends at once if the signal is aborted. */
  async wait(signal: AbortSignal): Promise<void> {
    await sleep(this.ms, undefined, { signal, ref: false }).catch(() => {})
  }
}

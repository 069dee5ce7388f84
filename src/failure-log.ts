import type { Logger } from 'pino'

interface Failures {
  /** How many there were since the last line, and the latest of them. */
  count: number
  latest: unknown
  intervalEnd: NodeJS.Timeout
}

/**
 * Logs failures of work that nobody waits for. An outage causes thousands of them, so for each kind of work the first
 * is logged at once, and the rest as one line per interval with their count.
 */
export class FailureLog {
  readonly #log: Pick<Logger, 'warn'>
  readonly #intervalMs: number
  readonly #message: string
  readonly #field: string
  readonly #failures = new Map<string, Failures>()

  /** `field`: the log field that names the kind of work. */
  constructor(log: Pick<Logger, 'warn'>, intervalMs: number, message = 'background work failed', field = 'work') {
    this.#log = log
    this.#intervalMs = intervalMs
    this.#message = message
    this.#field = field
  }

  /** `work` names the kind of work: one of a few constants, because each is remembered for an interval. */
  note(work: string, error: unknown): void {
    const failures = this.#failures.get(work)
    if (failures) {
      failures.count += 1
      failures.latest = error
      return
    }
    this.#log.warn({ [this.#field]: work, err: error }, this.#message)
    this.#beginInterval(work)
  }

  /** Logs the counts of intervals that have not ended yet. */
  close(): void {
    for (const [work, failures] of this.#failures) {
      clearTimeout(failures.intervalEnd)
      this.#logCount(work, failures)
    }
    this.#failures.clear()
  }

  #beginInterval(work: string) {
    const intervalEnd = setTimeout(() => this.#endInterval(work), this.#intervalMs)
    intervalEnd.unref()
    this.#failures.set(work, { count: 0, latest: null, intervalEnd })
  }

  #endInterval(work: string) {
    const failures = this.#failures.get(work)
    this.#failures.delete(work)
    if (!failures || failures.count === 0) return
    this.#logCount(work, failures)
    this.#beginInterval(work)
  }

  #logCount(work: string, { count, latest }: Failures) {
    if (count > 0) this.#log.warn({ [this.#field]: work, failures: count, err: latest }, this.#message)
  }
}

import type { Logger } from 'pino'

const SECOND_MS = 1_000
const MAX_REFUSED_A_SECOND = 100

/** Logs a line for each request. Of refused ones, it logs at most a hundred a second, and then how many more there were. */
export class RequestLines {
  readonly #log: Logger
  #refused = 0
  #secondEnd: NodeJS.Timeout | null = null

  constructor(log: Logger) {
    this.#log = log
  }

  write(fields: object, { isRefused }: { isRefused: boolean }): void {
    if (isRefused && !this.#isFirst()) return
    this.#log.info(fields, 'request')
  }

  /**
   * Logs an error of the server in full. It counts towards the same limit, so that clients that provoke errors can't
   * fill the disk.
   */
  unexpected(fields: { requestId: string | undefined; err: unknown }): void {
    if (this.#isFirst()) this.#log.error(fields, 'unexpected error')
  }

  #isFirst(): boolean {
    this.#secondEnd ??= setTimeout(() => this.#endSecond(), SECOND_MS).unref()
    this.#refused += 1
    return this.#refused <= MAX_REFUSED_A_SECOND
  }

  #endSecond() {
    const suppressed = this.#refused - MAX_REFUSED_A_SECOND
    this.#refused = 0
    this.#secondEnd = null
    if (suppressed > 0) this.#log.info({ suppressed }, 'more requests were refused in the last second')
  }
}

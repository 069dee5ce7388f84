import type { ExecutionArgs } from 'graphql'
import type { Logger } from 'pino'

/** Lines per minute: a client that keeps sending new documents must not fill the log. */
const MAX_LINES = 60
const MINUTE_MS = 60_000

/**
 * Counts the operations that could have been compiled but are resolved by graphql-js, by reason. Each document is
 * logged once. Reasons name parts of the schema and nothing of a request, so there are few.
 */
export class Fallbacks {
  readonly #log: Pick<Logger, 'info' | 'warn'>
  readonly #counts = new Map<string, number>()
  #minute = 0
  #lines = 0
  #skippedLines = 0

  constructor(log: Pick<Logger, 'info' | 'warn'>) {
    this.#log = log
  }

  /** How many operations there were for each reason. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts
  }

  count(reason: string): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1)
  }

  /** Logs the first time that a document is not compiled. `err`: an unexpected error. */
  logFirst({ operationName }: ExecutionArgs, reason: string, err?: unknown): void {
    const minute = Math.floor(Date.now() / MINUTE_MS)
    if (minute !== this.#minute) [this.#minute, this.#lines] = [minute, 0]
    if (this.#lines >= MAX_LINES) {
      this.#skippedLines += 1
      return
    }
    this.#lines += 1
    const line = {
      operation: operationName ?? null,
      reason,
      ...(this.#skippedLines > 0 && { skippedLines: this.#skippedLines }),
    }
    this.#skippedLines = 0
    if (err === undefined) this.#log.info(line, MESSAGE)
    else this.#log.warn({ ...line, err }, MESSAGE)
  }
}

const MESSAGE = 'a document is not compiled, but resolved by graphql-js'

import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../database/connect.ts'

const RETRY_MS = 30_000

/** Work that a process repeats until it stops, after all other work. A failure is noted, and does not end it. */
export abstract class BackgroundJob {
  protected readonly database: Database
  readonly #work: string
  readonly #stop = new AbortController()
  #running: Promise<void> = Promise.resolve()

  /** `work` names it in the log of failures. */
  constructor(database: Database, work: string) {
    this.database = database
    this.#work = work
  }

  /** Does what is due now. Returns for how many milliseconds nothing more will be. */
  protected abstract round(): Promise<number>

  start(): void {
    this.#running = this.#repeat()
  }

  /** Stops after the piece in progress. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  protected get isStopped(): boolean {
    return this.#stop.signal.aborted
  }

  protected noteFailure(error: unknown): void {
    this.database.backgroundFailure(this.#work, error)
  }

  /** Resolves early if the process stops, which does not wait for it. */
  protected async rest(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal, ref: false }).catch(() => {})
  }

  async #repeat(): Promise<void> {
    while (!this.isStopped) {
      const waitMs = await this.round().catch((error) => {
        this.noteFailure(error)
        return RETRY_MS
      })
      await this.rest(waitMs)
    }
  }
}

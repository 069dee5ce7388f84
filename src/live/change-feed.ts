import type { Database } from '../database/connect.ts'
import { readSnapshotAsTenant } from '../database/transaction.ts'
import { type Changed, type ChangePosition, whatChanged } from './change-log.sql.ts'

interface Options {
  onChange: (changed: Changed) => void
  /** If more changes than this come at once, it does not say which conversations they affect. */
  maxChanges: () => number
  /** The pause between two reads. Reads in quick succession would each find little. */
  pauseMs: () => number
  /** How long it waits before it reads without a wake-up. */
  pollMs: number
}

/** Watches the changes of one tenant, once for all of its subscribers. */
export class ChangeFeed {
  /** Resolves when it has begun: it calls `onChange` for what is committed after that. Rejects if it can't begin. */
  readonly begun: Promise<void>
  readonly #database: Database
  readonly #tenantId: string
  readonly #options: Options
  #end: ChangePosition | null = null
  #timer: NodeJS.Timeout | null = null
  #dueMs = Number.POSITIVE_INFINITY
  #lastRead: Promise<void> = Promise.resolve()
  #reading = false
  #readMs = Number.NEGATIVE_INFINITY
  #ended = false

  constructor(database: Database, tenantId: string, options: Options) {
    this.#database = database
    this.#tenantId = tenantId
    this.#options = options
    this.begun = this.#read()
    this.#follow(this.begun)
  }

  /** To be called when something may have been written. */
  wake(): void {
    this.#readIn(Math.max(0, this.#readMs + this.#options.pauseMs() - performance.now()))
  }

  /** Resolves when the last read has ended. */
  async stop(): Promise<void> {
    this.#ended = true
    if (this.#timer) clearTimeout(this.#timer)
    await this.#lastRead
  }

  #readIn(ms: number) {
    const dueMs = performance.now() + ms
    if (this.#ended || dueMs >= this.#dueMs) return
    if (this.#timer) clearTimeout(this.#timer)
    this.#dueMs = dueMs
    // A read in progress may have begun before the change, so another one follows it.
    if (this.#reading) return
    this.#timer = setTimeout(() => this.#follow(this.#read()), ms)
    this.#timer.unref()
  }

  /** If a read fails, the next one makes up for it. */
  #follow(read: Promise<void>) {
    this.#lastRead = read.catch((error) => this.#database.backgroundFailure('read what changed', error))
  }

  async #read() {
    this.#reading = true
    this.#readMs = performance.now()
    this.#dueMs = Number.POSITIVE_INFINITY
    try {
      const scope = { tenantId: this.#tenantId, admin: false, rowRestriction: null }
      const changed = await readSnapshotAsTenant(this.#database, scope, (statements) =>
        whatChanged(statements, this.#tenantId, this.#end, this.#options.maxChanges()),
      )
      this.#end = changed.end
      if (!this.#ended && changed.conversationIds?.size !== 0) this.#options.onChange(changed)
    } finally {
      this.#reading = false
      const asked = this.#dueMs
      this.#dueMs = Number.POSITIVE_INFINITY
      this.#readIn(Math.min(this.#options.pollMs, Math.max(0, asked - performance.now())))
    }
  }
}

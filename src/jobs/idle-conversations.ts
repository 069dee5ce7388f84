import { setTimeout as sleep } from 'node:timers/promises'
import { abandonIdle, listAbandoningTenants } from '../conversations/idle-conversations.sql.ts'
import type { Database } from '../database/connect.ts'
import { writeAsTenant } from '../database/transaction.ts'

const MINUTE_MS = 60_000
/** How many conversations are closed in one transaction. */
const PIECE = 100

/**
 * Closes conversations that nothing is written to any more, for tenants that want it (`abandonAfterMinutes`), after all
 * other work. Each process looks once a minute; a row that another one has locked is skipped.
 */
export class IdleConversations {
  readonly #database: Database
  readonly #stop = new AbortController()
  #running: Promise<void> = Promise.resolve()

  constructor(database: Database) {
    this.#database = database
  }

  start(): void {
    this.#running = this.#runAll()
  }

  /** Stops after the piece in progress. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #runAll(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      await this.runOnce(new Date())
      await sleep(MINUTE_MS, undefined, { signal, ref: false }).catch(() => {})
    }
  }

  readonly #noteFailure = (error: unknown) => this.#database.backgroundFailure('close idle conversations', error)

  /** Closes those that are idle now. A tenant whose conversations can't be closed does not stop the others. */
  async runOnce(now: Date): Promise<void> {
    try {
      for (const { tenantId, afterMinutes } of await listAbandoningTenants(this.#database)) {
        const idleSince = new Date(now.getTime() - afterMinutes * MINUTE_MS)
        await this.#abandon(tenantId, idleSince, now).catch(this.#noteFailure)
      }
    } catch (error) {
      this.#noteFailure(error)
    }
  }

  async #abandon(tenantId: string, idleSince: Date, now: Date): Promise<void> {
    const scope = { tenantId, admin: false, rowRestriction: null }
    for (let closed = PIECE; closed === PIECE && !this.#stop.signal.aborted; ) {
      closed = await writeAsTenant(
        this.#database,
        scope,
        (db) => abandonIdle(db, tenantId, { idleSince, now, limit: PIECE }),
        { inBackground: true },
      )
    }
  }
}

import { abandonIdle, listAbandoningTenants } from '../conversations/idle-conversations.sql.ts'
import type { Database } from '../database/connect.ts'
import { writeAsTenant } from '../database/transaction.ts'
import { BackgroundJob } from './background-job.ts'

const MINUTE_MS = 60_000
/** How many conversations are closed in one transaction. */
const PIECE = 100

/**
 * Closes conversations that nothing is written to any more, for tenants that want it (`abandonAfterMinutes`), after all
 * other work. Each process looks once a minute; a row that another one has locked is skipped.
 */
export class IdleConversations extends BackgroundJob {
  constructor(database: Database) {
    super(database, 'close idle conversations')
  }

  protected async round(): Promise<number> {
    await this.runOnce(new Date())
    return MINUTE_MS
  }

  /** Closes those that are idle now. A tenant whose conversations can't be closed does not stop the others. */
  async runOnce(now: Date): Promise<void> {
    try {
      for (const { tenantId, afterMinutes } of await listAbandoningTenants(this.database)) {
        const idleSince = new Date(now.getTime() - afterMinutes * MINUTE_MS)
        await this.#abandon(tenantId, idleSince, now).catch((error) => this.noteFailure(error))
      }
    } catch (error) {
      this.noteFailure(error)
    }
  }

  async #abandon(tenantId: string, idleSince: Date, now: Date): Promise<void> {
    const scope = { tenantId, admin: false, rowRestriction: null }
    for (let closed = PIECE; closed === PIECE && !this.isStopped; ) {
      closed = await writeAsTenant(
        this.database,
        scope,
        (db) => abandonIdle(db, tenantId, { idleSince, now, limit: PIECE }),
        { inBackground: true },
      )
    }
  }
}

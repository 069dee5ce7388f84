import { endOfSealed } from '../credentials/new-secret.ts'
import { deleteSealed } from '../credentials/sealed-secrets.sql.ts'
import type { Database } from '../database/connect.ts'
import { writeAsTenant } from '../database/transaction.ts'
import { BackgroundJob } from './background-job.ts'

const MINUTE_MS = 60_000

/** Deletes secrets that are no longer kept for retries. Each process looks once a minute. */
export class SealedSecrets extends BackgroundJob {
  constructor(database: Database) {
    super(database, 'delete sealed secrets')
  }

  protected async round(): Promise<number> {
    await this.runOnce(new Date())
    return MINUTE_MS
  }

  runOnce(now: Date): Promise<void> {
    const account = { tenantId: null, admin: true, rowRestriction: null }
    return writeAsTenant(this.database, account, (db) => deleteSealed(db, endOfSealed(now)), { inBackground: true })
  }
}

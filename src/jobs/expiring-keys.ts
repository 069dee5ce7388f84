import type { Logger } from 'pino'
import { type ExpiringKey, listExpiringKeys } from '../credentials/expiring-keys.sql.ts'
import type { Database } from '../database/connect.ts'
import { writeAsTenant } from '../database/transaction.ts'
import { encodeId } from '../input/ids.ts'
import { BackgroundJob } from './background-job.ts'

const DAY_MS = 86_400_000
const ANNOUNCED_DAYS = 14
/** The log names this many keys, those that expire first. */
const MAX_NAMED = 50

/** Logs which keys expire soon, at the start and once a day. */
export class ExpiringKeys extends BackgroundJob {
  readonly #log: Pick<Logger, 'warn'>

  constructor(database: Database, log: Pick<Logger, 'warn'>) {
    super(database, 'look for API keys that expire')
    this.#log = log
  }

  protected async round(): Promise<number> {
    await this.runOnce(new Date())
    return DAY_MS
  }

  async runOnce(now: Date): Promise<void> {
    const account = { tenantId: null, admin: true, rowRestriction: null }
    const before = new Date(now.getTime() + ANNOUNCED_DAYS * DAY_MS)
    const keys = await writeAsTenant(this.database, account, (db) => listExpiringKeys(db, now, before), {
      inBackground: true,
    })
    if (keys.length === 0) return
    this.#log.warn(
      { count: keys.length, apiKeys: keys.slice(0, MAX_NAMED).map(toLogged) },
      `API keys expire within ${ANNOUNCED_DAYS} days: replace them, or give them a later expiry with updateApiKey`,
    )
  }
}

const toLogged = ({ id, ...key }: ExpiringKey) => ({ id: encodeId('ApiKey', id), ...key })

import type { Database } from '../database/connect.ts'
import type { Caller } from './principal.ts'

/** Records uses of credentials with a database function, at most one a minute for each credential and process. */
export function recordsLastUse(
  name: 'touch_api_key' | 'touch_token_issuer',
  onFailure: (database: Database, error: unknown) => void,
) {
  /** The minute (since 1970) in which this process last recorded each credential's use. */
  const recorded = new Map<string, number>()
  return (database: Database, id: string, { clientAddress, userAgent, now }: Caller): void => {
    const minute = Math.floor(now.getTime() / 60_000)
    if (recorded.get(id) === minute) return
    recorded.set(id, minute)
    // Not awaited: the request must not fail because the last use of its credential can't be recorded.
    database.query(`SELECT ${name}($1, $2, $3)`, [id, clientAddress, userAgent]).catch((error) => {
      recorded.delete(id)
      onFailure(database, error)
    })
  }
}

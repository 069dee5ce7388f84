import type { Session } from './session.ts'

interface State {
  is_standby: boolean
  is_read_only: boolean
  encoding: string
}

/** Refuses a PostgreSQL on which every write, or some texts, would fail. `setting` is the setting that names it. */
export async function refuseUnfitDatabase(setting: string, session: Session): Promise<void> {
  const [state] = await session.query<State>(`
    SELECT pg_is_in_recovery() AS is_standby, current_setting('transaction_read_only')::boolean AS is_read_only,
      current_setting('server_encoding') AS encoding`)
  const reason = state && unfitnessOf(state)
  if (reason) throw new Error(`${setting}: ${reason}`)
}

function unfitnessOf({ is_standby, is_read_only, encoding }: State): string | null {
  if (is_standby) return 'this PostgreSQL is a standby, which can’t be written to. Name the primary.'
  if (is_read_only) {
    return 'this PostgreSQL is read-only (default_transaction_read_only is on). Name a primary that can be written to.'
  }
  // Other encodings lack characters, and texts with these characters could not be stored.
  if (encoding !== 'UTF8') return `the encoding of this database is ${encoding}. Name one whose encoding is UTF8.`
  return null
}

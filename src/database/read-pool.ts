import type pg from 'pg'
import type { Prisma } from './generated/client/client.ts'

/** Connections of node-postgres, for reading without what Prisma adds to a statement. */
export interface ReadPool {
  /** The rows of one statement. `opening` begins its transaction and says on whose behalf. */
  readInTransaction<Row>(opening: string, statement: Prisma.Sql): Promise<Row[]>
}

/** PostgreSQL keeps a plan for each name on each connection: not for any number of documents that somebody may send. */
const MAX_NAMED = 100

export function readPool(pool: pg.Pool, onStatement: ((sql: string) => void) | undefined): ReadPool {
  const names = new Map<string, string>()
  const nameOf = (text: string) => {
    const name = names.get(text)
    if (name !== undefined || names.size >= MAX_NAMED) return name
    names.set(text, `read_${names.size}`)
    return names.get(text)
  }
  return {
    async readInTransaction<Row>(opening: string, { text, values }: Prisma.Sql) {
      for (const sql of [opening, text, 'COMMIT']) onStatement?.(sql)
      const client = await pool.connect()
      // All three leave together (`pipeline`), and their answers come back in one round trip.
      const begun = client.query(opening)
      const name = nameOf(text)
      const read = client.query({ text, values, ...(name === undefined ? {} : { name }) })
      const ended = client.query('COMMIT')
      const [beginning, reading, ending] = await Promise.allSettled([begun, read, ended])
      const failed = [beginning, reading, ending].find((one) => one.status === 'rejected')
      // One whose transaction did not end may be in any state.
      client.release(ending.status === 'rejected')
      if (failed) throw failed.reason
      return (reading as PromiseFulfilledResult<pg.QueryResult>).value.rows as Row[]
    },
  }
}

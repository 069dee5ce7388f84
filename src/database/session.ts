import type pg from 'pg'

/** One plain SQL connection: what migrating, checking and authenticating need, before there is a tenant. */
export interface Session {
  /** Any number of statements, no parameters, no rows. */
  execute(sql: string): Promise<void>
  /** One statement. Times come as Date, bytea as Uint8Array, numeric as string. */
  query<Row extends object>(sql: string, parameters?: unknown[]): Promise<Row[]>
}

/** A connection, or a pool of them, of node-postgres. */
export const clientSession = (client: pg.Client | pg.Pool): Session => ({
  execute: async (sql) => void (await client.query(sql)),
  query: async (sql, parameters) => (await client.query(sql, parameters)).rows,
})

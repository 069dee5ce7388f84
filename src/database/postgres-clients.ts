import pg from 'pg'
import { limitReadBytes, MAX_READ_BYTES } from './read-bytes.ts'
import { replanWhenSlow } from './replanning.ts'
import { connectWithTurns } from './turns.ts'

/**
 * Every connection to PostgreSQL is made here. A connection that is lost emits 'error', and an 'error' without a listener
 * ends the process. pg-pool listens only while a connection is idle, not while it is checked out (node-postgres #2386).
 * There is nothing to do in the listener: the statements in flight are rejected, and a broken connection is not reused.
 */
const ignore = () => {}

/** How soon an idle connection is probed: the system's own two hours are longer than firewalls remember connections. */
const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 30_000 }

export function createPool(config: pg.PoolConfig, maxReadBytes = MAX_READ_BYTES): pg.Pool {
  const pool = new pg.Pool({ ...KEEP_ALIVE, ...config })
  pool.on('error', ignore)
  pool.on('connect', (client) => {
    client.on('error', ignore)
    limitReadBytes(client, maxReadBytes)
  })
  replanWhenSlow(pool)
  connectWithTurns(pool)
  return pool
}

export function createClient(config: pg.ClientConfig): pg.Client {
  const client = new pg.Client({ ...KEEP_ALIVE, ...config })
  client.on('error', ignore)
  return client
}

import type pg from 'pg'

/** Longer than this, and the plans that a transaction used may be for tables of another size. */
const SLOW_MS = 50

/** The pause between two replannings of one connection, doubled by each of them. */
const MIN_PAUSE_MS = 250
const MAX_PAUSE_MS = 60_000

/** What is known of one connection. */
interface Replanning {
  acquiredMs: number
  isSlow: boolean
  pauseMs: number
  /** The earliest time of the next replanning. */
  dueMs: number
}

/**
 * PostgreSQL caches the plans of named statements and of foreign-key checks on each connection, and replans only after
 * ANALYZE. A plan that was made for an empty table reads the whole tenant once the table has grown: on a young
 * database, a lookup by id took 5 ms per row until autovacuum ran, a minute later. So a connection whose transaction
 * was slow replans. The pauses double: tables that grow steadily are never more than a few times as large as their
 * plans assume.
 */
export function replanWhenSlow(pool: pg.Pool): void {
  const known = new WeakMap<pg.PoolClient, Replanning>()
  pool.on('acquire', (client) => {
    const nowMs = performance.now()
    const one = known.get(client) ?? { acquiredMs: nowMs, isSlow: false, pauseMs: MIN_PAUSE_MS, dueMs: 0 }
    known.set(client, one)
    one.acquiredMs = nowMs
    if (!one.isSlow || nowMs < one.dueMs) return
    one.isSlow = false
    one.pauseMs = nowMs - one.dueMs > MAX_PAUSE_MS ? MIN_PAUSE_MS : Math.min(2 * one.pauseMs, MAX_PAUSE_MS)
    one.dueMs = nowMs + one.pauseMs
    // If this fails, so does what follows it on the same connection.
    client.query('DISCARD PLANS').catch(() => {})
  })
  pool.on('release', (_error, client) => {
    const one = known.get(client)
    if (one && performance.now() - one.acquiredMs > SLOW_MS) one.isSlow = true
  })
}

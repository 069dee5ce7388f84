import type { Turns } from '../turns.ts'
import type { EmbeddedEngine } from './engine.ts'

/** How much log there may be since the last checkpoint; while the disk is full, reads write to it as well. */
const MAX_LOG_BYTES = { usually: 32 * 1_048_576, onFullDisk: 4 * 1_048_576 }

/** How often something is done, in milliseconds. */
export interface Intervals {
  /** The log is measured, if the database was used. */
  measureMs: number
  /** A checkpoint is made, if there is anything new in the log. */
  checkpointMs: number
  /** The tables are checked. */
  lookMs: number
}

/** The last two are PostgreSQL's defaults. */
const INTERVALS: Intervals = { measureMs: 1_000, checkpointMs: 300_000, lookMs: 60_000 }

/** How much was written to the log since the last checkpoint, in bytes. */
const LOG_BYTES = `
  SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn) FROM pg_control_checkpoint()`

/** Counts what was done to the tables since the last time, which PGlite does not do by itself. */
const COUNT_CHANGES = 'SELECT pg_stat_force_next_flush()'

/** Tables with many dead, new or changed rows, by the thresholds of autovacuum's defaults. The worst is first. */
const TABLES_DUE = `
  SELECT format('%I.%I', s.schemaname, s.relname), is_dirty, pg_total_relation_size(relid)
  FROM pg_stat_all_tables s JOIN pg_class c ON c.oid = s.relid,
    LATERAL (SELECT greatest(c.reltuples, 0)) AS counted (rows),
    LATERAL (SELECT n_dead_tup > 50 + 0.2 * rows OR n_ins_since_vacuum > 1000 + 0.2 * rows) AS vacuum (is_dirty)
  WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND (is_dirty OR n_mod_since_analyze > 50 + 0.1 * rows)
  ORDER BY n_dead_tup DESC`

export interface UpkeepOptions {
  turns: Turns
  /** Called with each failure. */
  onFailure(error: unknown): void
  intervals?: Intervals | undefined
}

/**
 * PGlite has no background processes. What PostgreSQL's checkpointer and autovacuum do is done here, one statement at a
 * time, in the turns of background work: checkpoints keep the log small, VACUUM makes the room of deleted rows usable again,
 * and ANALYZE tells the planner how many rows there are.
 */
export class Upkeep {
  readonly #options: UpkeepOptions & { engine: EmbeddedEngine }
  readonly #intervals: Intervals
  readonly #timer: NodeJS.Timeout
  #seenCount = -1
  #running: Promise<void> | null = null
  #isClosed = false
  #checkpointMs = performance.now()
  #lookedMs = performance.now()

  constructor(options: UpkeepOptions & { engine: EmbeddedEngine }) {
    this.#options = options
    this.#intervals = options.intervals ?? INTERVALS
    this.#timer = setInterval(() => this.#begin(), this.#intervals.measureMs)
    this.#timer.unref()
  }

  /** Begins nothing more. What runs may be cut short: nothing depends on it. */
  close(): void {
    this.#isClosed = true
    clearInterval(this.#timer)
  }

  #begin() {
    const { engine, onFailure } = this.#options
    const report = (error: unknown) => {
      if (!this.#isClosed) onFailure(error)
    }
    const hasWork = engine.sentCount !== this.#seenCount
    if (this.#running || (!hasWork && performance.now() - this.#checkpointMs < this.#intervals.checkpointMs)) return
    this.#seenCount = engine.sentCount
    this.#running = this.#run()
      .catch(report)
      .finally(() => {
        this.#running = null
      })
  }

  async #run() {
    // In one turn: what others write while the second one waits would be added to the log.
    await this.#options.turns.runInBackground(() => this.#keepLogSmall())
    const nowMs = performance.now()
    if (nowMs - this.#lookedMs < this.#intervals.lookMs) return
    this.#lookedMs = nowMs
    await this.#maintain(COUNT_CHANGES)
    for (const [table, isDirty, bytes] of await this.#maintain(TABLES_DUE)) {
      if (this.#isClosed) return
      // Both may write each page of a table to the log (ANALYZE for its checksum, with what it has learnt about the
      // rows), and no checkpoint runs in between. Without room for the log, the database is lost, and can't be opened
      // until there is room.
      if (!this.#options.engine.hasRoomFor(Number(bytes))) continue
      await this.#maintain(isDirty === 't' ? `VACUUM (ANALYZE) ${table}` : `ANALYZE ${table}`)
    }
  }

  async #keepLogSmall() {
    const { engine } = this.#options
    const nowMs = performance.now()
    const isLate = nowMs - this.#checkpointMs >= this.#intervals.checkpointMs
    const bytes = Number((await engine.maintain(LOG_BYTES))[0]?.[0])
    const isLarge = bytes > MAX_LOG_BYTES[engine.diskIsFull ? 'onFullDisk' : 'usually']
    if (isLate) this.#checkpointMs = nowMs
    if (!isLarge && !(isLate && bytes > 0)) return
    await engine.maintain('CHECKPOINT')
    this.#checkpointMs = performance.now()
  }

  #maintain(statement: string): Promise<(string | null)[][]> {
    const { engine, turns } = this.#options
    return turns.runInBackground(() => engine.maintain(statement))
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { recomputeNext } from '../conversations/recompute-conversations.sql.ts'
import type { Database } from '../database/connect.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { writeAsTenant } from '../database/transaction.ts'
import { indexMessages } from '../search/index-messages.ts'
import { endJob, listJobs, lockJob, moveJob } from './tenant-jobs.sql.ts'

/** Work on a tenant's stored rows, which an upgrade made necessary. */
export interface TenantJob {
  /** As in the rows of `tenant_jobs`. */
  name: string
  /**
   * Does one small piece, in a transaction of the tenant: the rows that follow `afterId` by their UUIDs, or the first ones.
   * Returns the UUID of the last row it looked at, or null if none follow.
   */
  step(db: Statements, tenantId: string, afterId: string | null): Promise<string | null>
}

/** All there are. A migration, or a start, leaves rows of these names. */
export const TENANT_JOBS: readonly TenantJob[] = [
  { name: 'recompute conversations', step: recomputeNext },
  // A trigger leaves it as well, for what a server of an earlier version writes meanwhile.
  { name: 'index messages', step: indexMessages },
]

/** How long to rest between two pieces while others use the database, in lengths of a piece. */
const RESTS_IN_USE = 9

/** How long to wait if a job failed, or if another process is at what is left. */
const RETRY_MS = 30_000
/** How long until somebody looks again: servers of an earlier version may have left work. */
const LOOK_AGAIN_MS = 300_000

/**
 * Does what is left to do for each tenant, piece by piece, after everybody else's work. Processes may share a database: a
 * job belongs to whoever has its row locked, and how far it is is noted in the transaction that did it.
 */
export class TenantJobs {
  readonly #database: Database
  readonly #jobs: ReadonlyMap<string, TenantJob>
  readonly #stop = new AbortController()
  #running: Promise<void> = Promise.resolve()

  constructor(database: Database, jobs: readonly TenantJob[]) {
    this.#database = database
    this.#jobs = new Map(jobs.map((job) => [job.name, job]))
  }

  /** Does what is left, and looks for more from time to time. */
  start(): void {
    this.#running = this.#runAll()
  }

  /** Waits for the piece that is under way. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #runAll(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      const isDone = await this.runOnce().catch(this.#noteFailure)
      await sleep(isDone ? LOOK_AGAIN_MS : RETRY_MS, undefined, { signal, ref: false }).catch(() => {})
    }
  }

  readonly #noteFailure = (error: unknown) => {
    this.#database.backgroundFailure('bring stored rows up to date', error)
    return false
  }

  /** Goes through what is left once; a job that fails holds up no other. Returns whether all of it is done. */
  async runOnce(): Promise<boolean> {
    const left = (await listJobs(this.#database)).flatMap(({ tenantId, name }) => {
      const job = this.#jobs.get(name)
      return job ? [{ tenantId, job }] : []
    })
    let areDone = true
    for (const { tenantId, job } of left) {
      areDone = (await this.#run(tenantId, job).catch(this.#noteFailure)) && areDone
    }
    return areDone
  }

  async #run(tenantId: string, job: TenantJob): Promise<boolean> {
    while (!this.#stop.signal.aborted) {
      const beganMs = performance.now()
      const outcome = await this.#step(tenantId, job)
      if (outcome !== 'MORE') return outcome === 'DONE'
      // The database's cores are for requests.
      const rests = this.#database.turns.areInUse ? RESTS_IN_USE : 1
      await sleep(rests * (performance.now() - beganMs), undefined, { signal: this.#stop.signal }).catch(() => {})
    }
    return false
  }

  #step(tenantId: string, { name, step }: TenantJob): Promise<'MORE' | 'DONE' | 'TAKEN'> {
    const scope = { tenantId, admin: false, rowRestriction: null }
    return writeAsTenant(
      this.#database,
      scope,
      async (db) => {
        const job = await lockJob(db, tenantId, name)
        if (!job) return 'TAKEN'
        const lastId = await step(db, tenantId, job.afterId)
        if (lastId === null) await endJob(db, tenantId, name)
        else await moveJob(db, tenantId, name, lastId)
        return lastId === null ? 'DONE' : 'MORE'
      },
      { inBackground: true },
    )
  }
}

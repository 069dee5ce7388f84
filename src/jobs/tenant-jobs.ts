import { recomputeNext } from '../conversations/recompute-conversations.sql.ts'
import type { Database } from '../database/connect.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { writeAsTenant } from '../database/transaction.ts'
import { indexMessages } from '../search/index-messages.ts'
import { BackgroundJob } from './background-job.ts'
import { endJob, listJobs, lockJob, moveJob } from './tenant-jobs.sql.ts'

/** Work on a tenant's stored rows that an upgrade made necessary. */
export interface TenantJob {
  /** As in the rows of `tenant_jobs`. */
  name: string
  /**
   * Does one small piece in a transaction of the tenant: the rows after `afterId`, in order of their UUIDs, or the first
   * ones. Returns the UUID of the last row it looked at, or null if there are no more.
   */
  step(db: Statements, tenantId: string, afterId: string | null): Promise<string | null>
}

/** All jobs. A migration or a start inserts rows with these names. */
export const TENANT_JOBS: readonly TenantJob[] = [
  { name: 'recompute conversations', step: recomputeNext },
  // A trigger inserts it too, for what a server of an earlier version writes meanwhile.
  { name: 'index messages', step: indexMessages },
]

/** How long to rest between two pieces while others use the database, as a multiple of the last piece. */
const RESTS_IN_USE = 9

/** How long to wait if a job failed, or if another process works on what is left. */
const RETRY_MS = 30_000
/** How long to wait before looking for more work, which servers of an earlier version may have left. */
const LOOK_AGAIN_MS = 300_000

/**
 * Runs the unfinished jobs of each tenant, piece by piece, after all other work. Processes may share a database: a job
 * belongs to the one that has locked its row, and its progress is stored in the transaction of each piece.
 */
export class TenantJobs extends BackgroundJob {
  readonly #jobs: ReadonlyMap<string, TenantJob>

  constructor(database: Database, jobs: readonly TenantJob[]) {
    super(database, 'bring stored rows up to date')
    this.#jobs = new Map(jobs.map((job) => [job.name, job]))
  }

  protected async round(): Promise<number> {
    return (await this.runOnce()) ? LOOK_AGAIN_MS : RETRY_MS
  }

  /** Runs each unfinished job once. A job that fails does not stop the others. Returns whether all are done. */
  async runOnce(): Promise<boolean> {
    const left = (await listJobs(this.database)).flatMap(({ tenantId, name }) => {
      const job = this.#jobs.get(name)
      return job ? [{ tenantId, job }] : []
    })
    let areDone = true
    for (const { tenantId, job } of left) {
      areDone = (await this.#run(tenantId, job)) && areDone
    }
    return areDone
  }

  /** Returns whether the job is done. */
  async #run(tenantId: string, job: TenantJob): Promise<boolean> {
    try {
      while (!this.isStopped) {
        const beganMs = performance.now()
        const outcome = await this.#step(tenantId, job)
        if (outcome !== 'MORE') return outcome === 'DONE'
        // Leaves the database's cores to requests.
        const rests = this.database.turns.areInUse ? RESTS_IN_USE : 1
        await this.rest(rests * (performance.now() - beganMs))
      }
    } catch (error) {
      this.noteFailure(error)
    }
    return false
  }

  #step(tenantId: string, { name, step }: TenantJob): Promise<'MORE' | 'DONE' | 'TAKEN'> {
    const scope = { tenantId, admin: false, rowRestriction: null }
    return writeAsTenant(
      this.database,
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

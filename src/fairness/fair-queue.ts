import PQueue from 'p-queue'

/** How many reads for subscribers run at a time: they must not take every connection from requests. */
const MAX_READS = 4

/** The same for one tenant: half of them, so that no other tenant waits for its subscribers. */
const MAX_READS_OF_TENANT = 2

/** Reads that many subscribers wait for come before those that one needs for itself. */
export const PRIORITY = { shared: 1, own: 0 } as const

/**
 * Limits the reads for subscribers, fairly between tenants: each tenant has at most two reads in the common queue, so
 * its length depends on the number of tenants, and nobody waits for the many subscribers of another one.
 */
export class FairQueue {
  readonly #all = new PQueue({ concurrency: MAX_READS })

  forTenant(): TenantQueue {
    return new TenantQueue(this.#all)
  }
}

export class TenantQueue {
  readonly #all: PQueue
  readonly #own = new PQueue({ concurrency: MAX_READS_OF_TENANT })

  constructor(all: PQueue) {
    this.#all = all
  }

  run<Result>(priority: number, work: () => Promise<Result>): Promise<Result> {
    return this.#own.add(() => this.#all.add(work), { priority })
  }

  /** Resolves when nothing is being read, and nothing waits to be. */
  idle(): Promise<void> {
    return this.#own.onIdle()
  }
}

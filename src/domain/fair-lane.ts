import PQueue from 'p-queue'

/** How many reads for subscribers run at a time: they must not take every connection from requests. */
const MAX_READS = 4

/** Half of them, so that no tenant's subscribers hold up those of others. */
const MAX_READS_OF_TENANT = 2

/** Reads that several subscribers wait for come first. */
export const PRIORITY = { shared: 1, own: 0 } as const

/**
 * Reads for subscribers, a few at a time. Each tenant has at most two reads in the queue of all tenants. So that queue stays
 * short, and a tenant with many subscribers does not push ahead of the others.
 */
export class FairLane {
  readonly #all = new PQueue({ concurrency: MAX_READS })

  forTenant(): TenantLane {
    return new TenantLane(this.#all)
  }
}

export class TenantLane {
  readonly #all: PQueue
  readonly #own = new PQueue({ concurrency: MAX_READS_OF_TENANT })

  constructor(all: PQueue) {
    this.#all = all
  }

  run<Result>(priority: number, work: () => Promise<Result>): Promise<Result> {
    return this.#own.add(() => this.#all.add(work), { priority })
  }

  /** Resolves when no read is running or waiting. */
  idle(): Promise<void> {
    return this.#own.onIdle()
  }
}

import PQueue from 'p-queue'

/** Reads for subscribers at a time: they must not take every connection from requests. */
const MAX_READS = 4

/** Half of them: what one tenant's subscribers read, those of others do not wait for. */
const MAX_READS_OF_TENANT = 2

/** What waits is first what most wait for. */
export const PRIORITY = { shared: 1, own: 0 } as const

/**
 * Reads for subscribers, a few at a time. Each tenant lets two of its reads stand in the line of all, so that the line is
 * as short as there are tenants, and none is passed by another one's crowd.
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

  /** Resolves when nothing is read, and nothing waits to be. */
  idle(): Promise<void> {
    return this.#own.onIdle()
  }
}

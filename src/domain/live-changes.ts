import type { Database } from '../database/connect.ts'
import { pruneChanges } from '../database/conversation-changes.ts'
import type { Wakeup } from '../database/wakeups.ts'
import { ParleyError } from '../errors.ts'
import { ChangeFeed } from './change-feed.ts'
import { Seat } from './seat.ts'

/** How often a process prunes a tenant that it writes to. */
const PRUNE_EVERY_MS = 60_000

/** Turns taken at a time: subscribers woken together must not take every connection from requests. */
const MAX_TURNS = 4

/** The open subscriptions of this process, woken by writes of any process. */
export class LiveChanges {
  readonly #database: Database
  readonly #maxPerTenant: number
  readonly #feeds = new Map<string, ChangeFeed>()
  readonly #prunedMs = new Map<string, number>()
  #stopListening: (() => void) | null = null
  #turns = 0
  readonly #waitingTurns: (() => void)[] = []
  readonly #running = new Set<Promise<unknown>>()
  #closed = false

  constructor(database: Database, maxPerTenant: number) {
    this.#database = database
    this.#maxPerTenant = maxPerTenant
  }

  /** Throws LIMIT_EXCEEDED where the tenant has as many subscriptions as it may have on this process. */
  refuseFull(tenantId: string): void {
    if ((this.#feeds.get(tenantId)?.size ?? 0) < this.#maxPerTenant) return
    throw new ParleyError(
      'LIMIT_EXCEEDED',
      `The tenant has ${this.#maxPerTenant} subscriptions open, which is all that one server keeps. Close one first.`,
      { limit: this.#maxPerTenant },
    )
  }

  /**
   * A seat for a subscription, woken at each change from now on: of one conversation, or with null of any. Whoever
   * takes it leaves it.
   */
  async takeSeat(tenantId: string, conversationId: string | null): Promise<Seat> {
    this.refuseFull(tenantId)
    const feed = this.#feeds.get(tenantId) ?? new ChangeFeed(this.#database, tenantId)
    const seat: Seat = new Seat(conversationId, () => {
      feed.remove(seat)
      if (feed.size === 0) this.#end(tenantId, feed)
    })
    if (this.#closed) seat.stop()
    this.#feeds.set(tenantId, feed)
    this.#stopListening ??= this.#database.wakeups.listen((wakeup) => this.#wake(wakeup))
    feed.add(seat)
    try {
      await feed.begun
    } catch (error) {
      seat.leave()
      throw error
    }
    return seat
  }

  /** One at a time of a few: the others wait in line. */
  turn<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#run(this.#inLine(work))
  }

  async #inLine<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#turns < MAX_TURNS) this.#turns += 1
    else await new Promise<void>((resolve) => this.#waitingTurns.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#waitingTurns.shift()
      if (next) next()
      else this.#turns -= 1
    }
  }

  /** To be called when something was committed. */
  written(tenantId: string | null, endedCredentials: boolean): void {
    if (tenantId === null && !endedCredentials) return
    const tenantIds = endedCredentials || tenantId === null ? null : [tenantId]
    this.#database.wakeups.announce({ tenantIds, credentials: endedCredentials })
    if (tenantId !== null) this.#prune(tenantId)
  }

  /** Ends every subscription; resolves when nothing is read for any of them any more. */
  async close(): Promise<void> {
    this.#closed = true
    const reads = [...this.#feeds.values()].map((feed) => feed.stop())
    await Promise.allSettled([...reads, ...this.#running])
  }

  #run<Result>(running: Promise<Result>): Promise<Result> {
    const done = () => void this.#running.delete(running)
    this.#running.add(running)
    running.then(done, done)
    return running
  }

  #wake({ tenantIds, credentials }: Wakeup) {
    const feeds = tenantIds ? tenantIds.flatMap((id) => this.#feeds.get(id) ?? []) : this.#feeds.values()
    for (const feed of feeds) feed.wake(credentials)
  }

  #end(tenantId: string, feed: ChangeFeed) {
    void this.#run(feed.stop())
    if (this.#feeds.get(tenantId) === feed) this.#feeds.delete(tenantId)
    if (this.#feeds.size > 0) return
    this.#stopListening?.()
    this.#stopListening = null
  }

  /** By those who write, so that a table that nobody reads does not grow for ever either. */
  #prune(tenantId: string) {
    const nowMs = performance.now()
    if (nowMs - (this.#prunedMs.get(tenantId) ?? Number.NEGATIVE_INFINITY) < PRUNE_EVERY_MS) return
    this.#prunedMs.set(tenantId, nowMs)
    // Not waited for: what it misses, the next one removes.
    this.#run(pruneChanges(this.#database, tenantId)).catch((error) =>
      this.#database.backgroundFailure('prune old changes', error),
    )
  }
}

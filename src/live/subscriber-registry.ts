import type { Database } from '../database/connect.ts'
import type { ChangeNotification } from '../database/notifications.ts'
import { ParleyError } from '../errors.ts'
import { FairQueue } from '../fairness/fair-queue.ts'
import { type Full, HeldAmounts, type Release } from '../fairness/held-amounts.ts'
import { CREDENTIAL_OF_TENANT, type Holder } from '../fairness/holder.ts'
import { pruneChanges } from './change-log.sql.ts'
import type { StreamSource } from './change-stream.ts'
import { LIVE_TIMES, type LiveTimes } from './live-times.ts'
import type { Subscriber } from './subscriber.ts'
import { TenantSubscribers } from './tenant-subscribers.ts'

/** How often a process prunes a tenant that it writes to. */
const PRUNE_EVERY_MS = 60_000

const WHO_IS_FULL: Record<Full['by'], (limit: number) => string> = {
  credential: (limit) => `This credential has ${limit} subscriptions open, which is the limit for one credential.`,
  tokens: (limit) =>
    `The tenant’s tokens have ${limit} subscriptions open, which is the limit for tokens on one server; the rest is reserved for keys.`,
  tenant: (limit) => `The tenant has ${limit} subscriptions open, which is the limit on one server.`,
  process: (limit) => `${limit} subscriptions are open, which is the limit on one server.`,
}

/** The subscribers of this process, woken by writes of any process. */
export class SubscriberRegistry {
  readonly times: LiveTimes
  readonly #database: Database
  readonly #places: HeldAmounts
  readonly #queue = new FairQueue()
  readonly #tenants = new Map<string, TenantSubscribers>()
  readonly #prunedMs = new Map<string, number>()
  readonly #running = new Set<Promise<unknown>>()
  #stopListening: (() => void) | null = null
  #closed = false

  /** Tests pass other times. */
  constructor(database: Database, maxPerTenant: number, times: LiveTimes = LIVE_TIMES) {
    this.#database = database
    this.times = times
    const credential = Math.min(maxPerTenant, Math.max(1, Math.floor(maxPerTenant * CREDENTIAL_OF_TENANT)))
    this.#places = new HeldAmounts({ credential, tenant: maxPerTenant, process: Number.POSITIVE_INFINITY })
  }

  /**
   * Reserves a place for a subscription, before anything is read for it. Throws LIMIT_EXCEEDED if the credential or its
   * tenant has as many as it may have in this process.
   */
  takePlace(holder: Holder): Release {
    const taken = this.#places.take(holder, 1)
    if (typeof taken === 'function') return taken
    throw new ParleyError('LIMIT_EXCEEDED', `${WHO_IS_FULL[taken.by](taken.limit)} Close one first.`, {
      limit: taken.limit,
    })
  }

  /** How many places are in use. */
  get size(): number {
    return this.#places.total
  }

  /** Adds a subscriber that continues from a cursor, in a place that the caller has reserved and must release. */
  subscribe<Cursor, Answer>(
    tenantId: string,
    source: StreamSource<Cursor, Answer>,
    cursor: Cursor,
  ): Subscriber<Cursor, Answer> {
    const tenant = this.#tenants.get(tenantId) ?? this.#open(tenantId)
    this.#stopListening ??= this.#database.wakeups.listen((wakeup) => this.#wake(wakeup))
    const subscriber = tenant.subscribe(source, cursor)
    if (this.#closed) subscriber.stop()
    return subscriber
  }

  /** Lets a subscriber continue with other rights than before. */
  move<Cursor, Answer>(
    tenantId: string,
    subscriber: Subscriber<Cursor, Answer>,
    source: StreamSource<Cursor, Answer>,
  ): void {
    this.#tenants.get(tenantId)?.move(subscriber, source)
  }

  /** To be called when something was committed. */
  written(tenantId: string | null, endedCredentials: boolean): void {
    if (tenantId === null && !endedCredentials) return
    const tenantIds = endedCredentials || tenantId === null ? null : [tenantId]
    this.#database.wakeups.publish({ tenantIds, credentials: endedCredentials })
    if (tenantId !== null) this.#prune(tenantId)
  }

  /** Ends every subscription. Resolves when all reads for them have ended. */
  async close(): Promise<void> {
    this.#closed = true
    const stopped = [...this.#tenants.values()].map((tenant) => tenant.stop())
    await Promise.allSettled([...stopped, ...this.#running])
  }

  #run<Result>(running: Promise<Result>): Promise<Result> {
    const done = () => void this.#running.delete(running)
    this.#running.add(running)
    running.then(done, done)
    return running
  }

  #wake({ tenantIds, credentials }: ChangeNotification) {
    const woken = tenantIds ? tenantIds.flatMap((id) => this.#tenants.get(id) ?? []) : this.#tenants.values()
    for (const tenant of woken) tenant.wake(credentials)
  }

  #open(tenantId: string): TenantSubscribers {
    const tenant = new TenantSubscribers(this.#database, tenantId, this.#queue.forTenant(), this.times, () => {
      void this.#run(tenant.stop())
      this.#tenants.delete(tenantId)
      if (this.#tenants.size > 0) return
      this.#stopListening?.()
      this.#stopListening = null
    })
    this.#tenants.set(tenantId, tenant)
    return tenant
  }

  /** Called by writers, so that a table that nobody reads does not grow forever either. */
  #prune(tenantId: string) {
    const nowMs = performance.now()
    if (nowMs - (this.#prunedMs.get(tenantId) ?? Number.NEGATIVE_INFINITY) < PRUNE_EVERY_MS) return
    this.#prunedMs.set(tenantId, nowMs)
    // Not awaited: the next run removes what this one misses.
    this.#run(pruneChanges(this.#database, tenantId)).catch((error) =>
      this.#database.backgroundFailure('prune old changes', error),
    )
  }
}

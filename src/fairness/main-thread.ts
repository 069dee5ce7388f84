import { performance as hooks } from 'node:perf_hooks'
import { overloaded } from '../errors.ts'
import type { Holder } from './holder.ts'
import { RecentActivity } from './recent-activity.ts'

/** Work that takes less than this delays nobody noticeably, and is not counted. */
const SMALL_MS = 2
/** All other requests wait while the process works for one: what takes this long counts twice, and longer work more. */
const LONG_MS = 50
/** How far ahead of its share a tenant may be, in counted work. */
const BURST_MS = 100
/** How much of the thread's time a tenant may have beyond that, while others are active. */
const SHARE = 0.1
/** How many requests of a tenant begin in one turn of the event loop: many are authenticated together. */
const MAX_IN_TURN = 16
/** How many requests of a tenant wait at most, of its tokens and of its keys each. */
const MAX_WAITING = 256
/** How often waiting requests are checked, at the latest. */
const LOOK_EVERY_MS = 100
/** The thread counts as busy if it was busy for more than this part of the latest measured time. */
const BUSY = 0.5
/** The minimum time to measure. */
const MEASURED_MS = 100
/** From this many tenants on, those without work are forgotten. */
const MANY_TENANTS = 1_000

/**
 * Shares the main thread of this process between tenants. It does one thing at a time: parsing a large body, validating a
 * large document and writing a large answer keep everybody waiting. A tenant that has used more than its share waits before
 * its next request is parsed, but only while other tenants are active and the thread is busy.
 */
export class MainThread {
  readonly #timeoutMs: number
  readonly #tenants = new Map<string, Tenant>()
  /** The activity of tenants that sent requests. */
  readonly #activity = new RecentActivity<Tenant>()
  readonly #isBusy: () => boolean

  /** `timeoutMs`: how long a request waits at most. `isBusy`: whether the thread is. */
  constructor({ timeoutMs, isBusy = busyThread() }: { timeoutMs: number; isBusy?: () => boolean }) {
    this.#timeoutMs = timeoutMs
    this.#isBusy = isBusy
  }

  /** Resolves when the holder's next work may begin; null: now. Rejects with OVERLOADED if it waits too long, or too many wait. */
  admit({ tenantId, isKey }: Pick<Holder, 'tenantId' | 'isKey'>): Promise<void> | null {
    const nowMs = performance.now()
    const tenant = this.#tenantOf(tenantId)
    this.#activity.note(tenant, nowMs)
    if (!tenant.waits && this.#mayWork(tenant, nowMs)) return null
    const line = isKey ? tenant.keys : tenant.tokens
    if (line.length >= MAX_WAITING) return Promise.reject(overloaded())
    return new Promise((resolve, reject) => {
      line.push({ resolve, reject, untilMs: nowMs + this.#timeoutMs })
      tenant.timer ??= setTimeout(() => this.#look(tenant), this.#delayOf(tenant, nowMs))
    })
  }

  /** Runs work that is done in one go, and counts its time for the tenant. */
  work<Result>(tenantId: string, work: () => Result): Result {
    const beganMs = performance.now()
    try {
      return work()
    } finally {
      this.charge(tenantId, performance.now() - beganMs)
    }
  }

  /** Counts work that was done in one go. */
  charge(tenantId: string, ms: number): void {
    if (ms >= SMALL_MS) this.#tenantOf(tenantId).charge(ms * (1 + ms / LONG_MS))
  }

  /** Counts work that was done in small pieces, with other work between them. */
  chargePieces(tenantId: string, ms: number): void {
    if (ms >= SMALL_MS) this.#tenantOf(tenantId).charge(ms)
  }

  /**
   * Counts a slice of long work, such as the enrichment of many messages. Returns whether the tenant has used more than
   * its share, and should leave more time to others before the next slice.
   */
  chargeSlice(tenantId: string, ms: number): boolean {
    this.chargePieces(tenantId, ms)
    const nowMs = performance.now()
    const tenant = this.#tenantOf(tenantId)
    return tenant.aheadMs(nowMs) >= BURST_MS && this.#activity.hasOthers(tenant, nowMs)
  }

  #tenantOf(id: string): Tenant {
    const known = this.#tenants.get(id)
    if (known) return known
    if (this.#tenants.size >= MANY_TENANTS) this.#forgetIdle()
    const tenant = new Tenant()
    this.#tenants.set(id, tenant)
    return tenant
  }

  #mayWork(tenant: Tenant, nowMs: number): boolean {
    return (tenant.aheadMs(nowMs) < BURST_MS && tenant.takePlace()) || !this.#activity.hasOthers(tenant, nowMs)
  }

  /** How long until it may work, or is checked again. */
  #delayOf(tenant: Tenant, nowMs: number): number {
    return Math.min(LOOK_EVERY_MS, Math.max(1, (tenant.aheadMs(nowMs) - BURST_MS) / SHARE))
  }

  /** Lets one request begin if the tenant is ahead, since its work has to be counted before the next; otherwise several. */
  #look(tenant: Tenant) {
    const nowMs = performance.now()
    tenant.refuseLate(nowMs)
    while (tenant.waits && (this.#mayWork(tenant, nowMs) || !this.#isBusy())) {
      tenant.startNext()
      if (tenant.aheadMs(nowMs) > 0) break
    }
    tenant.timer = tenant.waits ? setTimeout(() => this.#look(tenant), this.#delayOf(tenant, nowMs)) : null
  }

  #forgetIdle() {
    const nowMs = performance.now()
    for (const [id, tenant] of this.#tenants) {
      if (!tenant.waits && tenant.aheadMs(nowMs) === 0) this.#tenants.delete(id)
    }
  }
}

/** Whether this thread is busy, measured again at intervals. */
function busyThread(): () => boolean {
  let [mark, atMs, isBusy] = [hooks.eventLoopUtilization(), performance.now(), true]
  return () => {
    const nowMs = performance.now()
    if (nowMs - atMs < MEASURED_MS) return isBusy
    isBusy = hooks.eventLoopUtilization(mark).utilization > BUSY
    ;[mark, atMs] = [hooks.eventLoopUtilization(), nowMs]
    return isBusy
  }
}

interface Waiting {
  resolve(): void
  reject(error: Error): void
  untilMs: number
}

class Tenant {
  /** Those that wait. Keys and tokens take turns: a token is public, and a flood of them must not shut out the back end. */
  readonly keys: Waiting[] = []
  readonly tokens: Waiting[] = []
  timer: NodeJS.Timeout | null = null
  #isKeysTurn = true
  #begunInTurn = 0
  /** Counted work beyond its share, at `#atMs`. */
  #aheadMs = 0
  #atMs = 0

  get waits(): boolean {
    return this.keys.length + this.tokens.length > 0
  }

  aheadMs(nowMs: number): number {
    return Math.max(0, this.#aheadMs - (nowMs - this.#atMs) * SHARE)
  }

  charge(ms: number) {
    const nowMs = performance.now()
    this.#aheadMs = this.aheadMs(nowMs) + ms
    this.#atMs = nowMs
  }

  /** False if the most that may begin in this turn of the event loop have begun: their work is not counted yet. */
  takePlace(): boolean {
    if (this.#begunInTurn >= MAX_IN_TURN) return false
    if (this.#begunInTurn === 0) {
      setImmediate(() => {
        this.#begunInTurn = 0
      })
    }
    this.#begunInTurn += 1
    return true
  }

  startNext() {
    const [first, second] = this.#isKeysTurn ? [this.keys, this.tokens] : [this.tokens, this.keys]
    this.#isKeysTurn = !this.#isKeysTurn
    ;(first.shift() ?? second.shift())?.resolve()
  }

  /** All requests of a line wait equally long, so the first one is late first. */
  refuseLate(nowMs: number) {
    for (const line of [this.keys, this.tokens]) {
      while (line[0] && line[0].untilMs <= nowMs) line.shift()?.reject(overloaded())
    }
  }
}

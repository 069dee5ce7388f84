import { overloaded, rowLocked } from '../errors.ts'

/** The longest that a write waits for a row that another write of this process holds, if that one makes no progress. */
const TARGET_TIMEOUT_MS = 2_000
/** How many writes of one tenant may wait: each is kept in memory. */
const MAX_WAITING = 1_024
/** A write that takes this long is assumed to wait for a lock itself. */
const STUCK_MS = 1_000

interface Waiting {
  targets: readonly string[]
  sinceMs: number
  timer: NodeJS.Timeout
  start(): void
  reject(error: unknown): void
}

interface Tenant {
  running: number
  /** What is being written to, and since when. */
  held: Map<string, number>
  waiting: Waiting[]
}

/** Half of the connections, so that a tenant whose writes wait for locks leaves as many to the others. */
const shareOf = (connections: number) => Math.max(1, Math.floor(connections / 2))

/**
 * Gives writes a connection of their own: each tenant's writes up to half of all connections, and one at a time for
 * each row that they name. Writes that would wait for each other in the database wait here, which costs no connection.
 */
export class WriteGate {
  readonly #maxRunning: number
  readonly #timeoutMs: number
  readonly #tenants = new Map<string, Tenant>()

  /**
   * `connections`: how many there are; null: transactions run one after the other anyway. `timeoutMs`: how long to wait
   * for one.
   */
  constructor({ connections, timeoutMs }: { connections: number | null; timeoutMs: number }) {
    this.#maxRunning = connections === null ? Number.POSITIVE_INFINITY : shareOf(connections)
    this.#timeoutMs = timeoutMs
  }

  /** Rejects with UNAVAILABLE or OVERLOADED if it has to wait too long. */
  async run<Result>(tenantId: string, targets: readonly string[], work: () => Promise<Result>): Promise<Result> {
    if (this.#maxRunning === Number.POSITIVE_INFINITY) return work()
    const tenant = this.#tenants.get(tenantId) ?? { running: 0, held: new Map(), waiting: [] }
    if (tenant.waiting.length >= MAX_WAITING) throw overloaded()
    this.#tenants.set(tenantId, tenant)
    await this.#enter(tenant, targets)
    try {
      return await work()
    } finally {
      tenant.running -= 1
      for (const target of targets) tenant.held.delete(target)
      this.#startNext(tenant)
      if (tenant.running === 0 && tenant.waiting.length === 0) this.#tenants.delete(tenantId)
    }
  }

  #enter(tenant: Tenant, targets: readonly string[]): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiting: Waiting = {
      ...{ targets, reject, sinceMs: performance.now(), timer: setTimeout(() => look(), TARGET_TIMEOUT_MS) },
      start: () => {
        clearTimeout(waiting.timer)
        tenant.running += 1
        for (const target of targets) tenant.held.set(target, performance.now())
        resolve()
      },
    }
    const look = () => {
      const failure = this.#failureOf(tenant, waiting)
      if (!failure) {
        waiting.timer = setTimeout(look, STUCK_MS / 2)
        return
      }
      tenant.waiting = tenant.waiting.filter((one) => one !== waiting)
      reject(failure)
      this.#startNext(tenant)
    }
    tenant.waiting.push(waiting)
    this.#startNext(tenant)
    return promise
  }

  /** Starts writes in order, except those that have to wait. */
  #startNext(tenant: Tenant) {
    const reserved = new Set<string>()
    const waiting: Waiting[] = []
    for (const one of tenant.waiting) {
      const isFree = !one.targets.some((target) => tenant.held.has(target) || reserved.has(target))
      if (isFree && tenant.running < this.#maxRunning) one.start()
      else {
        waiting.push(one)
        for (const target of one.targets) reserved.add(target)
      }
    }
    tenant.waiting = waiting
  }

  /** Why a write stops waiting; null while others make progress. */
  #failureOf({ held }: Tenant, { targets, sinceMs }: Waiting) {
    const nowMs = performance.now()
    if (targets.some((target) => nowMs - (held.get(target) ?? nowMs) >= STUCK_MS)) return rowLocked()
    return nowMs - sinceMs >= this.#timeoutMs ? overloaded() : null
  }
}

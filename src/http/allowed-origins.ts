import { isWebOrigin } from '../config.ts'
import type { Session } from '../database/session.ts'
import { listAllowedOrigins } from './allowed-origins.sql.ts'

/** How long an allowed origin stays allowed without asking again. */
const CACHE_TTL_MS = 5_000
/** How soon after it was read the list may be read again for an origin that is not in it. */
const MISS_COOLDOWN_MS = 1_000
/** At most this fraction of the time is spent reading the list, however long it is and whoever asks. */
const MAX_TIME_SHARE = 0.05

/** A host name has 253 characters at most. */
const MAX_ORIGIN_LENGTH = 300

/** Whether what a client sends as its origin can be that of a page. */
export const mayBeOrigin = (origin: string): boolean => origin.length <= MAX_ORIGIN_LENGTH && isWebOrigin(origin)

/**
 * Which pages may read answers: the deployment's list, and each tenant's own. The tenants' lists are cached. Made-up
 * origins cause at most one read a second, and are not cached.
 */
export class AllowedOrigins {
  readonly #always: ReadonlySet<string>
  readonly #database: Session
  readonly #now: () => Date
  #tenantsOf: ReadonlyMap<string, ReadonlySet<string>> = new Map()
  #readAtMs = Number.NEGATIVE_INFINITY
  /** A list whose read began before a change may lack that change. */
  #isOutdated = true
  #cooldownMs = MISS_COOLDOWN_MS
  #reading: Promise<void> | null = null

  constructor(always: readonly string[], database: Session, now: () => Date) {
    this.#always = new Set(always)
    this.#database = database
    this.#now = now
  }

  /** For answers that hold a tenant's data, or an account's. */
  async forTenant(origin: string, tenantId: string | null): Promise<boolean> {
    return this.#always.has(origin) || (tenantId !== null && this.#isListed(origin, (ids) => ids.has(tenantId)))
  }

  /** For requests whose sender is not known: preflights, and answers to requests without a valid credential. */
  async forAnyTenant(origin: string): Promise<boolean> {
    if (this.#always.has(origin)) return true
    const isKnown = () => this.#tenantsOf.has(origin)
    return this.#isListed(origin, () => true).catch((error) => {
      // Such an answer holds no data, so while the database is down, a page that was allowed before may read the error.
      if (isKnown()) return true
      throw error
    })
  }

  /** Forces the list to be read again before it is used: this process may have changed it. */
  expire(): void {
    this.#isOutdated = true
  }

  async #isListed(origin: string, includes: (tenantIds: ReadonlySet<string>) => boolean): Promise<boolean> {
    if (!mayBeOrigin(origin)) return false
    const isAllowed = () => {
      const tenantIds = this.#tenantsOf.get(origin)
      return tenantIds !== undefined && includes(tenantIds)
    }
    const ageMs = this.#now().getTime() - this.#readAtMs
    const maxAgeMs = isAllowed() ? Math.max(CACHE_TTL_MS, this.#cooldownMs) : this.#cooldownMs
    // If the clock was set back, the age is unknown.
    if (this.#reading || this.#isOutdated || ageMs < 0 || ageMs >= maxAgeMs) await this.#read()
    return isAllowed()
  }

  /** Concurrent callers share one read, unless it may lack a later change. */
  async #read(): Promise<void> {
    if (this.#reading && this.#isOutdated) await this.#reading
    this.#reading ??= this.#load().finally(() => {
      this.#reading = null
    })
    return this.#reading
  }

  async #load(): Promise<void> {
    this.#isOutdated = false
    const [now, startedMs] = [this.#now().getTime(), performance.now()]
    try {
      const rows = await listAllowedOrigins(this.#database)
      const tenantsOf = new Map<string, Set<string>>()
      for (const { origin, tenant_id: tenantId } of rows) {
        const known = tenantsOf.get(origin)
        if (known) known.add(tenantId)
        else tenantsOf.set(origin, new Set([tenantId]))
      }
      this.#tenantsOf = tenantsOf
      this.#readAtMs = now
      this.#cooldownMs = Math.max(MISS_COOLDOWN_MS, (performance.now() - startedMs) / MAX_TIME_SHARE)
    } catch (error) {
      this.#isOutdated = true
      throw error
    }
  }
}

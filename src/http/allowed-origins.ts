import { isWebOrigin } from '../config.ts'
import type { Session } from '../database/session.ts'

/** How long an answer of the database is believed. */
const BELIEVED_MS = 5_000
/** Whoever sends more origins than this has them all asked for anew. */
const MAX_KEPT = 10_000

/** Whose pages may read answers: the deployment's list, and each tenant's own. */
export class AllowedOrigins {
  readonly #always: ReadonlySet<string>
  readonly #database: Session
  readonly #now: () => Date
  readonly #answers = new Map<string, { allowed: boolean; untilMs: number }>()

  constructor(always: readonly string[], database: Session, now: () => Date) {
    this.#always = new Set(always)
    this.#database = database
    this.#now = now
  }

  /** For answers that hold a tenant's data, or an account's. */
  async forTenant(origin: string, tenantId: string | null): Promise<boolean> {
    return this.#always.has(origin) || (tenantId !== null && this.#ask(origin, tenantId))
  }

  /** Before it is known who asks: a preflight, and what is answered to no credential. */
  async forAnyTenant(origin: string): Promise<boolean> {
    return this.#always.has(origin) || this.#ask(origin, null)
  }

  async #ask(origin: string, tenantId: string | null): Promise<boolean> {
    if (!isWebOrigin(origin)) return false
    const key = JSON.stringify([origin, tenantId])
    const nowMs = this.#now().getTime()
    const known = this.#answers.get(key)
    if (known && known.untilMs > nowMs) return known.allowed
    let allowed: boolean
    try {
      allowed = await this.#read(origin, tenantId)
    } catch (error) {
      // An answer to nobody holds no data: while the database is away, a page that was allowed before may read the error.
      if (known && tenantId === null) return known.allowed
      throw error
    }
    if (this.#answers.size >= MAX_KEPT) this.#answers.clear()
    this.#answers.set(key, { allowed, untilMs: nowMs + BELIEVED_MS })
    return allowed
  }

  async #read(origin: string, tenantId: string | null): Promise<boolean> {
    const [row] = await this.#database.query<{ allowed: boolean }>('SELECT is_allowed_origin($1, $2) AS allowed', [
      origin,
      tenantId,
    ])
    return row?.allowed ?? false
  }
}

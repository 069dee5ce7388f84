/** Whose something is: a credential, within a tenant. */
export interface Holder {
  /** Empty for requests without a tenant. */
  tenantId: string
  /** Names the credential. Empty without one. */
  credential: string
  /** A back end's. Tokens are public: anyone can be one of their holders. */
  isKey: boolean
}

/** What may be held at a time. */
export interface HeldLimits {
  credential: number
  tenant: number
  /** By all tenants together. */
  process: number
}

/** Whose limit is reached, and which limit that is. */
export interface Full {
  by: keyof HeldLimits | 'tokens'
  limit: number
}

/** Frees what was taken. A second call does nothing. */
export type Release = () => void

interface Held {
  all: number
  byTokens: number
  byCredential: Map<string, number>
}

/** A tenant's tokens can't hold this part of what it may: a flood of them must not shut out its back end. */
const KEPT_FOR_KEYS = 1 / 4

/** Counts what holders have of something that is limited, in this process. To check and to take is one step. */
export class HeldAmounts {
  readonly limits: HeldLimits
  readonly #tenants = new Map<string, Held>()
  #all = 0

  constructor(limits: HeldLimits) {
    this.limits = limits
  }

  /** What all of them hold. */
  get total(): number {
    return this.#all
  }

  /** Takes this much, or says what is full. */
  take(holder: Holder, amount: number): Release | Full {
    const full = this.#fullFor(holder, amount)
    if (full) return full
    this.#add(holder, amount)
    let isHeld = true
    return () => {
      if (isHeld) this.#add(holder, -amount)
      isHeld = false
    }
  }

  #fullFor({ tenantId, credential, isKey }: Holder, amount: number): Full | null {
    const { limits } = this
    const held = this.#tenants.get(tenantId)
    const forTokens = limits.tenant - Math.floor(limits.tenant * KEPT_FOR_KEYS)
    const checks: [Full['by'], number, number][] = [
      ['credential', held?.byCredential.get(credential) ?? 0, limits.credential],
      ['tokens', isKey ? 0 : (held?.byTokens ?? 0), isKey ? Number.POSITIVE_INFINITY : forTokens],
      ['tenant', held?.all ?? 0, limits.tenant],
      ['process', this.#all, limits.process],
    ]
    const [by, , limit] = checks.find(([, has, most]) => has + amount > most) ?? []
    return by === undefined || limit === undefined ? null : { by, limit }
  }

  #add({ tenantId, credential, isKey }: Holder, amount: number) {
    const held = this.#tenants.get(tenantId) ?? { all: 0, byTokens: 0, byCredential: new Map() }
    const ofCredential = (held.byCredential.get(credential) ?? 0) + amount
    if (ofCredential === 0) held.byCredential.delete(credential)
    else held.byCredential.set(credential, ofCredential)
    held.all += amount
    if (!isKey) held.byTokens += amount
    if (held.byCredential.size === 0) this.#tenants.delete(tenantId)
    else this.#tenants.set(tenantId, held)
    this.#all += amount
  }
}

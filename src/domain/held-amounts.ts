import { type Holder, TOKENS_OF_TENANT } from '../database/holder.ts'
import { type Share, SharedAmounts } from './shared-amounts.ts'

/** What may be held at a time. */
export interface HeldLimits {
  credential: number
  tenant: number
  /** By all tenants together. */
  process: number
}

/** Whose limit is reached, and which limit that is. */
export interface Full extends Share {
  by: keyof HeldLimits | 'tokens'
}

/** Frees what was taken. A second call does nothing. */
export type Release = () => void

/** Counts what holders have of something that is limited, in this process. To check and to take is one step. */
export class HeldAmounts {
  readonly #limits: HeldLimits
  readonly #amounts = new SharedAmounts()

  constructor(limits: HeldLimits) {
    this.#limits = limits
  }

  /** What all of them hold. */
  get total(): number {
    return this.#amounts.sumOf(PROCESS)
  }

  /** Takes this much, or says what is full. */
  take(holder: Holder, amount: number): Release | Full {
    const shares = this.#sharesOf(holder)
    const full = this.#amounts.add(shares, amount)
    if (full) return full
    let isHeld = true
    return () => {
      if (isHeld) this.#amounts.remove(shares, amount)
      isHeld = false
    }
  }

  /** What is full if not even this much can be taken. */
  fullFor(holder: Holder, amount: number): Full | undefined {
    // No share has more than all of them together.
    if (this.total + amount <= this.#limits.credential) return undefined
    return this.#amounts.fullFor(this.#sharesOf(holder), amount)
  }

  #sharesOf({ tenantId, credential, isKey }: Holder): Full[] {
    const { credential: ofCredential, tenant, process } = this.#limits
    const tokens: Full = { by: 'tokens', name: `tokens ${tenantId}`, limit: Math.ceil(tenant * TOKENS_OF_TENANT) }
    return [
      { by: 'credential', name: `credential ${tenantId} ${credential}`, limit: ofCredential },
      ...(isKey ? [] : [tokens]),
      { by: 'tenant', name: `tenant ${tenantId}`, limit: tenant },
      { by: 'process', name: PROCESS, limit: process },
    ]
  }
}

const PROCESS = 'process'

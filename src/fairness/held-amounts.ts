import type { HeldLimits } from '../input/limits.ts'
import { type Holder, TOKENS_OF_TENANT } from './holder.ts'
import { type Share, SharedAmounts } from './shared-amounts.ts'

/** Which limit is reached, and whose. */
export interface Full extends Share {
  by: keyof HeldLimits | 'tokens'
}

/** Releases what was taken. A second call does nothing. */
export type Release = () => void

/** Counts how much of a limited resource each holder has, in this process. Checking and taking is one step. */
export class HeldAmounts {
  readonly #limits: HeldLimits
  readonly #amounts = new SharedAmounts()
  /** What was refused last, by the name of the share that had no room for it. */
  readonly #refused = new Map<string, number>()

  constructor(limits: HeldLimits) {
    this.#limits = limits
  }

  /** How much all of them hold. */
  get total(): number {
    return this.#amounts.sumOf(PROCESS)
  }

  /** Takes this much, or returns which limit is full. `wanted`: including what was taken before for the same purpose. */
  take(holder: Holder, amount: number, wanted = amount): Release | Full {
    const shares = this.#sharesOf(holder)
    const full = this.#amounts.add(shares, amount)
    if (full) {
      // A single tenant can't free what all tenants fill together.
      if (full.by !== 'process') this.#refused.set(full.name, Math.min(wanted, full.limit))
      return full
    }
    let isHeld = true
    return () => {
      if (isHeld) this.#amounts.remove(shares, amount)
      isHeld = false
    }
  }

  /**
   * Returns a limit that has no room left, or none for the amount that it refused last: a holder that is refused a
   * large amount would otherwise have it made again and again, as long as there is room for a small one.
   */
  full(holder: Holder): Full | undefined {
    // No share holds more than all of them together.
    if (this.#refused.size === 0 && this.total < this.#limits.credential) return undefined
    return this.#sharesOf(holder).find((share) => {
      const isFull = this.#amounts.fullFor([share], this.#refused.get(share.name) ?? 1) !== undefined
      if (!isFull) this.#refused.delete(share.name)
      return isFull
    })
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

/** A sum that amounts count towards, and its limit. */
export interface Share {
  name: string
  limit: number
}

/**
 * Amounts of a limited resource, in this process, each counted towards several sums. Checking and adding is one step.
 */
export class SharedAmounts {
  readonly #sums = new Map<string, number>()

  sumOf(name: string): number {
    return this.#sums.get(name) ?? 0
  }

  /** The first share that has no room for this much more. */
  fullFor<Of extends Share>(shares: readonly Of[], amount: number): Of | undefined {
    return shares.find(({ name, limit }) => this.sumOf(name) + amount > limit)
  }

  /** Adds to all shares; or, if one has no room, adds to none and returns the first such share. */
  add<Of extends Share>(shares: readonly Of[], amount: number): Of | undefined {
    const full = this.fullFor(shares, amount)
    if (!full) this.#change(shares, amount)
    return full
  }

  remove(shares: readonly Share[], amount: number): void {
    this.#change(shares, -amount)
  }

  #change(shares: readonly Share[], amount: number) {
    for (const { name } of shares) {
      const sum = this.sumOf(name) + amount
      if (sum > 0) this.#sums.set(name, sum)
      else this.#sums.delete(name)
    }
  }
}

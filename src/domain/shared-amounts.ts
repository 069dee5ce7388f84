/** A sum that amounts count towards, and how large it may get. */
export interface Share {
  name: string
  limit: number
}

/** Amounts of something that is limited, in this process, each counted towards several sums. To check and to add is one step. */
export class SharedAmounts {
  readonly #sums = new Map<string, number>()

  sumOf(name: string): number {
    return this.#sums.get(name) ?? 0
  }

  /** The first share that has no room for this much more. */
  fullFor<Of extends Share>(shares: readonly Of[], amount: number): Of | undefined {
    return shares.find(({ name, limit }) => this.sumOf(name) + amount > limit)
  }

  /** Adds to all shares, or to none and returns the first that has no room. */
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

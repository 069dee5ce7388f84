/** What clients wrote, and what of it they may rely on. Each write has a tag of its own, which is stored with it. */
export class Ledger {
  /** Writes that were sent, by their tag: of how many parts (messages, usually) each is. */
  readonly sent = new Map<string, number>()
  readonly #acknowledged = new Set<string>()
  /** Conversations whose deletion was acknowledged, by external id. */
  readonly #deleted = new Set<string>()

  send(tag: string, parts: number): void {
    this.sent.set(tag, parts)
  }

  acknowledge(tag: string): void {
    this.#acknowledged.add(tag)
  }

  /** A conversation is being deleted: what was written to it may be there or not from now on. */
  forget(tags: Iterable<string>): void {
    for (const tag of tags) {
      this.sent.delete(tag)
      this.#acknowledged.delete(tag)
    }
  }

  acknowledgeDeletion(externalId: string): void {
    this.#deleted.add(externalId)
  }

  get acknowledged(): ReadonlySet<string> {
    return this.#acknowledged
  }

  get deleted(): ReadonlySet<string> {
    return this.#deleted
  }

  /** How many writes were acknowledged. */
  get count(): number {
    return this.#acknowledged.size + this.#deleted.size
  }
}

/** Credentials that this process remembers to have accepted. */
const MAX_REMEMBERED = 10_000

/**
 * Which credentials were accepted before, by their hash. That says nothing of whether one is good now: it is only looked up
 * before those of whom nobody knows whether they ever were.
 */
export class AcceptedCredentials {
  readonly #hashes = new Set<string>()

  has(hash: string): boolean {
    return this.#hashes.has(hash)
  }

  /** Those remembered longest are forgotten first. */
  add(hash: string): void {
    if (this.#hashes.has(hash)) return
    const [oldest] = this.#hashes.size < MAX_REMEMBERED ? [] : this.#hashes
    if (oldest !== undefined) this.#hashes.delete(oldest)
    this.#hashes.add(hash)
  }
}

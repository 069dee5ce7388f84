/** How many accepted credentials this process remembers. */
const MAX_REMEMBERED = 10_000

/**
 * Which credentials were accepted before, by their hash. This does not say whether one is still valid. It only puts
 * their lookup ahead of credentials that were never accepted.
 */
export class AcceptedCredentials {
  readonly #hashes = new Set<string>()

  has(hash: string): boolean {
    return this.#hashes.has(hash)
  }

  /** The oldest are forgotten first. */
  add(hash: string): void {
    if (this.#hashes.has(hash)) return
    const [oldest] = this.#hashes.size < MAX_REMEMBERED ? [] : this.#hashes
    if (oldest !== undefined) this.#hashes.delete(oldest)
    this.#hashes.add(hash)
  }
}

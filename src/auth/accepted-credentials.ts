import { LRUCache } from 'lru-cache'

/** How many accepted credentials this process remembers. */
const MAX_REMEMBERED = 10_000

/**
 * Which credentials were accepted before, by their hash. This does not say whether one is still valid. It only puts
 * their lookup ahead of credentials that were never accepted.
 */
export class AcceptedCredentials {
  readonly #hashes = new LRUCache<string, true>({ max: MAX_REMEMBERED })

  has(hash: string): boolean {
    return this.#hashes.has(hash)
  }

  /** The least recently used are forgotten first. */
  add(hash: string): void {
    this.#hashes.set(hash, true)
  }
}

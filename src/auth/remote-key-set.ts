import { type CryptoKey, createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { overloaded } from '../errors.ts'
import { RefusedToken } from './refused-token.ts'

/** The minimum time between two fetches for unknown keys. */
const COOL_DOWN_MS = 10_000
/** The most requests that wait for one issuer's keys. A URL that hangs must not hold up more. */
const MAX_WAITING = 8
/** The age after which keys are fetched again while requests still use the old ones (stale-while-revalidate). */
const REFRESH_MS = 300_000
/**
 * After this long without a fetch, keys are fetched before they are used. Otherwise each process that saw none of this
 * issuer's tokens meanwhile would accept a withdrawn key once more.
 */
const IDLE_MS = 360_000

type Find = (...token: Parameters<JWTVerifyGetKey>) => Promise<CryptoKey>

/**
 * The keys at one URL, as this process last fetched them. jose has such a set too, but while the URL is down, it stops
 * using keys that are old, and fetches again for each request.
 */
export class RemoteKeySet {
  readonly #fetch: () => Promise<JSONWebKeySet>
  readonly #onFailure: (error: Error) => void
  #find: Find | null = null
  #readAtMs = Number.NEGATIVE_INFINITY
  #triedAtMs = Number.NEGATIVE_INFINITY
  #searchedAtMs = Number.NEGATIVE_INFINITY
  #finishedReads = 0
  #waiting = 0
  #reading: Promise<void> | null = null

  constructor(fetch: () => Promise<JSONWebKeySet>, onFailure: (error: Error) => void) {
    this.#fetch = fetch
    this.#onFailure = onFailure
  }

  /**
   * The keys, or null if they must be fetched before use. They are a new object after each fetch. Old keys are fetched
   * again in the background.
   */
  usable(nowMs: number): object | null {
    if (this.#find === null || !isWithin(IDLE_MS, this.#triedAtMs, nowMs)) return null
    if (this.#isDue(nowMs) && !isWithin(REFRESH_MS, this.#readAtMs, nowMs)) void this.#read(nowMs)
    return this.#find
  }

  /** The key that a token names. An unknown key causes a fetch, at most once in COOL_DOWN_MS. */
  async keyOf(token: Parameters<JWTVerifyGetKey>, nowMs: number): Promise<CryptoKey> {
    const reads = this.#finishedReads
    if (this.usable(nowMs) === null) await this.#wait(this.#isDue(nowMs) ? this.#read(nowMs) : this.#reading)

    const known = await this.#lookUp(token)
    if (known) return known
    if (this.#finishedReads !== reads) this.#searchedAtMs = nowMs
    else if (isWithin(COOL_DOWN_MS, this.#searchedAtMs, nowMs)) await this.#wait(this.#reading)
    else {
      this.#searchedAtMs = nowMs
      await this.#wait(this.#read(nowMs))
    }
    const found = await this.#lookUp(token)
    if (found) return found
    throw this.#find ? new errors.JWKSNoMatchingKey() : new RefusedToken('KEYS_UNREADABLE')
  }

  /** Holds no database connection meanwhile: the issuer was looked up before. */
  async #wait(reading: Promise<void> | null) {
    if (reading === null) return
    if (this.#waiting >= MAX_WAITING) throw overloaded()
    this.#waiting += 1
    await reading.finally(() => {
      this.#waiting -= 1
    })
  }

  #isDue = (nowMs: number) => !isWithin(COOL_DOWN_MS, this.#triedAtMs, nowMs)

  async #lookUp(token: Parameters<JWTVerifyGetKey>): Promise<CryptoKey | null> {
    try {
      return (await this.#find?.(...token)) ?? null
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) return null
      throw error
    }
  }

  /** Fetches the keys. If that fails, the current ones stay. Concurrent callers share one fetch. */
  #read(nowMs: number): Promise<void> {
    if (this.#reading) return this.#reading
    this.#triedAtMs = nowMs
    this.#reading = this.#fetch()
      .then((keys) => {
        this.#find = createLocalJWKSet(keys)
        this.#readAtMs = nowMs
      })
      .catch(this.#onFailure)
      .finally(() => {
        this.#finishedReads += 1
        this.#reading = null
      })
    return this.#reading
  }
}

/** If the clock was set back, the time counts as over. */
const isWithin = (durationMs: number, thenMs: number, nowMs: number) => nowMs >= thenMs && nowMs - thenMs < durationMs

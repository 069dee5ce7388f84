import { type CryptoKey, createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { overloaded } from '../errors.ts'

/** How long nothing is fetched for another key that nobody knows. */
const COOL_DOWN_MS = 10_000
/** Requests that wait for one issuer's keys. A URL that hangs must not hold more of them. */
const MAX_WAITING = 8
/** How old keys may be before they are read anew, beside the requests that use them. */
const REFRESH_MS = 300_000
/**
 * After so long without a reading, keys are read before they are used: one that was withdrawn must not be taken once more
 * by each process that saw none of this issuer's tokens meanwhile.
 */
const IDLE_MS = 360_000

type Find = (...token: Parameters<JWTVerifyGetKey>) => Promise<CryptoKey>

/**
 * The keys at one URL, as this process last read them. jose has such a set too; its keys stop when they get old while
 * the URL is down, and while it is down each request asks again.
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
   * The keys, where they may be used without waiting for them: another object after each reading. They are read anew
   * beside that when they get old.
   */
  usable(nowMs: number): object | null {
    if (this.#find === null || !isWithin(IDLE_MS, this.#triedAtMs, nowMs)) return null
    if (this.#isDue(nowMs) && !isWithin(REFRESH_MS, this.#readAtMs, nowMs)) void this.#read(nowMs)
    return this.#find
  }

  /** The key that a token names. One of a key that nobody knows has the URL asked, at most once a cool-down. */
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
    if (!found) throw new errors.JWKSNoMatchingKey()
    return found
  }

  /** Holds no connection to the database: only the issuer was looked up before. */
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

  /** Reads the keys; what fails leaves those that there are. Whoever asks meanwhile waits for the same answer. */
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

/** A clock that was put back counts as if the time had passed. */
const isWithin = (durationMs: number, thenMs: number, nowMs: number) => nowMs >= thenMs && nowMs - thenMs < durationMs

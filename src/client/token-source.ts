import { messageOf, ParleyRequestError } from './errors.ts'
import { unlessAborted } from './timers.ts'

export interface FetchedToken {
  token: string
  expiresInSeconds: number
}

/** Asks the product's own back end for a token. */
export type FetchToken = (options: { signal: AbortSignal }) => Promise<FetchedToken>

/** A token is renewed this long before it expires, but not before half of its lifetime. */
const RENEW_BEFORE_SECONDS = 60
/** A token is not renewed sooner, whatever it says: then the server refuses it. */
const MIN_SECONDS = 1
const FETCH_TIMEOUT_MS = 30_000
const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 30_000

export interface Token {
  token: string
  renewAtMs: number
  expiresAtMs: number
}

/**
 * The token of a session. It is fetched by one call at a time, and renewed before it expires, while the old one is still
 * in use. If fetching fails, or what was fetched instead of a refused token is refused as well, it is not tried again until
 * a pause is over. The clock of a browser may be wrong, but it runs at the right speed.
 */
export class TokenSource {
  readonly #fetchToken: FetchToken
  readonly #loggedOut = new AbortController()
  #token: Token | null = null
  #fetching: Promise<Token> | null = null
  /** Tokens that were refused since one was accepted. */
  #refusals = 0
  #failures = 0
  #failure: ParleyRequestError | null = null
  #retryAtMs = 0

  constructor(fetchToken: FetchToken) {
    this.#fetchToken = fetchToken
  }

  get signal(): AbortSignal {
    return this.#loggedOut.signal
  }

  /** A token that is accepted, as far as is known. */
  async current(): Promise<Token> {
    this.signal.throwIfAborted()
    const now = performance.now()
    if (!this.#token || now >= this.#token.expiresAtMs) return this.#fetch()
    // Its failure is shown once the old token has expired.
    if (now >= this.#token.renewAtMs) this.#fetch().catch(() => {})
    return this.#token
  }

  /** A token that need not be renewed soon, for a stream; if there is no new one, the old one. */
  async fresh(): Promise<Token> {
    const token = await this.current()
    return performance.now() < token.renewAtMs ? token : this.#fetch().catch(() => token)
  }

  /** The server accepted a token. */
  accept() {
    this.#refusals = 0
    this.#failures = 0
  }

  /** The server refused it, for example because it was revoked. */
  forget(token: Token, refusal: ParleyRequestError) {
    if (this.#token !== token) return
    this.#token = null
    this.#refusals += 1
    if (this.#refusals > 1) this.#fail(refusal)
  }

  logout() {
    this.#token = null
    this.#loggedOut.abort(new ParleyRequestError('The session has ended.', 'LOGGED_OUT'))
  }

  #fetch(): Promise<Token> {
    if (this.#fetching) return this.#fetching
    if (this.#failure && performance.now() < this.#retryAtMs) return Promise.reject(this.#failure)
    this.#fetching = this.#fetchOnce().finally(() => {
      this.#fetching = null
    })
    return this.#fetching
  }

  async #fetchOnce(): Promise<Token> {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(new Error('fetchToken took longer than 30 s')), FETCH_TIMEOUT_MS)
    const signal = AbortSignal.any([this.signal, late.signal])
    try {
      const fetched = Promise.resolve(this.#fetchToken({ signal }))
      const { token, expiresInSeconds } = await unlessAborted(fetched, signal)
      if (typeof token !== 'string' || !(expiresInSeconds > 0))
        throw new TypeError('fetchToken must resolve with { token, expiresInSeconds }')
      this.signal.throwIfAborted()
      const now = performance.now()
      const seconds = Math.max(expiresInSeconds, MIN_SECONDS)
      const renewAfterSeconds = Math.max(seconds - RENEW_BEFORE_SECONDS, seconds / 2, MIN_SECONDS)
      this.#failure = null
      this.#token = { token, renewAtMs: now + renewAfterSeconds * 1_000, expiresAtMs: now + seconds * 1_000 }
      return this.#token
    } catch (error) {
      this.signal.throwIfAborted()
      throw this.#fail(new ParleyRequestError(`No token could be fetched: ${messageOf(error)}`, 'TOKEN_UNAVAILABLE'))
    } finally {
      clearTimeout(timer)
    }
  }

  #fail(failure: ParleyRequestError): ParleyRequestError {
    this.#failure = failure
    this.#retryAtMs = performance.now() + Math.min(FIRST_RETRY_MS * 2 ** this.#failures, LONGEST_RETRY_MS)
    this.#failures += 1
    return failure
  }
}

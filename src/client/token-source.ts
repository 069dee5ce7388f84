import { messageOf, ParleyRequestError } from './errors.ts'

export interface FetchedToken {
  token: string
  expiresInSeconds: number
}

/** Asks the product's own back end for a token. */
export type FetchToken = (options: { signal: AbortSignal }) => Promise<FetchedToken>

/** A token is renewed this long before it expires, but not before half of its lifetime. */
const RENEW_BEFORE_SECONDS = 60
const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 30_000

export interface Token {
  token: string
  renewAtMs: number
  expiresAtMs: number
}

/**
 * The token of a session. It is fetched by one call at a time, and renewed before it expires, while the old one is still
 * in use. If fetching fails, it is not tried again until a pause is over. The clock of a browser may be wrong, but it
 * runs at the right speed.
 */
export class TokenSource {
  readonly #fetchToken: FetchToken
  readonly #loggedOut = new AbortController()
  #token: Token | null = null
  #fetching: Promise<Token> | null = null
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
    if (this.signal.aborted) throw loggedOut()
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

  /** The server refused it, for example because it was revoked. */
  forget({ token }: Token) {
    if (this.#token?.token === token) this.#token = null
  }

  logout() {
    this.#token = null
    this.#loggedOut.abort()
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
    try {
      const { token, expiresInSeconds } = await this.#fetchToken({ signal: this.signal })
      if (typeof token !== 'string' || !(expiresInSeconds > 0))
        throw new TypeError('fetchToken must resolve with { token, expiresInSeconds }')
      if (this.signal.aborted) throw loggedOut()
      const now = performance.now()
      const renewAfterSeconds = Math.max(expiresInSeconds - RENEW_BEFORE_SECONDS, expiresInSeconds / 2)
      this.#failures = 0
      this.#failure = null
      this.#token = { token, renewAtMs: now + renewAfterSeconds * 1_000, expiresAtMs: now + expiresInSeconds * 1_000 }
      return this.#token
    } catch (error) {
      if (this.signal.aborted) throw loggedOut()
      this.#failure = new ParleyRequestError(`There is no token: ${messageOf(error)}`, 'TOKEN_UNAVAILABLE')
      this.#retryAtMs = performance.now() + Math.min(FIRST_RETRY_MS * 2 ** this.#failures, LONGEST_RETRY_MS)
      this.#failures += 1
      throw this.#failure
    }
  }
}

export const loggedOut = () => new ParleyRequestError('The session has ended.', 'LOGGED_OUT')

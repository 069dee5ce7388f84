import { createLocalJWKSet, type JWK, type JWTVerifyGetKey } from 'jose'
import { fetchJwks, JWKS_LIMITS } from './fetch-jwks.ts'
import { RemoteKeySet } from './remote-key-set.ts'
import { usableKeys } from './usable-keys.ts'

/** Where an issuer's keys are: listed, or at a URL. */
export interface KeySource {
  id: string
  jwks_url: string | null
  keys: JWK[] | null
}

/** An issuer's keys as this process knows them. */
interface KnownKeys {
  keyOf(token: Parameters<JWTVerifyGetKey>, nowMs: number): ReturnType<JWTVerifyGetKey>
  /** The same object while the keys are the same; null if they must be fetched before use. */
  usable(nowMs: number): object | null
}

export interface IssuerKeysOptions {
  /** In development, keys may be fetched from this machine itself. */
  allowLoopback: boolean
  /** Called if an issuer's keys could not be fetched, or if one of them can't be used. */
  onFailure: (issuerId: string, error: Error) => void
}

/** The keys of all trusted issuers, as this process knows them. */
export class IssuerKeys {
  readonly allowLoopback: boolean
  readonly #onFailure: IssuerKeysOptions['onFailure']
  readonly #known = new Map<string, { source: string; keys: KnownKeys }>()

  constructor({ allowLoopback, onFailure }: IssuerKeysOptions) {
    this.allowLoopback = allowLoopback
    this.#onFailure = onFailure
  }

  /**
   * Returns a function that finds the key of a token, and an object that identifies the issuer's current keys. Known
   * keys are dropped if the issuer's keys or URL change.
   */
  of(issuer: KeySource, nowMs: number): { find: JWTVerifyGetKey; usable: object | null } {
    const source = issuer.jwks_url ?? JSON.stringify(issuer.keys)
    const known = this.#known.get(issuer.id)
    const keys = known?.source === source ? known.keys : this.#open(issuer)
    if (keys !== known?.keys) this.#known.set(issuer.id, { source, keys })
    return { find: (...token) => keys.keyOf(token, nowMs), usable: keys.usable(nowMs) }
  }

  #open({ id, jwks_url: url, keys }: KeySource): KnownKeys {
    if (url === null) {
      // They were checked at registration, but perhaps by a version that accepted more.
      const find = createLocalJWKSet(usableKeys({ keys: keys ?? [] }, (error) => this.#onFailure(id, error)))
      return { keyOf: (token) => find(...token), usable: () => find }
    }
    const onFailure = (error: Error) => this.#onFailure(id, error)
    const fetch = async () =>
      usableKeys(await fetchJwks(url, { allowLoopback: this.allowLoopback, ...JWKS_LIMITS }), onFailure)
    return new RemoteKeySet(fetch, onFailure)
  }
}

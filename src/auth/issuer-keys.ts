import { createLocalJWKSet, type JSONWebKeySet, type JWK, type JWTVerifyGetKey } from 'jose'
import { fetchJwks, JWKS_LIMITS } from './fetch-jwks.ts'
import { RemoteKeySet } from './remote-key-set.ts'

/** Where an issuer's keys are: listed, or at a URL. */
export interface KeySource {
  id: string
  jwks_url: string | null
  keys: JWK[] | null
}

type KeyOf = (token: Parameters<JWTVerifyGetKey>, nowMs: number) => ReturnType<JWTVerifyGetKey>

export interface IssuerKeysOptions {
  /** Development: keys may be fetched from this machine itself. */
  allowLoopback: boolean
  /** Told that an issuer's keys could not be read. */
  onFailure: (issuerId: string, error: Error) => void
}

/** The keys of the issuers that are trusted, as this process has them. */
export class IssuerKeys {
  readonly allowLoopback: boolean
  readonly #onFailure: IssuerKeysOptions['onFailure']
  readonly #known = new Map<string, { source: string; keyOf: KeyOf }>()

  constructor({ allowLoopback, onFailure }: IssuerKeysOptions) {
    this.allowLoopback = allowLoopback
    this.#onFailure = onFailure
  }

  /** Finds the key of a token. What is known of an issuer's keys ends when they are said to be elsewhere. */
  finder(issuer: KeySource, nowMs: number): JWTVerifyGetKey {
    const source = issuer.jwks_url ?? JSON.stringify(issuer.keys)
    const known = this.#known.get(issuer.id)
    const keyOf = known?.source === source ? known.keyOf : this.#open(issuer)
    if (keyOf !== known?.keyOf) this.#known.set(issuer.id, { source, keyOf })
    return (...token) => keyOf(token, nowMs)
  }

  #open({ id, jwks_url: url, keys }: KeySource): KeyOf {
    if (url === null) {
      const find = createLocalJWKSet({ keys: keys ?? [] })
      return (token) => find(...token)
    }
    const fetch = (): Promise<JSONWebKeySet> => fetchJwks(url, { allowLoopback: this.allowLoopback, ...JWKS_LIMITS })
    const set = new RemoteKeySet(fetch, (error) => this.#onFailure(id, error))
    return (token, nowMs) => set.keyOf(token, nowMs)
  }
}

import ipaddr from 'ipaddr.js'
import { credentialIn } from '../auth/authenticate.ts'
import type { Config } from '../config.ts'
import { clientAddress, type ServerContext } from './client-address.ts'
import { hashed, tooManyRequests } from './rate-limit.ts'

const MINUTE_MS = 60_000

/** Beyond this many names in a minute, new ones are not counted: made-up names must not fill the memory. */
const MAX_COUNTED = 10_000

/**
 * Counts requests of unknown callers, in this process only: they must not cause writes to the database. A request
 * without a credential counts for its address. A refused credential counts for itself: an address may be shared, and a
 * neighbour's mistake must not lock out those whose credentials are good. A good credential in a request that is refused,
 * for its address or tenant, counts for itself and its address: whoever stole it must not lock out its owner.
 */
export class RefusedCallers {
  readonly #limit: number
  readonly #trustedProxies: number
  readonly #now: () => Date
  #minute = 0
  #counts = new Map<string, number>()

  constructor({ rateLimits, trustedProxies }: Pick<Config, 'rateLimits' | 'trustedProxies'>, now: () => Date) {
    this.#limit = rateLimits.perMinute
    this.#trustedProxies = trustedProxies
    this.#now = now
  }

  /** The credential of this request was refused. */
  note(headers: Headers): void {
    this.#add(nameOf(headers.get('authorization')))
  }

  /**
   * A good credential was refused for its address or tenant, before the request could take from a budget. Throws if such
   * requests have used up their minute; others with this credential are not affected.
   */
  take(headers: Headers, address: string | null): void {
    if (this.#limit === 0) return
    const name = JSON.stringify([nameOf(headers.get('authorization')), address && networkOf(address)])
    if (this.#countOf(name) >= this.#limit) {
      throw this.#refusal('this credential from this address, which were refused')
    }
    this.#add(name)
  }

  /** Throws if requests without a credential, or with this refused one, have used up their minute. */
  check(headers: Headers, req: ServerContext['req']): void {
    const credential = headers.get('authorization')
    const address = credential === null ? clientAddress(req, headers, this.#trustedProxies) : null
    // Without an address, the caller is within this process.
    if (this.#limit === 0 || (credential === null && address === null)) return
    const name = address === null ? nameOf(credential) : networkOf(address)
    if (this.#countOf(name) >= this.#limit) {
      throw this.#refusal(credential === null ? 'this address without a credential' : 'this refused credential')
    }
    if (credential === null) this.#add(name)
  }

  #countOf(name: string): number {
    const minute = Math.floor(this.#now().getTime() / MINUTE_MS)
    if (minute !== this.#minute) this.#counts = new Map()
    this.#minute = minute
    return this.#counts.get(name) ?? 0
  }

  #add(name: string) {
    const count = this.#countOf(name)
    if (count > 0 || this.#counts.size < MAX_COUNTED) this.#counts.set(name, count + 1)
  }

  #refusal(whose: string) {
    return tooManyRequests(whose, this.#limit, Math.ceil((MINUTE_MS - (this.#now().getTime() % MINUTE_MS)) / 1_000))
  }
}

/** Hashed, so that secrets are not kept. */
const nameOf = (authorization: string | null) => hashed(credentialIn(authorization ?? '') ?? authorization ?? '')

/** IPv6 addresses are counted by /64: whoever has one address has all 2^64 with that prefix. */
function networkOf(address: string): string {
  const bytes = ipaddr.parse(address).toByteArray()
  return String(bytes.length === 16 ? bytes.slice(0, 8) : bytes)
}

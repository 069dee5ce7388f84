import { decodeJwt, decodeProtectedHeader } from 'jose'
import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import { RefusedCredential } from '../auth/refused-credential.ts'
import { RefusedToken, TOKEN_REFUSALS, type TokenRefusal } from '../auth/refused-token.ts'

const MINUTE_MS = 60_000
/** How many kinds of refusals (issuer, reason, claim) are remembered. Beyond that, the one logged longest ago is forgotten. */
const MAX_KINDS = 1_000
/** Anybody can make up issuers: beyond this many in a minute, only their number is logged. */
const MAX_STRANGERS = 20
const MAX_LENGTH = 256

/** Every token ends in one of these ways. */
const ENDED: readonly TokenRefusal['reason'][] = ['EXPIRED', 'REVOKED', 'KEY_ENDED']

/** What a token claims before it is verified. Nothing else of it may be logged. */
interface TokenNames {
  issuer?: string | undefined
  audience?: string | undefined
  keyId?: string | undefined
}

/**
 * Logs why tokens of issuers were refused: one line a minute for each issuer, reason and claim, so that nobody can fill
 * the disk.
 */
export class RefusedTokenLog {
  readonly #log: Logger
  #minute = 0
  #strangers = 0
  readonly #kinds = new LRUCache<string, { minute: number; suppressed: number }>({ max: MAX_KINDS })

  constructor(log: Logger) {
    this.#log = log
  }

  /** Logs a refused token; does nothing for any other error. */
  note(error: unknown, { requestId, now }: { requestId: string; now: Date }, headers: Headers): void {
    if (!(error instanceof RefusedToken || error instanceof RefusedCredential) || !error.refusal) return
    this.#startMinute(Math.floor(now.getTime() / MINUTE_MS))
    const { reason, claim } = error.refusal
    const names = this.#boundStrangers(error.refusal, namesOf(headers))
    const suppressed = this.#take(kindOf(error.refusal, names))
    if (suppressed === null) return
    const level = ENDED.includes(reason) ? 'info' : 'warn'
    this.#log[level](
      { requestId, reason, claim: cut(claim), ...names, ...(suppressed > 0 ? { suppressed } : {}) },
      `a token was refused: ${TOKEN_REFUSALS[reason]}`,
    )
  }

  #startMinute(minute: number) {
    if (minute === this.#minute) return
    this.#minute = minute
    this.#strangers = 0
  }

  /** Names unregistered issuers only up to a limit: each name gets a line of its own. */
  #boundStrangers(refusal: TokenRefusal, names: TokenNames): TokenNames {
    if (refusal.claim === 'iss') return {}
    if (refusal.reason !== 'ISSUER_UNKNOWN') return names
    if (this.#kinds.get(kindOf(refusal, names))?.minute === this.#minute) return names
    this.#strangers += 1
    return this.#strangers > MAX_STRANGERS ? {} : names
  }

  /** How many of this kind were not logged since its last line; null if this one is not logged either. */
  #take(kind: string): number | null {
    const known = this.#kinds.get(kind)
    if (known?.minute === this.#minute) {
      known.suppressed += 1
      return null
    }
    this.#kinds.set(kind, { minute: this.#minute, suppressed: 0 })
    return known?.suppressed ?? 0
  }
}

const kindOf = ({ reason, claim }: TokenRefusal, { issuer }: TokenNames) => JSON.stringify([reason, claim, issuer])

function namesOf(headers: Headers): TokenNames {
  const token = headers.get('authorization')?.trim().split(/ +/)[1] ?? ''
  try {
    const { iss, aud } = decodeJwt(token)
    return { issuer: cut(iss), audience: cut(Array.isArray(aud) ? aud.join(' ') : aud), keyId: cut(keyIdOf(token)) }
  } catch {
    return {}
  }
}

function keyIdOf(token: string): unknown {
  try {
    return decodeProtectedHeader(token).kid
  } catch {
    return undefined
  }
}

const cut = (text: unknown) => (typeof text === 'string' ? text.slice(0, MAX_LENGTH) : undefined)

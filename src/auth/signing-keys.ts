import { setTimeout } from 'node:timers/promises'
import { calculateJwkThumbprint, errors, exportJWK, generateKeyPair, type JSONWebKeySet, type JWK } from 'jose'
import type { Config } from '../config.ts'
import { lockTable } from '../database/locks.ts'
import type { Session } from '../database/session.ts'
import type { Client } from '../database/tenant-scope.ts'
import { otherSigningKeySecret } from '../errors.ts'
import { generatedSecret } from './data-dir-secret.ts'
import { deriveBytes, sealJson, unsealJson } from './sealed-json.ts'
import { loadSigningKeys, type SigningKeyRow, signingKeysWithin } from './signing-keys.sql.ts'

/** The longest lifetime of a token: one day. A key that no longer signs still verifies for that long. */
export const MAX_TOKEN_SECONDS = 86_400

/** How long keys are cached. After another process rotates a key out, this one may accept it for that much longer. */
const CACHE_TTL_MS = 300_000

/** The minimum time between two searches for an unknown key. */
const SEARCH_COOLDOWN_MS = 250
/** The format of our key ids: the SHA-256 of the key. */
const THUMBPRINT = /^[\w-]{43}$/

/**
 * The server's own signing keys as one process sees them: read when first needed, when a new one shows up, and every few
 * minutes, since another process may have rotated them.
 */
export class SigningKeys {
  readonly #session: Session
  readonly #secret: string | undefined
  #rows: SigningKeyRow[] = []
  /** The same object while the keys are the same, so that they are imported only once. */
  #verifying: JSONWebKeySet = { keys: [] }
  #reading: Promise<void> | null = null
  #readAtMs = Number.NEGATIVE_INFINITY
  #searching: Promise<void> | null = null
  #searchedAtMs = Number.NEGATIVE_INFINITY

  constructor(session: Session, secret: string | undefined) {
    this.#session = session
    this.#secret = secret
  }

  /** The public keys, as returned at /.well-known/jwks.json. If they can't be read, those that were read last. */
  async publicKeys(): Promise<JSONWebKeySet> {
    await this.#read().catch((error) => {
      if (this.#rows.length === 0) throw error
    })
    return toKeySet(this.#rows)
  }

  /**
   * The keys to verify a token with. If the token's key is unknown, they are read again, so that a key just made
   * through any process is known from its first token on. The read waits if there was a search just now, because
   * anybody can make up key ids.
   */
  async keysFor(keyId: string | undefined, nowMs: number): Promise<JSONWebKeySet> {
    const isUnknown = () => !this.#rows.some((row) => row.id === keyId)
    const ageMs = nowMs - this.#readAtMs
    // If the clock was set back, the age is unknown.
    if (ageMs < 0 || ageMs >= CACHE_TTL_MS) {
      await this.#read()
      this.#readAtMs = nowMs
    }
    if (isUnknown() && THUMBPRINT.test(keyId ?? '')) await this.#search()
    const rows = this.#rows.filter((row) => row.verify_until === null || row.verify_until.getTime() > nowMs)
    const { keys } = this.#verifying
    const isSame = rows.length === keys.length && rows.every((row, i) => row.public_jwk === keys[i])
    if (!isSame) this.#verifying = toKeySet(rows)
    return this.#verifying
  }

  /**
   * The key that signs now, decrypted. Throws NOT_CONFIGURED if it was encrypted with another secret. It is read each
   * time, in the caller's transaction, because another process may have rotated it.
   */
  async signingKey(client: Client): Promise<{ id: string; privateJwk: JWK } | null> {
    if (this.#secret === undefined) return null
    const rows = await signingKeysWithin(client)
    const current = rows.find((row) => row.verify_until === null)
    if (!current) return null
    const privateJwk = await unsealJson<JWK>(current.sealed_jwk, sealingKey(this.#secret)).catch((error) => {
      throw error instanceof errors.JWEDecryptionFailed ? otherSigningKeySecret() : error
    })
    return { id: current.id, privateJwk }
  }

  /** Creates the first key, if there is none and there is a secret. Processes that start together create only one. */
  async makeFirst(account: Client): Promise<void> {
    if (this.#secret === undefined) return
    await lockTable(account, 'signing_keys')
    if ((await account.signingKey.count({ where: { verifyUntil: null } })) === 0) {
      await account.signingKey.create({ data: await makeKey(this.#secret) })
    }
  }

  /** Creates the key that signs from now on. The previous one still verifies for as long as its tokens may live. */
  async rotate(account: Client, now: Date): Promise<string | null> {
    if (this.#secret === undefined) return null
    await lockTable(account, 'signing_keys')
    const verifyUntil = new Date(now.getTime() + MAX_TOKEN_SECONDS * 1000)
    await account.signingKey.deleteMany({ where: { verifyUntil: { lt: now } } })
    await account.signingKey.updateMany({ where: { verifyUntil: null }, data: { verifyUntil } })
    const { id } = await account.signingKey.create({ data: await makeKey(this.#secret) })
    return id
  }

  /** Waits for a read that has not begun yet, so that it sees every key. Concurrent callers share it. */
  #search(): Promise<void> {
    this.#searching ??= this.#beginSearch()
    return this.#searching
  }

  async #beginSearch(): Promise<void> {
    const waitMs = this.#searchedAtMs + SEARCH_COOLDOWN_MS - performance.now()
    await (waitMs > 0 ? setTimeout(waitMs) : this.#reading)
    this.#searchedAtMs = performance.now()
    this.#searching = null
    if (this.#reading) await this.#reading
    await this.#read()
  }

  #read(): Promise<void> {
    this.#reading ??= loadSigningKeys(this.#session)
      .then((rows) => {
        this.#rows = rows
      })
      .finally(() => {
        this.#reading = null
      })
    return this.#reading
  }
}

/** With PGlite, the secret is generated. With PostgreSQL, all processes that share it must be given the same one. */
export function signingKeysOf(session: Session, { database, signingKeySecret }: Config): SigningKeys {
  const generated = () => (database.url === undefined ? generatedSecret(database.dataDir) : undefined)
  return new SigningKeys(session, signingKeySecret ?? generated())
}

const toKeySet = (rows: readonly SigningKeyRow[]): JSONWebKeySet => ({ keys: rows.map((row) => row.public_jwk) })

async function makeKey(secret: string) {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { extractable: true })
  const jwk = await exportJWK(publicKey)
  const id = await calculateJwkThumbprint(jwk)
  const publicJwk = { ...jwk, kid: id, alg: 'EdDSA', use: 'sig' }
  return { id, publicJwk, sealedJwk: await sealJson(await exportJWK(privateKey), sealingKey(secret)) }
}

const sealingKey = (secret: string) => deriveBytes(secret, 'parley signing keys')

import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'
import base from 'base-x'

/**
 * The secret of an API key: `parley_` + public id + `_` + 256 random bits + CRC-32, each in base62 and of fixed
 * length. One double-click selects it, a scanner recognises it, and a mistyped one is refused without a query.
 */
const base62 = base('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')
const FORM = /^parley_([0-9A-Za-z]{22})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/
const ID_LENGTH = 22
const RANDOM_LENGTH = 43
const CHECKSUM_LENGTH = 6

/** Whether a credential claims to be an API key, well formed or not. */
export const looksLikeApiKey = (credential: string) => credential.startsWith('parley_')

/** A new secret for the key with this UUID. It is shown once, and only its hash is stored. */
export function makeSecret(keyId: string): string {
  return withChecksum(`parley_${encode(uuidBytes(keyId), ID_LENGTH)}_${encode(randomBytes(32), RANDOM_LENGTH)}`)
}

/** The UUID in a well-formed secret, or null. Malformed secrets need no query. */
export function keyIdOf(secret: string): string | null {
  const [, publicId, random] = FORM.exec(secret) ?? []
  if (publicId === undefined || random === undefined) return null
  if (withChecksum(`parley_${publicId}_${random}`) !== secret) return null
  return publicId <= MAX_ID && random <= MAX_RANDOM ? bytesUuid(decode(publicId, 16)) : null
}

/** SHA-256 of the secret. A slow hash would protect nothing, because there are 256 random bits to guess. */
export const hashSecret = (secret: string): Uint8Array<ArrayBuffer> => new Uint8Array(hash('sha256', secret, 'buffer'))

/** The secrets of a key: its own, and the one before for as long as it overlaps. */
export interface KeySecrets {
  secretHash: Uint8Array
  previousSecretHash: Uint8Array | null
  previousSecretExpiresAt: Date | null
}

/** Whether the hash is that of one of the key's secrets. */
export function isHashOf(key: KeySecrets, hash: Uint8Array, now: Date): boolean {
  if (sameHash(hash, key.secretHash)) return true
  const overlaps = key.previousSecretExpiresAt !== null && key.previousSecretExpiresAt > now
  return overlaps && key.previousSecretHash !== null && sameHash(hash, key.previousSecretHash)
}

export const sameHash = (a: Uint8Array, b: Uint8Array) => a.length === b.length && timingSafeEqual(a, b)

export const lastFourOf = (secret: string) => secret.slice(-4)

/** What a list may show of a secret: enough to tell keys apart, too little to guess it. */
export const hintOf = (keyId: string, lastFour: string) => `parley_${encode(uuidBytes(keyId), ID_LENGTH)}_…${lastFour}`

const withChecksum = (body: string) => {
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32BE(crc32(body))
  return body + encode(checksum, CHECKSUM_LENGTH)
}

/** A big-endian number in base62, padded on the left. By itself, base-x writes one digit for each leading zero byte. */
function encode(bytes: Uint8Array, length: number): string {
  const start = bytes.findIndex((byte) => byte !== 0)
  return (start === -1 ? '' : base62.encode(bytes.subarray(start))).padStart(length, '0')
}

function decode(text: string, length: number): Buffer {
  const bytes = base62.decode(text.replace(/^0+/, ''))
  return Buffer.concat([Buffer.alloc(length - bytes.length), bytes])
}

/** The largest numbers that fit. Texts of one length sort like the numbers, because the digits are in ASCII order. */
const MAX_ID = encode(Buffer.alloc(16, 0xff), ID_LENGTH)
const MAX_RANDOM = encode(Buffer.alloc(32, 0xff), RANDOM_LENGTH)

const uuidBytes = (uuid: string) => Buffer.from(uuid.replaceAll('-', ''), 'hex')

const bytesUuid = (bytes: Buffer) => bytes.toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')

/** A problem with a JWK, found before anything is verified with it: jose checks only that RSA keys have 2,048 bits. */
export interface KeyProblem {
  member: string
  problem: string
}

const RSA_BITS = { least: 2_048, most: 8_192 }

/** FIPS 186-5: odd, and between 2^16 and 2^256. With 3, and even more so with 1, signatures can be forged. */
const RSA_EXPONENT = { least: 65_537n, below: 2n ** 256n }

/** The members of a JWK that only its owner may have. `k` is a shared secret. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

/** Why a key must not be used to verify tokens, or null. jose decides whether it can be used at all. */
export function keyProblem(key: Readonly<Record<string, unknown>>): KeyProblem | null {
  if (key['kty'] === 'oct') {
    return { member: 'kty', problem: 'is the type of a shared secret, which can also sign. Give a public key.' }
  }
  const given = PRIVATE_MEMBERS.find((member) => member in key)
  if (given !== undefined) {
    return { member: given, problem: 'is part of a private key: give only the public key.' }
  }
  return key['kty'] === 'RSA' ? rsaProblem(key['n'], key['e']) : null
}

function rsaProblem(n: unknown, e: unknown): KeyProblem | null {
  const modulus = parseInteger(n)
  if (modulus === null) return { member: 'n', problem: 'is not an integer in base64url.' }
  const bits = modulus.toString(2).length
  if (bits < RSA_BITS.least) return { member: 'n', problem: `has ${bits} bits; at least ${RSA_BITS.least} are needed.` }
  if (bits > RSA_BITS.most) {
    return { member: 'n', problem: `has ${bits} bits; at most ${RSA_BITS.most} are accepted.` }
  }
  const exponent = parseInteger(e)
  if (exponent === null) return { member: 'e', problem: 'is not an integer in base64url.' }
  if (exponent < RSA_EXPONENT.least) return { member: 'e', problem: 'is smaller than 65537.' }
  if (exponent % 2n === 0n) return { member: 'e', problem: 'is even.' }
  return exponent < RSA_EXPONENT.below ? null : { member: 'e', problem: 'is larger than 2^256.' }
}

/** Enough for 16,384 bits. Longer values are not parsed. */
const MAX_LENGTH = 2_732

function parseInteger(text: unknown): bigint | null {
  if (typeof text !== 'string' || text === '' || text.length > MAX_LENGTH || !/^[\w-]+$/.test(text)) return null
  return BigInt(`0x${Buffer.from(text, 'base64url').toString('hex') || '0'}`)
}

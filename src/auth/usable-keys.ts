import type { JSONWebKeySet, JWK } from 'jose'
import { keyProblem } from './key-strength.ts'

/** Real key sets are small: a few keys for each of the last rotations. */
const MAX_KEYS = 100

/**
 * The keys of a set that tokens may be verified with. The others are left out and reported, so that a set with one bad
 * key keeps its good ones. Throws if it is not a key set.
 */
export function usableKeys(set: unknown, report: (error: Error) => void): JSONWebKeySet {
  const keys: unknown = typeof set === 'object' && set !== null && 'keys' in set ? set.keys : null
  if (!Array.isArray(keys)) throw new Error('the JWKS has no list of keys')
  if (keys.length > MAX_KEYS) throw new Error(`the JWKS has ${keys.length} keys; at most ${MAX_KEYS} are accepted`)
  const usable: JWK[] = []
  const problems: string[] = []
  for (const [index, key] of keys.entries()) {
    const problem = problemOf(key, keys)
    if (problem === null) usable.push(key)
    else problems.push(`keys[${index}]: ${problem}`)
  }
  if (problems.length > 0) report(new Error(`not all keys are used: ${problems.join('; ').slice(0, 1_000)}`))
  return { keys: usable }
}

function problemOf(key: unknown, all: readonly unknown[]): string | null {
  if (typeof key !== 'object' || key === null || Array.isArray(key)) return 'it is not an object'
  const found = keyProblem(key as Record<string, unknown>)
  if (found) return `${found.member} ${found.problem}`
  const { kid, kty } = key as JWK
  if (kid !== undefined && typeof kid !== 'string') return 'kid must be a string'
  const same = all.filter((other) => kid !== undefined && (other as JWK | null)?.kid === kid)
  // RFC 7517, 4.5: keys of different types may share an id if they are alternatives to each other.
  return same.some((other) => other !== key && (other as JWK).kty === kty)
    ? `kid ${kid} is also the id of another key`
    : null
}

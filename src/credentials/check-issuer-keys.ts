import { createLocalJWKSet, type JWK } from 'jose'
import { ISSUER_ALGORITHMS } from '../auth/issuer-token.ts'
import { keyProblem } from '../auth/key-strength.ts'
import { badInput, type InputPath } from '../errors.ts'
import { checkCount, checkJsonSize } from '../input/check-input.ts'
import { LIMITS } from '../input/limits.ts'

const MAX_KEYS = 20

/** Checks the public keys that verify an issuer's tokens. If there are several, each needs its own `kid`. */
export async function checkKeys(keys: readonly Record<string, unknown>[], path: InputPath): Promise<JWK[]> {
  if (keys.length === 0) throw badInput(path, 'must hold at least one key.')
  checkCount(keys, MAX_KEYS, path)
  checkJsonSize(keys, LIMITS.json, path)
  const names = keys.map(({ kid }) => kid)
  for (const [index, key] of keys.entries()) {
    const keyPath = [...path, index]
    checkMembers(key, keyPath)
    if (keys.length > 1 && (typeof key['kid'] !== 'string' || names.indexOf(key['kid']) !== index)) {
      throw badInput([...keyPath, 'kid'], 'must be given and unique, because tokens name one of several keys by it.')
    }
    await checkUsable(key, keyPath)
  }
  return keys as JWK[]
}

function checkMembers(key: Record<string, unknown>, path: InputPath) {
  const found = keyProblem(key)
  if (found) throw badInput([...path, found.member], found.problem)
  if (key['kid'] !== undefined && typeof key['kid'] !== 'string') throw badInput([...path, 'kid'], 'must be a string.')
  if (key['alg'] !== undefined && !ISSUER_ALGORITHMS.some((algorithm) => algorithm === key['alg'])) {
    throw badInput([...path, 'alg'], `must be one of ${ISSUER_ALGORITHMS.join(', ')}.`)
  }
}

/** Checks that the code that verifies tokens could use the key. */
async function checkUsable(key: JWK, path: InputPath) {
  for (const alg of ISSUER_ALGORITHMS) {
    const header = typeof key.kid === 'string' ? { alg, kid: key.kid } : { alg }
    const found = await createLocalJWKSet({ keys: [key] })(header).catch(() => null)
    if (found) return
  }
  throw badInput(path, `is not a public key that can verify ${ISSUER_ALGORITHMS.join(', ')} signatures.`)
}

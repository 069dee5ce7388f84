import { createHash } from 'node:crypto'

/** Tokens that are remembered for one set of keys. A page sends one again and again, and a server has many pages. */
const MAX_REMEMBERED = 2_000

interface Verified {
  claims: Verifiable
  /** When it was verified: before that, by a clock that was put back, it is verified again. */
  sinceMs: number
}

interface Verifiable {
  expiresAt: Date
}

/** By the keys that verified them: with these they are forgotten. Tokens by their hash, which is small and no token. */
const rememberedOf = new WeakMap<object, Map<string, Verified>>()

/**
 * What a token says, verified once for a set of keys: its signature takes longer than everything else together. Only what
 * never changes of it is remembered; whoever asks still asks whether it was ended. `terms` is all else that decided.
 */
export async function verifiedOnce<Claims extends Verifiable>(
  keys: object | null,
  token: string,
  terms: string,
  now: Date,
  verify: () => Promise<Claims>,
): Promise<Claims> {
  if (keys === null) return verify()
  const remembered = rememberedOf.get(keys) ?? new Map<string, Verified>()
  rememberedOf.set(keys, remembered)
  const name = createHash('sha256').update(`${token} ${terms}`).digest('base64url')
  const known = remembered.get(name)
  // Put there by this very call, with the same terms.
  if (known && known.sinceMs <= now.getTime() && now < known.claims.expiresAt) return known.claims as Claims
  remembered.delete(name)
  const claims = await verify()
  const [oldest] = remembered.size < MAX_REMEMBERED ? [] : remembered.keys()
  if (oldest !== undefined) remembered.delete(oldest)
  remembered.set(name, { claims, sinceMs: now.getTime() })
  return claims
}

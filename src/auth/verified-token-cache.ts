import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'

/** The most tokens cached for one set of keys. A page sends its token again and again, and a server has many pages. */
const MAX_REMEMBERED = 2_000

interface Verified {
  claims: Verifiable
  /** When it was verified. If the clock is set back to before that, it is verified again. */
  sinceMs: number
}

interface Verifiable {
  expiresAt: Date
}

/** Tokens are cached by set of keys, and by their hash, which is small and no token. They are forgotten with the keys. */
const rememberedOf = new WeakMap<object, LRUCache<string, Verified>>()

/**
 * The claims of a token, verified once for a set of keys, because verifying its signature takes longer than everything
 * else together. Only what never changes is cached; the caller still checks whether the token was ended. `terms` is
 * everything else that the result depends on.
 */
export async function verifiedOnce<Claims extends Verifiable>(
  keys: object | null,
  token: string,
  terms: string,
  now: Date,
  verify: () => Promise<Claims>,
): Promise<Claims> {
  if (keys === null) return verify()
  const remembered = rememberedOf.get(keys) ?? new LRUCache<string, Verified>({ max: MAX_REMEMBERED })
  rememberedOf.set(keys, remembered)
  const name = createHash('sha256').update(`${token} ${terms}`).digest('base64url')
  const known = remembered.get(name)
  // Stored by an earlier call with the same terms, so it has the same type.
  if (known && known.sinceMs <= now.getTime() && now < known.claims.expiresAt) return known.claims as Claims
  remembered.delete(name)
  const claims = await verify()
  remembered.set(name, { claims, sinceMs: now.getTime() })
  return claims
}

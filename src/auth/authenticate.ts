import type { Database } from '../database/connect.ts'
import { unauthenticated } from '../errors.ts'
import { looksLikeApiKey } from './api-key.ts'
import { authenticateKey } from './authenticate-key.ts'
import { authenticateToken, looksLikeToken } from './authenticate-token.ts'
import type { Authenticated } from './principal.ts'
import type { SigningKeys } from './signing-keys.ts'

/**
 * Who sends these headers. Null without a credential; throws for a wrong one. Asks the database each time, in one
 * statement, so that a revocation holds from the next request on every process.
 */
export async function authenticate(
  { database, signingKeys }: { database: Database; signingKeys: SigningKeys },
  headers: Headers,
  now: Date,
): Promise<Authenticated | null> {
  const authorization = headers.get('authorization')
  if (authorization === null) return null
  const [, credential] = /^bearer +(\S+)$/i.exec(authorization.trim()) ?? []
  if (credential === undefined) throw unauthenticated('Send the credential as "Authorization: Bearer …".', 'INVALID')
  const tenantHeader = headers.get('x-tenant-id')
  if (looksLikeApiKey(credential)) return authenticateKey(database, credential, tenantHeader, now)
  if (looksLikeToken(credential)) return authenticateToken(database, signingKeys, credential, tenantHeader, now)
  throw unauthenticated('This is neither a Parley API key nor a token.', 'INVALID')
}

import type { Database } from '../database/connect.ts'
import { unauthenticated } from '../errors.ts'
import { looksLikeApiKey } from './api-key.ts'
import { authenticateToken, looksLikeToken } from './authenticate-embed-token.ts'
import { authenticateIssuerToken, type IssuerTokens, recordIssuerUse } from './authenticate-issuer-token.ts'
import { authenticateKey } from './authenticate-key.ts'
import { OWN_ISSUER } from './embed-token.ts'
import { parseUnverified } from './issuer-token.ts'
import { type Authenticated, type Caller, refuseOtherTenant } from './principal.ts'
import { MAX_TOKEN_LENGTH, RefusedToken } from './refused-token.ts'
import type { SigningKeys } from './signing-keys.ts'

/** What credentials are verified with. */
export interface Verifiers {
  database: Database
  signingKeys: SigningKeys
  issuerTokens: IssuerTokens
}

/**
 * Who sends these headers; null if there is no credential. Throws if it is wrong. Queries the database each time, in
 * one statement, so that a revocation takes effect from the next request on, on every process.
 */
export async function authenticate(
  verifiers: Verifiers,
  headers: Headers,
  asked: Omit<Caller, 'tenantHeader' | 'userAgent'>,
): Promise<Authenticated | null> {
  const authorization = headers.get('authorization')
  if (authorization === null) return null
  const credential = credentialIn(authorization)
  if (credential === null) throw unauthenticated('Send the credential as "Authorization: Bearer …".', 'INVALID')
  const tenantHeader = headers.get('x-tenant-id')
  const caller = { ...asked, tenantHeader, userAgent: userAgentIn(headers) }
  const authenticated = await authenticateCredential(verifiers, credential, caller)
  const { principal } = authenticated
  refuseOtherTenant(tenantHeader, principal)
  // Here, and not where the token is verified: `testToken` does that too, and uses nothing.
  if (principal.kind === 'ISSUER_TOKEN') recordIssuerUse(verifiers.database, principal.id, caller)
  return authenticated
}

/** It is recorded with the last use of a credential, and a client can send thousands of characters. */
const MAX_USER_AGENT_CHARACTERS = 256

const userAgentIn = (headers: Headers) => headers.get('user-agent')?.slice(0, MAX_USER_AGENT_CHARACTERS) || null

/** The credential in an Authorization header, however it is written; null if there is none. */
export const credentialIn = (authorization: string): string | null =>
  /^bearer +(\S+)$/i.exec(authorization.trim())?.[1] ?? null

/** The principal of a token, our own or an issuer's. */
export async function authenticateAnyToken(
  { database, signingKeys, issuerTokens }: Verifiers,
  token: string,
  now: Date,
): Promise<Authenticated> {
  if (token.length > MAX_TOKEN_LENGTH) throw new RefusedToken('TOO_LONG')
  return parseUnverified(token).iss === OWN_ISSUER
    ? authenticateToken(database, signingKeys, token, now)
    : authenticateIssuerToken(database, issuerTokens, token, now)
}

async function authenticateCredential(
  verifiers: Verifiers,
  credential: string,
  caller: Caller,
): Promise<Authenticated> {
  if (looksLikeApiKey(credential)) return authenticateKey(verifiers.database, credential, caller)
  if (!looksLikeToken(credential)) throw unauthenticated('This is neither a Parley API key nor a token.', 'INVALID')
  return authenticateAnyToken(verifiers, credential, caller.now)
}

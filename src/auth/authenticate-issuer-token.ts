import { createHash } from 'node:crypto'
import type { JWK } from 'jose'
import type { Database } from '../database/connect.ts'
import { ParleyError, unauthenticated } from '../errors.ts'
import { AcceptedCredentials } from './accepted-credentials.ts'
import { toRowRestriction } from './authenticate-embed-token.ts'
import { lookUp } from './credential-lookup.ts'
import type { TokenRestriction } from './embed-token.ts'
import type { IssuerKeys, KeySource } from './issuer-keys.ts'
import { isStorable, parseUnverified, verifyIssuerToken } from './issuer-token.ts'
import { recordsLastUse } from './last-use.ts'
import { DOCUMENTS_CLAIM } from './parley-claims.ts'
import type { Authenticated, Principal, Scope, TokenDocuments } from './principal.ts'
import { RefusedCredential } from './refused-credential.ts'
import { RefusedToken } from './refused-token.ts'
import { verifiedOnce } from './verified-token-cache.ts'

interface IssuerRow extends KeySource {
  keys: JWK[] | null
  name: string | null
  audience: string
  tenant_claim: string
  scopes: Scope[]
  documents: TokenDocuments
  /** The tenant that the token names; null if it does not exist. */
  tenant_id: string | null
  embed_tokens_revoked_at: Date | null
}

const findIssuer = lookUp<IssuerRow>('find_token_issuer', ['text', 'text'])

const accepted = new AcceptedCredentials()

export const recordIssuerUse = recordsLastUse('touch_token_issuer', (database, error) =>
  database.backgroundFailure('record the last use of token issuers', error),
)

/** What issuer tokens are verified with. */
export interface IssuerTokens {
  issuerKeys: IssuerKeys
  /** What a token's claims restrict it to; throws if they can't be parsed. */
  restrictionOfClaims: (claims: Record<string, unknown>, tenantClaim: string) => TokenRestriction
}

/** The principal of an issuer token: a JWT that a registered token issuer signed. */
export async function authenticateIssuerToken(
  database: Database,
  { issuerKeys, restrictionOfClaims }: IssuerTokens,
  token: string,
  now: Date,
): Promise<Authenticated> {
  const { iss: issuer, ...unverified } = parseUnverified(token)
  if (issuer === undefined) throw new RefusedToken('CLAIM_MISSING', 'iss')
  if (typeof issuer !== 'string' || !isStorable(issuer)) throw new RefusedToken('CLAIM_INVALID', 'iss')
  const hash = createHash('sha256').update(token).digest('base64')
  const row = await findIssuer(database, [issuer, textsOf(unverified)], { wasAccepted: accepted.has(hash) })
  if (!row) throw new RefusedToken('ISSUER_UNKNOWN')
  const { audience, tenant_claim: tenantClaim, scopes } = row
  const keys = issuerKeys.of(row, now.getTime())
  const terms = { issuer, audience, tenantClaim, scopes }
  const claims = await verifiedOnce(keys.usable, token, JSON.stringify(terms), now, () =>
    verifyIssuerToken(token, terms, keys.find, now),
  )
  if (row.tenant_id === null || row.tenant_id !== claims.tenantId) {
    throw new RefusedToken('TENANT_UNKNOWN', tenantClaim)
  }
  const restriction = parseRestriction(() => restrictionOfClaims(claims.payload, tenantClaim))
  const principal: Principal = {
    kind: 'ISSUER_TOKEN',
    id: row.id,
    name: claims.subject ?? row.name ?? issuer,
    scopes: new Set(claims.scopes),
    boundTenantId: claims.tenantId,
    autoCreateTenants: false,
    rowRestriction: toRowRestriction(restriction),
    documents: narrowedDocuments(row.documents, restriction.documents ?? 'ANY'),
    subject: claims.subject,
    expiresAt: claims.expiresAt,
  }
  if (isRevoked(claims.issuedAt, row.embed_tokens_revoked_at)) {
    throw new RefusedCredential(unauthenticated('This token was revoked.', 'REVOKED'), principal, { reason: 'REVOKED' })
  }
  accepted.add(hash)
  return { principal, tenantId: claims.tenantId, createsTenant: false }
}

/** The claims that are texts, as JSON for PostgreSQL, which knows the one that names the tenant. */
const textsOf = (claims: Record<string, unknown>) =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(claims).filter(
        ([name, value]) => typeof value === 'string' && isStorable(value) && isStorable(name),
      ),
    ),
  )

/** Tokens say only in which second they were issued, so a revocation also ends those of its own second. */
const isRevoked = (issuedAt: number, revokedAt: Date | null) =>
  revokedAt !== null && issuedAt <= Math.floor(revokedAt.getTime() / 1000)

/**
 * A claim can only narrow what the issuer's tokens may send. What is limited to registered documents and to those of the
 * components may send next to nothing: that is a mistake.
 */
function narrowedDocuments(ofIssuer: TokenDocuments, claimed: TokenDocuments): TokenDocuments {
  if (ofIssuer === 'ANY') return claimed
  if (claimed !== 'ANY' && claimed !== ofIssuer) throw new RefusedToken('CLAIM_INVALID', DOCUMENTS_CLAIM)
  return ofIssuer
}

/** Refuses a token whose restriction can't be parsed, instead of ignoring the restriction. */
function parseRestriction(read: () => TokenRestriction): TokenRestriction {
  try {
    return read()
  } catch (error) {
    throw new RefusedToken('CLAIM_INVALID', error instanceof ParleyError ? claimOf(error) : undefined)
  }
}

/** Only the name of the claim (`parley_metadata`, not `parley_metadata.plan`): its value belongs to the product. */
const claimOf = ({ extensions }: ParleyError) => /^[^.[]+/.exec(String(extensions['inputPath'] ?? ''))?.[0]

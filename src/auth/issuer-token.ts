import { decodeJwt, decodeProtectedHeader, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import * as v from 'valibot'
import { DEFAULT_EMBED_SCOPES, EMBED_SCOPES, seconds } from './embed-token.ts'
import type { Scope } from './principal.ts'
import { RefusedIssuerToken, toRefusedToken } from './refused-issuer-token.ts'
import { MAX_TOKEN_SECONDS } from './signing-keys.ts'

/** What tokens of others may be signed with: a public key verifies each, so that who verifies can't sign. */
export const ISSUER_ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]

/** How far an issuer's clock may be off. */
const CLOCK_SKEW_SECONDS = 30

/** What an issuer was registered with, as far as its tokens must fit it. */
export interface IssuerTerms {
  issuer: string
  audience: string
  tenantClaim: string
  scopes: readonly Scope[]
}

export interface IssuerTokenClaims {
  tenantId: string
  scopes: Scope[]
  subject: string | null
  /** In whole seconds since 1970. */
  issuedAt: number
  /** As it says; it is taken for the clocks' difference longer. */
  expiresAt: Date
  /** All that was signed. */
  payload: JWTPayload
}

/** PostgreSQL can hold it. */
export const isStorable = (text: string) => text.isWellFormed() && !text.includes('\u0000')

const payloadShape = v.object({
  exp: seconds,
  iat: seconds,
  sub: v.optional(v.pipe(v.string(), v.maxLength(256), v.check(isStorable))),
  scope: v.optional(v.string()),
  scopes: v.optional(v.array(v.string())),
})

/** What a token says before anybody has verified it: good for finding who has to. */
export function parseUnverified(token: string): JWTPayload {
  try {
    return decodeJwt(token)
  } catch {
    throw new RefusedIssuerToken('MALFORMED')
  }
}

/** The claims of a token that its issuer's key signed, and that is good now. */
export async function verifyIssuerToken(
  token: string,
  { issuer, audience, tenantClaim, scopes }: IssuerTerms,
  findKey: JWTVerifyGetKey,
  now: Date,
): Promise<IssuerTokenClaims> {
  try {
    refuseOtherType(token)
    const { payload } = await jwtVerify(token, findKey, {
      algorithms: ISSUER_ALGORITHMS,
      issuer,
      audience,
      requiredClaims: ['exp', 'iat', tenantClaim],
      clockTolerance: CLOCK_SKEW_SECONDS,
      currentDate: now,
    })
    const { exp, iat, sub, ...named } = v.parse(payloadShape, payload)
    const nowSeconds = Math.floor(now.getTime() / 1000)
    const tenantId = payload[tenantClaim]
    if (exp > nowSeconds + MAX_TOKEN_SECONDS + CLOCK_SKEW_SECONDS) throw new RefusedIssuerToken('CLAIM_INVALID', 'exp')
    // One of the future would outlive every revocation until then.
    if (iat > nowSeconds + CLOCK_SKEW_SECONDS) throw new RefusedIssuerToken('NOT_YET_VALID', 'iat')
    if (typeof tenantId !== 'string') throw new RefusedIssuerToken('CLAIM_INVALID', tenantClaim)
    return {
      tenantId,
      scopes: scopesOf(named, scopes),
      subject: sub ?? null,
      issuedAt: Math.floor(iat),
      expiresAt: new Date(exp * 1000),
      payload,
    }
  } catch (error) {
    throw toRefusedToken(error)
  }
}

/** Plain JWTs alone: one that was made for something else says so in its type, and one of our own is not a stranger's. */
function refuseOtherType(token: string) {
  const type: unknown = headerOf(token).typ
  if (type === undefined || (typeof type === 'string' && /^(application\/)?jwt$/i.test(type))) return
  throw new RefusedIssuerToken('TYPE')
}

function headerOf(token: string) {
  try {
    return decodeProtectedHeader(token)
  } catch {
    throw new RefusedIssuerToken('MALFORMED')
  }
}

/** What the token asks for, of what its issuer may give. Scopes of other systems are none of ours. */
function scopesOf(
  { scope, scopes }: { scope?: string | undefined; scopes?: string[] | undefined },
  given: readonly Scope[],
) {
  const named: readonly string[] = scopes ?? scope?.split(' ') ?? DEFAULT_EMBED_SCOPES
  return EMBED_SCOPES.filter((candidate) => given.includes(candidate) && named.includes(candidate))
}

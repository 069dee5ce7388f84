import { decodeJwt, decodeProtectedHeader, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import * as v from 'valibot'
import { DEFAULT_EMBED_SCOPES, EMBED_SCOPES, seconds } from './embed-token.ts'
import { RESTRICTING_CLAIMS } from './parley-claims.ts'
import type { Scope } from './principal.ts'
import { RefusedToken, toRefusedToken } from './refused-token.ts'
import { MAX_TOKEN_SECONDS } from './signing-keys.ts'

/** Algorithms for issuer tokens. All use public keys, so that whoever verifies a token can't sign one. */
export const ISSUER_ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
]

/** How far an issuer's clock may be off. */
const CLOCK_SKEW_SECONDS = 30

/** The settings of an issuer that its tokens must match. */
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
  /** As in the token, which is accepted for CLOCK_SKEW_SECONDS longer. */
  expiresAt: Date
  /** Everything that was signed. */
  payload: JWTPayload
}

/** Whether PostgreSQL can store the text. */
export const isStorable = (text: string) => text.isWellFormed() && !text.includes('\u0000')

/** Every claim that is read, except those of parley-claims.ts and the tenant's. jose checks the values of the unknown ones. */
const payloadShape = v.object({
  iss: v.unknown(),
  aud: v.unknown(),
  exp: seconds,
  iat: seconds,
  nbf: v.optional(v.unknown()),
  sub: v.optional(v.pipe(v.string(), v.maxLength(256), v.check(isStorable))),
  scope: v.optional(v.string()),
  scopes: v.optional(v.array(v.string())),
})

/** The claims that a token must have, and those that it may have, if its issuer names the tenant by `tenantClaim`. */
export function claimsOf(tenantClaim: string) {
  const namesOf = (isOptional: boolean) =>
    Object.entries(payloadShape.entries).flatMap(([name, { type }]) =>
      (type === 'optional') === isOptional ? [name] : [],
    )
  return { required: [...namesOf(false), tenantClaim], optional: [...namesOf(true), ...RESTRICTING_CLAIMS] }
}

/** The claims of an unverified token. Use them only to find out how to verify it. */
export function parseUnverified(token: string): JWTPayload {
  try {
    return decodeJwt(token)
  } catch {
    throw new RefusedToken('MALFORMED')
  }
}

/** The issuer that a token names, or null if that can't be read. */
export function unverifiedIssuerOf(token: string): string | null {
  try {
    const { iss } = parseUnverified(token)
    return typeof iss === 'string' && isStorable(iss) ? iss : null
  } catch {
    return null
  }
}

/** The claims of a token that its issuer's key signed and that is valid now. */
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
      requiredClaims: claimsOf(tenantClaim).required,
      clockTolerance: CLOCK_SKEW_SECONDS,
      currentDate: now,
    })
    const { exp, iat, sub, ...named } = v.parse(payloadShape, payload)
    const nowSeconds = Math.floor(now.getTime() / 1000)
    const tenantId = payload[tenantClaim]
    if (exp > nowSeconds + MAX_TOKEN_SECONDS + CLOCK_SKEW_SECONDS) throw new RefusedToken('CLAIM_INVALID', 'exp')
    // A token issued in the future would outlive every revocation until then.
    if (iat > nowSeconds + CLOCK_SKEW_SECONDS) throw new RefusedToken('NOT_YET_VALID', 'iat')
    if (typeof tenantId !== 'string') throw new RefusedToken('CLAIM_INVALID', tenantClaim)
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

/** Accepts only plain JWTs. Tokens made for another purpose have another type, and so do our own. */
function refuseOtherType(token: string) {
  const type: unknown = headerOf(token).typ
  if (type === undefined || (typeof type === 'string' && /^(application\/)?jwt$/i.test(type))) return
  throw new RefusedToken('TYPE')
}

function headerOf(token: string) {
  try {
    return decodeProtectedHeader(token)
  } catch {
    throw new RefusedToken('MALFORMED')
  }
}

/** The scopes that the token names and its issuer may give. Scopes of other systems are ignored. */
function scopesOf(
  { scope, scopes }: { scope?: string | undefined; scopes?: string[] | undefined },
  given: readonly Scope[],
) {
  const named: readonly string[] = scopes ?? scope?.split(' ') ?? DEFAULT_EMBED_SCOPES
  return EMBED_SCOPES.filter((candidate) => given.includes(candidate) && named.includes(candidate))
}

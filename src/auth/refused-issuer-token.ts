import { errors } from 'jose'
import * as v from 'valibot'
import { type ErrorCode, ParleyError, unauthenticated } from '../errors.ts'

/** The reasons to refuse an issuer token, as the log explains them. */
export const TOKEN_REFUSALS = {
  MALFORMED: 'it is not a readable JWT',
  TYPE: 'its header typ is neither absent nor JWT',
  ALGORITHM: 'its algorithm is not accepted',
  ISSUER_UNKNOWN: 'no token issuer is registered with its iss',
  AUDIENCE: 'its aud is not the audience that its issuer is registered with',
  KEY_NOT_FOUND: 'its issuer has no key that matches its kid and algorithm',
  KEY_AMBIGUOUS: 'several keys of its issuer match; a kid must name one',
  KEY_UNUSABLE: 'the key of its issuer can’t be used',
  SIGNATURE: 'its signature does not verify',
  CLAIM_MISSING: 'it lacks a claim',
  CLAIM_INVALID: 'one of its claims can’t be used',
  NOT_YET_VALID: 'it is not valid yet',
  EXPIRED: 'it has expired',
  TENANT_UNKNOWN: 'its tenant claim names no existing tenant',
  REVOKED: 'it was revoked',
} as const

/** For the log only: whoever sent the token learns only that it is not valid, has expired or was revoked. */
export interface TokenRefusal {
  reason: keyof typeof TOKEN_REFUSALS
  /** The name of the claim that caused it. */
  claim?: string | undefined
}

export class RefusedIssuerToken extends ParleyError {
  readonly refusal: TokenRefusal

  constructor(reason: TokenRefusal['reason'], claim?: string) {
    const shown =
      reason === 'EXPIRED'
        ? unauthenticated('This token has expired.', 'EXPIRED')
        : unauthenticated('This token is not valid.', 'INVALID')
    const { code, ...extensions } = shown.extensions
    super(code as ErrorCode, shown.message, extensions)
    this.refusal = { reason, claim }
  }
}

const REASONS: Readonly<Record<string, TokenRefusal['reason']>> = {
  [errors.JWTExpired.code]: 'EXPIRED',
  [errors.JOSEAlgNotAllowed.code]: 'ALGORITHM',
  [errors.JWKSNoMatchingKey.code]: 'KEY_NOT_FOUND',
  [errors.JWKSMultipleMatchingKeys.code]: 'KEY_AMBIGUOUS',
  [errors.JWSSignatureVerificationFailed.code]: 'SIGNATURE',
  [errors.JWSInvalid.code]: 'MALFORMED',
  [errors.JWTInvalid.code]: 'MALFORMED',
  [errors.JOSENotSupported.code]: 'MALFORMED',
}

/** The refusal for an error that verifying a token threw. */
export function toRefusedToken(error: unknown): ParleyError {
  // Such as OVERLOADED, if too many requests wait for the issuer's keys.
  if (error instanceof ParleyError) return error
  if (error instanceof errors.JWTClaimValidationFailed) return ofClaim(error)
  if (error instanceof v.ValiError) return new RefusedIssuerToken('CLAIM_INVALID', v.getDotPath(error.issues[0]) ?? '')
  const code = error instanceof errors.JOSEError ? error.code : ''
  return new RefusedIssuerToken(REASONS[code] ?? 'KEY_UNUSABLE')
}

function ofClaim({ claim, reason }: errors.JWTClaimValidationFailed): RefusedIssuerToken {
  if (reason === 'missing') return new RefusedIssuerToken('CLAIM_MISSING', claim)
  if (claim === 'aud') return new RefusedIssuerToken('AUDIENCE')
  if (claim === 'nbf' && reason === 'check_failed') return new RefusedIssuerToken('NOT_YET_VALID', claim)
  return new RefusedIssuerToken('CLAIM_INVALID', claim)
}

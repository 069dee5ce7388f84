import { errors } from 'jose'
import * as v from 'valibot'
import { type ErrorCode, ParleyError, unauthenticated } from '../errors.ts'

/** Longer tokens are refused unread, so none of our own is made longer. */
export const MAX_TOKEN_LENGTH = 8_192

/** The reasons to refuse a token, as the log and `testToken` explain them. */
export const TOKEN_REFUSALS = {
  MALFORMED: 'it is not a readable JWT',
  TOO_LONG: `it has more than ${MAX_TOKEN_LENGTH} characters`,
  TYPE: 'its header typ is not that of a token for Parley: absent or JWT for an issuer token',
  ALGORITHM: 'its algorithm is not accepted',
  ISSUER_UNKNOWN: 'no token issuer is registered with its iss',
  AUDIENCE: 'its aud is not the audience that its issuer is registered with',
  KEYS_UNREADABLE: 'the keys of its issuer could not be read',
  KEY_NOT_FOUND: 'its issuer has no key that matches its kid and algorithm',
  KEY_AMBIGUOUS: 'several keys of its issuer match; a kid must name one',
  KEY_UNUSABLE: "the key of its issuer can't be used",
  SIGNATURE: 'its signature does not verify',
  CLAIM_MISSING: 'it lacks a claim',
  CLAIM_INVALID: "one of its claims can't be used",
  NOT_YET_VALID: 'it is not valid yet',
  EXPIRED: 'it has expired',
  TENANT_UNKNOWN: 'its tenant claim names no existing tenant',
  REVOKED: 'it was revoked',
  KEY_ENDED: 'the API key that made it, or its secret, has ended',
} as const

/** For the log and administrators only: whoever sent the token learns only that it is not valid, has expired or was revoked. */
export interface TokenRefusal {
  reason: keyof typeof TOKEN_REFUSALS
  /** The name of the claim that caused it. */
  claim?: string | undefined
}

const SHOWN: Partial<Record<TokenRefusal['reason'], ParleyError>> = {
  EXPIRED: unauthenticated('This token has expired.', 'EXPIRED'),
  TOO_LONG: unauthenticated('This token is too long.', 'INVALID'),
}

export class RefusedToken extends ParleyError {
  readonly refusal: TokenRefusal

  constructor(reason: TokenRefusal['reason'], claim?: string) {
    const shown = SHOWN[reason] ?? unauthenticated('This token is not valid.', 'INVALID')
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
  if (error instanceof v.ValiError) return new RefusedToken('CLAIM_INVALID', v.getDotPath(error.issues[0]) ?? '')
  const code = error instanceof errors.JOSEError ? error.code : ''
  return new RefusedToken(REASONS[code] ?? 'KEY_UNUSABLE')
}

function ofClaim({ claim, reason }: errors.JWTClaimValidationFailed): RefusedToken {
  if (reason === 'missing' && claim !== 'typ') return new RefusedToken('CLAIM_MISSING', claim)
  if (claim === 'aud') return new RefusedToken('AUDIENCE')
  if (claim === 'typ') return new RefusedToken('TYPE')
  if (claim === 'nbf' && reason === 'check_failed') return new RefusedToken('NOT_YET_VALID', claim)
  return new RefusedToken('CLAIM_INVALID', claim)
}

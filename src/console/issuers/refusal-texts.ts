import type { TokenRefusalReason } from '../../client/generated/schema-types.ts'

export interface RefusalText {
  heading: string
  /** What to do about it, and who does it. */
  advice: string
  /** The members of the token that are the problem, if the server names no claim. */
  blames?: { part: 'header' | 'claims'; names: readonly string[] }
}

const inHeader = (...names: string[]) => ({ part: 'header', names }) as const
const inClaims = (...names: string[]) => ({ part: 'claims', names }) as const

/** Why a token is refused, for whoever has to find out why a page shows nothing. */
export const REFUSAL_TEXTS: Readonly<Record<TokenRefusalReason, RefusalText>> = {
  MALFORMED: {
    heading: 'The token can’t be read',
    advice:
      'A token is three parts of letters, digits, - and _ with dots between them, usually beginning with eyJ. Check that all of it was pasted, without quotes or line breaks, and that it is a signed token and not an API key or an opaque access token.',
  },
  TOO_LONG: {
    heading: 'The token is too long',
    advice:
      'Parley accepts tokens of up to 8,192 characters. Leave out claims that Parley does not need, such as groups, profiles or pictures.',
  },
  TYPE: {
    heading: 'The token has the wrong type',
    advice:
      'The typ in its header must be JWT or absent. Access tokens (at+jwt), logout tokens and others have types of their own and are not accepted. Have your auth server sign a token for Parley.',
    blames: inHeader('typ'),
  },
  ALGORITHM: {
    heading: 'The algorithm is not accepted',
    advice:
      'Sign it with RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512 or EdDSA. HS256 and other shared-secret algorithms are refused, because whoever can verify such a token could also sign one. “none” is refused, too.',
    blames: inHeader('alg'),
  },
  ISSUER_UNKNOWN: {
    heading: 'The issuer is not registered',
    advice:
      'Register an issuer whose iss is exactly that of the token: a trailing slash, http instead of https, or different capitalization makes it a different issuer. If the right issuer is already registered, correct the code that signs.',
    blames: inClaims('iss'),
  },
  AUDIENCE: {
    heading: 'The audience is wrong',
    advice:
      'The aud of the token must be the audience of the issuer, or a list that contains it. Correct the code that signs, or edit the issuer.',
    blames: inClaims('aud'),
  },
  KEYS_UNREADABLE: {
    heading: 'The keys of the issuer could not be fetched',
    advice:
      'Open the JWKS URL of the issuer in a browser: it must answer within five seconds with status 200, without a redirect, with JSON that has a list “keys”, from a public address. Then test the token again. The server’s log says what went wrong.',
  },
  KEY_NOT_FOUND: {
    heading: 'The issuer has no such key',
    advice:
      'No key of the issuer has the kid and alg of the token’s header. If the auth server has a new key, publish it at the JWKS URL, or add it to the issuer. If the token comes from another environment, such as staging, register that one too.',
    blames: inHeader('kid', 'alg'),
  },
  KEY_AMBIGUOUS: {
    heading: 'Several keys of the issuer match',
    advice: 'Put the kid of the key into the header of the token, so that Parley knows which one signed it.',
    blames: inHeader('kid'),
  },
  KEY_UNUSABLE: {
    heading: 'The key of the issuer can’t be used',
    advice:
      'The key was found, but can’t verify a signature of the token’s alg. Give the issuer a valid public key: RSA with 2,048 bits or more, EC or Ed25519.',
    blames: inHeader('kid', 'alg'),
  },
  SIGNATURE: {
    heading: 'The signature is wrong',
    advice:
      'The token was signed with a different key from the one that the issuer has under this kid, or was changed afterwards. Compare the public keys. If the key was replaced, give the new key a new kid.',
  },
  CLAIM_MISSING: {
    heading: 'A claim is missing',
    advice:
      'Every token needs iss, aud, iat, exp and the tenant claim of its issuer. Add the missing one where the token is signed.',
  },
  CLAIM_INVALID: {
    heading: 'A claim is invalid',
    advice:
      'Times must be numbers in seconds, exp at most 24 hours ahead, the tenant claim a string, and scopes a list. Claims that begin with parley_ must be known to Parley and have the right form: Parley never ignores a restriction that it can’t read.',
  },
  NOT_YET_VALID: {
    heading: 'The token is not valid yet',
    advice:
      'The iat or nbf of the token is more than 30 seconds ahead of this server’s clock. Correct the clock of the server that signs (NTP), or sign with the current time.',
    blames: inClaims('nbf', 'iat'),
  },
  EXPIRED: {
    heading: 'The token has expired',
    advice:
      'Sign a new one. If this happens in a page, its fetchToken must fetch a new token each time it is called, and not keep an old one.',
    blames: inClaims('exp'),
  },
  TENANT_UNKNOWN: {
    heading: 'The tenant does not exist',
    advice:
      'The tenant claim must be the id of a tenant of this Parley, exactly. Create the tenant first, correct the value, or edit the issuer if another claim contains it.',
  },
  REVOKED: {
    heading: 'The token was revoked',
    advice:
      'All tokens of the tenant were revoked after this one was issued. Sign a new one: tokens issued from the next second on are accepted.',
    blames: inClaims('iat'),
  },
  KEY_ENDED: {
    heading: 'The API key that created the token has ended',
    advice:
      'The key was revoked or has expired, or the secret that it had then was replaced. Its tokens ended with it. Create a new token with an active key.',
  },
}

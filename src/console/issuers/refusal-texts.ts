import type { TokenRefusalReason } from '../../client/generated/schema-types.ts'

export interface RefusalText {
  heading: string
  /** What to do about it, and who does it. */
  advice: string
  /** What of the token is to blame, if the server names no claim. */
  blames?: { part: 'header' | 'claims'; names: readonly string[] }
}

const inHeader = (...names: string[]) => ({ part: 'header', names }) as const
const inClaims = (...names: string[]) => ({ part: 'claims', names }) as const

/** Why a token is refused, for whoever has to find out why a page shows nothing. */
export const REFUSAL_TEXTS: Readonly<Record<TokenRefusalReason, RefusalText>> = {
  MALFORMED: {
    heading: 'It is not a readable token',
    advice:
      'A token is three parts of letters, digits, - and _ with dots between them, usually beginning with eyJ. Check that all of it was pasted, without quotes or line breaks, and that it is a signed token and not an API key or an opaque access token.',
  },
  TOO_LONG: {
    heading: 'It is too long',
    advice:
      'Parley accepts tokens of up to 8,192 characters. Leave out claims that Parley does not need, such as groups, profiles or pictures.',
  },
  TYPE: {
    heading: 'It is a token for something else',
    advice:
      'The typ in its header must be JWT or absent. Access tokens (at+jwt), logout tokens and others have their own types, so that they can’t be used here. Let your auth server sign a token for Parley.',
    blames: inHeader('typ'),
  },
  ALGORITHM: {
    heading: 'Its algorithm is not accepted',
    advice:
      'Sign it with RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512 or EdDSA. HS256 and its like are refused, because whoever checks such a token could also sign one; so is “none”.',
    blames: inHeader('alg'),
  },
  ISSUER_UNKNOWN: {
    heading: 'Its issuer is not registered',
    advice:
      'Register an issuer whose iss is exactly that of the token: a slash at the end, http instead of https or another case make another issuer. If one is registered already, correct the code that signs.',
    blames: inClaims('iss'),
  },
  AUDIENCE: {
    heading: 'It is meant for somebody else',
    advice:
      'Its aud must be the audience of the issuer, or a list that has it. Correct the code that signs, or edit the issuer.',
    blames: inClaims('aud'),
  },
  KEYS_UNREADABLE: {
    heading: 'The keys of its issuer could not be fetched',
    advice:
      'Open the JWKS URL of the issuer in a browser: it must answer within five seconds with status 200, without a redirect, with JSON that has a list “keys”, from a public address. Then test the token again. The server’s log says what went wrong.',
  },
  KEY_NOT_FOUND: {
    heading: 'Its issuer has no such key',
    advice:
      'No key of the issuer has the kid and alg of the token’s header. If the auth server has a new key, publish it at the JWKS URL, or add it to the issuer. If the token comes from another environment, such as staging, register that one too.',
    blames: inHeader('kid', 'alg'),
  },
  KEY_AMBIGUOUS: {
    heading: 'Several keys of its issuer match',
    advice: 'Put the kid of the key into the header of the token, so that Parley knows which one signed it.',
    blames: inHeader('kid'),
  },
  KEY_UNUSABLE: {
    heading: 'The key of its issuer can’t be used',
    advice:
      'The key was found, but can’t verify a signature of the token’s alg. Give the issuer a valid public key: RSA with 2,048 bits or more, EC or Ed25519.',
    blames: inHeader('kid', 'alg'),
  },
  SIGNATURE: {
    heading: 'Its signature is wrong',
    advice:
      'It was signed by another key than the one that the issuer has under this kid, or changed afterwards. Compare the public keys. If the key was replaced, give the new one another kid.',
  },
  CLAIM_MISSING: {
    heading: 'A claim is missing',
    advice:
      'Every token needs iss, aud, iat, exp and the tenant claim of its issuer. Add the missing one where the token is signed.',
  },
  CLAIM_INVALID: {
    heading: 'A claim can’t be used',
    advice:
      'Times are numbers in seconds, exp is at most 24 hours ahead, the tenant claim is a text, scopes is a list. Claims that begin with parley_ must be known to Parley and have the right form: a restriction that can’t be read is not ignored.',
  },
  NOT_YET_VALID: {
    heading: 'It is not valid yet',
    advice:
      'Its iat or nbf lies ahead of this server’s clock by more than 30 seconds. Set the clock of the server that signs (NTP), or sign with the current time.',
    blames: inClaims('nbf', 'iat'),
  },
  EXPIRED: {
    heading: 'It has expired',
    advice:
      'Sign a new one. If this happens in a page, its getToken must fetch a token each time that it is asked for one, and not keep an old one.',
    blames: inClaims('exp'),
  },
  TENANT_UNKNOWN: {
    heading: 'Its tenant does not exist',
    advice:
      'The tenant claim must be the id of a tenant of this Parley, exactly. Create the tenant first, correct the value, or edit the issuer if another claim holds it.',
  },
  REVOKED: {
    heading: 'It was revoked',
    advice:
      'All tokens of its tenant that were issued until then were revoked. Sign a new one: what is issued from the next second on is accepted.',
    blames: inClaims('iat'),
  },
  KEY_ENDED: {
    heading: 'The API key that created it has ended',
    advice:
      'The key, or the secret that it had then, was revoked, regenerated or has expired, and its tokens ended with it. Create a new token with a key that is active.',
  },
}

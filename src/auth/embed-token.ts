import { hash } from 'node:crypto'
import { createLocalJWKSet, errors, importJWK, type JSONWebKeySet, type JWK, jwtVerify, SignJWT } from 'jose'
import * as v from 'valibot'
import { unauthenticated } from '../errors.ts'
import { isParleyClaim } from './parley-claims.ts'
import type { Scope } from './principal.ts'

/** What an embed token says; signed, so that nobody but the server can have said it. */
export interface EmbedTokenClaims {
  tenantId: string
  /** UUID of the API key that made it: it ends with that key. */
  keyId: string
  /**
   * Identifies the secret that it was made with: it ends with that secret. Null in tokens of 0.1.0, which have none.
   */
  secretMark: string | null
  /** In whole seconds since 1970. */
  issuedAt: number
  /** The generation of the tenant's tokens: it ends when the next one begins. */
  generation: number
  scopes: Scope[]
  subject: string | null
  restriction: TokenRestriction
}

/** Rows that a token is locked to: those that match all that is given. */
export interface TokenRestriction {
  /** UUIDs: conversations with at least one of these agents. */
  agentIds?: string[]
  /** Conversations with these metadata values, by top-level key. */
  metadata?: Record<string, string | number | boolean | null>
}

/** Scopes that may go to a browser: those that read. */
export const EMBED_SCOPES: readonly Scope[] = ['ANALYTICS_READ', 'CONVERSATIONS_READ', 'INTERNALS_READ']

/** What a token may do that does not say. */
export const DEFAULT_EMBED_SCOPES: readonly Scope[] = ['ANALYTICS_READ', 'CONVERSATIONS_READ']

/** What our own tokens say in `iss`: nobody else is registered under it. */
export const OWN_ISSUER = 'parley'
const AUDIENCE = 'parley-embed'
const TYPE = 'parley-embed+jwt'
const ALGORITHM = 'EdDSA'

/** Larger ones are refused unread: a token of ours with the longest restriction is smaller. */
export const MAX_TOKEN_LENGTH = 8_192

const isScalar = (value: unknown) => value === null || ['string', 'number', 'boolean'].includes(typeof value)

/** JSON has none that is not finite, but 1e999 is read as one. */
export const seconds = v.pipe(v.number(), v.finite())

const payloadShape = v.object({
  tenant: v.string(),
  key: v.pipe(v.string(), v.uuid()),
  mark: v.optional(v.string()),
  iat: seconds,
  gen: v.pipe(v.number(), v.safeInteger()),
  exp: seconds,
  scopes: v.array(v.picklist(EMBED_SCOPES)),
  sub: v.optional(v.string()),
  agents: v.optional(v.array(v.pipe(v.string(), v.uuid()))),
  // As it is: a record of valibot would leave out keys such as "constructor", and a restriction with them.
  metadata: v.optional(
    v.custom<NonNullable<TokenRestriction['metadata']>>(
      (value) =>
        typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isScalar),
    ),
  ),
})

/** Identifies a secret in the tokens that are made with it. PostgreSQL computes it too, in read_maker_of_token(). */
export const markOf = (secretHash: Uint8Array) => hash('sha256', secretHash, 'hex').slice(0, 32)

export async function signEmbedToken(
  claims: Omit<EmbedTokenClaims, 'issuedAt'>,
  key: { id: string; privateJwk: JWK },
  issuedAt: Date,
  expiresAt: Date,
): Promise<string> {
  const seconds = (date: Date) => Math.floor(date.getTime() / 1000)
  const token = new SignJWT({
    tenant: claims.tenantId,
    key: claims.keyId,
    ...(claims.secretMark === null ? {} : { mark: claims.secretMark }),
    gen: claims.generation,
    scopes: claims.scopes,
    ...(claims.restriction.agentIds ? { agents: claims.restriction.agentIds } : {}),
    ...(claims.restriction.metadata ? { metadata: claims.restriction.metadata } : {}),
  })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: key.id })
    .setIssuer(OWN_ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt(seconds(issuedAt))
    .setExpirationTime(seconds(expiresAt))
  if (claims.subject !== null) token.setSubject(claims.subject)
  return token.sign(await importJWK(key.privateJwk, ALGORITHM))
}

/** Finds the key of a token. To import one takes longer than to verify with it. */
const finders = new WeakMap<JSONWebKeySet, ReturnType<typeof createLocalJWKSet>>()

function finderIn(keys: JSONWebKeySet) {
  const finder = finders.get(keys) ?? createLocalJWKSet(keys)
  finders.set(keys, finder)
  return finder
}

/** Our own tokens don't use the `parley_…` claims of other issuers' tokens: one in ours must not be ignored. */
function refuseUnknownClaims(payload: object) {
  if (Object.keys(payload).some(isParleyClaim)) throw unauthenticated('This token is not valid.', 'INVALID')
}

/** The claims of a token that one of these keys signed, and that is good now. Everything that varies is pinned. */
export async function verifyEmbedToken(
  token: string,
  keys: JSONWebKeySet,
  now: Date,
): Promise<{ claims: EmbedTokenClaims; expiresAt: Date }> {
  try {
    const { payload } = await jwtVerify(token, finderIn(keys), {
      algorithms: [ALGORITHM],
      issuer: OWN_ISSUER,
      audience: AUDIENCE,
      typ: TYPE,
      requiredClaims: ['exp', 'iat', 'tenant', 'key', 'gen', 'scopes'],
      currentDate: now,
    })
    refuseUnknownClaims(payload)
    const { tenant, key, mark, iat, gen, scopes, sub, agents, metadata, exp } = v.parse(payloadShape, payload)
    const claims = {
      tenantId: tenant,
      keyId: key,
      secretMark: mark ?? null,
      issuedAt: Math.floor(iat),
      generation: gen,
      scopes,
      subject: sub ?? null,
      restriction: { ...(agents ? { agentIds: agents } : {}), ...(metadata ? { metadata } : {}) },
    }
    return { claims, expiresAt: new Date(exp * 1000) }
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw unauthenticated('This token has expired.', 'EXPIRED')
    throw unauthenticated('This token is not valid.', 'INVALID')
  }
}

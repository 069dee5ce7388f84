import { hash } from 'node:crypto'
import { createLocalJWKSet, importJWK, type JSONWebKeySet, type JWK, jwtVerify, SignJWT } from 'jose'
import * as v from 'valibot'
import type { AgentSet } from '../input/agent-set.ts'
import { DOCUMENTS_CLAIM, END_USER_IDS_CLAIM } from './parley-claims.ts'
import type { Scope, TokenDocuments } from './principal.ts'
import { toRefusedToken } from './refused-token.ts'

/** The claims of an embed token. It is signed, so only the server can have made them. */
export interface EmbedTokenClaims {
  tenantId: string
  /** UUID of the API key that made the token, which ends with that key. */
  keyId: string
  /** Identifies the secret that the token was made with, and ends with. Null in tokens of 0.1.0, which have none. */
  secretMark: string | null
  /** In whole seconds since 1970. */
  issuedAt: number
  /** The generation of the tenant's tokens. The token ends when the next generation begins. */
  generation: number
  scopes: Scope[]
  subject: string | null
  restriction: TokenRestriction
}

/** What a token is restricted to: the rows that match everything given, and some documents. */
export interface TokenRestriction {
  /** Conversations with at least one of these agents. Our own tokens have only their UUIDs. */
  agents?: AgentSet
  /** Conversations of these end users. */
  endUserIds?: string[]
  /** Conversations with these metadata values, by top-level key. */
  metadata?: Record<string, string | number | boolean | null>
  documents?: TokenDocuments
}

/** Scopes that a token for a browser may have: the read-only ones. */
export const EMBED_SCOPES: readonly Scope[] = ['ANALYTICS_READ', 'CONVERSATIONS_READ', 'INTERNALS_READ']

export const TOKEN_DOCUMENTS: readonly TokenDocuments[] = ['ANY', 'REGISTERED', 'COMPONENTS']

/** The scopes of a token that names none. */
export const DEFAULT_EMBED_SCOPES: readonly Scope[] = ['ANALYTICS_READ', 'CONVERSATIONS_READ']

/** The claim `iss` of our own tokens. No token issuer can be registered with it. */
export const OWN_ISSUER = 'parley'
const AUDIENCE = 'parley-embed'
const TYPE = 'parley-embed+jwt'
const ALGORITHM = 'EdDSA'

const isScalar = (value: unknown) => value === null || ['string', 'number', 'boolean'].includes(typeof value)

/** All numbers in JSON are finite, but 1e999 is parsed as Infinity. */
export const seconds = v.pipe(v.number(), v.finite())

/**
 * Strict: a claim that this version does not know may be a restriction of a later one, and must not be ignored. Versions
 * before 1.0.0 ignore unknown claims unless they begin with `parley_`, which the claims added since therefore do.
 */
const payloadShape = v.strictObject({
  iss: v.literal(OWN_ISSUER),
  aud: v.literal(AUDIENCE),
  tenant: v.string(),
  key: v.pipe(v.string(), v.uuid()),
  mark: v.optional(v.string()),
  iat: seconds,
  gen: v.pipe(v.number(), v.safeInteger()),
  exp: seconds,
  scopes: v.array(v.picklist(EMBED_SCOPES)),
  sub: v.optional(v.string()),
  agents: v.optional(v.array(v.pipe(v.string(), v.uuid()))),
  [END_USER_IDS_CLAIM]: v.optional(v.array(v.string())),
  [DOCUMENTS_CLAIM]: v.optional(v.picklist(TOKEN_DOCUMENTS)),
  // Kept as it is: a record of valibot would drop keys such as "constructor", and the restriction with them.
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
    ...(claims.restriction.agents ? { agents: claims.restriction.agents.ids } : {}),
    ...(claims.restriction.endUserIds ? { [END_USER_IDS_CLAIM]: claims.restriction.endUserIds } : {}),
    ...(claims.restriction.metadata ? { metadata: claims.restriction.metadata } : {}),
    ...(claims.restriction.documents ? { [DOCUMENTS_CLAIM]: claims.restriction.documents } : {}),
  })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: key.id })
    .setIssuer(OWN_ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt(seconds(issuedAt))
    .setExpirationTime(seconds(expiresAt))
  if (claims.subject !== null) token.setSubject(claims.subject)
  return token.sign(await importJWK(key.privateJwk, ALGORITHM))
}

/** Finders of a token's key, cached because importing a key takes longer than verifying with it. */
const finders = new WeakMap<JSONWebKeySet, ReturnType<typeof createLocalJWKSet>>()

function finderIn(keys: JSONWebKeySet) {
  const finder = finders.get(keys) ?? createLocalJWKSet(keys)
  finders.set(keys, finder)
  return finder
}

/** The claims of a valid token that one of these keys signed. Its algorithm, type, issuer and audience are fixed. */
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
    const { [END_USER_IDS_CLAIM]: endUserIds, [DOCUMENTS_CLAIM]: documents, ...parsed } = v.parse(payloadShape, payload)
    const { tenant, key, mark, iat, gen, scopes, sub, agents, metadata, exp } = parsed
    const claims = {
      tenantId: tenant,
      keyId: key,
      secretMark: mark ?? null,
      issuedAt: Math.floor(iat),
      generation: gen,
      scopes,
      subject: sub ?? null,
      restriction: {
        ...(agents ? { agents: { ids: agents, externalIds: [] } } : {}),
        ...(endUserIds ? { endUserIds } : {}),
        ...(metadata ? { metadata } : {}),
        ...(documents ? { documents } : {}),
      },
    }
    return { claims, expiresAt: new Date(exp * 1000) }
  } catch (error) {
    throw toRefusedToken(error)
  }
}

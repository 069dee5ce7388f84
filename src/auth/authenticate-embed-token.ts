import { decodeProtectedHeader } from 'jose'
import type { Database } from '../database/connect.ts'
import type { RowRestriction } from '../database/tenant-scope.ts'
import { unauthenticated } from '../errors.ts'
import { encodeScalar, toPointer } from '../metadata/metadata-entries.ts'
import { lookUp } from './credential-lookup.ts'
import { type EmbedTokenClaims, type TokenRestriction, verifyEmbedToken } from './embed-token.ts'
import type { Authenticated, Principal, Scope } from './principal.ts'
import { RefusedCredential } from './refused-credential.ts'
import { RefusedToken } from './refused-token.ts'
import type { SigningKeys } from './signing-keys.ts'
import { verifiedOnce } from './verified-token-cache.ts'

/** Whether a credential looks like a JWT: three parts in base64url. */
export const looksLikeToken = (credential: string) => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(credential)

interface MakerRow {
  generation: number
  key_is_live: boolean
  key_scopes: Scope[] | null
  key_expires_at: Date | null
  secret_mark: string | null
  regenerated_at: Date | null
  previous_secret_mark: string | null
  previous_secret_expires_at: Date | null
}

const loadMaker = lookUp<MakerRow>('read_maker_of_token', ['text', 'uuid'])

/** The principal of an embed token. Verifies its signature, then checks whether it was ended early. */
export async function authenticateToken(
  database: Database,
  signingKeys: SigningKeys,
  token: string,
  now: Date,
): Promise<Authenticated> {
  const keys = await signingKeys.keysFor(keyIdOf(token), now.getTime())
  const { claims, expiresAt } = await verifiedOnce(keys, token, '', now, () => verifyEmbedToken(token, keys, now))
  // Only this server signs such tokens.
  const maker = await loadMaker(database, [claims.tenantId, claims.keyId], { wasAccepted: true })
  const endsAt = maker && endOf(claims, maker)
  const principal: Principal = {
    kind: 'EMBED_TOKEN',
    id: claims.keyId,
    name: claims.subject ?? 'embed token',
    scopes: new Set(claims.scopes.filter((scope) => maker?.key_scopes?.includes(scope))),
    boundTenantId: claims.tenantId,
    autoCreateTenants: false,
    rowRestriction: toRowRestriction(claims.restriction),
    documents: claims.restriction.documents ?? 'ANY',
    subject: claims.subject,
    expiresAt: endsAt && endsAt < expiresAt ? endsAt : expiresAt,
  }
  const hasEnded = !maker?.key_is_live || (endsAt && endsAt <= now)
  if (hasEnded || maker.generation !== claims.generation) {
    const refusal = { reason: hasEnded ? 'KEY_ENDED' : 'REVOKED' } as const
    throw new RefusedCredential(unauthenticated('This token was revoked.', 'REVOKED'), principal, refusal)
  }
  return { principal, tenantId: claims.tenantId, createsTenant: false }
}

/** When what a token was made with ends: the key, which may have been given another expiry since, or its secret. */
function endOf(claims: EmbedTokenClaims, maker: MakerRow): Date | null {
  const secretEndsAt = endOfSecret(claims, maker)
  const keyEndsAt = maker.key_expires_at
  return secretEndsAt && keyEndsAt && keyEndsAt < secretEndsAt ? keyEndsAt : (secretEndsAt ?? keyEndsAt)
}

/** When the secret that a token was made with ends; null if it does not expire. */
function endOfSecret({ secretMark, issuedAt }: EmbedTokenClaims, maker: MakerRow): Date | null {
  const { regenerated_at: regeneratedAt, previous_secret_expires_at: previousEndsAt } = maker
  const isCurrent =
    secretMark === null
      ? // `issuedAt` is only precise to the second.
        regeneratedAt === null || issuedAt > Math.floor(regeneratedAt.getTime() / 1000)
      : secretMark === maker.secret_mark
  if (isCurrent) return null
  const isPrevious = secretMark === null || secretMark === maker.previous_secret_mark
  return (isPrevious ? previousEndsAt : null) ?? LONG_AGO
}

const LONG_AGO = new Date(0)

function keyIdOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).kid
  } catch {
    throw new RefusedToken('MALFORMED')
  }
}

export function toRowRestriction({ agents, endUserIds, metadata }: TokenRestriction): RowRestriction | null {
  if (!agents && !endUserIds && !metadata) return null
  return {
    agents: agents ?? null,
    endUserIds: endUserIds ?? null,
    metadata: Object.entries(metadata ?? {}).map(([key, value]) => ({
      path: toPointer([key]),
      value: encodeScalar(value),
    })),
  }
}

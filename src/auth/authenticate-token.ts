import { decodeProtectedHeader } from 'jose'
import type { Database } from '../database/connect.ts'
import { encodeScalar, toPointer } from '../database/metadata-entries.ts'
import type { RowLock } from '../database/tenant-scope.ts'
import { unauthenticated } from '../errors.ts'
import { type TokenLock, verifyEmbedToken } from './embed-token.ts'
import { lookUp } from './look-up.ts'
import type { Authenticated, Principal } from './principal.ts'
import { RefusedCredential } from './refused-credential.ts'
import type { SigningKeys } from './signing-keys.ts'
import { verifiedOnce } from './verified-tokens.ts'

/** Whether a credential claims to be a JWT: three parts in base64url. */
export const looksLikeToken = (credential: string) => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(credential)

const checkToken = lookUp<{ generation: number; key_is_live: boolean }>('check_embed_token', ['text', 'uuid'])

/** The principal of an embed token: verified by signature, then against what ends tokens early. */
export async function authenticateToken(
  database: Database,
  signingKeys: SigningKeys,
  token: string,
  now: Date,
): Promise<Authenticated> {
  const keys = await signingKeys.keysFor(keyIdOf(token), now.getTime())
  const { claims, expiresAt } = await verifiedOnce(keys, token, '', now, () => verifyEmbedToken(token, keys, now))
  const state = await checkToken(database, [claims.tenantId, claims.keyId])
  const principal: Principal = {
    kind: 'EMBED_TOKEN',
    id: claims.keyId,
    name: claims.subject ?? 'embed token',
    scopes: new Set(claims.scopes),
    boundTenantId: claims.tenantId,
    autoCreateTenants: false,
    lock: toRowLock(claims.lock),
    subject: claims.subject,
    expiresAt,
  }
  if (!state || state.generation !== claims.generation || !state.key_is_live) {
    throw new RefusedCredential(unauthenticated('This token was revoked.', 'REVOKED'), principal)
  }
  return { principal, tenantId: claims.tenantId, tenantIsNew: false }
}

function keyIdOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).kid
  } catch {
    throw unauthenticated('This token is not valid.', 'INVALID')
  }
}

export function toRowLock({ agentIds, metadata }: TokenLock): RowLock | null {
  if (!agentIds && !metadata) return null
  return {
    agentIds: agentIds ?? null,
    metadata: Object.entries(metadata ?? {}).map(([key, value]) => ({
      path: toPointer([key]),
      value: encodeScalar(value),
    })),
  }
}

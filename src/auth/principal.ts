import type { Scope, TokenDocuments } from '../database/generated/client/enums.ts'
import type { RowRestriction } from '../database/tenant-scope.ts'
import { forbidden } from '../errors.ts'
import { RefusedCredential } from './refused-credential.ts'

export type { Scope, TokenDocuments }

/** Who sends a request, as known from the credential alone. */
export interface Principal {
  kind: 'ACCOUNT_KEY' | 'TENANT_KEY' | 'EMBED_TOKEN' | 'ISSUER_TOKEN'
  /** UUID of the key; of a token, the key that made it, or the issuer that signed it. */
  id: string
  name: string
  scopes: ReadonlySet<Scope>
  /** The tenant the credential is bound to; null for an account key. */
  boundTenantId: string | null
  /** Whether a write for a tenant that does not exist creates it. */
  autoCreateTenants: boolean
  /** The rows that a token is restricted to; null: all of its tenant's. */
  rowRestriction: RowRestriction | null
  /** Which documents it may send. A key may send any. */
  documents: TokenDocuments
  /** Who a token was made for, as its maker named them. */
  subject: string | null
  /** For an API key: the hash of the secret that was sent. */
  secretHash?: Uint8Array
  /** When the credential expires; null: never. */
  expiresAt: Date | null
  /** For an API key: how many requests it may send in a minute; null: as many as the server allows. */
  requestsPerMinute?: number | null
  /** For an API key: the networks that it is accepted from, in CIDR notation. Empty: from anywhere. */
  allowedNetworks?: readonly string[]
}

/** Scopes that a tenant's key can't have, because they concern the whole account. */
export const ACCOUNT_SCOPES: readonly Scope[] = ['ADMIN']

/** The scopes that mutations need. A credential with none of them has little to send. */
export const MUTATION_SCOPES: readonly Scope[] = [
  'CONVERSATIONS_WRITE',
  'CONVERSATIONS_ERASE',
  'EMBED_TOKENS_CREATE',
  'ADMIN',
]

/** What a request says beside its credential. */
export interface Caller {
  /** The header X-Tenant-Id. */
  tenantHeader: string | null
  /** The IP address of the client; null if it is unknown. */
  clientAddress: string | null
  /** The header User-Agent, cut; null if it is absent or empty. */
  userAgent: string | null
  now: Date
}

export interface Authenticated {
  principal: Principal
  /** The tenant of this request: the credential's own, or the one an account key names in X-Tenant-Id. */
  tenantId: string | null
  /** Whether X-Tenant-Id names a tenant that does not exist yet. Only with a key that may create it. */
  createsTenant: boolean
}

/** The header selects the tenant of an account key. It never changes the tenant that a credential is bound to. */
export function refuseOtherTenant(header: string | null, principal: Principal): void {
  if (header === null || principal.boundTenantId === null || header === principal.boundTenantId) return
  throw new RefusedCredential(
    forbidden('X-Tenant-Id names a different tenant from the one this credential is bound to.'),
    principal,
  )
}

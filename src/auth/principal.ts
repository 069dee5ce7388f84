import type { Scope } from '../database/generated/client/enums.ts'

export type { Scope }

/** Who asks, as told by the credential alone. */
export interface Principal {
  kind: 'ACCOUNT_KEY' | 'TENANT_KEY'
  /** UUID of the key. */
  id: string
  name: string
  scopes: ReadonlySet<Scope>
  /** The tenant the credential is bound to; null for an account's. */
  boundTenantId: string | null
  /** Whether logging for a tenant nobody created creates it. */
  autoCreateTenants: boolean
}

/** Scopes that one tenant's key can't hold: what they allow is the account's. */
export const ACCOUNT_SCOPES: readonly Scope[] = ['ADMIN']

import type { CredentialKind, Query, Scope } from '../client/generated/schema-types.ts'
import type { Api } from './api.ts'
import { ACCESS } from './documents.ts'

/** Who is signed in. Anything that the key may not do is not rendered. */
export interface Access {
  keyId: string
  name: string
  kind: CredentialKind
  scopes: ReadonlySet<Scope>
  expiresAt: string | null
  /** The only tenant of a tenant key; null for an account key. */
  tenant: { id: string; name: string } | null
}

/** Thrown if the pasted credential is accepted, but is not an API key. */
export class NotAKeyError extends Error {}

export async function loadAccess(api: Api): Promise<Access> {
  const { viewer } = await api.ask<Pick<Query, 'viewer'>>(ACCESS)
  const { kind, name, credentialId, scopes, expiresAt = null, tenant } = viewer
  if (kind !== 'ACCOUNT_KEY' && kind !== 'TENANT_KEY') {
    throw new NotAKeyError('This is a token for a page. Sign in with an API key, which begins with parley_.')
  }
  return { keyId: credentialId, name, kind, scopes: new Set(scopes), expiresAt, tenant: tenant ?? null }
}

export const isAdmin = ({ scopes }: Access): boolean => scopes.has('ADMIN')

/** Whether the key can create a token that shows a tenant's dashboard. */
export const canPreview = ({ scopes }: Access): boolean =>
  scopes.has('EMBED_TOKENS_CREATE') && (scopes.has('ANALYTICS_READ') || scopes.has('CONVERSATIONS_READ'))

import type { AuditAction, AuditActorKind, AuditObjectType, AuditOutcome } from '../../client/generated/schema-types.ts'

/** What was done; if it was refused, what was attempted. */
export const ACTION_TEXTS: Readonly<Record<AuditAction, string>> = {
  API_KEY_GENERATED: 'Generated API key',
  API_KEY_UPDATED: 'Updated API key',
  API_KEY_REGENERATED: 'Regenerated API key',
  API_KEY_REVOKED: 'Revoked API key',
  TENANT_CREATED: 'Created tenant',
  TENANT_UPDATED: 'Updated tenant',
  EMBED_TOKEN_CREATED: 'Created embed token',
  EMBED_TOKENS_REVOKED: 'Revoked all tokens of a tenant',
  SIGNING_KEY_ROTATED: 'Rotated signing key',
  TOKEN_ISSUER_REGISTERED: 'Registered token issuer',
  TOKEN_ISSUER_UPDATED: 'Updated token issuer',
  TOKEN_ISSUER_DELETED: 'Deleted token issuer',
  DOCUMENTS_REGISTERED: 'Registered documents',
  DOCUMENTS_DELETED: 'Deleted documents',
  CONVERSATION_DELETED: 'Deleted conversation',
  CREDENTIAL_USED: 'Used a refused credential',
  ACCOUNT_READ: 'Tried to read account data',
  DATA_WRITTEN: 'Tried to write tenant data',
}

export const ACTIONS = Object.keys(ACTION_TEXTS) as AuditAction[]

export const ACTOR_TEXTS: Readonly<Record<AuditActorKind, string>> = {
  ACCOUNT_KEY: 'Account key',
  TENANT_KEY: 'Tenant key',
  EMBED_TOKEN: 'Embed token',
  ISSUER_TOKEN: 'Issuer token',
  NONE: 'The server itself',
}

export const OBJECT_TEXTS: Readonly<Record<AuditObjectType, string>> = {
  API_KEY: 'API key',
  TENANT: 'Tenant',
  EMBED_TOKEN: 'Tokens of the tenant',
  SIGNING_KEY: 'Signing key',
  TOKEN_ISSUER: 'Token issuer',
  DOCUMENT: 'Documents',
  CONVERSATION: 'Conversation',
}

export const OUTCOME_TEXTS: Readonly<Record<AuditOutcome, string>> = { DONE: 'Done', REFUSED: 'Refused' }

import { builder } from '../graphql/builder.ts'

export const AuditAction = builder.enumType('AuditAction', {
  description: 'An action that the audit log records.',
  values: {
    API_KEY_GENERATED: {
      description:
        "An API key was generated, by `generateApiKey`, the server's first start or a command on its machine. `details.repeated`: its secret was returned again, to a retry with the same `idempotencyKey`.",
    },
    API_KEY_UPDATED: { description: 'An API key was updated.' },
    API_KEY_REGENERATED: {
      description:
        'An API key got a new secret. `details.repeated`: it was returned again, to a retry with the same `idempotencyKey`.',
    },
    API_KEY_REVOKED: { description: 'An API key was revoked.' },
    TENANT_CREATED: { description: 'A tenant was created, by `createTenant` or by the first write for it.' },
    TENANT_UPDATED: { description: "A tenant's name, time zone or settings were changed." },
    EMBED_TOKEN_CREATED: { description: 'An embed token was created.' },
    EMBED_TOKENS_REVOKED: { description: 'All tokens of a tenant were revoked.' },
    SIGNING_KEY_ROTATED: { description: 'A new key replaced the one that signs embed tokens.' },
    TOKEN_ISSUER_REGISTERED: { description: 'A token issuer was registered.' },
    TOKEN_ISSUER_UPDATED: { description: 'A token issuer was updated.' },
    TOKEN_ISSUER_DELETED: { description: 'A token issuer was deleted.' },
    DOCUMENTS_REGISTERED: { description: 'Documents were registered.' },
    DOCUMENTS_DELETED: { description: 'Registered documents were deleted.' },
    CONVERSATION_DELETED: { description: 'A conversation was deleted.' },
    CREDENTIAL_USED: {
      description:
        'A known credential was used. Recorded only if it was refused: because it is revoked or expired, has a wrong secret, is for another tenant, or is not accepted from the address.',
    },
    ACCOUNT_READ: { description: 'Data that needs the scope ADMIN was requested. Recorded only if refused.' },
    DATA_WRITTEN: { description: "Any other write of a tenant's data was attempted. Recorded only if refused." },
  } as const,
})

export const AuditActorKind = builder.enumType('AuditActorKind', {
  description: 'What kind of credential an actor used.',
  values: {
    ACCOUNT_KEY: { description: 'An API key of the account.' },
    TENANT_KEY: { description: 'An API key of one tenant.' },
    EMBED_TOKEN: {
      description: 'An embed token: a short-lived token of one tenant for a browser, created by `createEmbedToken`.',
    },
    ISSUER_TOKEN: { description: 'An issuer token: a JWT signed by a registered token issuer.' },
    NONE: { description: "No credential: the server's start, or a command on its machine." },
  } as const,
})

export const AuditObjectType = builder.enumType('AuditObjectType', {
  description: 'Type of the object of an action.',
  values: {
    API_KEY: { description: 'An API key, `key_…`.' },
    TENANT: { description: 'A tenant, by the id chosen at its creation.' },
    EMBED_TOKEN: { description: 'One or all tokens of the tenant; tokens have no id.' },
    SIGNING_KEY: { description: 'A key that signs embed tokens, by its `kid`.' },
    TOKEN_ISSUER: { description: 'A token issuer, `issuer_…`.' },
    DOCUMENT: { description: 'Registered documents, which have no id: `details` has their hashes.' },
    CONVERSATION: { description: 'A conversation, `conv_…`.' },
  } as const,
})

export const AuditOutcome = builder.enumType('AuditOutcome', {
  description: 'Whether an action was performed.',
  values: {
    DONE: { description: 'It was performed and stored.' },
    REFUSED: { description: 'It was refused; `errorCode` says why.' },
  } as const,
})

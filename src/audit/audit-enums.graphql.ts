import { builder } from '../graphql/builder.ts'

export const AuditAction = builder.enumType('AuditAction', {
  description: 'What the audit log records.',
  values: {
    API_KEY_GENERATED: { description: 'An API key was made, by `generateApiKey`, the first start or a command.' },
    API_KEY_REGENERATED: { description: 'An API key was given a new secret.' },
    API_KEY_REVOKED: { description: 'An API key was ended.' },
    TENANT_CREATED: { description: 'A tenant was created, by `createTenant` or by a first write for it.' },
    TENANT_UPDATED: { description: 'A tenant’s name or time zone was changed.' },
    EMBED_TOKEN_CREATED: { description: 'A token for a browser was made.' },
    EMBED_TOKENS_REVOKED: { description: 'All tokens of a tenant were ended.' },
    SIGNING_KEY_ROTATED: { description: 'A new key began to sign tokens.' },
    TOKEN_ISSUER_REGISTERED: { description: 'An issuer of tokens was registered.' },
    TOKEN_ISSUER_UPDATED: { description: 'An issuer of tokens was changed.' },
    TOKEN_ISSUER_REMOVED: { description: 'An issuer of tokens was removed.' },
    CONVERSATION_DELETED: { description: 'A conversation was erased.' },
    CREDENTIAL_USED: {
      description:
        'A known credential was sent. Recorded where refused: revoked, expired, with a wrong secret, or for another tenant.',
    },
    ACCOUNT_READ: { description: 'What is for the scope ADMIN was asked for. Recorded where refused.' },
    DATA_WRITTEN: { description: 'Any other write of a tenant’s data. Recorded where refused.' },
  } as const,
})

export const AuditActorKind = builder.enumType('AuditActorKind', {
  description: 'What an actor was authenticated with.',
  values: {
    ACCOUNT_KEY: { description: 'An API key of the account.' },
    TENANT_KEY: { description: 'An API key of one tenant.' },
    EMBED_TOKEN: { description: 'A token that this server made.' },
    FOREIGN_TOKEN: { description: 'A token of a registered issuer.' },
    NONE: { description: 'Nothing: the server’s start, or a command on its machine.' },
  } as const,
})

export const AuditObjectType = builder.enumType('AuditObjectType', {
  description: 'What the audit log names by its id.',
  values: {
    API_KEY: { description: 'An API key, `key_…`.' },
    TENANT: { description: 'A tenant, by the id chosen at its creation.' },
    EMBED_TOKEN: { description: 'A token of the tenant, or all of them; tokens have no id.' },
    SIGNING_KEY: { description: 'A key that tokens are signed with, by its `kid`.' },
    TOKEN_ISSUER: { description: 'A registered issuer of tokens.' },
    CONVERSATION: { description: 'A conversation, `conv_…`.' },
  } as const,
})

export const AuditOutcome = builder.enumType('AuditOutcome', {
  description: 'Whether something was done.',
  values: {
    DONE: { description: 'It was, and is stored.' },
    REFUSED: { description: 'It was not; `errorCode` says why.' },
  } as const,
})

import { builder } from '../graphql/builder.ts'

export const Scope = builder.enumType('Scope', {
  description: 'A permission of a credential.',
  values: {
    ANALYTICS_READ: { description: 'Read analytics: series, metrics, end users, retention and `Agent.totals`.' },
    CONVERSATIONS_READ: { description: 'Read conversations, messages and agents.' },
    INTERNALS_READ: {
      description: 'See system prompts, internal events, and the inputs, outputs, errors and thoughts of tool calls.',
    },
    CONVERSATIONS_WRITE: {
      description:
        'Log, append to, update, complete and reopen conversations, and update their messages; create, update and archive agents. Without CONVERSATIONS_READ, responses show only the `id`, `externalId`, `status`, `createdAt` and `updatedAt` of a conversation, the `id`, `externalId` and `sequence` of a message, and the `id`, `externalId` and `status` of an agent; any other field fails with FORBIDDEN.',
    },
    CONVERSATIONS_ERASE: { description: 'Delete conversations.' },
    EMBED_TOKENS_CREATE: {
      description: 'Create embed tokens, revoke all tokens of the tenant, and register and delete documents.',
    },
    ADMIN: { description: 'Manage tenants, API keys and token issuers, and read the audit log. Account keys only.' },
  } as const,
})

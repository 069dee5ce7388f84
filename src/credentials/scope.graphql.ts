import { builder } from '../graphql/builder.ts'

export const Scope = builder.enumType('Scope', {
  description: 'One thing that a credential may do.',
  values: {
    ANALYTICS_READ: { description: 'Read series and metrics.' },
    CONVERSATIONS_READ: { description: 'Read conversations, messages and agents.' },
    INTERNALS_READ: {
      description: 'See system prompts, internal events, and the inputs, outputs, errors and thoughts of tool calls.',
    },
    CONVERSATIONS_WRITE: {
      description:
        'Log, append, update and rate conversations; register agents. Without CONVERSATIONS_READ, answers show only the `id`, `externalId`, `status`, `createdAt` and `updatedAt` of a conversation, the `id` and `sequence` of a message, and the `id`, `externalId` and `status` of an agent.',
    },
    CONVERSATIONS_ERASE: { description: 'Delete conversations.' },
    EMBED_TOKENS_CREATE: { description: 'Create embed tokens.' },
    ADMIN: { description: 'Manage tenants and API keys. Account keys only.' },
  } as const,
})

import type { Scope } from '../auth/principal.ts'

/**
 * What a credential sees depends on the fields it asks for, whichever path leads there. Conversations, messages and
 * agents need CONVERSATIONS_READ: a field that is added to them is closed to writers until it says otherwise.
 */

/** For the types: every field needs this. */
export const READERS_ONLY = { scope: 'CONVERSATIONS_READ' } as const

/** For the few fields that also tell a writer which row it wrote, and the outcome. */
export const READERS_AND_WRITERS = {
  authScopes: { anyScope: ['CONVERSATIONS_READ', 'CONVERSATIONS_WRITE'] as Scope[] },
  skipTypeScopes: true,
  skipInterfaceScopes: true,
}

/** For descriptions of what mutations return. */
export const WRITERS_SEE = {
  conversation: 'Without the scope CONVERSATIONS_READ: only `id`, `externalId`, `status`, `createdAt` and `updatedAt`.',
  message: 'Without the scope CONVERSATIONS_READ: only `id` and `sequence`.',
  agent: 'Without the scope CONVERSATIONS_READ: only `id`, `externalId` and `status`.',
}

import type { Scope } from '../auth/principal.ts'

/**
 * What a credential sees depends on the fields it requests, whichever path leads to them. Conversations, messages and
 * agents need CONVERSATIONS_READ: a new field of theirs is closed to writers unless it says otherwise.
 */

/** For the types: every field needs this scope. */
export const READERS_ONLY = { scope: 'CONVERSATIONS_READ' } as const

/** For the few fields that writers may read too: which row they wrote, and the outcome. */
export const READERS_AND_WRITERS = {
  authScopes: { anyScope: ['CONVERSATIONS_READ', 'CONVERSATIONS_WRITE'] as Scope[] },
  skipTypeScopes: true,
  skipInterfaceScopes: true,
}

/** For descriptions of what mutations return. */
export const WRITERS_SEE = {
  conversation: writersSee('`id`, `externalId`, `status`, `createdAt` and `updatedAt`'),
  message: writersSee('`id`, `externalId` and `sequence`'),
  agent: writersSee('`id`, `externalId` and `status`'),
}

function writersSee(fields: string): string {
  return `Without the scope CONVERSATIONS_READ, only ${fields} can be selected; any other field fails with FORBIDDEN.`
}

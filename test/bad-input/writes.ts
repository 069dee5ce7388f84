import { said } from '../conversations/writes.ts'

/** Ids of a tenant's rows, for writes that name one. */
export interface Ids {
  agent: string
  conversation: string
  message: string
}

/** A call of every write of a tenant that would succeed, and the scope it needs. */
export const TENANT_WRITES: Record<string, { scope: string; selection: string; input: (ids: Ids) => object }> = {
  createAgent: { scope: 'CONVERSATIONS_WRITE', selection: 'agent { id }', input: () => ({ name: 'New' }) },
  upsertAgent: { scope: 'CONVERSATIONS_WRITE', selection: 'agent { id }', input: () => ({ externalId: 'new' }) },
  updateAgent: {
    scope: 'CONVERSATIONS_WRITE',
    selection: 'agent { id }',
    input: ({ agent }) => ({ by: { id: agent }, name: 'B' }),
  },
  archiveAgent: {
    scope: 'CONVERSATIONS_WRITE',
    selection: 'agent { id }',
    input: ({ agent }) => ({ by: { id: agent } }),
  },
  logConversation: {
    scope: 'CONVERSATIONS_WRITE',
    selection: 'conversation { id }',
    input: ({ agent }) => ({ messages: [said('a')], agents: [{ id: agent }] }),
  },
  appendMessages: {
    scope: 'CONVERSATIONS_WRITE',
    selection: 'conversation { id }',
    input: ({ conversation }) => ({ by: { id: conversation }, messages: [said('a')], metadata: { a: 1 } }),
  },
  completeConversation: {
    scope: 'CONVERSATIONS_WRITE',
    selection: 'conversation { id }',
    input: ({ conversation }) => ({ by: { id: conversation } }),
  },
  reopenConversation: {
    scope: 'CONVERSATIONS_WRITE',
    selection: 'conversation { id }',
    input: ({ conversation }) => ({ by: { id: conversation } }),
  },
  updateConversation: {
    scope: 'CONVERSATIONS_WRITE',
    selection: 'conversation { id }',
    input: ({ conversation }) => ({ by: { id: conversation }, campaign: 'c' }),
  },
  updateMessages: {
    scope: 'CONVERSATIONS_WRITE',
    selection: 'conversation { id }',
    input: ({ conversation, message }) => ({
      by: { id: conversation },
      messages: [{ by: { id: message }, rating: 1 }],
    }),
  },
  deleteConversation: {
    scope: 'CONVERSATIONS_ERASE',
    selection: 'deletedId',
    input: ({ conversation }) => ({ by: { id: conversation } }),
  },
}

/** The same for the account: the tenant is one that exists. */
export const ACCOUNT_WRITES: Record<string, { selection: string; input: (tenantId: string) => object }> = {
  createTenant: { selection: 'created', input: () => ({ id: 'not-yet', name: 'A' }) },
  updateTenant: { selection: 'tenant { id }', input: (tenantId) => ({ id: tenantId, name: 'B' }) },
}

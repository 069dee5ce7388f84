import { expect, test } from 'vitest'
import { ACTIONS } from '../../src/audit/audit-refusals.ts'
import { AuditAction } from '../../src/database/generated/client/enums.ts'
import { schema } from '../../src/schema/schema.ts'

/**
 * Every mutation there is: the action that it records, or why a success of it is not recorded. (A refusal always is.)
 * One that is new belongs into this table, and, where it is audited, into ACTIONS and a test beside this one.
 */
const MUTATIONS: Record<string, { records: AuditAction } | { not: string }> = {
  generateApiKey: { records: 'API_KEY_GENERATED' },
  updateApiKey: { records: 'API_KEY_UPDATED' },
  regenerateApiKey: { records: 'API_KEY_REGENERATED' },
  revokeApiKey: { records: 'API_KEY_REVOKED' },
  createTenant: { records: 'TENANT_CREATED' },
  updateTenant: { records: 'TENANT_UPDATED' },
  createEmbedToken: { records: 'EMBED_TOKEN_CREATED' },
  revokeEmbedTokens: { records: 'EMBED_TOKENS_REVOKED' },
  rotateSigningKey: { records: 'SIGNING_KEY_ROTATED' },
  registerTokenIssuer: { records: 'TOKEN_ISSUER_REGISTERED' },
  updateTokenIssuer: { records: 'TOKEN_ISSUER_UPDATED' },
  deleteTokenIssuer: { records: 'TOKEN_ISSUER_DELETED' },
  registerDocuments: { records: 'DOCUMENTS_REGISTERED' },
  deleteDocuments: { records: 'DOCUMENTS_DELETED' },
  deleteConversation: { records: 'CONVERSATION_DELETED' },

  logConversation: { not: 'it adds data, which itself says when; what it gives access to does not change' },
  logConversations: { not: 'it adds data, which itself says when; what it gives access to does not change' },
  appendMessages: { not: 'it adds data, which itself says when; what it gives access to does not change' },
  completeConversation: { not: 'a step in the life of a conversation, which shows it' },
  reopenConversation: { not: 'a step in the life of a conversation, which shows it' },
  updateConversation: { not: 'a correction by who may write; nothing is erased for good but what is written over' },
  updateMessages: { not: 'what was found out, which the message shows' },
  createAgent: { not: 'an agent gives nobody access to anything, and shows its own times' },
  upsertAgent: { not: 'an agent gives nobody access to anything, and shows its own times' },
  updateAgent: { not: 'an agent gives nobody access to anything, and shows its own times' },
  testToken: { not: 'it changes nothing; what it says of a token, its holder could find out' },
  archiveAgent: { not: 'it can be undone and takes no history away' },
}

/** Recorded, and no mutation: refusals of credentials, of reads, and of writes that are not audited by themselves. */
const OTHERWISE: AuditAction[] = ['CREDENTIAL_USED', 'ACCOUNT_READ', 'DATA_WRITTEN']

test('every mutation of the schema is audited, or known not to be and why', () => {
  const mutations = Object.keys(schema.getMutationType()?.getFields() ?? {})
  expect(mutations.sort()).toEqual(Object.keys(MUTATIONS).sort())
})

test('a refused one is recorded as what it would have been', () => {
  const audited = Object.entries(MUTATIONS).flatMap(([name, entry]) =>
    'records' in entry ? [[name, entry.records] as const] : [],
  )
  expect(ACTIONS).toEqual(Object.fromEntries(audited))
})

test('every action there is, is of some mutation or recorded otherwise', () => {
  const recorded = [...Object.values(ACTIONS), ...OTHERWISE]
  expect(recorded.sort()).toEqual(Object.values(AuditAction).sort())
})

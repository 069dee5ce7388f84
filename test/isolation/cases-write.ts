import { hash } from 'node:crypto'
import type { Case } from './cases.ts'
import { mark, type Planted } from './plant.ts'
import { agentInput, documentsOf, SHARED_EXTERNAL_ID } from './planted-inputs.ts'

const CHAT = { role: 'USER', content: 'Written by somebody else' }
const MESSAGES = [{ chat: CHAT }]

/** Every way in which a write names one of the other's agents, each as part of an input. */
function agentsOf(other: Planted): object[] {
  const inMessages = (agent: object) => [
    { chat: { ...CHAT, agent } },
    { tool: { name: 'a tool', agent } },
    { event: { name: 'an event', agent } },
  ]
  const byId = { id: other.agentId }
  const byName = { externalId: mark(other, 'agent') }
  // An id fails where it is met first; of a name one's own agent is made, wherever it stands.
  return [
    { agents: [byId], messages: MESSAGES },
    ...inMessages(byId).map((message) => ({ messages: [message] })),
    { agents: [byName, { externalId: mark(other, 'new-agent') }], messages: inMessages(byName) },
  ]
}

/** Both ways in which a write names a conversation or an agent. */
const closed = (other: Planted) => [{ by: { id: other.closedId } }, { by: { externalId: mark(other, 'closed') } }]
const open = (other: Planted) => [{ by: { id: other.openId } }, { by: { externalId: mark(other, 'open') } }]
const agent = (other: Planted) => [{ by: { id: other.agentId } }, { by: { externalId: mark(other, 'open-agent') } }]

/** What is told apart by the caller's own ids, within a message. */
const idsWithin = (other: Planted) => ({
  intent: { name: 'taken', externalId: mark(other, 'intent-id') },
  reply: { name: 'taken', externalId: mark(other, 'reply-id') },
})

/** Entries that the other has already. */
const entriesOf = (other: Planted) => [
  { chat: { externalId: mark(other, 'message'), role: 'USER', content: 'Taken', ...idsWithin(other) } },
  { tool: { externalId: mark(other, 'call'), name: 'taken' } },
  { event: { externalId: mark(other, 'message'), name: 'taken' } },
]

const conversationsAgainst = (other: Planted): object[] => [
  ...['RETURN_EXISTING', 'APPEND', 'ERROR'].flatMap((onConflict) => [
    { externalId: mark(other, 'open'), onConflict, metadata: { taken: true }, messages: MESSAGES },
    { externalId: SHARED_EXTERNAL_ID, onConflict, messages: MESSAGES },
  ]),
  ...agentsOf(other),
  { messages: entriesOf(other) },
  { messages: MESSAGES, idempotencyKey: mark(other, 'closed-key') },
  { agents: [{ id: other.agentId }], messages: MESSAGES, idempotencyKey: mark(other, 'refused-key') },
]

const inputs = (list: object[]) => list.map((input) => ({ input }))

export const writeCases: Record<string, Case> = {
  'Mutation.createAgent': (other) =>
    inputs([
      // The very request that the other made, with its key: the answer must not be the other's.
      agentInput(other),
      { name: 'Taken', externalId: mark(other, 'agent') },
    ]),
  'Mutation.upsertAgent': (other) =>
    inputs([
      { externalId: mark(other, 'agent'), name: 'Taken', systemPrompt: 'Taken', tags: ['taken'], status: 'DEPRECATED' },
      { externalId: mark(other, 'second-agent') },
      { externalId: mark(other, 'third-agent'), idempotencyKey: mark(other, 'closed-key') },
    ]),
  'Mutation.updateAgent': (other) =>
    inputs([
      ...agent(other).map((which) => ({
        ...which,
        ...{ name: 'Taken', systemPrompt: 'Taken', tags: ['taken'], status: 'DEPRECATED' },
      })),
      { ...agent(other)[0], description: null, idempotencyKey: mark(other, 'agent-key') },
    ]),
  'Mutation.archiveAgent': (other) =>
    inputs([...agent(other), { ...agent(other)[0], idempotencyKey: mark(other, 'agent-key') }]),

  'Mutation.logConversation': (other) => inputs(conversationsAgainst(other)),
  'Mutation.logConversations': (other) => inputs([{ conversations: conversationsAgainst(other) }]),
  'Mutation.appendMessages': (other, own) =>
    inputs([
      ...open(other).map((which) => ({ ...which, messages: MESSAGES, metadata: { taken: true } })),
      { ...open(other)[0], messages: MESSAGES, expectedSequence: 1, status: 'FAILED' },
      { by: { externalId: mark(other, 'open') }, messages: entriesOf(other), createIfMissing: true },
      ...['open', 'begun'].map((name) => ({
        by: { externalId: mark(other, name) },
        messages: MESSAGES,
        createIfMissing: true,
      })),
      ...agentsOf(other).map((agents) => ({ by: { id: own.openId }, ...agents })),
      { ...open(other)[0], messages: MESSAGES, idempotencyKey: mark(other, 'open-key') },
    ]),
  'Mutation.completeConversation': (other) =>
    inputs([
      ...open(other).map((which) => ({ ...which, status: 'FAILED', outcome: 'BOT_HANDLED' })),
      { ...open(other)[0], status: 'FAILED', idempotencyKey: mark(other, 'open-key') },
    ]),
  'Mutation.reopenConversation': (other) =>
    inputs([...closed(other), { ...closed(other)[0], idempotencyKey: mark(other, 'closed-key') }]),
  'Mutation.updateConversation': (other, own) =>
    inputs([
      ...closed(other).map((which) => ({ ...which, feedback: 'Taken', metadata: { taken: true } })),
      { ...closed(other)[0], deleteMetadataKeys: [mark(other, 'key')], idempotencyKey: mark(other, 'closed-key') },
      { by: { id: own.closedId }, agents: [{ id: other.agentId }] },
      { by: { id: own.closedId }, agents: [{ externalId: mark(other, 'agent') }] },
    ]),
  'Mutation.updateMessages': (other, own) =>
    inputs([
      ...closed(other).map((which) => ({ ...which, messages: ratings(other) })),
      { ...closed(other)[0], messages: ratings(other), idempotencyKey: mark(other, 'closed-key') },
      { by: { id: own.closedId }, messages: ratings(other) },
      { by: { id: own.closedId }, messages: [{ by: { id: own.userMessageId }, rating: 1 }, ...ratings(other)] },
      { ...closed(other)[0], messages: ratings(own) },
      {
        by: { id: own.closedId },
        messages: [{ by: { externalId: mark(other, 'message') }, rating: 1, ...idsWithin(other) }],
      },
    ]),
  'Mutation.createEmbedToken': (other) =>
    inputs([
      { agents: [{ id: other.agentId }] },
      { agents: [{ externalId: mark(other, 'agent') }] },
      { endUserIds: [mark(other, 'end-user')] },
      { metadata: { [mark(other, 'key')]: mark(other, 'value') } },
    ]),
  'Mutation.revokeEmbedTokens': () => [{}],
  // Of two documents, so that one is still there if the other was deleted.
  'Mutation.registerDocuments': (other) => inputs([{ documents: documentsOf(other).slice(0, 1) }]),
  'Mutation.deleteDocuments': (other) =>
    inputs([
      {
        sha256Hashes: documentsOf(other)
          .map(({ document }) => hash('sha256', document, 'hex'))
          .slice(1, 2),
      },
    ]),
  'Mutation.deleteConversation': (other) =>
    inputs([
      { by: { id: other.sharedId }, idempotencyKey: mark(other, 'delete-key') },
      { by: { id: other.closedId } },
      { by: { externalId: mark(other, 'open') } },
    ]),
}

const ratings = ({ nodeIds }: Planted) => [{ by: { id: nodeIds['ChatMessage'] }, rating: 1 }]

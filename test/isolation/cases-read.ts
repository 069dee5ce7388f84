import type { Case } from './cases.ts'
import { mark, type Planted } from './plant.ts'
import { SHARED_EXTERNAL_ID } from './planted-inputs.ts'

const ORDERS = ['STARTED_AT', 'CREATED_AT', 'UPDATED_AT', 'MESSAGE_COUNT']

export const readCases: Record<string, Case> = {
  'Query.viewer': () => [{}],
  'Query.limits': () => [{}],
  'Query.agents': (other) => [
    {},
    { first: 5, after: other.cursors['agents'] },
    { last: 5, before: other.cursors['agents'] },
    { filter: { externalIds: [mark(other, 'agent')] } },
    { filter: { tags: [mark(other, 'agent-tag')] } },
    { filter: { statuses: ['ACTIVE'] } },
  ],
  'Query.agent': (other) => [{ id: other.agentId }, { externalId: mark(other, 'agent') }],
  'Query.conversation': (other) => [
    { id: other.closedId },
    { id: other.openId },
    { externalId: mark(other, 'closed') },
    { externalId: SHARED_EXTERNAL_ID },
  ],
  'Query.conversations': (other) => [
    {},
    ...ORDERS.flatMap((field) => [
      { orderBy: { field }, first: 5, after: other.cursors[field] },
      { orderBy: { field }, last: 5, before: other.cursors[field] },
    ]),
    ...filters(other).map((filter) => ({ filter })),
  ],
  'Query.metadataKeys': (other) => [
    {},
    { first: 100, topValues: 100, filter: { or: filters(other).slice(0, 30) } },
    { first: 100, topValues: 100, filter: { or: filters(other).slice(30) } },
  ],
  'Query.node': ({ nodeIds, openId }) => [...Object.values(nodeIds).map((id) => ({ id })), { id: openId }],
  // One id that may not be asked for refuses the whole request: once without the account's.
  'Query.nodes': ({ nodeIds: { ApiKey, AuditEvent, TokenIssuer, ...ids } }) => [
    { ids: Object.values(ids) },
    { ids: [ApiKey, AuditEvent, TokenIssuer] },
  ],

  // The first event of each is looked at: they are asked for what can be told at once.
  'Subscription.conversationUpdated': (other) => [{ id: other.openId }, { id: other.closedId }],
  'Subscription.messagesAppended': (other) => [
    { conversationId: other.openId, afterSequence: -1 },
    { conversationId: other.closedId, afterSequence: -1 },
  ],
  'Subscription.conversationsChanged': (other) => [
    { after: other.cursors['changes'] },
    { after: other.cursors['changes'], filter: { or: filters(other).slice(0, 30) } },
    { after: other.cursors['changes'], filter: { or: filters(other).slice(30) } },
  ],
}

/** Every condition that there is, each so that it fits the other's finished conversation. */
const filters = (other: Planted): object[] => [
  { startedAt: { from: '2024-03-01T00:00:00Z', to: '2024-03-03T00:00:00Z' } },
  { endedAt: { from: '2024-03-01T00:00:00Z', to: '2024-03-03T00:00:00Z' } },
  { createdAt: { from: '2024-01-01T00:00:00Z' } },
  { updatedAt: { from: '2024-01-01T00:00:00Z' } },
  { externalIds: [mark(other, 'closed')] },
  { statuses: ['COMPLETED'] },
  { channels: ['VOICE'] },
  { directions: ['OUTBOUND'] },
  { campaigns: [mark(other, 'campaign')] },
  { agentIds: [other.agentId] },
  { endUserIds: [mark(other, 'end-user')] },
  { companyNames: [mark(other, 'company')] },
  { languages: [mark(other, 'language')] },
  { models: [mark(other, 'model')] },
  { labels: [mark(other, 'label')] },
  { outcomes: ['CUSTOM_ESCALATION'] },
  { resolutions: ['ESCALATED'] },
  { isTest: true },
  { ratings: [-1] },
  { sentiment: { gt: -0.8, lte: -0.7 } },
  { durationSeconds: { gte: 1234.5, lt: 1235 } },
  { messageCount: { gte: 1 } },
  { hasNotUnderstood: true },
  { toolNames: [mark(other, 'tool')] },
  { eventNames: [mark(other, 'event'), mark(other, 'internal-event')] },
  { intents: [mark(other, 'intent')] },
  { search: mark(other, 'content') },
  { search: `"${mark(other, 'content')}" or own` },
  { and: [{ campaigns: [mark(other, 'campaign')] }, { search: mark(other, 'content') }] },
  { or: [{ externalIds: [mark(other, 'closed')] }, { agentIds: [other.agentId] }] },
  { not: { externalIds: ['nobody has this'] } },
  { not: { not: { toolNames: [mark(other, 'tool')] } } },
  ...metadataFilters(other).map((condition) => ({ metadata: [condition] })),
]

function metadataFilters(other: Planted): object[] {
  const path = [mark(other, 'key')]
  const number = ['number']
  return [
    { path, eq: mark(other, 'value') },
    { path: number, eq: 730_245 },
    { path: ['nobody has this'], ne: 1 },
    { path, in: [mark(other, 'value'), 1] },
    { path: number, gt: 730_244 },
    { path: number, gte: 730_245 },
    { path: number, lt: 730_246 },
    { path: number, lte: 730_245 },
    { path, exists: true },
    { path: ['nested', 'list'], contains: mark(other, 'element') },
    { path: ['nested'], contains: { list: [mark(other, 'element')] } },
    { path: ['nested'], eq: { list: [mark(other, 'element')] } },
    { path, startsWith: other.marker },
  ]
}

import { MEASURES } from '../../src/analytics/measures.ts'
import type { Case } from './cases.ts'
import { mark, type Planted } from './plant.ts'
import { SHARED_EXTERNAL_ID } from './planted-inputs.ts'

/** All that tells a tenant's numbers: the planted conversations are of 2024 and of now, and some are tests. */
const PLANTED = { range: { from: '2024-01-01T00:00:00Z', to: '2034-01-01T00:00:00Z' }, includeTests: true }

const DIMENSIONS = [
  ...['AGENT', 'STATUS', 'CHANNEL', 'DIRECTION', 'CAMPAIGN', 'END_REASON', 'LANGUAGE', 'MODEL'],
  ...['OUTCOME', 'RESOLUTION', 'LABEL', 'FIRST_INTENT', 'TOOL_NAME'],
  ...['END_USER', 'COMPANY_NAME', 'EVENT_NAME', 'ANALYSIS_TAG'],
]

/** All of them but one, which no filter selects. */
const FACETS = DIMENSIONS.filter((dimension) => dimension !== 'FIRST_INTENT')

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
  'Query.trustedDocuments': ({ cursors }) => [
    {},
    { first: 5, after: cursors['trustedDocuments'] },
    { last: 5, before: cursors['trustedDocuments'] },
  ],
  'Query.agent': (other) => [{ by: { id: other.agentId } }, { by: { externalId: mark(other, 'agent') } }],
  'Query.conversation': (other) => [
    { by: { id: other.closedId } },
    { by: { id: other.openId } },
    { by: { externalId: mark(other, 'closed') } },
    { by: { externalId: SHARED_EXTERNAL_ID } },
  ],
  'Query.conversations': (other) => [
    {},
    ...ORDERS.flatMap((field) => [
      { orderBy: { field }, first: 5, after: other.cursors[field] },
      { orderBy: { field }, last: 5, before: other.cursors[field] },
    ]),
    // Among equals a cursor falls by chance, so none of these orders.
    ...['ENDED_AT', 'DURATION', 'COST'].map((field) => ({ orderBy: { field }, first: 5 })),
    ...halves(other).map((filter) => ({ filter })),
  ],
  'Query.metadataKeys': (other) => [{}, ...halves(other).map((filter) => ({ first: 100, topValues: 100, filter }))],
  'Query.conversationFacets': (other) => [
    { fields: FACETS, topValues: 100 },
    ...halves(other).map((filter) => ({ fields: FACETS, filter })),
  ],
  'Query.availableSeries': () => [{}],
  'Query.conversationSeries': (other) => [
    { measures: Object.keys(MEASURES), ...PLANTED, interval: 'YEAR', compareTo: 'PREVIOUS_PERIOD' },
    ...[...DIMENSIONS.map((dimension) => ({ dimension })), { metadataPath: [mark(other, 'key')] }].map((groupBy) => ({
      ...{
        measures: ['CONVERSATIONS', 'END_USERS', 'LATENCY_P50', 'DURATION_P50'],
        ...PLANTED,
        interval: 'YEAR',
        groupBy,
      },
    })),
    { measures: ['MESSAGES'], ...PLANTED, interval: 'YEAR', groupBy: { dimension: 'MESSAGE_LANGUAGE' } },
    ...halves(other).map((filter) => ({ measures: ['MESSAGES', 'COST_SUM'], ...PLANTED, interval: 'YEAR', filter })),
    // From the roll-ups: of whole days, and of hours, quarters and single conversations at their edges.
    ...[
      { range: { from: '2024-03-01T00:00:00Z', to: '2024-03-09T00:00:00Z' } },
      { range: { from: '2024-03-01T00:07:00Z', to: '2024-03-09T17:07:00Z' }, timeZone: 'Asia/Kathmandu' },
    ].map((days) => ({ measures: ['CONVERSATIONS'], interval: 'DAY', ...days })),
  ],
  'Query.conversationMetrics': (other) => [
    { ...PLANTED, compareTo: 'PREVIOUS_PERIOD' },
    ...halves(other).map((filter) => ({ ...PLANTED, filter })),
  ],
  'Query.intentMetrics': (other) => [
    ...['FIRST', 'LAST', 'FIRST_MEANINGFUL'].map((by) => ({ by, ...PLANTED })),
    ...halves(other).map((filter) => ({ excludeIntents: ['nobody has this'], ...PLANTED, filter })),
  ],
  'Query.toolMetrics': (other) => [{ ...PLANTED }, ...halves(other).map((filter) => ({ ...PLANTED, filter }))],
  'Query.languageMetrics': (other) => [{ ...PLANTED }, ...halves(other).map((filter) => ({ ...PLANTED, filter }))],
  'Query.endUsers': (other) => [
    { includeTests: true },
    // Among equals a cursor falls by chance, so none of this order.
    { orderBy: { field: 'CONVERSATIONS' }, includeTests: true },
    ...['LAST_SEEN', 'FIRST_SEEN'].flatMap((field) => [
      { orderBy: { field }, includeTests: true, first: 5, after: other.cursors[`END_USERS_${field}`] },
      { orderBy: { field }, includeTests: true, last: 5, before: other.cursors[`END_USERS_${field}`] },
    ]),
    ...halves(other).map((filter) => ({ range: PLANTED.range, includeTests: true, filter })),
  ],
  'Query.retention': (other) => [
    { until: '2024-03-20T00:00:00Z', includeTests: true },
    ...halves(other).map((filter) => ({ until: '2024-03-20T00:00:00Z', includeTests: true, filter })),
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
    ...halves(other).map((filter) => ({ after: other.cursors['changes'], filter })),
  ],
}

/** What is asked for the rows alone: each condition by itself. All of them together are among the cases above. */
export const rowCases: Record<string, Case> = {
  'Query.conversations': (other) => filters(other).map((filter) => ({ filter })),
}

/** The same in two filters, which a document's limits take. */
export const halves = (other: Planted) => [{ or: filters(other).slice(0, 30) }, { or: filters(other).slice(30) }]

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
  { agents: [{ id: other.agentId }] },
  { agents: [{ externalId: mark(other, 'agent') }, { id: other.agentId }] },
  { endUserIds: [mark(other, 'end-user')] },
  { companyNames: [mark(other, 'company')] },
  { languages: [mark(other, 'language')] },
  { models: [mark(other, 'model')] },
  { labels: [mark(other, 'label')] },
  { outcomes: ['CUSTOM_ESCALATION'] },
  { resolutions: ['ESCALATED'] },
  { isTest: true },
  { isLlmConversation: true },
  { ratings: [-1] },
  { messageExternalIds: [mark(other, 'message')] },
  { endReasons: [mark(other, 'end-reason')] },
  { sentiment: { gt: -0.8, lte: -0.7 } },
  { durationMs: { gte: 1_234_500, lt: 1_235_000 } },
  { messageCount: { gte: 1 } },
  { hasNotUnderstood: true },
  { toolNames: [mark(other, 'tool')] },
  { eventNames: [mark(other, 'event'), mark(other, 'internal-event')] },
  { intents: [mark(other, 'intent')] },
  { analysisStatuses: ['COMPLETED'] },
  { analysisTags: [mark(other, 'analysis-tag')] },
  { analysisPending: false },
  { search: mark(other, 'content') },
  { search: `"${mark(other, 'content')}" or own` },
  { and: [{ campaigns: [mark(other, 'campaign')] }, { search: mark(other, 'content') }] },
  { or: [{ externalIds: [mark(other, 'closed')] }, { agents: [{ id: other.agentId }] }] },
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

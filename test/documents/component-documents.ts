import {
  CHANGES,
  CONVERSATION,
  CONVERSATION_COUNT,
  CONVERSATIONS,
  FACETS,
  SERIES,
  VIEWER,
} from '../../src/embed/documents.ts'

export interface ComponentDocument {
  document: string
  /** The scope that it needs, and the only one; null: none. */
  scope: 'ANALYTICS_READ' | 'CONVERSATIONS_READ' | null
  variables: (conversationId: string) => Record<string, unknown>
}

/** Each document of the components, with what an element sends with it. A new one needs a line. */
export const SENT: Record<string, ComponentDocument> = {
  'who may do what': { document: VIEWER, scope: null, variables: () => ({}) },
  'a series': {
    document: SERIES,
    scope: 'ANALYTICS_READ',
    variables: () => ({
      measures: ['CONVERSATIONS', 'SENTIMENT_MEAN'],
      interval: 'DAY',
      range: { from: '2024-02-28', to: '2024-03-06', timeZone: 'America/New_York' },
      timeZone: null,
      filter: { channels: ['CHAT', 'EMAIL'] },
      includeTests: true,
      weekStart: 'MONDAY',
      groupBy: { dimension: 'CHANNEL' },
      compareTo: 'PREVIOUS_PERIOD',
    }),
  },
  facets: {
    document: FACETS,
    scope: 'CONVERSATIONS_READ',
    variables: () => ({ fields: ['CHANNEL', 'AGENT', 'LABEL'], filter: null }),
  },
  'a list': {
    document: CONVERSATIONS,
    scope: 'CONVERSATIONS_READ',
    variables: () => ({ first: 50, filter: { not: { statuses: ['FAILED'] } }, orderBy: { field: 'STARTED_AT' } }),
  },
  'how many they are': { document: CONVERSATION_COUNT, scope: 'CONVERSATIONS_READ', variables: () => ({}) },
  'a conversation': {
    document: CONVERSATION,
    scope: 'CONVERSATIONS_READ',
    variables: (id) => ({ id, last: 30 }),
  },
  'what changes': { document: CHANGES, scope: 'CONVERSATIONS_READ', variables: () => ({ after: null }) },
}

export const isSubscription = ({ document }: ComponentDocument) => document.startsWith('subscription')

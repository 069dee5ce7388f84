// Made from the schema by `npm run schema`. How to use it: clients/README.md.

import type { FieldPolicy, TypePolicies, TypePolicy } from '@apollo/client/cache'
import { relayStylePagination } from '@apollo/client/utilities'

/** Adds pages to a list, whether its `edges` or its `nodes` are selected. Other arguments than `keyArgs` are a page's. */
function pages(keyArgs: string[] | false): FieldPolicy {
  const { merge, ...policy }: FieldPolicy = relayStylePagination(keyArgs)
  if (typeof merge !== 'function') return policy
  return {
    ...policy,
    merge(existing, incoming, options) {
      // A list that was refused is null, and not an empty list.
      if (!incoming) return existing ?? null
      const merged = merge(existing, incoming, options)
      if (!incoming.nodes || !existing?.nodes) return merged
      const [known, page] = [existing.pageInfo ?? {}, incoming.pageInfo ?? {}]
      const { after, before } = options.args ?? {}
      if (after && after === known.endCursor) {
        const { startCursor = null, hasPreviousPage = false } = known
        const pageInfo = { ...page, startCursor, hasPreviousPage }
        return { ...merged, nodes: [...existing.nodes, ...incoming.nodes], pageInfo }
      }
      if (before && before === known.startCursor) {
        const { endCursor = null, hasNextPage = false } = known
        return { ...merged, nodes: [...incoming.nodes, ...existing.nodes], pageInfo: { ...page, endCursor, hasNextPage } }
      }
      return merged
    },
  }
}

/** Has no id: it belongs to the object that it is in. */
const embedded: TypePolicy = { keyFields: false, merge: true }

/** For `new InMemoryCache({ possibleTypes, typePolicies })`. */
export const typePolicies: TypePolicies = {
  Agent: {
    fields: {
      conversations: pages(['filter', 'orderBy']),
    },
  },
  Conversation: {
    fields: {
      messages: pages(['types']),
      searchMatches: pages(['search']),
    },
  },
  EndUser: {
    fields: {
      conversations: pages(['filter', 'orderBy']),
    },
  },
  Query: {
    fields: {
      tenants: pages(false),
      apiKeys: pages(['tenantId']),
      tokenIssuers: pages(false),
      auditEvents: pages(['filter']),
      agents: pages(['filter']),
      conversations: pages(['filter', 'orderBy']),
      endUsers: pages(['range', 'filter', 'includeTests', 'orderBy']),
    },
  },
  PageInfo: embedded,
  Enrichment: embedded,
  TenantEdge: embedded,
  TenantConnection: embedded,
  CreateTenantPayload: embedded,
  UpdateTenantPayload: embedded,
  ApiKeyEdge: embedded,
  ApiKeyConnection: embedded,
  GenerateApiKeyPayload: embedded,
  RegenerateApiKeyPayload: embedded,
  RevokeApiKeyPayload: embedded,
  Viewer: embedded,
  RateLimit: embedded,
  Limits: embedded,
  CreateEmbedTokenPayload: embedded,
  RevokeEmbedTokensPayload: embedded,
  RotateSigningKeyPayload: embedded,
  TokenIssuerEdge: embedded,
  TokenIssuerConnection: embedded,
  RegisterTokenIssuerPayload: embedded,
  UpdateTokenIssuerPayload: embedded,
  DeleteTokenIssuerPayload: embedded,
  TestTokenPayload: embedded,
  AuditActor: embedded,
  AuditEventEdge: embedded,
  AuditEventConnection: embedded,
  AgentEdge: embedded,
  AgentConnection: embedded,
  Redactions: embedded,
  Intent: embedded,
  Recording: embedded,
  Analysis: embedded,
  MessageEdge: embedded,
  MessageConnection: embedded,
  ConversationEdge: embedded,
  ConversationConnection: embedded,
  TextHighlight: embedded,
  SearchMatch: embedded,
  SearchMatchEdge: embedded,
  SearchMatchConnection: embedded,
  MessagesAppended: embedded,
  ConversationChange: embedded,
  ConversationsChanged: embedded,
  LlmStats: embedded,
  LogConversationPayload: embedded,
  AppendMessagesPayload: embedded,
  RateMessagesPayload: embedded,
  CompleteConversationPayload: embedded,
  UpdateConversationPayload: embedded,
  DeleteConversationPayload: embedded,
  LogError: embedded,
  LogConversationsResult: embedded,
  LogConversationsPayload: embedded,
  MetadataValue: embedded,
  MetadataKey: embedded,
  TriggeredIntent: embedded,
  AgentTotals: embedded,
  ConversationMetrics: embedded,
  ConversationMetricsComparison: embedded,
  EndUserEdge: embedded,
  EndUserConnection: embedded,
  IntentMetrics: embedded,
  LanguageMetrics: embedded,
  RetentionWeek: embedded,
  RetentionCohort: embedded,
  ToolMetrics: embedded,
  SeriesPoint: embedded,
  SeriesGroup: embedded,
  SeriesLine: embedded,
  ConversationSeries: embedded,
  AvailableSeries: embedded,
  CreateAgentPayload: embedded,
  UpsertAgentPayload: embedded,
  UpdateAgentPayload: embedded,
  ArchiveAgentPayload: embedded,
}

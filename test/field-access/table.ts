/**
 * For each field, which single scopes let a credential read it, if its path is allowed. Any other credential is refused
 * with FORBIDDEN. A new field needs an entry here.
 */
export const EVERYONE =
  'ANALYTICS_READ CONVERSATIONS_READ INTERNALS_READ CONVERSATIONS_WRITE CONVERSATIONS_ERASE EMBED_TOKENS_CREATE ADMIN'

/** By type and scopes, the names of fields. */
const TABLE: Record<string, Record<string, string>> = {
  Query: {
    ADMIN: 'tenants tenant apiKeys apiKey tokenIssuers auditEvents',
    EMBED_TOKENS_CREATE: 'trustedDocuments',
    [EVERYONE]: 'viewer limits node nodes',
    CONVERSATIONS_READ: 'agents agent conversation conversations metadataKeys conversationFacets',
    ANALYTICS_READ:
      'endUsers intentMetrics languageMetrics conversationMetrics retention toolMetrics conversationSeries availableSeries',
  },
  Mutation: {
    ADMIN:
      'createTenant updateTenant generateApiKey updateApiKey regenerateApiKey revokeApiKey rotateSigningKey registerTokenIssuer updateTokenIssuer deleteTokenIssuer testToken',
    EMBED_TOKENS_CREATE: 'createEmbedToken revokeEmbedTokens registerDocuments deleteDocuments',
    CONVERSATIONS_WRITE:
      'createAgent upsertAgent updateAgent archiveAgent logConversation appendMessages completeConversation reopenConversation updateConversation updateMessages logConversations',
    CONVERSATIONS_ERASE: 'deleteConversation',
  },
  Subscription: { CONVERSATIONS_READ: 'conversationUpdated messagesAppended conversationsChanged' },
  PageInfo: {
    'ANALYTICS_READ CONVERSATIONS_READ EMBED_TOKENS_CREATE ADMIN': 'hasNextPage hasPreviousPage startCursor endCursor',
  },
  Redactions: {
    CONVERSATIONS_READ:
      'emailAddressCount cardNumberCount usSocialSecurityNumberCount ukNationalInsuranceNumberCount phoneNumberCount ibanCount patternMatchCount',
  },
  RedactionPattern: { ADMIN: 'name pattern replacement' },
  Enrichment: { [EVERYONE]: 'sentiment language tokenCount cost' },
  Tenant: {
    [EVERYONE]:
      'id name timeZone allowedOrigins enrichment redactsPersonalData redactsPhoneNumbers phoneRegion redactsIbans abandonAfterMinutes createdAt',
    ADMIN: 'redactionPatterns',
    EMBED_TOKENS_CREATE: 'liveTokenCount',
  },
  TenantEdge: { ADMIN: 'cursor node' },
  TenantConnection: { ADMIN: 'edges nodes pageInfo totalCount' },
  CreateTenantPayload: { ADMIN: 'tenant created' },
  UpdateTenantPayload: { ADMIN: 'tenant' },
  ApiKey: {
    ADMIN:
      'id name note tenantId scopes autoCreateTenants requestsPerMinute allowedNetworks status hint createdAt regeneratedAt previousSecretExpiresAt lastUsedAt lastUsedAddress lastUsedUserAgent liveTokenCount previousSecretLiveTokenCount expiresAt revokedAt',
  },
  ApiKeyEdge: { ADMIN: 'cursor node' },
  ApiKeyConnection: { ADMIN: 'edges nodes pageInfo totalCount' },
  GenerateApiKeyPayload: { ADMIN: 'apiKey secret' },
  RegenerateApiKeyPayload: { ADMIN: 'apiKey secret' },
  UpdateApiKeyPayload: { ADMIN: 'apiKey' },
  RevokeApiKeyPayload: { ADMIN: 'apiKey' },
  Viewer: { [EVERYONE]: 'kind credentialId name scopes expiresAt documents tenant' },
  RateLimit: { [EVERYONE]: 'policy limit remaining resetsInSeconds' },
  EmbedScript: { [EVERYONE]: 'version path integrity' },
  Limits: {
    [EVERYONE]:
      'maxAnswerBytes maxBodyBytes maxJsonValues maxJsonDepth maxDocumentCharacters maxDocumentTokens maxDepth maxSelections maxRootFields maxAliases maxDirectives maxOverlaps maxCost defaultPageSize maxPageSize maxMessagesPerCall maxConversationsPerCall maxMetadataBytes maxSeriesPoints embed rateLimits',
  },
  CreateEmbedTokenPayload: { EMBED_TOKENS_CREATE: 'token expiresAt expiresInSeconds' },
  RevokeEmbedTokensPayload: { EMBED_TOKENS_CREATE: 'tenant' },
  RotateSigningKeyPayload: { ADMIN: 'keyId' },
  TrustedDocument: { EMBED_TOKENS_CREATE: 'sha256Hash document name belongsToAccount createdAt' },
  TrustedDocumentEdge: { EMBED_TOKENS_CREATE: 'cursor node' },
  TrustedDocumentConnection: { EMBED_TOKENS_CREATE: 'edges nodes pageInfo totalCount' },
  RegisterDocumentsPayload: { EMBED_TOKENS_CREATE: 'documents createdCount' },
  DeleteDocumentsPayload: { EMBED_TOKENS_CREATE: 'deletedSha256Hashes' },
  TokenIssuer: {
    ADMIN:
      'id name issuer audience jwksUrl keys tenantClaim scopes documents createdAt updatedAt lastUsedAt lastUsedAddress lastUsedUserAgent',
  },
  TokenIssuerEdge: { ADMIN: 'cursor node' },
  TokenIssuerConnection: { ADMIN: 'edges nodes pageInfo totalCount' },
  RegisterTokenIssuerPayload: { ADMIN: 'tokenIssuer' },
  UpdateTokenIssuerPayload: { ADMIN: 'tokenIssuer' },
  DeleteTokenIssuerPayload: { ADMIN: 'deletedId' },
  TestTokenPayload: {
    ADMIN: 'accepted reason claim message tokenIssuer tenant scopes subject expiresAt restrictedBy',
  },
  AuditActor: { ADMIN: 'kind credentialId name subject' },
  AuditEvent: {
    ADMIN: 'id occurredAt actor tenantId action objectType objectId outcome errorCode requestId clientAddress details',
  },
  AuditEventEdge: { ADMIN: 'cursor node' },
  AuditEventConnection: { ADMIN: 'edges nodes pageInfo totalCount' },
  Agent: {
    'CONVERSATIONS_READ CONVERSATIONS_WRITE': 'id externalId status',
    CONVERSATIONS_READ: 'name description systemPrompt model tags createdAt updatedAt conversations totals',
  },
  AgentEdge: { CONVERSATIONS_READ: 'cursor node' },
  AgentConnection: { CONVERSATIONS_READ: 'edges nodes pageInfo totalCount' },
  Recording: { CONVERSATIONS_READ: 'url contentType durationMs' },
  Analysis: { CONVERSATIONS_READ: 'status summary tags extractedData' },
  Attachment: { CONVERSATIONS_READ: 'url name mediaType' },
  Intent: { CONVERSATIONS_READ: 'name meaningful externalId' },
  Reply: { CONVERSATIONS_READ: 'name externalId type' },
  ChatMessage: {
    'CONVERSATIONS_READ CONVERSATIONS_WRITE': 'id externalId sequence',
    CONVERSATIONS_READ:
      'timestamp agent metadata redactions conversation role authorName content attachments model tokenCount costUsd latencyMs rating sentiment language translation understood intent reply participantId endedAt enrichedFields',
  },
  ToolCall: {
    'CONVERSATIONS_READ CONVERSATIONS_WRITE': 'id externalId sequence',
    CONVERSATIONS_READ:
      'timestamp agent metadata redactions conversation name input output thought error failed durationMs costUsd',
  },
  ConversationEvent: {
    'CONVERSATIONS_READ CONVERSATIONS_WRITE': 'id externalId sequence',
    CONVERSATIONS_READ: 'timestamp agent metadata redactions conversation name visibility payload',
  },
  MessageEdge: { CONVERSATIONS_READ: 'cursor node' },
  MessageConnection: { CONVERSATIONS_READ: 'edges nodes pageInfo totalCount' },
  Conversation: {
    'CONVERSATIONS_READ CONVERSATIONS_WRITE': 'id externalId status createdAt updatedAt',
    CONVERSATIONS_READ:
      'channel direction campaign isTest endUserId companyName language model labels title description feedback endReason metadata outcome resolution startedAt endedAt durationMs lastMessageAt recording analysis agents messageCount userMessageCount assistantMessageCount humanAgentMessageCount toolCallCount toolErrorCount eventCount notUnderstoodCount tokenCount costUsd messages isLlmConversation llmStats intents triggeredReplies firstIntent lastIntent firstMeaningfulIntent sentiment sentimentLabel sentimentTrend voiceTimings endUser searchMatches',
  },
  TextHighlight: { CONVERSATIONS_READ: 'start end' },
  SearchMatch: { CONVERSATIONS_READ: 'message excerpt highlights' },
  SearchMatchEdge: { CONVERSATIONS_READ: 'cursor node' },
  SearchMatchConnection: { CONVERSATIONS_READ: 'edges nodes pageInfo totalCount' },
  ConversationEdge: { CONVERSATIONS_READ: 'cursor node' },
  ConversationConnection: { CONVERSATIONS_READ: 'edges nodes pageInfo totalCount' },
  MessagesAppended: { CONVERSATIONS_READ: 'messages lastSequence' },
  ConversationChange: { CONVERSATIONS_READ: 'kind conversationId conversation' },
  ConversationsChanged: { CONVERSATIONS_READ: 'resumeToken changes' },
  LlmStats: {
    CONVERSATIONS_READ:
      'notUnderstoodCount responseGeneratedCount errorOccurredCount escalationRequiredCount fallbackCount',
  },
  LogConversationPayload: { CONVERSATIONS_WRITE: 'created duplicateCount conversation' },
  AppendMessagesPayload: { CONVERSATIONS_WRITE: 'created duplicateCount appendedMessages conversation' },
  UpdateMessagesPayload: { CONVERSATIONS_WRITE: 'messages conversation' },
  CompleteConversationPayload: { CONVERSATIONS_WRITE: 'conversation' },
  ReopenConversationPayload: { CONVERSATIONS_WRITE: 'conversation' },
  UpdateConversationPayload: { CONVERSATIONS_WRITE: 'conversation' },
  DeleteConversationPayload: { CONVERSATIONS_ERASE: 'deletedId' },
  LogError: { CONVERSATIONS_WRITE: 'code message inputPath inputPaths' },
  LogConversationsResult: { CONVERSATIONS_WRITE: 'index conversation created duplicateCount error' },
  LogConversationsPayload: { CONVERSATIONS_WRITE: 'results' },
  MetadataValue: { CONVERSATIONS_READ: 'value conversationCount' },
  MetadataKey: { CONVERSATIONS_READ: 'path conversationCount valueCount topValues' },
  ConversationFacet: { CONVERSATIONS_READ: 'field topValues' },
  FacetValue: { CONVERSATIONS_READ: 'key label conversationCount' },
  VoiceTimings: {
    CONVERSATIONS_READ: 'sttToLlmMs timeToFirstTokenMs firstTokenToTtsMs voiceLatencyMs interruptionCount',
  },
  TriggeredIntent: { CONVERSATIONS_READ: 'name meaningful externalId sequence timestamp' },
  TriggeredReply: { CONVERSATIONS_READ: 'name externalId type language messageId sequence timestamp' },
  AgentTotals: { CONVERSATIONS_READ: 'conversationCount assistantMessageCount lastConversationAt' },
  EndUser: { 'ANALYTICS_READ CONVERSATIONS_READ': 'id endUserId firstSeenAt lastSeenAt conversations metrics' },
  EndUserEdge: {
    ANALYTICS_READ:
      'cursor node conversationCount messageCount userMessageCount meanSentiment meanRating firstSeenAt lastSeenAt',
  },
  EndUserConnection: { ANALYTICS_READ: 'edges nodes pageInfo totalCount' },
  IntentMetrics: {
    ANALYTICS_READ:
      'intent isOther conversationCount conversationsWithOutcomeCount userMessageCount messagesWithUnderstoodCount meanSentiment meanRating meanTurns notUnderstoodRate botHandledRate escalationRate',
  },
  LanguageMetrics: { ANALYTICS_READ: 'language messageCount userMessageCount conversationCount meanSentiment' },
  ConversationMetrics: {
    ANALYTICS_READ:
      'from to conversationCount suggestionOnlyConversationCount botHandledConversationCount conversationsWithOutcomeCount conversationsWithResolutionCount userMessageCount messagesWithUnderstoodCount botHandledRate deflectionRate escalationRate failedEscalationRate informedRate automationRate messagesUnderstoodRate completionRate abandonmentRate meanTurns',
  },
  ConversationMetricsComparison: { ANALYTICS_READ: 'current previous' },
  RetentionWeek: { ANALYTICS_READ: 'week endUserCount rate' },
  RetentionCohort: { ANALYTICS_READ: 'start end endUserCount weeks' },
  ToolMetrics: {
    ANALYTICS_READ: 'name callCount errorCount errorRate conversationCount meanDurationMs p50DurationMs p95DurationMs',
  },
  SeriesPoint: { ANALYTICS_READ: 'start end label value sampleCount isPartial' },
  SeriesGroup: { ANALYTICS_READ: 'key label isOther' },
  SeriesLine: { ANALYTICS_READ: 'measure group total totalSampleCount previousTotal points previousPoints' },
  ConversationSeries: { ANALYTICS_READ: 'interval timeZone from to lines' },
  AvailableSeries: { ANALYTICS_READ: 'measure description unit' },
  CreateAgentPayload: { CONVERSATIONS_WRITE: 'agent' },
  UpsertAgentPayload: { CONVERSATIONS_WRITE: 'created agent' },
  UpdateAgentPayload: { CONVERSATIONS_WRITE: 'agent' },
  ArchiveAgentPayload: { CONVERSATIONS_WRITE: 'agent' },
}

/** Fields that are null without this scope, and not refused: nothing below them is read. */
export const NULL_WITHOUT: Record<string, string> = {
  'Agent.totals': 'ANALYTICS_READ',
  'EndUser.conversations': 'CONVERSATIONS_READ',
  'EndUser.metrics': 'ANALYTICS_READ',
}

/** The single scopes that `node` and `nodes` need one of, by the type that the id names: a writer can't look up what others wrote. */
export const NODE_SCOPES: Record<string, string> = {
  Tenant: EVERYONE,
  Agent: 'CONVERSATIONS_READ',
  ApiKey: 'ADMIN',
  AuditEvent: 'ADMIN',
  ChatMessage: 'CONVERSATIONS_READ',
  Conversation: 'CONVERSATIONS_READ',
  ConversationEvent: 'CONVERSATIONS_READ',
  EndUser: 'ANALYTICS_READ CONVERSATIONS_READ',
  TokenIssuer: 'ADMIN',
  ToolCall: 'CONVERSATIONS_READ',
}

export const SCOPES = EVERYONE.split(' ')

/** By `Type.field`. */
export const ACCESS = new Map<string, readonly string[]>(
  Object.entries(TABLE).flatMap(([type, groups]) =>
    Object.entries(groups).flatMap(([scopes, fields]) =>
      fields.split(' ').map((field) => [`${type}.${field}`, scopes.split(' ')] as const),
    ),
  ),
)

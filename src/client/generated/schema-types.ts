export type Maybe<T> = T | null;
export type InputMaybe<T> = T | null | undefined;
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A point in time, ISO 8601 (RFC 3339). Input: an offset (Z or +02:00) is required; digits beyond milliseconds are dropped. Output: in UTC. */
  DateTime: { input: Date | string; output: string; }
  /** A date or a point in time, ISO 8601: a date such as "2026-01-31", or a date-time with an offset such as "2026-01-31T09:30:00Z". A date stands for its first moment in the time zone that the range, the query or the tenant has. Years are 0001 to 9999. */
  DateOrDateTime: { input: Date | string; output: string; }
  /** Any JSON value. Numbers are stored as sent; one that would lose digits as a double, such as a whole number beyond 2^53, is refused: send it as a string. */
  JSON: { input: unknown; output: unknown; }
  /** A JSON object. Numbers are stored as sent; one that would lose digits as a double, such as a whole number beyond 2^53, is refused: send it as a string. */
  JSONObject: { input: Record<string, unknown>; output: Record<string, unknown>; }
};

/** Read operations. The credential alone determines whose data they read; an account key names the tenant in the header X-Tenant-Id. */
export type Query = {
  /** All tenants, sorted by id. Needs the scope ADMIN. */
  tenants?: Maybe<TenantConnection>;
  /** One tenant, or null if it does not exist. Needs the scope ADMIN. (Other credentials read their own tenant with `viewer { tenant }`.) */
  tenant?: Maybe<Tenant>;
  /** All API keys, newest first. Needs the scope ADMIN. */
  apiKeys?: Maybe<ApiKeyConnection>;
  /** One API key, or null if it does not exist. Needs the scope ADMIN. */
  apiKey?: Maybe<ApiKey>;
  /** The credential of this request. Available to every credential. */
  viewer: Viewer;
  /** Limits of this server, how many requests are left in this minute, and the web components that it serves. Available to every credential. */
  limits: Limits;
  /** All token issuers, newest first. Needs the scope ADMIN. */
  tokenIssuers?: Maybe<TokenIssuerConnection>;
  /** The registered documents of the tenant and of the account, newest first. Without a tenant, those of the account, for which the scope ADMIN is needed as well. Needs the scope EMBED_TOKENS_CREATE. */
  trustedDocuments?: Maybe<TrustedDocumentConnection>;
  /** The audit log: who did what to which object, when and from where. Newest first. Needs the scope ADMIN. */
  auditEvents?: Maybe<AuditEventConnection>;
  /** The tenant's agents in every status, in the order in which they were created. Needs the scope CONVERSATIONS_READ. */
  agents?: Maybe<AgentConnection>;
  /** One agent. Null if it does not exist. Needs the scope CONVERSATIONS_READ. */
  agent?: Maybe<Agent>;
  /** One conversation. Null if it does not exist. Needs the scope CONVERSATIONS_READ. */
  conversation?: Maybe<Conversation>;
  /** The tenant's conversations, including tests, by default those that began last first. Needs the scope CONVERSATIONS_READ. */
  conversations?: Maybe<ConversationConnection>;
  /** The metadata keys of the tenant's conversations, including tests, most used first. A ranking has no pages: `first` says how many. Needs the scope CONVERSATIONS_READ. */
  metadataKeys?: Maybe<Array<MetadataKey>>;
  /** Key figures of the tenant's conversations. Needs the scope ANALYTICS_READ. */
  conversationMetrics?: Maybe<ConversationMetricsComparison>;
  /** The tenant's end users, by default the most recently seen first. Their numbers for the range and filter of the list are in `edges`. Conversations without an `endUserId` are left out. Needs the scope ANALYTICS_READ. */
  endUsers?: Maybe<EndUserConnection>;
  /** What conversations were about, by intent, most frequent first. Each conversation counts under one of its intents, so all rows add up to the whole. A ranking has no pages: `first` says how many. Needs the scope ANALYTICS_READ. */
  intentMetrics?: Maybe<Array<IntentMetrics>>;
  /** Languages of the chat messages in conversations that began in a range, most used first. A ranking has no pages: `first` says how many. Needs the scope ANALYTICS_READ. */
  languageMetrics?: Maybe<Array<LanguageMetrics>>;
  /** How many end users come back, by the week of their first conversation, oldest week first. Only conversations that match the filter and that the credential may see are considered. Needs the scope ANALYTICS_READ. */
  retention?: Maybe<Array<RetentionCohort>>;
  /** The values that the tenant's conversations have, including tests, for the menus of a filter. The filter applies as a whole, also its condition on the field itself: to offer further values beside those selected, leave that condition out. So the count of a value is the `totalCount` of `conversations` with the filter and that value. Needs the scope CONVERSATIONS_READ. */
  conversationFacets?: Maybe<Array<ConversationFacet>>;
  /** Tools that were called in conversations that began in a range, most called first. A ranking has no pages: `first` says how many. Needs the scope ANALYTICS_READ. */
  toolMetrics?: Maybe<Array<ToolMetrics>>;
  /** Measures of the tenant's conversations over time, by when they began. All series of an operation have at most 10,000 points together, even if points are not selected: measures × buckets × groups, if there are groups. `previousPoints` are not counted. Needs the scope ANALYTICS_READ. */
  conversationSeries?: Maybe<ConversationSeries>;
  /** The measures that this credential may request in `conversationSeries`. Needs the scope ANALYTICS_READ. */
  availableSeries?: Maybe<Array<AvailableSeries>>;
  /** An object by its id. Null if it does not exist. Your own tenant needs no scope, and any other is null without ADMIN. `key_…`, `issuer_…` and `audit_…` need the scope ADMIN, `user_…` ANALYTICS_READ or CONVERSATIONS_READ, and all others CONVERSATIONS_READ. */
  node?: Maybe<Node>;
  /** Several objects by their ids, in the same order. Null for each that does not exist or, with an error, that the credential may not read. Needs the same scopes as `node`. */
  nodes?: Maybe<Array<Maybe<Node>>>;
};


/** Read operations. The credential alone determines whose data they read; an account key names the tenant in the header X-Tenant-Id. */
export type QueryTenantsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


/** Read operations. The credential alone determines whose data they read; an account key names the tenant in the header X-Tenant-Id. */
export type QueryTenantArgs = {
  id: Scalars['ID']['input'];
};


/** Read operations. The credential alone determines whose data they read; an account key names the tenant in the header X-Tenant-Id. */
export type QueryApiKeysArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ApiKeyFilter>;
};


/** Read operations. The credential alone determines whose data they read; an account key names the tenant in the header X-Tenant-Id. */
export type QueryApiKeyArgs = {
  id: Scalars['ID']['input'];
};


/** Read operations. The credential alone determines whose data they read; an account key names the tenant in the header X-Tenant-Id. */
export type QueryTokenIssuersArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


/** Read operations. The credential alone determines whose data they read; an account key names the tenant in the header X-Tenant-Id. */
export type QueryTrustedDocumentsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


/** Read operations. The credential alone determines whose data they read; an account key names the tenant in the header X-Tenant-Id. */
export type QueryAuditEventsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<AuditEventFilter>;
};


/** Read operations. The credential alone determines whose data they read; an account key names the tenant in the header X-Tenant-Id. */
export type QueryAgentsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<AgentFilter>;
};


/** Read operations. The credential alone determines whose data they read; an account key names the tenant in the header X-Tenant-Id. */
export type QueryAgentArgs = {
  by: AgentBy;
};


/** Read operations. The credential alone determines whose data they read; an account key names the tenant in the header X-Tenant-Id. */
export type QueryConversationArgs = {
  by: ConversationBy;
};


/** Read operations. The credential alone determines whose data they read; an account key names the tenant in the header X-Tenant-Id. */
export type QueryConversationsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ConversationFilter>;
  orderBy?: InputMaybe<ConversationOrder>;
};


/** Read operations. The credential alone determines whose data they read; an account key names the tenant in the header X-Tenant-Id. */
export type QueryMetadataKeysArgs = {
  filter?: InputMaybe<ConversationFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  topValues?: InputMaybe<Scalars['Int']['input']>;
};


/** Read operations. The credential alone determines whose data they read; an account key names the tenant in the header X-Tenant-Id. */
export type QueryConversationMetricsArgs = {
  range?: InputMaybe<TimeRange>;
  timeZone?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ConversationFilter>;
  includeTests?: Scalars['Boolean']['input'];
  compareTo?: InputMaybe<Comparison>;
};


/** Read operations. The credential alone determines whose data they read; an account key names the tenant in the header X-Tenant-Id. */
export type QueryEndUsersArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  range?: InputMaybe<TimeRange>;
  filter?: InputMaybe<ConversationFilter>;
  includeTests?: Scalars['Boolean']['input'];
  orderBy?: InputMaybe<EndUserOrder>;
};


/** Read operations. The credential alone determines whose data they read; an account key names the tenant in the header X-Tenant-Id. */
export type QueryIntentMetricsArgs = {
  range?: InputMaybe<TimeRange>;
  timeZone?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ConversationFilter>;
  includeTests?: Scalars['Boolean']['input'];
  by?: WhichIntent;
  excludeIntents?: Array<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** Read operations. The credential alone determines whose data they read; an account key names the tenant in the header X-Tenant-Id. */
export type QueryLanguageMetricsArgs = {
  range?: InputMaybe<TimeRange>;
  timeZone?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ConversationFilter>;
  includeTests?: Scalars['Boolean']['input'];
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** Read operations. The credential alone determines whose data they read; an account key names the tenant in the header X-Tenant-Id. */
export type QueryRetentionArgs = {
  weeks?: Scalars['Int']['input'];
  until?: InputMaybe<Scalars['DateOrDateTime']['input']>;
  timeZone?: InputMaybe<Scalars['String']['input']>;
  weekStart?: DayOfWeek;
  filter?: InputMaybe<ConversationFilter>;
  includeTests?: Scalars['Boolean']['input'];
};


/** Read operations. The credential alone determines whose data they read; an account key names the tenant in the header X-Tenant-Id. */
export type QueryConversationFacetsArgs = {
  fields: Array<ConversationFacetField>;
  filter?: InputMaybe<ConversationFilter>;
  topValues?: InputMaybe<Scalars['Int']['input']>;
};


/** Read operations. The credential alone determines whose data they read; an account key names the tenant in the header X-Tenant-Id. */
export type QueryToolMetricsArgs = {
  range?: InputMaybe<TimeRange>;
  timeZone?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ConversationFilter>;
  includeTests?: Scalars['Boolean']['input'];
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** Read operations. The credential alone determines whose data they read; an account key names the tenant in the header X-Tenant-Id. */
export type QueryConversationSeriesArgs = {
  measures: Array<SeriesMeasure>;
  interval?: SeriesInterval;
  range?: InputMaybe<TimeRange>;
  timeZone?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ConversationFilter>;
  includeTests?: Scalars['Boolean']['input'];
  weekStart?: DayOfWeek;
  groupBy?: InputMaybe<SeriesGroupBy>;
  compareTo?: InputMaybe<Comparison>;
};


/** Read operations. The credential alone determines whose data they read; an account key names the tenant in the header X-Tenant-Id. */
export type QueryNodeArgs = {
  id: Scalars['ID']['input'];
};


/** Read operations. The credential alone determines whose data they read; an account key names the tenant in the header X-Tenant-Id. */
export type QueryNodesArgs = {
  ids: Array<Scalars['ID']['input']>;
};

/** Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing. */
export type Mutation = {
  /** Creates a tenant, or returns the existing one with the same id and name, unchanged. Fails with EXTERNAL_ID_TAKEN if the id exists with a different name. Needs the scope ADMIN. */
  createTenant: CreateTenantPayload;
  /** Updates the name, time zone or settings of a tenant. Needs the scope ADMIN. */
  updateTenant: UpdateTenantPayload;
  /** Generates an API key and returns its secret, which is shown only once. Needs the scope ADMIN. */
  generateApiKey: GenerateApiKeyPayload;
  /** Updates an active key; its secret stays the same. Takes effect from the next request on, and for open subscriptions at once. Your own key can't change a stronger key, nor make a key stronger than itself: with a scope that it lacks, a later expiry, more requests per minute, or networks outside its own. A key that tightens its own limits can't loosen them again: only another key can. So the last active account key with ADMIN can't lose a scope, nor get an earlier expiry, fewer requests per minute or narrower networks. Needs the scope ADMIN. */
  updateApiKey: UpdateApiKeyPayload;
  /** Gives a key a new secret, which is shown only once; its id, name and scopes stay the same. The old secret, and the tokens created with it, are refused from now on or, with `overlapSeconds`, once the overlap ends. It must not be stronger than your own key: see `updateApiKey`. Needs the scope ADMIN. */
  regenerateApiKey: RegenerateApiKeyPayload;
  /** Revokes a key at once and permanently; revoking it again changes nothing. The last active account key with ADMIN can't be revoked. Needs the scope ADMIN. */
  revokeApiKey: RevokeApiKeyPayload;
  /** Creates an embed token: a short-lived, read-only token of the tenant for a browser. It is refused before it expires once the key or secret that created it is no longer accepted, or after `revokeEmbedTokens`. Needs the scope EMBED_TOKENS_CREATE. */
  createEmbedToken: CreateEmbedTokenPayload;
  /** Revokes all tokens of the tenant that were issued before now, including those of token issuers. Takes effect from the next request on. Needs the scope EMBED_TOKENS_CREATE. */
  revokeEmbedTokens: RevokeEmbedTokensPayload;
  /** Creates a new key for signing embed tokens. Tokens signed with the previous one are accepted until they expire. Needs the scope ADMIN. */
  rotateSigningKey: RotateSigningKeyPayload;
  /** Registers an external issuer, whose JWTs are then accepted like embed tokens. A key with an expiry can't register one, because the issuer would outlive the key. Needs the scope ADMIN. */
  registerTokenIssuer: RegisterTokenIssuerPayload;
  /** Updates an issuer. Takes effect from the next request on. Your own key must have all scopes that the issuer has afterwards; a key with an expiry may only change the name, withdraw scopes and limit the documents. Needs the scope ADMIN. */
  updateTokenIssuer: UpdateTokenIssuerPayload;
  /** Deletes an issuer. Its tokens are refused from the next request on. Needs the scope ADMIN. */
  deleteTokenIssuer: DeleteTokenIssuerPayload;
  /** Checks a token exactly as a request with it would be checked, and says why it would be refused. Fetches the keys of its issuer if necessary, and changes nothing. The token is checked before the other fields of the mutation run. (It is a mutation, so that no URL, cache or log of a client or proxy gets to hold the token.) Needs the scope ADMIN. */
  testToken: TestTokenPayload;
  /** Registers documents of the tenant: clients may send their hashes instead, and tokens limited to registered documents may send only these. A document that is registered already stays as it is. A tenant has up to 1,000, and so has the account. Without a tenant, those of the account, for which the scope ADMIN is needed as well. Needs the scope EMBED_TOKENS_CREATE. */
  registerDocuments: RegisterDocumentsPayload;
  /** Deletes registered documents of the tenant. Takes effect from the next request on; other processes may accept a document for up to five seconds more. Open subscriptions of tokens that may no longer send it end. Without a tenant, those of the account, for which the scope ADMIN is needed as well. Needs the scope EMBED_TOKENS_CREATE. */
  deleteDocuments: DeleteDocumentsPayload;
  /** Creates an agent. Fails with EXTERNAL_ID_TAKEN if its external id exists; `upsertAgent` updates the existing one instead. Needs the scope CONVERSATIONS_WRITE. */
  createAgent: CreateAgentPayload;
  /** Creates an agent, or updates the one with this external id. Needs the scope CONVERSATIONS_WRITE. */
  upsertAgent: UpsertAgentPayload;
  /** Updates an agent. Needs the scope CONVERSATIONS_WRITE. */
  updateAgent: UpdateAgentPayload;
  /** Archives an agent; its history stays. Archiving it again changes nothing. Needs the scope CONVERSATIONS_WRITE. */
  archiveAgent: ArchiveAgentPayload;
  /** Stores a whole conversation, or starts one that `appendMessages` continues (with an open status, such as ACTIVE). Needs the scope CONVERSATIONS_WRITE. */
  logConversation: LogConversationPayload;
  /** Appends messages to an open conversation, and optionally changes its status. Fails with CONVERSATION_CLOSED if it is closed, unless it was only closed as idle (see `Tenant.abandonAfterMinutes`) or has all of the messages already. Needs the scope CONVERSATIONS_WRITE. */
  appendMessages: AppendMessagesPayload;
  /** Closes an open conversation. Repeating the call with the same result changes nothing; a different result is refused with CONVERSATION_CLOSED, unless the conversation was only closed as idle. Needs the scope CONVERSATIONS_WRITE. */
  completeConversation: CompleteConversationPayload;
  /** Updates the fields of a conversation, open or closed, and moves the status of an open one forward. Needs the scope CONVERSATIONS_WRITE. */
  updateConversation: UpdateConversationPayload;
  /** Makes a closed conversation ACTIVE again, such as a ticket that goes on, and clears its end. Its outcome, resolution, end reason and analysis stay until they are changed. An open conversation does not change. Needs the scope CONVERSATIONS_WRITE. */
  reopenConversation: ReopenConversationPayload;
  /** Stores what was found out about chat messages after they were logged, such as ratings, sentiment and intents; of a conversation open or closed. Stores all or nothing. Needs the scope CONVERSATIONS_WRITE. */
  updateMessages: UpdateMessagesPayload;
  /** Permanently deletes a conversation and its transcript. Needs the scope CONVERSATIONS_ERASE. */
  deleteConversation: DeleteConversationPayload;
  /** Stores many conversations, each as `logConversation` would, and returns a result for each: refused ones are reported, the others are stored. If the list comes from a variable, this also applies to conversations that do not match the schema, such as one with an unknown role; if the list is written in the document, one such conversation refuses the whole call. If every conversation has an external id or an idempotency key, the call is safe to repeat. Needs the scope CONVERSATIONS_WRITE. */
  logConversations: LogConversationsPayload;
};


/** Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing. */
export type MutationCreateTenantArgs = {
  input: CreateTenantInput;
};


/** Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing. */
export type MutationUpdateTenantArgs = {
  input: UpdateTenantInput;
};


/** Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing. */
export type MutationGenerateApiKeyArgs = {
  input: GenerateApiKeyInput;
};


/** Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing. */
export type MutationUpdateApiKeyArgs = {
  input: UpdateApiKeyInput;
};


/** Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing. */
export type MutationRegenerateApiKeyArgs = {
  input: RegenerateApiKeyInput;
};


/** Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing. */
export type MutationRevokeApiKeyArgs = {
  input: RevokeApiKeyInput;
};


/** Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing. */
export type MutationCreateEmbedTokenArgs = {
  input?: CreateEmbedTokenInput;
};


/** Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing. */
export type MutationRegisterTokenIssuerArgs = {
  input: RegisterTokenIssuerInput;
};


/** Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing. */
export type MutationUpdateTokenIssuerArgs = {
  input: UpdateTokenIssuerInput;
};


/** Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing. */
export type MutationDeleteTokenIssuerArgs = {
  input: DeleteTokenIssuerInput;
};


/** Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing. */
export type MutationTestTokenArgs = {
  input: TestTokenInput;
};


/** Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing. */
export type MutationRegisterDocumentsArgs = {
  input: RegisterDocumentsInput;
};


/** Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing. */
export type MutationDeleteDocumentsArgs = {
  input: DeleteDocumentsInput;
};


/** Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing. */
export type MutationCreateAgentArgs = {
  input: CreateAgentInput;
};


/** Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing. */
export type MutationUpsertAgentArgs = {
  input: UpsertAgentInput;
};


/** Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing. */
export type MutationUpdateAgentArgs = {
  input: UpdateAgentInput;
};


/** Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing. */
export type MutationArchiveAgentArgs = {
  input: ArchiveAgentInput;
};


/** Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing. */
export type MutationLogConversationArgs = {
  input: LogConversationInput;
};


/** Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing. */
export type MutationAppendMessagesArgs = {
  input: AppendMessagesInput;
};


/** Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing. */
export type MutationCompleteConversationArgs = {
  input: CompleteConversationInput;
};


/** Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing. */
export type MutationUpdateConversationArgs = {
  input: UpdateConversationInput;
};


/** Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing. */
export type MutationReopenConversationArgs = {
  input: ReopenConversationInput;
};


/** Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing. */
export type MutationUpdateMessagesArgs = {
  input: UpdateMessagesInput;
};


/** Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing. */
export type MutationDeleteConversationArgs = {
  input: DeleteConversationInput;
};


/** Write operations. An operation with several mutations is one transaction: all of it is stored, or nothing. */
export type MutationLogConversationsArgs = {
  input: LogConversationsInput;
};

/** Live updates as server-sent events: POST as for a query, with `Accept: text/event-stream`. A stream ends with an error once its credential is no longer accepted. After a dropped connection, subscribe again with the last `lastSequence` or `resumeToken` that you received (`conversationUpdated` sends the current state anyway): nothing is lost. A `resumeToken` is valid for 24 hours. */
export type Subscription = {
  /** The current state of one conversation: sent at once, and again after each change. Completes when it is deleted. Needs the scope CONVERSATIONS_READ. */
  conversationUpdated: Conversation;
  /** The entries of a transcript as they are appended, each once. Completes when the conversation is closed or deleted. Needs the scope CONVERSATIONS_READ. */
  messagesAppended: MessagesAppended;
  /** Changes to the conversations that match a filter. The first event comes at once and holds a resume token: read the list once you have it, then apply the changes that follow. A token restricted to certain agents, end users or metadata values gets no change for a conversation that is deleted or leaves its restriction. Needs the scope CONVERSATIONS_READ. */
  conversationsChanged: ConversationsChanged;
};


/** Live updates as server-sent events: POST as for a query, with `Accept: text/event-stream`. A stream ends with an error once its credential is no longer accepted. After a dropped connection, subscribe again with the last `lastSequence` or `resumeToken` that you received (`conversationUpdated` sends the current state anyway): nothing is lost. A `resumeToken` is valid for 24 hours. */
export type SubscriptionConversationUpdatedArgs = {
  id: Scalars['ID']['input'];
};


/** Live updates as server-sent events: POST as for a query, with `Accept: text/event-stream`. A stream ends with an error once its credential is no longer accepted. After a dropped connection, subscribe again with the last `lastSequence` or `resumeToken` that you received (`conversationUpdated` sends the current state anyway): nothing is lost. A `resumeToken` is valid for 24 hours. */
export type SubscriptionMessagesAppendedArgs = {
  conversationId: Scalars['ID']['input'];
  afterSequence?: InputMaybe<Scalars['Int']['input']>;
};


/** Live updates as server-sent events: POST as for a query, with `Accept: text/event-stream`. A stream ends with an error once its credential is no longer accepted. After a dropped connection, subscribe again with the last `lastSequence` or `resumeToken` that you received (`conversationUpdated` sends the current state anyway): nothing is lost. A `resumeToken` is valid for 24 hours. */
export type SubscriptionConversationsChangedArgs = {
  filter?: InputMaybe<ConversationFilter>;
  after?: InputMaybe<Scalars['String']['input']>;
};

/** An object that `node(id:)` returns again by its id. Ids are opaque. They are time-ordered, except those of tenants and end users. */
export type Node = {
  /** Opaque id whose prefix indicates the type or, of a tenant, the id chosen at its creation. */
  id: Scalars['ID']['output'];
};

/** One transcript entry: a chat message, a tool call or an event. Called "entry" in these descriptions; "message" alone means a chat message. */
export type Message = {
  /** Opaque id, `msg_…`. */
  id: Scalars['ID']['output'];
  /** External id: the caller's own id for the entry, unique within the conversation. Null if not given. */
  externalId?: Maybe<Scalars['String']['output']>;
  /** Position in the transcript, counted from 0 over all entries. Entries that this credential may not see count too, so it may see gaps. */
  sequence: Scalars['Int']['output'];
  /** When it happened: the given time, or else the default that `ChatMessageInput.timestamp` describes. Entries are ordered by `sequence`, not by this. */
  timestamp: Scalars['DateTime']['output'];
  /** The agent it came from. Null if there is none, or if this credential is restricted to other agents. */
  agent?: Maybe<Agent>;
  /** The caller's metadata, `{}` by default. For a tool call, `{}` without the scope INTERNALS_READ. */
  metadata: Scalars['JSONObject']['output'];
  /** What was redacted before it was stored. Null if nothing was, and for a tool call without the scope INTERNALS_READ. */
  redactions?: Maybe<Redactions>;
  /** The conversation whose transcript it is in. */
  conversation: Conversation;
};

/** Where a page is in its list. */
export type PageInfo = {
  /** Whether there is a next page. */
  hasNextPage: Scalars['Boolean']['output'];
  /** Whether there is a previous page. */
  hasPreviousPage: Scalars['Boolean']['output'];
  /** Cursor of the first entry. Null if the page is empty. */
  startCursor?: Maybe<Scalars['String']['output']>;
  /** Cursor of the last entry. Null if the page is empty. */
  endCursor?: Maybe<Scalars['String']['output']>;
};

/** A pattern of a tenant, such as that of its customer numbers, whose matches are redacted. */
export type RedactionPattern = {
  /** What it finds. */
  name: Scalars['String']['output'];
  /** A regular expression in RE2's syntax, which has no backreferences and no look-around. */
  pattern: Scalars['String']['output'];
  /** What replaces each match, as it is. */
  replacement: Scalars['String']['output'];
};

/** What is derived for new messages if the caller gives no value. Values that the caller gives are never replaced, and only `updateMessages` changes derived values. */
export type Enrichment = {
  /** Whether the sentiment of user messages in English is derived. */
  sentiment: Scalars['Boolean']['output'];
  /** Whether the language of messages is derived, if they are long enough to tell. */
  language: Scalars['Boolean']['output'];
  /** Whether the length of messages in tokens is derived. */
  tokenCount: Scalars['Boolean']['output'];
  /** Whether the cost of messages is derived from their tokens, if their model is known. */
  cost: Scalars['Boolean']['output'];
};

/** A customer of the SaaS product that embeds Parley. No tenant can see the data of another. */
export type Tenant = Node & {
  /** Id of the tenant, chosen by the caller at creation. It never changes. */
  id: Scalars['ID']['output'];
  /** Display name. */
  name: Scalars['String']['output'];
  /** IANA time zone, such as Europe/Berlin, of the days in its analytics and the dates in its filters, unless a query names another. */
  timeZone: Scalars['String']['output'];
  /** Web origins, such as https://app.example.com, whose pages may read responses for this tenant (CORS). */
  allowedOrigins: Array<Scalars['String']['output']>;
  /** What is derived for its messages if the caller gives no value. */
  enrichment: Enrichment;
  /** Whether email addresses, payment card numbers, US Social Security numbers and UK National Insurance numbers are redacted from texts before they are stored. Ids, names and metadata are not redacted. */
  redactsPersonalData: Scalars['Boolean']['output'];
  /** After how many minutes an open conversation that nothing is written to is closed as ABANDONED; 0: never. The next append opens such a conversation again. */
  abandonAfterMinutes: Scalars['Int']['output'];
  /** When the tenant was created. */
  createdAt: Scalars['DateTime']['output'];
  /** Whether phone numbers that exist, as far as numbering plans tell, are redacted from texts before they are stored: those with a plus and a calling code and, with `phoneRegion`, those that are written as in that country. */
  redactsPhoneNumbers: Scalars['Boolean']['output'];
  /** ISO 3166 code of the country, such as DE, whose way of writing phone numbers is redacted too. Null: none. */
  phoneRegion?: Maybe<Scalars['String']['output']>;
  /** Whether international bank account numbers (IBANs) are redacted from texts before they are stored. */
  redactsIbans: Scalars['Boolean']['output'];
  /** Own patterns, whose matches are redacted from texts before they are stored, whatever `redactsPersonalData` says; in this order, and before everything else. Needs the scope ADMIN. */
  redactionPatterns: Array<RedactionPattern>;
  /** How many embed tokens of the tenant are accepted now: `revokeEmbedTokens` ends them. Tokens of issuers are not counted, because Parley does not create them. Needs the scope EMBED_TOKENS_CREATE. */
  liveTokenCount?: Maybe<Scalars['Int']['output']>;
};

/** An edge in a list of tenants: the entry and its cursor. */
export type TenantEdge = {
  /** Cursor of the entry: pass it as `after` or `before` to continue from here. */
  cursor: Scalars['String']['output'];
  /** The entry itself. */
  node: Tenant;
};

/** A page of tenants. */
export type TenantConnection = {
  /** The entries with their cursors. */
  edges: Array<TenantEdge>;
  /** The entries without their cursors. */
  nodes: Array<Tenant>;
  /** Position of this page in the list. */
  pageInfo: PageInfo;
  /** Number of entries in the whole list, on all pages together. Counted only if you select it. */
  totalCount: Scalars['Int']['output'];
};

/** Result of `createTenant`. */
export type CreateTenantPayload = {
  /** The tenant. */
  tenant: Tenant;
  /** Whether the tenant was created. False if it already existed with the same name. */
  created: Scalars['Boolean']['output'];
};

/** Result of `updateTenant`. */
export type UpdateTenantPayload = {
  /** The updated tenant. */
  tenant: Tenant;
};

/** A credential for a back end or an administrator. Each of its secrets is shown only once, by `generateApiKey` or `regenerateApiKey`. */
export type ApiKey = Node & {
  /** Opaque id, `key_…`. */
  id: Scalars['ID']['output'];
  /** Display name. */
  name: Scalars['String']['output'];
  /** Note for administrators, such as who uses the key. Null if there is none. */
  note?: Maybe<Scalars['String']['output']>;
  /** The tenant the key is bound to. Null for an account key, which names the tenant of each request. */
  tenantId?: Maybe<Scalars['ID']['output']>;
  /** What the key may do. */
  scopes: Array<Scope>;
  /** Whether a write for a tenant that does not exist creates the tenant. Account keys only. */
  autoCreateTenants: Scalars['Boolean']['output'];
  /** Maximum number of requests of the key per minute, for all tenants together; its tokens do not count. Null if only the limits of the server apply. */
  requestsPerMinute?: Maybe<Scalars['Int']['output']>;
  /** Networks that the key is accepted from, in CIDR notation. Its tokens are for browsers, and are accepted from anywhere. If empty, so is the key. */
  allowedNetworks: Array<Scalars['String']['output']>;
  /** Whether the key is accepted now. */
  status: ApiKeyStatus;
  /** Beginning and end of the secret, to tell keys apart. */
  hint: Scalars['String']['output'];
  /** When the key was created. */
  createdAt: Scalars['DateTime']['output'];
  /** When the key last got a new secret. Null if it never did. */
  regeneratedAt?: Maybe<Scalars['DateTime']['output']>;
  /** When the previous secret, from before the last `regenerateApiKey`, stops being accepted; may be in the past. Null if there is none or it had no overlap. */
  previousSecretExpiresAt?: Maybe<Scalars['DateTime']['output']>;
  /** When the key was last used, accurate to the minute. Null if never. */
  lastUsedAt?: Maybe<Scalars['DateTime']['output']>;
  /** IP address that the key was last used from. Accurate to the minute, like `lastUsedAt`: a use from another address within that minute is not recorded. Null if it was never used, or if the address is unknown. */
  lastUsedAddress?: Maybe<Scalars['String']['output']>;
  /** What the key was last used by: the first 256 characters of the header User-Agent of the request that `lastUsedAddress` is from. Null if it had none, or if it is unknown. */
  lastUsedUserAgent?: Maybe<Scalars['String']['output']>;
  /** When the key expires. Null if it never expires. */
  expiresAt?: Maybe<Scalars['DateTime']['output']>;
  /** When the key was revoked. Null if it was not. */
  revokedAt?: Maybe<Scalars['DateTime']['output']>;
  /** How many embed tokens that the key created are accepted now. They end with the key, and those created with its previous secret end with that. */
  liveTokenCount: Scalars['Int']['output'];
  /** How many of the tokens that `liveTokenCount` counts were created with the previous secret of the key: they end with it, at `previousSecretExpiresAt` or when the key is regenerated. */
  previousSecretLiveTokenCount: Scalars['Int']['output'];
};

/** An edge in a list of API keys: the entry and its cursor. */
export type ApiKeyEdge = {
  /** Cursor of the entry: pass it as `after` or `before` to continue from here. */
  cursor: Scalars['String']['output'];
  /** The entry itself. */
  node: ApiKey;
};

/** A page of API keys. */
export type ApiKeyConnection = {
  /** The entries with their cursors. */
  edges: Array<ApiKeyEdge>;
  /** The entries without their cursors. */
  nodes: Array<ApiKey>;
  /** Position of this page in the list. */
  pageInfo: PageInfo;
  /** Number of entries in the whole list, on all pages together. Counted only if you select it. */
  totalCount: Scalars['Int']['output'];
};

/** Result of `generateApiKey`. */
export type GenerateApiKeyPayload = {
  /** The key. */
  apiKey: ApiKey;
  /** The secret, which is shown only here. Send it as `Authorization: Bearer …`. Only its hash is stored, so it can't be shown again, except to a retry with the same `idempotencyKey` within 10 minutes. */
  secret: Scalars['String']['output'];
};

/** Result of `regenerateApiKey`. */
export type RegenerateApiKeyPayload = {
  /** The key. */
  apiKey: ApiKey;
  /** The secret, which is shown only here. Send it as `Authorization: Bearer …`. Only its hash is stored, so it can't be shown again, except to a retry with the same `idempotencyKey` within 10 minutes. */
  secret: Scalars['String']['output'];
};

/** Result of `updateApiKey`. */
export type UpdateApiKeyPayload = {
  /** The updated key. */
  apiKey: ApiKey;
};

/** Result of `revokeApiKey`. */
export type RevokeApiKeyPayload = {
  /** The revoked key. */
  apiKey: ApiKey;
};

/** The credential of this request, and the tenant it reads and writes. */
export type Viewer = {
  /** Kind of credential. */
  kind: CredentialKind;
  /** Id of the API key; for a token, of the key that created it or the issuer that signed it. */
  credentialId: Scalars['ID']['output'];
  /** Name of the API key. For a token, its subject or, without one, `embed token` or the name or `iss` of the issuer. */
  name: Scalars['String']['output'];
  /** What it may do. */
  scopes: Array<Scope>;
  /** When the credential expires, unless it is ended before. Null if it never expires. */
  expiresAt?: Maybe<Scalars['DateTime']['output']>;
  /** Which documents it may send. */
  documents: TokenDocuments;
  /** The tenant of this request. Null for an account key that names none. */
  tenant?: Maybe<Tenant>;
};

/** A limit on requests per minute of the clock, and how many are left in this minute. */
export type RateLimit = {
  /** Which requests it counts together. */
  policy: RatePolicy;
  /** Maximum number of requests per minute. */
  limit: Scalars['Int']['output'];
  /** Requests left in this minute, after this one. */
  remaining: Scalars['Int']['output'];
  /** Seconds until this minute ends and the full limit is available again. */
  resetsInSeconds: Scalars['Int']['output'];
};

/** The script of this server's web components. */
export type EmbedScript = {
  /** Version of the components, which is that of the server. */
  version: Scalars['String']['output'];
  /** Path of the script of this version, relative to the GraphQL endpoint, such as `embed/1.0.0.js`. `embed/v1.js` is always the version of this server. */
  path: Scalars['String']['output'];
  /** Its hash for the attribute `integrity` of a `<script>`: `sha384-…`. */
  integrity: Scalars['String']['output'];
};

/** Limits of this server. Anything beyond is refused, never truncated: mostly with the code LIMIT_EXCEEDED or QUERY_TOO_COMPLEX, with BAD_USER_INPUT for a page size and RATE_LIMITED for rate limits. */
export type Limits = {
  /** Maximum size of a response without its `extensions`, in bytes. */
  maxAnswerBytes: Scalars['Int']['output'];
  /** Maximum size of a request body, in bytes. It is lower for a credential without a scope for mutations. */
  maxBodyBytes: Scalars['Int']['output'];
  /** Maximum number of JSON values in a request body: objects, lists, strings, numbers, booleans and nulls. */
  maxJsonValues: Scalars['Int']['output'];
  /** Maximum nesting depth of JSON in a request body. Arguments have a lower limit: 32 levels. */
  maxJsonDepth: Scalars['Int']['output'];
  /** Maximum length of a GraphQL document, in characters. Send values as variables to keep it short. */
  maxDocumentCharacters: Scalars['Int']['output'];
  /** Maximum number of lexical tokens in a GraphQL document. */
  maxDocumentTokens: Scalars['Int']['output'];
  /** Maximum nesting depth of fields in a document. */
  maxDepth: Scalars['Int']['output'];
  /** Maximum number of fields and fragments in a document. What is in a fragment counts each time the fragment is spread. */
  maxSelections: Scalars['Int']['output'];
  /** Maximum number of root fields in an operation. */
  maxRootFields: Scalars['Int']['output'];
  /** Maximum number of aliases in an operation. Those in a fragment count each time the fragment is spread. */
  maxAliases: Scalars['Int']['output'];
  /** Maximum number of directives in an operation. Those in a fragment count each time the fragment is spread. */
  maxDirectives: Scalars['Int']['output'];
  /** Maximum number of pairs of fields with the same response name. */
  maxOverlaps: Scalars['Int']['output'];
  /** Maximum cost of an operation: the number of fields that its response can hold. Fields in a list count once for each entry of the requested page, or ten times if the list has no pages. Each condition of a filter adds 250, each list of the conversations of an agent or end user adds 500 for each of them, and each entry of another list in an argument adds one. */
  maxCost: Scalars['Int']['output'];
  /** Page size if neither `first` nor `last` is given. */
  defaultPageSize: Scalars['Int']['output'];
  /** Maximum page size. */
  maxPageSize: Scalars['Int']['output'];
  /** Maximum number of transcript entries that can be logged or appended in one call. */
  maxMessagesPerCall: Scalars['Int']['output'];
  /** Maximum number of conversations in one call of `logConversations`. */
  maxConversationsPerCall: Scalars['Int']['output'];
  /** Maximum size of a metadata object, in bytes of UTF-8 JSON. The same limit applies to the input and output of a tool call, the payload of an event, and an analysis. */
  maxMetadataBytes: Scalars['Int']['output'];
  /** Maximum number of points of all series of an operation together: measures × groups × buckets of each, without `previousPoints`. */
  maxSeriesPoints: Scalars['Int']['output'];
  /** The web components of this server. */
  embed: EmbedScript;
  /** The rate limits that this request counts towards. Disabled ones are left out. */
  rateLimits: Array<RateLimit>;
};

/** Result of `createEmbedToken`. */
export type CreateEmbedTokenPayload = {
  /** The token, a JWT, which the page sends as `Authorization: Bearer …` without the header X-Tenant-Id. */
  token: Scalars['String']['output'];
  /** When the token expires. */
  expiresAt: Scalars['DateTime']['output'];
  /** The same in seconds from now, for browsers whose clock is wrong. */
  expiresInSeconds: Scalars['Int']['output'];
};

/** Result of `revokeEmbedTokens`. */
export type RevokeEmbedTokensPayload = {
  /** The tenant whose tokens were revoked. */
  tenant: Tenant;
};

/** Result of `rotateSigningKey`. */
export type RotateSigningKeyPayload = {
  /** The `kid` of the new signing key. */
  keyId: Scalars['String']['output'];
};

/** An issuer whose JWTs are accepted like embed tokens: usually the SaaS product that embeds Parley. Its tokens need the claims `iss`, `aud`, `iat`, `exp` (at most 24 hours ahead) and the tenant claim. `scopes` (a list) or `scope` names their scopes (default: ANALYTICS_READ and CONVERSATIONS_READ), `sub` the subject. `parley_agents` (a list of ids or external ids of agents), `parley_end_user_ids` (a list) and `parley_metadata` (an object) restrict them, like the fields of `CreateEmbedTokenInput`; an agent that does not exist matches nothing until it does. `parley_documents` limits them to registered documents if it is REGISTERED, and to those of the web components if it is COMPONENTS. A token is refused if one of these claims can't be read, or for any other claim that begins with `parley_`. */
export type TokenIssuer = Node & {
  /** Opaque id, `issuer_…`. */
  id: Scalars['ID']['output'];
  /** Display name. Null if it has none. */
  name?: Maybe<Scalars['String']['output']>;
  /** Value of the claim `iss` in its tokens. */
  issuer: Scalars['String']['output'];
  /** Value that the claim `aud` of its tokens must have, up to 256 characters. */
  audience: Scalars['String']['output'];
  /** URL that its public keys are read from. Null if they are in `keys`. */
  jwksUrl?: Maybe<Scalars['String']['output']>;
  /** Its public keys, as JWKs. Null if they are read from `jwksUrl`. */
  keys?: Maybe<Array<Scalars['JSONObject']['output']>>;
  /** Name of the claim that holds the tenant id. */
  tenantClaim: Scalars['String']['output'];
  /** Scopes that its tokens may have. Any others that a token names are ignored. */
  scopes: Array<Scope>;
  /** Which documents its tokens may send. */
  documents: TokenDocuments;
  /** When the issuer was registered. */
  createdAt: Scalars['DateTime']['output'];
  /** When the issuer was last changed. */
  updatedAt: Scalars['DateTime']['output'];
  /** When a token of the issuer was last accepted, accurate to the minute. `testToken` does not count. Null if never. */
  lastUsedAt?: Maybe<Scalars['DateTime']['output']>;
  /** IP address that this token was sent from. Accurate to the minute, like `lastUsedAt`: another token, or another address, within that minute is not recorded. Null if no token was ever accepted, or if the address is unknown. */
  lastUsedAddress?: Maybe<Scalars['String']['output']>;
  /** What sent this token: the first 256 characters of the header User-Agent of the request. Null if it had none, or if it is unknown. */
  lastUsedUserAgent?: Maybe<Scalars['String']['output']>;
};

/** An edge in a list of token issuers: the entry and its cursor. */
export type TokenIssuerEdge = {
  /** Cursor of the entry: pass it as `after` or `before` to continue from here. */
  cursor: Scalars['String']['output'];
  /** The entry itself. */
  node: TokenIssuer;
};

/** A page of token issuers. */
export type TokenIssuerConnection = {
  /** The entries with their cursors. */
  edges: Array<TokenIssuerEdge>;
  /** The entries without their cursors. */
  nodes: Array<TokenIssuer>;
  /** Position of this page in the list. */
  pageInfo: PageInfo;
  /** Number of entries in the whole list, on all pages together. Counted only if you select it. */
  totalCount: Scalars['Int']['output'];
};

/** Result of `registerTokenIssuer`. */
export type RegisterTokenIssuerPayload = {
  /** The issuer. */
  tokenIssuer: TokenIssuer;
};

/** Result of `updateTokenIssuer`. */
export type UpdateTokenIssuerPayload = {
  /** The updated issuer. */
  tokenIssuer: TokenIssuer;
};

/** Result of `deleteTokenIssuer`. */
export type DeleteTokenIssuerPayload = {
  /** Id of the deleted issuer, `issuer_…`. */
  deletedId: Scalars['ID']['output'];
};

/** Result of `testToken`. */
export type TestTokenPayload = {
  /** Whether a request with the token would be accepted now. */
  accepted: Scalars['Boolean']['output'];
  /** Why it would be refused. Null if it would be accepted. */
  reason?: Maybe<TokenRefusalReason>;
  /** Name of the claim that is to blame. Null if it is none. */
  claim?: Maybe<Scalars['String']['output']>;
  /** The same in a sentence, for people. */
  message: Scalars['String']['output'];
  /** The issuer that the token names, whether or not it signed it. Null for an embed token, and if no such issuer is registered. */
  tokenIssuer?: Maybe<TokenIssuer>;
  /** The tenant of the token. Null if it would be refused, unless it only expired or was revoked. */
  tenant?: Maybe<Tenant>;
  /** What the token may do. Null if it would be refused. */
  scopes?: Maybe<Array<Scope>>;
  /** Who the token is for. Null if it names nobody, or would be refused. */
  subject?: Maybe<Scalars['String']['output']>;
  /** When the token expires. Null if it would be refused. */
  expiresAt?: Maybe<Scalars['DateTime']['output']>;
  /** What restricts the token, without the values: `agents`, `endUserIds`, `metadata.` with a key, and `documents` if it may send only registered ones. Empty if nothing does. Null if it would be refused. */
  restrictedBy?: Maybe<Array<Scalars['String']['output']>>;
};

/** A registered document: one that a token limited to registered documents may send. */
export type TrustedDocument = {
  /** SHA-256 hash of the document in lower-case hexadecimal. Clients may send it as `extensions.persistedQuery.sha256Hash` in place of the document. */
  sha256Hash: Scalars['String']['output'];
  /** The document, exactly as it was registered. */
  document: Scalars['String']['output'];
  /** Display name. Null if it has none. */
  name?: Maybe<Scalars['String']['output']>;
  /** Whether it belongs to the account, whose documents all tenants use, and not to the tenant. */
  belongsToAccount: Scalars['Boolean']['output'];
  /** When the document was registered. */
  createdAt: Scalars['DateTime']['output'];
};

/** An edge in a list of registered documents: the entry and its cursor. */
export type TrustedDocumentEdge = {
  /** Cursor of the entry: pass it as `after` or `before` to continue from here. */
  cursor: Scalars['String']['output'];
  /** The entry itself. */
  node: TrustedDocument;
};

/** A page of registered documents. */
export type TrustedDocumentConnection = {
  /** The entries with their cursors. */
  edges: Array<TrustedDocumentEdge>;
  /** The entries without their cursors. */
  nodes: Array<TrustedDocument>;
  /** Position of this page in the list. */
  pageInfo: PageInfo;
  /** Number of entries in the whole list, on all pages together. Counted only if you select it. */
  totalCount: Scalars['Int']['output'];
};

/** Result of `registerDocuments`. */
export type RegisterDocumentsPayload = {
  /** The documents, in the same order. */
  documents: Array<TrustedDocument>;
  /** How many of them were not registered before. */
  createdCount: Scalars['Int']['output'];
};

/** Result of `deleteDocuments`. */
export type DeleteDocumentsPayload = {
  /** Hashes of the documents that were deleted: those that were registered. */
  deletedSha256Hashes: Array<Scalars['String']['output']>;
};

/** Who performed an action, identified by the credential. */
export type AuditActor = {
  /** Kind of credential. */
  kind: AuditActorKind;
  /** Id of the API key; for a token, of the key that created it or the issuer that signed it. Null if there was no credential. */
  credentialId?: Maybe<Scalars['ID']['output']>;
  /** Name of the actor at that time: of the API key, or who the token was for. For the kind NONE, what acted. Null if unknown. */
  name?: Maybe<Scalars['String']['output']>;
  /** Who the token was for. Null for keys, and for a token without a subject. */
  subject?: Maybe<Scalars['String']['output']>;
};

/** An action on keys, tenants, token issuers, tokens or data, or an attempt that was refused. An event never changes. */
export type AuditEvent = Node & {
  /** Opaque id, `audit_…`. */
  id: Scalars['ID']['output'];
  /** When the request arrived. */
  occurredAt: Scalars['DateTime']['output'];
  /** Who performed the action. */
  actor: AuditActor;
  /** Tenant whose data or settings it was about; for a refused attempt, the tenant of the credential or request. Null if it was about the account. */
  tenantId?: Maybe<Scalars['ID']['output']>;
  /** What was done or, if refused, attempted. */
  action: AuditAction;
  /** Type of the object that the action was performed on. Null if there is none. */
  objectType?: Maybe<AuditObjectType>;
  /** Id of the object that the action was performed on. Null if it has none. */
  objectId?: Maybe<Scalars['ID']['output']>;
  /** Whether the action was performed. */
  outcome: AuditOutcome;
  /** Error code of a refused attempt. Null if the action was performed. */
  errorCode?: Maybe<Scalars['String']['output']>;
  /** Id of the request, as in the server's log and the header X-Request-Id. Null for the server's start or a command on its machine. */
  requestId?: Maybe<Scalars['ID']['output']>;
  /** IP address that the request came from. Null if it is unknown. */
  clientAddress?: Maybe<Scalars['String']['output']>;
  /** Further details, depending on the action, such as names, scopes and expiry. For a refused attempt, `suppressed` is the number of similar attempts before it that got no event of their own. Never contains a secret, the text of a message or a metadata value. */
  details: Scalars['JSONObject']['output'];
};

/** An edge in a list of audit events: the entry and its cursor. */
export type AuditEventEdge = {
  /** Cursor of the entry: pass it as `after` or `before` to continue from here. */
  cursor: Scalars['String']['output'];
  /** The entry itself. */
  node: AuditEvent;
};

/** A page of audit events. */
export type AuditEventConnection = {
  /** The entries with their cursors. */
  edges: Array<AuditEventEdge>;
  /** The entries without their cursors. */
  nodes: Array<AuditEvent>;
  /** Position of this page in the list. */
  pageInfo: PageInfo;
  /** Number of entries in the whole list, on all pages together. Counted only if you select it. */
  totalCount: Scalars['Int']['output'];
};

/** An AI agent of a tenant. (People are not agents; their messages have the role HUMAN_AGENT.) Fields that were not given are null. */
export type Agent = Node & {
  /** Opaque id, `agent_…`. */
  id: Scalars['ID']['output'];
  /** External id: the caller's own id for the agent, unique within the tenant. */
  externalId?: Maybe<Scalars['String']['output']>;
  /** Display name. */
  name: Scalars['String']['output'];
  /** What the agent is for, up to 10,000 characters. */
  description?: Maybe<Scalars['String']['output']>;
  /** Instructions to the agent. Null if there are none, or without the scope INTERNALS_READ. */
  systemPrompt?: Maybe<Scalars['String']['output']>;
  /** The language model that the agent runs on, up to 256 characters. Costs are derived from it if neither the message nor the conversation names a model. */
  model?: Maybe<Scalars['String']['output']>;
  /** The caller's tags. */
  tags: Array<Scalars['String']['output']>;
  /** Lifecycle status. */
  status: AgentStatus;
  /** When the agent was created. */
  createdAt: Scalars['DateTime']['output'];
  /** When the agent was last changed. */
  updatedAt: Scalars['DateTime']['output'];
  /** The conversations that the agent took part in, including tests, by default those that began last first. */
  conversations: ConversationConnection;
  /** Totals of the conversations that the agent took part in. Null without the scope ANALYTICS_READ. */
  totals?: Maybe<AgentTotals>;
};


/** An AI agent of a tenant. (People are not agents; their messages have the role HUMAN_AGENT.) Fields that were not given are null. */
export type AgentConversationsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ConversationFilter>;
  orderBy?: InputMaybe<ConversationOrder>;
};


/** An AI agent of a tenant. (People are not agents; their messages have the role HUMAN_AGENT.) Fields that were not given are null. */
export type AgentTotalsArgs = {
  filter?: InputMaybe<ConversationFilter>;
  includeTests?: Scalars['Boolean']['input'];
};

/** An edge in a list of agents: the entry and its cursor. */
export type AgentEdge = {
  /** Cursor of the entry: pass it as `after` or `before` to continue from here. */
  cursor: Scalars['String']['output'];
  /** The entry itself. */
  node: Agent;
};

/** A page of agents. */
export type AgentConnection = {
  /** The entries with their cursors. */
  edges: Array<AgentEdge>;
  /** The entries without their cursors. */
  nodes: Array<Agent>;
  /** Position of this page in the list. */
  pageInfo: PageInfo;
  /** Number of entries in the whole list, on all pages together. Counted only if you select it. */
  totalCount: Scalars['Int']['output'];
};

/** Result of `upsertAgent`. */
export type UpsertAgentPayload = {
  /** Whether the agent was created. False if it already existed. */
  created: Scalars['Boolean']['output'];
  /** The agent. Without the scope CONVERSATIONS_READ, only `id`, `externalId` and `status` can be selected; any other field fails with FORBIDDEN. */
  agent: Agent;
};

/** How many values of each kind were redacted before a message was stored, and what replaced them. */
export type Redactions = {
  /** Number of email addresses, replaced by `email@example.com`. */
  emailAddressCount: Scalars['Int']['output'];
  /** Number of payment card numbers, replaced by `1111 1111 1111 1111`. */
  cardNumberCount: Scalars['Int']['output'];
  /** Number of US Social Security numbers, replaced by `000-00-0000`. */
  usSocialSecurityNumberCount: Scalars['Int']['output'];
  /** Number of UK National Insurance numbers, replaced by `QQ 12 34 56 C`. */
  ukNationalInsuranceNumberCount: Scalars['Int']['output'];
  /** Number of phone numbers, replaced by `+00 000 000000`. */
  phoneNumberCount: Scalars['Int']['output'];
  /** Number of IBANs, replaced by `XX00 0000 0000 0000 0000 00`. */
  ibanCount: Scalars['Int']['output'];
  /** Number of matches of the tenant's own patterns, replaced as those say. */
  patternMatchCount: Scalars['Int']['output'];
};

/** A tool call by an agent, and its result. */
export type ToolCall = Node & Message & {
  /** Opaque id, `msg_…`. */
  id: Scalars['ID']['output'];
  /** External id: the caller's own id for the entry, unique within the conversation. Null if not given. */
  externalId?: Maybe<Scalars['String']['output']>;
  /** Position in the transcript, counted from 0 over all entries. Entries that this credential may not see count too, so it may see gaps. */
  sequence: Scalars['Int']['output'];
  /** When it happened: the given time, or else the default that `ChatMessageInput.timestamp` describes. Entries are ordered by `sequence`, not by this. */
  timestamp: Scalars['DateTime']['output'];
  /** The agent it came from. Null if there is none, or if this credential is restricted to other agents. */
  agent?: Maybe<Agent>;
  /** The caller's metadata, `{}` by default. For a tool call, `{}` without the scope INTERNALS_READ. */
  metadata: Scalars['JSONObject']['output'];
  /** What was redacted before it was stored. Null if nothing was, and for a tool call without the scope INTERNALS_READ. */
  redactions?: Maybe<Redactions>;
  /** The conversation whose transcript it is in. */
  conversation: Conversation;
  /** Name of the tool. */
  name: Scalars['String']['output'];
  /** Input of the call. Null without the scope INTERNALS_READ. */
  input?: Maybe<Scalars['JSON']['output']>;
  /** Output of the call. Null without the scope INTERNALS_READ. */
  output?: Maybe<Scalars['JSON']['output']>;
  /** Why the agent called it. Null without the scope INTERNALS_READ. */
  thought?: Maybe<Scalars['String']['output']>;
  /** Error message. Null if the call succeeded, or without the scope INTERNALS_READ; see `failed`. */
  error?: Maybe<Scalars['String']['output']>;
  /** Whether the call failed. */
  failed: Scalars['Boolean']['output'];
  /** Duration of the call in milliseconds. Null if not given. */
  durationMs?: Maybe<Scalars['Float']['output']>;
  /** Cost in US dollars. Null if not given. */
  costUsd?: Maybe<Scalars['Float']['output']>;
};

/** An event, such as a handover, a submitted form or a voice trace. Internal events are visible only with the scope INTERNALS_READ. */
export type ConversationEvent = Node & Message & {
  /** Opaque id, `msg_…`. */
  id: Scalars['ID']['output'];
  /** External id: the caller's own id for the entry, unique within the conversation. Null if not given. */
  externalId?: Maybe<Scalars['String']['output']>;
  /** Position in the transcript, counted from 0 over all entries. Entries that this credential may not see count too, so it may see gaps. */
  sequence: Scalars['Int']['output'];
  /** When it happened: the given time, or else the default that `ChatMessageInput.timestamp` describes. Entries are ordered by `sequence`, not by this. */
  timestamp: Scalars['DateTime']['output'];
  /** The agent it came from. Null if there is none, or if this credential is restricted to other agents. */
  agent?: Maybe<Agent>;
  /** The caller's metadata, `{}` by default. For a tool call, `{}` without the scope INTERNALS_READ. */
  metadata: Scalars['JSONObject']['output'];
  /** What was redacted before it was stored. Null if nothing was, and for a tool call without the scope INTERNALS_READ. */
  redactions?: Maybe<Redactions>;
  /** The conversation whose transcript it is in. */
  conversation: Conversation;
  /** Name of the event. */
  name: Scalars['String']['output'];
  /** Who may see it. */
  visibility: Visibility;
  /** Details of the event. */
  payload?: Maybe<Scalars['JSON']['output']>;
};

/** Audio or video recording of a conversation, hosted elsewhere. Fields that were not given are null. */
export type Recording = {
  /** URL of the recording. */
  url: Scalars['String']['output'];
  /** Media type, such as audio/ogg, up to 256 characters. */
  contentType?: Maybe<Scalars['String']['output']>;
  /** Length in milliseconds. Null if unknown. */
  durationMs?: Maybe<Scalars['Float']['output']>;
};

/** The results of the caller's own analysis. Parley stores them but does not compute them. Fields that were not given are null. */
export type Analysis = {
  /** Progress of the analysis. */
  status: AnalysisStatus;
  /** A summary in a few sentences, up to 10,000 characters. */
  summary?: Maybe<Scalars['String']['output']>;
  /** Topics of the conversation, up to 50. */
  tags: Array<Scalars['String']['output']>;
  /** Data extracted from the transcript, in any shape. */
  extractedData?: Maybe<Scalars['JSON']['output']>;
};

/** An edge in a list of transcript entries: the entry and its cursor. */
export type MessageEdge = {
  /** Cursor of the entry: pass it as `after` or `before` to continue from here. */
  cursor: Scalars['String']['output'];
  /** The entry itself. */
  node: Message;
};

/** A page of transcript entries. */
export type MessageConnection = {
  /** The entries with their cursors. */
  edges: Array<MessageEdge>;
  /** The entries without their cursors. */
  nodes: Array<Message>;
  /** Position of this page in the list. */
  pageInfo: PageInfo;
  /** Number of entries in the whole list, on all pages together. Counted only if you select it. */
  totalCount: Scalars['Int']['output'];
};

/** A conversation of one tenant, with its transcript. Fields that were not given are null, unless their description says otherwise. */
export type Conversation = Node & {
  /** Opaque id, `conv_…`. */
  id: Scalars['ID']['output'];
  /** External id: the caller's own id for the conversation, unique within the tenant. */
  externalId?: Maybe<Scalars['String']['output']>;
  /** Lifecycle status. */
  status: ConversationStatus;
  /** Channel the conversation took place on. */
  channel?: Maybe<Channel>;
  /** Which side started it. */
  direction?: Maybe<Direction>;
  /** The campaign it belongs to, up to 256 characters. */
  campaign?: Maybe<Scalars['String']['output']>;
  /** The caller's own id for the end user, up to 256 characters. */
  endUserId?: Maybe<Scalars['String']['output']>;
  /** The end user's company, up to 256 characters. */
  companyName?: Maybe<Scalars['String']['output']>;
  /** The language model that answered, up to 256 characters. */
  model?: Maybe<Scalars['String']['output']>;
  /** Its title, such as the subject of a ticket, up to 256 characters. */
  title?: Maybe<Scalars['String']['output']>;
  /** What it is about, in free text, up to 10,000 characters. */
  description?: Maybe<Scalars['String']['output']>;
  /** Feedback from the end user, in free text, up to 10,000 characters. */
  feedback?: Maybe<Scalars['String']['output']>;
  /** Why it ended, in the caller's or the provider's words, such as customer-ended-call; up to 256 characters. */
  endReason?: Maybe<Scalars['String']['output']>;
  /** Who or what handled it in the end. */
  outcome?: Maybe<Outcome>;
  /** What it achieved for the end user. */
  resolution?: Maybe<Resolution>;
  /** Whether it is a test. Analytics exclude tests by default. */
  isTest: Scalars['Boolean']['output'];
  /** BCP 47 language tag, such as en or pt-BR. If none was given, it is the most frequent language of the user messages; on a tie, the one that came first. Null if unknown. */
  language?: Maybe<Scalars['String']['output']>;
  /** The caller's labels. */
  labels: Array<Scalars['String']['output']>;
  /** The caller's metadata, `{}` by default. */
  metadata: Scalars['JSONObject']['output'];
  /** When the conversation began: the given start or, without one, the earliest known time; failing that, the given end, or when it was logged. Without a given start, a message with an earlier time that arrives later moves it back. Known times are those given for messages (and as the ends of utterances). If the conversation is live, the arrival of the call that created it and of messages without a time are known too. It is live if it was created open, by a call in which no time was more than an hour old, and once it was reopened; reopening does not move its start. */
  startedAt: Scalars['DateTime']['output'];
  /** When the conversation ended: the given end or, without one, the latest known time of a message (see `startedAt`), or else the start. Null while it is open. */
  endedAt?: Maybe<Scalars['DateTime']['output']>;
  /** Time from start to end in milliseconds. Null while the conversation is open, or if fewer than two different times are known. */
  durationMs?: Maybe<Scalars['Float']['output']>;
  /** Latest `timestamp` of all transcript entries, including those that this credential may not see. Null if there are none. */
  lastMessageAt?: Maybe<Scalars['DateTime']['output']>;
  /** When the conversation was first stored. */
  createdAt: Scalars['DateTime']['output'];
  /** When the conversation was last changed. */
  updatedAt: Scalars['DateTime']['output'];
  /** Audio or video recording of the conversation, hosted elsewhere. Null if there is none. */
  recording?: Maybe<Recording>;
  /** The results of the caller's own analysis. Null if there is none. */
  analysis?: Maybe<Analysis>;
  /** The agents that took part and that this credential may see, in the order in which they were given. */
  agents: Array<Agent>;
  /** Number of transcript entries that this credential may see. */
  messageCount: Scalars['Int']['output'];
  /** Number of user messages. */
  userMessageCount: Scalars['Int']['output'];
  /** Number of AI agent messages. */
  assistantMessageCount: Scalars['Int']['output'];
  /** Number of human agent messages. */
  humanAgentMessageCount: Scalars['Int']['output'];
  /** Number of tool calls. */
  toolCallCount: Scalars['Int']['output'];
  /** Number of tool calls that failed. */
  toolErrorCount: Scalars['Int']['output'];
  /** Number of events that this credential may see. */
  eventCount: Scalars['Int']['output'];
  /** Number of user messages whose `understood` is false. (`llmStats.notUnderstoodCount` is the caller's own count.) */
  notUnderstoodCount: Scalars['Int']['output'];
  /** Total tokens of all chat messages that have a count, including system prompts that this credential may not see. */
  tokenCount: Scalars['Int']['output'];
  /** Cost in US dollars: what was given for the whole conversation, or else the sum of all chat messages and tool calls that have a cost, including system prompts that this credential may not see. Null if nothing has one. */
  costUsd?: Maybe<Scalars['Float']['output']>;
  /** The transcript: the entries that this credential may see, in order. */
  messages: MessageConnection;
  /** The transcript entries that match a search, in order. A conversation that a filter with this `search` finds has at least one, and any other has none. */
  searchMatches: SearchMatchConnection;
  /** Whether a language model took part: as given or, if not given, true if there are `llmStats`. Null if unknown. */
  isLlmConversation?: Maybe<Scalars['Boolean']['output']>;
  /** The caller's counts of what a language model did. Null if none were given. */
  llmStats?: Maybe<LlmStats>;
  /** The intents of its messages, in the order of the transcript. */
  intents: Array<TriggeredIntent>;
  /** The replies of a dialogue that its messages are, in the order of the transcript. */
  triggeredReplies: Array<TriggeredReply>;
  /** The first of `intents`. Null if there is none. */
  firstIntent?: Maybe<TriggeredIntent>;
  /** The last of `intents`. Null if there is none. */
  lastIntent?: Maybe<TriggeredIntent>;
  /** The intent with the earliest message time whose `meaningful` is not false. Null if there is none. */
  firstMeaningfulIntent?: Maybe<TriggeredIntent>;
  /** Mean sentiment (-1 to 1) of the user messages that have one. Null if none has. */
  sentiment?: Maybe<Scalars['Float']['output']>;
  /** The value of `sentiment` as a word. Null if that is null. */
  sentimentLabel?: Maybe<SentimentLabel>;
  /** How the sentiment of the user messages changed. Null if fewer than two of them have a sentiment. */
  sentimentTrend?: Maybe<SentimentTrend>;
  /** Mean times between its voice events, and its interruptions. Null if there are no voice events (see `ConversationEventInput.name`), or without the scope INTERNALS_READ. */
  voiceTimings?: Maybe<VoiceTimings>;
  /** The end user. Null if there is no `endUserId`. */
  endUser?: Maybe<EndUser>;
};


/** A conversation of one tenant, with its transcript. Fields that were not given are null, unless their description says otherwise. */
export type ConversationMessagesArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  types?: InputMaybe<Array<MessageType>>;
};


/** A conversation of one tenant, with its transcript. Fields that were not given are null, unless their description says otherwise. */
export type ConversationSearchMatchesArgs = {
  search: Scalars['String']['input'];
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
};


/** A conversation of one tenant, with its transcript. Fields that were not given are null, unless their description says otherwise. */
export type ConversationFirstMeaningfulIntentArgs = {
  exclude?: Array<Scalars['String']['input']>;
};

/** An edge in a list of conversations: the entry and its cursor. */
export type ConversationEdge = {
  /** Cursor of the entry: pass it as `after` or `before` to continue from here. */
  cursor: Scalars['String']['output'];
  /** The entry itself. */
  node: Conversation;
};

/** A page of conversations. */
export type ConversationConnection = {
  /** The entries with their cursors. */
  edges: Array<ConversationEdge>;
  /** The entries without their cursors. */
  nodes: Array<Conversation>;
  /** Position of this page in the list. */
  pageInfo: PageInfo;
  /** Number of entries in the whole list, on all pages together. Counted only if you select it. */
  totalCount: Scalars['Int']['output'];
};

/** The intent that was recognised in a message. */
export type Intent = {
  /** Name of the intent. */
  name: Scalars['String']['output'];
  /** False for greetings, thanks and the like, which do not show what a conversation is about. */
  meaningful: Scalars['Boolean']['output'];
  /** External id: the caller's own id for the intent. Null if not given. */
  externalId?: Maybe<Scalars['String']['output']>;
};

/** The reply of a dialogue that a message is. */
export type Reply = {
  /** Name of the reply. */
  name: Scalars['String']['output'];
  /** External id: the caller's own id for the reply. Null if not given. */
  externalId?: Maybe<Scalars['String']['output']>;
  /** Type of the reply, in the caller's words. Null if not given. */
  type?: Maybe<Scalars['String']['output']>;
};

/** A file that was sent with a message, and is hosted elsewhere. */
export type Attachment = {
  /** URL of the file, https. What redaction finds in it is replaced, and it may then lead nowhere. */
  url: Scalars['String']['output'];
  /** Name of the file. Null if not given. */
  name?: Maybe<Scalars['String']['output']>;
  /** Media type, such as image/png. Null if not given. */
  mediaType?: Maybe<Scalars['String']['output']>;
};

/** A chat message from the end user, the AI agent or a person who took over, or a system prompt (instructions to the agent). Fields that were not given are null, unless they are derived. */
export type ChatMessage = Node & Message & {
  /** Opaque id, `msg_…`. */
  id: Scalars['ID']['output'];
  /** External id: the caller's own id for the entry, unique within the conversation. Null if not given. */
  externalId?: Maybe<Scalars['String']['output']>;
  /** Position in the transcript, counted from 0 over all entries. Entries that this credential may not see count too, so it may see gaps. */
  sequence: Scalars['Int']['output'];
  /** When it happened: the given time, or else the default that `ChatMessageInput.timestamp` describes. Entries are ordered by `sequence`, not by this. */
  timestamp: Scalars['DateTime']['output'];
  /** The agent it came from. Null if there is none, or if this credential is restricted to other agents. */
  agent?: Maybe<Agent>;
  /** The caller's metadata, `{}` by default. For a tool call, `{}` without the scope INTERNALS_READ. */
  metadata: Scalars['JSONObject']['output'];
  /** What was redacted before it was stored. Null if nothing was, and for a tool call without the scope INTERNALS_READ. */
  redactions?: Maybe<Redactions>;
  /** The conversation whose transcript it is in. */
  conversation: Conversation;
  /** Who the message is from. */
  role: MessageRole;
  /** Name of its author. Null if not given. */
  authorName?: Maybe<Scalars['String']['output']>;
  /** Text of the message. */
  content: Scalars['String']['output'];
  /** Files that were sent with it. Empty if there are none. */
  attachments: Array<Attachment>;
  /** The language model that wrote it, up to 256 characters. Default for deriving the cost: the model of the conversation or agent. */
  model?: Maybe<Scalars['String']['output']>;
  /** Length in tokens, given or derived. Null if unknown. */
  tokenCount?: Maybe<Scalars['Int']['output']>;
  /** Cost in US dollars, given or derived. Null if unknown. */
  costUsd?: Maybe<Scalars['Float']['output']>;
  /** How long the AI agent took to answer, in milliseconds. Null if unknown. */
  latencyMs?: Maybe<Scalars['Float']['output']>;
  /** Rating: -1 is bad, 0 neutral, 1 good. Null if it is not rated. */
  rating?: Maybe<Scalars['Int']['output']>;
  /** Sentiment from -1 (negative) to 1 (positive), given or derived. Null if unknown. */
  sentiment?: Maybe<Scalars['Float']['output']>;
  /** BCP 47 language tag, such as en or pt-BR, given or derived. Null if unknown. */
  language?: Maybe<Scalars['String']['output']>;
  /** Translation of the content into another language, as given by the caller. Null if there is none. */
  translation?: Maybe<Scalars['String']['output']>;
  /** Whether the AI agent understood this user message, as given by the caller. Null if not given; analytics then count it as understood. */
  understood?: Maybe<Scalars['Boolean']['output']>;
  /** The intent that was recognised in it. */
  intent?: Maybe<Intent>;
  /** The reply of the dialogue that it is. Null if not given. */
  reply?: Maybe<Reply>;
  /** Id of the speaker, if the conversation has several. */
  participantId?: Maybe<Scalars['String']['output']>;
  /** For speech: when the utterance ended. */
  endedAt?: Maybe<Scalars['DateTime']['output']>;
  /** The fields that Parley derived because the caller did not give them. */
  enrichedFields: Array<EnrichedField>;
};

/** A part of a text, in UTF-16 code units, as in JavaScript strings. */
export type TextHighlight = {
  /** Where it begins, counted from 0. */
  start: Scalars['Int']['output'];
  /** Where it ends, exclusive. */
  end: Scalars['Int']['output'];
};

/** A transcript entry that matches a search. */
export type SearchMatch = {
  /** The entry. At present, only chat messages are searched. */
  message: Message;
  /** The text around the first match, up to 240 UTF-16 code units of plain text, with an ellipsis (…) where it is cut. The beginning of the text, without highlights, if the search has only excluded words, if the first match is after the first 65536 code units, or if the operation has searched about 500000 characters for its excerpts. Costs as much as 50 fields. */
  excerpt: Scalars['String']['output'];
  /** The words and phrases of the search in the excerpt, in order and without overlaps. Costs as much as 50 fields. */
  highlights: Array<TextHighlight>;
};

/** An edge in a list of search matches: the entry and its cursor. */
export type SearchMatchEdge = {
  /** Cursor of the entry: pass it as `after` or `before` to continue from here. */
  cursor: Scalars['String']['output'];
  /** The entry itself. */
  node: SearchMatch;
};

/** A page of search matches. */
export type SearchMatchConnection = {
  /** The entries with their cursors. */
  edges: Array<SearchMatchEdge>;
  /** The entries without their cursors. */
  nodes: Array<SearchMatch>;
  /** Position of this page in the list. */
  pageInfo: PageInfo;
  /** Number of entries in the whole list, on all pages together. Counted only if you select it. */
  totalCount: Scalars['Int']['output'];
};

/** Transcript entries appended to a conversation. */
export type MessagesAppended = {
  /** The entries in order, continuing those of the previous event; at most 100. */
  messages: Array<Message>;
  /** Sequence of the last of these entries: pass it as `afterSequence` to continue from here. */
  lastSequence: Scalars['Int']['output'];
};

/** A change to a conversation. */
export type ConversationChange = {
  /** What happened. */
  kind: ConversationChangeKind;
  /** Id of the conversation, `conv_…`. */
  conversationId: Scalars['ID']['output'];
  /** The current state of the conversation. Null if it was deleted or does not, or no longer, match the filter: take it out of your list. */
  conversation?: Maybe<Conversation>;
};

/** Changes since the previous event. */
export type ConversationsChanged = {
  /** Where this event ends: pass it as `after` to continue from here, within 24 hours. */
  resumeToken: Scalars['String']['output'];
  /** At most 500 changes, each to a different conversation. Empty if there is only a new resume token: in the first event, unless `after` is given, and occasionally later. */
  changes: Array<ConversationChange>;
};

/** The caller's counts of what a language model did in a conversation. */
export type LlmStats = {
  /** Number of messages that the model did not understand. */
  notUnderstoodCount: Scalars['Int']['output'];
  /** Number of answers that the model wrote. */
  responseGeneratedCount: Scalars['Int']['output'];
  /** Number of errors while generating answers. */
  errorOccurredCount: Scalars['Int']['output'];
  /** Number of times that the model asked for a person. */
  escalationRequiredCount: Scalars['Int']['output'];
  /** Number of times that a prepared answer replaced the model's own. */
  fallbackCount: Scalars['Int']['output'];
};

/** Result of `logConversation`. */
export type LogConversationPayload = {
  /** Whether the conversation was created. False if the external id already existed. */
  created: Scalars['Boolean']['output'];
  /** Number of entries that were left out because the conversation had one with the same external id. */
  duplicateCount: Scalars['Int']['output'];
  /** The new conversation, or the existing one. Without the scope CONVERSATIONS_READ, only `id`, `externalId`, `status`, `createdAt` and `updatedAt` can be selected; any other field fails with FORBIDDEN. */
  conversation: Conversation;
};

/** Result of `appendMessages`. */
export type AppendMessagesPayload = {
  /** Whether the conversation was created. False if it already existed. */
  created: Scalars['Boolean']['output'];
  /** Number of entries that were left out because the conversation had one with the same external id. */
  duplicateCount: Scalars['Int']['output'];
  /** The entries that were appended, in order, including your own system prompts and internal events even without the scope INTERNALS_READ. Without the scope CONVERSATIONS_READ, only `id`, `externalId` and `sequence` can be selected; any other field fails with FORBIDDEN. */
  appendedMessages: Array<Message>;
  /** The conversation, including these messages. Without the scope CONVERSATIONS_READ, only `id`, `externalId`, `status`, `createdAt` and `updatedAt` can be selected; any other field fails with FORBIDDEN. */
  conversation: Conversation;
};

/** Result of `updateMessages`. */
export type UpdateMessagesPayload = {
  /** The updated messages that this credential may see, in the order given. Without the scope CONVERSATIONS_READ, only `id`, `externalId` and `sequence` can be selected; any other field fails with FORBIDDEN. */
  messages: Array<Message>;
  /** The conversation that the messages belong to. Without the scope CONVERSATIONS_READ, only `id`, `externalId`, `status`, `createdAt` and `updatedAt` can be selected; any other field fails with FORBIDDEN. */
  conversation: Conversation;
};

/** Result of `completeConversation`. */
export type CompleteConversationPayload = {
  /** The closed conversation. Without the scope CONVERSATIONS_READ, only `id`, `externalId`, `status`, `createdAt` and `updatedAt` can be selected; any other field fails with FORBIDDEN. */
  conversation: Conversation;
};

/** Result of `updateConversation`. */
export type UpdateConversationPayload = {
  /** The updated conversation. Without the scope CONVERSATIONS_READ, only `id`, `externalId`, `status`, `createdAt` and `updatedAt` can be selected; any other field fails with FORBIDDEN. */
  conversation: Conversation;
};

/** Result of `reopenConversation`. */
export type ReopenConversationPayload = {
  /** The open conversation. Without the scope CONVERSATIONS_READ, only `id`, `externalId`, `status`, `createdAt` and `updatedAt` can be selected; any other field fails with FORBIDDEN. */
  conversation: Conversation;
};

/** Result of `deleteConversation`. */
export type DeleteConversationPayload = {
  /** Id of the deleted conversation, `conv_…`. */
  deletedId: Scalars['ID']['output'];
};

/** Why a conversation was not stored: the error that `logConversation` would return. */
export type LogError = {
  /** Error code, as in `extensions.code` of an error. */
  code: Scalars['String']['output'];
  /** Human-readable message. It usually starts with the path of the refused input. */
  message: Scalars['String']['output'];
  /** Path of the refused input, such as `input.conversations[3].externalId`. Null if the error is not about an input. */
  inputPath?: Maybe<Scalars['String']['output']>;
  /** Paths of all refused inputs, at most 50: a conversation can have several values that do not match the schema. */
  inputPaths: Array<Scalars['String']['output']>;
};

/** Result for one conversation. */
export type LogConversationsResult = {
  /** Index of the conversation in `conversations`, from 0. */
  index: Scalars['Int']['output'];
  /** The new conversation, or the existing one. Null if there is an error. Without the scope CONVERSATIONS_READ, only `id`, `externalId`, `status`, `createdAt` and `updatedAt` can be selected; any other field fails with FORBIDDEN. */
  conversation?: Maybe<Conversation>;
  /** Whether the conversation was created. False if the external id already existed. Null if there is an error. */
  created?: Maybe<Scalars['Boolean']['output']>;
  /** Number of entries that were left out because the conversation had one with the same external id. Null if there is an error. */
  duplicateCount?: Maybe<Scalars['Int']['output']>;
  /** Why the conversation was not stored. Null if it was. */
  error?: Maybe<LogError>;
};

/** Result of `logConversations`. */
export type LogConversationsPayload = {
  /** One result for each of `conversations`, in the same order. */
  results: Array<LogConversationsResult>;
};

/** A value of a metadata key, and how often it occurs. */
export type MetadataValue = {
  /** The value: a string, number, boolean or null. */
  value?: Maybe<Scalars['JSON']['output']>;
  /** Number of conversations with this value. */
  conversationCount: Scalars['Int']['output'];
};

/** A metadata key in use. */
export type MetadataKey = {
  /** The keys that lead to it, outermost first, as in `MetadataFilter.path`. */
  path: Array<Scalars['String']['output']>;
  /** Number of conversations with this key. */
  conversationCount: Scalars['Int']['output'];
  /** Number of distinct values. All objects count as one value, and so do all arrays. */
  valueCount: Scalars['Int']['output'];
  /** Its most frequent values, except objects, arrays, and strings of 128 characters or more. */
  topValues: Array<MetadataValue>;
};

/** An intent of a message in a conversation. */
export type TriggeredIntent = {
  /** Name of the intent. */
  name: Scalars['String']['output'];
  /** False for greetings, thanks and the like, which do not show what a conversation is about. Null if not given. */
  meaningful?: Maybe<Scalars['Boolean']['output']>;
  /** External id: the caller's own id for the intent. Null if not given. */
  externalId?: Maybe<Scalars['String']['output']>;
  /** Sequence of the message. */
  sequence: Scalars['Int']['output'];
  /** Time of the message. */
  timestamp: Scalars['DateTime']['output'];
};

/** A reply of a dialogue that was triggered in a conversation. */
export type TriggeredReply = {
  /** Name of the reply. */
  name: Scalars['String']['output'];
  /** External id: the caller's own id for the reply. Null if not given. */
  externalId?: Maybe<Scalars['String']['output']>;
  /** Type of the reply, in the caller's words. Null if not given. */
  type?: Maybe<Scalars['String']['output']>;
  /** BCP 47 language tag of the message. Null if unknown. */
  language?: Maybe<Scalars['String']['output']>;
  /** Id of the message, `msg_…`. */
  messageId: Scalars['ID']['output'];
  /** Sequence of the message. */
  sequence: Scalars['Int']['output'];
  /** Time of the message. */
  timestamp: Scalars['DateTime']['output'];
};

/** Mean times between the voice events of a conversation, in milliseconds, as in the measures of `conversationSeries`. Null if no such step was logged. */
export type VoiceTimings = {
  /** Mean time from STT_FINAL to LLM_REQUEST. */
  sttToLlmMs?: Maybe<Scalars['Float']['output']>;
  /** Mean time from LLM_REQUEST to LLM_FIRST_TOKEN. */
  timeToFirstTokenMs?: Maybe<Scalars['Float']['output']>;
  /** Mean time from LLM_FIRST_TOKEN to TTS_STREAM. */
  firstTokenToTtsMs?: Maybe<Scalars['Float']['output']>;
  /** Mean time from STT_FINAL to TTS_STREAM: how long the caller waited for the voice of the agent. */
  voiceLatencyMs?: Maybe<Scalars['Float']['output']>;
  /** Number of events named INTERRUPTION. */
  interruptionCount: Scalars['Int']['output'];
};

/** Totals of the conversations that an agent took part in. */
export type AgentTotals = {
  /** Number of conversations. */
  conversationCount: Scalars['Int']['output'];
  /** Number of AI agent messages in those conversations, including other agents' messages. */
  assistantMessageCount: Scalars['Int']['output'];
  /** When the latest of these conversations began. Null if there is none. */
  lastConversationAt?: Maybe<Scalars['DateTime']['output']>;
};

/** Key figures of the conversations that began in a range. Rates are 0 to 1. Rates and means are null if there is nothing to divide by. Each is taken over all conversations (`conversationCount`), also those without an outcome or resolution, except `messagesUnderstoodRate`, which is taken over all user messages (`userMessageCount`). Use the counts with `With` to tell a rate from missing data: with no outcomes, `deflectionRate` is 0, and with no `understood`, `messagesUnderstoodRate` is 1. */
export type ConversationMetrics = {
  /** Start of the range, inclusive. */
  from: Scalars['DateTime']['output'];
  /** End of the range, exclusive. */
  to: Scalars['DateTime']['output'];
  /** Number of conversations. */
  conversationCount: Scalars['Int']['output'];
  /** Number of conversations without AI agent messages, such as those in which an agent only made suggestions to a person. */
  suggestionOnlyConversationCount: Scalars['Int']['output'];
  /** Number of conversations with the outcome BOT_HANDLED. */
  botHandledConversationCount: Scalars['Int']['output'];
  /** Number of conversations that have an outcome. */
  conversationsWithOutcomeCount: Scalars['Int']['output'];
  /** Number of conversations that have a resolution. */
  conversationsWithResolutionCount: Scalars['Int']['output'];
  /** Number of user messages. */
  userMessageCount: Scalars['Int']['output'];
  /** Number of user messages whose `understood` was given. */
  messagesWithUnderstoodCount: Scalars['Int']['output'];
  /** Share of conversations with the outcome BOT_HANDLED. */
  botHandledRate?: Maybe<Scalars['Float']['output']>;
  /** Share of conversations with the outcome BOT_HANDLED or FAILED_ESCALATION, which reached no person. Conversations without an outcome count as not deflected. */
  deflectionRate?: Maybe<Scalars['Float']['output']>;
  /** Share of conversations with the outcome HUMAN_AGENT, EMAIL or CUSTOM_ESCALATION. */
  escalationRate?: Maybe<Scalars['Float']['output']>;
  /** Share of conversations with the outcome FAILED_ESCALATION. */
  failedEscalationRate?: Maybe<Scalars['Float']['output']>;
  /** Share of conversations with the resolution INFORMED. */
  informedRate?: Maybe<Scalars['Float']['output']>;
  /** Share of conversations with the resolution INFORMED or RESOLVED. */
  automationRate?: Maybe<Scalars['Float']['output']>;
  /** Share of user messages that are not marked as not understood, taken over all messages together, not as a mean per conversation. */
  messagesUnderstoodRate?: Maybe<Scalars['Float']['output']>;
  /** Share of conversations with the status COMPLETED. */
  completionRate?: Maybe<Scalars['Float']['output']>;
  /** Share of conversations with the status ABANDONED. */
  abandonmentRate?: Maybe<Scalars['Float']['output']>;
  /** Mean number of user messages per conversation. */
  meanTurns?: Maybe<Scalars['Float']['output']>;
};

/** Key figures of a range and, with `compareTo`, of the period before it. */
export type ConversationMetricsComparison = {
  /** The figures of the requested range. */
  current: ConversationMetrics;
  /** The same figures for the previous period. Null without `compareTo`. */
  previous?: Maybe<ConversationMetrics>;
};

/** An end user, identified by the `endUserId` of conversations. It exists if this credential can see at least one of their conversations, including tests, and only those count. */
export type EndUser = Node & {
  /** Opaque id, `user_…`. */
  id: Scalars['ID']['output'];
  /** The caller's own id for the end user, up to 256 characters. */
  endUserId: Scalars['String']['output'];
  /** When the first of their conversations began. As in all analytics, tests do not count: null if there are only tests. */
  firstSeenAt?: Maybe<Scalars['DateTime']['output']>;
  /** When the latest of their conversations began, tests left out. Null if there are only tests. */
  lastSeenAt?: Maybe<Scalars['DateTime']['output']>;
  /** Their conversations, including tests, by default those that began last first. Null without the scope CONVERSATIONS_READ. */
  conversations?: Maybe<ConversationConnection>;
  /** Key figures of their conversations. Null without the scope ANALYTICS_READ. */
  metrics?: Maybe<ConversationMetrics>;
};


/** An end user, identified by the `endUserId` of conversations. It exists if this credential can see at least one of their conversations, including tests, and only those count. */
export type EndUserConversationsArgs = {
  first?: InputMaybe<Scalars['Int']['input']>;
  after?: InputMaybe<Scalars['String']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ConversationFilter>;
  orderBy?: InputMaybe<ConversationOrder>;
};


/** An end user, identified by the `endUserId` of conversations. It exists if this credential can see at least one of their conversations, including tests, and only those count. */
export type EndUserMetricsArgs = {
  range?: InputMaybe<TimeRange>;
  timeZone?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ConversationFilter>;
  includeTests?: Scalars['Boolean']['input'];
};

/** An edge in a list of end users: the entry and its cursor. */
export type EndUserEdge = {
  /** Cursor of the entry: pass it as `after` or `before` to continue from here. */
  cursor: Scalars['String']['output'];
  /** The entry itself. */
  node: EndUser;
  /** Number of their conversations that match the range and filter of the list, as for all fields here. */
  conversationCount: Scalars['Int']['output'];
  /** Number of transcript entries in these conversations that this credential may see. */
  messageCount: Scalars['Int']['output'];
  /** Number of user messages in these conversations. */
  userMessageCount: Scalars['Int']['output'];
  /** Mean sentiment (-1 to 1) of the user messages that have one. Null if none has. */
  meanSentiment?: Maybe<Scalars['Float']['output']>;
  /** Mean rating (-1 to 1) of the AI agent messages in these conversations that are rated. Null if none is. */
  meanRating?: Maybe<Scalars['Float']['output']>;
  /** When the first of these conversations began. */
  firstSeenAt: Scalars['DateTime']['output'];
  /** When the latest of these conversations began. */
  lastSeenAt: Scalars['DateTime']['output'];
};

/** A page of end users. */
export type EndUserConnection = {
  /** The entries with their cursors. */
  edges: Array<EndUserEdge>;
  /** The entries without their cursors. */
  nodes: Array<EndUser>;
  /** Position of this page in the list. */
  pageInfo: PageInfo;
  /** Number of entries in the whole list, on all pages together. Counted only if you select it. */
  totalCount: Scalars['Int']['output'];
};

/** Metrics of the conversations that count under one intent. Rates are 0 to 1. Means and rates are null if there is nothing to compute them from. The counts with `With` tell a rate from missing data, as in `ConversationMetrics`. */
export type IntentMetrics = {
  /** Name of the intent. Null for conversations without one, or if `isOther` is true. */
  intent?: Maybe<Scalars['String']['output']>;
  /** Whether this row combines all intents that have no row of their own. */
  isOther: Scalars['Boolean']['output'];
  /** Number of conversations. */
  conversationCount: Scalars['Int']['output'];
  /** Number of conversations that have an outcome. */
  conversationsWithOutcomeCount: Scalars['Int']['output'];
  /** Number of user messages. */
  userMessageCount: Scalars['Int']['output'];
  /** Number of user messages whose `understood` was given. */
  messagesWithUnderstoodCount: Scalars['Int']['output'];
  /** Mean sentiment (-1 to 1) of user messages that have one. */
  meanSentiment?: Maybe<Scalars['Float']['output']>;
  /** Mean rating (-1 to 1) of AI agent messages; unrated ones are ignored. */
  meanRating?: Maybe<Scalars['Float']['output']>;
  /** Mean number of user messages per conversation. */
  meanTurns?: Maybe<Scalars['Float']['output']>;
  /** Share of user messages that are marked as not understood. */
  notUnderstoodRate?: Maybe<Scalars['Float']['output']>;
  /** Share of conversations with the outcome BOT_HANDLED. */
  botHandledRate?: Maybe<Scalars['Float']['output']>;
  /** Share of conversations with the outcome HUMAN_AGENT, EMAIL or CUSTOM_ESCALATION. */
  escalationRate?: Maybe<Scalars['Float']['output']>;
};

/** Metrics of the chat messages in one language. */
export type LanguageMetrics = {
  /** BCP 47 tag of the language of the messages, given or derived. Null if unknown. */
  language?: Maybe<Scalars['String']['output']>;
  /** Number of chat messages that this credential may see. */
  messageCount: Scalars['Int']['output'];
  /** Number of user messages. */
  userMessageCount: Scalars['Int']['output'];
  /** Number of conversations with messages in this language. */
  conversationCount: Scalars['Int']['output'];
  /** Mean sentiment (-1 to 1) of user messages that have one. Null if none has. */
  meanSentiment?: Maybe<Scalars['Float']['output']>;
};

/** How many end users of a cohort had a conversation in one week. */
export type RetentionWeek = {
  /** Number of weeks after the first week of the cohort, which has 0. */
  week: Scalars['Int']['output'];
  /** Number of end users of the cohort who had a conversation in this week. */
  endUserCount: Scalars['Int']['output'];
  /** Their share of the cohort, 0 to 1. Null if the cohort is empty. */
  rate?: Maybe<Scalars['Float']['output']>;
};

/** End users whose first conversation was in the same week. */
export type RetentionCohort = {
  /** Start of their first week, inclusive. */
  start: Scalars['DateTime']['output'];
  /** End of their first week, exclusive. */
  end: Scalars['DateTime']['output'];
  /** Number of end users in the cohort. */
  endUserCount: Scalars['Int']['output'];
  /** One entry for each week, from their first week to the last one requested. */
  weeks: Array<RetentionWeek>;
};

/** A value of a field, and how often it occurs. */
export type FacetValue = {
  /** The value as `ConversationFilter` accepts it: an `agent_…` id, an enum value or a text. */
  key: Scalars['JSON']['output'];
  /** Readable label of the value: the agent's name, or the key as text. */
  label: Scalars['String']['output'];
  /** Number of conversations with this value, among those that match the filter. */
  conversationCount: Scalars['Int']['output'];
};

/** The values of one field of conversations. */
export type ConversationFacet = {
  /** The field. */
  field: ConversationFacetField;
  /** Its most frequent values, most frequent first. Conversations with several values count for each; those without one are not counted. */
  topValues: Array<FacetValue>;
};

/** Metrics of the calls of one tool. */
export type ToolMetrics = {
  /** Name of the tool. */
  name: Scalars['String']['output'];
  /** Number of calls. */
  callCount: Scalars['Int']['output'];
  /** Number of calls that failed. */
  errorCount: Scalars['Int']['output'];
  /** Share of calls that failed, 0 to 1. */
  errorRate: Scalars['Float']['output'];
  /** Number of conversations with calls of the tool. */
  conversationCount: Scalars['Int']['output'];
  /** Mean duration, in milliseconds, of the calls that have one. Null if none has. */
  meanDurationMs?: Maybe<Scalars['Float']['output']>;
  /** Median duration, in milliseconds, of the calls that have one. Null if none has. */
  p50DurationMs?: Maybe<Scalars['Float']['output']>;
  /** 95th percentile of the duration, in milliseconds, of the calls that have one. Null if none has. */
  p95DurationMs?: Maybe<Scalars['Float']['output']>;
};

/** The value of a measure in one bucket of time. */
export type SeriesPoint = {
  /** Start of the whole bucket, inclusive; may be before the range. */
  start: Scalars['DateTime']['output'];
  /** End of the whole bucket, exclusive; may be after the range. */
  end: Scalars['DateTime']['output'];
  /** Name of the bucket in the time zone: `2026`, `2026-Q1`, `2026-01`, `2026-W01` (or the date on which the week begins, unless that is a Monday), `2026-01-01`, or `2026-11-01T01-04:00` for an hour. */
  label: Scalars['String']['output'];
  /** The value. Without data, counts and sums are 0; means, shares and percentiles are null. */
  value?: Maybe<Scalars['Float']['output']>;
  /** How many items the value is based on, such as rated messages or conversations with a duration. */
  sampleCount: Scalars['Int']['output'];
  /** Whether the range covers only part of the bucket, or the bucket has not ended yet. */
  isPartial: Scalars['Boolean']['output'];
};

/** The group of conversations that a line is about. */
export type SeriesGroup = {
  /** What the conversations have in common: an `agent_…` id, an enum value, a name, the id of an end user or a metadata value. Null for those without one (for metadata, also with JSON null), or if `isOther` is true. */
  key?: Maybe<Scalars['JSON']['output']>;
  /** Readable label of the group: the agent's name, or the key as text. `None` for conversations without a key, `Other` if `isOther` is true. */
  label: Scalars['String']['output'];
  /** Whether this line combines all remaining groups. Together with it, the lines cover all conversations. */
  isOther: Scalars['Boolean']['output'];
};

/** One measure of one group, bucket by bucket. */
export type SeriesLine = {
  /** The measure. */
  measure: SeriesMeasure;
  /** The group of conversations. Null without `groupBy`. */
  group?: Maybe<SeriesGroup>;
  /** The measure over the whole range, null as in `SeriesPoint.value`. A mean is taken over all items, not over the buckets. */
  total?: Maybe<Scalars['Float']['output']>;
  /** How many items the total is based on, as in `SeriesPoint.sampleCount`. */
  totalSampleCount: Scalars['Int']['output'];
  /** The total of the previous period. Null without `compareTo`, or as in `SeriesPoint.value`. */
  previousTotal?: Maybe<Scalars['Float']['output']>;
  /** Every bucket of the range, in order. */
  points: Array<SeriesPoint>;
  /** Every bucket of the previous period, in order. Null without `compareTo`. */
  previousPoints?: Maybe<Array<SeriesPoint>>;
};

/** Measures of conversations over time. */
export type ConversationSeries = {
  /** Length of a bucket. */
  interval: SeriesInterval;
  /** IANA time zone of the buckets. */
  timeZone: Scalars['String']['output'];
  /** Start of the range, inclusive. */
  from: Scalars['DateTime']['output'];
  /** End of the range, exclusive. */
  to: Scalars['DateTime']['output'];
  /** One line for each measure and group: measures in the requested order, then groups, those with the most conversations first. */
  lines: Array<SeriesLine>;
};

/** A measure that `conversationSeries` can return. */
export type AvailableSeries = {
  /** Its name in `conversationSeries`. */
  measure: SeriesMeasure;
  /** Meaning of the measure. */
  description: Scalars['String']['output'];
  /** Unit of its values. */
  unit: MeasureUnit;
};

/** Result of `createAgent`. */
export type CreateAgentPayload = {
  /** The agent. Without the scope CONVERSATIONS_READ, only `id`, `externalId` and `status` can be selected; any other field fails with FORBIDDEN. */
  agent: Agent;
};

/** Result of `updateAgent`. */
export type UpdateAgentPayload = {
  /** The agent. Without the scope CONVERSATIONS_READ, only `id`, `externalId` and `status` can be selected; any other field fails with FORBIDDEN. */
  agent: Agent;
};

/** Result of `archiveAgent`. */
export type ArchiveAgentPayload = {
  /** The agent. Without the scope CONVERSATIONS_READ, only `id`, `externalId` and `status` can be selected; any other field fails with FORBIDDEN. */
  agent: Agent;
};

/** A pattern whose matches are redacted. It finds matches of up to 512 characters. */
export type RedactionPatternInput = {
  /** What it finds, such as customer number; up to 62 characters, or 256 if `replacement` is given. */
  name: Scalars['String']['input'];
  /** A regular expression in RE2's syntax, which has no backreferences and no look-around. Up to 512 characters; it must not match the empty string. All patterns together may have up to 500 instructions: about one for each character, and each as often as it is repeated by `{…}`. */
  pattern: Scalars['String']['input'];
  /** What replaces each match, as it is. Up to 64 characters. Default: the name in brackets, as in `[customer number]`. */
  replacement?: InputMaybe<Scalars['String']['input']>;
};

/** What to derive for new messages if the caller gives no value. Absent or null fields keep their value; in a new tenant, they are true. */
export type EnrichmentInput = {
  /** Whether the sentiment of user messages in English is derived. */
  sentiment?: InputMaybe<Scalars['Boolean']['input']>;
  /** Whether the language of messages is derived, if they are long enough to tell. */
  language?: InputMaybe<Scalars['Boolean']['input']>;
  /** Whether the length of messages in tokens is derived. */
  tokenCount?: InputMaybe<Scalars['Boolean']['input']>;
  /** Whether the cost of messages is derived from their tokens, if their model is known. */
  cost?: InputMaybe<Scalars['Boolean']['input']>;
};

/** The tenant to create. */
export type CreateTenantInput = {
  /** Id of the tenant: 1 to 64 visible ASCII characters without spaces. It never changes. */
  id: Scalars['ID']['input'];
  /** Display name, up to 256 characters. */
  name: Scalars['String']['input'];
  /** IANA time zone of the days in its analytics and of the dates in its filters, such as Europe/Berlin. */
  timeZone?: Scalars['String']['input'];
  /** Up to 20 exact web origins, such as https://app.example.com, whose pages may read responses for this tenant (CORS). */
  allowedOrigins?: Array<Scalars['String']['input']>;
  /** What to derive for its messages if the caller gives no value. Default: everything. */
  enrichment?: InputMaybe<EnrichmentInput>;
  /** Whether email addresses, payment card numbers, US Social Security numbers and UK National Insurance numbers are redacted from texts before they are stored. Ids, names and metadata are not redacted. Default: true. */
  redactsPersonalData?: InputMaybe<Scalars['Boolean']['input']>;
  /** Whether phone numbers that exist, as far as numbering plans tell, are redacted from texts before they are stored: those with a plus and a calling code and, with `phoneRegion`, those that are written as in that country. Default: false. */
  redactsPhoneNumbers?: InputMaybe<Scalars['Boolean']['input']>;
  /** ISO 3166 code of the country, such as DE, whose way of writing phone numbers is redacted too. Default: none. */
  phoneRegion?: InputMaybe<Scalars['String']['input']>;
  /** Whether international bank account numbers (IBANs) are redacted from texts before they are stored. Default: false. */
  redactsIbans?: InputMaybe<Scalars['Boolean']['input']>;
  /** Own patterns, whose matches are redacted from texts before they are stored, whatever `redactsPersonalData` says; in this order, and before everything else. Up to 20. Default: none. */
  redactionPatterns?: InputMaybe<Array<RedactionPatternInput>>;
  /** After how many minutes an open conversation that nothing is written to is closed as ABANDONED; 0: never. The next append opens such a conversation again. Default: 0. At most 525,600 (a year). */
  abandonAfterMinutes?: InputMaybe<Scalars['Int']['input']>;
};

/** The tenant to update, and its new values. Absent or null fields keep their value. */
export type UpdateTenantInput = {
  /** Id of the tenant. */
  id: Scalars['ID']['input'];
  /** Display name, up to 256 characters. */
  name?: InputMaybe<Scalars['String']['input']>;
  /** IANA time zone of the days in its analytics and of the dates in its filters, such as Europe/Berlin. */
  timeZone?: InputMaybe<Scalars['String']['input']>;
  /** Up to 20 exact web origins, such as https://app.example.com, whose pages may read responses for this tenant (CORS). Replaces the whole list. */
  allowedOrigins?: InputMaybe<Array<Scalars['String']['input']>>;
  /** What to derive for messages from now on, if the caller gives no value. */
  enrichment?: InputMaybe<EnrichmentInput>;
  /** Whether email addresses, payment card numbers, US Social Security numbers and UK National Insurance numbers are redacted from texts before they are stored. Ids, names and metadata are not redacted. Applies from now on. */
  redactsPersonalData?: InputMaybe<Scalars['Boolean']['input']>;
  /** Whether phone numbers that exist, as far as numbering plans tell, are redacted from texts before they are stored: those with a plus and a calling code and, with `phoneRegion`, those that are written as in that country. Applies from now on. */
  redactsPhoneNumbers?: InputMaybe<Scalars['Boolean']['input']>;
  /** ISO 3166 code of the country, such as DE, whose way of writing phone numbers is redacted too. An empty text: none. */
  phoneRegion?: InputMaybe<Scalars['String']['input']>;
  /** Whether international bank account numbers (IBANs) are redacted from texts before they are stored. Applies from now on. */
  redactsIbans?: InputMaybe<Scalars['Boolean']['input']>;
  /** Own patterns, whose matches are redacted from texts before they are stored, whatever `redactsPersonalData` says; in this order, and before everything else. Up to 20. Replaces the whole list. */
  redactionPatterns?: InputMaybe<Array<RedactionPatternInput>>;
  /** After how many minutes an open conversation that nothing is written to is closed as ABANDONED; 0: never. The next append opens such a conversation again. At most 525,600 (a year). */
  abandonAfterMinutes?: InputMaybe<Scalars['Int']['input']>;
};

/** Filters API keys. All given conditions must hold. Absent or null means no condition. */
export type ApiKeyFilter = {
  /** Has one of these statuses now. An empty list matches nothing. */
  statuses?: InputMaybe<Array<ApiKeyStatus>>;
  /** Is bound to one of these tenants. An empty list matches nothing. */
  tenantIds?: InputMaybe<Array<Scalars['ID']['input']>>;
};

/** The API key to generate. */
export type GenerateApiKeyInput = {
  /** Display name, up to 256 characters. */
  name: Scalars['String']['input'];
  /** Note for administrators, such as who uses the key, up to 10,000 characters. Default: none. */
  note?: InputMaybe<Scalars['String']['input']>;
  /** What the key may do: at least one scope, and none that your own key lacks. */
  scopes: Array<Scope>;
  /** The tenant to bind the key to. Default: none, for an account key. */
  tenantId?: InputMaybe<Scalars['ID']['input']>;
  /** When the key expires, in the future. It must not be later than the expiry of your own key. Default: never, unless your own key has an expiry; then it is required. */
  expiresAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Maximum number of requests of the key per minute, for all tenants together: 1 to 1,000,000, and not more than that of your own key. Its tokens do not count. Default: none, unless your own key has one; then it is required. */
  requestsPerMinute?: InputMaybe<Scalars['Int']['input']>;
  /** Up to 20 networks that the key is accepted from, in CIDR notation, such as 203.0.113.0/24 or 2001:db8::/32. They must lie within those of your own key. Its tokens are for browsers, and are accepted from anywhere. An empty list allows any address. */
  allowedNetworks?: Array<Scalars['String']['input']>;
  /** Lets a write for a tenant that does not exist create the tenant. Account keys only. */
  autoCreateTenants?: Scalars['Boolean']['input'];
  /** Idempotency key, for when the answer is lost: a retry with the same API key, `idempotencyKey` and input within 10 minutes returns the same secret and changes nothing; the audit log records it as `repeated`. Use 32 random bytes in hex, such as `openssl rand -hex 32` makes: 32 to 256 characters, and not a UUID, with or without dashes, which has too few random bits. It is never stored, and the secret is encrypted with a key derived from it. With a different input or mutation, or if the secret is no longer accepted, it is refused with IDEMPOTENCY_CONFLICT. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

/** The key to update, and its new values. Absent fields keep their value. Null clears `note`, `expiresAt` and `requestsPerMinute`, and nothing else. */
export type UpdateApiKeyInput = {
  /** Id of an active key, `key_…`. */
  id: Scalars['ID']['input'];
  /** Display name, up to 256 characters. */
  name?: InputMaybe<Scalars['String']['input']>;
  /** Note for administrators, such as who uses the key, up to 10,000 characters. Null clears it. */
  note?: InputMaybe<Scalars['String']['input']>;
  /** What the key may do: at least one scope, and none that your own key lacks. Replaces the whole list. */
  scopes?: InputMaybe<Array<Scope>>;
  /** When the key expires, in the future. It must not be later than the expiry of your own key. Null means that the key never expires. */
  expiresAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Maximum number of requests of the key per minute, for all tenants together: 1 to 1,000,000, and not more than that of your own key. Its tokens do not count. Null means that only the limits of the server apply. */
  requestsPerMinute?: InputMaybe<Scalars['Int']['input']>;
  /** Up to 20 networks that the key is accepted from, in CIDR notation, such as 203.0.113.0/24 or 2001:db8::/32. They must lie within those of your own key. Its tokens are for browsers, and are accepted from anywhere. An empty list allows any address. Replaces the whole list. Those of your own key must include the address of this request. */
  allowedNetworks?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Lets a write for a tenant that does not exist create the tenant. Account keys only. */
  autoCreateTenants?: InputMaybe<Scalars['Boolean']['input']>;
};

/** The API key that gets a new secret. */
export type RegenerateApiKeyInput = {
  /** Id of an active key, `key_…`. */
  id: Scalars['ID']['input'];
  /** How long the old secret is still accepted, in seconds: 0 to 2,592,000 (30 days). Cut off at the key's expiry. If the key is your own, a retry with the `idempotencyKey` needs the old secret. */
  overlapSeconds?: Scalars['Int']['input'];
  /** Idempotency key, for when the answer is lost: a retry with the same API key, `idempotencyKey` and input within 10 minutes returns the same secret and changes nothing; the audit log records it as `repeated`. Use 32 random bytes in hex, such as `openssl rand -hex 32` makes: 32 to 256 characters, and not a UUID, with or without dashes, which has too few random bits. It is never stored, and the secret is encrypted with a key derived from it. With a different input or mutation, or if the secret is no longer accepted, it is refused with IDEMPOTENCY_CONFLICT. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

/** The API key to revoke. */
export type RevokeApiKeyInput = {
  /** Id of the key, `key_…`. */
  id: Scalars['ID']['input'];
};

/** A conversation, by exactly one of its ids. */
export type ConversationBy =
  /** Id of the conversation, `conv_…`. */
  { id: Scalars['ID']['input']; externalId?: never; }
  |  /** External id of the conversation: the caller's own id, unique within the tenant. */
  { id?: never; externalId: Scalars['String']['input']; };

/** A transcript entry, by exactly one of its ids. */
export type MessageBy =
  /** Id of the entry, `msg_…`. */
  { id: Scalars['ID']['input']; externalId?: never; }
  |  /** External id of the entry: the caller's own id, unique within the conversation. */
  { id?: never; externalId: Scalars['String']['input']; };

/** An existing agent, by exactly one of its ids. */
export type AgentBy =
  /** Id of the agent, `agent_…`. */
  { id: Scalars['ID']['input']; externalId?: never; }
  |  /** External id of the agent: the caller's own id, unique within the tenant. */
  { id?: never; externalId: Scalars['String']['input']; };

/** The embed token to create for a browser. All of its restrictions apply together. A restriction that makes the token longer than 8,192 characters is refused. */
export type CreateEmbedTokenInput = {
  /** Lifetime in seconds, 60 to 86400. Refused if the token would outlive your key. */
  expiresInSeconds?: Scalars['Int']['input'];
  /** What the token may do: at least one of ANALYTICS_READ, CONVERSATIONS_READ and INTERNALS_READ, and none that your key lacks. */
  scopes?: Array<Scope>;
  /** Restricts the token to conversations with at least one of these agents, up to 50. An empty list matches none. Default: no restriction. */
  agents?: InputMaybe<Array<AgentBy>>;
  /** Restricts the token to conversations of these end users, by `endUserId`: up to 50, each of 1 to 256 characters. An empty list matches none. Default: no restriction. */
  endUserIds?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Restricts the token to conversations with all of these metadata values, such as `{"customer_id": "42"}`: 1 to 10 top-level keys, each with a string of fewer than 128 characters, a number, a boolean or null. Default: no restriction. */
  metadata?: InputMaybe<Scalars['JSONObject']['input']>;
  /** Which documents the token may send. */
  documents?: TokenDocuments;
  /** Who the token is for, such as one of your users, up to 256 characters; returned by `viewer` and counted by rate limits. Default: nobody in particular. */
  subject?: InputMaybe<Scalars['String']['input']>;
};

/** The token issuer to register. Give either `jwksUrl` or `keys`. `TokenIssuer` describes the claims of its tokens. */
export type RegisterTokenIssuerInput = {
  /** Display name, up to 256 characters. Default: none. */
  name?: InputMaybe<Scalars['String']['input']>;
  /** Exact value of the claim `iss` in its tokens, up to 256 characters. Must differ from that of other issuers by more than case, spaces, or look-alike or invisible characters. It never changes. */
  issuer: Scalars['String']['input'];
  /** Value that the claim `aud` of its tokens must have, up to 256 characters. */
  audience: Scalars['String']['input'];
  /** URL of the issuer's JWKS, which holds its public keys, up to 2,048 characters: https on a public address or, in development, http on the server's own machine. */
  jwksUrl?: InputMaybe<Scalars['String']['input']>;
  /** 1 to 20 public keys of the issuer, as JWKs: RSA (2,048 bits or more), EC (P-256, P-384, P-521) or Ed25519. If there are several, each needs its own `kid`. */
  keys?: InputMaybe<Array<Scalars['JSONObject']['input']>>;
  /** Name of the top-level claim that holds the tenant id, up to 256 characters. Not one that says what a token may do, such as `scope` or `parley_agents`. */
  tenantClaim?: Scalars['String']['input'];
  /** Scopes that its tokens may have: at least one of ANALYTICS_READ, CONVERSATIONS_READ and INTERNALS_READ, and none that your key lacks. */
  scopes?: Array<Scope>;
  /** Which documents its tokens may send. */
  documents?: TokenDocuments;
};

/** The token issuer to update, and its new values. Absent fields keep their value. Only `name` can be cleared with null. */
export type UpdateTokenIssuerInput = {
  /** Id of the issuer, `issuer_…`. */
  id: Scalars['ID']['input'];
  /** Display name, up to 256 characters. Null clears it. */
  name?: InputMaybe<Scalars['String']['input']>;
  /** Value that the claim `aud` of its tokens must have, up to 256 characters. */
  audience?: InputMaybe<Scalars['String']['input']>;
  /** URL of the issuer's JWKS, which holds its public keys, up to 2,048 characters: https on a public address or, in development, http on the server's own machine. Replaces `keys`. */
  jwksUrl?: InputMaybe<Scalars['String']['input']>;
  /** 1 to 20 public keys of the issuer, as JWKs: RSA (2,048 bits or more), EC (P-256, P-384, P-521) or Ed25519. If there are several, each needs its own `kid`. They replace `jwksUrl`. */
  keys?: InputMaybe<Array<Scalars['JSONObject']['input']>>;
  /** Name of the top-level claim that holds the tenant id, up to 256 characters. Not one that says what a token may do, such as `scope` or `parley_agents`. */
  tenantClaim?: InputMaybe<Scalars['String']['input']>;
  /** Scopes that its tokens may have: at least one of ANALYTICS_READ, CONVERSATIONS_READ and INTERNALS_READ, and none that your key lacks. */
  scopes?: InputMaybe<Array<Scope>>;
  /** Which documents its tokens may send. */
  documents?: InputMaybe<TokenDocuments>;
};

/** The token issuer to delete. */
export type DeleteTokenIssuerInput = {
  /** Id of the issuer, `issuer_…`. */
  id: Scalars['ID']['input'];
};

/** The token to test. */
export type TestTokenInput = {
  /** An issuer token or an embed token, without `Bearer`. It is neither stored nor logged. */
  token: Scalars['String']['input'];
};

/** A document to register. */
export type RegisterDocumentInput = {
  /** The document, exactly as clients will send it: every character counts. It must be valid and within the limits of this server, and may have several operations. */
  document: Scalars['String']['input'];
  /** Display name, up to 256 characters. Default: none. */
  name?: InputMaybe<Scalars['String']['input']>;
};

/** The documents to register. */
export type RegisterDocumentsInput = {
  /** The documents, up to 100. */
  documents: Array<RegisterDocumentInput>;
};

/** The documents to delete. */
export type DeleteDocumentsInput = {
  /** SHA-256 hashes of the documents in lower-case hexadecimal, up to 100. */
  sha256Hashes: Array<Scalars['String']['input']>;
};

/** A half-open range of time: `from` is included, `to` is not. A date stands for its first moment in the time zone, so `{from: "2026-01-01", to: "2026-02-01"}` is January, and `to: "2026-01-31"` leaves out the 31st. */
export type TimeRange = {
  /** Start, inclusive. Default: no limit, unless stated otherwise. */
  from?: InputMaybe<Scalars['DateOrDateTime']['input']>;
  /** End, exclusive: a date is not included itself, so end with the day after the last one. Default: no limit, unless stated otherwise. */
  to?: InputMaybe<Scalars['DateOrDateTime']['input']>;
  /** IANA time zone of the dates, such as Europe/Berlin. Default: the tenant's, or UTC if the request has no tenant. If the query has its own argument `timeZone`, dates in `range` fall back to that before the tenant's. */
  timeZone?: InputMaybe<Scalars['String']['input']>;
};

/** Filters audit events. All given conditions must hold. Absent or null means no condition. */
export type AuditEventFilter = {
  /** Has one of these actions. An empty list matches nothing. */
  actions?: InputMaybe<Array<AuditAction>>;
  /** Was performed or attempted by one of these keys, `key_…`, or issuers, `issuer_…`, or by one of their tokens. An empty list matches nothing. */
  actorIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** Is about one of these tenants. An empty list matches nothing. */
  tenantIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** Has one of these outcomes. An empty list matches nothing. */
  outcomes?: InputMaybe<Array<AuditOutcome>>;
  /** Happened in this time range. Dates are in the tenant's time zone or, if the request has no tenant, in UTC. */
  occurredAt?: InputMaybe<TimeRange>;
};

/** Filters agents. All given conditions must hold. Absent or null means no condition. */
export type AgentFilter = {
  /** Has one of these statuses. An empty list matches nothing. */
  statuses?: InputMaybe<Array<AgentStatus>>;
  /** Has at least one of these tags. An empty list matches nothing. */
  tags?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Has one of these external ids. An empty list matches nothing. */
  externalIds?: InputMaybe<Array<Scalars['String']['input']>>;
};

/** An agent to create. */
export type CreateAgentInput = {
  /** Display name, up to 256 characters. */
  name: Scalars['String']['input'];
  /** External id: the caller's own id for the agent, unique within the tenant, up to 256 characters. */
  externalId?: InputMaybe<Scalars['String']['input']>;
  /** What the agent is for, up to 10,000 characters. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** Instructions to the agent, up to 262,144 characters. */
  systemPrompt?: InputMaybe<Scalars['String']['input']>;
  /** The language model that the agent runs on, up to 256 characters. Costs are derived from it if neither the message nor the conversation names a model. */
  model?: InputMaybe<Scalars['String']['input']>;
  /** Up to 50 tags of up to 256 characters each, none of them blank. */
  tags?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Lifecycle status. */
  status?: AgentStatus;
  /** Idempotency key, up to 256 characters, unique within the tenant. A retry with the same key and input returns the first result and writes nothing. The same key with a different input or mutation is refused with IDEMPOTENCY_CONFLICT. A key does not expire; a refused call does not use it up. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

/** An agent to create, or to update if one with this external id exists. A new one is ACTIVE by default. Absent fields keep their value. Null clears a field, except `name` and `status`, which can't be cleared. */
export type UpsertAgentInput = {
  /** External id of the agent, up to 256 characters. */
  externalId: Scalars['String']['input'];
  /** Display name, up to 256 characters. Default in a new agent: the external id. */
  name?: InputMaybe<Scalars['String']['input']>;
  /** What the agent is for, up to 10,000 characters. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** Instructions to the agent, up to 262,144 characters. */
  systemPrompt?: InputMaybe<Scalars['String']['input']>;
  /** The language model that the agent runs on, up to 256 characters. Costs are derived from it if neither the message nor the conversation names a model. */
  model?: InputMaybe<Scalars['String']['input']>;
  /** Up to 50 tags of up to 256 characters each, none of them blank, which replace the current ones. */
  tags?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Lifecycle status. */
  status?: InputMaybe<AgentStatus>;
  /** Idempotency key, up to 256 characters, unique within the tenant. A retry with the same key and input returns the first result and writes nothing. The same key with a different input or mutation is refused with IDEMPOTENCY_CONFLICT. A key does not expire; a refused call does not use it up. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

/** The agent to update, and its new values. Absent fields keep their value. Null clears a field, except `name` and `status`, which can't be cleared. */
export type UpdateAgentInput = {
  /** Which agent. */
  by: AgentBy;
  /** Display name, up to 256 characters. */
  name?: InputMaybe<Scalars['String']['input']>;
  /** What the agent is for, up to 10,000 characters. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** Instructions to the agent, up to 262,144 characters. */
  systemPrompt?: InputMaybe<Scalars['String']['input']>;
  /** The language model that the agent runs on, up to 256 characters. Costs are derived from it if neither the message nor the conversation names a model. */
  model?: InputMaybe<Scalars['String']['input']>;
  /** Up to 50 tags of up to 256 characters each, none of them blank, which replace the current ones. */
  tags?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Lifecycle status. */
  status?: InputMaybe<AgentStatus>;
  /** Idempotency key, up to 256 characters, unique within the tenant. A retry with the same key and input returns the first result and writes nothing. The same key with a different input or mutation is refused with IDEMPOTENCY_CONFLICT. A key does not expire; a refused call does not use it up. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

/** An agent to archive. */
export type ArchiveAgentInput = {
  /** Which agent. */
  by: AgentBy;
  /** Idempotency key, up to 256 characters, unique within the tenant. A retry with the same key and input returns the first result and writes nothing. The same key with a different input or mutation is refused with IDEMPOTENCY_CONFLICT. A key does not expire; a refused call does not use it up. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

/** A range of numbers. All given bounds must hold. */
export type FloatRange = {
  /** Greater than this. */
  gt?: InputMaybe<Scalars['Float']['input']>;
  /** Greater than or equal to this. */
  gte?: InputMaybe<Scalars['Float']['input']>;
  /** Less than this. */
  lt?: InputMaybe<Scalars['Float']['input']>;
  /** Less than or equal to this. */
  lte?: InputMaybe<Scalars['Float']['input']>;
};

/** Conditions on the metadata value at one path. All given conditions must hold, and at least one must be given. In `eq`, `ne` and `contains`, null means JSON null; in the others, it means no condition. Types are strict: 245 is not "245", and no comparison matches a value of another type. Every key is indexed. */
export type MetadataFilter = {
  /** Keys that lead to the value, outermost first, 1 to 32. No array indexes. */
  path: Array<Scalars['String']['input']>;
  /** Equals this value. Null means JSON null. */
  eq?: InputMaybe<Scalars['JSON']['input']>;
  /** Does not equal this value. Null means JSON null. Also matches if the key is missing. */
  ne?: InputMaybe<Scalars['JSON']['input']>;
  /** Equals one of these values. An empty list matches nothing. */
  in?: InputMaybe<Array<InputMaybe<Scalars['JSON']['input']>>>;
  /** Greater than this number or string. Strings are compared by code point. */
  gt?: InputMaybe<Scalars['JSON']['input']>;
  /** Greater than or equal to this number or string. Strings are compared by code point. */
  gte?: InputMaybe<Scalars['JSON']['input']>;
  /** Less than this number or string. Strings are compared by code point. */
  lt?: InputMaybe<Scalars['JSON']['input']>;
  /** Less than or equal to this number or string. Strings are compared by code point. */
  lte?: InputMaybe<Scalars['JSON']['input']>;
  /** True: the key exists, even with JSON null. False: it does not. */
  exists?: InputMaybe<Scalars['Boolean']['input']>;
  /** The value is an array with this element, an array with all elements of this array, or an object with all entries of this object. */
  contains?: InputMaybe<Scalars['JSON']['input']>;
  /** The string starts with this. */
  startsWith?: InputMaybe<Scalars['String']['input']>;
};

/** Filters conversations. All given conditions must hold. Absent or null means no condition. A list has at most 500 values, and all filters of an operation together at most 100 conditions. Lists, series, metrics and subscriptions use the same filter. Dates are in the tenant's time zone, unless their range names another. */
export type ConversationFilter = {
  /** When the conversation began. */
  startedAt?: InputMaybe<TimeRange>;
  /** When the conversation ended. With a bound, open conversations do not match. */
  endedAt?: InputMaybe<TimeRange>;
  /** When the conversation was first stored. */
  createdAt?: InputMaybe<TimeRange>;
  /** When the conversation was last changed. */
  updatedAt?: InputMaybe<TimeRange>;
  /** Has one of these external ids. An empty list matches nothing. */
  externalIds?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Has one of these statuses. An empty list matches nothing. */
  statuses?: InputMaybe<Array<ConversationStatus>>;
  /** At least one of these agents took part. An empty list matches nothing. */
  agents?: InputMaybe<Array<AgentBy>>;
  /** Took place on one of these channels. An empty list matches nothing. */
  channels?: InputMaybe<Array<Channel>>;
  /** Has one of these directions. An empty list matches nothing. */
  directions?: InputMaybe<Array<Direction>>;
  /** Belongs to one of these campaigns. An empty list matches nothing. */
  campaigns?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Has one of these end user ids. An empty list matches nothing. */
  endUserIds?: InputMaybe<Array<Scalars['String']['input']>>;
  /** The end user's company is one of these. An empty list matches nothing. */
  companyNames?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Was answered by one of these models. An empty list matches nothing. */
  models?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Ended for one of these reasons. An empty list matches nothing. */
  endReasons?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Has one of these outcomes. An empty list matches nothing. */
  outcomes?: InputMaybe<Array<Outcome>>;
  /** Has one of these resolutions. An empty list matches nothing. */
  resolutions?: InputMaybe<Array<Resolution>>;
  /** Has one of these language tags. Tags must match exactly: en does not match en-US. An empty list matches nothing. */
  languages?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Has at least one of these labels. To require all of them, put one filter per label in `and`. An empty list matches nothing. */
  labels?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Whether it is a test. Default: both or, in analytics, only those that are not (see `includeTests`). */
  isTest?: InputMaybe<Scalars['Boolean']['input']>;
  /** Whether a language model took part. Conversations of which that is unknown match neither. */
  isLlmConversation?: InputMaybe<Scalars['Boolean']['input']>;
  /** Has a message with one of these ratings: -1, 0 or 1. An empty list matches nothing. */
  ratings?: InputMaybe<Array<Scalars['Int']['input']>>;
  /** Mean sentiment of its user messages, from -1 to 1. With a bound, conversations without a sentiment do not match. */
  sentiment?: InputMaybe<FloatRange>;
  /** Duration in milliseconds. With a bound, conversations without a duration do not match. */
  durationMs?: InputMaybe<FloatRange>;
  /** Number of transcript entries that this credential may see. */
  messageCount?: InputMaybe<FloatRange>;
  /** Whether there is a user message that the agent did not understand. */
  hasNotUnderstood?: InputMaybe<Scalars['Boolean']['input']>;
  /** Has a call of one of these tools. An empty list matches nothing. */
  toolNames?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Has one of these events, by name. An empty list matches nothing. */
  eventNames?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Has an entry with one of these external ids. An empty list matches nothing. */
  messageExternalIds?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Has a message with one of these intents. An empty list matches nothing. */
  intents?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Has an analysis with one of these statuses. Conversations without an analysis do not match. An empty list matches nothing. */
  analysisStatuses?: InputMaybe<Array<AnalysisStatus>>;
  /** Its analysis has at least one of these tags. An empty list matches nothing. */
  analysisTags?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Whether it is closed and still has to be analysed: its status is final, and it has no analysis or one that is PENDING or RUNNING. */
  analysisPending?: InputMaybe<Scalars['Boolean']['input']>;
  /** Has a chat message that contains all of these words, in any order. Put a phrase in double quotes, `or` between alternatives, and `-` before a word or phrase to exclude it. Matches whole words in any script, regardless of case and without stemming. Words are split at punctuation, so `order-1001` is a phrase. In scripts without spaces, any part of the text is found; Korean words are found by their beginning. At most 32 terms: each word, and every two characters of a script without spaces. A blank search is no condition. */
  search?: InputMaybe<Scalars['String']['input']>;
  /** Its metadata meets all of these conditions. An empty list is no condition. */
  metadata?: InputMaybe<Array<MetadataFilter>>;
  /** Matches all of these filters. An empty list is no condition. */
  and?: InputMaybe<Array<ConversationFilter>>;
  /** Matches at least one of these filters. An empty list matches nothing. */
  or?: InputMaybe<Array<ConversationFilter>>;
  /** Does not match this filter. */
  not?: InputMaybe<ConversationFilter>;
};

/** Audio or video recording of a conversation, hosted elsewhere. */
export type RecordingInput = {
  /** URL of the recording, http or https, up to 10,000 characters. What redaction finds in it is replaced, and it may then lead nowhere. */
  url: Scalars['String']['input'];
  /** Media type, such as audio/ogg, up to 256 characters. */
  contentType?: InputMaybe<Scalars['String']['input']>;
  /** Length in milliseconds, not negative. */
  durationMs?: InputMaybe<Scalars['Float']['input']>;
};

/** The results of the caller's own analysis, up to 100 KB of JSON in all. */
export type AnalysisInput = {
  /** Progress of the analysis. */
  status?: AnalysisStatus;
  /** A summary in a few sentences, up to 10,000 characters. */
  summary?: InputMaybe<Scalars['String']['input']>;
  /** Topics of the conversation: up to 50 of up to 256 characters each, none of them blank. */
  tags?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Data extracted from the transcript, in any shape. */
  extractedData?: InputMaybe<Scalars['JSON']['input']>;
};

/** Sort order of conversations. Ties are sorted by id. */
export type ConversationOrder = {
  /** Field to sort by. */
  field?: ConversationOrderField;
  /** Sort direction. */
  direction?: OrderDirection;
};

/** An agent, by exactly one of its ids. */
export type AgentReference =
  /** Id of an existing agent of the tenant, `agent_…`. */
  { id: Scalars['ID']['input']; externalId?: never; }
  |  /** External id of an agent. If it is unknown, an agent is created with it as external id and name. */
  { id?: never; externalId: Scalars['String']['input']; };

/** The intent that was recognised in a message. */
export type IntentInput = {
  /** Name of the intent, up to 256 characters. */
  name: Scalars['String']['input'];
  /** False for greetings, thanks and the like, which do not show what a conversation is about. */
  meaningful?: Scalars['Boolean']['input'];
  /** External id: the caller's own id for the intent, up to 256 characters. */
  externalId?: InputMaybe<Scalars['String']['input']>;
};

/** The reply of a dialogue that was triggered. */
export type ReplyInput = {
  /** Name of the reply, up to 256 characters. */
  name: Scalars['String']['input'];
  /** External id: the caller's own id for the reply, up to 256 characters. */
  externalId?: InputMaybe<Scalars['String']['input']>;
  /** Type of the reply, in the caller's words, up to 256 characters. */
  type?: InputMaybe<Scalars['String']['input']>;
};

/** A file that was sent with a message, and is hosted elsewhere. */
export type AttachmentInput = {
  /** URL of the file, https, up to 10,000 characters. Keep other addresses, such as `data:` and `file:`, in `metadata`. */
  url: Scalars['String']['input'];
  /** Name of the file, up to 256 characters. */
  name?: InputMaybe<Scalars['String']['input']>;
  /** Media type, such as image/png, up to 256 characters. */
  mediaType?: InputMaybe<Scalars['String']['input']>;
};

/** A chat message. Language, sentiment, tokens and cost that are not given are derived, as far as the tenant's `enrichment` says. */
export type ChatMessageInput = {
  /** External id: the caller's or a provider's own id for the entry, such as the id of a tool call, unique within the conversation, up to 256 characters. An entry whose id the conversation has already is the same entry: it is left out, and nothing is overwritten. */
  externalId?: InputMaybe<Scalars['String']['input']>;
  /** Who the message is from. */
  role: MessageRole;
  /** Name of its author, up to 256 characters. */
  authorName?: InputMaybe<Scalars['String']['input']>;
  /** Text of the message, up to 262,144 characters. */
  content: Scalars['String']['input'];
  /** When it happened, from 1970 to at most a day ahead. Default in a live conversation (see `Conversation.startedAt`): when it arrives. Default in any other conversation: the time of the entry before it; failing that, of the next entry that has one, then the given start of the conversation, then when it arrives. */
  timestamp?: InputMaybe<Scalars['DateTime']['input']>;
  /** For speech: when the utterance ended. Not before `timestamp`, and at most a day ahead. */
  endedAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Files that were sent with it, up to 20. */
  attachments?: InputMaybe<Array<AttachmentInput>>;
  /** The agent it came from. */
  agent?: InputMaybe<AgentReference>;
  /** Id of the speaker, if the conversation has several; up to 256 characters. */
  participantId?: InputMaybe<Scalars['String']['input']>;
  /** Any other data, up to 100 KB. */
  metadata?: InputMaybe<Scalars['JSONObject']['input']>;
  /** The language model that wrote it, up to 256 characters. Default for deriving the cost: the model of the conversation or agent. */
  model?: InputMaybe<Scalars['String']['input']>;
  /** Length in tokens, not negative. Default: derived. */
  tokenCount?: InputMaybe<Scalars['Int']['input']>;
  /** Cost in US dollars, from 0 to 999,999,999, with up to 12 decimal places or 12 significant digits. Default: derived. */
  costUsd?: InputMaybe<Scalars['Float']['input']>;
  /** How long the AI agent took to answer, in milliseconds; not negative. */
  latencyMs?: InputMaybe<Scalars['Float']['input']>;
  /** Rating: -1 is bad, 0 neutral, 1 good. */
  rating?: InputMaybe<Scalars['Int']['input']>;
  /** Sentiment from -1 (negative) to 1 (positive). Default: derived. */
  sentiment?: InputMaybe<Scalars['Float']['input']>;
  /** BCP 47 language tag, such as en or pt-BR, up to 256 characters; it is stored as given. Default: derived. */
  language?: InputMaybe<Scalars['String']['input']>;
  /** Translation of the content into another language, up to 262,144 characters. */
  translation?: InputMaybe<Scalars['String']['input']>;
  /** Whether the AI agent understood this user message. Default: unknown, which counts as understood. */
  understood?: InputMaybe<Scalars['Boolean']['input']>;
  /** The intent that was recognised in it. */
  intent?: InputMaybe<IntentInput>;
  /** The reply of the dialogue that it is, if the agent follows dialogues that somebody wrote. */
  reply?: InputMaybe<ReplyInput>;
};

/** What was found out about a chat message after it was logged. Absent fields keep their value. Null clears a field; a language or sentiment that is cleared is not derived again. */
export type MessageUpdate = {
  /** Which chat message. */
  by: MessageBy;
  /** Rating: -1 is bad, 0 neutral, 1 good. */
  rating?: InputMaybe<Scalars['Int']['input']>;
  /** Sentiment from -1 (negative) to 1 (positive). */
  sentiment?: InputMaybe<Scalars['Float']['input']>;
  /** BCP 47 language tag, such as en or pt-BR, up to 256 characters; it is stored as given. */
  language?: InputMaybe<Scalars['String']['input']>;
  /** Translation of the content into another language, up to 262,144 characters. */
  translation?: InputMaybe<Scalars['String']['input']>;
  /** Whether the AI agent understood this user message. */
  understood?: InputMaybe<Scalars['Boolean']['input']>;
  /** The intent that was recognised in it. */
  intent?: InputMaybe<IntentInput>;
  /** The reply of the dialogue that it is, if the agent follows dialogues that somebody wrote. */
  reply?: InputMaybe<ReplyInput>;
};

/** A tool call by an agent. */
export type ToolCallInput = {
  /** External id: the caller's or a provider's own id for the entry, such as the id of a tool call, unique within the conversation, up to 256 characters. An entry whose id the conversation has already is the same entry: it is left out, and nothing is overwritten. */
  externalId?: InputMaybe<Scalars['String']['input']>;
  /** Name of the tool, up to 256 characters. */
  name: Scalars['String']['input'];
  /** Input of the call, up to 100 KB. */
  input?: InputMaybe<Scalars['JSON']['input']>;
  /** Output of the call, up to 100 KB. */
  output?: InputMaybe<Scalars['JSON']['input']>;
  /** Why the agent called it, up to 262,144 characters. */
  thought?: InputMaybe<Scalars['String']['input']>;
  /** Error message, up to 262,144 characters. Default, also if blank: the call succeeded. */
  error?: InputMaybe<Scalars['String']['input']>;
  /** Duration of the call in milliseconds; not negative. */
  durationMs?: InputMaybe<Scalars['Float']['input']>;
  /** Cost in US dollars, from 0 to 999,999,999, with up to 12 decimal places or 12 significant digits. Default: unknown. */
  costUsd?: InputMaybe<Scalars['Float']['input']>;
  /** When it happened, from 1970 to at most a day ahead. Default in a live conversation (see `Conversation.startedAt`): when it arrives. Default in any other conversation: the time of the entry before it; failing that, of the next entry that has one, then the given start of the conversation, then when it arrives. */
  timestamp?: InputMaybe<Scalars['DateTime']['input']>;
  /** The agent that called it. */
  agent?: InputMaybe<AgentReference>;
  /** Any other data, up to 100 KB. */
  metadata?: InputMaybe<Scalars['JSONObject']['input']>;
};

/** An event in a conversation. */
export type ConversationEventInput = {
  /** External id: the caller's or a provider's own id for the entry, such as the id of a tool call, unique within the conversation, up to 256 characters. An entry whose id the conversation has already is the same entry: it is left out, and nothing is overwritten. */
  externalId?: InputMaybe<Scalars['String']['input']>;
  /** Name of the event, up to 256 characters. Internal events named STT_FINAL, LLM_REQUEST, LLM_FIRST_TOKEN, TTS_STREAM, INTERRUPTION are voice events: the times between them are measured (see `SeriesMeasure` and `Conversation.voiceTimings`). */
  name: Scalars['String']['input'];
  /** Who may see it. */
  visibility?: Visibility;
  /** Details of the event, up to 100 KB. */
  payload?: InputMaybe<Scalars['JSON']['input']>;
  /** When it happened, from 1970 to at most a day ahead. Default in a live conversation (see `Conversation.startedAt`): when it arrives. Default in any other conversation: the time of the entry before it; failing that, of the next entry that has one, then the given start of the conversation, then when it arrives. */
  timestamp?: InputMaybe<Scalars['DateTime']['input']>;
  /** The agent it came from. */
  agent?: InputMaybe<AgentReference>;
  /** Any other data, up to 100 KB. */
  metadata?: InputMaybe<Scalars['JSONObject']['input']>;
};

/** One transcript entry: give exactly one of these fields. */
export type MessageInput =
  /** A chat message. Language, sentiment, tokens and cost that are not given are derived, as far as the tenant's `enrichment` says. */
  { chat: ChatMessageInput; tool?: never; event?: never; }
  |  /** A tool call. */
  { chat?: never; tool: ToolCallInput; event?: never; }
  |  /** An event. */
  { chat?: never; tool?: never; event: ConversationEventInput; };

/** Counts of what a language model did in a conversation, none of them negative. */
export type LlmStatsInput = {
  /** Number of messages that the model did not understand. */
  notUnderstoodCount?: Scalars['Int']['input'];
  /** Number of answers that the model wrote. */
  responseGeneratedCount?: Scalars['Int']['input'];
  /** Number of errors while generating answers. */
  errorOccurredCount?: Scalars['Int']['input'];
  /** Number of times that the model asked for a person. */
  escalationRequiredCount?: Scalars['Int']['input'];
  /** Number of times that a prepared answer replaced the model's own. */
  fallbackCount?: Scalars['Int']['input'];
};

/** A conversation to store, with either `messages` or a `transcript`. `messages` may be an empty list, unless the status is COMPLETED. */
export type LogConversationInput = {
  /** External id: the caller's own id for the conversation, unique within the tenant, up to 256 characters. */
  externalId?: InputMaybe<Scalars['String']['input']>;
  /** What to do if a conversation with this external id already exists. */
  onConflict?: OnConflict;
  /** Lifecycle status. With an open one, such as ACTIVE, `appendMessages` can continue the conversation. Default: COMPLETED, or no change if `onConflict: APPEND` finds an existing conversation. */
  status?: InputMaybe<ConversationStatus>;
  /** The transcript, in order; up to 5,000 entries. */
  messages?: InputMaybe<Array<MessageInput>>;
  /** The transcript as text. Each message starts on a line with a label, in any case: for user messages `User:`, `Human:`, `Customer:`, `Visitor:`, `Client:` or `Guest:`; for AI agent messages `Assistant:`, `AI:`, `Agent:`, `Bot:` or `Chatbot:`; for system prompts `System:`. A line without a label continues the message above it. Text that looks like an unknown label and recurs is refused. */
  transcript?: InputMaybe<Scalars['String']['input']>;
  /** When the conversation began, from 1970 to at most a day ahead. Default: the earliest known time; see `Conversation.startedAt`. */
  startedAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** When the conversation ended: not before its start, and at most a day ahead. Only accepted with a final status. Default: the latest known time of a message, or else the start. */
  endedAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** The agents that took part, up to 50, including those that messages name. */
  agents?: InputMaybe<Array<AgentReference>>;
  /** Any JSON object of up to 100 KB and 32 levels, in which each key with its parent keys has at most 1,000 bytes. If `endUserId` is absent, the key `user_id` or `userId` is used instead; if `model` is absent, the key `model`. It is not redacted. */
  metadata?: InputMaybe<Scalars['JSONObject']['input']>;
  /** Whether it is a test. Analytics exclude tests by default. */
  isTest?: Scalars['Boolean']['input'];
  /** Channel the conversation took place on. */
  channel?: InputMaybe<Channel>;
  /** Which side started it. */
  direction?: InputMaybe<Direction>;
  /** The campaign it belongs to, up to 256 characters. */
  campaign?: InputMaybe<Scalars['String']['input']>;
  /** The caller's own id for the end user, up to 256 characters. */
  endUserId?: InputMaybe<Scalars['String']['input']>;
  /** The end user's company, up to 256 characters. */
  companyName?: InputMaybe<Scalars['String']['input']>;
  /** The language model that answered, up to 256 characters. */
  model?: InputMaybe<Scalars['String']['input']>;
  /** Its title, such as the subject of a ticket, up to 256 characters. */
  title?: InputMaybe<Scalars['String']['input']>;
  /** What it is about, in free text, up to 10,000 characters. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** Feedback from the end user, in free text, up to 10,000 characters. */
  feedback?: InputMaybe<Scalars['String']['input']>;
  /** Why it ended, in the caller's or the provider's words, such as customer-ended-call; up to 256 characters. */
  endReason?: InputMaybe<Scalars['String']['input']>;
  /** Who or what handled it in the end. */
  outcome?: InputMaybe<Outcome>;
  /** What it achieved for the end user. */
  resolution?: InputMaybe<Resolution>;
  /** BCP 47 language tag, such as en or pt-BR, up to 256 characters; it is stored as given. If none is given, or null on an update, it is the most frequent language of its user messages. */
  language?: InputMaybe<Scalars['String']['input']>;
  /** Up to 50 labels of up to 256 characters each, none of them blank. */
  labels?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Audio or video recording of the conversation, hosted elsewhere. On an update, it replaces the current one as a whole. */
  recording?: InputMaybe<RecordingInput>;
  /** The results of the caller's own analysis. On an update, they replace the current ones as a whole. */
  analysis?: InputMaybe<AnalysisInput>;
  /** Cost of the whole conversation in US dollars, such as what a call really cost, from 0 to 999,999,999, with up to 12 decimal places or 12 significant digits. It counts instead of the sum of its entries, which is the default. */
  costUsd?: InputMaybe<Scalars['Float']['input']>;
  /** Whether a language model took part. If not given, or null on an update, it is true if `llmStats` are given. */
  isLlmConversation?: InputMaybe<Scalars['Boolean']['input']>;
  /** Counts of what a language model did in the conversation. On an update, they replace the current ones as a whole: absent counts become 0. */
  llmStats?: InputMaybe<LlmStatsInput>;
  /** Idempotency key, up to 256 characters, unique within the tenant. A retry with the same key and input returns the first result and writes nothing. The same key with a different input or mutation is refused with IDEMPOTENCY_CONFLICT. A key does not expire; a refused call does not use it up. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

/** Messages to append to an open conversation. Send only the new ones. */
export type AppendMessagesInput = {
  /** Which conversation. */
  by: ConversationBy;
  /** The new entries, in order; 1 to 5,000. */
  messages: Array<MessageInput>;
  /** Whether to create the conversation if there is none with this `externalId`, which is then required. Its status is ACTIVE unless `status` is given. */
  createIfMissing?: Scalars['Boolean']['input'];
  /** The sequence that the first of these entries must get: the number of entries so far. If it would get another one, nothing is stored, and the call fails with SEQUENCE_CONFLICT. Default: not checked. */
  expectedSequence?: InputMaybe<Scalars['Int']['input']>;
  /** The new status: a final one, or one further along from QUEUED to RINGING to ACTIVE. Default: no change. */
  status?: InputMaybe<ConversationStatus>;
  /** When the conversation ended: not before its start, and at most a day ahead. Only accepted with a final status. Default: the latest known time of a message, or else the start. A closed conversation keeps the end that it was given. */
  endedAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Merged into the existing metadata by top-level key; these values win. As in `logConversation`, its `user_id`, `userId` and `model` are used if the conversation has no `endUserId` or `model`. Default: no change. */
  metadata?: InputMaybe<Scalars['JSONObject']['input']>;
  /** Agents to add to those that took part, up to 50 per call, including those that messages name. */
  agents?: InputMaybe<Array<AgentReference>>;
  /** Idempotency key, up to 256 characters, unique within the tenant. A retry with the same key and input returns the first result and writes nothing. The same key with a different input or mutation is refused with IDEMPOTENCY_CONFLICT. A key does not expire; a refused call does not use it up. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

/** The conversation to close, and how it ended. */
export type CompleteConversationInput = {
  /** Which conversation. */
  by: ConversationBy;
  /** The final status. */
  status?: ConversationStatus;
  /** Who or what handled it in the end. Default: no change. */
  outcome?: InputMaybe<Outcome>;
  /** What it achieved for the end user. Default: no change. */
  resolution?: InputMaybe<Resolution>;
  /** When the conversation ended: not before its start, and at most a day ahead. Default: the latest known time of a message, or else the start. */
  endedAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** Idempotency key, up to 256 characters, unique within the tenant. A retry with the same key and input returns the first result and writes nothing. The same key with a different input or mutation is refused with IDEMPOTENCY_CONFLICT. A key does not expire; a refused call does not use it up. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

/** The conversation to update, open or closed, and its new values. Absent fields keep their value. Null clears a field: lists become empty, `isTest` false, and `startedAt`, `endedAt` and `language` are derived again. */
export type UpdateConversationInput = {
  /** Which conversation. */
  by: ConversationBy;
  /** The open status that it moves forward to: from QUEUED to RINGING or ACTIVE, from RINGING to ACTIVE. `completeConversation` closes a conversation, and `reopenConversation` opens it again. Absent or null: no change. */
  status?: InputMaybe<ConversationStatus>;
  /** When the conversation began, from 1970 to at most a day ahead. Null clears the given start, so that it is derived; see `Conversation.startedAt`. */
  startedAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** When the conversation ended: not before its start, and at most a day ahead. Only accepted if it is closed. Null clears the given end, so that it is derived; see `Conversation.endedAt`. */
  endedAt?: InputMaybe<Scalars['DateTime']['input']>;
  /** The agents that took part, up to 50. They replace the current ones. */
  agents?: InputMaybe<Array<AgentReference>>;
  /** Merged into the existing metadata by top-level key; these values win. Null clears it. The limits are those of `LogConversationInput.metadata`. */
  metadata?: InputMaybe<Scalars['JSONObject']['input']>;
  /** Top-level metadata keys to delete, up to 1,000. Deleted after `metadata` is merged. */
  deleteMetadataKeys?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Whether it is a test. */
  isTest?: InputMaybe<Scalars['Boolean']['input']>;
  /** Channel the conversation took place on. */
  channel?: InputMaybe<Channel>;
  /** Which side started it. */
  direction?: InputMaybe<Direction>;
  /** The campaign it belongs to, up to 256 characters. */
  campaign?: InputMaybe<Scalars['String']['input']>;
  /** The caller's own id for the end user, up to 256 characters. */
  endUserId?: InputMaybe<Scalars['String']['input']>;
  /** The end user's company, up to 256 characters. */
  companyName?: InputMaybe<Scalars['String']['input']>;
  /** The language model that answered, up to 256 characters. */
  model?: InputMaybe<Scalars['String']['input']>;
  /** Its title, such as the subject of a ticket, up to 256 characters. */
  title?: InputMaybe<Scalars['String']['input']>;
  /** What it is about, in free text, up to 10,000 characters. */
  description?: InputMaybe<Scalars['String']['input']>;
  /** Feedback from the end user, in free text, up to 10,000 characters. */
  feedback?: InputMaybe<Scalars['String']['input']>;
  /** Why it ended, in the caller's or the provider's words, such as customer-ended-call; up to 256 characters. */
  endReason?: InputMaybe<Scalars['String']['input']>;
  /** Who or what handled it in the end. */
  outcome?: InputMaybe<Outcome>;
  /** What it achieved for the end user. */
  resolution?: InputMaybe<Resolution>;
  /** BCP 47 language tag, such as en or pt-BR, up to 256 characters; it is stored as given. If none is given, or null on an update, it is the most frequent language of its user messages. */
  language?: InputMaybe<Scalars['String']['input']>;
  /** Up to 50 labels of up to 256 characters each, none of them blank. */
  labels?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Audio or video recording of the conversation, hosted elsewhere. On an update, it replaces the current one as a whole. */
  recording?: InputMaybe<RecordingInput>;
  /** The results of the caller's own analysis. On an update, they replace the current ones as a whole. */
  analysis?: InputMaybe<AnalysisInput>;
  /** Cost of the whole conversation in US dollars, such as what a call really cost, from 0 to 999,999,999, with up to 12 decimal places or 12 significant digits. It counts instead of the sum of its entries, which is the default. */
  costUsd?: InputMaybe<Scalars['Float']['input']>;
  /** Whether a language model took part. If not given, or null on an update, it is true if `llmStats` are given. */
  isLlmConversation?: InputMaybe<Scalars['Boolean']['input']>;
  /** Counts of what a language model did in the conversation. On an update, they replace the current ones as a whole: absent counts become 0. */
  llmStats?: InputMaybe<LlmStatsInput>;
  /** Idempotency key, up to 256 characters, unique within the tenant. A retry with the same key and input returns the first result and writes nothing. The same key with a different input or mutation is refused with IDEMPOTENCY_CONFLICT. A key does not expire; a refused call does not use it up. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

/** What was found out about chat messages of one conversation, open or closed. If one of the messages is unknown, nothing is stored. */
export type UpdateMessagesInput = {
  /** Which conversation. */
  by: ConversationBy;
  /** The messages, 1 to 5,000, each at most once, and their new values. */
  messages: Array<MessageUpdate>;
  /** Idempotency key, up to 256 characters, unique within the tenant. A retry with the same key and input returns the first result and writes nothing. The same key with a different input or mutation is refused with IDEMPOTENCY_CONFLICT. A key does not expire; a refused call does not use it up. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

/** The conversation to reopen. */
export type ReopenConversationInput = {
  /** Which conversation. */
  by: ConversationBy;
  /** Idempotency key, up to 256 characters, unique within the tenant. A retry with the same key and input returns the first result and writes nothing. The same key with a different input or mutation is refused with IDEMPOTENCY_CONFLICT. A key does not expire; a refused call does not use it up. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

/** The conversation to delete, with its transcript. */
export type DeleteConversationInput = {
  /** Which conversation. */
  by: ConversationBy;
  /** Idempotency key, up to 256 characters, unique within the tenant. A retry with the same key and input returns the first result and writes nothing. The same key with a different input or mutation is refused with IDEMPOTENCY_CONFLICT. A key does not expire; a refused call does not use it up. */
  idempotencyKey?: InputMaybe<Scalars['String']['input']>;
};

/** Conversations to store. */
export type LogConversationsInput = {
  /** The conversations, 1 to 500. */
  conversations: Array<LogConversationInput>;
};

/** Sort order of end users. Ties have an arbitrary but stable order. */
export type EndUserOrder = {
  /** Field to sort by. */
  field?: EndUserOrderField;
  /** Sort direction. */
  direction?: OrderDirection;
};

/** What to group by: give exactly one of `dimension` and `metadataPath`. */
export type SeriesGroupBy = {
  /** Groups by a property of conversations. */
  dimension?: InputMaybe<SeriesDimension>;
  /** Groups by the metadata value under these keys, outermost first, 1 to 32. Types are strict: 245 is not "245". JSON null counts as no value. */
  metadataPath?: InputMaybe<Array<Scalars['String']['input']>>;
  /** How many groups have a line of their own, 1 to 100: those with the most conversations (with `compareTo`, in both periods together). All others share one. Null means the default. */
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** A permission of a credential. */
export type Scope =
  /** Read analytics: series, metrics, end users, retention and `Agent.totals`. */
  | 'ANALYTICS_READ'
  /** Read conversations, messages and agents. */
  | 'CONVERSATIONS_READ'
  /** See system prompts, internal events, and the inputs, outputs, errors and thoughts of tool calls. */
  | 'INTERNALS_READ'
  /** Log, append to, update, complete and reopen conversations, and update their messages; create, update and archive agents. Without CONVERSATIONS_READ, responses show only the `id`, `externalId`, `status`, `createdAt` and `updatedAt` of a conversation, the `id`, `externalId` and `sequence` of a message, and the `id`, `externalId` and `status` of an agent; any other field fails with FORBIDDEN. */
  | 'CONVERSATIONS_WRITE'
  /** Delete conversations. */
  | 'CONVERSATIONS_ERASE'
  /** Create embed tokens, revoke all tokens of the tenant, and register and delete documents. */
  | 'EMBED_TOKENS_CREATE'
  /** Manage tenants, API keys and token issuers, and read the audit log. Account keys only. */
  | 'ADMIN';

/** Whether an API key is accepted. */
export type ApiKeyStatus =
  /** The key is accepted. */
  | 'ACTIVE'
  /** The key has expired. */
  | 'EXPIRED'
  /** The key was permanently revoked. */
  | 'REVOKED';

/** Which documents a credential may send. */
export type TokenDocuments =
  /** Any document. */
  | 'ANY'
  /** Only documents that were registered with `registerDocuments` for its tenant or the account; any other is refused with DOCUMENT_NOT_TRUSTED. */
  | 'REGISTERED'
  /** Only the documents that this server's web components send, whether they are registered or not; any other is refused with DOCUMENT_NOT_TRUSTED. */
  | 'COMPONENTS';

/** What a request was authenticated with. */
export type CredentialKind =
  /** An API key of the account, which names the tenant of each request in the header X-Tenant-Id. */
  | 'ACCOUNT_KEY'
  /** An API key of one tenant. */
  | 'TENANT_KEY'
  /** An embed token: a short-lived token of one tenant for a browser, created by `createEmbedToken`. */
  | 'EMBED_TOKEN'
  /** An issuer token: a JWT signed by a registered token issuer. */
  | 'ISSUER_TOKEN';

/** Which requests a rate limit counts together. */
export type RatePolicy =
  /** Requests of one key for one tenant, or of all tokens that one key created, or one issuer signed, for one subject. */
  | 'CREDENTIAL'
  /** Requests of one API key that has a limit of its own, `requestsPerMinute`, for all tenants together. */
  | 'KEY'
  /** Requests of all embed and issuer tokens of one tenant. */
  | 'TENANT_TOKENS'
  /** Requests of all credentials of one tenant. */
  | 'TENANT';

/** Why a token is refused. */
export type TokenRefusalReason =
  /** It is not a readable JWT. */
  | 'MALFORMED'
  /** It has more than 8192 characters. */
  | 'TOO_LONG'
  /** Its header typ is not that of a token for Parley: absent or JWT for an issuer token. */
  | 'TYPE'
  /** Its algorithm is not accepted. */
  | 'ALGORITHM'
  /** No token issuer is registered with its iss. */
  | 'ISSUER_UNKNOWN'
  /** Its aud is not the audience that its issuer is registered with. */
  | 'AUDIENCE'
  /** The keys of its issuer could not be read. */
  | 'KEYS_UNREADABLE'
  /** Its issuer has no key that matches its kid and algorithm. */
  | 'KEY_NOT_FOUND'
  /** Several keys of its issuer match; a kid must name one. */
  | 'KEY_AMBIGUOUS'
  /** The key of its issuer can't be used. */
  | 'KEY_UNUSABLE'
  /** Its signature does not verify. */
  | 'SIGNATURE'
  /** It lacks a claim. */
  | 'CLAIM_MISSING'
  /** One of its claims can't be used. */
  | 'CLAIM_INVALID'
  /** It is not valid yet. */
  | 'NOT_YET_VALID'
  /** It has expired. */
  | 'EXPIRED'
  /** Its tenant claim names no existing tenant. */
  | 'TENANT_UNKNOWN'
  /** It was revoked. */
  | 'REVOKED'
  /** The API key that made it, or its secret, has ended. */
  | 'KEY_ENDED';

/** Sort direction of a list. */
export type OrderDirection =
  /** Smallest or earliest first. */
  | 'ASC'
  /** Greatest or latest first. */
  | 'DESC';

/** An action that the audit log records. */
export type AuditAction =
  /** An API key was generated, by `generateApiKey`, the server's first start or a command on its machine. `details.repeated`: its secret was returned again, to a retry with the same `idempotencyKey`. */
  | 'API_KEY_GENERATED'
  /** An API key was updated. */
  | 'API_KEY_UPDATED'
  /** An API key got a new secret. `details.repeated`: it was returned again, to a retry with the same `idempotencyKey`. */
  | 'API_KEY_REGENERATED'
  /** An API key was revoked. */
  | 'API_KEY_REVOKED'
  /** A tenant was created, by `createTenant` or by the first write for it. */
  | 'TENANT_CREATED'
  /** A tenant's name, time zone or settings were changed. */
  | 'TENANT_UPDATED'
  /** An embed token was created. */
  | 'EMBED_TOKEN_CREATED'
  /** All tokens of a tenant were revoked. */
  | 'EMBED_TOKENS_REVOKED'
  /** A new key replaced the one that signs embed tokens. */
  | 'SIGNING_KEY_ROTATED'
  /** A token issuer was registered. */
  | 'TOKEN_ISSUER_REGISTERED'
  /** A token issuer was updated. */
  | 'TOKEN_ISSUER_UPDATED'
  /** A token issuer was deleted. */
  | 'TOKEN_ISSUER_DELETED'
  /** Documents were registered. */
  | 'DOCUMENTS_REGISTERED'
  /** Registered documents were deleted. */
  | 'DOCUMENTS_DELETED'
  /** A conversation was deleted. */
  | 'CONVERSATION_DELETED'
  /** A known credential was used. Recorded only if it was refused: because it is revoked or expired, has a wrong secret, is for another tenant, or is not accepted from the address. */
  | 'CREDENTIAL_USED'
  /** Data that needs the scope ADMIN was requested. Recorded only if refused. */
  | 'ACCOUNT_READ'
  /** Any other write of a tenant's data was attempted. Recorded only if refused. */
  | 'DATA_WRITTEN';

/** What kind of credential an actor used. */
export type AuditActorKind =
  /** An API key of the account. */
  | 'ACCOUNT_KEY'
  /** An API key of one tenant. */
  | 'TENANT_KEY'
  /** An embed token: a short-lived token of one tenant for a browser, created by `createEmbedToken`. */
  | 'EMBED_TOKEN'
  /** An issuer token: a JWT signed by a registered token issuer. */
  | 'ISSUER_TOKEN'
  /** No credential: the server's start, or a command on its machine. */
  | 'NONE';

/** Type of the object of an action. */
export type AuditObjectType =
  /** An API key, `key_…`. */
  | 'API_KEY'
  /** A tenant, by the id chosen at its creation. */
  | 'TENANT'
  /** One or all tokens of the tenant; tokens have no id. */
  | 'EMBED_TOKEN'
  /** A key that signs embed tokens, by its `kid`. */
  | 'SIGNING_KEY'
  /** A token issuer, `issuer_…`. */
  | 'TOKEN_ISSUER'
  /** Registered documents, which have no id: `details` has their hashes. */
  | 'DOCUMENT'
  /** A conversation, `conv_…`. */
  | 'CONVERSATION';

/** Whether an action was performed. */
export type AuditOutcome =
  /** It was performed and stored. */
  | 'DONE'
  /** It was refused; `errorCode` says why. */
  | 'REFUSED';

/** Lifecycle status of an agent. */
export type AgentStatus =
  /** In development. */
  | 'DRAFT'
  /** In use. */
  | 'ACTIVE'
  /** Still in use, but to be replaced. */
  | 'DEPRECATED'
  /** No longer in use. Its history stays. */
  | 'ARCHIVED';

/** Who a chat message is from. */
export type MessageRole =
  /** A system prompt: instructions to the agent. Visible only with the scope INTERNALS_READ. */
  | 'SYSTEM'
  /** The end user. */
  | 'USER'
  /** The AI agent. */
  | 'ASSISTANT'
  /** A person who took over from the AI agent. */
  | 'HUMAN_AGENT';

/** Types of transcript entries. */
export type MessageType =
  /** A `ChatMessage`. */
  | 'CHAT'
  /** A `ToolCall`. */
  | 'TOOL'
  /** A `ConversationEvent`. */
  | 'EVENT';

/** Who may see an event. */
export type Visibility =
  /** Everyone who may read the conversation. */
  | 'PUBLIC'
  /** Only credentials with the scope INTERNALS_READ. */
  | 'INTERNAL';

/** Fields of a message that Parley can derive. A field that the caller gave is not derived, and only `updateMessages` changes a derived value. */
export type EnrichedField =
  /** `sentiment`, for user messages in English. */
  | 'SENTIMENT'
  /** `language`, if the text is long enough to tell. */
  | 'LANGUAGE'
  /** `tokenCount`, in GPT-4o's encoding (o200k_base). */
  | 'TOKEN_COUNT'
  /** `costUsd`, at the price of the model at the time. */
  | 'COST';

/** Lifecycle status of a conversation. COMPLETED, ABANDONED, FAILED, DECLINED and MISSED are final: the conversation is closed and accepts no more messages, unless it is reopened. The others are open. */
export type ConversationStatus =
  /** Waiting to start. */
  | 'QUEUED'
  /** A call that has not been answered yet. */
  | 'RINGING'
  /** In progress. */
  | 'ACTIVE'
  /** Final: ended normally. */
  | 'COMPLETED'
  /** Final: the end user left. */
  | 'ABANDONED'
  /** Final: ended with an error. */
  | 'FAILED'
  /** Final: a call that was declined. */
  | 'DECLINED'
  /** Final: a call that nobody answered. */
  | 'MISSED';

/** Channel the conversation took place on. */
export type Channel =
  /** A chat window or messenger. */
  | 'CHAT'
  /** A support ticket. */
  | 'TICKET'
  /** A voice call. */
  | 'VOICE'
  /** Email. */
  | 'EMAIL'
  /** Any other channel. */
  | 'OTHER';

/** Which side started it. */
export type Direction =
  /** The end user, other than from a web page. */
  | 'INBOUND'
  /** The agent. */
  | 'OUTBOUND'
  /** The end user, from a web page. */
  | 'WEB';

/** Who or what handled it in the end. */
export type Outcome =
  /** Only the AI agent handled it. */
  | 'BOT_HANDLED'
  /** It was handed over to a person. (This is a human agent, not an `Agent`.) */
  | 'HUMAN_AGENT'
  /** It was handed over to email. */
  | 'EMAIL'
  /** It was escalated in another way. */
  | 'CUSTOM_ESCALATION'
  /** It should have been escalated, but nobody took over. */
  | 'FAILED_ESCALATION';

/** What it achieved for the end user. */
export type Resolution =
  /** The end user got an answer. */
  | 'INFORMED'
  /** The problem is solved. */
  | 'RESOLVED'
  /** Somebody else is taking care of the problem. */
  | 'ESCALATED'
  /** The caller does not know. (Null: the caller said nothing.) */
  | 'UNDEFINED';

/** Progress of the caller's own analysis of a conversation. */
export type AnalysisStatus =
  /** Not started. */
  | 'PENDING'
  /** In progress. */
  | 'RUNNING'
  /** Done. */
  | 'COMPLETED'
  /** Ended with an error. */
  | 'FAILED';

/** Fields that conversations can be sorted by. */
export type ConversationOrderField =
  /** When the conversation began. */
  | 'STARTED_AT'
  /** When the conversation was first stored. */
  | 'CREATED_AT'
  /** When the conversation was last changed. */
  | 'UPDATED_AT'
  /** When the conversation ended. Open ones come last in both directions. */
  | 'ENDED_AT'
  /** The value of `durationMs`. Conversations without one come last in both directions. */
  | 'DURATION'
  /** Number of transcript entries that this credential may see. */
  | 'MESSAGE_COUNT'
  /** The value of `costUsd`. Conversations without one come last in both directions. */
  | 'COST';

/** What happened to a conversation. If several things happened at once, DELETED takes precedence over CREATED, CREATED over MESSAGES, and MESSAGES over UPDATED. */
export type ConversationChangeKind =
  /** Its fields changed, or entries that this credential may not see were appended. */
  | 'UPDATED'
  /** Transcript entries that this credential may see were appended. */
  | 'MESSAGES'
  /** It was stored for the first time. */
  | 'CREATED'
  /** It was deleted. */
  | 'DELETED';

/** What to do if a conversation with this external id already exists. */
export type OnConflict =
  /** Refuse the call with EXTERNAL_ID_TAKEN. */
  | 'ERROR'
  /** Store nothing and return the existing conversation. */
  | 'RETURN_EXISTING'
  /** Append the messages, add the agents, merge the metadata and set `status` and `endedAt` if given; all other fields are ignored. If the existing conversation is closed, refuse the call with CONVERSATION_CLOSED, as `appendMessages` does. */
  | 'APPEND';

/** How the sentiment of user messages changed: the mean of the later half compared with that of the earlier half. With an odd number, the middle one belongs to the earlier half. */
export type SentimentTrend =
  /** Higher by 0.25 or more. */
  | 'UP'
  /** Changed by less than 0.25. */
  | 'FLAT'
  /** Lower by 0.25 or more. */
  | 'DOWN';

/** A sentiment as a word. */
export type SentimentLabel =
  /** 0.25 or more. */
  | 'POSITIVE'
  /** Between -0.25 and 0.25, both exclusive. */
  | 'NEUTRAL'
  /** -0.25 or less. */
  | 'NEGATIVE';

/** What a series measures. A conversation counts, with all its messages, in the bucket in which it began. Rates are shares from 0 to 1. `availableSeries` returns the unit of each measure. */
export type SeriesMeasure =
  /** Number of conversations. */
  | 'CONVERSATIONS'
  /** Number of conversations without AI agent messages, such as those in which an agent only made suggestions to a person. */
  | 'SUGGESTION_ONLY_CONVERSATIONS'
  /** Number of transcript entries that the credential may see: chat messages, tool calls and events. */
  | 'MESSAGES'
  /** Number of system prompts. Needs the scope INTERNALS_READ. */
  | 'SYSTEM_MESSAGES'
  /** Number of user messages. */
  | 'USER_MESSAGES'
  /** Number of AI agent messages. */
  | 'ASSISTANT_MESSAGES'
  /** Number of human agent messages. */
  | 'HUMAN_AGENT_MESSAGES'
  /** Mean number of user messages per conversation. */
  | 'TURNS_MEAN'
  /** Number of distinct end users, among conversations that name one. */
  | 'END_USERS'
  /** Number of end users whose first conversation, among all that the credential may see, began in the bucket. */
  | 'NEW_END_USERS'
  /** Mean rating (-1 to 1) of AI agent messages; unrated ones are ignored. */
  | 'RATING_MEAN'
  /** Sum of the ratings (-1, 0, 1) of AI agent messages. */
  | 'RATING_SUM'
  /** Mean sentiment (-1 to 1) of user messages that have one. */
  | 'SENTIMENT_MEAN'
  /** Total cost of the conversations that have one, in US dollars; see `Conversation.costUsd`. */
  | 'COST_SUM'
  /** Mean cost per conversation, in US dollars, over the conversations that have one. */
  | 'COST_MEAN'
  /** Total tokens of the messages that have a count. */
  | 'TOKENS_SUM'
  /** Mean number of tokens per conversation. A conversation without a count has 0. */
  | 'TOKENS_MEAN'
  /** Total time from start to end, in milliseconds, of the conversations that have a duration. */
  | 'DURATION_SUM'
  /** Mean time from start to end, in milliseconds, of the conversations that have a duration. */
  | 'DURATION_MEAN'
  /** Median time from start to end, in milliseconds, of the conversations that have a duration. Slower to query than the mean. */
  | 'DURATION_P50'
  /** 95th percentile of the time from start to end, in milliseconds, of the conversations that have a duration. Slower to query than the mean. */
  | 'DURATION_P95'
  /** Mean response time of AI agents (`latencyMs`), in milliseconds, over the messages that have one. */
  | 'LATENCY_MEAN'
  /** Median response time of AI agents (`latencyMs`), in milliseconds. Slower to query than the mean. Not available with the dimension MESSAGE_LANGUAGE. */
  | 'LATENCY_P50'
  /** 95th percentile of the response time of AI agents (`latencyMs`), in milliseconds. Slower to query than the mean. Not available with the dimension MESSAGE_LANGUAGE. */
  | 'LATENCY_P95'
  /** Mean time from STT_FINAL to LLM_REQUEST, in milliseconds. Needs the scope INTERNALS_READ. */
  | 'STT_TO_LLM_MEAN'
  /** Mean time from LLM_REQUEST to LLM_FIRST_TOKEN, in milliseconds. Needs the scope INTERNALS_READ. */
  | 'TIME_TO_FIRST_TOKEN_MEAN'
  /** Median time from LLM_REQUEST to LLM_FIRST_TOKEN, in milliseconds. Needs the scope INTERNALS_READ. */
  | 'TIME_TO_FIRST_TOKEN_P50'
  /** 95th percentile of the time from LLM_REQUEST to LLM_FIRST_TOKEN, in milliseconds. Needs the scope INTERNALS_READ. */
  | 'TIME_TO_FIRST_TOKEN_P95'
  /** Mean time from LLM_FIRST_TOKEN to TTS_STREAM, in milliseconds. Needs the scope INTERNALS_READ. */
  | 'FIRST_TOKEN_TO_TTS_MEAN'
  /** Mean time from STT_FINAL to TTS_STREAM, in milliseconds: how long a caller waits for the voice of the agent. Needs the scope INTERNALS_READ. */
  | 'VOICE_LATENCY_MEAN'
  /** Median time from STT_FINAL to TTS_STREAM, in milliseconds. Needs the scope INTERNALS_READ. */
  | 'VOICE_LATENCY_P50'
  /** 95th percentile of the time from STT_FINAL to TTS_STREAM, in milliseconds. Needs the scope INTERNALS_READ. */
  | 'VOICE_LATENCY_P95'
  /** Number of internal events named INTERRUPTION. Needs the scope INTERNALS_READ. */
  | 'INTERRUPTIONS'
  /** Mean number of interruptions per conversation, over the conversations that have voice events. Needs the scope INTERNALS_READ. */
  | 'INTERRUPTIONS_MEAN'
  /** Number of events that the credential may see. */
  | 'EVENTS'
  /** Number of tool calls. */
  | 'TOOL_CALLS'
  /** Share of tool calls that failed. */
  | 'TOOL_ERROR_RATE'
  /** Share of user messages that are marked as not understood. */
  | 'NOT_UNDERSTOOD_RATE'
  /** Number of user messages whose `understood` was given. */
  | 'MESSAGES_WITH_UNDERSTOOD'
  /** Share of user messages that are not marked as not understood, taken over all messages together, not as a mean per conversation. */
  | 'MESSAGES_UNDERSTOOD_RATE'
  /** Number of conversations that have an outcome. */
  | 'CONVERSATIONS_WITH_OUTCOME'
  /** Number of conversations that have a resolution. */
  | 'CONVERSATIONS_WITH_RESOLUTION'
  /** Number of conversations with the outcome BOT_HANDLED. */
  | 'BOT_HANDLED_CONVERSATIONS'
  /** Share of conversations with the outcome BOT_HANDLED. */
  | 'BOT_HANDLED_RATE'
  /** Share of conversations with the outcome BOT_HANDLED or FAILED_ESCALATION, which reached no person. Conversations without an outcome count as not deflected. */
  | 'DEFLECTION_RATE'
  /** Share of conversations with the outcome HUMAN_AGENT, EMAIL or CUSTOM_ESCALATION. */
  | 'ESCALATION_RATE'
  /** Share of conversations with the outcome FAILED_ESCALATION. */
  | 'FAILED_ESCALATION_RATE'
  /** Share of conversations with the resolution INFORMED. */
  | 'INFORMED_RATE'
  /** Share of conversations with the resolution INFORMED or RESOLVED. */
  | 'AUTOMATION_RATE'
  /** Share of conversations with the status COMPLETED. */
  | 'COMPLETION_RATE'
  /** Share of conversations with the status ABANDONED. */
  | 'ABANDONMENT_RATE';

/** Unit of a measure. */
export type MeasureUnit =
  /** A number of items, or a mean number of items. */
  | 'COUNT'
  /** A share, 0 to 1. */
  | 'RATIO'
  /** Milliseconds. */
  | 'MILLISECONDS'
  /** US dollars. */
  | 'US_DOLLARS'
  /** Tokens of a language model. */
  | 'TOKENS'
  /** A score from -1 (bad) to 1 (good), or a sum of such scores. */
  | 'SCORE';

/** Length of a bucket, by the calendar and clock of the time zone. */
export type SeriesInterval =
  /** From one full hour to the next. */
  | 'HOUR'
  /** A day: 23 or 25 hours long when the clocks change. */
  | 'DAY'
  /** A week, from Monday (ISO 8601) unless `weekStart` says otherwise. */
  | 'WEEK'
  /** A calendar month. */
  | 'MONTH'
  /** Three calendar months, starting in January, April, July or October. */
  | 'QUARTER'
  /** A calendar year. */
  | 'YEAR';

/** A day of the week. */
export type DayOfWeek =
  /** Monday. */
  | 'MONDAY'
  /** Tuesday. */
  | 'TUESDAY'
  /** Wednesday. */
  | 'WEDNESDAY'
  /** Thursday. */
  | 'THURSDAY'
  /** Friday. */
  | 'FRIDAY'
  /** Saturday. */
  | 'SATURDAY'
  /** Sunday. */
  | 'SUNDAY';

/** What conversations can be grouped by. A conversation with several agents, labels, tools, events or tags counts in the group of each, so a group holds the same conversations as a list filtered by its key. With all other dimensions, the groups add up to the whole. */
export type SeriesDimension =
  /** Each of its agents. */
  | 'AGENT'
  /** Its status. */
  | 'STATUS'
  /** Its channel. */
  | 'CHANNEL'
  /** Its direction. */
  | 'DIRECTION'
  /** Its campaign. */
  | 'CAMPAIGN'
  /** The caller's own id for its end user. */
  | 'END_USER'
  /** The end user's company. */
  | 'COMPANY_NAME'
  /** Its model. */
  | 'MODEL'
  /** Why it ended. */
  | 'END_REASON'
  /** Its outcome. */
  | 'OUTCOME'
  /** Its resolution. */
  | 'RESOLUTION'
  /** Its language. */
  | 'LANGUAGE'
  /** Each of its labels. */
  | 'LABEL'
  /** Each tool that was called. */
  | 'TOOL_NAME'
  /** Each of its events that the credential may see, by name. */
  | 'EVENT_NAME'
  /** Each tag of its analysis. */
  | 'ANALYSIS_TAG'
  /** The language of each chat message; tool calls and events are left out. Groups messages instead of conversations, so it is only accepted with the measures MESSAGES, SYSTEM_MESSAGES, USER_MESSAGES, ASSISTANT_MESSAGES, HUMAN_AGENT_MESSAGES, RATING_MEAN, RATING_SUM, SENTIMENT_MEAN, LATENCY_MEAN, NOT_UNDERSTOOD_RATE, MESSAGES_WITH_UNDERSTOOD and MESSAGES_UNDERSTOOD_RATE (EVENTS and TOOL_CALLS are always 0). */
  | 'MESSAGE_LANGUAGE'
  /** Its first intent, in the order of the transcript. */
  | 'FIRST_INTENT';

/** The period that figures are compared with. */
export type Comparison =
  /** The same number of buckets just before: for seven days the seven days before, for February January. In `conversationMetrics`, the buckets are days. If the range begins or ends on a day that the earlier month does not have, such as 31 March for February, the last day of that month is included as a whole. */
  | 'PREVIOUS_PERIOD';

/** What end users can be sorted by. */
export type EndUserOrderField =
  /** When the latest of these conversations began. */
  | 'LAST_SEEN'
  /** When the first of these conversations began. */
  | 'FIRST_SEEN'
  /** How many conversations they had. */
  | 'CONVERSATIONS';

/** Which of its intents a conversation is counted under. */
export type WhichIntent =
  /** Its first intent, in the order of the transcript. */
  | 'FIRST'
  /** Its last intent, in the order of the transcript. */
  | 'LAST'
  /** The intent with the earliest message time whose `meaningful` is not false. */
  | 'FIRST_MEANINGFUL';

/** What `conversationFacets` lists values of: each can be selected by a condition of `ConversationFilter`. */
export type ConversationFacetField =
  /** Each of its agents. */
  | 'AGENT'
  /** Its status. */
  | 'STATUS'
  /** Its channel. */
  | 'CHANNEL'
  /** Its direction. */
  | 'DIRECTION'
  /** Its campaign. */
  | 'CAMPAIGN'
  /** The caller's own id for its end user. */
  | 'END_USER'
  /** The end user's company. */
  | 'COMPANY_NAME'
  /** Its model. */
  | 'MODEL'
  /** Why it ended. */
  | 'END_REASON'
  /** Its outcome. */
  | 'OUTCOME'
  /** Its resolution. */
  | 'RESOLUTION'
  /** Its language. */
  | 'LANGUAGE'
  /** Each of its labels. */
  | 'LABEL'
  /** Each tool that was called. */
  | 'TOOL_NAME'
  /** Each of its events that the credential may see, by name. */
  | 'EVENT_NAME'
  /** Each tag of its analysis. */
  | 'ANALYSIS_TAG';

/** Modules of a Relay app, by their names: Relay wants the names of their operations and fragments to begin with them. */
export const RELAY_MODULES: Record<string, string> = {
  ConversationList: `
    query ConversationListQuery($filter: ConversationFilter) {
      viewer { credentialId tenant { id name } }
      ...ConversationList_page @arguments(filter: $filter)
    }
    fragment ConversationList_page on Query
    @argumentDefinitions(
      count: { type: "Int", defaultValue: 20 }
      cursor: { type: "String" }
      filter: { type: "ConversationFilter" }
    )
    @refetchable(queryName: "ConversationListPageQuery") {
      conversations(first: $count, after: $cursor, filter: $filter)
        @connection(key: "ConversationList_conversations", filters: ["filter"]) {
        __id
        totalCount
        edges { node { id status startedAt metadata ...Transcript_conversation } }
      }
    }`,
  Transcript: `
    fragment Transcript_conversation on Conversation
    @argumentDefinitions(count: { type: "Int", defaultValue: 50 }, cursor: { type: "String" })
    @refetchable(queryName: "TranscriptPageQuery") {
      messages(last: $count, before: $cursor) @connection(key: "Transcript_messages") {
        __id
        edges { node { ...TranscriptEntry_message } }
      }
    }`,
  TranscriptEntry: `
    fragment TranscriptEntry_message on Message @refetchable(queryName: "TranscriptEntryRefetchQuery") {
      __typename
      sequence
      ... on ChatMessage { role content }
      ... on ToolCall { name output }
      ... on ConversationEvent { name }
    }`,
  ConversationPage: `
    query ConversationPageQuery($id: ID!) {
      conversation(by: { id: $id }) @required(action: NONE) { status agents { id name } }
      node(id: $id) { ...Transcript_conversation @alias(as: "transcript") }
    }`,
  Tenants: `
    query TenantsQuery($count: Int!, $cursor: String) @throwOnFieldError {
      tenants(first: $count, after: $cursor) @connection(key: "Tenants_tenants") { edges { node { id name timeZone } } }
    }`,
  AuditLog: `
    fragment AuditLog_events on Query
    @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" })
    @refetchable(queryName: "AuditLogPageQuery") {
      auditEvents(first: $count, after: $cursor) @connection(key: "AuditLog_auditEvents") {
        edges { node { id occurredAt action actor { kind credentialId name } } }
      }
    }`,
  Dashboard: `
    query DashboardQuery {
      conversationMetrics { current { conversationCount deflectionRate } previous { conversationCount } }
      conversationSeries(measures: [CONVERSATIONS], interval: DAY) { lines { measure points { start value } } }
    }`,
  LogConversation: `
    mutation LogConversationMutation($input: LogConversationInput!, $connections: [ID!]!) {
      logConversation(input: $input) {
        created
        conversation @prependNode(connections: $connections, edgeTypeName: "ConversationEdge") { id status startedAt }
      }
    }`,
  AppendMessages: `
    mutation AppendMessagesMutation($input: AppendMessagesInput!, $connections: [ID!]!) {
      appendMessages(input: $input) {
        appendedMessages @appendNode(connections: $connections, edgeTypeName: "MessageEdge") {
          ...TranscriptEntry_message
        }
        conversation { id status messageCount }
      }
    }`,
  DeleteConversation: `
    mutation DeleteConversationMutation($input: DeleteConversationInput!, $connections: [ID!]!) {
      deleteConversation(input: $input) { deletedId @deleteEdge(connections: $connections) }
    }`,
  DeleteTokenIssuer: `
    mutation DeleteTokenIssuerMutation($input: DeleteTokenIssuerInput!) @raw_response_type {
      deleteTokenIssuer(input: $input) { deletedId @deleteRecord }
    }`,
  LiveConversation: `
    subscription LiveConversationSubscription($id: ID!) {
      conversationUpdated(id: $id) { id status endedAt ...Transcript_conversation }
    }`,
}

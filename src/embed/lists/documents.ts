/**
 * What only the lists and the transcript send; `../documents.ts` has all documents. Each is one literal: the build could
 * not leave one out of the entry that is put together of parts.
 */

/** A page of the list, or what is between two cursors. Needs CONVERSATIONS_READ. */
export const CONVERSATIONS = `query ParleyConversations($first: Int!, $after: String, $before: String, $filter: ConversationFilter, $orderBy: ConversationOrder) {
  conversations(first: $first, after: $after, before: $before, filter: $filter, orderBy: $orderBy) {
    nodes {
      id externalId status channel title startedAt durationMs messageCount sentimentLabel endUserId
      agents { id name }
      messages(first: 3, types: [CHAT]) { nodes { ... on ChatMessage { role content } } }
    }
    pageInfo { startCursor endCursor hasNextPage }
  }
}`

/** Apart from the list, because counting can take longer. Needs CONVERSATIONS_READ. */
export const CONVERSATION_COUNT = `query ParleyConversationCount($filter: ConversationFilter) {
  conversations(first: 1, filter: $filter) { totalCount }
}`

/** A conversation, and a page of its transcript. Needs CONVERSATIONS_READ. */
export const CONVERSATION = `query ParleyConversation($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  conversation(by: { id: $id }) {
    id externalId status channel title description startedAt endedAt durationMs messageCount endUserId outcome resolution
    sentiment sentimentLabel costUsd labels metadata
    agents { id name }
    messages(first: $first, after: $after, last: $last, before: $before) {
      nodes {
        __typename id sequence timestamp
        ... on ChatMessage { role authorName content language rating sentiment agent { name } attachments { name url mediaType } }
        ... on ToolCall { name input output error failed durationMs }
        ... on ConversationEvent { eventName: name payload }
      }
      pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
    }
  }
}`

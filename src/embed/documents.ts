/**
 * Everything that the components send: the documents that a token with `documents: COMPONENTS` may send. Each is built
 * for the compiled path, and has fields that one scope can read.
 */

/** Needs no scope. */
export const VIEWER = 'query ParleyViewer { viewer { scopes tenant { name timeZone } } }'

/** Needs ANALYTICS_READ. */
export const SERIES = `query ParleySeries(
  $measures: [SeriesMeasure!]!
  $interval: SeriesInterval!
  $range: TimeRange
  $timeZone: String
  $filter: ConversationFilter
  $includeTests: Boolean!
  $weekStart: DayOfWeek!
  $groupBy: SeriesGroupBy
  $compareTo: Comparison
) {
  conversationSeries(
    measures: $measures
    interval: $interval
    range: $range
    timeZone: $timeZone
    filter: $filter
    includeTests: $includeTests
    weekStart: $weekStart
    groupBy: $groupBy
    compareTo: $compareTo
  ) {
    interval
    timeZone
    from
    to
    lines {
      measure
      group { key label isOther }
      total
      totalSampleCount
      previousTotal
      points { start end label value sampleCount isPartial }
      previousPoints { start label value sampleCount }
    }
  }
}`

/** Needs CONVERSATIONS_READ. */
export const FACETS = `query ParleyFacets($fields: [ConversationFacetField!]!, $filter: ConversationFilter) {
  conversationFacets(fields: $fields, filter: $filter) { field topValues { key label conversationCount } }
}`

const ROW = `id externalId status channel title startedAt durationMs messageCount sentimentLabel endUserId
      agents { id name }
      messages(first: 3, types: [CHAT]) { nodes { ... on ChatMessage { role content } } }`

/** A page of the list, or what is between two cursors. Needs CONVERSATIONS_READ. */
export const CONVERSATIONS = `query ParleyConversations($first: Int!, $after: String, $before: String, $filter: ConversationFilter, $orderBy: ConversationOrder) {
  conversations(first: $first, after: $after, before: $before, filter: $filter, orderBy: $orderBy) {
    nodes {
      ${ROW}
    }
    pageInfo { startCursor endCursor hasNextPage }
  }
}`

/** Apart from the list, because counting can take longer. Needs CONVERSATIONS_READ. */
export const CONVERSATION_COUNT = `query ParleyConversationCount($filter: ConversationFilter) {
  conversations(first: 1, filter: $filter) { totalCount }
}`

const ENTRY = `__typename id sequence timestamp
        ... on ChatMessage { role authorName content language rating sentiment agent { name } attachments { name url mediaType } }
        ... on ToolCall { name input output error failed durationMs }
        ... on ConversationEvent { eventName: name payload }`

/** A conversation, and a page of its transcript. Needs CONVERSATIONS_READ. */
export const CONVERSATION = `query ParleyConversation($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  conversation(by: { id: $id }) {
    id externalId status channel title description startedAt endedAt durationMs messageCount endUserId outcome resolution
    sentiment sentimentLabel costUsd labels metadata
    agents { id name }
    messages(first: $first, after: $after, last: $last, before: $before) {
      nodes {
        ${ENTRY}
      }
      pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
    }
  }
}`

/** What changes, for all elements of a page. Needs CONVERSATIONS_READ. */
export const CHANGES = `subscription ParleyChanges($after: String) {
  conversationsChanged(after: $after) {
    resumeToken
    changes { kind conversationId conversation { status messageCount } }
  }
}`

/** All of them. */
export const COMPONENT_DOCUMENTS: readonly string[] = [
  VIEWER,
  SERIES,
  FACETS,
  CONVERSATIONS,
  CONVERSATION_COUNT,
  CONVERSATION,
  CHANGES,
]

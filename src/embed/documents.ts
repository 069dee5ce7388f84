/**
 * Everything that the components send: the documents that a token with `documents: COMPONENTS` may send. Each is built
 * for the compiled path, and has fields that one scope can read.
 */

import { CONVERSATION, CONVERSATION_COUNT, CONVERSATIONS } from './lists/documents.ts'

export { CONVERSATION, CONVERSATION_COUNT, CONVERSATIONS } from './lists/documents.ts'

/** Needs no scope. */
export const VIEWER = 'query ParleyViewer { viewer { scopes tenant { id name timeZone } } }'

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

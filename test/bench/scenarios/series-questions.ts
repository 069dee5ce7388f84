/** What is asked of series, and the straightforward SQL for the same: both for the largest tenant, by day. */

export const TENANT = 't000'

export interface SeriesQuestion {
  name: string
  /** Of the query below. */
  variables: Record<string, unknown>
  sql: { text: string; values: unknown[] }
}

export const SERIES = `query ($measures: [SeriesMeasure!]!, $range: TimeRange!, $timeZone: String, $filter: ConversationFilter) {
  conversationSeries(measures: $measures, range: $range, timeZone: $timeZone, filter: $filter) { lines { points { start value } } }
}`

/** A year, cut by no day of the zone. */
const RANGES = {
  UTC: { from: '2025-10-01T00:00:00Z', to: '2026-10-01T00:00:00Z' },
  'America/New_York': { from: '2025-10-01T04:00:00Z', to: '2026-10-01T04:00:00Z' },
}

const daily = (columns: string, from: string, where = 'true') => `
  SELECT date_trunc('day', c.started_at, $4) AS start, ${columns} FROM ${from}
  WHERE c.tenant_id = $1 AND c.started_at >= $2 AND c.started_at < $3 AND NOT c.is_test AND ${where} GROUP BY 1 ORDER BY 1`

const COUNT = 'count(*)::int AS a'
const MESSAGES = 'conversations c JOIN messages m ON m.tenant_id = c.tenant_id AND m.conversation_id = c.id'

/** As somebody writes it who knows the tables: from the index of metadata's values. */
const hasEntry = (path: string, value: string) => `c.id IN (
  SELECT e.conversation_id FROM conversation_metadata e WHERE e.tenant_id = $1 AND e.path = '${path}' AND e.value = '${value}')`

const year = (measures: string[], text: string, more: object = {}, timeZone: keyof typeof RANGES = 'UTC') => {
  const range = RANGES[timeZone]
  return {
    variables: { measures, range, timeZone, ...more },
    sql: { text, values: [TENANT, range.from, range.to, timeZone] },
  }
}

const filtered = (key: string, value: string) =>
  year(['CONVERSATIONS'], daily(COUNT, 'conversations c', hasEntry(`/${key}`, `s${value}`)), {
    filter: { metadata: [{ path: [key], eq: value }] },
  })

export const WHOLE: SeriesQuestion[] = [
  { name: 'conversations', ...year(['CONVERSATIONS'], daily(COUNT, 'conversations c')) },
  {
    name: 'conversations, in New York',
    ...year(['CONVERSATIONS'], daily(COUNT, 'conversations c'), {}, 'America/New_York'),
  },
  {
    name: 'user messages and their mean sentiment',
    ...year(['USER_MESSAGES', 'SENTIMENT_MEAN'], daily(`${COUNT}, avg(m.sentiment) AS b`, MESSAGES, `m.role = 'USER'`)),
  },
]

export const SELECTIVE: SeriesQuestion = { name: 'one customer of 5,000', ...filtered('customer', 'c3') }
export const COMMON: SeriesQuestion = { name: 'a plan that a quarter has', ...filtered('plan', 'pro') }

import { toBytes } from '../measure.ts'
import type { Parley } from '../systems/parley.ts'
import { PERIOD } from './data.ts'

/** The requests of one page, sent at the same time. */
export type Dashboard = Buffer[]

const DAY_MS = 86_400_000

const SERIES = `query ($range: TimeRange!) {
  conversationSeries(measures: [CONVERSATIONS, USER_MESSAGES, SENTIMENT_MEAN, COST_SUM], range: $range) {
    lines { measure total points { start value } }
  }
}`
const METRICS = `query ($range: TimeRange!) {
  conversationMetrics(range: $range, compareTo: PREVIOUS_PERIOD) {
    current { conversationCount botHandledRate deflectionRate escalationRate automationRate meanTurns }
    previous { conversationCount botHandledRate deflectionRate escalationRate automationRate meanTurns }
  }
}`
const LIST = `query ($range: TimeRange!, $plan: JSON!) {
  conversations(first: 20, filter: { startedAt: $range, metadata: [{ path: ["plan"], ne: $plan }] }) {
    nodes {
      id externalId status startedAt endUserId outcome sentiment messageCount metadata
      messages(first: 6) { nodes { __typename sequence timestamp ... on ChatMessage { role content } ... on ToolCall { name } } }
    }
    pageInfo { hasNextPage endCursor }
  }
}`

/** How many days a page covers. */
const RANGES = [7, 30, 90]

/**
 * Pages of one tenant, with a token of its own, as in a browser: of several ranges, each with series, metrics and a
 * list.
 */
export async function dashboardsOf(parley: Parley, tenantId: string): Promise<Dashboard[]> {
  const headers = { authorization: `Bearer ${await makeToken(parley, tenantId, 'page')}` }
  const request = (query: string, variables: object) =>
    toBytes(parley.origin, { path: '/graphql', headers, body: JSON.stringify({ query, variables }) })
  return RANGES.map((days) => {
    const range = { from: new Date(PERIOD.to - days * DAY_MS).toISOString(), to: new Date(PERIOD.to).toISOString() }
    return [request(SERIES, { range }), request(METRICS, { range }), request(LIST, { range, plan: 'free' })]
  })
}

/** Valid for longer than any run takes. */
export async function makeToken({ ask }: Parley, tenantId: string, subject: string, more = ''): Promise<string> {
  const input = `subject: "${subject}", expiresInSeconds: 86400, ${more}`
  const answer = await ask(tenantId, `mutation { createEmbedToken(input: { ${input} }) { token } }`)
  return JSON.parse(answer).data.createEmbedToken.token
}

import { expect, test } from 'vitest'
import { FACET_FIELDS } from '../../src/analytics/series-enums.graphql.ts'
import { randomFrom } from '../conversations/random.ts'
import { conversation, filter, toInput } from '../conversations/random-conversations.ts'
import { type Ask, startTestServer } from '../support/server.ts'

/** For any filter the numbers are those of the list, and of all its pages: of an export. */

const server = await startTestServer()

const RANGE = 'range: { from: "2025-12-30T00:00:00Z", to: "2026-01-03T00:00:00Z" }'
const SERIES = `measures: [CONVERSATIONS, MESSAGES], ${RANGE}, filter: $filter, includeTests: true`
const NUMBERS = `query ($filter: ConversationFilter, $fields: [ConversationFacetField!]!) {
  conversations(filter: $filter) { totalCount }
  whole: conversationSeries(interval: HOUR, ${SERIES}) { ...Points }
  groups: conversationSeries(interval: DAY, ${SERIES}, groupBy: { dimension: CHANNEL, first: 2 }) { ...Points }
  conversationMetrics(${RANGE}, filter: $filter, includeTests: true) { current { conversationCount } }
  intentMetrics(${RANGE}, filter: $filter, includeTests: true, first: 2) { conversationCount }
  endUsers(first: 100, filter: $filter, includeTests: true) { edges { conversationCount messageCount } }
  conversationFacets(fields: $fields, filter: $filter, topValues: 100) { field topValues { key conversationCount } }
}
fragment Points on ConversationSeries { lines { measure points { value } } }`

const PAGE = `query ($filter: ConversationFilter, $after: String) {
  conversations(first: 13, after: $after, filter: $filter) {
    nodes { id endUserId messageCount } pageInfo { hasNextPage endCursor }
  }
}`

interface Row {
  id: string
  endUserId: string | null
  messageCount: number
}

/** Page after page to the end, as one who exports. */
async function readAll(ask: Ask, filter: object): Promise<Row[]> {
  const rows: Row[] = []
  for (let after: string | null = null; ; ) {
    const { data, errors } = await ask(PAGE, { filter, after })
    expect(errors).toBeUndefined()
    rows.push(...data.conversations.nodes)
    if (!data.conversations.pageInfo.hasNextPage) return rows
    after = data.conversations.pageInfo.endCursor
  }
}

/** For each field of facets, the condition that selects a value. */
const SELECTED_BY: Record<string, (key: string) => object> = {
  AGENT: (id) => ({ agents: [{ id }] }),
  STATUS: (key) => ({ statuses: [key] }),
  CHANNEL: (key) => ({ channels: [key] }),
  DIRECTION: (key) => ({ directions: [key] }),
  CAMPAIGN: (key) => ({ campaigns: [key] }),
  END_USER: (key) => ({ endUserIds: [key] }),
  COMPANY_NAME: (key) => ({ companyNames: [key] }),
  MODEL: (key) => ({ models: [key] }),
  END_REASON: (key) => ({ endReasons: [key] }),
  OUTCOME: (key) => ({ outcomes: [key] }),
  RESOLUTION: (key) => ({ resolutions: [key] }),
  LANGUAGE: (key) => ({ languages: [key] }),
  LABEL: (key) => ({ labels: [key] }),
  TOOL_NAME: (key) => ({ toolNames: [key] }),
  EVENT_NAME: (key) => ({ eventNames: [key] }),
  ANALYSIS_TAG: (key) => ({ analysisTags: [key] }),
}

interface Facet {
  field: string
  topValues: { key: string; conversationCount: number }[]
}

/** What a facet says of each of its values, and what the list with that value counts. */
async function compareFacet(ask: Ask, filter: object, { field, topValues }: Facet) {
  const filters = topValues.map(({ key }) => ({ and: [filter, SELECTED_BY[field]?.(key)] }))
  const variables = filters.map((_, i) => `$f${i}: ConversationFilter`).join(', ')
  const counts = filters.map((_, i) => `v${i}: conversations(filter: $f${i}) { totalCount }`).join(' ')
  if (filters.length === 0) return
  const { data, errors } = await ask(
    `query (${variables}) { ${counts} }`,
    Object.fromEntries(filters.map((one, i) => [`f${i}`, one])),
  )
  expect(errors).toBeUndefined()
  expect(topValues.map(({ conversationCount }) => conversationCount)).toEqual(
    filters.map((_, i) => data[`v${i}`].totalCount),
  )
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, number) => all + number, 0)

interface Series {
  lines: { measure: string; points: { value: number }[] }[]
}

const sumOf = (measure: string, { lines }: Series) =>
  sum(lines.filter((line) => line.measure === measure).flatMap(({ points }) => points.map(({ value }) => value)))

const LOG = `mutation ($inputs: [LogConversationInput!]!) { logConversations(input: { conversations: $inputs }) { results { error { message } } } }`
const CONVERSATIONS = 50

test('series, groups, key figures, intents, end users, count and export agree for 20 random filters', {
  timeout: 120_000,
}, async () => {
  const random = randomFrom(20_261_125)
  const { ask } = await server.newTenant()
  const inputs = Array.from({ length: CONVERSATIONS }, (_, i) => toInput(conversation(random, i)))
  expect((await ask(LOG, { inputs })).data.logConversations.results).toEqual(inputs.map(() => ({ error: null })))
  const agents = await ask('{ agents { nodes { id externalId } } }')
  const idOf = Object.fromEntries(
    agents.data.agents.nodes.map(({ id, externalId }: Record<'id' | 'externalId', string>) => [externalId, id]),
  )
  let compared = 0
  for (let i = 0; compared < 20; i += 1) {
    const wanted = JSON.parse(JSON.stringify(filter(random)), (key, value) => (key === 'id' ? idOf[value] : value))
    const { data, errors } = await ask(NUMBERS, { filter: wanted, fields: Object.keys(SELECTED_BY) })
    expect(errors).toBeUndefined()
    const { totalCount } = data.conversations
    // The comparison says little where nothing or everything fits.
    if (i > 10 && (totalCount === 0 || totalCount === CONVERSATIONS)) continue
    compared += 1
    const rows = await readAll(ask, wanted)
    const users: { conversationCount: number; messageCount: number }[] = data.endUsers.edges
    const known = rows.filter(({ endUserId }) => endUserId !== null)
    const messages = sum(rows.map(({ messageCount }) => messageCount))
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
    expect(
      {
        list: totalCount,
        series: [sumOf('CONVERSATIONS', data.whole), sumOf('MESSAGES', data.whole)],
        groups: [sumOf('CONVERSATIONS', data.groups), sumOf('MESSAGES', data.groups)],
        metrics: data.conversationMetrics.current.conversationCount,
        intents: sum(
          data.intentMetrics.map(({ conversationCount }: { conversationCount: number }) => conversationCount),
        ),
        users: [sum(users.map((user) => user.conversationCount)), sum(users.map((user) => user.messageCount))],
      },
      `filter ${i}: ${JSON.stringify(wanted)}`,
    ).toEqual({
      ...{ list: rows.length, metrics: rows.length, intents: rows.length },
      ...{ series: [rows.length, messages], groups: [rows.length, messages] },
      users: [known.length, sum(known.map(({ messageCount }) => messageCount))],
    })
    const facets: Facet[] = data.conversationFacets
    expect(facets.map(({ field }) => field)).toEqual(Object.keys(SELECTED_BY))
    expect(sum(facets[1]?.topValues.map(({ conversationCount }) => conversationCount) ?? [])).toBe(totalCount)
    // Two of them for each filter, and all over the run.
    for (const place of [compared * 2, compared * 2 + 1])
      await compareFacet(ask, wanted, facets[place % facets.length] as Facet)
  }
  expect(Object.keys(SELECTED_BY)).toEqual(Object.keys(FACET_FIELDS))
})

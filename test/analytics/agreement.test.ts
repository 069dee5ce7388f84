import { expect, test } from 'vitest'
import { randomFrom } from '../conversations/random.ts'
import { conversation, filter, toInput } from '../conversations/random-conversations.ts'
import { type Ask, startTestServer } from '../support/server.ts'

/** For any filter the numbers are those of the list, and of all its pages: of an export. */

const server = await startTestServer()

const RANGE = 'range: { from: "2025-12-30T00:00:00Z", to: "2026-01-03T00:00:00Z" }'
const SERIES = `measures: [CONVERSATIONS, MESSAGES], ${RANGE}, filter: $filter, includeTests: true`
const NUMBERS = `query ($filter: ConversationFilter) {
  conversations(filter: $filter) { totalCount }
  whole: conversationSeries(interval: HOUR, ${SERIES}) { ...Points }
  groups: conversationSeries(interval: DAY, ${SERIES}, groupBy: { dimension: CHANNEL, first: 2 }) { ...Points }
  conversationMetrics(${RANGE}, filter: $filter, includeTests: true) { current { conversationCount } }
  intentMetrics(${RANGE}, filter: $filter, includeTests: true, first: 2) { conversationCount }
  endUsers(first: 100, filter: $filter, includeTests: true) { edges { conversationCount messageCount } }
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
    const { data, errors } = await ask(NUMBERS, { filter: wanted })
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
  }
})

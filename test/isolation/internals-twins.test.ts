import PQueue from 'p-queue'
import { expect, test } from 'vitest'
import { MEASURES, type MeasureName, measure } from '../../src/analytics/measures.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { isRead, requestsOf } from './attack.ts'
import { isAccountField } from './cases.ts'
import { must, plantAttacker, type Tenant } from './plant.ts'
import { send } from './send.ts'

/**
 * To whoever lacks INTERNALS_READ, a tenant with internals answers everything as its twin without them. What is new in the
 * schema is asked for by itself (cases.ts).
 */

const at = (time: string) => ({ timestamp: `2024-02-10T${time}.000Z` })

/**
 * All that a system message can say, none of which may be seen, found or counted. What a conversation used is said as a
 * whole: its tokens, its cost, and when its last entry came are those of all entries, so here they are the same.
 */
const SYSTEM = {
  ...{ role: 'SYSTEM', content: 'a secret rule', intent: { name: 'a hidden intent', meaningful: true } },
  reply: { name: 'a hidden reply' },
  ...{
    language: 'is',
    rating: -1,
    sentiment: -0.9,
    understood: false,
    latencyMs: 99_000,
    participantId: 'operator',
    tokenCount: 0,
  },
}
const INTERNAL_EVENT = { name: 'a hidden event', visibility: 'INTERNAL', payload: { secret: true } }
const HIDDEN_OF_TOOL = {
  input: { secret: 1 },
  output: ['a secret'],
  thought: 'a secret thought',
  metadata: { a: 'secret' },
}

/** A conversation of every kind of entry, with or without what is internal. */
function conversation(hasInternals: boolean, externalId: string) {
  const internal = (entry: object) => (hasInternals ? [entry] : [])
  return {
    externalId,
    agents: [{ externalId: 'own-agent' }],
    ...{ startedAt: at('10:00:00').timestamp, endedAt: at('11:00:00').timestamp, endUserId: 'twin' },
    messages: [
      ...internal({ chat: { ...SYSTEM, ...at('10:00:00') } }),
      ...internal({ event: { ...INTERNAL_EVENT, ...at('10:00:30') } }),
      { chat: { role: 'USER', content: 'Hello', intent: { name: 'greeting' }, rating: 1, ...at('10:01:00') } },
      ...internal({ chat: { ...SYSTEM, ...at('10:02:00') } }),
      {
        tool: {
          name: 'look',
          error: hasInternals ? 'a secret error' : 'error',
          ...at('10:03:00'),
          ...(hasInternals ? HIDDEN_OF_TOOL : {}),
        },
      },
      { event: { name: 'opened', ...at('10:04:00') } },
      { chat: { role: 'ASSISTANT', content: 'Hi', sentiment: 0.5, language: 'en', ...at('10:05:00') } },
      ...internal({ chat: { ...SYSTEM, ...at('10:05:00') } }),
      ...internal({ event: { ...INTERNAL_EVENT, ...at('10:05:00') } }),
      ...internal({ event: { ...INTERNAL_EVENT, name: 'STT_FINAL', ...at('10:05:00') } }),
      ...internal({ event: { ...INTERNAL_EVENT, name: 'TTS_STREAM', ...at('10:05:00') } }),
    ],
  }
}

interface Twin extends Tenant {
  /** Of a key that lacks INTERNALS_READ. */
  reader: string
}

async function plantTwin(server: TestServer, hasInternals: boolean): Promise<Twin> {
  const tenant = await plantAttacker(server)
  const LOG = 'mutation ($input: LogConversationInput!) { logConversation(input: $input) { created } }'
  for (const name of ['first', 'second']) await must(tenant.ask, LOG, { input: conversation(hasInternals, name) })
  const UPDATE = 'mutation ($input: UpdateAgentInput!) { updateAgent(input: $input) { agent { id } } }'
  await must(tenant.ask, UPDATE, {
    input: { by: { id: tenant.agentId }, systemPrompt: hasInternals ? 'a secret prompt' : 'none' },
  })
  const { secret } = await server.newKey({
    scopes: ['CONVERSATIONS_READ', 'ANALYTICS_READ'],
    tenantId: tenant.tenantId,
  })
  return { ...tenant, reader: secret }
}

/** Conditions that what is internal fits, and nothing else. */
const INTERNAL_FILTERS: object[] = [
  { search: 'secret' },
  { eventNames: ['a hidden event'] },
  { intents: ['a hidden intent'] },
  { ratings: [-1] },
  { messageCount: { gte: 5 } },
]

interface Asked {
  name: string
  document: { query: string; variables: Record<string, unknown> }
}

const FITTING = `query ($filter: ConversationFilter) {
  conversations(filter: $filter, orderBy: { field: MESSAGE_COUNT }) {
    totalCount
    nodes {
      externalId firstMeaningfulIntent(exclude: ["greeting"]) { name } chats: messages(types: [CHAT]) { totalCount }
      first: messages(first: 1) { pageInfo { hasNextPage } nodes { __typename } }
      last: messages(last: 1) { pageInfo { hasPreviousPage } nodes { __typename } }
    }
  }
}`

const EVERY_MEASURE: Asked = {
  name: 'every measure',
  document: {
    query: `query ($measures: [SeriesMeasure!]!, $range: TimeRange) {
      conversationSeries(measures: $measures, interval: MONTH, range: $range) { lines { measure total points { value } } }
    }`,
    variables: {
      measures: Object.keys(MEASURES).filter((name) => !measure(name as MeasureName).internal),
      range: { from: '2024-01-01T00:00:00Z', to: '2024-06-01T00:00:00Z' },
    },
  },
}

/** Everything that can be read, once, and each of the numbers by each of the groups; and the filters that internals fit. */
const readsOf = (twin: Twin): Asked[] => [
  ...requestsOf({ other: twin, own: twin }).filter(
    ({ name, field, isFirst, document: { variables } }) =>
      isRead(field) &&
      !isAccountField(field) &&
      (isFirst || 'groupBy' in variables || typeof variables['by'] === 'string') &&
      // By cursors, a page begins at a place, and internal entries have places, too.
      !name.startsWith('Query.conversations >'),
  ),
  EVERY_MEASURE,
  ...INTERNAL_FILTERS.flatMap((filter) => [filter, { not: filter }]).map((filter) => ({
    name: `which fit ${JSON.stringify(filter)}`,
    document: { query: FITTING, variables: { filter } },
  })),
]

const server = await startTestServer({ maxQueryCost: 5_000_000 })
const twins = [await plantTwin(server, true), await plantTwin(server, false)] as const

test('without INTERNALS_READ, a tenant with internals answers every read as its twin without', {
  timeout: 60_000,
}, async () => {
  const [reads, othersReads] = [readsOf(twins[0]), readsOf(twins[1])]
  // A few at a time: of too many at once, some would be refused.
  const queue = new PQueue({ concurrency: 8 })
  const compared = await queue.addAll(
    reads.map((asked, i) => async () => {
      const [one, other] = [await answerTo(twins[0], asked), await answerTo(twins[1], othersReads[i] ?? asked)]
      return one === other ? [] : { name: asked.name, ...firstDifference(one, other) }
    }),
  )
  expect(compared.flat()).toEqual([])
})

test('with it, both answer otherwise', async () => {
  const [one, other] = twins
  for (const filter of INTERNAL_FILTERS) {
    const counts = [one, other].map(async ({ ask }) => (await ask(FITTING, { filter })).data.conversations.totalCount)
    const [count = 0, otherCount = 0] = await Promise.all(counts)
    expect(count, JSON.stringify(filter)).toBe(otherCount + 2)
  }
})

async function answerTo(twin: Twin, { document }: Asked): Promise<string> {
  const { text } = await send(server, { key: twin.reader }, document)
  return withoutIdentity(text, twin)
}

/** What differs between any two tenants, and the places of messages, which internal ones take up, too. */
function withoutIdentity(text: string, { tenantId }: Twin): string {
  const ids = new Map<string, string>()
  return text
    .replaceAll(tenantId, 'tenant')
    .replace(/"(\w*[cC]ursor|resumeToken)":("[^"]*"|\[.*?\])/g, '"$1":""')
    .replace(/"(sequence|lastSequence)":-?\d+/g, '"$1":0')
    .replace(
      /\b[a-z]+_[0-9a-hjkmnp-tv-z]{26}\b/g,
      (id) => ids.get(id) ?? (ids.set(id, `id-${ids.size}`).get(id) as string),
    )
    .replace(/20(2[5-9]|3\d)-\d\d-\d\dT[\d:.]+Z/g, 'now')
}

function firstDifference(one: string, other: string) {
  const i = [...one].findIndex((character, index) => character !== other[index])
  return { one: one.slice(Math.max(0, i - 120), i + 80), other: other.slice(Math.max(0, i - 120), i + 80) }
}

import type { Attack, Attacker } from './attacks.ts'
import { queryBody, withCredential } from './credentials.ts'
import { PERIOD } from './data.ts'
import { type Candidate, describe, heaviestOf } from './heaviest.ts'

/** Words that are in most transcripts of the data. */
const WORDS = [
  'order',
  'about',
  'your',
  'look',
  'moment',
  'anything',
  'welcome',
  'else',
  'hello',
  'this',
  'that',
  'will',
  'take',
  'only',
]

/**
 * This many terms, some as alternatives, whose `or` counts as a term. Words that all transcripts have are excluded at the end, so that
 * no page fills up early.
 */
const searchOf = (terms: number) =>
  [
    ...Array.from({ length: terms - 1 }, (_, i) => `${WORDS[i % WORDS.length]}${i % 3 === 1 ? ' or' : ''}`),
    '-moment',
  ].join(' ')

/** Match everything or nothing, and no index tells which. */
const conditionsOf = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ path: ['shop', `key${i % 30}`], ne: `value ${i}` }))

const RANGE = { from: new Date(PERIOD.from).toISOString(), to: new Date(PERIOD.to).toISOString() }

/** What is queried, with a filter in it: the root field without its alias. */
const FIELDS: Record<string, string> = {
  list: 'conversations(first: 100, filter: $filter) { nodes { id } }',
  'metadata keys': 'metadataKeys(first: 100, filter: $filter) { path valueCount topValues { value } }',
  'end users': 'endUsers(first: 100, range: $range, filter: $filter) { edges { meanSentiment node { endUserId } } }',
  'percentiles by customer': `conversationSeries(measures: [LATENCY_P95, NEW_END_USERS, END_USERS], interval: WEEK, range: $range,
    filter: $filter, groupBy: { metadataPath: ["customer"], first: 10 }) { lines { total } }`,
  intents: 'intentMetrics(first: 100, range: $range, filter: $filter) { intent meanSentiment }',
  tools: 'toolMetrics(first: 100, range: $range, filter: $filter) { name p95DurationMs }',
}

const VARIABLES = '$filter: ConversationFilter, $range: TimeRange'

function candidate(field: string, roots: number, filterName: string, filter: object): Candidate {
  const text = FIELDS[field] ?? ''
  const usesRange = text.includes('$range')
  const variables = usesRange ? VARIABLES : '$filter: ConversationFilter'
  const fields = Array.from({ length: roots }, (_, i) => `a${i}: ${text}`).join('\n')
  return {
    name: `${roots} × ${field}, ${filterName}`,
    body: queryBody(`query (${variables}) { ${fields} }`, { filter, ...(usesRange ? { range: RANGE } : {}) }),
  }
}

function candidates(): Candidate[] {
  const filters: [string, object][] = [
    ['search of 32 terms', { search: searchOf(24) }],
    ['search of 8 terms and 40 conditions', { search: searchOf(8), metadata: conditionsOf(40) }],
    ['98 conditions', { metadata: conditionsOf(98) }],
    ['no search of 32 terms', { not: { search: searchOf(24) } }],
    ['eight searches', { and: Array.from({ length: 8 }, (_, i) => ({ search: `${WORDS[i]} -moment` })) }],
    [
      'lists of 500',
      {
        or: ['endUserIds', 'externalIds', 'campaigns', 'models', 'labels', 'toolNames', 'intents'].map((name) => ({
          not: { [name]: Array.from({ length: 500 }, (_, i) => `value ${i}`) },
        })),
      },
    ],
  ]
  const fields = [50, 10, 1].flatMap((roots) =>
    Object.keys(FIELDS).flatMap((field) => filters.map(([name, filter]) => candidate(field, roots, name, filter))),
  )
  // Filters that would stop a server without limits.
  const former: [string, object][] = [
    ['3,300 × "a ', { search: '"a '.repeat(3_300) }],
    ['contains with 20,000 objects', { metadata: [{ path: ['shop'], contains: Array(20_000).fill({}) }] }],
  ]
  return [...former.map(([name, filter]) => candidate('list', 1, name, filter)), ...fields]
}

/** The heaviest of many filters, on 64 connections. */
export async function heaviestSearches({ parley, tokens, keys }: Attacker): Promise<Attack> {
  const heaviest = await heaviestOf(parley, tokens[0] ?? '', candidates())
  const credentials = [...tokens, ...keys]
  const requests = heaviest.flatMap(({ body }) =>
    credentials.map((credential) => withCredential(parley, credential, body)),
  )
  return {
    name: 'searches',
    what: ['64 connections, tokens and keys, in turn:', ...describe(heaviest)],
    lanes: [{ does: 'ASK', requests, connections: 64, perSecond: 1_000 }],
  }
}

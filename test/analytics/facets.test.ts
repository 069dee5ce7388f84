import { expect, test } from 'vitest'
import { fitting, log } from '../conversations/conversations.ts'
import { newToken } from '../credentials/embed-tokens/tokens.ts'
import { type Ask, codes, startTestServer, TENANT_SCOPES } from '../support/server.ts'

const server = await startTestServer()

const FACETS = `query ($fields: [ConversationFacetField!]!, $filter: ConversationFilter, $topValues: Int) {
  conversationFacets(fields: $fields, filter: $filter, topValues: $topValues) {
    field topValues { key label conversationCount }
  }
}`

/** By field, how often each label occurs, in order. */
async function facetsOf(ask: Ask, fields: string[], more: object = {}): Promise<Record<string, [string, number][]>> {
  const { data, errors } = await ask(FACETS, { fields, ...more })
  expect(errors).toBeUndefined()
  const facets: { field: string; topValues: { label: string; conversationCount: number }[] }[] = data.conversationFacets
  return Object.fromEntries(
    facets.map(({ field, topValues }) => [
      field,
      topValues.map(({ label, conversationCount }) => [label, conversationCount]),
    ]),
  )
}

const { ask, id: tenantId } = await server.newTenant()
const event = (name: string, visibility = 'PUBLIC') => ({ event: { name, visibility } })
const BOTH = { agents: [{ externalId: 'sales' }, { externalId: 'support' }] }
for (const name of ['Sales', 'Support'])
  await ask('mutation ($input: UpsertAgentInput!) { upsertAgent(input: $input) { agent { id } } }', {
    input: { externalId: name.toLowerCase(), name },
  })
await log(ask, {
  ...{
    externalId: 'one',
    status: 'ACTIVE',
    channel: 'CHAT',
    companyName: 'Acme',
    endUserId: 'ann',
    labels: ['a', 'b'],
  },
  ...{ ...BOTH, analysis: { tags: ['late', 'late', 'refund'] }, language: 'en' },
  messages: [event('opened'), event('opened'), event('traced', 'INTERNAL'), { tool: { name: 'look' } }],
})
await log(ask, {
  ...{ externalId: 'two', channel: 'CHAT', companyName: 'Bolt', endUserId: 'ben', labels: ['b'], model: 'large' },
  ...{ agents: [{ externalId: 'support' }], analysis: { tags: null }, isTest: true, campaign: 'spring' },
  messages: [event('closed'), event('opened')],
})
await log(ask, {
  externalId: 'three',
  channel: 'EMAIL',
  companyName: 'Acme',
  labels: ['c'],
  analysis: { tags: ['late'] },
})
await log((await server.newTenant()).ask, { channel: 'VOICE', labels: ['of another tenant'], companyName: 'Acme' })

test('each value comes with its number of conversations, the most frequent first, then by code point', async () => {
  const fields = ['LABEL', 'CAMPAIGN', 'MODEL', 'AGENT', 'TOOL_NAME', 'EVENT_NAME', 'LANGUAGE', 'CHANNEL', 'STATUS']
  expect(await facetsOf(ask, [...fields, 'ANALYSIS_TAG', 'COMPANY_NAME', 'END_USER', 'OUTCOME'])).toEqual({
    LABEL: [
      ['b', 2],
      ['a', 1],
      ['c', 1],
    ],
    CAMPAIGN: [['spring', 1]],
    MODEL: [['large', 1]],
    AGENT: [
      ['Support', 2],
      ['Sales', 1],
    ],
    TOOL_NAME: [['look', 1]],
    EVENT_NAME: [
      ['opened', 2],
      ['closed', 1],
      ['traced', 1],
    ],
    LANGUAGE: [['en', 1]],
    CHANNEL: [
      ['CHAT', 2],
      ['EMAIL', 1],
    ],
    STATUS: [
      ['COMPLETED', 2],
      ['ACTIVE', 1],
    ],
    ANALYSIS_TAG: [
      ['late', 2],
      ['refund', 1],
    ],
    COMPANY_NAME: [
      ['Acme', 2],
      ['Bolt', 1],
    ],
    END_USER: [
      ['ann', 1],
      ['ben', 1],
    ],
    OUTCOME: [],
  })
})

test('the key of an agent is its id, with which a filter finds its conversations', async () => {
  const { data } = await ask(FACETS, { fields: ['AGENT'] })
  const [{ key }] = data.conversationFacets[0].topValues
  expect(key).toMatch(/^agent_/)
  expect(await fitting(ask, { agents: [{ id: key }] })).toEqual(['one', 'two'])
})

test('the filter applies as a whole, and so to the field itself', async () => {
  expect(await facetsOf(ask, ['LABEL', 'CHANNEL'], { filter: { labels: ['a'] } })).toEqual({
    LABEL: [
      ['a', 1],
      ['b', 1],
    ],
    CHANNEL: [['CHAT', 1]],
  })
  expect(await facetsOf(ask, ['CHANNEL'], { filter: { isTest: false, channels: ['CHAT'] } })).toEqual({
    CHANNEL: [['CHAT', 1]],
  })
})

test('as many values as asked for, of each field; a field that is named twice comes once', async () => {
  expect(await facetsOf(ask, ['LABEL', 'CHANNEL', 'LABEL'], { topValues: 1 })).toEqual({
    LABEL: [['b', 2]],
    CHANNEL: [['CHAT', 2]],
  })
  const { data } = await ask(FACETS, { fields: ['CHANNEL', 'LABEL', 'CHANNEL'] })
  expect(data.conversationFacets.map(({ field }: { field: string }) => field)).toEqual(['CHANNEL', 'LABEL'])
})

test('no fields, or too few or too many values, are refused with their place', async () => {
  for (const [variables, path] of [
    [{ fields: [] }, 'fields'],
    [{ fields: ['LABEL'], topValues: 0 }, 'topValues'],
    [{ fields: ['LABEL'], topValues: 101 }, 'topValues'],
  ] as const) {
    const { errors } = await ask(FACETS, variables)
    expect(errors?.map(({ extensions }) => [extensions.code, extensions['inputPath']])).toEqual([
      ['BAD_USER_INPUT', path],
    ])
  }
  // No filter selects these.
  for (const field of ['FIRST_INTENT', 'MESSAGE_LANGUAGE'])
    expect(codes(await ask(FACETS, { fields: [field] }))).not.toEqual([])
})

test('without INTERNALS_READ, internal events are no values', async () => {
  const scopes = TENANT_SCOPES.filter((scope) => scope !== 'INTERNALS_READ')
  const reader = server.as({ key: (await server.newKey({ scopes, tenantId })).secret })
  const visible: [string, number][] = [
    ['opened', 2],
    ['closed', 1],
  ]
  expect(await facetsOf(reader, ['EVENT_NAME'])).toEqual({ EVENT_NAME: visible })
  const SERIES = `{ conversationSeries(measures: [CONVERSATIONS], includeTests: true, groupBy: { dimension: EVENT_NAME }) {
    lines { group { label } total } } }`
  const linesOf = async (ask: Ask) =>
    (await ask(SERIES)).data.conversationSeries.lines.map(
      ({ group, total }: { group: { label: string }; total: number }) => [group.label, total],
    )
  expect(await linesOf(reader)).toEqual([...visible, ['None', 1]])
  expect(await linesOf(ask)).toEqual([...visible, ['traced', 1], ['None', 1]])
})

test('a restricted token gets values of its own conversations only, and no other agents', async () => {
  const scopes = ['CONVERSATIONS_READ']
  const ofAgent = server.as({ key: await newToken(ask, { scopes, agents: [{ externalId: 'sales' }] }) })
  expect(await facetsOf(ofAgent, ['AGENT', 'LABEL', 'END_USER'])).toEqual({
    AGENT: [['Sales', 1]],
    LABEL: [
      ['a', 1],
      ['b', 1],
    ],
    END_USER: [['ann', 1]],
  })
  const ofUser = server.as({ key: await newToken(ask, { scopes, endUserIds: ['ben'] }) })
  expect(await facetsOf(ofUser, ['END_USER', 'COMPANY_NAME', 'EVENT_NAME', 'ANALYSIS_TAG'])).toEqual({
    END_USER: [['ben', 1]],
    COMPANY_NAME: [['Bolt', 1]],
    EVENT_NAME: [
      ['closed', 1],
      ['opened', 1],
    ],
    ANALYSIS_TAG: [],
  })
})

test('all facets take one statement, and one more for the names of agents', async () => {
  const statementsOf = async (fields: string[]) => {
    server.statements()
    await facetsOf(ask, fields)
    return server.statements().filter((sql) => /\bFROM (conversations|agents)\b/.test(sql)).length
  }
  expect(await statementsOf(['LABEL', 'STATUS', 'EVENT_NAME'])).toBe(1)
  expect(await statementsOf(['LABEL', 'STATUS', 'EVENT_NAME', 'AGENT'])).toBe(2)
})

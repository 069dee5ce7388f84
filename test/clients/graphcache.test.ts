import { type AnyVariables, Client, fetchExchange } from '@urql/core'
import { cacheExchange } from '@urql/exchange-graphcache'
import {
  type GraphQLField,
  type GraphQLObjectType,
  getNamedType,
  introspectionFromSchema,
  isAbstractType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'
import { afterEach, beforeEach, expect, type MockInstance, test, vi } from 'vitest'
import { keys } from '../../clients/graphcache.ts'
import { schema } from '../../src/schema/schema.ts'
import { startTestServer } from '../support/server.ts'
import { recordingFetch } from './recorded-requests.ts'

/** urql with its normalised cache, as an app sets it up with the files that are made from the schema. */

const server = await startTestServer()
const url = `${await server.listen()}/graphql`
const tenant = await server.newTenant()

function connect(headers: Record<string, string>) {
  const cache = cacheExchange({ keys, schema: introspectionFromSchema(schema) } as Parameters<typeof cacheExchange>[0])
  const recorded = recordingFetch()
  const options = { preferGetMethod: false, fetch: recorded.fetch, fetchOptions: { headers } } as const
  const client = new Client({ url, exchanges: [cache, fetchExchange], ...options })
  // biome-ignore lint/suspicious/noExplicitAny: answers have the shape that the test's own document asked for
  const query = async (document: string, variables: AnyVariables = {}): Promise<any> => {
    const { data, error } = await client.query(document, variables).toPromise()
    expect(error?.message).toBeUndefined()
    return data
  }
  return { client, query, sent: recorded.sent }
}

let warned: MockInstance[]
beforeEach(() => {
  warned = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')]
})
afterEach(() => {
  expect(warned.flatMap(({ mock }) => mock.calls)).toEqual([])
  vi.restoreAllMocks()
})

const LOG = 'mutation ($input: LogConversationInput!) { logConversation(input: $input) { conversation { id } } }'

async function log(externalId: string): Promise<string> {
  const messages = [
    { chat: { role: 'USER', content: 'Hello', intent: { name: 'greeting' } } },
    { tool: { name: 'find' } },
    { event: { name: 'handover' } },
  ]
  const input = { externalId, endUserId: 'ada', metadata: { plan: 'pro' }, agents: [{ externalId: 'bot' }], messages }
  const { data } = await tenant.ask(LOG, { input })
  return data.logConversation.conversation.id
}

type Field = GraphQLField<unknown, unknown>

/** What a query needs to be told. Fields with other required arguments are left out. */
const REQUIRED: Record<string, (id: string) => string> = {
  'Query.tenant': () => `(id: "${tenant.id}")`,
  'Query.apiKey': () => `(id: "${tenant.keyId}")`,
  'Query.agent': () => '(by: { externalId: "bot" })',
  'Query.conversation': (id) => `(by: { id: "${id}" })`,
  'Query.node': (id) => `(id: "${id}")`,
  'Query.nodes': (id) => `(ids: ["${id}", "${tenant.keyId}"])`,
  'Query.conversationSeries': () => '(measures: [CONVERSATIONS, RATING_MEAN], interval: DAY)',
  'Query.conversationFacets': () => '(fields: [LABEL, AGENT])',
}

/** Deep enough for the intents of the messages of a conversation. */
const MAX_DEPTH = 4

/** A field with everything below it that needs no other arguments, but without types inside themselves. */
function whole(type: GraphQLObjectType, field: Field, id: string, above: readonly GraphQLObjectType[] = []): string {
  const given = REQUIRED[`${type.name}.${field.name}`]?.(id)
  if (given === undefined && field.args.some(isRequiredArgument)) return ''
  const args = given ?? (field.args.some(({ name }) => name === 'after') ? '(first: 2)' : '')
  const named = getNamedType(field.type)
  if (isLeafType(named)) return `${field.name}${args}`
  if (above.length === MAX_DEPTH) return ''
  const inside = (one: GraphQLObjectType, fields: readonly Field[]) =>
    one === type || above.includes(one) ? [] : fields.map((inner) => whole(one, inner, id, [...above, type]))
  if (isObjectType(named)) {
    const key = named.getFields()['id'] ? 'id' : ''
    // Below the root, the edges of a list would say again what its nodes say.
    const fields = Object.values(named.getFields()).filter(
      ({ name }) => above.length === 0 || name !== 'edges' || !named.getFields()['nodes'],
    )
    return `${field.name}${args} { __typename ${key} ${inside(named, fields).join(' ')} }`
  }
  // Only what has keys of its own, and under a name of its own: fields of the same name may differ.
  const types = isAbstractType(named) ? schema.getPossibleTypes(named) : []
  const ofTypes = types.map((one) => {
    const objects = Object.values(one.getFields()).filter((inner) => !isLeafType(getNamedType(inner.type)))
    const selected = inside(one, objects).map((text, i) => text && `${one.name}_${i}: ${text}`)
    return `... on ${one.name} { id ${selected.join(' ')} }`
  })
  return `${field.name}${args} { __typename ${ofTypes.join(' ')} }`
}

test('graphcache warns of nothing, whatever is read', async () => {
  const id = await log('everything')
  const { query } = connect({ authorization: `Bearer ${server.adminKey}`, 'x-tenant-id': tenant.id })
  const seen = new Set<string>()
  const root = schema.getQueryType()
  for (const field of Object.values(root?.getFields() ?? {})) {
    const data = await query(`{ ${root ? whole(root, field, id) : ''} }`)
    JSON.stringify(data, (key, value) => (key === '__typename' ? seen.add(value) : value))
  }
  for (const type of ['AuditActor', 'Intent', 'ToolCall', 'EndUserEdge', 'SeriesPoint', 'Limits', 'MetadataKey']) {
    expect(seen).toContain(type)
  }
})

const NODES = 'nodes { id externalId outcome } pageInfo { endCursor hasNextPage }'
const EDGES = 'edges { cursor node { id externalId outcome } } pageInfo { endCursor hasNextPage }'
const listOf = (selected: string) => `query ($first: Int, $after: String, $filter: ConversationFilter) {
  conversations(first: $first, after: $after, filter: $filter) { ${selected} } }`
const OUTCOME = `mutation ($input: UpdateConversationInput!) {
  updateConversation(input: $input) { conversation { id outcome } } }`

/** Conversations of this test's own, and the filter that finds them. */
async function logListed(test: string, count: number) {
  const externalIds = Array.from({ length: count }, (_, i) => `${test}-${i + 1}`)
  const ids: string[] = []
  for (const externalId of externalIds) ids.push(await log(externalId))
  return { ids, filter: { externalIds } }
}

test('each page is cached by its arguments, and a mutation changes what it shows', async () => {
  const { ids, filter } = await logListed('paged', 5)
  const { client, query, sent } = connect({ authorization: `Bearer ${tenant.key}` })
  const idsOf = ({ nodes, edges }: { nodes?: { id: string }[]; edges?: { node: { id: string } }[] }) =>
    (nodes ?? edges?.map(({ node }) => node))?.map(({ id }) => id)
  for (const selected of [NODES, EDGES]) {
    const page = async (after: string | null) =>
      (await query(listOf(selected), { first: 2, filter, after })).conversations
    const first = await page(null)
    const second = await page(first.pageInfo.endCursor)
    const third = await page(second.pageInfo.endCursor)
    expect([first, second, third].flatMap(idsOf)).toEqual(ids.toReversed())
    expect([second, third].map(({ pageInfo }) => pageInfo.hasNextPage)).toEqual([true, false])
    expect(await page(first.pageInfo.endCursor)).toEqual(second)
  }
  expect(sent).toHaveLength(6)
  await client.mutation(OUTCOME, { input: { by: { id: ids[4] }, outcome: 'BOT_HANDLED' } }).toPromise()
  const { conversations } = await query(listOf(NODES), { first: 2, filter, after: null })
  expect(conversations.nodes[0]).toMatchObject({ externalId: 'paged-5', outcome: 'BOT_HANDLED' })
})

test('a list is fetched for what is not cached of it', async () => {
  const { filter } = await logListed('selected', 3)
  for (const [cached, selected] of [
    ['totalCount', NODES],
    ['totalCount', EDGES],
    [NODES, EDGES],
    [EDGES, NODES],
  ] as const) {
    const { query, sent } = connect({ authorization: `Bearer ${tenant.key}` })
    await query(listOf(cached), { filter })
    const { conversations } = await query(listOf(selected), { filter })
    expect(conversations.nodes ?? conversations.edges).toHaveLength(3)
    expect(sent).toHaveLength(2)
  }
  const { query } = connect({ authorization: `Bearer ${tenant.key}` })
  expect((await query(listOf(NODES), { first: 1, filter })).conversations.nodes).toHaveLength(1)
  expect((await query(listOf(NODES), { first: 20, filter })).conversations.nodes).toHaveLength(3)
})

test('every write is read without a warning, and a refused root field leaves the others', async () => {
  const { client } = connect({ authorization: `Bearer ${tenant.key}` })
  const logged = await client
    .mutation(LOG, { input: { externalId: 'written', messages: [{ chat: { role: 'USER', content: 'Hello' } }] } })
    .toPromise()
  expect(logged.error).toBeUndefined()
  const APPEND = `mutation ($input: AppendMessagesInput!) { appendMessages(input: $input) {
    created appendedMessages { id sequence ... on ChatMessage { content } } conversation { id messageCount } } }`
  const messages = [{ chat: { role: 'ASSISTANT', content: 'Hi' } }]
  const by = { externalId: 'written' }
  expect((await client.mutation(APPEND, { input: { by, messages } }).toPromise()).error?.message).toMatch(
    /accepts no more messages/,
  )
  const DELETE = 'mutation ($input: DeleteConversationInput!) { deleteConversation(input: $input) { deletedId } }'
  expect((await client.mutation(DELETE, { input: { by } }).toPromise()).data).toMatchObject({
    deleteConversation: { deletedId: logged.data.logConversation.conversation.id },
  })
  const { data, error } = await client.query('{ tenants { nodes { id } } viewer { name } }', {}).toPromise()
  expect(data).toMatchObject({ tenants: null, viewer: { name: 'test' } })
  expect(error?.graphQLErrors).toMatchObject([{ path: ['tenants'] }])
})

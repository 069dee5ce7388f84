import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ApolloClient, type DocumentNode, gql, HttpLink, InMemoryCache, type OperationVariables } from '@apollo/client'
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries'
import { print } from 'graphql'
import { filter, firstValueFrom } from 'rxjs'
import { afterEach, beforeEach, expect, type MockInstance, test, vi } from 'vitest'
import { typePolicies } from '../../clients/apollo.ts'
import { startTestServer, type TestTenant } from '../support/server.ts'
import { recordingFetch } from './recorded-requests.ts'

/** Apollo Client, as an app sets it up with the files that are made from the schema. */

const server = await startTestServer()
const uri = `${await server.listen()}/graphql`
const possibleTypes = JSON.parse(readFileSync('clients/possibleTypes.json', 'utf8'))

function connect(key: string, { persists = false } = {}) {
  const recorded = recordingFetch()
  const http = new HttpLink({ uri, headers: { authorization: `Bearer ${key}` }, fetch: recorded.fetch })
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
  const link = persists ? new PersistedQueryLink({ sha256 }).concat(http) : http
  const client = new ApolloClient({ link, cache: new InMemoryCache({ possibleTypes, typePolicies }) })
  // Answers have the shape that the test's own document asked for.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  const query = async (document: DocumentNode, variables: OperationVariables = {}): Promise<any> =>
    (await client.query({ query: document, variables })).data
  return { client, query, ...recorded }
}

/** Logs conversations numbered from 1, each a day after the one before. */
async function logConversations({ ask }: TestTenant, count: number, messageCount = 1) {
  const chat = { role: 'USER', content: 'Hello' }
  const conversations = Array.from({ length: count }, (_, i) => ({
    externalId: `c-${i + 1}`,
    channel: i % 2 === 0 ? 'CHAT' : 'EMAIL',
    analysis: { status: 'COMPLETED', summary: 'Long', tags: ['b'] },
    startedAt: new Date(Date.UTC(2026, 0, i + 1)).toISOString(),
    messages: Array.from({ length: messageCount }, () => ({ chat })),
  }))
  const { data, errors } = await ask(
    'mutation ($input: LogConversationsInput!) { logConversations(input: $input) { results { conversation { id } } } }',
    { input: { conversations } },
  )
  expect(errors).toBeUndefined()
  return data.logConversations.results.map((result: { conversation: { id: string } }) => result.conversation.id)
}

let warned: MockInstance[]
beforeEach(() => {
  warned = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')]
})
afterEach(() => {
  // Such as "Cache data may be lost".
  expect(warned.flatMap(({ mock }) => mock.calls)).toEqual([])
  vi.restoreAllMocks()
})

test('two queries of a conversation share one record, which a mutation changes for both', async () => {
  const tenant = await server.newTenant()
  const [id] = await logConversations(tenant, 1)
  const { client, query, sent } = connect(tenant.key)
  const LIST = gql`{ conversations { nodes { id status outcome analysis { summary } } } }`
  const ONE = gql`query ($id: ID!) { conversation(by: { id: $id }) { id externalId outcome analysis { tags } } }`
  await query(LIST)
  await query(ONE, { id })
  const records = Object.keys(client.cache.extract() as object).filter((key) => key.startsWith('Conversation:'))
  expect(records).toEqual([`Conversation:${id}`])
  // What one selects of an object without an id does not displace what the other did.
  expect(client.readQuery({ query: LIST })).toMatchObject({
    conversations: { nodes: [{ analysis: { summary: 'Long' } }] },
  })
  const UPDATE = gql`mutation ($input: UpdateConversationInput!) {
    updateConversation(input: $input) { conversation { id outcome analysis { summary tags } } } }`
  const analysis = { summary: 'Short', tags: ['a'] }
  await client.mutate({ mutation: UPDATE, variables: { input: { by: { id }, outcome: 'BOT_HANDLED', analysis } } })
  const asked = sent.length
  expect((await query(LIST)).conversations.nodes[0]).toMatchObject({
    outcome: 'BOT_HANDLED',
    analysis: { summary: 'Short' },
  })
  expect((await query(ONE, { id })).conversation).toMatchObject({ outcome: 'BOT_HANDLED', analysis: { tags: ['a'] } })
  expect(sent).toHaveLength(asked)
})

const PAGES: Record<string, DocumentNode> = {
  edges: gql`query ($first: Int, $after: String, $last: Int, $before: String, $filter: ConversationFilter) {
    conversations(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
      totalCount edges { cursor node { id externalId } } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } }`,
  nodes: gql`query ($first: Int, $after: String, $last: Int, $before: String, $filter: ConversationFilter) {
    conversations(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
      totalCount nodes { id externalId } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } }`,
  'nodes in a named fragment': gql`query ($first: Int, $after: String, $last: Int, $before: String, $filter: ConversationFilter) {
    conversations(first: $first, after: $after, last: $last, before: $before, filter: $filter) { ...Rows } }
    fragment Rows on ConversationConnection {
      totalCount nodes { id externalId } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } }`,
}

const externalIds = (from: number, to: number, step = 1) => {
  const all: string[] = []
  for (let n = from; step > 0 ? n >= to : n <= to; n -= step) all.push(`c-${n}`)
  return all
}

// biome-ignore lint/suspicious/noExplicitAny: answers have the shape that the document asked for
const shown = ({ conversations: { nodes, edges } }: any): string[] =>
  (nodes ?? edges.map((edge: { node: object }) => edge.node)).map((node: { externalId: string }) => node.externalId)

/** A view that stays open, and what it shows. */
async function open(client: ApolloClient, query: DocumentNode, variables: OperationVariables) {
  const list = client.watchQuery({ query, variables })
  const subscription = list.subscribe(() => {})
  await firstValueFrom(list.pipe(filter(({ loading }) => !loading)))
  // biome-ignore lint/suspicious/noExplicitAny: answers have the shape that the document asked for
  const data = () => client.readQuery({ query, variables }) as any
  const more = (page: (info: Record<string, string>) => object) =>
    list.fetchMore({ variables: { ...page(data().conversations.pageInfo) } })
  return { data, more, close: () => subscription.unsubscribe() }
}

test.each(Object.keys(PAGES))('a list grows by pages of %s, apart from lists with another filter', async (selected) => {
  const tenant = await server.newTenant()
  await logConversations(tenant, 10)
  const { client } = connect(tenant.key)
  const document = PAGES[selected] ?? gql``
  const forward = await open(client, document, { first: 4 })
  expect(shown(forward.data())).toEqual(externalIds(10, 7))
  const chats = await open(client, document, { first: 2, filter: { channels: ['CHAT'] } })
  await forward.more(({ endCursor }) => ({ after: endCursor }))
  expect(shown(forward.data())).toEqual(externalIds(10, 3))
  expect(forward.data().conversations.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
  await forward.more(({ endCursor }) => ({ after: endCursor }))
  expect(shown(forward.data())).toEqual(externalIds(10, 1))
  expect(forward.data().conversations.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false })
  // Nothing follows, and the end stays where it is.
  const { endCursor } = forward.data().conversations.pageInfo
  await forward.more(() => ({ after: endCursor }))
  expect(shown(forward.data())).toEqual(externalIds(10, 1))
  expect(forward.data().conversations.pageInfo).toMatchObject({ endCursor, hasNextPage: false })
  expect(shown(chats.data())).toEqual(externalIds(9, 7, 2))
  await chats.more(({ endCursor }) => ({ after: endCursor }))
  expect(shown(chats.data())).toEqual(externalIds(9, 3, 2))
  expect(chats.data().conversations.totalCount).toBe(5)
  const backward = await open(client, document, { last: 2, filter: { channels: ['EMAIL'] } })
  expect(shown(backward.data())).toEqual(externalIds(4, 2, 2))
  await backward.more(({ startCursor }) => ({ before: startCursor }))
  expect(shown(backward.data())).toEqual(externalIds(8, 2, 2))
  expect(backward.data().conversations.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true })
  for (const { close } of [forward, chats, backward]) close()
})

test.each(Object.keys(PAGES))('a page of %s that is fetched twice changes nothing', async (selected) => {
  const tenant = await server.newTenant()
  await logConversations(tenant, 7)
  const { client } = connect(tenant.key)
  const view = await open(client, PAGES[selected] ?? gql``, { first: 2 })
  const { endCursor } = view.data().conversations.pageInfo
  await Promise.all([view.more(() => ({ after: endCursor })), view.more(() => ({ after: endCursor }))])
  expect(shown(view.data())).toEqual(externalIds(7, 4))
  await view.more(() => ({ after: endCursor }))
  expect(shown(view.data())).toEqual(externalIds(7, 4))
  await view.more(({ endCursor }) => ({ after: endCursor }))
  expect(shown(view.data())).toEqual(externalIds(7, 2))
  view.close()
})

test('views of the same list that select nodes and edges grow each by themselves', async () => {
  const tenant = await server.newTenant()
  await logConversations(tenant, 7)
  const { client } = connect(tenant.key)
  const next = ({ endCursor }: Record<string, string>) => ({ after: endCursor })
  const nodes = await open(client, PAGES['nodes'] ?? gql``, { first: 2 })
  const edges = await open(client, PAGES['edges'] ?? gql``, { first: 2 })
  await nodes.more(next)
  await nodes.more(next)
  expect(shown(nodes.data())).toEqual(externalIds(7, 2))
  expect(shown(edges.data())).toEqual(externalIds(7, 6))
  await edges.more(next)
  expect(shown(edges.data())).toEqual(externalIds(7, 4))
  await nodes.more(next)
  expect(shown(nodes.data())).toEqual(externalIds(7, 1))
  nodes.close()
  edges.close()
})

const SELECTED: Record<string, string> = {
  totalCount: 'totalCount',
  nodes: 'nodes { id externalId } pageInfo { endCursor hasNextPage }',
  edges: 'edges { cursor node { id externalId } } pageInfo { endCursor hasNextPage }',
  'nodes in a fragment': '... on ConversationConnection { nodes { id externalId } }',
  'edges without cursors': 'edges { node { id externalId } }',
}
const ofConversations = (args: string, selected = 'nodes') =>
  gql(`{ conversations${args && `(${args})`} { ${SELECTED[selected]} } }`)

test.each([
  ['totalCount', 'edges without cursors'],
  ['totalCount', 'nodes in a fragment'],
  ['nodes', 'edges'],
  ['edges', 'nodes'],
  ['edges without cursors', 'edges'],
  ['nodes in a fragment', 'nodes'],
])('a list of which only %s is cached is fetched for its %s', async (cached, selected) => {
  const tenant = await server.newTenant()
  await logConversations(tenant, 3)
  const { query, sent } = connect(tenant.key)
  await query(ofConversations('first: 5', cached))
  expect(shown(await query(ofConversations('first: 5', selected)))).toEqual(externalIds(3, 1))
  expect(sent).toHaveLength(2)
})

test.each(['nodes', 'nodes in a fragment', 'edges without cursors'])(
  'a list of which too few %s are cached is fetched, and one that is short is not',
  async (selected) => {
    const tenant = await server.newTenant()
    await logConversations(tenant, 5)
    const { query, sent } = connect(tenant.key)
    const rows = async (args: string) => shown(await query(ofConversations(args, selected)))
    await rows('first: 1')
    expect(await rows('first: 3')).toEqual(externalIds(5, 3))
    expect(await rows('')).toEqual(externalIds(5, 1))
    expect(sent).toHaveLength(3)
    expect(await rows('first: 50')).toEqual(externalIds(5, 1))
    expect(sent).toHaveLength(3)
  },
)

test('the end of a list, and what follows a cursor, are not shown as its beginning', async () => {
  const tenant = await server.newTenant()
  await logConversations(tenant, 3)
  const { query } = connect(tenant.key)
  const rows = async (args: string, selected?: string) => shown(await query(ofConversations(args, selected)))
  expect(await rows('last: 1')).toEqual(['c-1'])
  expect(await rows('first: 1')).toEqual(['c-3'])
  const { conversations } = await query(ofConversations('first: 1, filter: {}'))
  const { query: elsewhere } = connect(tenant.key)
  expect(shown(await elsewhere(ofConversations(`after: "${conversations.pageInfo.endCursor}"`)))).toEqual(
    externalIds(2, 1),
  )
  expect(shown(await elsewhere(ofConversations('')))).toEqual(externalIds(3, 1))
})

test('what two queries select of the same edges is kept together', async () => {
  const tenant = await server.newTenant()
  await tenant.ask(
    'mutation ($input: LogConversationInput!) { logConversation(input: $input) { conversation { id } } }',
    { input: { externalId: 'hers', endUserId: 'ada', messages: [{ chat: { role: 'USER', content: 'Hello' } }] } },
  )
  const { query, sent } = connect(tenant.key)
  const edgeWith = async (field: string) =>
    (await query(gql(`{ endUsers { edges { ${field} node { id endUserId } } } }`))).endUsers.edges[0]
  for (const field of ['conversationCount', 'messageCount', 'conversationCount']) {
    expect(await edgeWith(field)).toMatchObject({ [field]: 1, node: { endUserId: 'ada' } })
  }
  expect(sent).toHaveLength(2)
})

test('what is deleted leaves the lists that have it', async () => {
  const tenant = await server.newTenant()
  const [, id] = await logConversations(tenant, 3)
  const { client, query, sent } = connect(tenant.key)
  const lists = ['nodes', 'edges'].map((selected) => ofConversations('', selected))
  for (const list of lists) await query(list)
  client.cache.evict({ id: `Conversation:${id}` })
  for (const list of lists) expect(shown(await query(list))).toEqual(['c-3', 'c-1'])
  expect(sent).toHaveLength(2)
})

test('transcripts grow apart from each other, and fragments on the interface match', async () => {
  const tenant = await server.newTenant()
  const [one, other] = await logConversations(tenant, 2, 3)
  const { client, query } = connect(tenant.key)
  const TRANSCRIPT = gql`query ($id: ID!, $after: String) { conversation(by: { id: $id }) { id
    messages(first: 2, after: $after) { edges { cursor node { id ...Entry } } pageInfo { endCursor } } } }
    fragment Entry on Message { sequence ... on ChatMessage { content } }`
  const first = await query(TRANSCRIPT, { id: one })
  await query(TRANSCRIPT, { id: other })
  const variables = { id: one, after: first.conversation.messages.pageInfo.endCursor }
  await client.query({ query: TRANSCRIPT, variables, fetchPolicy: 'network-only' })
  const read = (id: string) =>
    // biome-ignore lint/suspicious/noExplicitAny: answers have the shape that the document asked for
    (client.readQuery({ query: TRANSCRIPT, variables: { id } }) as any).conversation.messages.edges.map(
      ({ node }: { node: object }) => node,
    )
  expect(read(one)).toMatchObject([0, 1, 2].map((sequence) => ({ sequence, content: 'Hello' })))
  expect(read(other)).toMatchObject([{ sequence: 0 }, { sequence: 1 }])
})

test('an audit log shows who did what, and a token is not taken for the key that made it', async () => {
  const tenant = await server.newTenant()
  const second = await server.newKey({ scopes: ['EMBED_TOKENS_CREATE', 'CONVERSATIONS_READ'], name: 'second' })
  const CREATE = 'mutation { createEmbedToken(input: {}) { token } }'
  const { data } = await tenant.ask(CREATE)
  await server.ask(
    { key: second.secret, tenantId: tenant.id },
    'mutation { createEmbedToken(input: { scopes: [CONVERSATIONS_READ] }) { token } }',
  )
  // Refused, and so recorded as a token's act.
  await server.ask({ key: data.createEmbedToken.token }, CREATE)
  await server.refusals.flush()
  const admin = connect(server.adminKey)
  const LOG = gql`query ($filter: AuditEventFilter) {
    viewer { id: credentialId credentialId name }
    auditEvents(filter: $filter) { nodes { id actor { id: credentialId credentialId kind name } } } }`
  const shown = await admin.query(LOG, { filter: { tenantIds: [tenant.id] } })
  const [answer] = admin.answered as { data: typeof shown }[]
  const actors = (log: typeof shown) =>
    log.auditEvents.nodes.map(({ actor }: { actor: Record<string, string> }) => [actor['credentialId'], actor['kind']])
  expect(actors(shown)).toEqual(actors(answer?.data))
  expect(actors(shown)).toEqual(
    expect.arrayContaining([
      [shown.viewer.credentialId, 'ACCOUNT_KEY'],
      [tenant.keyId, 'TENANT_KEY'],
      [second.id, 'ACCOUNT_KEY'],
      [tenant.keyId, 'EMBED_TOKEN'],
    ]),
  )
  const token = connect(data.createEmbedToken.token)
  const WHO = gql`{ viewer { credentialId kind } }`
  expect((await token.query(WHO)).viewer).toMatchObject({ kind: 'EMBED_TOKEN' })
})

test('a root field that is refused leaves the others', async () => {
  const tenant = await server.newTenant()
  await logConversations(tenant, 1)
  const { client } = connect(tenant.key)
  const query = gql`{ tenants { nodes { id } } conversations { nodes { id externalId } } }`
  const { data, error } = await client.query<Record<string, object>>({ query, errorPolicy: 'all' })
  expect(data).toMatchObject({ tenants: null, conversations: { nodes: [{ externalId: 'c-1' }] } })
  expect(error).toMatchObject({ errors: [{ path: ['tenants'], extensions: { code: 'FORBIDDEN' } }] })
})

test('the hash of a document that is not registered is followed by the document, with its hash', async () => {
  const tenant = await server.newTenant()
  const { query, sent } = connect(tenant.key, { persists: true })
  expect(await query(gql`{ viewer { name } }`)).toMatchObject({ viewer: { name: 'test' } })
  expect(await query(gql`{ limits { maxPageSize } }`)).toMatchObject({ limits: { maxPageSize: 100 } })
  expect(sent.map((body) => [typeof body.query, body.extensions?.['persistedQuery'] !== undefined])).toEqual([
    ['undefined', true],
    ['string', true],
    ['undefined', true],
    ['string', true],
  ])
})

test('of registered documents only the hashes are sent, with a token that may send nothing else', async () => {
  const tenant = await server.newTenant()
  const document = gql`query Who($id: ID!) { viewer { name } node(id: $id) { id } }`
  const REGISTER = 'mutation ($input: RegisterDocumentsInput!) { registerDocuments(input: $input) { createdCount } }'
  const CREATE = 'mutation { createEmbedToken(input: { documents: REGISTERED }) { token } }'
  const { client, query, sent } = connect((await tenant.ask(CREATE)).data.createEmbedToken.token, { persists: true })
  // As it is sent: with the names of types.
  const asSent = print(client.documentTransform.transformDocument(document))
  await tenant.ask(REGISTER, { input: { documents: [{ document: asSent }] } })
  expect(await query(document, { id: tenant.id })).toMatchObject({ node: { id: tenant.id } })
  expect(sent.map(({ query }) => query)).toEqual([undefined])
  const refused = await query(gql`{ limits { maxPageSize } }`).catch((error) => error)
  expect(refused.message).toMatch(/only registered documents|403/)
})

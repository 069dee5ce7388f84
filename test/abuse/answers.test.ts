import { expect, test } from 'vitest'
import { append, update } from '../live/conversations.ts'
import { follow } from '../support/live.ts'
import { type Ask, codes, startTestServer } from '../support/server.ts'

const MAX_ANSWER_BYTES = 100_000
const options = { maxAnswerBytes: MAX_ANSWER_BYTES }
const short = await startTestServer(options)
const long = await startTestServer({ ...options, compilesReads: false })
const WAYS = [
  ['compiled', short],
  ['resolved', long],
] as const

const aliases = (field: string, count: number) => Array.from({ length: count }, (_, i) => `a${i}: ${field}`).join(' ')

/** A message of each kind, with texts of this many characters. */
async function log(ask: Ask, length: number, input: object = {}) {
  const messages = [
    { chat: { role: 'USER', content: 'x'.repeat(length) } },
    { tool: { name: 'search', thought: 'y'.repeat(length), input: { query: 'z'.repeat(length) } } },
  ]
  const { data, errors } = await ask(LOG, { input: { messages, ...input } })
  if (errors) throw new Error(JSON.stringify(errors))
  return data.logConversation.conversation.id as string
}

const LOG = 'mutation ($input: LogConversationInput!) { logConversation(input: $input) { conversation { id } } }'

const REFUSED = { code: 'LIMIT_EXCEEDED', limit: MAX_ANSWER_BYTES, setting: 'MAX_ANSWER_BYTES' }

/** The whole answer is refused, with the name of the limit, and a neighbour is answered meanwhile. */
async function expectRefused(server: typeof short, ask: Ask, document: string, variables?: Record<string, unknown>) {
  const neighbour = await server.newTenant()
  const [refused, answered] = await Promise.all([
    ask(document, variables),
    neighbour.ask('{ conversations { nodes { id } } }'),
  ])
  expect(refused.errors?.map(({ extensions }) => extensions)).toEqual([REFUSED])
  expect(refused.errors?.[0]?.message).toContain('MAX_ANSWER_BYTES')
  expect(refused.data).toBeNull()
  expect(answered.data).toEqual({ conversations: { nodes: [] } })
}

test.each(WAYS)('aliases of one column count once each: %s', async (_way, server) => {
  const { ask } = await server.newTenant()
  const metadata = { filler: 'm'.repeat(1_500) }
  for (let i = 0; i < 3; i += 1) await log(ask, 600, { metadata, description: 'd'.repeat(1_500) })
  const list = (fields: string) => `{ conversations(first: 100) { nodes { ${fields} } } }`
  for (const fields of [
    `messages(first: 20) { nodes { ... on ChatMessage { ${aliases('content', 99)} } } }`,
    `messages(first: 20) { nodes { ... on ToolCall { ${aliases('thought', 99)} } } }`,
    `messages(first: 20) { nodes { ... on ToolCall { ${aliases('input', 99)} } } }`,
    aliases('description', 99),
    aliases('metadata', 99),
  ]) {
    await expectRefused(server, ask, list(fields))
  }
  // What fits is answered, however often it is requested.
  const { data, errors } = await ask(list(`messages { nodes { ... on ChatMessage { ${aliases('content', 20)} } } }`))
  expect(errors).toBeUndefined()
  for (const { messages } of data.conversations.nodes) {
    expect(Object.values(messages.nodes[0])).toEqual(Array(20).fill('x'.repeat(600)))
  }
})

test.each(WAYS)(
  'large values count even without aliases, and so do values requested in several lists: %s',
  async (_way, server) => {
    const { ask } = await server.newTenant()
    const ids = []
    for (let i = 0; i < 5; i += 1) ids.push(await log(ask, 30_000))
    const content = '... on ChatMessage { content }'
    await expectRefused(server, ask, `{ conversations { nodes { messages { nodes { ${content} } } } } }`)
    const [id] = ids
    const one = `conversation(by: { id: "${id}" })`
    await expectRefused(server, ask, `{ ${one} { ${aliases(`messages { nodes { ${content} } }`, 4)} } }`)
    await expectRefused(server, ask, `{ ${aliases(`${one} { messages { nodes { ${content} } } }`, 4)} }`)
    await expectRefused(
      server,
      ask,
      `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Conversation { messages { nodes { ${content} } } } } }`,
      { ids },
    )
    const { data } = await ask(`{ ${one} { messages { nodes { ${content} } edges { node { ${content} } } } } }`)
    expect(data.conversation.messages.edges[0].node.content).toBe('x'.repeat(30_000))
  },
)

test.each(WAYS)('characters count as the bytes that are sent for them: %s', async (_way, server) => {
  const { ask } = await server.newTenant()
  await ask(LOG, { input: { messages: [{ chat: { role: 'USER', content: '\u0001'.repeat(4_000) } }] } })
  await ask(LOG, { input: { messages: [{ chat: { role: 'USER', content: '語'.repeat(9_000) } }] } })
  const read = (count: number) =>
    `{ conversations { nodes { messages { nodes { ... on ChatMessage { ${aliases('content', count)} } } } } } }`
  expect(codes(await ask(read(1)))).toEqual([])
  await expectRefused(server, ask, read(2))
})

test.each(WAYS)('input that errors repeat counts too: %s', async (_way, server) => {
  const { ask } = await server.newTenant()
  const value = 'v'.repeat(3_000)
  const variables = Array.from({ length: 49 }, (_, i) => `$v${i}: ConversationFilter`).join(' ')
  const wrong = Object.fromEntries(Array.from({ length: 49 }, (_, i) => [`v${i}`, { status: { eq: value } }]))
  const used = Array.from({ length: 49 }, (_, i) => `a${i}: conversations(filter: $v${i}) { totalCount }`).join(' ')
  const answer = await ask(`query (${variables}) { ${used} }`, wrong)
  expect(JSON.stringify(answer).length).toBeLessThan(MAX_ANSWER_BYTES + 10_000)
})

test.each(WAYS)('a write whose answer is too large stores nothing, and says so: %s', async (_way, server) => {
  const { ask } = await server.newTenant()
  const messages = [{ chat: { role: 'USER', content: 'x'.repeat(5_000) } }]
  const count = async () => (await ask('{ conversations { totalCount } }')).data.conversations.totalCount
  const large = `conversation { messages { nodes { ... on ChatMessage { ${aliases('content', 40)} } } } }`
  const documents: [string, Record<string, unknown>][] = [
    [
      `mutation ($input: LogConversationInput!) { logConversation(input: $input) { ${large} } }`,
      { input: { messages } },
    ],
    [
      `mutation ($inputs: [LogConversationInput!]!) { logConversations(input: { conversations: $inputs }) { results { ${large} } } }`,
      { inputs: [{ messages }, { messages }] },
    ],
    [
      `mutation ($input: LogConversationInput!) { a: logConversation(input: $input) { conversation { id } } b: logConversation(input: $input) { ${large} } }`,
      { input: { messages } },
    ],
  ]
  for (const [document, variables] of documents) {
    const answer = await ask(document, variables)
    expect(answer.data ?? null).toBeNull()
    expect(answer.errors?.map(({ extensions }) => extensions)).toEqual([REFUSED])
    expect(answer.errors?.[0]?.message).toContain('Nothing was stored.')
    expect(await count()).toBe(0)
  }
  // Other writes at the same moment, perhaps in the same transaction, are stored.
  const [[document, variables]] = documents as [[string, Record<string, unknown>]]
  const small = Array.from({ length: 5 }, () => log(ask, 10))
  const refused = await ask(document, variables)
  expect(codes(refused)).toEqual(['LIMIT_EXCEEDED'])
  await Promise.all(small)
  expect(await count()).toBe(5)
})

test.each(WAYS)('an event of a subscription that is too large ends it, and says so: %s', async (_way, server) => {
  const { ask, key } = await server.newTenant()
  const id = await log(ask, 10, { status: 'ACTIVE', metadata: { filler: 'm'.repeat(1_000) } })
  const updated = (count: number) =>
    `subscription ($id: ID!) { conversationUpdated(id: $id) { ${aliases('metadata', count)} } }`
  const first = await follow(server, { key }, updated(99), { id })
  expect((await first.next())?.errors?.map(({ extensions }) => extensions)).toEqual([REFUSED])
  expect(await first.next()).toBeNull()

  const later = await follow(server, { key }, updated(50), { id })
  expect(Object.values((await later.data()).conversationUpdated)).toHaveLength(50)
  await update(ask, id, { metadata: { filler: 'm'.repeat(3_000) } })
  expect((await later.next())?.errors?.map(({ extensions }) => extensions)).toEqual([REFUSED])
  expect(await later.next()).toBeNull()

  const appended = `subscription ($id: ID!) { messagesAppended(conversationId: $id, afterSequence: -1) { messages { ... on ChatMessage { ${aliases('content', 99)} } } } }`
  await append(ask, id, ['x'.repeat(2_000)])
  const live = await follow(server, { key }, appended, { id })
  expect((await live.next())?.errors?.map(({ extensions }) => extensions)).toEqual([REFUSED])
  await expect.poll(() => server.changes.size).toBe(0)
})

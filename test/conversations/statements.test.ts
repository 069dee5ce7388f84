import { beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestTenant } from '../support/server.ts'
import { log } from './conversations.ts'

const server = await startTestServer()
let tenant: TestTenant

beforeAll(async () => {
  tenant = await server.newTenant()
  const agent = { externalId: 'bot' }
  const messages = [
    { chat: { role: 'USER', content: 'Hello' } },
    { chat: { role: 'ASSISTANT', content: 'Hi', agent } },
    { tool: { name: 'look', input: { q: 1 }, agent } },
    { event: { name: 'seen' } },
  ]
  const { id } = await log(tenant.ask, {
    endUserId: 'ann',
    agents: [agent, { externalId: 'second' }, { externalId: 'third' }],
    messages: [...messages, ...messages],
  })
  // A hundred more like it, without a hundred writes.
  const columns = async (table: string) =>
    (await server.owner(`SELECT column_name AS name FROM information_schema.columns WHERE table_name = '${table}'`))
      .map(({ name }) => `"${name}"`)
      .filter((name) => !['"id"', '"conversation_id"', '"external_id"'].includes(name))
      .join()
  expect(id).toMatch(/^conv_/)
  const conversations = await columns('conversations')
  await server.owner(`INSERT INTO conversations (id, ${conversations})
    SELECT gen_random_uuid(), ${conversations} FROM conversations, generate_series(1, 104)`)
  const original = `(SELECT conversation_id FROM messages LIMIT 1)`
  const copies = `(SELECT id AS copy FROM conversations WHERE id <> ${original})`
  await server.owner(`INSERT INTO conversation_agents (conversation_id, tenant_id, agent_id, position)
    SELECT copy, tenant_id, agent_id, position FROM conversation_agents, ${copies} AS copies`)
  const kept = await columns('messages')
  await server.owner(`INSERT INTO messages (id, conversation_id, ${kept})
    SELECT gen_random_uuid(), copy, ${kept} FROM messages, ${copies} AS copies`)
})

const NODES = `nodes {
  id __typename sequence timestamp agent { id name model }
  ... on ChatMessage { role content intent { name } }
  ... on ToolCall { name input output failed }
  ... on ConversationEvent { name payload }
}`

/** How many statements a list takes, besides those that open and close the transaction. */
async function statementsOf(first: number, selection: string) {
  server.statements()
  const { data, errors } = await tenant.ask(`{ conversations(first: ${first}) { nodes { id ${selection} } } }`)
  expect(errors).toBeUndefined()
  const { nodes } = data.conversations
  expect(nodes).toHaveLength(first)
  const ran = server.statements().filter((sql) => !/^(SET|SELECT set_config|BEGIN|COMMIT|--)/.test(sql))
  return { count: ran.length, node: nodes.at(-1) }
}

/** How many statements `nodes` takes for these ids. */
async function statementsOfNodes(ids: string[], selection: string) {
  server.statements()
  const { data, errors } = await tenant.ask(`query ($ids: [ID!]!) { nodes(ids: $ids) { id ${selection} } }`, { ids })
  expect(errors).toBeUndefined()
  expect(data.nodes.map(({ id }: { id: string }) => id)).toEqual(ids)
  return server.statements().filter((sql) => !/^(SET|SELECT set_config|BEGIN|COMMIT|--)/.test(sql)).length
}

test('nodes take one statement for each type, however many ids there are', async () => {
  const { data } = await tenant.ask(
    `{ conversations(first: 50) { nodes { id agents { id } messages { nodes { id } } } } }`,
  )
  const idsOf = (rows: { id: string }[]) => rows.map(({ id }) => id)
  const conversations = data.conversations.nodes
  const agents = conversations[0].agents
  const whole = `... on Conversation { status agents { name } messages(first: 6) { ${NODES} } }`
  expect(await statementsOfNodes(idsOf(conversations), whole)).toBe(1)
  expect(await statementsOfNodes(idsOf([...conversations, ...agents]), `${whole} ... on Agent { name }`)).toBe(2)
  // Their agents as well.
  const messages = idsOf(conversations[0].messages.nodes)
  expect(await statementsOfNodes(messages, '... on ChatMessage { content agent { name } }')).toBe(1)
})

test('a list takes one statement, however many conversations with agents and messages it has', async () => {
  for (const first of [1, 5, 20, 100]) {
    const { count, node } = await statementsOf(first, `agents { id name } messages(first: 6) { ${NODES} }`)
    expect(count, `first: ${first}`).toBe(1)
    expect(node.agents.map(({ name }: { name: string }) => name)).toEqual(['bot', 'second', 'third'])
    expect(node.messages.nodes.map((message: { agent?: { name: string } }) => message.agent?.name)).toEqual([
      undefined,
      'bot',
      'bot',
      undefined,
      undefined,
      'bot',
    ])
  }
})

test('a second selection of messages with other arguments is read in the same statement, however long the list', async () => {
  const selection = `start: messages(first: 2) { ${NODES} } end: messages(last: 1, types: [TOOL]) { totalCount ${NODES} }`
  for (const first of [1, 5, 20, 100]) {
    const { count, node } = await statementsOf(first, selection)
    expect(count, `first: ${first}`).toBe(1)
    expect(node.start.nodes.map(({ sequence }: { sequence: number }) => sequence)).toEqual([0, 1])
    expect(node.end.totalCount).toBe(2)
    expect(node.end.nodes.map(({ sequence }: { sequence: number }) => sequence)).toEqual([6])
  }
})

test('a list whose fields need more than its rows takes one statement, and one more for each such field', async () => {
  for (const first of [1, 5, 20, 100]) {
    const { count } = await statementsOf(first, `intents { name } messages(first: 6) { ${NODES} }`)
    expect(count, `first: ${first}`).toBe(2)
  }
})

/** How many statements a query takes, besides those that open and close the transaction. */
async function statementsOfQuery(query: string) {
  server.statements()
  const { data, errors } = await tenant.ask(query)
  expect(errors).toBeUndefined()
  const count = server.statements().filter((sql) => !/^(SET|SELECT set_config|BEGIN|COMMIT|--)/.test(sql)).length
  return { data, count }
}

const BELOW = `endUser { id } agents { id name } messages(first: 2) { nodes { id agent { id } } } searchMatches(search: "hello", first: 1) {
  nodes { message { id agent { id } conversation { externalId } } }
}`

test('conversations below a list take one statement, however many there are of each parent, whatever is below them', async () => {
  for (const first of [1, 5, 20, 100]) {
    const page = (selection: string) => `conversations(first: ${first}) { nodes { id ${selection} } }`
    const ofAgents = await statementsOfQuery(`{ agents { nodes { ${page('endUser { id } agents { id }')} } } }`)
    // The agents, and their conversations.
    expect(ofAgents.count, `first: ${first}`).toBe(2)
    expect(ofAgents.data.agents.nodes).toHaveLength(3)
    for (const { conversations } of ofAgents.data.agents.nodes) {
      expect(conversations.nodes).toHaveLength(first)
      expect(conversations.nodes.at(-1).agents).toHaveLength(3)
    }
    // And the matches of all conversations.
    expect((await statementsOfQuery(`{ agents { nodes { ${page(BELOW)} } } }`)).count, `first: ${first}`).toBe(3)
    // The conversations, those of each of their end users, and of the agents of these.
    const nested = `{ conversations(first: 2) { nodes { endUser { conversations(first: 2) { nodes { agents { ${page(BELOW)} } } } } } } }`
    expect((await statementsOfQuery(nested)).count, `first: ${first}`).toBe(4)
  }
})

test('opening and closing the transaction takes the same few calls for every query', async () => {
  server.statements()
  await tenant.ask('{ conversations(first: 1) { nodes { id } } }')
  const read = server.statements()
  await tenant.ask('{ conversations(first: 1) { totalCount nodes { id } } }')
  expect([read.length, server.statements().length]).toEqual([3, 4])
})

test('an invalid root field is refused before anything is read for it, and the others are read once', async () => {
  const numbers = Array.from(
    { length: 20 },
    (_, i) => `r${i}: conversationMetrics { current { conversationCount } }`,
  ).join(' ')
  server.statements()
  const { errors } = await tenant.ask(`{ ${numbers} z: conversations(first: 101) { nodes { id } } }`)
  expect(errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([[['z'], 'BAD_USER_INPUT']])
  const statements = server.statements()
  // Each way may have sent the statement that was first in line.
  expect(statements.filter((sql) => sql.includes('conversation_rollups')).length).toBeLessThan(20 + 5)
  expect(statements.filter((sql) => sql.includes('FROM conversations')).length).toBe(0)
})

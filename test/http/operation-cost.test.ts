import { expect, test } from 'vitest'
import { withCost } from '../../src/execution/answer-text.ts'
import { AnswerWriter } from '../../src/execution/answer-writer.ts'
import { follow } from '../support/live.ts'
import { serveTestDatabase, startTestServer } from '../support/server.ts'

const MAX_COST = 1_000
const server = await startTestServer({ maxQueryCost: MAX_COST })
const resolved = serveTestDatabase(server, server.adminKey, { maxQueryCost: MAX_COST, compilesReads: false })
const { key, ask } = await server.newTenant()

const costOf = async (asked: typeof server, query: string, variables?: Record<string, unknown>) => {
  const { extensions } = (await asked.ask({ key }, query, variables)) as { extensions?: unknown }
  return extensions
}

test('an answer says what its operation cost and what was left of the limit, on both paths', async () => {
  // The list, and 30 times two fields.
  const query = 'query ($n: Int) { conversations(first: $n) { nodes { id status } } }'
  for (const asked of [server, resolved]) {
    expect(await costOf(asked, query, { n: 30 })).toEqual({ cost: { requested: 91, remaining: 909 } })
    expect(await costOf(asked, query, { n: 30 })).toEqual({ cost: { requested: 91, remaining: 909 } })
    expect(await costOf(asked, query, { n: 1 })).toEqual({ cost: { requested: 4, remaining: 996 } })
    expect(await costOf(asked, '{ viewer { name } limits { maxCost } }')).toEqual({
      cost: { requested: 4, remaining: 996 },
    })
  }
})

test('a list of conversations costs more below each agent and end user', async () => {
  const below = 'conversations(first: 2) { totalCount nodes { id } }'
  for (const asked of [server, resolved]) {
    // The list, the agent, its list with the number, and two conversations with their ids; 500 for each of the lists.
    const one = `{ agents(first: 1) { nodes { ${below} } } }`
    expect(await costOf(asked, one)).toEqual({ cost: { requested: 1 + 1 + 500 + 2 + 4, remaining: 492 } })
    const user = `{ endUsers(first: 1) { nodes { ${below} } } }`
    expect(await costOf(asked, user)).toEqual({ cost: { requested: 508, remaining: 492 } })
  }
  const { errors } = await ask(`{ agents(first: 2) { nodes { ${below} } } }`)
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'QUERY_TOO_COMPLEX', limitName: 'maxCost', value: 1_015 })
})

test('so do answers with errors of what was executed, writes, and answers that are too large', async () => {
  expect(await server.ask({ key }, '{ tenants { nodes { id } } viewer { name } }')).toMatchObject({
    data: { tenants: null, viewer: { name: 'test' } },
    errors: [{ extensions: { code: 'FORBIDDEN' } }],
    // The list, twenty times an entry with its id, the viewer and the name.
    extensions: { cost: { requested: 43, remaining: 957 } },
  })
  const write = 'mutation ($input: CreateAgentInput!) { createAgent(input: $input) { agent { id name } } }'
  const written = { cost: { requested: 4, remaining: 996 } }
  expect(await ask(write, { input: { name: 'Ann' } })).toMatchObject({ status: 200, extensions: written })
  expect(await ask(write, { input: { name: '' } })).toMatchObject({
    errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    extensions: written,
  })
  const small = serveTestDatabase(server, server.adminKey, { maxAnswerBytes: 100 })
  expect(await small.ask({ key }, '{ agents { nodes { description name systemPrompt externalId } } }')).toMatchObject({
    errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }],
    extensions: { cost: { requested: 101 } },
  })
})

test('a long answer has it too, and counts as many bytes as it has', async () => {
  const log = 'mutation ($input: LogConversationInput!) { logConversation(input: $input) { created } }'
  const chat = { role: 'USER', content: 'é'.repeat(60_000) }
  for (let i = 0; i < 10; i += 1) await ask(log, { input: { endUserId: 'long', messages: [{ chat }] } })
  const query =
    '{ conversations(first: 10, filter: { endUserIds: ["long"] }) { nodes { messages { nodes { ... on ChatMessage { content } } } } } }'
  for (const asked of [server, resolved]) {
    const response = await asked.fetch('/graphql', {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    })
    const text = await response.text()
    expect(Number(response.headers.get('content-length') ?? Buffer.byteLength(text))).toBe(Buffer.byteLength(text))
    expect(text.length).toBeGreaterThan(600_000)
    const { data, extensions } = JSON.parse(text)
    expect(data.conversations.nodes).toHaveLength(10)
    // The list, and ten times an entry, its list, and twenty times a message with its content; then the condition.
    expect(extensions).toEqual({ cost: { requested: 671, remaining: 329 } })
  }
})

test('an answer is whole wherever its last piece ends', () => {
  for (const length of [100, 65_535, 65_536, 65_537, 131_072, 1_500_000]) {
    const writer = new AnswerWriter(2_000_000, null)
    writer.add('{"data":')
    // With the text before and behind it, and its quotation marks, so many characters.
    writer.add(`"${'a'.repeat(length - 11)}"}`)
    const answer = withCost(writer.toAnswer(), { requested: 2, remaining: 3 })
    const text = String(answer.stringify())
    expect(JSON.parse(text).extensions).toEqual({ cost: { requested: 2, remaining: 3 } })
    expect(answer.bytes).toBe(Buffer.byteLength(text))
  }
})

test('neither the events of a subscription nor what was refused before it ran have a cost', async () => {
  const live = await follow(
    server,
    { key },
    'subscription { conversationsChanged { changes { kind conversation { id } } } }',
  )
  await ask('mutation { logConversation(input: { messages: [] }) { created } }')
  expect(Object.keys((await live.next()) ?? {})).toEqual(['data'])
  for (const query of ['{ nothing }', '{', '{ conversations(first: 100) { nodes { agents { id } } } }']) {
    expect(await server.ask({ key }, query)).not.toHaveProperty('extensions')
  }
})

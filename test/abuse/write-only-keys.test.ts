import { expect, test } from 'vitest'
import { codes, startTestServer } from '../support/server.ts'

/** A write-only key reads nothing through the answers to its writes. */

const server = await startTestServer()
const tenant = await server.newTenant()
const neighbour = await server.newTenant()
const writer = server.as({
  key: (await server.newKey({ scopes: ['CONVERSATIONS_WRITE'], tenantId: tenant.id })).secret,
})

await tenant.ask('mutation { createAgent(input: { externalId: "bot", name: "A name" }) { agent { id } } }')
const stored = await tenant.ask(
  'mutation ($input: LogConversationInput!) { logConversation(input: $input) { conversation { id messages { nodes { id } } agents { id } } } }',
  {
    input: {
      externalId: 'talk',
      status: 'ACTIVE',
      agents: [{ externalId: 'bot' }],
      messages: [
        { chat: { role: 'USER', content: 'A secret', sentiment: -1, intent: { name: 'complaint' } } },
        { chat: { role: 'SYSTEM', content: 'An instruction' } },
      ],
    },
  },
)
const { conversation } = stored.data.logConversation

const read = {
  intents: 'intents { name }',
  firstIntent: 'firstIntent { name }',
  lastIntent: 'lastIntent { name }',
  firstMeaningfulIntent: 'firstMeaningfulIntent { name }',
  sentimentTrend: 'sentimentTrend',
  voiceTimings: 'voiceTimings { voiceLatencyMs }',
  'an alias': 'status: sentimentTrend',
  'a fragment on an interface': '... on Node { ... on Conversation { channel } }',
  messages: 'messages { nodes { id } }',
  'the count of messages': 'messageCount',
  agents: 'agents { id }',
}

const writes = {
  logConversation: (fields: string) =>
    `mutation { logConversation(input: { externalId: "talk", onConflict: APPEND, messages: [{ chat: { role: USER, content: "b" } }] }) { conversation { ${fields} } } }`,
  updateConversation: (fields: string) =>
    `mutation { updateConversation(input: { by: { externalId: "talk" }, campaign: "a" }) { conversation { ${fields} } } }`,
  logConversations: (fields: string) =>
    `mutation { logConversations(input: { conversations: [{ externalId: "talk", onConflict: APPEND, messages: [{ chat: { role: USER, content: "b" } }] }] }) { results { conversation { ${fields} } } } }`,
}

test.each(Object.entries(read))(
  '%s of a conversation is FORBIDDEN, whichever mutation returns it',
  async (_what, fields) => {
    for (const write of Object.values(writes)) {
      const answer = await writer(write(fields))
      expect(codes(answer)).toEqual(['FORBIDDEN'])
      expect(JSON.stringify(answer)).not.toMatch(/complaint|A secret|DOWN/)
    }
    expect((await neighbour.ask('{ conversations { nodes { id } } }')).data).toEqual({ conversations: { nodes: [] } })
  },
)

test.each(['name', 'description', 'model', 'tags', 'systemPrompt', 'totals { conversationCount }'])(
  '%s of an agent is FORBIDDEN',
  async (field) => {
    const answer = await writer(`mutation { upsertAgent(input: { externalId: "bot" }) { agent { id ${field} } } }`)
    expect(codes(answer)).toEqual(['FORBIDDEN'])
    expect(JSON.stringify(answer)).not.toContain('A name')
  },
)

test('what a writer needs to go on writing is answered', async () => {
  const see = 'id externalId status createdAt updatedAt'
  for (const write of Object.values(writes)) expect((await writer(write(see))).errors).toBeUndefined()
  const agent = await writer(
    'mutation { upsertAgent(input: { externalId: "bot" }) { agent { id externalId status } } }',
  )
  expect(agent.data.upsertAgent.agent).toMatchObject({ externalId: 'bot', status: 'ACTIVE' })
})

test('rating system prompts does not reveal them', async () => {
  const key = await server.newKey({ scopes: ['CONVERSATIONS_WRITE', 'CONVERSATIONS_READ'], tenantId: tenant.id })
  const messages = conversation.messages.nodes.map(({ id }: { id: string }) => ({ by: { id }, rating: 1 }))
  const answer = await server.ask(
    { key: key.secret },
    'mutation ($input: UpdateMessagesInput!) { updateMessages(input: $input) { messages { id ... on ChatMessage { content } } } }',
    { input: { by: { externalId: 'talk' }, messages } },
  )
  expect(answer.data.updateMessages.messages).toEqual([{ id: conversation.messages.nodes[0].id, content: 'A secret' }])
})

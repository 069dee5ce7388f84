import { expect, test } from 'vitest'
import { type Ask, startTestServer } from '../support/server.ts'
import { fitting, log } from './conversations.ts'

const server = await startTestServer()

/** One conversation with each kind of internal, read with and without the scope. */
async function openBoth() {
  const tenant = await server.newTenant()
  const { data } = await tenant.ask(
    'mutation { createAgent(input: { name: "Bot", externalId: "bot", systemPrompt: "obey" }) { agent { id } } }',
  )
  const { id } = await log(tenant.ask, {
    externalId: 'one',
    agents: [{ externalId: 'bot' }],
    messages: [
      { chat: { role: 'SYSTEM', content: 'secret rules', rating: -1, intent: { name: 'hidden' } } },
      { chat: { role: 'USER', content: 'hello', rating: 1, intent: { name: 'greeting' } } },
      { tool: { name: 'look', input: { q: 1 }, output: [2], thought: 'hm', error: 'broken', durationMs: 5 } },
      { event: { name: 'traced', visibility: 'INTERNAL', payload: { secret: true } } },
      { event: { name: 'opened', payload: { page: '/' } } },
      { tool: { name: 'look', output: 'fine' } },
    ],
  })
  const reader = await server.newKey({ scopes: ['CONVERSATIONS_READ', 'ANALYTICS_READ'], tenantId: tenant.id })
  const { data: all } = await tenant.ask(`{ conversation(by: { id: "${id}" }) { messages { nodes { id } } } }`)
  const messageIds: string[] = all.conversation.messages.nodes.map((message: { id: string }) => message.id)
  return {
    withScope: tenant.ask,
    without: server.as({ key: reader.secret }),
    agentId: data.createAgent.agent.id,
    conversationId: id,
    messageIds,
  }
}

const TRANSCRIPT = `{
  conversations {
    nodes {
      messageCount userMessageCount toolCallCount toolErrorCount eventCount
      agents { systemPrompt }
      messages {
        totalCount
        nodes {
          sequence
          ... on ChatMessage { role content }
          ... on ToolCall { name input output thought error failed durationMs }
          ... on ConversationEvent { event: name payload }
        }
      }
      chats: messages(types: [CHAT]) { totalCount }
      tools: messages(types: [TOOL]) { totalCount }
      events: messages(types: [EVENT]) { totalCount }
    }
  }
}`

const USER = { sequence: 1, role: 'USER', content: 'hello' }
const OPENED = { sequence: 4, event: 'opened', payload: { page: '/' } }

test('with INTERNALS_READ a transcript is whole', async () => {
  const { withScope } = await openBoth()
  const tool = { name: 'look', failed: false, durationMs: null, input: null, thought: null, error: null }
  expect((await withScope(TRANSCRIPT)).data.conversations.nodes).toEqual([
    {
      messageCount: 6,
      userMessageCount: 1,
      toolCallCount: 2,
      toolErrorCount: 1,
      eventCount: 2,
      agents: [{ systemPrompt: 'obey' }],
      messages: {
        totalCount: 6,
        nodes: [
          { sequence: 0, role: 'SYSTEM', content: 'secret rules' },
          USER,
          {
            ...tool,
            sequence: 2,
            input: { q: 1 },
            output: [2],
            thought: 'hm',
            error: 'broken',
            failed: true,
            durationMs: 5,
          },
          { sequence: 3, event: 'traced', payload: { secret: true } },
          OPENED,
          { ...tool, sequence: 5, output: 'fine' },
        ],
      },
      chats: { totalCount: 2 },
      tools: { totalCount: 2 },
      events: { totalCount: 2 },
    },
  ])
})

test('without INTERNALS_READ internals are neither shown nor counted', async () => {
  const { without } = await openBoth()
  const tool = { name: 'look', input: null, output: null, thought: null, error: null }
  expect((await without(TRANSCRIPT)).data.conversations.nodes).toEqual([
    {
      messageCount: 4,
      userMessageCount: 1,
      toolCallCount: 2,
      toolErrorCount: 1,
      eventCount: 1,
      agents: [{ systemPrompt: null }],
      messages: {
        totalCount: 4,
        nodes: [
          USER,
          { ...tool, sequence: 2, failed: true, durationMs: 5 },
          OPENED,
          { ...tool, sequence: 5, failed: false, durationMs: null },
        ],
      },
      chats: { totalCount: 1 },
      tools: { totalCount: 2 },
      events: { totalCount: 1 },
    },
  ])
})

test('without INTERNALS_READ an internal message is not there by its id either', async () => {
  const { withScope, without, agentId, messageIds } = await openBoth()
  const NODES = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }'
  const seen = async (ask: Ask) =>
    (await ask(NODES, { ids: messageIds })).data.nodes.map((node: { id: string } | null) => node?.id ?? null)
  expect(await seen(withScope)).toEqual(messageIds)
  expect(await seen(without)).toEqual(messageIds.map((id, i) => (i === 0 || i === 3 ? null : id)))
  const agent = async (ask: Ask) =>
    (
      await ask(
        `{ node(id: "${agentId}") { ... on Agent { systemPrompt } } agent(by: { id: "${agentId}" }) { systemPrompt } }`,
      )
    ).data
  expect(await agent(withScope)).toEqual({ node: { systemPrompt: 'obey' }, agent: { systemPrompt: 'obey' } })
  expect(await agent(without)).toEqual({ node: { systemPrompt: null }, agent: { systemPrompt: null } })
})

test('without INTERNALS_READ internals do not decide which conversations fit', async () => {
  const { withScope, without } = await openBoth()
  const internal = [
    { search: 'secret' },
    { eventNames: ['traced'] },
    { intents: ['hidden'] },
    { ratings: [-1] },
    { messageCount: { gte: 5 } },
  ]
  for (const filter of internal) {
    expect(await fitting(withScope, filter), JSON.stringify(filter)).toEqual(['one'])
    expect(await fitting(without, filter), JSON.stringify(filter)).toEqual([])
    expect(await fitting(without, { not: filter }), JSON.stringify(filter)).toEqual(['one'])
  }
  const open = [
    { search: 'hello' },
    { eventNames: ['opened'] },
    { intents: ['greeting'] },
    { ratings: [1] },
    { toolNames: ['look'] },
  ]
  for (const filter of open) expect(await fitting(without, filter), JSON.stringify(filter)).toEqual(['one'])
})

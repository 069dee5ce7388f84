import { expect, test, vi } from 'vitest'
import { overloaded } from '../../src/errors.ts'
import { codes, startTestServer } from '../support/server.ts'
import { log } from './conversations.ts'
import { refusals } from './writes.ts'

const server = await startTestServer()

/** A tenant with one conversation of all three kinds of entries, and the ids of everything in it. */
async function tenantWithOne() {
  const tenant = await server.newTenant()
  const { id } = await log(tenant.ask, {
    externalId: 'call-1',
    agents: [{ externalId: 'bot' }],
    messages: [
      { chat: { role: 'USER', content: 'Hello', sentiment: 0.5 } },
      { tool: { name: 'look', input: { q: 1 }, agent: { externalId: 'bot' } } },
      { event: { name: 'seen', payload: [1] } },
    ],
  })
  const { data } = await tenant.ask(`{ conversation(by: { id: "${id}" }) { agents { id } messages { nodes { id } } } }`)
  const { agents, messages } = data.conversation
  const messageIds: string[] = messages.nodes.map((message: { id: string }) => message.id)
  return { ...tenant, conversationId: id, agentId: String(agents[0].id), messageIds }
}

const UNKNOWN = '01h45ytscbebyvny4gc8cr8ma2'
const ONE = 'query ($by: ConversationBy!) { conversation(by: $by) { id externalId } }'

test('a conversation is read by its id or by its external id, and by exactly one of them', async () => {
  const { ask, conversationId } = await tenantWithOne()
  const expected = { conversation: { id: conversationId, externalId: 'call-1' } }
  expect((await ask(ONE, { by: { id: conversationId } })).data).toEqual(expected)
  expect((await ask(ONE, { by: { externalId: 'call-1' } })).data).toEqual(expected)
  for (const by of [{ id: conversationId, externalId: null }, { id: conversationId, externalId: 'call-1' }, {}, null])
    expect(refusals(await ask(ONE, { by }))).toEqual(['BAD_USER_INPUT by'])
  expect(refusals(await ask(ONE))).toEqual(['BAD_USER_INPUT by'])
})

test('what is not there, was never an id, or is of another tenant or type reads as null', async () => {
  const mine = await tenantWithOne()
  const other = await tenantWithOne()
  const ids = [`conv_${UNKNOWN}`, UNKNOWN, '', 'conv_', 'conv_!', other.conversationId, mine.agentId, "' OR 1=1 --"]
  for (const id of [
    ...ids,
    mine.conversationId.toUpperCase(),
    `${mine.conversationId} `,
    '0190163d-8694-739b-aea5-966c26f8ad91',
  ])
    expect(await mine.ask(ONE, { by: { id } }), id).toMatchObject({ status: 200, data: { conversation: null } })
  expect((await mine.ask(ONE, { by: { externalId: 'call-2' } })).data).toEqual({ conversation: null })
  expect((await mine.ask(ONE, { by: { externalId: 'CALL-1' } })).data).toEqual({ conversation: null })
  const AGENT = 'query ($id: ID!) { agent(by: { id: $id }) { name } }'
  expect((await mine.ask(AGENT, { id: mine.agentId })).data).toEqual({ agent: { name: 'bot' } })
  expect((await mine.ask(AGENT, { id: other.agentId })).data).toEqual({ agent: null })
})

const NODES = `query ($ids: [ID!]!) {
  nodes(ids: $ids) {
    __typename id
    ... on Conversation { externalId messages(types: [TOOL]) { totalCount nodes { sequence agent { name } } } }
    ... on Agent { name }
    ... on ApiKey { name }
    ... on Message { sequence agent { name } }
    ... on ChatMessage { role content sentiment }
    ... on ToolCall { toolName: name input }
    ... on ConversationEvent { eventName: name payload }
  }
}`

test('every type is read by `nodes`, in the order of the ids, null for what is not there', async () => {
  const { ask, asAccount, conversationId, agentId, keyId, messageIds } = await tenantWithOne()
  const [chat, tool, event] = messageIds
  const ids = [event, `msg_${UNKNOWN}`, conversationId, tool, 'x', chat, agentId, `conv_${UNKNOWN}`, chat]
  const said = {
    __typename: 'ChatMessage',
    id: chat,
    sequence: 0,
    agent: null,
    role: 'USER',
    content: 'Hello',
    sentiment: 0.5,
  }
  const expected = [
    { __typename: 'ConversationEvent', id: event, sequence: 2, agent: null, eventName: 'seen', payload: [1] },
    null,
    {
      __typename: 'Conversation',
      id: conversationId,
      externalId: 'call-1',
      messages: { totalCount: 1, nodes: [{ sequence: 1, agent: { name: 'bot' } }] },
    },
    { __typename: 'ToolCall', id: tool, sequence: 1, agent: { name: 'bot' }, toolName: 'look', input: { q: 1 } },
    null,
    said,
    { __typename: 'Agent', id: agentId, name: 'bot' },
    null,
    said,
  ]
  expect((await ask(NODES, { ids })).data.nodes).toEqual(expected)
  expect((await asAccount(NODES, { ids: [keyId, agentId] })).data.nodes).toEqual([
    { __typename: 'ApiKey', id: keyId, name: 'test' },
    { __typename: 'Agent', id: agentId, name: 'bot' },
  ])
  for (const id of [conversationId, agentId, ...messageIds]) {
    const { data } = await ask('query ($id: ID!) { node(id: $id) { id } }', { id })
    expect(data).toEqual({ node: { id } })
  }
})

test('`nodes` reads nothing of another tenant, and no key without ADMIN', async () => {
  const mine = await server.newTenant()
  const other = await tenantWithOne()
  const ids = [other.conversationId, other.agentId, ...other.messageIds]
  expect((await mine.ask(NODES, { ids })).data.nodes).toEqual(ids.map(() => null))
  expect((await mine.asAccount(NODES, { ids })).data.nodes).toEqual(ids.map(() => null))
  expect(codes(await mine.ask(NODES, { ids: [mine.keyId] }))).toEqual(['FORBIDDEN'])
  expect(codes(await server.admin(NODES, { ids: [other.agentId] }))).toEqual(['TENANT_REQUIRED'])
  expect(codes(await mine.ask(NODES, { ids: Array.from({ length: 101 }, () => 'x') }))).toEqual(['BAD_USER_INPUT'])
  const writer = await server.newKey({ scopes: ['CONVERSATIONS_WRITE'], tenantId: other.id })
  for (const id of ids)
    expect(codes(await server.ask({ key: writer.secret }, NODES, { ids: [id] }))).toEqual(['FORBIDDEN'])
})

test('a restricted token reads nodes only of the conversations and agents that its restriction leaves', async () => {
  const { ask } = await server.newTenant()
  const logged = async (name: string) => {
    const { id } = await log(ask, {
      agents: [{ externalId: `bot-${name}` }],
      messages: [{ chat: { role: 'USER', content: name } }],
      endUserId: name,
      metadata: { customer: name },
    })
    const { data } = await ask(`{ conversation(by: { id: "${id}" }) { agents { id } messages { nodes { id } } } }`)
    return [id, data.conversation.agents[0].id, data.conversation.messages.nodes[0].id]
  }
  const [mine, others] = [await logged('mine'), await logged('others')]
  const ids = [...mine, ...others]
  const CREATE = 'mutation ($input: CreateEmbedTokenInput!) { createEmbedToken(input: $input) { token } }'
  for (const restriction of [
    { agents: [{ id: mine[1] }] },
    { agents: [{ externalId: 'bot-mine' }] },
    { endUserIds: ['mine'] },
    { metadata: { customer: 'mine' } },
  ]) {
    const { data } = await ask(CREATE, { input: { scopes: ['CONVERSATIONS_READ'], ...restriction } })
    const token = { key: data.createEmbedToken.token }
    const nodes = await server.ask(token, 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids })
    expect(nodes.data.nodes.map((node: { id: string } | null) => node?.id ?? null)).toEqual([...mine, null, null, null])
    for (const id of others) {
      const answer = await server.ask(token, 'query ($id: ID!) { node(id: $id) { id __typename } }', { id })
      expect(answer.data).toEqual({ node: null })
    }
  }
})

test('a node is read by one statement, whatever its type', async () => {
  const { ask, conversationId, agentId, messageIds } = await tenantWithOne()
  for (const id of [conversationId, agentId, ...messageIds]) {
    server.statements()
    await ask(NODES.replace('$ids: [ID!]!', '$id: ID!').replace('nodes(ids: $ids)', 'node(id: $id)'), { id })
    expect(server.statements().filter((sql) => /row_to_json|"public"/.test(sql))).toHaveLength(1)
  }
})

test('messages are read by types, each once', async () => {
  const { ask, conversationId, messageIds } = await tenantWithOne()
  const [chat, tool, event] = messageIds
  const of = async (types: string) => {
    const { data } = await ask(
      `{ conversation(by: { id: "${conversationId}" }) { messages(types: ${types}) { totalCount nodes { id } } } }`,
    )
    const { totalCount, nodes } = data.conversation.messages
    return [totalCount, ...nodes.map(({ id }: { id: string }) => id)]
  }
  expect(await of('[CHAT]')).toEqual([1, chat])
  expect(await of('[EVENT, CHAT, EVENT]')).toEqual([2, chat, event])
  expect(await of('[TOOL]')).toEqual([1, tool])
  expect(await of('[]')).toEqual([0])
  expect(await of('null')).toEqual([3, ...messageIds])
})

test('a query that waited for its turn in vain is refused at once, and not tried on the other path', async () => {
  const { ask } = await tenantWithOne()
  const turn = vi.spyOn(server.database.turns, 'run').mockRejectedValue(overloaded())
  const answer = await ask(ONE, { by: { externalId: 'call-1' } })
  const tries = turn.mock.calls.length
  turn.mockRestore()
  expect(codes(answer)).toEqual(['OVERLOADED'])
  expect(tries).toBe(1)
})

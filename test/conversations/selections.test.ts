import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { log } from './conversations.ts'

const server = await startTestServer()

async function openOne() {
  const { ask } = await server.newTenant()
  await log(ask, {
    externalId: 'one',
    agents: [{ externalId: 'first' }, { externalId: 'second' }],
    messages: [
      { chat: { role: 'USER', content: 'Hello', costUsd: 0.25, agent: { externalId: 'first' } } },
      { tool: { name: 'look', input: { q: 1 } } },
      { chat: { role: 'ASSISTANT', content: 'Hi' } },
    ],
  })
  return async (document: string, variables?: Record<string, unknown>) => {
    const { data, errors } = await ask(document, variables)
    expect(errors).toBeUndefined()
    return data.conversations
  }
}

test('aliases of one field answer each by its own arguments and selection', async () => {
  const read = await openOne()
  const found = await read(`{ conversations {
    nodes {
      a: agents { name } b: agents { externalId status }
      all: messages { nodes { sequence } }
      first: messages(first: 1) { nodes { sequence agent { name } } pageInfo { hasNextPage } }
      last: messages(last: 1) { edges { node { id: sequence ... on ChatMessage { said: content } } } }
      tools: messages(types: [TOOL]) { totalCount nodes { ... on ToolCall { called: name with: input } } }
      none: messages(first: 0) { totalCount nodes { sequence } }
    }
  } }`)
  expect(found.nodes).toEqual([
    {
      a: [{ name: 'first' }, { name: 'second' }],
      b: [
        { externalId: 'first', status: 'ACTIVE' },
        { externalId: 'second', status: 'ACTIVE' },
      ],
      all: { nodes: [{ sequence: 0 }, { sequence: 1 }, { sequence: 2 }] },
      first: { nodes: [{ sequence: 0, agent: { name: 'first' } }], pageInfo: { hasNextPage: true } },
      last: { edges: [{ node: { id: 2, said: 'Hi' } }] },
      tools: { totalCount: 1, nodes: [{ called: 'look', with: { q: 1 } }] },
      none: { totalCount: 3, nodes: [] },
    },
  ])
})

test('fields that come by edges, nodes and fragments are one list', async () => {
  const read = await openOne()
  const found = await read(`
    query { conversations { ...Page edges { cursor node { ... on Node { id } ...Talk } } nodes { externalId ...Talk } } }
    fragment Page on ConversationConnection { pageInfo { startCursor } totalCount }
    fragment Talk on Conversation { messages(first: 2) { nodes { ...Entry } } ... { messageCount } }
    fragment Entry on Message { sequence ... on ChatMessage { content costUsd } ... on ToolCall { name } agent { ...Name } }
    fragment Name on Agent { name }`)
  const talk = {
    messageCount: 3,
    messages: {
      nodes: [
        { sequence: 0, content: 'Hello', costUsd: 0.25, agent: { name: 'first' } },
        { sequence: 1, name: 'look', agent: null },
      ],
    },
  }
  const [edge] = found.edges
  expect(found).toEqual({
    totalCount: 1,
    pageInfo: { startCursor: edge.cursor },
    edges: [{ cursor: expect.any(String), node: { id: expect.stringMatching(/^conv_/), ...talk } }],
    nodes: [{ externalId: 'one', ...talk }],
  })
})

test('@skip and @include leave out what they say, at every level', async () => {
  const read = await openOne()
  const DOCUMENT = `query ($yes: Boolean!) {
    conversations {
      totalCount @skip(if: $yes)
      nodes {
        externalId @include(if: $yes)
        agents @skip(if: $yes) { name }
        messages(first: 1) @include(if: $yes) {
          nodes { sequence ... on ChatMessage @skip(if: $yes) { content } agent @include(if: $yes) { name } }
        }
        rest: messages(last: 1) @skip(if: $yes) { nodes { sequence } }
      }
    }
  }`
  expect(await read(DOCUMENT, { yes: true })).toEqual({
    nodes: [{ externalId: 'one', messages: { nodes: [{ sequence: 0, agent: { name: 'first' } }] } }],
  })
  expect(await read(DOCUMENT, { yes: false })).toEqual({
    totalCount: 1,
    nodes: [{ agents: [{ name: 'first' }, { name: 'second' }], rest: { nodes: [{ sequence: 2 }] } }],
  })
})

test('one document may ask for several lists, each with its own filter and page', async () => {
  const { ask } = await server.newTenant()
  for (const externalId of ['a', 'b', 'c'])
    await log(ask, { externalId, startedAt: '2026-01-01T00:00:00Z', labels: [externalId] })
  const { data } = await ask(`{
    newest: conversations(first: 1) { totalCount nodes { externalId } }
    two: conversations(filter: { labels: ["a", "b"] }, orderBy: { field: CREATED_AT, direction: ASC }) { totalCount nodes { externalId } }
    one: conversation(by: { externalId: "b" }) { labels }
  }`)
  expect(data).toEqual({
    newest: { totalCount: 3, nodes: [{ externalId: 'c' }] },
    two: { totalCount: 2, nodes: [{ externalId: 'a' }, { externalId: 'b' }] },
    one: { labels: ['b'] },
  })
})

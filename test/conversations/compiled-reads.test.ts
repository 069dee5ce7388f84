import { expect, test } from 'vitest'
import { mark, must } from '../isolation/plant.ts'
import { type Credential, TENANT_SCOPES } from '../support/server.ts'
import { asIsolationAsks, startBothWays, withoutVariables } from './both-ways.ts'
import { log } from './conversations.ts'

/** The compiled path of reading answers to the byte what graphql-js, Pothos and Prisma do, whoever asks. */

const { server, tenant, keyWith, token, differing } = await startBothWays(new Date())
const { id: other } = await log(tenant.ask, {
  messages: [
    { chat: { role: 'USER', content: 'Wie geht’s?', costUsd: 0.000000001, latencyMs: 12.5, rating: -1 } },
    { chat: { role: 'SYSTEM', content: 'Be kind.' } },
    {
      chat: {
        role: 'USER',
        content: '"\\u0001\n\u001e\u001f\u2028{é😀}</script>',
        timestamp: '1970-01-01T00:00:00.001Z',
      },
    },
    {
      tool: {
        name: '{look}',
        output: { whole: 12_345_678, small: 1e-9, tiny: 5e-300, text: '\u001e{"', list: [null, -0, 0.1, true, {}] },
        durationMs: 0.000_001,
        timestamp: '2024-02-29T23:59:59Z',
      },
    },
    { tool: { name: 'nothing', input: null, output: null, timestamp: '2024-12-31T23:59:59.999Z' } },
    // biome-ignore lint/suspicious/noThenProperty: one that is no promise
    { event: { name: 'trace', visibility: 'INTERNAL', payload: [1.5, null, { then: 'what' }] } },
    { event: { name: 'seen', visibility: 'PUBLIC' } },
    { tool: { name: 'look', input: { q: 1 }, error: 'no', thought: 'hm', metadata: { a: 1 } } },
  ],
  // biome-ignore lint/suspicious/noThenProperty: one that is no promise
  metadata: { then: 'a key that is a method of promises', deep: { list: [1, '2', null, true] } },
  startedAt: '2024-03-31T23:59:59.999+02:00',
  endedAt: '2024-04-01T00:00:00.001+02:00',
  labels: ['ä', '"quoted"', 'back\\slash'],
})

const scopes = ['CONVERSATIONS_READ', 'INTERNALS_READ']
const credentials: Record<string, Credential> = {
  'a key of the tenant': { key: tenant.secret },
  'one without INTERNALS_READ': await keyWith(...TENANT_SCOPES.filter((scope) => scope !== 'INTERNALS_READ')),
  'one that reads analytics alone': await keyWith('ANALYTICS_READ'),
  'an administrator': { key: server.adminKey, tenantId: tenant.tenantId },
  'an administrator without a tenant': { key: server.adminKey },
  'a token locked to a customer': await token({ scopes, metadata: { customer: mark(tenant, 'open-customer') } }),
  'a token locked to an agent': await token({ scopes: ['CONVERSATIONS_READ'], agents: [{ id: tenant.agentId }] }),
  'a token locked to an end user': await token({ scopes, endUserIds: [mark(tenant, 'open-end-user')] }),
}

const documents = [
  ...asIsolationAsks(tenant, ['Query.conversation', 'Query.conversations', 'Query.node', 'Query.nodes']),
  ...withoutVariables({
    'the same relation in several ways': `{ conversation(by: { id: "${other}" }) { a: messages(first: 1) { nodes { id } } b: messages(last: 2, types: [TOOL, EVENT]) { totalCount edges { cursor node { __typename sequence } } pageInfo { hasPreviousPage startCursor } } messages { nodes { metadata } } agents { id } agents { name } } }`,
    'messages as the database writes them': `{ conversation(by: { id: "${other}" }) { status all: messages(first: 100) { nodes { ...Columns } } last: messages(last: 3) { edges { cursor node { ...Columns } } pageInfo { hasPreviousPage endCursor startCursor } } none: messages(first: 0) { nodes { sequence } } } } fragment Columns on Message { __typename id place: sequence key: id timestamp ... on ChatMessage { role content model tokenCount latencyMs rating sentiment language translation understood participantId endedAt } ... on ToolCall { name input output thought error durationMs } ... on ConversationEvent { name visibility payload } }`,
    'of one kind as the database writes them': `{ conversations { nodes { id messages(types: [CHAT], first: 2) { nodes { ... on ChatMessage { content } ... on ToolCall { name } } } } } }`,
    'dates of the tenant and of a zone':
      '{ a: conversations(filter: { createdAt: { from: "2026-01-01" } }) { totalCount nodes { id } } b: conversations(first: 2, filter: { not: { createdAt: { to: "2026-01-01", timeZone: "Asia/Tokyo" } } }) { nodes { id } } }',
    'one list by a date':
      '{ conversations(filter: { createdAt: { from: "2026-01-01" } }) { nodes { id messages(first: 1) { nodes { id } } } } }',
    'what can be no date':
      '{ conversations(filter: { or: [{ createdAt: { from: "2026-01-01", to: "2026-01-01" } }] }) { totalCount } }',
    'messages and nothing else': `{ conversation(by: { id: "${other}" }) { messages { nodes { ... on ChatMessage { role content } } } } }`,
    'nothing of a kind': `{ conversations { nodes { messages { nodes { ... on ToolCall { name } } totalCount } } } }`,
    'places alone': `{ conversations { nodes { messages { edges { cursor } pageInfo { hasNextPage } } } } }`,
    'written in two ways': `{ conversations { nodes { messages { nodes { sequence } edges { node { timestamp } } } } } }`,
    'fragments within fragments': `{ conversations(last: 2) { ...C } } fragment C on ConversationConnection { nodes { ... on Node { id } ...D } edges { node { startedAt ...D } } } fragment D on Conversation { messages(first: 3) { nodes { ...M } } } fragment M on Message { id ... on Node { __typename } ... on ChatMessage { content intent { name } } ... on ToolCall { failed input } }`,
    'a directive': '{ conversations { nodes { id @skip(if: true) status } } }',
    'everything left out':
      '{ conversations { nodes { id @skip(if: true) ... @include(if: false) { status } } pageInfo { hasNextPage } } }',
    'a root field left out':
      '{ a: conversations @skip(if: true) { nodes { id } } b: conversations @include(if: true) { nodes { status } } }',
    'all root fields left out': '{ conversations @skip(if: true) { nodes { id } } }',
    'both directives':
      '{ conversations { nodes { id @skip(if: false) @include(if: false) status @include(if: true) @skip(if: false) } } }',
    'the total': '{ conversations(first: 1) { totalCount } }',
    'the total of what a filter leaves, with the page':
      '{ conversations(first: 2, filter: { messageCount: { gte: 1 } }) { total: totalCount again: totalCount edges { cursor node { id messages { totalCount } } } pageInfo { hasNextPage } } }',
    'the total in a fragment':
      '{ conversations { ...C } } fragment C on ConversationConnection { ... on ConversationConnection { totalCount } nodes { id } }',
    'three fields, one in a fragment': `query { conversations(first: 1) { nodes { id } } ...F other: conversation(by: { id: "${other}" }) { status messages(first: 2) { nodes { id } } } } fragment F on Query { numbers: conversationMetrics { current { conversationCount } } none: conversation(by: { externalId: "none" }) { id } }`,
    'one field asked twice': `{ conversation(by: { id: "${other}" }) { id } conversation(by: { id: "${other}" }) { status messages { totalCount } } }`,
    'only types of related rows': `{ conversation(by: { id: "${other}" }) { agents { __typename } messages { nodes { __typename } } } }`,
    'beside its own name':
      '{ __typename conversations(first: 1) { __typename nodes { __typename } } name: __typename }',
    'only its own name': '{ __typename }',
    'beside what is not compiled': '{ conversations { nodes { id } } viewer { scopes } }',
    'one of two refused': '{ a: conversations { nodes { id } } b: conversations(first: 101) { nodes { id } } }',
    'one of two that may not be read':
      '{ a: conversations { nodes { id } } b: conversationMetrics { current { conversationCount } } }',
    'one and the same row in two': `{ a: conversation(by: { id: "${other}" }) { x: messages(first: 1) { nodes { id } } } b: conversation(by: { id: "${other}" }) { x: messages(last: 1) { nodes { sequence } } } }`,
    'a variable that does not fit': 'query ($n: Int!) { conversations(first: $n) { nodes { id } } }',
    'too much': '{ conversations(first: 101) { nodes { id } } }',
    'a cursor of another list': '{ conversations(after: "WyJBR0VOVFMiLDAsIiJd") { nodes { id } } }',
    'a nested page that is none': '{ conversations { nodes { messages(first: -1) { nodes { id } } } } }',
    'both ids': `{ conversation(by: { id: "${other}", externalId: "a" }) { id } }`,
    'no such id': '{ conversation(by: { id: "conv_01h2xcejqtf2nbrexx3vqjhp41" }) { id } }',
    'nothing that can be an id': '{ conversation(by: { id: "agent_01h2xcejqtf2nbrexx3vqjhp41" }) { id } }',
    'one by one': `{ conversations(first: 1) { nodes { id } pageInfo { hasNextPage endCursor } } }`,
    'a page alone': '{ conversations(first: 1) { pageInfo { hasNextPage startCursor endCursor } } }',
    'cursors alone': '{ conversations(last: 2) { edges { cursor } } }',
    'none at all': `{ conversations(first: 0) { nodes { id } pageInfo { hasNextPage } } }`,
    'two fields': `{ a: conversations { nodes { id } } b: conversations { nodes { status } } }`,
    'sorted by messages':
      '{ conversations(orderBy: { field: MESSAGE_COUNT, direction: ASC }) { edges { cursor node { messageCount costUsd durationMs labels } } } }',
  }),
]

/** Objects of every type, asked one by one and together. */
const NODE = 'query ($id: ID!) { node(id: $id) { ...Fields } }'
const NODES = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ...Fields } }'
const NODE_FIELDS = ` fragment Fields on Node {
  __typename id
  ... on Conversation { externalId agents { name } messages(types: [TOOL]) { totalCount nodes { sequence agent { name } } } }
  ... on Agent { name systemPrompt tags }
  ... on Message { sequence metadata agent { id name } }
  ... on ChatMessage { role content sentiment intent { name } }
  ... on ToolCall { toolName: name input cost: metadata }
  ... on ConversationEvent { eventName: name payload }
}`
const planted = await must(
  tenant.ask,
  '{ conversations { nodes { id messages(first: 100) { nodes { id } } } } agents { nodes { id } } }',
  {},
)
const { id: keyId } = await server.newKey({ scopes: ['ADMIN'] })
const nodeIds: string[] = [
  ...planted.conversations.nodes.flatMap((each: { id: string; messages: { nodes: { id: string }[] } }) => [
    each.id,
    ...each.messages.nodes.map(({ id }) => id),
  ]),
  ...planted.agents.nodes.map(({ id }: { id: string }) => id),
  ...['conv_01h2xcejqtf2nbrexx3vqjhp41', 'msg_01h2xcejqtf2nbrexx3vqjhp41', 'x', ''],
]
const keyIds = [keyId, 'issuer_01h2xcejqtf2nbrexx3vqjhp41', 'audit_01h2xcejqtf2nbrexx3vqjhp41']
documents.push(
  ...[...nodeIds, ...keyIds].map((id) => ({ name: `node ${id}`, query: NODE + NODE_FIELDS, variables: { id } })),
  ...[
    nodeIds.slice(0, 100),
    nodeIds.slice(-100).reverse(),
    [],
    keyIds,
    [...keyIds, ...nodeIds.slice(-6)],
    [...nodeIds.slice(-6), ...nodeIds.slice(-6)],
    Array(101).fill('x'),
  ].map((ids, i) => ({ name: `nodes ${i}`, query: NODES + NODE_FIELDS, variables: { ids } })),
  ...withoutVariables({
    'a node and more': `{ node(id: "${other}") { id } conversations(first: 1) { nodes { id } } a: node(id: "${nodeIds.at(-5)}") { __typename } }`,
    'nothing of a node': `{ node(id: "${other}") { ... on Agent { name } } }`,
    'a node of another type': `{ node(id: "${other}") { ... on ApiKey { scopes } ... on AuditEvent { action } id } }`,
  }),
)

/** One document with one set of variables after the other, some of them in arguments below its root. */
const OF_VARIABLES = `query ($first: Int, $inner: Int = 2, $types: [MessageType!], $after: String) {
  conversations(first: $first) { nodes { id messages(first: $inner, types: $types, after: $after) {
    nodes { id sequence ... on ChatMessage { content } } pageInfo { endCursor }
  } } }
}`
const { conversation } = await must(
  tenant.ask,
  'query ($id: ID!) { conversation(by: { id: $id }) { messages(first: 1) { pageInfo { endCursor } } } }',
  { id: other },
)
const { endCursor } = conversation.messages.pageInfo
/** Which conversation, as a variable: one, and none that fits. */
const OF_BY =
  'query ($by: ConversationBy!) { conversation(by: $by) { id status messages(first: 2) { nodes { sequence } } } }'
const bys = [{ id: other }, { externalId: 'none' }, { id: other, externalId: 'a' }, { id: null }, {}, null, other]
documents.push(...bys.map((by, i) => ({ name: `by ${i}`, query: OF_BY, variables: { by } })))
const variables = [
  ...[{}, { inner: 1 }, { inner: 3 }, { inner: 1 }, { inner: null }, { first: 1 }, { first: 2, inner: 1 }],
  ...[{ types: null }, { types: [] }, { types: ['CHAT'] }, { types: 'CHAT' }, { types: ['TOOL', 'EVENT'] }],
  ...[{ after: endCursor }, { after: endCursor, inner: 1 }, { after: 'none' }, { after: 'x'.repeat(2_000) }],
  ...[{ inner: 101 }, { inner: -1 }, { inner: 1.5 }, { types: ['NONE'] }, {}],
  ...Array.from({ length: 25 }, (_, inner) => ({ inner })),
  ...[{}, { inner: 1 }],
]
const OF_CONDITIONS = `query ($a: Boolean!, $b: Boolean! = true) {
  conversations { nodes { id @include(if: $a) status @skip(if: $a) ...C @include(if: $b) } }
  all: conversations @skip(if: $b) { totalCount }
} fragment C on Conversation { messages(first: 1) @include(if: $a) { nodes { sequence } } }`
const conditions = [
  ...[{ a: true }, { a: false }, { a: true, b: false }, { a: false, b: false }, { a: true }, { a: true, b: true }],
  ...[{}, { a: null }, { a: 'true' }, { a: 1 }, { a: true, b: null }, { a: false }],
]
documents.push(...conditions.map((given, i) => ({ name: `conditions ${i}`, query: OF_CONDITIONS, variables: given })))
const MANY_CONDITIONS = `query (${['a', 'b', 'c', 'd', 'e'].map((name) => `$${name}: Boolean!`).join(' ')}) {
  conversations { nodes { ${['a', 'b', 'c', 'd', 'e'].map((name) => `${name}: id @include(if: $${name})`).join(' ')} } }
}`
const five = { a: true, b: false, c: true, d: false, e: true }
documents.push({ name: 'five conditions', query: MANY_CONDITIONS, variables: five })
documents.push(...variables.map((given, i) => ({ name: `variables ${i}`, query: OF_VARIABLES, variables: given })))

test.each(Object.keys(credentials))('%s', { timeout: 120_000 }, async (who) => {
  const credential = credentials[who] ?? {}
  server.statements()
  expect(await differing(credential, documents)).toEqual([])
  const statements = server.statements()
  const compiledOnes = statements.filter((sql) => sql.includes('row_to_json(r)')).length
  const written = statements.filter((sql) => sql.includes('string_agg')).length
  const mayRead = !who.includes('analytics') && !who.includes('without a tenant')
  expect(compiledOnes > documents.length / 2).toBe(mayRead)
  expect(written > 5).toBe(mayRead)
})

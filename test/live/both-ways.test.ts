import { expect, test } from 'vitest'
import { follow } from '../support/live.ts'
import { type Credential, serveTestDatabase, startTestServer, TENANT_SCOPES } from '../support/server.ts'
import { append, log } from './conversations.ts'

/** Answers are made of one statement's rows, or by graphql-js and Prisma. Both are the same to the byte. */

const server = await startTestServer()
const resolved = serveTestDatabase(server, server.adminKey, { compilesReads: false })

const FRAGMENT = `fragment Whole on Conversation {
  __typename id externalId status channel isTest endUserId labels metadata startedAt endedAt durationMs createdAt
  messageCount eventCount costUsd recording { url } analysis { status tags }
  agents { id name externalId }
  first: messages(first: 2) { totalCount nodes { __typename sequence ... on ChatMessage { role content } } }
  last: messages(last: 1, types: [TOOL]) { edges { cursor node { ... on ToolCall { name input output } } } pageInfo { hasPreviousPage } }
}`

const documentsOf = (id: string): Record<string, string> => ({
  'a conversation with all that hangs on it': `subscription { conversationUpdated(id: "${id}") { ...Whole } } ${FRAGMENT}`,
  'under other names': `subscription { it: conversationUpdated(id: "${id}") { a: status b: status } }`,
  'changes with their conversations': `subscription { conversationsChanged { changes { __typename kind conversationId conversation { ...Whole } } } } ${FRAGMENT}`,
  'changes and nothing of conversations': 'subscription { conversationsChanged { changes { kind conversationId } } }',
  'only whether they are there': 'subscription { conversationsChanged { changes { conversation { __typename } } } }',
  'with directives': `subscription { conversationUpdated(id: "${id}") { status @include(if: true) externalId @skip(if: true) } }`,
  'what needs more than rows': `subscription { conversationUpdated(id: "${id}") { status intents { name } sentiment sentimentLabel agents { totals { conversationCount } } } }`,
  'the root by a fragment': `subscription { ...Root } fragment Root on Subscription { conversationUpdated(id: "${id}") { status } }`,
  messages: `subscription { messagesAppended(conversationId: "${id}") { lastSequence messages { id sequence } } }`,
})

async function newToken(key: string, input: object): Promise<Credential> {
  const { data } = await server.ask(
    { key },
    'mutation ($input: CreateEmbedTokenInput!) { createEmbedToken(input: $input) { token } }',
    { input },
  )
  return { key: data.createEmbedToken.token }
}

test('a subscription is answered to the byte as graphql-js and Prisma would, whoever subscribes', async () => {
  const tenant = await server.newTenant()
  const withoutInternals = await server.newKey({
    scopes: TENANT_SCOPES.filter((scope) => scope !== 'INTERNALS_READ'),
    tenantId: tenant.id,
  })
  const credentials: Credential[] = [
    { key: tenant.key },
    { key: withoutInternals.secret },
    { key: server.adminKey, tenantId: tenant.id },
    await newToken(tenant.key, { metadata: { plan: 'pro' } }),
  ]
  const id = await log(tenant.ask, {
    externalId: 'chat-1',
    metadata: { plan: 'pro', deep: { list: [1, '2', null] } },
    agents: [{ externalId: 'bot' }],
    labels: ['ä', '"quoted"'],
    messages: [
      { chat: { role: 'SYSTEM', content: 'a prompt' } },
      { chat: { role: 'USER', content: 'Wo ist "es"?', costUsd: 0.001 } },
      { tool: { name: 'find', input: { a: 1.5 }, output: null } },
    ],
  })
  const asked = credentials.flatMap((credential) =>
    Object.values(documentsOf(id)).map((query) => ({ credential, query })),
  )
  const followed = await Promise.all(
    asked.map(async ({ credential, query }) => ({
      query,
      short: await follow(server, credential, query),
      long: await follow(resolved, credential, query),
    })),
  )
  const answersTo = async (query: string) =>
    Promise.all(
      followed
        .filter((one) => one.query === query)
        .flatMap(({ short, long }) => [short, long])
        .map(async (live) => JSON.stringify(await live.next())),
    )
  const inPairs = (answers: string[]) => answers.flatMap((answer, i) => (i % 2 === 0 ? [[answer, answers[i + 1]]] : []))
  const compare = async (isFirst: boolean) => {
    for (const [name, query] of Object.entries(documentsOf(id))) {
      // Its first answer is the first message that is appended.
      if (isFirst && name === 'messages') continue
      for (const [short, long] of inPairs(await answersTo(query))) {
        expect(short, name).toContain('{"data":')
        expect(short, name).toBe(long)
      }
    }
  }
  server.statements()
  await compare(true)
  await append(tenant.ask, id, [{ chat: { role: 'ASSISTANT', content: 'Here.' } }])
  await compare(false)
  expect(server.statements().filter((sql) => sql.includes('row_to_json(r)')).length).toBeGreaterThan(0)
})

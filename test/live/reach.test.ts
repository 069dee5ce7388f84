import { expect, test } from 'vitest'
import { follow, readEvents } from '../support/live.ts'
import { type Ask, startTestServer } from '../support/server.ts'
import { changesOf, followChanges } from './changes.ts'
import { append, log, remove, update } from './conversations.ts'

const server = await startTestServer()

async function tokenOf(ask: Ask, input: object): Promise<{ key: string }> {
  const { data } = await ask(
    'mutation ($input: CreateEmbedTokenInput!) { createEmbedToken(input: $input) { token } }',
    { input },
  )
  return { key: data.createEmbedToken.token }
}

test('another tenant’s changes never arrive, whoever follows', async () => {
  const [own, other] = [await server.newTenant(), await server.newTenant()]
  const credentials = [{ key: own.key }, { key: server.adminKey, tenantId: own.id }, await tokenOf(own.ask, {})]
  const streams = await Promise.all(credentials.map((credential) => followChanges(server, credential)))
  for (const live of streams) expect(await changesOf(live)).toEqual([])
  const theirs = await log(other.ask)
  await append(other.ask, theirs, ['secret'])
  await remove(other.ask, theirs)
  // What comes next is one's own, although it came later.
  const ours = await log(own.ask)
  for (const live of streams) {
    expect(await changesOf(live)).toEqual([
      { kind: 'CREATED', conversationId: ours, conversation: { id: ours, messageCount: 1 } },
    ])
  }
})

test('a resume token of another tenant’s is a place in time and no more', async () => {
  const [own, other] = [await server.newTenant(), await server.newTenant()]
  const ours = await log(own.ask)
  const resumeToken = (await (await followChanges(server, { key: other.key })).data()).conversationsChanged.resumeToken
  await log(other.ask)
  await append(own.ask, ours, ['behind it'])
  const live = await followChanges(server, { key: own.key }, { after: resumeToken })
  expect(await changesOf(live)).toEqual([
    { kind: 'MESSAGES', conversationId: ours, conversation: { id: ours, messageCount: 2 } },
  ])
})

/** Locks, with what fits one and what does not. */
const LOCKS: [what: string, lock: object, fits: object, other: object][] = [
  [
    'metadata',
    { metadata: { customer_id: '42' } },
    { metadata: { customer_id: '42' } },
    { metadata: { customer_id: '43' } },
  ],
  ['an end user', { endUserIds: ['ada', 'eve'] }, { endUserId: 'ada' }, { endUserId: 'bob' }],
]

test.each(LOCKS)(
  'a token locked to %s is told of nothing else: not of others, nor of deletions, nor of what leaves its lock',
  async (_what, lock, fits, others) => {
    const { ask } = await server.newTenant()
    const token = await tokenOf(ask, lock)
    const live = await followChanges(server, token)
    await live.next()
    const other = await log(ask, others)
    await append(ask, other, ['not for 42'])
    const [mine, moved, deleted] = [await log(ask, fits), await log(ask, fits), await log(ask, fits)]
    const told: string[] = []
    while (told.length < 3) told.push(...(await changesOf(live)).map(({ conversationId }) => conversationId))
    expect(told).toEqual([mine, moved, deleted])
    await update(ask, moved, others)
    await remove(ask, deleted)
    await append(ask, mine, ['for 42'])
    expect(await changesOf(live)).toEqual([
      { kind: 'MESSAGES', conversationId: mine, conversation: { id: mine, messageCount: 2 } },
    ])
  },
)

test('a token locked to an agent follows conversations of that agent alone', async () => {
  const { ask } = await server.newTenant()
  const { data } = await ask('mutation { createAgent(input: { name: "A", externalId: "a" }) { agent { id } } }')
  const token = await tokenOf(ask, { agents: [{ id: data.createAgent.agent.id }] })
  const live = await followChanges(server, token, { filter: { or: [{ isTest: false }, { isTest: true }] } })
  await live.next()
  await log(ask)
  const mine = await log(ask, { agents: [{ externalId: 'a' }] })
  expect(await changesOf(live)).toEqual([
    { kind: 'CREATED', conversationId: mine, conversation: { id: mine, messageCount: 1 } },
  ])
})

const UPDATED = 'subscription ($id: ID!) { conversationUpdated(id: $id) { id } }'
const APPENDED =
  'subscription ($id: ID!) { messagesAppended(conversationId: $id, afterSequence: -1) { messages { sequence } } }'

test.each(LOCKS)(
  'a conversation that a lock to %s hides is not there, and one that it begins to hide ends like a deleted one',
  async (_what, lock, fits, others) => {
    const { ask } = await server.newTenant()
    const token = await tokenOf(ask, lock)
    const hidden = await log(ask, others)
    for (const document of [UPDATED, APPENDED]) {
      const refused = await follow(server, token, document, { id: hidden })
      expect((await refused.next())?.errors?.[0]?.extensions.code).toBe('NOT_FOUND')

      const id = await log(ask, fits)
      const live = await follow(server, token, document, { id })
      expect((await live.next())?.errors).toBeUndefined()
      await update(ask, id, others)
      expect(await live.next()).toBeNull()
    }
  },
)

test('without a credential, and without a tenant, nothing is followed', async () => {
  const refusal = async (credential: { key?: string }) => {
    const live = await followChanges(server, credential)
    return [live.status, (await live.next())?.errors?.[0]?.extensions.code, await live.next()]
  }
  expect(await refusal({})).toEqual([401, 'UNAUTHENTICATED', null])
  expect(await refusal({ key: server.adminKey })).toEqual([200, 'TENANT_REQUIRED', null])
})

test('whoever takes no stream is told so, and asking by the URL does as well', async () => {
  const { key } = await server.newTenant()
  const query = 'subscription { conversationsChanged { changes { kind } } }'
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const refused = await server.fetch('/graphql', {
    method: 'POST',
    headers: { ...headers, accept: 'application/json' },
    body: JSON.stringify({ query }),
  })
  expect([refused.status, await refused.json()]).toEqual([
    406,
    { errors: [expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT' } })] },
  ])
  const answered = await server.fetch(`/graphql?query=${encodeURIComponent(query)}`, {
    headers: { ...headers, accept: 'text/event-stream' },
  })
  expect(answered.status).toBe(200)
  const live = readEvents(answered)
  expect(await live.next()).toEqual({ data: { conversationsChanged: { changes: [] } } })
  await live.close()
})

test('a subscription whose conditions leave out its field is refused, and one to another field is answered', async () => {
  const { key, ask } = await server.newTenant()
  const id = await log(ask)
  const send = (query: string) =>
    server.fetch('/graphql', {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query }),
    })
  const refused = readEvents(await send(`subscription { conversationUpdated(id: "${id}") @skip(if: true) { id } }`))
  expect((await refused.next())?.errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED')
  const other = `subscription { conversationsChanged @skip(if: true) { resumeToken } ...F }
    fragment F on Subscription { conversationUpdated(id: "${id}") { id } }`
  const answered = readEvents(await send(other))
  expect(await answered.next()).toEqual({ data: { conversationUpdated: { id } } })
  await answered.close()
  expect(server.fallbacks.counts.get('an unexpected error')).toBeUndefined()
})

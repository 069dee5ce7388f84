import { coerceInputValue, getNamedType, isInputObjectType } from 'graphql'
import { expect, test } from 'vitest'
import { schema } from '../../src/schema/schema.ts'
import { type Ask, startTestServer, type TestTenant } from '../support/server.ts'
import { contentsOf, logged, read, refusals, said, stored, write } from './writes.ts'

const server = await startTestServer()

/** Each write of a tenant that takes an idempotency key: what to call it with, what with instead, what to select. */
const WRITES: Record<string, { make: (ids: Ids) => object; other: object; selection: string }> = {
  createAgent: { make: () => ({ name: 'A' }), other: { name: 'B' }, selection: 'agent { id name }' },
  upsertAgent: { make: () => ({ externalId: 'r' }), other: { externalId: 's' }, selection: 'created agent { id }' },
  updateAgent: {
    make: ({ agent }) => ({ by: { id: agent }, name: 'N' }),
    other: { name: 'M' },
    selection: 'agent { id name }',
  },
  archiveAgent: {
    make: ({ agent }) => ({ by: { id: agent } }),
    other: { by: { id: 'agent_x' } },
    selection: 'agent { id status }',
  },
  logConversation: {
    make: () => ({ messages: [said('a')], metadata: { b: 1, a: [{ d: 1, c: 2 }] } }),
    other: { metadata: { b: 1, a: [{ d: 1, c: 3 }] } },
    selection: 'created conversation { id metadata }',
  },
  appendMessages: {
    make: ({ conversation }) => ({ by: { id: conversation }, messages: [said('new')], metadata: { a: 1 } }),
    other: { metadata: { a: '1' } },
    selection: 'created conversation { id } appendedMessages { id sequence }',
  },
  completeConversation: {
    make: ({ conversation }) => ({ by: { id: conversation }, endedAt: '2026-01-01T00:00:00Z' }),
    other: { status: 'FAILED' },
    selection: 'conversation { id status }',
  },
  reopenConversation: {
    make: ({ conversation }) => ({ by: { id: conversation } }),
    other: { by: { externalId: 'x' } },
    selection: 'conversation { id status }',
  },
  updateConversation: {
    make: ({ conversation }) => ({ by: { id: conversation }, campaign: 'c', feedback: null }),
    other: { feedback: '' },
    selection: 'conversation { id campaign updatedAt }',
  },
  updateMessages: {
    make: ({ conversation, message }) => ({
      by: { id: conversation },
      messages: [{ by: { id: message }, rating: 1 }],
    }),
    other: { messages: [] },
    selection: 'conversation { id updatedAt } messages { id }',
  },
  deleteConversation: {
    make: ({ conversation }) => ({ by: { id: conversation } }),
    other: { by: { id: 'conv_x' } },
    selection: 'deletedId',
  },
}

interface Ids {
  agent: string
  conversation: string
  message: string
}

async function stand(): Promise<TestTenant & Ids> {
  const tenant = await server.newTenant()
  const { data } = await write(tenant.ask, 'createAgent', { name: 'Stand' }, 'agent { id }')
  const { id, messages } = await logged(tenant.ask, { status: 'ACTIVE', startedAt: '2025-01-01T00:00:00Z' })
  return { ...tenant, agent: data.createAgent.agent.id, conversation: id, message: messages[0] ?? '' }
}

const backwards = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(backwards)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, backwards(item)]),
  )
}

test.each(Object.entries(WRITES))(
  '%s writes once for a key, however often it is sent',
  async (mutation, { make, other, selection }) => {
    const tenant = await stand()
    const input = { ...make(tenant), idempotencyKey: 'key ✓' }
    const first = await write(tenant.ask, mutation, input, selection)
    expect(first.errors).toBeUndefined()
    const after = await stored(server)
    for (const same of [input, backwards(input)]) {
      const again = await write(tenant.ask, mutation, same, selection)
      expect(again.errors).toBeUndefined()
      expect(again.data).toEqual(first.data)
    }
    const conflict = await write(tenant.ask, mutation, { ...input, ...other }, selection)
    expect(refusals(conflict)).toEqual(['IDEMPOTENCY_CONFLICT input.idempotencyKey'])
    expect(await stored(server)).toEqual(after)
  },
)

const inputTypeOf = (mutation: string) =>
  getNamedType(
    schema
      .getMutationType()
      ?.getFields()
      [mutation]?.args.find(({ name }) => name === 'input')?.type,
  )

/** The account's, whose keys must be strong and last ten minutes: see credentials/api-keys/repeat.test.ts. */
const WITH_SECRETS = ['generateApiKey', 'regenerateApiKey']

test('every mutation that takes a key is among these', () => {
  const keyed = Object.keys(schema.getMutationType()?.getFields() ?? {}).filter((mutation) => {
    const type = inputTypeOf(mutation)
    return isInputObjectType(type) && 'idempotencyKey' in type.getFields()
  })
  expect(keyed.sort()).toEqual([...Object.keys(WRITES), ...WITH_SECRETS].sort())
})

interface Named {
  id?: string
  externalId?: string
}

/** Inputs that several mutations take. An agent and a conversation have the external id. */
const SHARED_INPUTS: Record<string, (ids: Ids) => Named> = {
  'an external id': () => ({ externalId: 'both' }),
  'an external id and a name': () => ({ externalId: 'both', name: 'N' }),
  'an external id and metadata': () => ({ externalId: 'both', metadata: { a: 1 } }),
  'an external id and an outcome': () => ({ externalId: 'both', outcome: 'HUMAN_AGENT' }),
  'an external id and a status': () => ({ externalId: 'both', status: 'COMPLETED' }),
  'an external id and messages': () => ({ externalId: 'both', messages: [said('a')] }),
  'a new external id and a name': () => ({ externalId: 'new', name: 'N' }),
  'a new external id and messages': () => ({ externalId: 'new', messages: [said('a')] }),
  'the id of a conversation': ({ conversation }) => ({ id: conversation }),
  'the id of an agent': ({ agent }) => ({ id: agent }),
}

const NO_IDS = { agent: 'agent', conversation: 'conv', message: 'msg' }

/** Which mutations take one of them, by its name. */
const SHARED = Object.entries(SHARED_INPUTS).map(([shared, make]) => ({
  ...{ shared, make, mutations: Object.keys(WRITES).filter((mutation) => takes(mutation, make(NO_IDS))) },
}))

/** One of them as a mutation takes it: what it is to write to is in `by`. */
function asTakenBy(mutation: string, { id, externalId, ...rest }: Named): object {
  const type = inputTypeOf(mutation)
  const named = id === undefined ? { externalId } : { id }
  return isInputObjectType(type) && 'by' in type.getFields() ? { by: named, ...rest } : { ...named, ...rest }
}

function takes(mutation: string, named: Named): boolean {
  const type = inputTypeOf(mutation)
  let isTaken = isInputObjectType(type)
  if (isInputObjectType(type)) coerceInputValue(asTakenBy(mutation, named), type, () => (isTaken = false))
  return isTaken
}

test.each(SHARED)('a key is good for one mutation alone, although others take $shared, too', async (one) => {
  const wrong: object[] = []
  for (const first of one.mutations) {
    const tenant = await stand()
    await write(tenant.ask, 'upsertAgent', { externalId: 'both' }, 'agent { id }')
    await logged(tenant.ask, { externalId: 'both', status: 'ACTIVE' })
    const inputOf = (mutation: string) => ({ ...asTakenBy(mutation, one.make(tenant)), idempotencyKey: 'k' })
    // One that is refused does not use up its key.
    if ((await write(tenant.ask, first, inputOf(first), '__typename')).errors) continue
    const before = await stored(server)
    for (const second of one.mutations.filter((mutation) => mutation !== first)) {
      const refused = refusals(await write(tenant.ask, second, inputOf(second), '__typename'))
      if (refused.join() !== 'IDEMPOTENCY_CONFLICT input.idempotencyKey') wrong.push({ first, second, refused })
    }
    expect(await stored(server)).toEqual(before)
  }
  expect(wrong).toEqual([])
})

test('the same key in two tenants is two keys', async () => {
  const [one, other] = [await server.newTenant(), await server.newTenant()]
  const send = (ask: Ask, content: string) =>
    write(ask, 'logConversation', { messages: [said(content)], idempotencyKey: 'k' })
  const first = await send(one.ask, 'mine')
  const second = await send(other.ask, 'theirs')
  expect(await contentsOf(one.ask, first.data.logConversation.conversation.id)).toEqual(['mine'])
  expect(await contentsOf(other.ask, second.data.logConversation.conversation.id)).toEqual(['theirs'])
})

test('a write that failed does not use up its key', async () => {
  const { ask } = await server.newTenant()
  const append = (input: object) =>
    write(
      ask,
      'appendMessages',
      { by: { externalId: 'x' }, messages: [said('a')], idempotencyKey: 'k', ...input },
      'created',
    )
  expect(refusals(await append({ metadata: { a: 'x'.repeat(102_400) } }))).toEqual(['NOT_FOUND input.by.externalId'])
  expect((await append({ createIfMissing: true })).data.appendMessages).toEqual({ created: true })
})

test('the first answer stands although the world has moved on', async () => {
  const { ask, conversation, message } = await stand()
  const rating = { by: { id: conversation }, messages: [{ by: { id: message }, rating: 1 }], idempotencyKey: 'rate' }
  const closing = { by: { id: conversation }, idempotencyKey: 'close' }
  await write(ask, 'updateMessages', rating)
  await write(ask, 'completeConversation', closing)
  const back = { by: { id: conversation }, messages: [{ by: { id: message }, rating: -1 }] }
  await write(ask, 'updateMessages', back)
  expect((await write(ask, 'updateMessages', rating)).errors).toBeUndefined()
  const selection = 'messages(first: 1) { nodes { ... on ChatMessage { rating } } }'
  expect(await read(ask, conversation, selection)).toEqual({ messages: { nodes: [{ rating: -1 }] } })

  await write(ask, 'deleteConversation', { by: { id: conversation }, idempotencyKey: 'gone' }, 'deletedId')
  expect(refusals(await write(ask, 'completeConversation', closing))).toEqual(['NOT_FOUND'])
  const gone = await write(ask, 'deleteConversation', { by: { id: conversation }, idempotencyKey: 'gone' }, 'deletedId')
  expect(gone.data.deleteConversation).toEqual({ deletedId: conversation })
})

test.each([
  ['', 'BAD_USER_INPUT'],
  [' \t', 'BAD_USER_INPUT'],
  ['x'.repeat(257), 'LIMIT_EXCEEDED'],
  ['a\0b', 'BAD_USER_INPUT'],
])('key %# is refused', async (idempotencyKey, code) => {
  const { ask } = await server.newTenant()
  const before = await stored(server)
  const answer = await write(ask, 'logConversation', { messages: [said('a')], idempotencyKey })
  expect(refusals(answer)).toEqual([`${code} input.idempotencyKey`])
  expect(await stored(server)).toEqual(before)
})

test('null is no key', async () => {
  const { ask } = await server.newTenant()
  const send = () => write(ask, 'logConversation', { messages: [said('a')], idempotencyKey: null })
  const [first, second] = [await send(), await send()]
  expect(first.data.logConversation.conversation.id).not.toBe(second.data.logConversation.conversation.id)
})

test('what is kept for a retry holds ids alone', async () => {
  const { ask } = await server.newTenant()
  const message = { chat: { role: 'USER', content: 'very private', metadata: { secret: 'very private' } } }
  await write(ask, 'logConversation', {
    messages: [message],
    metadata: { a: 'very private' },
    idempotencyKey: 'private',
  })
  const [row] = await server.owner(`SELECT * FROM idempotency_keys WHERE key = 'private'`)
  expect(row?.['answer']).toEqual({
    ...{ created: true, duplicateCount: 0 },
    conversationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  })
  expect(JSON.stringify(row)).not.toContain('very private')
})

test('a retry whose conversation was deleted since is CONVERSATION_DELETED, alone and among others', async () => {
  const { ask } = await server.newTenant()
  const create = { externalId: 'r', idempotencyKey: 'log', messages: [said('a')] }
  const append = { by: { externalId: 's' }, createIfMissing: true, idempotencyKey: 'append', messages: [said('a')] }
  await write(ask, 'logConversation', create, 'created')
  await write(ask, 'appendMessages', append, 'created')
  for (const externalId of ['r', 's']) await write(ask, 'deleteConversation', { by: { externalId } }, 'deletedId')

  const deleted = ['CONVERSATION_DELETED input.idempotencyKey']
  expect(refusals(await write(ask, 'logConversation', create, 'created'))).toEqual(deleted)
  expect(refusals(await write(ask, 'appendMessages', append, 'created'))).toEqual(deleted)
  const { data } = await ask(
    'mutation ($inputs: [LogConversationInput!]!) { logConversations(input: { conversations: $inputs }) { results { created error { code inputPath } } } }',
    { inputs: [{ messages: [said('b')] }, create] },
  )
  expect(data.logConversations.results).toEqual([
    { created: true, error: null },
    { created: null, error: { code: 'CONVERSATION_DELETED', inputPath: 'input.conversations[1].idempotencyKey' } },
  ])
  expect((await ask('{ conversations { totalCount } }')).data.conversations.totalCount).toBe(1)
})

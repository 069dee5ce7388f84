import { describe, expect, test } from 'vitest'
import { type Answer, startTestServer } from '../support/server.ts'
import { contentsOf, logged, read, refusals, said, stored, write } from './writes.ts'

const server = await startTestServer()
const MANY = 50
const numbers = Array.from({ length: MANY }, (_, i) => i)

/** Sends them all before the first is answered. */
const atOnce = (send: (i: number) => Promise<Answer>) => Promise.all(numbers.map(send))

const succeeded = (answers: Answer[]) => answers.filter((answer) => !answer.errors)
const refused = (answers: Answer[]) => answers.filter((answer) => answer.errors).flatMap(refusals)
const inOrder = (contents: string[]) => contents.map(Number).sort((a, b) => a - b)

const SEQUENCES = 'messageCount userMessageCount tokenCount costUsd messages(first: 100) { nodes { sequence } }'

describe('at the same time', () => {
  test('appends lose no message and give no sequence twice', async () => {
    const { ask } = await server.newTenant()
    const { id } = await logged(ask, { status: 'ACTIVE', messages: [] })
    const message = (i: number) => ({ chat: { role: 'USER', content: `${i}`, tokenCount: 2, costUsd: 0.1 } })
    const answers = await atOnce((i) =>
      write(ask, 'appendMessages', { by: { id }, messages: [message(i)] }, 'appendedMessages { sequence }'),
    )
    expect(refused(answers)).toEqual([])
    const given = answers.map(({ data }) => data.appendMessages.appendedMessages[0].sequence)
    expect(given.toSorted((a, b) => a - b)).toEqual(numbers)
    expect(inOrder(await contentsOf(ask, id))).toEqual(numbers)
    expect(await read(ask, id, SEQUENCES)).toEqual({
      ...{ messageCount: MANY, userMessageCount: MANY, tokenCount: 2 * MANY, costUsd: 5 },
      messages: { nodes: numbers.map((sequence) => ({ sequence })) },
    })
  })

  test('retries with one idempotency key store one conversation, and are all given it', async () => {
    const { ask } = await server.newTenant()
    const input = { messages: [said('a')], agents: [{ externalId: 'bot' }], idempotencyKey: 'k' }
    const answers = await atOnce(() => write(ask, 'logConversation', input, 'created conversation { id }'))
    expect(refused(answers)).toEqual([])
    expect(new Set(answers.map(({ data }) => JSON.stringify(data))).size).toBe(1)
    expect((await ask('{ conversations { totalCount } }')).data.conversations.totalCount).toBe(1)
  })

  test('logs of one external id that return what exists store one', async () => {
    const { ask } = await server.newTenant()
    const send = (i: number) =>
      write(
        ask,
        'logConversation',
        { externalId: 'x', onConflict: 'RETURN_EXISTING', messages: [said(`${i}`)], agents: [{ externalId: 'bot' }] },
        'created conversation { id }',
      )
    const answers = await atOnce(send)
    expect(refused(answers)).toEqual([])
    expect(answers.filter(({ data }) => data.logConversation.created)).toHaveLength(1)
    expect(new Set(answers.map(({ data }) => data.logConversation.conversation.id)).size).toBe(1)
    const id = answers[0]?.data.logConversation.conversation.id
    expect(await contentsOf(ask, id)).toHaveLength(1)
  })

  test('logs of one external id that refuse what exists: one is stored', async () => {
    const { ask } = await server.newTenant()
    const answers = await atOnce((i) => write(ask, 'logConversation', { externalId: 'x', messages: [said(`${i}`)] }))
    expect(succeeded(answers)).toHaveLength(1)
    expect(refused(answers)).toEqual(Array(MANY - 1).fill('EXTERNAL_ID_TAKEN input.externalId'))
  })

  test('appends that begin a missing conversation begin one, and all messages are in it', async () => {
    const { ask } = await server.newTenant()
    const answers = await atOnce((i) =>
      write(
        ask,
        'appendMessages',
        {
          by: { externalId: 'x' },
          createIfMissing: true,
          messages: [said(`${i}`)],
          agents: [{ externalId: `${i % 3}` }],
        },
        'created conversation { id }',
      ),
    )
    expect(refused(answers)).toEqual([])
    expect(answers.filter(({ data }) => data.appendMessages.created)).toHaveLength(1)
    const id = answers[0]?.data.appendMessages.conversation.id
    expect(inOrder(await contentsOf(ask, id))).toEqual(numbers)
    const { messages, agents } = await read(
      ask,
      id,
      'messages(first: 100) { nodes { sequence } } agents { externalId }',
    )
    expect(messages.nodes).toEqual(numbers.map((sequence) => ({ sequence })))
    expect(agents).toHaveLength(3)
  })

  test('of appends that expect the same sequence one is stored', async () => {
    const { ask } = await server.newTenant()
    const { id } = await logged(ask, { status: 'ACTIVE' })
    const answers = await atOnce((i) =>
      write(ask, 'appendMessages', { by: { id }, messages: [said(`${i}`)], expectedSequence: 2 }),
    )
    expect(succeeded(answers)).toHaveLength(1)
    expect(refused(answers)).toEqual(Array(MANY - 1).fill('SEQUENCE_CONFLICT input.expectedSequence'))
    expect(await contentsOf(ask, id)).toHaveLength(3)
  })

  test('of different results one wins, and the conversation says which', async () => {
    const { ask } = await server.newTenant()
    const { id } = await logged(ask, { status: 'ACTIVE' })
    const results = ['COMPLETED', 'ABANDONED', 'FAILED', 'DECLINED', 'MISSED']
    const answers = await atOnce((i) => write(ask, 'completeConversation', { by: { id }, status: results[i % 5] }))
    expect(succeeded(answers)).toHaveLength(MANY / 5)
    expect(refused(answers)).toEqual(Array(MANY - MANY / 5).fill('CONVERSATION_CLOSED input'))
    const winner = results[answers.findIndex((answer) => !answer.errors) % 5]
    expect(await read(ask, id, 'status')).toEqual({ status: winner })
  })

  test('an append and the closing of a conversation agree on which came first', async () => {
    const { ask } = await server.newTenant()
    const { id } = await logged(ask, { status: 'ACTIVE', messages: [] })
    const answers = await atOnce((i) =>
      i === MANY / 2
        ? write(ask, 'completeConversation', { by: { id } })
        : write(ask, 'appendMessages', { by: { id }, messages: [said(`${i}`)] }),
    )
    const appended = succeeded(answers).length - 1
    expect(new Set(refused(answers)).size).toBeLessThanOrEqual(1)
    const { status, messageCount } = await read(ask, id, 'status messageCount')
    expect({ status, messageCount }).toEqual({ status: 'COMPLETED', messageCount: appended })
  })

  test('updates, ratings and appends of one conversation, and its agents, do not lock each other out', async () => {
    const { ask } = await server.newTenant()
    const { id, messages } = await logged(ask, { status: 'ACTIVE' })
    const agents = (i: number) => [{ externalId: `${i % 7}` }, { externalId: `${(i * 3) % 7}` }]
    const answers = await atOnce((i) => {
      const common = { by: { id }, idempotencyKey: `k${i}` }
      if (i % 4 === 0)
        return write(ask, 'updateConversation', { ...common, agents: agents(i), metadata: { [`u${i}`]: i } })
      if (i % 4 === 1)
        return write(ask, 'updateMessages', { ...common, messages: [{ by: { id: messages[i % 2] }, rating: 1 }] })
      const input = { ...common, messages: [said(`${i}`)], agents: agents(i).reverse(), metadata: { [`a${i}`]: i } }
      return write(ask, 'appendMessages', input)
    })
    expect(refused(answers)).toEqual([])
    const { metadata, messageCount } = await read(ask, id, 'metadata messageCount')
    expect({ keys: Object.keys(metadata).length, messageCount }).toEqual({ keys: 37, messageCount: 26 })
  })

  test('a deletion among writes takes everything with it', async () => {
    const { ask } = await server.newTenant()
    const before = await stored(server)
    const { id } = await logged(ask, { status: 'ACTIVE' })
    const answers = await atOnce((i) => {
      if (i === 25) return write(ask, 'deleteConversation', { by: { id } }, 'deletedId')
      if (i % 2 === 0) return write(ask, 'updateConversation', { by: { id }, metadata: { [`${i}`]: i } })
      return write(ask, 'appendMessages', { by: { id }, messages: [said('a')], metadata: { a: i } })
    })
    const unknown = refused(answers).filter((refusal) => !/^NOT_FOUND( input(\.by\.id)?)?$/.test(refusal))
    expect(unknown).toEqual([])
    expect(await stored(server)).toEqual(before)
  })

  test('creating one tenant and upserting one agent make one of each', async () => {
    const tenant = { id: 'all-at-once', name: 'A' }
    const tenants = await atOnce(() => write(server.admin, 'createTenant', tenant, 'created'))
    expect(refused(tenants)).toEqual([])
    expect(tenants.filter(({ data }) => data.createTenant.created)).toHaveLength(1)
    const ask = server.as({ key: server.adminKey, tenantId: tenant.id })
    const key = await server.newKey({ scopes: ['CONVERSATIONS_WRITE', 'CONVERSATIONS_READ'], tenantId: tenant.id })
    const upsert = server.as({ key: key.secret })
    const agents = await atOnce(() => write(upsert, 'upsertAgent', { externalId: 'x' }, 'created agent { id }'))
    expect(refused(agents)).toEqual([])
    expect(new Set(agents.map(({ data }) => data.upsertAgent.agent.id)).size).toBe(1)
    expect(agents.filter(({ data }) => data.upsertAgent.created)).toHaveLength(1)
    expect((await ask('{ viewer { tenant { id } } }')).data.viewer.tenant.id).toBe(tenant.id)
  })

  test('administrators who revoke each other’s keys leave one that lives', async () => {
    const REVOKE = 'mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { status } } }'
    const live = `SELECT id FROM api_keys WHERE 'ADMIN' = ANY(scopes) AND revoked_at IS NULL`
    const keys = [await server.newKey({ scopes: ['ADMIN'] }), await server.newKey({ scopes: ['ADMIN'] })]
    const [one, other] = keys as [(typeof keys)[0], (typeof keys)[0]]
    const { data } = await server.admin('{ viewer { credentialId } }')
    await server.ask({ key: one.secret }, REVOKE, { id: data.viewer.credentialId })
    expect(await server.owner(live)).toHaveLength(2)
    const answers = await Promise.all([
      server.ask({ key: one.secret }, REVOKE, { id: other.id }),
      server.ask({ key: other.secret }, REVOKE, { id: one.id }),
    ])
    expect(succeeded(answers)).toHaveLength(1)
    expect(refused(answers)[0]).toMatch(/^(FORBIDDEN|UNAUTHENTICATED)$/)
    expect(await server.owner(live)).toHaveLength(1)
    await server.owner(`UPDATE api_keys SET revoked_at = NULL WHERE name = 'First admin key'`)
  })
})

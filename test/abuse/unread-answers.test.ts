import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { AnswerRun } from '../../src/execution/answer-run.ts'
import { AnswerWriter } from '../../src/execution/answer-writer.ts'
import { UnreadAnswers } from '../../src/http/limits/unread-answers.ts'
import type { ServeOptions } from '../../src/serve.ts'
import { askBy } from '../support/process.ts'
import type { Answer } from '../support/server.ts'
import { useServices } from '../support/services.ts'

const CONTENT = 'x'.repeat(100_000)
const ALIASES = 90
/** Each answer is twice what the system buffers between a server and a client that does not read. */
const ANSWER_BYTES = ALIASES * CONTENT.length
const READ = `{ conversations { nodes { messages { nodes { ... on ChatMessage {
  ${Array.from({ length: ALIASES }, (_, i) => `a${i}: content`).join(' ')}
} } } } } }`
const SMALL = '{ conversations { totalCount } }'
const LIMITS = { credential: 2.5 * ANSWER_BYTES, tenant: 4.5 * ANSWER_BYTES, process: 100 * ANSWER_BYTES }

const { start } = await useServices()

/** A server, two tenants with keys and tokens, and a conversation of the first with a long message. */
async function serving(options: ServeOptions = {}) {
  const unread = new UnreadAnswers(LIMITS)
  const server = await start({}, { unread, ...options })
  const url = new URL(await server.url())
  const must = async (...args: Parameters<typeof server.ask>) => {
    const { body } = await server.ask(...args)
    if (body.errors) throw new Error(JSON.stringify(body.errors))
    return body.data
  }
  const newKey = async (tenantId: string) => {
    const input = {
      name: 'test',
      tenantId,
      scopes: ['CONVERSATIONS_READ', 'CONVERSATIONS_WRITE', 'EMBED_TOKENS_CREATE', 'ANALYTICS_READ'],
    }
    const { generateApiKey } = await must(
      'mutation ($input: GenerateApiKeyInput!) { generateApiKey(input: $input) { secret } }',
      { variables: { input } },
    )
    return generateApiKey.secret as string
  }
  const [tenantId, otherId] = [crypto.randomUUID(), crypto.randomUUID()]
  for (const id of [tenantId, otherId]) {
    await must('mutation ($input: CreateTenantInput!) { createTenant(input: $input) { created } }', {
      variables: { input: { id, name: id } },
    })
  }
  const key = await newKey(tenantId)
  const as =
    (credential: string) =>
    async (query: string, variables: Record<string, unknown> = {}) => {
      const { body, ...answer } = await askBy(server.fetch, credential, query, { variables })
      return { ...answer, ...(body as Pick<Answer, 'data' | 'errors'>) }
    }
  const { data } = await as(key)(
    'mutation ($input: LogConversationInput!) { logConversation(input: $input) { conversation { id } } }',
    { input: { status: 'ACTIVE', messages: [{ chat: { role: 'USER', content: CONTENT } }] } },
  )
  return {
    ...{ server, unread, key, as, conversationId: data.logConversation.conversation.id as string },
    anotherKey: () => newKey(tenantId),
    neighbour: as(await newKey(otherId)),
    async newToken(subject: string): Promise<string> {
      const answer = await as(key)(
        'mutation ($input: CreateEmbedTokenInput!) { createEmbedToken(input: $input) { token } }',
        { input: { subject } },
      )
      if (answer.errors) throw new Error(JSON.stringify(answer.errors))
      return answer.data.createEmbedToken.token
    },
    /** Sends a query, and reads nothing of the answer unless the socket is resumed. */
    ask(credential: string, query: string, accept = 'application/json'): Socket {
      const socket = connect(Number(url.port), '127.0.0.1').pause()
      socket.on('error', () => {})
      onTestFinished(() => void socket.destroy())
      const body = JSON.stringify({ query })
      socket.write(
        `POST /graphql HTTP/1.1\r\nHost: localhost\r\nAccept: ${accept}\r\nAuthorization: Bearer ${credential}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      )
      return socket
    },
  }
}

const answersIn = (bytes: number) => Math.floor(bytes / ANSWER_BYTES)

test('clients that ask and do not read are refused at the limit of the credential, of the tenant’s tokens, and of the tenant', async () => {
  const { ask, unread, key, as, anotherKey, newToken, neighbour } = await serving()
  const sockets: Socket[] = []
  const hold = async (credential: string, count: number) => {
    const before = answersIn(unread.bytes)
    for (let i = 0; i < count; i += 1) sockets.push(ask(credential, READ))
    await expect.poll(() => answersIn(unread.bytes), { timeout: 20_000 }).toBe(before + count)
  }
  const refusal = async (credential: string) => {
    const { status, headers, errors, data } = await as(credential)(READ)
    expect(data ?? null).toBeNull()
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    return [status, errors?.[0]?.extensions.code, errors?.[0]?.extensions['limit']]
  }
  const [token, secondToken] = [await newToken('one'), await newToken('two')]
  await hold(token, 2)
  expect(await refusal(token)).toEqual([503, 'OVERLOADED', LIMITS.credential])
  // Another token made for the same subject has no budget of its own.
  expect(await refusal(await newToken('one'))).toEqual([503, 'OVERLOADED', LIMITS.credential])
  await hold(secondToken, 1)
  expect(await refusal(secondToken)).toEqual([503, 'OVERLOADED', LIMITS.tenant * 0.75])
  // The part reserved for keys is left, and then nothing is.
  await hold(key, 1)
  expect(await refusal(await anotherKey())).toEqual([503, 'OVERLOADED', LIMITS.tenant])
  expect((await neighbour(READ)).data).toEqual({ conversations: { nodes: [] } })

  for (const socket of sockets) socket.destroy()
  await expect.poll(() => unread.bytes, { timeout: 20_000 }).toBe(0)
  expect((await as(token)(SMALL)).data.conversations.totalCount).toBe(1)
})

test('what could not be held is not made again before something is read', async () => {
  const { ask, unread, key, as } = await serving()
  const sockets = [ask(key, READ), ask(key, READ)]
  await expect.poll(() => answersIn(unread.bytes), { timeout: 20_000 }).toBe(2)
  const made = vi.spyOn(AnswerRun.prototype, 'write')
  onTestFinished(() => made.mockRestore())
  const written = vi.spyOn(AnswerWriter.prototype, 'add')
  onTestFinished(() => written.mockRestore())
  const refused = await Promise.all(Array.from({ length: 12 }, () => as(key)(READ)))
  expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([503]))
  // One fills the room, and of each other one is only written what it takes to see that it is long.
  const contents = written.mock.calls.filter(([piece]) => piece.length >= CONTENT.length).length
  expect(contents).toBeGreaterThan(ALIASES / 4)
  expect(contents).toBeLessThan(4 * ALIASES)
  // The twelve may have filled the room together, each with a little: one by itself shows how much an answer takes.
  expect((await as(key)(READ)).status).toBe(503)
  made.mockClear()
  for (let i = 0; i < 12; i += 1) expect((await as(key)(READ)).status).toBe(503)
  expect((await as(key)(SMALL)).status).toBe(503)
  expect(made).not.toHaveBeenCalled()
  for (const socket of sockets) socket.destroy()
  await expect.poll(() => unread.bytes, { timeout: 20_000 }).toBe(0)
  expect((await as(key)(READ)).status).toBe(200)
})

test('long answers of a tenant are written one after the other, and not at all once there is no room', async () => {
  const unread = new UnreadAnswers({ credential: 100, tenant: 100, process: 1_000 })
  const holder = { tenantId: 'a', credential: 'key', isKey: true }
  const written: string[] = []
  const write = async (name: string, bytes: number, of = holder) => {
    const room = unread.growing(of)
    try {
      for (let i = 0; i < 4; i += 1) {
        await room.turn()
        room.grow(bytes / 4)
        written.push(name)
        await new Promise((resolve) => setImmediate(resolve))
      }
    } finally {
      room.end()
    }
  }
  const four = (name: string) => Array.from({ length: 4 }, () => name)
  await Promise.all([write('first', 80), write('second', 80), write('third', 80)])
  expect(written.splice(0)).toEqual([...four('first'), ...four('second'), ...four('third')])
  // Of another tenant's, it does not wait.
  await Promise.all([write('ours', 80), write('theirs', 80, { ...holder, tenantId: 'b' })])
  expect(written.splice(0).slice(0, 4)).toEqual(['ours', 'theirs', 'ours', 'theirs'])

  // One that fails gives its turn to the next. What could not be held is not written again.
  const outcomes = await Promise.allSettled([write('too long', 120), write('after it', 80), write('last', 80)])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
  expect(written.splice(0)).toEqual(['too long', 'too long', 'too long', ...four('after it'), ...four('last')])
  const held = unread.growing(holder)
  held.grow(90)
  await expect(write('no room', 80)).rejects.toMatchObject({ extensions: { code: 'OVERLOADED' } })
  await expect(write('still none', 20)).rejects.toMatchObject({ extensions: { code: 'OVERLOADED' } })
  expect(written).toEqual([])
})

test('answers that are read hold nothing', async () => {
  const { as, key, unread } = await serving()
  for (let i = 0; i < 2; i += 1) expect((await as(key)(READ)).status).toBe(200)
  await expect.poll(() => unread.bytes).toBe(0)
})

const IMPATIENT = { slowClients: { readTimeoutMs: 500, streamReadTimeoutMs: 1_000, lookEveryMs: 20 } }

test('a client that accepts nothing is disconnected, and what it held is free', async () => {
  const { ask, key, unread, neighbour } = await serving(IMPATIENT)
  const socket = ask(key, READ)
  await expect.poll(() => answersIn(unread.bytes), { timeout: 20_000 }).toBe(1)
  expect((await neighbour(SMALL)).status).toBe(200)
  await expect.poll(() => unread.bytes, { timeout: 20_000 }).toBe(0)
  let received = 0
  socket.on('data', (chunk) => {
    received += chunk.length
  })
  socket.resume()
  await expect.poll(() => socket.closed, { timeout: 20_000 }).toBe(true)
  expect(received).toBeLessThan(ANSWER_BYTES)
})

test('a subscriber that accepts nothing holds a few answers, is disconnected, and releases its place', async () => {
  const { ask, as, key, unread, conversationId } = await serving(IMPATIENT)
  const query = `subscription { conversationUpdated(id: "${conversationId}") { messages { nodes { ... on ChatMessage {
    ${Array.from({ length: ALIASES }, (_, i) => `a${i}: content`).join(' ')}
  } } } } }`
  const held = vi.spyOn(unread, 'holdInStream')
  ask(key, query, 'text/event-stream')
  // It is held for a second: on a busy machine, a look at how much is held could come too late.
  await expect.poll(() => held.mock.calls.length, { timeout: 20_000 }).toBe(1)
  for (let i = 0; i < 5; i += 1) {
    await as(key)(
      'mutation ($input: UpdateConversationInput!) { updateConversation(input: $input) { conversation { id } } }',
      { input: { conversationId, description: `${i}` } },
    )
    expect(answersIn(unread.bytes)).toBeLessThanOrEqual(2)
  }
  await expect.poll(() => unread.bytes, { timeout: 20_000 }).toBe(0)
})

test('a subscriber that reads holds nothing, and stays', async () => {
  const { ask, as, key, unread, conversationId } = await serving(IMPATIENT)
  const socket = ask(
    key,
    `subscription { conversationUpdated(id: "${conversationId}") { description } }`,
    'text/event-stream',
  )
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  socket.resume()
  for (const description of ['one', 'two']) {
    await as(key)(
      'mutation ($input: UpdateConversationInput!) { updateConversation(input: $input) { conversation { id } } }',
      { input: { by: { id: conversationId }, description } },
    )
    await expect.poll(() => text, { timeout: 20_000 }).toContain(`"description":"${description}"`)
    await expect.poll(() => unread.bytes).toBe(0)
  }
})

import { expect, test } from 'vitest'
import { type Ask, startTestServer } from '../support/server.ts'
import { contentsOf, logged, read, said, stored } from './writes.ts'

const server = await startTestServer()

const RESULTS = 'results { index created error { code message inputPath } conversation { id externalId messageCount } }'

const log = (ask: Ask, inputs: object[], selection = RESULTS) =>
  ask(
    `mutation ($inputs: [LogConversationInput!]!) { logConversations(input: { conversations: $inputs }) { ${selection} } }`,
    { inputs },
  )

async function results(ask: Ask, inputs: object[]) {
  const { data, errors } = await log(ask, inputs)
  expect(errors).toBeUndefined()
  return data.logConversations.results
}

const one = (more: object = {}) => ({ messages: [said('Hello'), said('Hi', 'ASSISTANT')], ...more })
const stored2 = { id: expect.stringMatching(/^conv_/), messageCount: 2 }
const created = (index: number, externalId: string | null) => ({
  ...{ index, created: true, error: null, conversation: { ...stored2, externalId } },
})
const refused = (index: number, code: string, inputPath: string) => ({
  ...{ index, created: null, conversation: null },
  error: { code, inputPath, message: expect.stringContaining(inputPath) },
})

test('each is stored as logConversation would, and answered in its place', async () => {
  const { ask } = await server.newTenant()
  const inputs = [one({ externalId: 'b' }), one(), one({ externalId: 'a', agents: [{ externalId: 'bot' }] })]
  const answers = await results(ask, inputs)
  expect(answers).toEqual([created(0, 'b'), created(1, null), created(2, 'a')])
  expect(await contentsOf(ask, answers[2].conversation.id)).toEqual(['Hello', 'Hi'])
  expect(await read(ask, answers[2].conversation.id, 'agents { externalId } userMessageCount')).toEqual({
    ...{ agents: [{ externalId: 'bot' }], userMessageCount: 1 },
  })
})

test('those that are refused are named, and the others are kept', async () => {
  const { ask } = await server.newTenant()
  await logged(ask, { externalId: 'taken' })
  const answers = await results(ask, [
    one({ externalId: 'good' }),
    one({ externalId: 'taken' }),
    one({ messages: [{ chat: { role: 'USER', content: 'Hello', rating: 7 } }] }),
    one({ metadata: { text: '\u0000' } }),
    one({ agents: [{ id: 'agent_01h2xcejqtf2nbrexx3vqjhp41' }] }),
    one({ transcript: 'User: Hello' }),
    one({ externalId: 'last' }),
  ])
  expect(answers).toEqual([
    created(0, 'good'),
    refused(1, 'EXTERNAL_ID_TAKEN', 'input.conversations[1].externalId'),
    refused(2, 'BAD_USER_INPUT', 'input.conversations[2].messages[0].chat.rating'),
    refused(3, 'BAD_USER_INPUT', 'input.conversations[3].metadata.text'),
    {
      ...refused(4, 'NOT_FOUND', 'input.conversations[4].agents[0].id'),
      error: expect.objectContaining({ code: 'NOT_FOUND' }),
    },
    refused(5, 'BAD_USER_INPUT', 'input.conversations[5].transcript'),
    created(6, 'last'),
  ])
})

test('what is refused leaves nothing behind: no agent, no key, no message', async () => {
  const { ask } = await server.newTenant()
  await logged(ask, { externalId: 'closed' })
  const before = await stored(server)
  const answers = await results(ask, [
    one({ externalId: 'closed', onConflict: 'APPEND', agents: [{ externalId: 'new' }], idempotencyKey: 'k' }),
    one({ externalId: 'closed', agents: [{ externalId: 'newer' }], idempotencyKey: 'l' }),
    one({ agents: [{ externalId: 'newest' }, { id: 'agent_01h2xcejqtf2nbrexx3vqjhp41' }], idempotencyKey: 'm' }),
  ])
  expect(answers.map(({ error }: { error: { code: string } }) => error.code)).toEqual([
    ...['CONVERSATION_CLOSED', 'EXTERNAL_ID_TAKEN', 'NOT_FOUND'],
  ])
  expect(await stored(server)).toEqual(before)
})

test('an external id that stands twice is one conversation, by the rule of the second', async () => {
  const { ask } = await server.newTenant()
  const open = one({ externalId: 'twice', status: 'ACTIVE' })
  const answers = await results(ask, [
    open,
    one({ externalId: 'twice' }),
    one({ externalId: 'twice', onConflict: 'RETURN_EXISTING' }),
    one({ externalId: 'twice', onConflict: 'APPEND' }),
    one({ externalId: 'twice', onConflict: 'APPEND', status: 'COMPLETED' }),
    one({ externalId: 'twice', onConflict: 'APPEND' }),
  ])
  const { id } = answers[0].conversation
  const existing = { conversation: { id, externalId: 'twice', messageCount: 6 }, error: null, created: false }
  expect(answers).toEqual([
    { ...existing, index: 0, created: true },
    refused(1, 'EXTERNAL_ID_TAKEN', 'input.conversations[1].externalId'),
    { ...existing, index: 2 },
    { ...existing, index: 3 },
    { ...existing, index: 4 },
    {
      ...refused(5, 'CONVERSATION_CLOSED', 'input.conversations[5]'),
      error: expect.objectContaining({ inputPath: 'input.conversations[5]' }),
    },
  ])
})

test('sent again, what has an external id or an idempotency key is there already', async () => {
  const { ask } = await server.newTenant()
  const inputs = [
    one({ externalId: 'a', onConflict: 'RETURN_EXISTING' }),
    one({ idempotencyKey: 'first' }),
    one({ idempotencyKey: 'first' }),
    one({ idempotencyKey: 'first', feedback: 'another input' }),
  ]
  const [a, first, same, other] = await results(ask, inputs)
  expect(first).toEqual(created(1, null))
  expect(same).toEqual({ ...first, index: 2 })
  expect(other).toEqual(refused(3, 'IDEMPOTENCY_CONFLICT', 'input.conversations[3].idempotencyKey'))
  const before = await stored(server)
  expect(await results(ask, inputs)).toEqual([{ ...a, created: false }, first, same, other])
  expect(await stored(server)).toEqual(before)
})

test('the idempotency key of one that was refused may be used again, in the same call too', async () => {
  const { ask } = await server.newTenant()
  const bad = { messages: [], idempotencyKey: 'again' }
  const answers = await results(ask, [bad, one({ idempotencyKey: 'again' })])
  expect(answers).toEqual([refused(0, 'BAD_USER_INPUT', 'input.conversations[0].messages'), created(1, null)])
})

test('a key of logConversation and one of logConversations are the same', async () => {
  const { ask } = await server.newTenant()
  const { id } = await logged(ask, { idempotencyKey: 'either' })
  const [again] = await results(ask, [one({ idempotencyKey: 'either' })])
  expect(again).toEqual({ index: 0, created: true, error: null, conversation: { ...stored2, id, externalId: null } })
})

test('from 1 to 500 are taken', async () => {
  const { ask } = await server.newTenant()
  const codes = async (count: number) => {
    const { errors } = await log(
      ask,
      Array.from({ length: count }, () => one()),
    )
    return errors?.map(({ extensions: { code, inputPath } }) => `${code} ${inputPath}`)
  }
  expect(await codes(0)).toEqual(['BAD_USER_INPUT input.conversations'])
  expect(await codes(501)).toEqual(['LIMIT_EXCEEDED input.conversations'])
  const inputs = Array.from({ length: 500 }, (_, i) => one({ externalId: `c${i}`, metadata: { i } }))
  const answers = await results(ask, inputs)
  expect(answers).toEqual(inputs.map((_, i) => created(i, `c${i}`)))
})

test('they take one more statement for every 64', async () => {
  const { ask } = await server.newTenant()
  await logged(ask, { agents: [{ externalId: 'bot' }] })
  let calls = 0
  const statements = async (count: number) => {
    calls += 1
    const inputs = Array.from({ length: count }, (_, i) =>
      one({ agents: [{ externalId: 'bot' }], idempotencyKey: `${calls} ${i}` }),
    )
    server.statements()
    expect((await log(ask, inputs, 'results { created }')).errors).toBeUndefined()
    return server.statements().length
  }
  // While the first one runs, the tenant's old changes are removed, in the background.
  await statements(2)
  const few = await statements(2)
  expect([await statements(64), await statements(65), await statements(300)]).toEqual([few, few + 1, few + 4])
})

test('calls at once that hold the same ones, each in another order, store each once', async () => {
  const { ask } = await server.newTenant()
  const inputs = Array.from({ length: 150 }, (_, i) => one({ externalId: `c${i}`, onConflict: 'RETURN_EXISTING' }))
  const orders = [inputs, inputs.toReversed(), inputs.toSorted(() => Math.random() - 0.5), inputs.toReversed()]
  const answers = await Promise.all(orders.map((order) => log(ask, order, 'results { created conversation { id } }')))
  const outcomes = answers.flatMap(({ data, errors }) => errors ?? data.logConversations.results)
  expect(outcomes.filter(({ created }) => created)).toHaveLength(150)
  expect(new Set(outcomes.map(({ conversation }) => conversation.id)).size).toBe(150)
  expect((await ask('{ conversations { totalCount } }')).data.conversations.totalCount).toBe(150)
})

test('where the database refuses a late one, none of those before it is kept', async () => {
  const { ask } = await server.newTenant()
  const inputs = Array.from({ length: 200 }, (_, i) => one({ externalId: `c${String(i).padStart(3, '0')}` }))
  await server.owner(`ALTER TABLE conversations ADD CONSTRAINT no_last CHECK (external_id <> 'c199') NOT VALID`)
  try {
    const { errors } = await log(ask, inputs, 'results { created }')
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['INTERNAL_SERVER_ERROR'])
    expect((await ask('{ conversations { totalCount } }')).data.conversations.totalCount).toBe(0)
  } finally {
    await server.owner('ALTER TABLE conversations DROP CONSTRAINT no_last')
  }
  expect((await log(ask, inputs, 'results { created }')).errors).toBeUndefined()
  expect((await ask('{ conversations { totalCount } }')).data.conversations.totalCount).toBe(200)
})

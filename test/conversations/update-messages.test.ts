import { expect, test } from 'vitest'
import { type Ask, startTestServer } from '../support/server.ts'
import { logged, read, refusals, said, stored, write } from './writes.ts'

const server = await startTestServer()

const rate = (ask: Ask, input: Record<string, unknown>) =>
  write(ask, 'updateMessages', input, 'conversation { id } messages { id ... on ChatMessage { rating } }')

async function stand(status = 'COMPLETED') {
  const tenant = await server.newTenant()
  const messages = [
    said('a'),
    said('b', 'ASSISTANT'),
    { tool: { name: 't' } },
    { chat: { role: 'USER', content: 'c', rating: 1 } },
  ]
  return { ...tenant, ...(await logged(tenant.ask, { externalId: 'x', status, messages })) }
}

const ratings = async (ask: Ask, id: string) =>
  (await read(ask, id, 'messages { nodes { ... on ChatMessage { rating } } }')).messages.nodes.map(
    (message: { rating?: number | null }) => message.rating,
  )

test.each(['ACTIVE', 'COMPLETED'])(
  'messages of a conversation that is %s are rated, and answered in the order given',
  async (status) => {
    const { ask, id, messages } = await stand(status)
    const given = [
      { by: { id: messages[3] }, rating: 0 },
      { by: { id: messages[0] }, rating: -1 },
      { by: { id: messages[1] }, rating: 1 },
    ]
    const { data, errors } = await rate(ask, { by: { id }, messages: given })
    expect(errors).toBeUndefined()
    expect(data.updateMessages).toEqual({
      conversation: { id },
      messages: given.map(({ by, rating }) => ({ ...by, rating })),
    })
    expect(await ratings(ask, id)).toEqual([-1, 1, undefined, 0])
  },
)

test('null removes a rating, and what is absent is kept', async () => {
  const { ask, id, messages } = await stand()
  await rate(ask, { by: { externalId: 'x' }, messages: [{ by: { id: messages[0] }, rating: 1 }] })
  await rate(ask, {
    by: { externalId: 'x' },
    messages: [{ by: { id: messages[0] }, rating: null }, { by: { id: messages[3] } }],
  })
  expect(await ratings(ask, id)).toEqual([null, null, undefined, 1])
})

test('one wrong rating refuses them all', async () => {
  const { ask, id, messages } = await stand()
  const foreign = (await stand()).messages[0]
  const elsewhere = (await logged(ask)).messages[0]
  const before = await stored(server)
  for (const [wrong, refusal] of [
    [{ by: { id: 'msg_01h455vb4pex5vsknk084sn02q' }, rating: 1 }, 'NOT_FOUND input.messages[1].by.id'],
    [{ by: { id: 'nonsense' }, rating: 1 }, 'NOT_FOUND input.messages[1].by.id'],
    [{ by: { id }, rating: 1 }, 'NOT_FOUND input.messages[1].by.id'],
    [{ by: { id: foreign }, rating: 1 }, 'NOT_FOUND input.messages[1].by.id'],
    [{ by: { id: elsewhere }, rating: 1 }, 'NOT_FOUND input.messages[1].by.id'],
    [{ by: { id: messages[2] }, rating: 1 }, 'NOT_FOUND input.messages[1].by.id'],
    [{ by: { id: messages[0] }, rating: 1 }, 'BAD_USER_INPUT input.messages[1].by.id'],
    [{ by: { id: messages[1] }, rating: 2 }, 'BAD_USER_INPUT input.messages[1].rating'],
    [{ by: { id: messages[1] }, rating: 0.5 }, 'BAD_USER_INPUT input.messages[1].rating'],
    [{ rating: 1 }, 'BAD_USER_INPUT input.messages[1]'],
  ]) {
    const answer = await rate(ask, { by: { id }, messages: [{ by: { id: messages[0] }, rating: -1 }, wrong] })
    expect(refusals(answer)).toEqual([refusal])
  }
  expect(await stored(server)).toEqual(before)
})

test.each([
  [{ by: { externalId: 'x' }, messages: [] }, 'BAD_USER_INPUT input.messages'],
  [{ by: { externalId: 'none' }, messages: [{ by: { id: 'msg_x' } }] }, 'NOT_FOUND input.by.externalId'],
  [{ messages: [{ by: { id: 'msg_x' } }] }, 'BAD_USER_INPUT input'],
  [{ by: {}, messages: [{ by: { id: 'msg_x' } }] }, 'BAD_USER_INPUT input.by'],
  [{ by: { externalId: 'x' }, messages: Array(5_001).fill({ by: { id: 'msg_x' } }) }, 'LIMIT_EXCEEDED input.messages'],
])('rating %# is refused', async (input, refusal) => {
  const { ask } = await stand()
  expect(refusals(await rate(ask, input))).toEqual([refusal])
})

test('5,000 messages are rated at once', async () => {
  const { ask } = await server.newTenant()
  const messages = Array.from({ length: 5_000 }, (_, i) => said(`${i}`))
  const { data } = await write(
    ask,
    'appendMessages',
    { by: { externalId: 'x' }, createIfMissing: true, messages },
    'appendedMessages { id }',
  )
  const given = data.appendMessages.appendedMessages.map(({ id }: { id: string }) => ({ by: { id }, rating: 1 }))
  expect(given).toHaveLength(5_000)
  const answer = await write(ask, 'updateMessages', { by: { externalId: 'x' }, messages: given }, 'messages { id }')
  expect(answer.data.updateMessages.messages).toHaveLength(5_000)
})

const FOUND = `content translation sentiment language understood enrichedFields intent { name meaningful externalId }
  reply { name externalId type }
  redactions { emailAddressCount }`
const CONVERSATION = 'language sentiment notUnderstoodCount'

const SPANISH = 'Hola, necesito ayuda con mi pedido porque no ha llegado todavía'

test('what was found out about a message afterwards is stored, and its conversation counts it', async () => {
  const { ask } = await server.newTenant({ derives: true })
  const { id, messages } = await logged(ask, { messages: [said(SPANISH), said('De nada', 'ASSISTANT')] })
  const update = (values: object) =>
    write(
      ask,
      'updateMessages',
      { by: { id }, messages: [{ by: { id: messages[0] }, ...values }] },
      `messages { ... on ChatMessage { ${FOUND} } } conversation { ${CONVERSATION} }`,
    )
  const before = await read(ask, id, `${CONVERSATION} messages(first: 1) { nodes { ... on ChatMessage { ${FOUND} } } }`)
  expect(before).toMatchObject({ language: 'es', notUnderstoodCount: 0 })
  expect(before.messages.nodes[0].enrichedFields).toEqual(['LANGUAGE', 'TOKEN_COUNT'])

  const found = {
    ...{ sentiment: -0.5, language: 'es-MX', translation: 'Hello, I need help', understood: false },
    intent: { name: 'order_status', meaningful: true, externalId: 'i-1' },
    reply: { name: 'Order status', externalId: null, type: 'intentReply' },
  }
  const { data } = await update(found)
  expect(data.updateMessages).toEqual({
    messages: [{ content: SPANISH, ...found, enrichedFields: ['TOKEN_COUNT'], redactions: null }],
    conversation: { language: 'es-MX', sentiment: -0.5, notUnderstoodCount: 1 },
  })

  const cleared = await update({
    sentiment: null,
    language: null,
    translation: null,
    understood: null,
    intent: null,
    reply: null,
  })
  expect(cleared.data.updateMessages).toEqual({
    messages: [
      {
        ...{ content: SPANISH, sentiment: null, language: null, translation: null, understood: null, intent: null },
        ...{ reply: null, enrichedFields: ['TOKEN_COUNT'], redactions: null },
      },
    ],
    conversation: { language: null, sentiment: null, notUnderstoodCount: 0 },
  })
})

test('a translation is redacted like any text, and what was redacted adds up', async () => {
  const { ask, id: tenantId } = await server.newTenant()
  await server.admin(`mutation ($input: UpdateTenantInput!) { updateTenant(input: $input) { tenant { id } } }`, {
    input: { id: tenantId, redactsPersonalData: true },
  })
  const { id, messages } = await logged(ask, { messages: [said('Write to ann@example.com')] })
  const { data } = await write(
    ask,
    'updateMessages',
    { by: { id }, messages: [{ by: { id: messages[0] }, translation: 'Escribe a ann@example.com o bob@example.com' }] },
    'messages { redactions { emailAddressCount } ... on ChatMessage { translation } }',
  )
  const [message] = data.updateMessages.messages
  expect(message.redactions).toEqual({ emailAddressCount: 3 })
  expect(message.translation).toBe('Escribe a email@example.com o email@example.com')
})

test('messages are updated by the external ids that they were given', async () => {
  const { ask } = await server.newTenant()
  const entry = (externalId: string, content: string) => ({ chat: { externalId, role: 'ASSISTANT', content } })
  const { id } = await logged(ask, { externalId: 'x', messages: [entry('a', '1'), entry('b', '2')] })
  await logged(ask, { messages: [entry('c', '3')] })
  const { data } = await write(
    ask,
    'updateMessages',
    { by: { externalId: 'x' }, messages: [{ by: { externalId: 'b' }, rating: 1 }] },
    'messages { externalId ... on ChatMessage { content rating } }',
  )
  expect(data.updateMessages.messages).toEqual([{ externalId: 'b', content: '2', rating: 1 }])
  const unknown = { by: { id }, messages: [{ by: { externalId: 'c' }, rating: 1 }] }
  expect(refusals(await rate(ask, unknown))).toEqual(['NOT_FOUND input.messages[0].by.externalId'])
})

test.each([
  [{ sentiment: 1.5 }, 'BAD_USER_INPUT input.messages[0].sentiment'],
  [{ language: 'x'.repeat(257) }, 'LIMIT_EXCEEDED input.messages[0].language'],
  [{ language: 'en_US' }, 'BAD_USER_INPUT input.messages[0].language'],
  [{ translation: 'x'.repeat(262_145) }, 'LIMIT_EXCEEDED input.messages[0].translation'],
  [{ intent: { name: ' ' } }, 'BAD_USER_INPUT input.messages[0].intent.name'],
  [{ reply: { name: ' ' } }, 'BAD_USER_INPUT input.messages[0].reply.name'],
  [{ by: { id: 'a', externalId: 'b' } }, 'BAD_USER_INPUT input.messages[0].by'],
  [{ content: 'other' }, 'BAD_USER_INPUT input.messages[0]'],
])('the update %j is refused', async (values, refusal) => {
  const { ask, id, messages } = await stand()
  const before = await stored(server)
  expect(refusals(await rate(ask, { by: { id }, messages: [{ by: { id: messages[0] }, ...values }] }))).toEqual([
    refusal,
  ])
  expect(await stored(server)).toEqual(before)
})

import { expect, test } from 'vitest'
import { codes, startTestServer, type TestTenant } from '../../support/server.ts'
import { standsIn } from './stands-in.ts'

const server = await startTestServer()

/** What is planted, and must stand nowhere afterwards. */
const SECRETS = {
  email: 'ada.lovelace+orders@mail.example.org',
  card: '4111-1111-1111-1111',
  glued: '5500000000000004',
  security: '219-09-9999',
  insurance: 'AB 12 34 56 C',
}
const PLANTED = Object.values(SECRETS).join(' / ')
const CARD = '1111 1111 1111 1111'
const CLEAN = 'email@example.com / 1111 1111 1111 1111 / 1111 1111 1111 1111 / 000-00-0000 / QQ 12 34 56 C'
const COUNTS = {
  emailAddressCount: 1,
  cardNumberCount: 2,
  usSocialSecurityNumberCount: 1,
  ukNationalInsuranceNumberCount: 1,
}

const times = (factor: number) =>
  Object.fromEntries(Object.entries(COUNTS).map(([kind, count]) => [kind, count * factor]))

const MESSAGES = [
  { chat: { role: 'SYSTEM', content: PLANTED } },
  { chat: { role: 'USER', content: PLANTED, translation: PLANTED } },
  { tool: { name: 'pay', input: { card: PLANTED, list: [PLANTED, { deep: PLANTED }] }, output: PLANTED } },
  { tool: { name: 'think', thought: PLANTED, error: PLANTED } },
  {
    event: { name: 'form', payload: { [`key of ${SECRETS.security.slice(0, 3)}`]: PLANTED, seats: 4111111111111111 } },
  },
  { chat: { role: 'ASSISTANT', content: 'How can I help?' } },
]

const READ = `query ($id: ID!) { conversation(by: { id: $id }) {
  description feedback analysis { summary tags extractedData }
  messages { nodes {
    redactions { emailAddressCount cardNumberCount usSocialSecurityNumberCount ukNationalInsuranceNumberCount }
    ... on ChatMessage { content translation }
    ... on ToolCall { input output thought error }
    ... on ConversationEvent { payload }
  } }
} }`

const REDACTED_MESSAGES = [
  { content: CLEAN, translation: null, redactions: COUNTS },
  { content: CLEAN, translation: CLEAN, redactions: times(2) },
  {
    input: { card: CLEAN, list: [CLEAN, { deep: CLEAN }] },
    output: CLEAN,
    ...{ thought: null, error: null, redactions: times(4) },
  },
  { input: null, output: null, thought: CLEAN, error: CLEAN, redactions: times(2) },
  { payload: { 'key of 219': CLEAN, seats: CARD }, redactions: { ...COUNTS, cardNumberCount: 3 } },
  { content: 'How can I help?', translation: null, redactions: null },
]

const WRITE = (mutation: string) => {
  const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`
  return `mutation ($input: ${type}!) { ${mutation}(input: $input) { conversation { id } } }`
}

async function write(tenant: TestTenant, mutation: string, input: Record<string, unknown>): Promise<string> {
  const { data, errors } = await tenant.ask(WRITE(mutation), { input })
  if (errors) throw new Error(JSON.stringify(errors))
  return data[mutation].conversation.id
}

const read = async (tenant: TestTenant, id: string) => (await tenant.ask(READ, { id })).data.conversation

test('whatever people typed is stored without personal data, on every way in, with counts', async () => {
  const tenant = await server.newTenant({ derives: true })
  const said = {
    description: PLANTED,
    feedback: PLANTED,
    analysis: { summary: PLANTED, tags: [PLANTED], extractedData: { who: PLANTED, total: 4111111111111111 } },
  }
  const about = {
    description: CLEAN,
    feedback: CLEAN,
    analysis: { summary: CLEAN, tags: [CLEAN], extractedData: { who: CLEAN, total: CARD } },
  }
  const logged = await write(tenant, 'logConversation', {
    ...{ externalId: 'a', status: 'ACTIVE', messages: MESSAGES, idempotencyKey: 'k1' },
    ...said,
  })
  expect(await read(tenant, logged)).toEqual({ ...about, messages: { nodes: REDACTED_MESSAGES } })

  await write(tenant, 'appendMessages', { by: { externalId: 'a' }, messages: MESSAGES, idempotencyKey: 'k2' })
  await write(tenant, 'logConversation', { externalId: 'a', onConflict: 'APPEND', messages: MESSAGES })
  expect((await read(tenant, logged)).messages.nodes).toEqual([
    ...REDACTED_MESSAGES,
    ...REDACTED_MESSAGES,
    ...REDACTED_MESSAGES.slice(0, 8),
  ])
  const begun = await write(tenant, 'appendMessages', {
    by: { externalId: 'b' },
    createIfMissing: true,
    messages: MESSAGES,
  })
  expect((await read(tenant, begun)).messages.nodes).toEqual(REDACTED_MESSAGES)

  const transcribed = await write(tenant, 'logConversation', { transcript: `User: ${PLANTED}\nAssistant: ${PLANTED}` })
  expect((await read(tenant, transcribed)).messages.nodes).toEqual([REDACTED_MESSAGES[0], REDACTED_MESSAGES[0]])

  await write(tenant, 'updateConversation', { by: { id: transcribed }, ...said, idempotencyKey: 'k3' })
  expect(await read(tenant, transcribed)).toMatchObject(about)
  await write(tenant, 'updateConversation', { by: { id: transcribed }, feedback: null, labels: ['x'] })
  expect(await read(tenant, transcribed)).toMatchObject({ ...about, feedback: null })

  const search = async (text: string) =>
    (
      await tenant.ask('query ($filter: ConversationFilter) { conversations(filter: $filter) { totalCount } }', {
        filter: { search: text },
      })
    ).data.conversations.totalCount
  expect(await search('lovelace')).toBe(0)
  expect(await search('email@example.com')).toBe(3)

  await server.refusals.flush()
  expect(await standsIn(server, Object.values(SECRETS), tenant)).toEqual([])
  expect(JSON.stringify(server.logged)).not.toContain(SECRETS.email)
})

test('the URL of a recording is redacted, and the reason of an end is not', async () => {
  const tenant = await server.newTenant({ derives: true })
  const recording = {
    url: `https://recordings.example/${SECRETS.glued}?for=${SECRETS.email}`,
    contentType: 'audio/mpeg',
  }
  const endReason = `hung up by ${SECRETS.email}`
  const redacted = { url: `https://recordings.example/${CARD}?for=email@example.com`, contentType: 'audio/mpeg' }
  const readBack = async (id: string) => {
    const { data } = await tenant.ask(
      'query ($id: ID!) { conversation(by: { id: $id }) { endReason recording { url contentType } } }',
      { id },
    )
    return data.conversation
  }
  const id = await write(tenant, 'logConversation', { messages: MESSAGES, recording, endReason })
  expect(await readBack(id)).toEqual({ endReason, recording: redacted })
  await write(tenant, 'updateConversation', { by: { id }, recording: null })
  expect(await readBack(id)).toEqual({ endReason, recording: null })
  await write(tenant, 'updateConversation', { by: { id }, recording })
  expect(await readBack(id)).toEqual({ endReason, recording: redacted })
  const { data } = await tenant.ask(
    'query ($filter: ConversationFilter) { conversations(filter: $filter) { totalCount } }',
    {
      filter: { endReasons: [endReason] },
    },
  )
  expect(data.conversations.totalCount).toBe(1)
})

test('keys and numbers of JSON are redacted as well, and no entry is lost', async () => {
  const tenant = await server.newTenant({ derives: true })
  const input = {
    'ada@example.org': 1,
    'bob@example.org': [2],
    card: 4111111111111111,
    at: 1767225600000000,
    ratio: 0.5,
  }
  const id = await write(tenant, 'logConversation', { messages: [{ tool: { name: 'pay', input } }] })
  expect((await read(tenant, id)).messages.nodes[0]).toMatchObject({
    input: { 'email@example.com': 1, 'email@example.com (2)': [2], card: CARD, at: 1767225600000000, ratio: 0.5 },
    redactions: { emailAddressCount: 2, cardNumberCount: 1 },
  })
})

test('a refused write leaves nothing behind either', async () => {
  const tenant = await server.newTenant({ derives: true })
  const input = { messages: [{ chat: { role: 'USER', content: PLANTED, rating: 7 } }], idempotencyKey: 'refused' }
  expect(codes(await tenant.ask(WRITE('logConversation'), { input }))).toEqual(['BAD_USER_INPUT'])
  await server.refusals.flush()
  expect(await standsIn(server, Object.values(SECRETS), tenant)).toEqual([])
})

test('a retry is known again by what was sent, and not by what is left of it', async () => {
  const tenant = await server.newTenant({ derives: true })
  const input = (email: string) => ({ messages: [{ chat: { role: 'USER', content: email } }], idempotencyKey: 'once' })
  const first = await write(tenant, 'logConversation', input('ada@example.org'))
  expect(await write(tenant, 'logConversation', input('ada@example.org'))).toBe(first)
  const answer = await tenant.ask(WRITE('logConversation'), { input: input('bob@example.org') })
  expect(codes(answer)).toEqual(['IDEMPOTENCY_CONFLICT'])
})

test('what rows are looked up by stays: metadata, ids, names and labels; and so do instructions of agents', async () => {
  const tenant = await server.newTenant({ derives: true })
  const { email } = SECRETS
  const message = { role: 'USER', content: 'Hi', metadata: { email }, participantId: email, intent: { name: email } }
  const given = { externalId: email, endUserId: email, companyName: email, labels: [email], metadata: { email } }
  const id = await write(tenant, 'logConversation', { ...given, messages: [{ chat: message }] })
  const { data } = await tenant.ask(
    `query ($id: ID!) { conversation(by: { id: $id }) { externalId endUserId companyName labels metadata
      messages { nodes { metadata redactions { emailAddressCount } ... on ChatMessage { participantId intent { name } } } } } }`,
    { id },
  )
  expect(data.conversation).toEqual({
    ...given,
    messages: { nodes: [{ metadata: { email }, redactions: null, participantId: email, intent: { name: email } }] },
  })
  const created = await tenant.ask(
    'mutation ($input: CreateAgentInput!) { createAgent(input: $input) { agent { systemPrompt } } }',
    { input: { name: 'Bot', systemPrompt: `Refer to ${email}.` } },
  )
  expect(created.data.createAgent.agent.systemPrompt).toBe(`Refer to ${email}.`)
})

test('a tenant that wants it so keeps everything as it came', async () => {
  const tenant = await server.newTenant({ derives: false })
  const id = await write(tenant, 'logConversation', { messages: MESSAGES, feedback: PLANTED })
  await write(tenant, 'updateConversation', { by: { id: id }, description: PLANTED })
  const { messages, ...about } = await read(tenant, id)
  expect(about).toMatchObject({ description: PLANTED, feedback: PLANTED })
  expect(messages.nodes.map(({ redactions }: { redactions: unknown }) => redactions)).toEqual(MESSAGES.map(() => null))
  expect(messages.nodes[1]).toMatchObject({ content: PLANTED, translation: PLANTED })
})

test('counts of a tool call are seen by those who see the call', async () => {
  const tenant = await server.newTenant({ derives: true })
  const id = await write(tenant, 'logConversation', { messages: MESSAGES })
  const { secret } = await server.newKey({ scopes: ['CONVERSATIONS_READ'], tenantId: tenant.id })
  const { data } = await server.as({ key: secret })(
    'query ($id: ID!) { conversation(by: { id: $id }) { messages { nodes { __typename redactions { cardNumberCount } } } } }',
    { id },
  )
  expect(data.conversation.messages.nodes).toEqual([
    { __typename: 'ChatMessage', redactions: { cardNumberCount: 4 } },
    { __typename: 'ToolCall', redactions: null },
    { __typename: 'ToolCall', redactions: null },
    { __typename: 'ConversationEvent', redactions: { cardNumberCount: 3 } },
    { __typename: 'ChatMessage', redactions: null },
  ])
})

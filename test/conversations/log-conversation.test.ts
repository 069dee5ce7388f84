import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { BLANK, CONVERSATION, contentsOf, logged, read, refusals, said, write } from './writes.ts'

const server = await startTestServer()
const NOON = '2026-03-01T12:00:00.000Z'
const at = (timestamp: string, content = 'Hello') => ({ chat: { role: 'USER', content, timestamp } })

async function log(input: Record<string, unknown>, selection = `conversation { ${CONVERSATION} }`) {
  const tenant = await server.newTenant()
  return { ...(await write(tenant.ask, 'logConversation', input, selection)), tenant }
}

async function times(input: Record<string, unknown>) {
  const { data, errors } = await log(input, 'conversation { startedAt endedAt durationMs lastMessageAt }')
  expect(errors).toBeUndefined()
  return data.logConversation.conversation
}

test('a conversation of which only messages are given is complete, and says nothing else', async () => {
  const { data, errors } = await log({ messages: [at(NOON)] }, `created conversation { ${CONVERSATION} }`)
  expect(errors).toBeUndefined()
  expect(data.logConversation).toEqual({
    created: true,
    conversation: {
      ...BLANK,
      ...{ status: 'COMPLETED', startedAt: NOON, endedAt: NOON, durationMs: null, lastMessageAt: NOON },
      ...{ messageCount: 1, userMessageCount: 1 },
    },
  })
})

test('everything that is said of a conversation is read back as it was given', async () => {
  const said = {
    ...{ externalId: 'ticket 17/ä', status: 'ABANDONED', channel: 'VOICE', direction: 'OUTBOUND', campaign: 'Spring' },
    ...{ isTest: true, endUserId: 'u-1', companyName: 'Acme & Söhne', language: 'pt-BR', model: 'a-model' },
    ...{ description: 'Line 1\nLine 2', feedback: '👍🏽 great', outcome: 'FAILED_ESCALATION', resolution: 'UNDEFINED' },
    metadata: { plan: 'pro', seats: 245, ratio: 0.1, nested: { list: [1, 'two', null, { three: 3 }] }, none: null },
    recording: { url: 'https://example.com/a.ogg', contentType: 'audio/ogg', durationMs: 61_500 },
    isLlmConversation: true,
    llmStats: {
      notUnderstoodCount: 1,
      responseGeneratedCount: 4,
      errorOccurredCount: 0,
      escalationRequiredCount: 0,
      fallbackCount: 2,
    },
    analysis: { status: 'RUNNING', summary: 'Short.', tags: ['billing'], extractedData: { total: 12.5, open: false } },
  }
  const input = {
    ...said,
    labels: ['vip', 'late', 'vip'],
    agents: [{ externalId: 'second' }, { externalId: 'first' }],
    ...{ startedAt: '2026-03-01T13:00:00+01:00', endedAt: '2026-03-01T12:01:01.25Z' },
    messages: [at('2026-03-01T12:00:30Z')],
  }
  const { data, errors } = await log(input)
  expect(errors).toBeUndefined()
  expect(data.logConversation.conversation).toEqual({
    ...BLANK,
    ...said,
    labels: ['vip', 'late'],
    agents: [{ externalId: 'second' }, { externalId: 'first' }],
    ...{ startedAt: NOON, endedAt: '2026-03-01T12:01:01.250Z', durationMs: 61_250 },
    ...{ lastMessageAt: '2026-03-01T12:00:30.000Z', messageCount: 1, userMessageCount: 1 },
  })
})

test('the start is the one given, else the earliest message, else now; the end likewise the latest', async () => {
  const [early, late] = ['2026-03-01T11:00:00.000Z', '2026-03-01T13:00:00.500Z']
  expect(await times({ messages: [at(NOON), at(late), at(early)] })).toEqual({
    ...{ startedAt: early, endedAt: late, durationMs: 7_200_500, lastMessageAt: late },
  })
  expect(await times({ messages: [at(NOON)], startedAt: early, endedAt: late })).toEqual({
    ...{ startedAt: early, endedAt: late, durationMs: 7_200_500, lastMessageAt: NOON },
  })
  // Given times may disagree with the messages; the end is never before the start.
  expect(await times({ messages: [at(early)], startedAt: NOON })).toEqual({
    ...{ startedAt: NOON, endedAt: NOON, durationMs: null, lastMessageAt: early },
  })
})

test('what has no time happens now', async () => {
  server.clock.now = new Date('2026-05-05T05:05:05.055Z')
  try {
    const now = '2026-05-05T05:05:05.055Z'
    expect(await times({ messages: [said('Hello')] })).toEqual({
      ...{ startedAt: now, endedAt: now, durationMs: null, lastMessageAt: now },
    })
    expect(await times({ status: 'ACTIVE', messages: [] })).toEqual({
      ...{ startedAt: now, endedAt: null, durationMs: null, lastMessageAt: null },
    })
  } finally {
    server.clock.now = null
  }
})

test.each(['QUEUED', 'RINGING', 'ACTIVE'])('a conversation that is %s may begin without messages', async (status) => {
  const { data, errors } = await log({ status, messages: [], startedAt: NOON })
  expect(errors).toBeUndefined()
  expect(data.logConversation.conversation).toEqual({
    ...BLANK,
    ...{ status, startedAt: NOON, endedAt: null, durationMs: null, lastMessageAt: null, messageCount: 0 },
  })
})

test.each([
  ['neither messages nor a transcript', {}, 'input.messages'],
  ['both', { messages: [said('a')], transcript: 'User: a' }, 'input.transcript'],
  ['an empty transcript', { transcript: '  \n\n' }, 'input.transcript'],
  ['no message of a conversation that is over', { messages: [] }, 'input.messages'],
  ['an end before the start', { messages: [at(NOON)], endedAt: '2026-03-01T11:59:59Z' }, 'input.endedAt'],
  ['an end of an open one', { messages: [], status: 'ACTIVE', endedAt: NOON }, 'input.endedAt'],
  ['a blank external id', { messages: [said('a')], externalId: ' ' }, 'input.externalId'],
])('%s: refused', async (_what, input, inputPath) => {
  const answer = await log(input)
  expect(refusals(answer)).toEqual([`BAD_USER_INPUT ${inputPath}`])
  expect((await answer.tenant.ask('{ conversations { totalCount } }')).data.conversations.totalCount).toBe(0)
})

test('the metadata keys user_id, userId and model stand in where nothing else says so', async () => {
  const derived = async (input: Record<string, unknown>) => {
    const { data } = await log({ messages: [said('a')], ...input }, 'conversation { endUserId model metadata }')
    expect(data.logConversation.conversation.metadata).toEqual(input['metadata'])
    return [data.logConversation.conversation.endUserId, data.logConversation.conversation.model]
  }
  expect(await derived({ metadata: { user_id: 'a', userId: 'b', model: 'm' } })).toEqual(['a', 'm'])
  expect(await derived({ metadata: { userId: 3242 } })).toEqual(['3242', null])
  expect(await derived({ metadata: { user_id: null, userId: 'b', model: 5 } })).toEqual(['b', null])
  expect(await derived({ metadata: { user_id: { id: 1 }, model: ['m'] } })).toEqual([null, null])
  expect(await derived({ metadata: { user_id: 'a', model: 'm' }, endUserId: 'x', model: 'y' })).toEqual(['x', 'y'])
})

test('a blank end user or model is none, wherever it is given', async () => {
  const { ask } = await server.newTenant()
  const named = async (input: object) => {
    const { data } = await write(
      ask,
      'logConversation',
      { messages: [said('a')], ...input },
      'conversation { id endUserId model }',
    )
    return data.logConversation.conversation
  }
  const none = { id: expect.any(String), endUserId: null, model: null }
  expect(await named({ endUserId: '', model: ' ' })).toEqual(none)
  expect(await named({ endUserId: '\u3000\t', metadata: { user_id: '', userId: ' ', model: '' } })).toEqual(none)
  expect(await named({ endUserId: '', metadata: { user_id: '', userId: 'b' } })).toEqual({ ...none, endUserId: 'b' })
  const { id } = await named({ endUserId: 'x', model: 'y' })
  const { data } = await write(
    ask,
    'updateConversation',
    { by: { id }, endUserId: ' ', model: '' },
    'conversation { id endUserId model }',
  )
  expect(data.updateConversation.conversation).toEqual(none)
  expect((await ask('{ endUsers { totalCount } }')).data.endUsers.totalCount).toBe(1)
})

test('a tool call with a blank error has not failed', async () => {
  const { ask } = await server.newTenant()
  const messages = ['', ' ', 'it broke'].map((error) => ({ tool: { name: 't', error } }))
  const { data } = await write(
    ask,
    'logConversation',
    { messages },
    'conversation { messages { nodes { ... on ToolCall { error failed } } } toolErrorCount }',
  )
  expect(data.logConversation.conversation).toEqual({
    messages: {
      nodes: [
        { error: null, failed: false },
        { error: null, failed: false },
        { error: 'it broke', failed: true },
      ],
    },
    toolErrorCount: 1,
  })
})

test('a metadata key that stands in is refused, not cut, where it is too long', async () => {
  const long = `${'x'.repeat(255)}😀`
  const { tenant, ...answer } = await log({ messages: [said('a')], metadata: { user_id: long } })
  expect(refusals(answer)).toEqual(['LIMIT_EXCEEDED input.metadata.user_id'])
  const beside = { messages: [said('a')], metadata: { user_id: long }, endUserId: 'u' }
  const { data } = await write(tenant.ask, 'logConversation', beside, 'conversation { endUserId metadata }')
  expect(data.logConversation.conversation).toEqual({ endUserId: 'u', metadata: { user_id: long } })
})

test('agents are named by id or external id, and unknown external ids register one', async () => {
  const { ask } = await server.newTenant()
  const created = await write(ask, 'createAgent', { name: 'Known', externalId: 'known' }, 'agent { id }')
  const { id: agentId } = created.data.createAgent.agent
  const messages = [
    { chat: { role: 'ASSISTANT', content: 'a', agent: { externalId: 'new' } } },
    { tool: { name: 't', agent: { id: agentId } } },
    { event: { name: 'e', agent: { externalId: 'known' } } },
    said('b'),
  ]
  const { id } = await logged(ask, { messages, agents: [{ externalId: 'other' }, { id: agentId }] })
  const agent = '{ externalId name status }'
  expect(await read(ask, id, `agents ${agent} messages { nodes { agent ${agent} } }`)).toEqual({
    agents: [
      { externalId: 'other', name: 'other', status: 'ACTIVE' },
      { externalId: 'known', name: 'Known', status: 'ACTIVE' },
      { externalId: 'new', name: 'new', status: 'ACTIVE' },
    ],
    messages: {
      nodes: [
        { agent: { externalId: 'new', name: 'new', status: 'ACTIVE' } },
        { agent: { externalId: 'known', name: 'Known', status: 'ACTIVE' } },
        { agent: { externalId: 'known', name: 'Known', status: 'ACTIVE' } },
        { agent: null },
      ],
    },
  })
  expect((await ask('{ agents { totalCount } }')).data.agents.totalCount).toBe(3)
})

test('a conversation that already exists is refused, unless something else is asked for', async () => {
  const { ask } = await server.newTenant()
  const first = await logged(ask, { externalId: 'x', status: 'ACTIVE', metadata: { a: 1, b: { c: 2 } } })
  const again = (more: Record<string, unknown>) =>
    write(
      ask,
      'logConversation',
      { externalId: 'x', messages: [said('New')], ...more },
      'created conversation { id status }',
    )

  expect(refusals(await again({}))).toEqual(['EXTERNAL_ID_TAKEN input.externalId'])
  const returned = await again({ onConflict: 'RETURN_EXISTING', metadata: { a: 2 }, agents: [{ externalId: 'ghost' }] })
  expect(returned.data.logConversation).toEqual({ created: false, conversation: { id: first.id, status: 'ACTIVE' } })
  expect(await contentsOf(ask, first.id)).toEqual(['Hello', 'Hi'])
  expect((await ask('{ agents { totalCount } }')).data.agents.totalCount).toBe(0)

  const appended = await again({ onConflict: 'APPEND', status: 'ACTIVE', metadata: { b: 3, d: 4 } })
  expect(appended.data.logConversation).toEqual({ created: false, conversation: { id: first.id, status: 'ACTIVE' } })
  expect(await contentsOf(ask, first.id)).toEqual(['Hello', 'Hi', 'New'])
  expect(await read(ask, first.id, 'metadata messageCount')).toEqual({
    metadata: { a: 1, b: 3, d: 4 },
    messageCount: 3,
  })

  const closing = await again({ onConflict: 'APPEND', status: 'COMPLETED' })
  expect(closing.data.logConversation.conversation).toEqual({ id: first.id, status: 'COMPLETED' })
  expect(refusals(await again({ onConflict: 'APPEND' }))).toEqual(['CONVERSATION_CLOSED input'])
  expect(await contentsOf(ask, first.id)).toEqual(['Hello', 'Hi', 'New', 'New'])
})

test('external ids are one tenant’s own', async () => {
  const [one, other] = [await server.newTenant(), await server.newTenant()]
  const first = await logged(one.ask, { externalId: 'same' })
  const second = await logged(other.ask, { externalId: 'same' })
  expect(second.id).not.toBe(first.id)
  const found = await other.ask('{ conversation(by: { externalId: "same" }) { id } }')
  expect(found.data.conversation).toEqual({ id: second.id })
})

test('a language model took part if that was given or, if not, if it was counted what it did', async () => {
  const { ask } = await server.newTenant()
  const took = async (input: Record<string, unknown>) =>
    (await read(ask, (await logged(ask, input)).id)).isLlmConversation
  expect(await took({})).toBe(null)
  expect(await took({ llmStats: {} })).toBe(true)
  expect(await took({ llmStats: {}, isLlmConversation: false })).toBe(false)
  expect(await took({ isLlmConversation: true })).toBe(true)
})

test('counts of a language model that were stored under their earlier names are read', async () => {
  const tenant = await server.newTenant()
  const { id } = await logged(tenant.ask, { llmStats: { fallbackCount: 1 } })
  await server.owner(
    `UPDATE conversations SET llm_stats = '{"notUnderstood": 1, "fallback": 2}' WHERE tenant_id = '${tenant.id}'`,
  )
  const { data } = await tenant.ask(
    `{ conversation(by: { id: "${id}" }) { llmStats { notUnderstoodCount fallbackCount errorOccurredCount } } }`,
  )
  expect(data.conversation.llmStats).toEqual({ notUnderstoodCount: 1, fallbackCount: 2, errorOccurredCount: 0 })
})

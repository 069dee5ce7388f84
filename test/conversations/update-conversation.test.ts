import { expect, test } from 'vitest'
import { type Ask, startTestServer } from '../support/server.ts'
import { CONVERSATION, logged, read, refusals, stored, write } from './writes.ts'

const server = await startTestServer()

const update = (ask: Ask, input: Record<string, unknown>) =>
  write(ask, 'updateConversation', input, `conversation { ${CONVERSATION} }`)

const FIELDS = {
  ...{ channel: 'CHAT', direction: 'INBOUND', campaign: 'c', isTest: true, endUserId: 'u', companyName: 'co' },
  ...{ language: 'en', model: 'm', labels: ['a', 'b'], description: 'd', feedback: 'f', outcome: 'EMAIL' },
  ...{ resolution: 'INFORMED', metadata: { k: 1, l: { m: 2 } }, agents: [{ externalId: 'one' }] },
  recording: { url: 'https://example.com/1', contentType: 'audio/ogg', durationMs: 1_000 },
  analysis: { status: 'COMPLETED', summary: 's', tags: ['t'], extractedData: { x: 1 } },
  llmStats: {
    notUnderstoodCount: 1,
    responseGeneratedCount: 9,
    errorOccurredCount: 0,
    escalationRequiredCount: 1,
    fallbackCount: 2,
  },
  // After the counts: with them, it is derived.
  isLlmConversation: true,
}

const CHANGES = {
  ...{ channel: 'EMAIL', direction: 'WEB', campaign: 'c2', isTest: false, endUserId: 'u2', companyName: 'co2' },
  ...{ language: 'de', model: 'm2', labels: ['c'], description: 'd2', feedback: 'f2', outcome: 'HUMAN_AGENT' },
  ...{ resolution: 'RESOLVED', agents: [{ externalId: 'two' }, { externalId: 'one' }] },
  recording: { url: 'http://example.com/2', contentType: null, durationMs: null },
  analysis: { status: 'PENDING', summary: null, tags: [], extractedData: null },
  isLlmConversation: false,
  llmStats: {
    notUnderstoodCount: 0,
    responseGeneratedCount: 10,
    errorOccurredCount: 0,
    escalationRequiredCount: 1,
    fallbackCount: 2,
  },
}

const CLEARED: Record<string, unknown> = { isTest: false, labels: [], agents: [], metadata: {} }

async function stand(status: string) {
  const { ask } = await server.newTenant()
  const { id } = await logged(ask, { externalId: 'x', status, ...FIELDS })
  return { ask, id, before: await read(ask, id) }
}

test.each(['ACTIVE', 'COMPLETED'])('each field of a conversation that is %s is changed alone', async (status) => {
  const { ask, id, before } = await stand(status)
  let expected = before
  for (const [name, value] of Object.entries(CHANGES)) {
    const { data, errors } = await update(ask, { by: { id }, [name]: value })
    expect(errors).toBeUndefined()
    expected = { ...expected, [name]: value }
    expect(data.updateConversation.conversation).toEqual(expected)
  }
  expect(await read(ask, id)).toEqual(expected)
})

test.each(['ACTIVE', 'COMPLETED'])('null clears each field of a conversation that is %s alone', async (status) => {
  const { ask, id, before } = await stand(status)
  let expected = before
  for (const name of Object.keys(FIELDS)) {
    const { data, errors } = await update(ask, { by: { externalId: 'x' }, [name]: null })
    expect(errors).toBeUndefined()
    expected = { ...expected, [name]: CLEARED[name] ?? null }
    expect(data.updateConversation.conversation).toEqual(expected)
  }
  expect(await read(ask, id)).toEqual(expected)
})

test('a call that says nothing keeps everything', async () => {
  const { ask, id, before } = await stand('COMPLETED')
  const { data } = await update(ask, { by: { id } })
  expect(data.updateConversation.conversation).toEqual(before)
})

test('metadata is merged key by key, dropped by key, and cleared by null', async () => {
  const { ask, id } = await stand('COMPLETED')
  const change = async (input: Record<string, unknown>) => {
    const { data, errors } = await update(ask, { by: { id }, ...input })
    expect(errors).toBeUndefined()
    return data.updateConversation.conversation.metadata
  }
  expect(await change({ metadata: { l: { n: 3 }, o: null } })).toEqual({ k: 1, l: { n: 3 }, o: null })
  expect(await change({ deleteMetadataKeys: ['l', 'unknown', '__proto__'] })).toEqual({ k: 1, o: null })
  expect(await change({ metadata: { k: 2, p: 3 }, deleteMetadataKeys: ['p', 'o'] })).toEqual({ k: 2 })
  expect(await change({ metadata: null, deleteMetadataKeys: ['k'] })).toEqual({})
})

test('a filter finds the metadata that a conversation has now, and not what it had', async () => {
  const { ask, id } = await stand('ACTIVE')
  const count = async (path: string[], eq: unknown) => {
    const filter = { metadata: [{ path, eq }] }
    const { data } = await ask('query ($f: ConversationFilter) { conversations(filter: $f) { totalCount } }', {
      f: filter,
    })
    return data.conversations.totalCount
  }
  await update(ask, { by: { id }, metadata: { k: 'new', l: { m: 2, n: [1] } } })
  expect([await count(['k'], 1), await count(['k'], 'new'), await count(['l', 'm'], 2)]).toEqual([0, 1, 1])
  await update(ask, { by: { id }, deleteMetadataKeys: ['l'] })
  expect([await count(['k'], 'new'), await count(['l', 'm'], 2)]).toEqual([1, 0])
})

test.each([
  [{ campaign: 'x'.repeat(257) }, 'LIMIT_EXCEEDED input.campaign'],
  [{ description: 'x'.repeat(10_001) }, 'LIMIT_EXCEEDED input.description'],
  [{ labels: Array(51).fill('a') }, 'LIMIT_EXCEEDED input.labels'],
  [{ labels: ['ok', 'x'.repeat(257)] }, 'LIMIT_EXCEEDED input.labels[1]'],
  [{ labels: ['ok', ' '] }, 'BAD_USER_INPUT input.labels[1]'],
  [{ language: 'not a tag' }, 'BAD_USER_INPUT input.language'],
  [{ analysis: { tags: ['x'.repeat(257)] } }, 'LIMIT_EXCEEDED input.analysis.tags[0]'],
  [{ analysis: { tags: ['ok', ''] } }, 'BAD_USER_INPUT input.analysis.tags[1]'],
  [{ recording: { url: 'javascript:alert(1)' } }, 'BAD_USER_INPUT input.recording.url'],
  [{ recording: { url: 'https://example.com', durationMs: -1 } }, 'BAD_USER_INPUT input.recording.durationMs'],
  [{ analysis: { extractedData: 'x'.repeat(102_400) } }, 'LIMIT_EXCEEDED input.analysis'],
  [{ llmStats: { fallbackCount: -1 } }, 'BAD_USER_INPUT input.llmStats.fallbackCount'],
  [{ metadata: { ['k'.repeat(1_001)]: 1 } }, `LIMIT_EXCEEDED input.metadata.${'k'.repeat(40)}…`],
  [{ deleteMetadataKeys: Array(1_001).fill('a') }, 'LIMIT_EXCEEDED input.deleteMetadataKeys'],
  [{ agents: [{ externalId: 'new' }, { id: 'agent_none' }] }, 'NOT_FOUND input.agents[1].id'],
  [{ agents: Array.from({ length: 51 }, (_, i) => ({ externalId: `${i}` })) }, 'LIMIT_EXCEEDED input.agents'],
  [{ by: { id: null } }, 'BAD_USER_INPUT input.by.id'],
  [{ by: { id: null, externalId: 'none' } }, 'BAD_USER_INPUT input.by', 'BAD_USER_INPUT input.by.id'],
  [{ by: { externalId: 'none' } }, 'NOT_FOUND input.by.externalId'],
  [{ status: 'ACTIVE' }, 'CONVERSATION_CLOSED input'],
  [{ status: 'FAILED' }, 'BAD_USER_INPUT input.status'],
  [{ unknown: 'x' }, 'BAD_USER_INPUT input'],
])('change %# is refused and changes nothing', async (input, ...expected) => {
  const { ask, id } = await stand('COMPLETED')
  const before = await stored(server)
  expect(refusals(await update(ask, { by: { id }, idempotencyKey: 'k', ...input }))).toEqual(expected)
  expect(await stored(server)).toEqual(before)
})

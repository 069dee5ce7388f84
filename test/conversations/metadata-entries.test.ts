import { expect, test } from 'vitest'
import { metadataEntries } from '../../src/metadata/metadata-entries.ts'
import { type Ask, startTestServer } from '../support/server.ts'
import { SAID } from './conversations.ts'
import { randomFrom } from './random.ts'
import { object } from './random-metadata.ts'

const server = await startTestServer()

const WRITES = {
  logConversation: 'LogConversationInput',
  appendMessages: 'AppendMessagesInput',
  updateConversation: 'UpdateConversationInput',
}

async function write(ask: Ask, operation: keyof typeof WRITES, input: object) {
  const { errors } = await ask(
    `mutation ($input: ${WRITES[operation]}!) { ${operation}(input: $input) { conversation { id } } }`,
    { input },
  )
  expect(errors).toBeUndefined()
}

/** The metadata of each conversation, with the entries that the index has of it and those that it should have. */
async function indexed(tenantId: string) {
  const rows = await server.owner(`
    SELECT c.external_id, c.metadata, coalesce(
      (SELECT json_agg(json_build_object('path', e.path, 'value', e.value)) FROM conversation_metadata e
       WHERE e.tenant_id = c.tenant_id AND e.conversation_id = c.id), '[]') AS entries
    FROM conversations c WHERE c.tenant_id = '${tenantId}' ORDER BY c.external_id`)
  const [count] = await server.owner(
    `SELECT count(*)::int AS count FROM conversation_metadata WHERE tenant_id = '${tenantId}'`,
  )
  const sorted = (entries: unknown) => (entries as { path: string; value: string }[]).map(toText).sort()
  const toText = ({ path, value }: { path: string; value: string }) => `${path} ${value}`
  return {
    count: count?.['count'],
    metadata: Object.fromEntries(rows.map((row) => [row['external_id'], row['metadata']])),
    actual: rows.map((row) => sorted(row['entries'])),
    expected: rows.map((row) => sorted(metadataEntries(row['metadata'] as Record<string, unknown>))),
  }
}

test('the index holds what the metadata holds, after each kind of write', async () => {
  const tenant = await server.newTenant()
  const { ask, id } = tenant
  const check = async (metadata: object) => {
    const now = await indexed(id)
    expect(now.actual).toEqual(now.expected)
    expect(now.count).toBe(now.expected.flat().length)
    expect(now.metadata).toEqual(metadata)
  }
  const a = { externalId: 'a' }
  await write(ask, 'logConversation', {
    ...a,
    status: 'ACTIVE',
    messages: [],
    metadata: { k: { x: 1 }, l: [1, 1, 'b'] },
  })
  await check({ a: { k: { x: 1 }, l: [1, 1, 'b'] } })
  await write(ask, 'appendMessages', { by: a, messages: [SAID], metadata: { k: 'text', m: null } })
  await check({ a: { k: 'text', l: [1, 1, 'b'], m: null } })
  await write(ask, 'appendMessages', {
    by: { externalId: 'b' },
    createIfMissing: true,
    messages: [SAID],
    metadata: { n: true },
  })
  await write(ask, 'logConversation', {
    ...a,
    onConflict: 'APPEND',
    status: 'ACTIVE',
    messages: [],
    metadata: { m: {} },
  })
  await check({ a: { k: 'text', l: [1, 1, 'b'], m: {} }, b: { n: true } })
  await write(ask, 'updateConversation', { by: a, metadata: { m: 'x'.repeat(300) }, deleteMetadataKeys: ['k', 'none'] })
  await check({ a: { l: [1, 1, 'b'], m: 'x'.repeat(300) }, b: { n: true } })
  await write(ask, 'updateConversation', { by: a, deleteMetadataKeys: ['m'] })
  await write(ask, 'updateConversation', { by: { externalId: 'b' }, metadata: null })
  await check({ a: { l: [1, 1, 'b'] }, b: {} })
  await ask('mutation { deleteConversation(input: { by: { externalId: "a" } }) { deletedId } }')
  await check({ b: {} })
})

test('a refused write leaves the index as it was', async () => {
  const { ask, id } = await server.newTenant()
  await write(ask, 'logConversation', { externalId: 'a', messages: [SAID], metadata: { k: 1 } })
  const { errors } = await ask(
    `mutation ($metadata: JSONObject) {
      first: updateConversation(input: { by: { externalId: "a" }, metadata: { l: 2 } }) { conversation { id } }
      second: updateConversation(input: { by: { externalId: "a" }, metadata: $metadata }) { conversation { id } }
    }`,
    { metadata: { ['x'.repeat(1_001)]: 1 } },
  )
  expect(errors?.[0]?.extensions.code).toBe('LIMIT_EXCEEDED')
  expect((await indexed(id)).actual).toEqual([['/k dbff0000000000000']])
})

test('the index holds what random metadata holds, after random changes', async () => {
  const random = randomFrom(3)
  const { ask, id } = await server.newTenant()
  for (let i = 0; i < 25; i++) {
    const externalId = `c${i % 5}`
    await write(ask, 'appendMessages', {
      by: { externalId },
      createIfMissing: true,
      messages: [SAID],
      metadata: object(random),
    })
    if (random.chance(0.5)) {
      const deleteMetadataKeys = Object.keys(object(random))
      await write(ask, 'updateConversation', { by: { externalId }, metadata: object(random), deleteMetadataKeys })
    }
  }
  const now = await indexed(id)
  expect(now.actual).toEqual(now.expected)
  expect(now.count).toBeGreaterThan(20)
})

import { expect, test, vi } from 'vitest'
import { encodeId } from '../../src/input/ids.ts'
import { decryptResumeToken, encryptResumeToken } from '../../src/live/resume-token.ts'
import { type Credential, startTestServer, TENANT_SCOPES } from '../support/server.ts'
import { changesOf, followChanges } from './changes.ts'
import { append, log, remove, update } from './conversations.ts'

const server = await startTestServer()

test('the first answer is a resume token; then each change is told with the conversation as it is', async () => {
  const { ask, key } = await server.newTenant()
  await log(ask)
  const live = await followChanges(server, { key })
  expect(await live.next()).toEqual({
    data: { conversationsChanged: { resumeToken: expect.any(String), changes: [] } },
  })
  const id = await log(ask, { messages: [] })
  expect(await changesOf(live)).toEqual([
    { kind: 'CREATED', conversationId: id, conversation: { id, messageCount: 0 } },
  ])
  await append(ask, id, ['Hello'])
  expect(await changesOf(live)).toEqual([
    { kind: 'MESSAGES', conversationId: id, conversation: { id, messageCount: 1 } },
  ])
  await update(ask, id, { feedback: 'Good', metadata: { a: 1 } })
  expect(await changesOf(live)).toEqual([
    { kind: 'UPDATED', conversationId: id, conversation: { id, messageCount: 1 } },
  ])
  await remove(ask, id)
  expect(await changesOf(live)).toEqual([{ kind: 'DELETED', conversationId: id, conversation: null }])
})

test('what was written in one transaction comes in one answer, each conversation once', async () => {
  const { ask, key } = await server.newTenant()
  const live = await followChanges(server, { key })
  await live.next()
  await ask(`mutation {
    a: appendMessages(input: { by: { externalId: "a" }, createIfMissing: true, messages: [{ chat: { role: USER, content: "1" } }] }) { created }
    b: appendMessages(input: { by: { externalId: "b" }, createIfMissing: true, messages: [{ chat: { role: USER, content: "1" } }] }) { created }
    c: appendMessages(input: { by: { externalId: "a" }, messages: [{ chat: { role: USER, content: "2" } }] }) { created }
    d: deleteConversation(input: { by: { externalId: "b" } }) { deletedId }
  }`)
  const told = await changesOf(live)
  expect(told.map(({ kind, conversation }) => [kind, conversation?.messageCount]).sort()).toEqual([
    ['CREATED', 2],
    ['DELETED', undefined],
  ])
})

test('with a filter, those that fit are told whole, those that do not any more by their id alone', async () => {
  const { ask, key } = await server.newTenant()
  const live = await followChanges(server, { key }, { filter: { metadata: [{ path: ['plan'], eq: 'pro' }] } })
  await live.next()
  await log(ask, { metadata: { plan: 'free' } })
  const id = await log(ask, { metadata: { plan: 'pro' } })
  // The one that never fitted is not told at all.
  expect(await changesOf(live)).toEqual([
    { kind: 'CREATED', conversationId: id, conversation: { id, messageCount: 1 } },
  ])
  await update(ask, id, { metadata: { plan: 'free' } })
  expect(await changesOf(live)).toEqual([{ kind: 'UPDATED', conversationId: id, conversation: null }])
  await update(ask, id, { metadata: { plan: 'pro' } })
  expect(await changesOf(live)).toEqual([
    { kind: 'UPDATED', conversationId: id, conversation: { id, messageCount: 1 } },
  ])
})

test('from a resume token all that came after it is told, in answers of at most 500, nothing of it twice', async () => {
  const { id: tenantId, key } = await server.newTenant()
  const first = await followChanges(server, { key })
  const start = (await first.data()).conversationsChanged.resumeToken
  await first.close()
  // In one transaction, so that the answers part in the middle of it.
  const inserted = await server.owner(`
    INSERT INTO conversations (tenant_id, id, status, started_at)
    SELECT '${tenantId}', gen_random_uuid(), 'ACTIVE', now() FROM generate_series(1, 550) RETURNING id::text`)
  const live = await followChanges(server, { key }, { after: start })
  const [one, two] = [await live.data(), await live.data()].map((data) => data.conversationsChanged)
  expect([one.changes.length, two.changes.length]).toEqual([500, 50])
  const told = [...one.changes, ...two.changes].map(({ conversationId }) => conversationId)
  expect(told).toEqual(inserted.map(({ id }) => encodeId('Conversation', String(id))).sort())
  // Dropped after the first answer: the second comes again, and nothing else.
  const again = await followChanges(server, { key }, { after: one.resumeToken })
  expect(await changesOf(again)).toEqual(two.changes)
  const atEnd = await followChanges(server, { key }, { after: two.resumeToken })
  expect(await changesOf(atEnd)).toEqual([])
})

test('messages that only INTERNALS_READ may see are no messages to others', async () => {
  const tenant = await server.newTenant()
  const { secret } = await server.newKey({ scopes: ['CONVERSATIONS_READ'], tenantId: tenant.id })
  const id = await log(tenant.ask)
  const kinds = async (credential: Credential, after?: string) => {
    const live = await followChanges(server, credential, { after })
    const answer = (await live.data()).conversationsChanged
    return { resumeToken: answer.resumeToken, kinds: answer.changes.map(({ kind }: { kind: string }) => kind) }
  }
  const { resumeToken } = await kinds({ key: tenant.key })
  await append(tenant.ask, id, [{ chat: { role: 'SYSTEM', content: 'a prompt' } }])
  expect((await kinds({ key: tenant.key }, resumeToken)).kinds).toEqual(['MESSAGES'])
  expect((await kinds({ key: secret }, resumeToken)).kinds).toEqual(['UPDATED'])
})

test('a resume token that is no resume token, or not of this list, is refused by name', async () => {
  const { key } = await server.newTenant()
  const resumeToken = (await (await followChanges(server, { key })).data()).conversationsChanged.resumeToken
  const bytes = Buffer.from(resumeToken, 'base64url')
  const changed = [0, 12, 28, bytes.length - 1].map((at) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)))
  const cut = [0, 11, 27, 28, bytes.length - 1].map((length) => bytes.subarray(0, length))
  const forged = encryptResumeToken({ database: 'any', seen: { xmin: 1, xmax: 1, open: [] } }, new Uint8Array(32))
  const encoded = [...changed, ...cut].map((part) => Buffer.from(part).toString('base64url'))
  const cursor = Buffer.from('["STARTED_AT",1,"00000000-0000-0000-0000-000000000000"]').toString('base64url')
  for (const after of ['x', cursor, forged, ...encoded]) {
    const live = await followChanges(server, { key }, { after })
    expect((await live.next())?.errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', inputPath: 'after' })
  }
})

test('a resume token whose changes are no longer kept is RESUME_TOKEN_EXPIRED', async () => {
  const { id: tenantId, ask, key } = await server.newTenant()
  const beginning = (await (await followChanges(server, { key })).data()).conversationsChanged.resumeToken
  await log(ask)
  await log(ask)
  // Of a moment at which no transaction of the cluster was open: behind one, it can't be told that nothing was lost.
  const last = await vi.waitFor(async () => {
    const live = await followChanges(server, { key }, { after: beginning })
    const { resumeToken } = (await live.data()).conversationsChanged
    await live.close()
    expect(decryptResumeToken(resumeToken, await resumeTokenKey())?.seen.open).toEqual([])
    return resumeToken
  }, 10_000)
  const codeAt = async (after: string) => {
    const answer = await (await followChanges(server, { key }, { after })).next()
    return answer?.errors?.[0]?.extensions.code ?? answer?.data.conversationsChanged.changes.length
  }
  expect(await codeAt(beginning)).toBe(2)
  await server.owner(
    `UPDATE conversation_changes SET changed_at = now() - interval '25 hours' WHERE tenant_id = '${tenantId}'`,
  )
  expect(await codeAt(beginning)).toBe('RESUME_TOKEN_EXPIRED')
  // Nothing came after this one, however old it is.
  expect(await codeAt(last)).toBe(0)
  await log(ask)
  expect(await codeAt(last)).toBe(1)
})

/** What the database of this file encrypts resume tokens with. */
async function resumeTokenKey(): Promise<Uint8Array> {
  const [row] = await server.owner('SELECT key FROM position_key')
  return row?.['key'] as Uint8Array
}

test('a resume token shows no number of a transaction, nor how many were open, and comes back whole', () => {
  const key = new Uint8Array(32).fill(7)
  const quiet = { database: 'a database', seen: { xmin: 123_456_789, xmax: 123_456_789, open: [] } }
  const until = { xmin: 123_456_789, xmax: 123_456_799, open: [123_456_789, 123_456_791, 123_456_793] }
  const busy = { ...quiet, within: { until, transactionId: 123_456_790, count: 17 } }
  const tokens = [quiet, quiet, busy].map((place) => encryptResumeToken(place, key))
  expect(tokens.map((text) => decryptResumeToken(text, key))).toEqual([quiet, quiet, busy])
  expect(new Set(tokens)).toHaveProperty('size', 3)
  expect(new Set(tokens.map(({ length }) => length))).toHaveProperty('size', 1)
  expect(tokens.filter((text) => Buffer.from(text, 'base64url').includes('123456789'))).toEqual([])
})

test('a key without CONVERSATIONS_READ follows nothing', async () => {
  const tenant = await server.newTenant()
  const scopes = TENANT_SCOPES.filter((scope) => scope !== 'CONVERSATIONS_READ')
  const { secret } = await server.newKey({ scopes, tenantId: tenant.id })
  const live = await followChanges(server, { key: secret })
  expect((await live.next())?.errors?.[0]?.extensions).toEqual({ code: 'FORBIDDEN', scopes: ['CONVERSATIONS_READ'] })
  expect(await live.next()).toBeNull()
})

import { createCipheriv, randomBytes } from 'node:crypto'
import { expect, inject, test } from 'vitest'
import { replaceIncarnation } from '../../src/database/incarnation.ts'
import { startTestServer, type TestServer } from '../support/server.ts'
import { isStory } from '../support/story.ts'
import { changesOf, followChanges } from './changes.ts'
import { log } from './conversations.ts'

isStory()

/** Both are copies of one migrated template, and encrypt with the same key. */
const [one, other] = [await startTestServer(), await startTestServer()]

async function resumeTokenIn(server: TestServer): Promise<string> {
  const { key } = await server.newTenant()
  return (await (await followChanges(server, { key })).data()).conversationsChanged.resumeToken
}

async function answerAfter(server: TestServer, after: string) {
  const { key } = await server.newTenant()
  const answer = await (await followChanges(server, { key }, { after })).next()
  return answer?.errors?.[0]?.extensions ?? answer?.data.conversationsChanged.changes
}

const EXPIRED = { code: 'RESUME_TOKEN_EXPIRED', inputPath: 'after' }

const replaceIncarnationOf = (server: TestServer) =>
  replaceIncarnation({
    query: async <Row extends object>(sql: string) => (await server.owner(sql)) as Row[],
    execute: async (sql) => void (await server.owner(sql)),
  })

async function keyOf(server: TestServer): Promise<Uint8Array> {
  const [row] = await server.owner('SELECT key FROM position_key')
  return row?.['key'] as Uint8Array
}

/** How many transactions there were. Asking is one, too. */
const transactionsOf = async (server: TestServer) =>
  Number((await server.owner('SELECT pg_current_xact_id()::text AS id'))[0]?.['id'])

test('a token of another database with the same key is RESUME_TOKEN_EXPIRED: of a copy in PostgreSQL, or of a directory that was copied and began another life', async () => {
  expect(Buffer.from(await keyOf(one))).toEqual(Buffer.from(await keyOf(other)))
  const resumeToken = await resumeTokenIn(one)
  expect(await answerAfter(one, resumeToken)).toEqual([])
  // Before that a token is of transactions that are yet to come, which is refused as well.
  for (const reached = await transactionsOf(one); (await transactionsOf(other)) <= reached; );
  // A copy of an embedded directory has everything in common with it, until somebody says that it is another.
  if (inject('databaseKind') === 'pglite') {
    expect(await answerAfter(other, resumeToken)).toEqual([])
    await replaceIncarnationOf(other)
  }
  expect(await answerAfter(other, resumeToken)).toEqual(EXPIRED)
  expect(await answerAfter(one, resumeToken)).toEqual([])
})

test('when the database begins another life, its tokens expire, open streams end with that, and new ones follow it', async () => {
  const { ask, key } = await one.newTenant()
  const live = await followChanges(one, { key })
  const { resumeToken } = (await live.data()).conversationsChanged
  await log(ask)
  expect(await changesOf(live)).toHaveLength(1)
  await replaceIncarnationOf(one)
  await log(ask)
  expect((await live.next())?.errors?.[0]?.extensions).toEqual(EXPIRED)
  expect(await live.next()).toBeNull()
  expect(await answerAfter(one, resumeToken)).toEqual(EXPIRED)
  const again = await followChanges(one, { key })
  const { resumeToken: begin } = (await again.data()).conversationsChanged
  await log(ask)
  expect(await changesOf(again)).toHaveLength(1)
  expect(await changesOf(await followChanges(one, { key }, { after: begin }))).toHaveLength(1)
})

test('who begins in the new life is not kept from it by a stream of the old one that nobody reads', async () => {
  const { ask, key } = await one.newTenant()
  const before = await followChanges(one, { key })
  await replaceIncarnationOf(one)
  const after = await followChanges(one, { key })
  expect(await changesOf(after)).toEqual([])
  const id = await log(ask)
  expect(await changesOf(after)).toMatchObject([{ conversationId: id }])
  expect(await changesOf(before)).toEqual([])
  expect((await before.next())?.errors?.[0]?.extensions).toEqual(EXPIRED)
})

test('a token of a version that did not say its database is RESUME_TOKEN_EXPIRED, not bad input', async () => {
  const text = '1000:1000:'.padEnd(128)
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', await keyOf(one), iv)
  const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  const token = Buffer.concat([iv, cipher.getAuthTag(), encrypted]).toString('base64url')
  expect(await answerAfter(one, token)).toEqual(EXPIRED)
})

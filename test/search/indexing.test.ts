import { expect, inject, test } from 'vitest'
import { dropOldTextIndex } from '../../src/database/old-text-index.ts'
import { readAsTenant, writeAsTenant } from '../../src/database/transaction.ts'
import { newUuid } from '../../src/input/ids.ts'
import { TENANT_JOBS, TenantJobs } from '../../src/jobs/tenant-jobs.ts'
import { indexMessages } from '../../src/search/index-messages.ts'
import { searchMessages } from '../../src/search/message-search.sql.ts'
import { parseSearch } from '../../src/search/parse-search.ts'
import { TOKENISER_VERSION, tokenise } from '../../src/search/tokenise.ts'
import { fitting, log } from '../conversations/conversations.ts'
import { startTestServer } from '../support/server.ts'

const server = await startTestServer()
const JOB = 'index messages'

const said = (content: string) => ({ messages: [{ chat: { role: 'USER', content } }] })
const text = (value: string) => `'${value.replaceAll("'", "''")}'`

/** A message as a server of the version before stores it, in a conversation of its own. */
async function storedBefore(tenantId: string, content: string, externalId = content): Promise<string> {
  const [conversationId, id] = [newUuid(), newUuid()]
  await server.owner(`
    WITH c AS (
      INSERT INTO conversations (tenant_id, id, external_id, status, started_at, message_count)
      VALUES (${text(tenantId)}, '${conversationId}', ${text(externalId)}, 'COMPLETED', now(), 1))
    INSERT INTO messages (tenant_id, conversation_id, sequence, id, kind, "timestamp", role, content)
    VALUES (${text(tenantId)}, '${conversationId}', 0, '${id}', 'CHAT', now(), 'USER', ${text(content)})`)
  return id
}

const runJobs = () => new TenantJobs(server.database, TENANT_JOBS).runOnce()

async function jobsOf(tenantId: string) {
  const rows = await server.owner(`SELECT name, after_id FROM tenant_jobs WHERE tenant_id = ${text(tenantId)}`)
  return rows.map(({ name }) => name)
}

const columnsOf = async (id: string) =>
  (await server.owner(`SELECT search_words, search_parts, search_version FROM messages WHERE id = '${id}'`))[0]

test('what an earlier version stored is found as before until it is indexed, and then as now', async () => {
  const { id: tenantId, ask } = await server.newTenant()
  const id = await storedBefore(tenantId, 'My order is late.Please help 返品したい', 'old')
  await log(ask, { externalId: 'new', ...said('Another order, 返品したい') })
  expect(await jobsOf(tenantId)).toEqual([JOB])
  const asBefore: [string, string[]][] = [
    ['order', ['new', 'old']],
    ['"is late"', []],
    ['my -another', ['old']],
    ['返品', ['new']],
    ['late', []],
  ]
  for (const [search, expected] of asBefore) expect.soft(await fitting(ask, { search }), search).toEqual(expected)
  expect(await runJobs()).toBe(true)
  expect(await jobsOf(tenantId)).toEqual([])
  expect(await columnsOf(id)).toMatchObject({
    search_words: ' my order is late please help 返品 品し した たい い ',
    search_version: TOKENISER_VERSION,
  })
  const asNow: [string, string[]][] = [
    ['order', ['new', 'old']],
    ['"is late"', ['old']],
    ['返品', ['new', 'old']],
    ['late', ['old']],
  ]
  for (const [search, expected] of asNow) expect.soft(await fitting(ask, { search }), search).toEqual(expected)
})

test('what a server of an earlier version writes beside others is indexed as well, also if its id is older', async () => {
  const { id: tenantId, ask } = await server.newTenant()
  await storedBefore(tenantId, 'first.word')
  await runJobs()
  expect(await jobsOf(tenantId)).toEqual([])
  await storedBefore(tenantId, 'second.word')
  expect(await jobsOf(tenantId)).toEqual([JOB])
  // The job has passed the next one's id before that is stored.
  await server.owner(`
    UPDATE tenant_jobs SET after_id = 'ffffffff-ffff-7fff-8fff-ffffffffffff' WHERE tenant_id = ${text(tenantId)}`)
  await storedBefore(tenantId, 'third.word')
  await runJobs()
  expect(await fitting(ask, { search: '"first word" or "third word"' })).toEqual(['first.word', 'third.word'])
})

test('all of a tenant with thousands of messages is indexed, in pieces, and nobody else’s', async () => {
  const [{ id: tenantId, ask }, other] = [await server.newTenant(), await server.newTenant()]
  await storedBefore(other.id, 'other.word')
  const conversationId = newUuid()
  await server.owner(`
    INSERT INTO conversations (tenant_id, id, external_id, status, started_at) VALUES (${text(tenantId)}, '${conversationId}', 'many', 'COMPLETED', now());
    INSERT INTO messages (tenant_id, conversation_id, sequence, id, kind, "timestamp", role, name, content)
    SELECT ${text(tenantId)}, '${conversationId}', i, gen_random_uuid(), (CASE WHEN i % 3 = 0 THEN 'TOOL' ELSE 'CHAT' END)::message_kind, now(), 'USER', 'look',
      CASE WHEN i % 3 > 0 THEN CASE WHEN i = 500 THEN repeat('long.word ', 20000) ELSE 'a.word' || i END END
    FROM generate_series(1, 1000) i`)
  const step = (afterId: string | null) =>
    writeAsTenant(server.database, { tenantId, admin: false, rowRestriction: null }, (db) =>
      indexMessages(db, tenantId, afterId),
    )
  let [afterId, steps]: [string | null, number] = [null, 0]
  do {
    afterId = await step(afterId)
    steps += 1
  } while (afterId !== null)
  expect(steps).toBe(11)
  const left = (id: string) =>
    server.owner(
      `SELECT count(*)::int AS count FROM messages WHERE tenant_id = ${text(id)} AND content IS NOT NULL AND search_words IS NULL`,
    )
  expect(await left(tenantId)).toEqual([{ count: 0 }])
  expect(await left(other.id)).toEqual([{ count: 1 }])
  expect(await fitting(ask, { search: 'word998' })).toEqual(['many'])
})

test('a tenant whose messages can not be indexed holds up no other', async () => {
  const tenants = [await server.newTenant(), await server.newTenant(), await server.newTenant()]
  for (const { id } of tenants) await storedBefore(id, 'some.word')
  const [first, , last] = tenants.map(({ id }) => id)
  const step: typeof indexMessages = async (db, tenantId, afterId) => {
    if (tenantId === first || tenantId === last) throw new Error('can not be indexed')
    return indexMessages(db, tenantId, afterId)
  }
  expect(await new TenantJobs(server.database, [{ name: JOB, step }]).runOnce()).toBe(false)
  expect(await Promise.all(tenants.map(({ id }) => jobsOf(id)))).toEqual([[JOB], [], [JOB]])
  expect(await runJobs()).toBe(true)
  expect(await Promise.all(tenants.map(({ id }) => jobsOf(id)))).toEqual([[], [], []])
})

test('a text that is changed is not found by what it was, and indexed anew', async () => {
  const { id: tenantId, ask } = await server.newTenant()
  await log(ask, { externalId: 'a', ...said('secret.word here') })
  await server.owner(`UPDATE messages SET content = 'REDACTED.word here' WHERE tenant_id = ${text(tenantId)}`)
  expect(await fitting(ask, { search: 'secret' })).toEqual([])
  expect(await fitting(ask, { search: 'here' })).toEqual(['a'])
  expect(await jobsOf(tenantId)).toEqual([JOB])
  await runJobs()
  expect(await fitting(ask, { search: 'redacted' })).toEqual(['a'])
  await server.owner(`UPDATE messages SET rating = 1, content = content WHERE tenant_id = ${text(tenantId)}`)
  expect(await jobsOf(tenantId)).toEqual([])
})

test('rows of another version of the tokeniser are indexed anew', async () => {
  const { id: tenantId, ask } = await server.newTenant()
  await log(ask, { externalId: 'a', ...said('one two') })
  await server.owner(`
    UPDATE messages SET search_words = ' onetwo ', search_version = ${TOKENISER_VERSION - 1} WHERE tenant_id = ${text(tenantId)};
    INSERT INTO tenant_jobs (tenant_id, name) VALUES (${text(tenantId)}, '${JOB}')`)
  await runJobs()
  expect(await fitting(ask, { search: 'two' })).toEqual(['a'])
})

test('until all is indexed anew, each row is asked for what the tokeniser of its version makes of the search', async () => {
  const { id: tenantId, ask } = await server.newTenant()
  await log(ask, { externalId: 'a', ...said('one two') })
  await log(ask, { externalId: 'b', ...said('two one') })
  await server.owner(`
    UPDATE messages SET search_words = ' eno owt ', search_version = 0
    WHERE tenant_id = ${text(tenantId)} AND search_words = ' one two '`)
  const backwards = (given: string) =>
    tokenise(given).map((token) => ({ ...token, text: [...token.text].reverse().join('') }))
  const tokenisers = [
    { version: TOKENISER_VERSION, tokenise },
    { version: 0, tokenise: backwards },
  ]
  const count = async (search: string) => {
    const query = searchMessages(parseSearch(search, tokenisers), true)
    const rows = await readAsTenant(server.database, { tenantId, admin: false, rowRestriction: null }, query)
    return rows.length
  }
  for (const [search, expected] of Object.entries({
    one: 2,
    two: 2,
    '"one two"': 1,
    'one -two': 0,
    eno: 0,
    '-eno': 2,
  })) {
    expect.soft(await count(search), search).toBe(expected)
  }
})

test('the database leaves rows for indexing that are not of the version of this code', async () => {
  const [row] = await server.owner(
    `SELECT pg_get_triggerdef(oid) AS definition FROM pg_trigger WHERE tgname = 'index_inserted'`,
  )
  expect(row?.['definition']).toContain(`search_version IS DISTINCT FROM ${TOKENISER_VERSION})`)
})

test('the index of before goes once nothing needs it, and what has no words is found without it', async () => {
  const { id: tenantId, ask } = await server.newTenant()
  const exists = async () => (await server.owner(`SELECT to_regclass('messages_by_text') IS NOT NULL AS "exists"`))[0]
  expect(await exists()).toEqual({ exists: false })
  await server.owner(
    `CREATE INDEX messages_by_text ON messages USING gin (tenant_id, to_tsvector('simple', content)) WHERE content IS NOT NULL`,
  )
  await storedBefore(tenantId, 'before now')
  const owner = { execute: async (sql: string) => void (await server.owner(sql)), query: () => Promise.reject() }
  await dropOldTextIndex(owner)
  expect(await exists()).toEqual({ exists: true })
  await server.owner('DELETE FROM tenant_jobs')
  await dropOldTextIndex(owner)
  expect(await exists()).toEqual({ exists: false })
  await dropOldTextIndex(owner)
  await storedBefore(tenantId, 'then now')
  expect(await fitting(ask, { search: 'now' })).toEqual(['before now', 'then now'])
})

test('servers of the version before find what this one writes', async () => {
  const { id: tenantId, ask } = await server.newTenant()
  await log(ask, { externalId: 'a', ...said('one two') })
  const found = await server.database.prisma.$transaction(async (client) => {
    await client.$executeRawUnsafe(`SET LOCAL ROLE parley_tenant`)
    await client.$executeRawUnsafe(`SET LOCAL app.tenant_id = ${text(tenantId)}`)
    return client.$queryRawUnsafe(`SELECT count(*)::int AS count FROM search_messages('two', true)`)
  })
  expect(found).toEqual([{ count: 1 }])
})

test.skipIf(inject('databaseKind') === 'pglite')(
  'indexing waits for nobody, and comes back to what was locked',
  async () => {
    const { id: tenantId, ask } = await server.newTenant()
    for (const content of ['a.one', 'a.two', 'a.three']) await storedBefore(tenantId, content)
    const reach = { tenantId, admin: false, rowRestriction: null }
    const step = (afterId: string | null) =>
      writeAsTenant(server.database, reach, (db) => indexMessages(db, tenantId, afterId))
    const found = () => fitting(ask, { search: '"a one" or "a two" or "a three"' })
    let afterId: string | null = null
    await server.database.prisma.$transaction(async (client) => {
      await client.$executeRawUnsafe(`SET LOCAL ROLE parley_tenant`)
      await client.$executeRawUnsafe(`SET LOCAL app.tenant_id = ${text(tenantId)}`)
      await client.$executeRawUnsafe(`SELECT 1 FROM conversations WHERE external_id = 'a.two' FOR NO KEY UPDATE`)
      afterId = await step(null)
      expect(await found()).toEqual(['a.one'])
      expect(await step(afterId)).toBe(afterId)
    })
    afterId = await step(afterId)
    expect(await found()).toEqual(['a.one', 'a.three', 'a.two'])
    expect(await step(afterId)).toBeNull()
  },
)

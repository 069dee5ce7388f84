import { describe, expect, test } from 'vitest'
import { eventsOf } from '../audit/events.ts'
import { codes, startTestServer, TENANT_SCOPES } from '../support/server.ts'
import { DELETE, LIST, REGISTER, register, remove, sha256 } from './documents.ts'

/** Which documents can be registered, by whom, and who sees them. */

const server = await startTestServer()

const WHO = 'query Who { viewer { name } }'
const LIMITS = '{ limits { maxCost } }'

test('a tenant registers documents, by the hash of their text as it is; once more changes nothing', async () => {
  const tenant = await server.newTenant()
  const input = { documents: [{ document: WHO, name: 'Who' }, { document: `${WHO}\n` }, { document: WHO }] }
  const { data } = await tenant.ask(REGISTER, { input })
  const who = { sha256Hash: sha256(WHO), document: WHO, name: 'Who', belongsToAccount: false }
  const other = { ...who, sha256Hash: sha256(`${WHO}\n`), document: `${WHO}\n`, name: null }
  const createdAt = expect.any(String)
  expect(data.registerDocuments).toEqual({
    createdCount: 2,
    documents: [who, other, who].map((row) => ({ ...row, createdAt })),
  })
  const again = await tenant.ask(REGISTER, {
    input: { documents: [{ document: WHO, name: 'Another name' }, { document: LIMITS }] },
  })
  expect(again.data.registerDocuments).toMatchObject({ createdCount: 1, documents: [who, { document: LIMITS }] })
  const listed = (await tenant.ask(LIST)).data.trustedDocuments
  expect(listed.totalCount).toBe(3)
  expect(listed.nodes[0].document).toBe(LIMITS)
})

test('documents are listed page by page in both directions, newest first', async () => {
  const tenant = await server.newTenant()
  const documents = [1, 2, 3, 4, 5].map((n) => `query Q${n} { viewer { name } }`)
  for (const document of documents) await register(tenant.ask, document)
  const newestFirst = documents.toReversed()
  const page = async (args: object) => (await tenant.ask(LIST, { ...args })).data.trustedDocuments
  const texts = ({ nodes }: { nodes: { document: string }[] }) => nodes.map(({ document }) => document)
  const first = await page({ first: 2 })
  expect([texts(first), first.pageInfo.hasNextPage]).toEqual([newestFirst.slice(0, 2), true])
  const second = await page({ first: 3, after: first.pageInfo.endCursor })
  expect([texts(second), second.pageInfo.hasNextPage]).toEqual([newestFirst.slice(2), false])
  expect(texts(await page({ last: 1, before: first.pageInfo.endCursor }))).toEqual(newestFirst.slice(0, 1))
  expect(codes(await tenant.ask(LIST, { after: 'nothing' }))).toEqual(['BAD_USER_INPUT'])
})

test('those of the account are every tenant’s to use and the account’s to change, and a tenant’s are its own', async () => {
  const [tenant, other] = [await server.newTenant(), await server.newTenant()]
  const [ofAccount, ofTenant] = ['query OfAccount { viewer { name } }', 'query OfTenant { viewer { name } }']
  const { data } = await register(server.admin, ofAccount)
  expect(data.registerDocuments.documents).toMatchObject([{ belongsToAccount: true }])
  await register(tenant.asAccount, ofTenant)
  const seenBy = async (ask: typeof tenant.ask) =>
    (await ask(LIST)).data.trustedDocuments.nodes.map((node: { document: string; belongsToAccount: boolean }) => [
      node.document,
      node.belongsToAccount,
    ])
  expect(await seenBy(tenant.ask)).toEqual([
    [ofTenant, false],
    [ofAccount, true],
  ])
  expect(await seenBy(other.ask)).toEqual([[ofAccount, true]])
  expect(await seenBy(server.admin)).toEqual([[ofAccount, true]])
  // Neither the account's nor another's are deleted.
  for (const ask of [other.ask, other.asAccount]) {
    expect((await remove(ask, ofAccount, ofTenant)).data.deleteDocuments.deletedSha256Hashes).toEqual([])
  }
  // A tenant may register what the account has: it is listed once, as its own.
  await register(other.ask, ofAccount)
  expect(await seenBy(other.ask)).toEqual([[ofAccount, false]])
  expect((await other.ask(LIST)).data.trustedDocuments.totalCount).toBe(1)
  expect((await remove(server.admin, ofAccount)).data.deleteDocuments.deletedSha256Hashes).toEqual([sha256(ofAccount)])
  expect(await seenBy(other.ask)).toEqual([[ofAccount, false]])
  expect(await seenBy(tenant.ask)).toEqual([[ofTenant, false]])
})

test('a key needs EMBED_TOKENS_CREATE, and ADMIN as well without a tenant', async () => {
  const { id: tenantId } = await server.newTenant()
  const keyWith = async (scopes: string[], tenant?: string) =>
    server.as({ key: (await server.newKey({ scopes, ...(tenant ? { tenantId: tenant } : {}) })).secret })
  const others = TENANT_SCOPES.filter((scope) => scope !== 'EMBED_TOKENS_CREATE')
  for (const ask of [
    await keyWith(others, tenantId),
    await keyWith(['ADMIN']),
    await keyWith(['EMBED_TOKENS_CREATE', 'CONVERSATIONS_READ']),
  ]) {
    expect(codes(await register(ask, WHO))).toEqual(['FORBIDDEN'])
    expect(codes(await remove(ask, WHO))).toEqual(['FORBIDDEN'])
    expect(codes(await ask(LIST))).toEqual(['FORBIDDEN'])
  }
})

describe('refused by name, and nothing is stored', () => {
  const at = (i: number, field: string) => `input.documents[${i}].${field}`
  const deep = `{ ${'node(id: "a") { ... on Agent { conversations { nodes { '.repeat(6)} id ${'}'.repeat(24)} }`
  test.each<[what: string, documents: object[], code: string, inputPath: string]>([
    ['no GraphQL', [{ document: WHO }, { document: '{ viewer' }], 'BAD_USER_INPUT', at(1, 'document')],
    ['a field that does not exist', [{ document: '{ nothing }' }], 'BAD_USER_INPUT', at(0, 'document')],
    ['no operation', [{ document: 'fragment F on Viewer { name }' }], 'BAD_USER_INPUT', at(0, 'document')],
    ['nothing', [{ document: '' }], 'BAD_USER_INPUT', at(0, 'document')],
    ['a circle', [{ document: '{ ...F } fragment F on Query { ...F }' }], 'BAD_USER_INPUT', at(0, 'document')],
    ['fields too deep', [{ document: deep }], 'LIMIT_EXCEEDED', at(0, 'document')],
    ['a long document', [{ document: `${WHO}${' '.repeat(65_536)}` }], 'LIMIT_EXCEEDED', at(0, 'document')],
    ['too many tokens', [{ document: `{ ${'__typename '.repeat(2_000)} }` }], 'LIMIT_EXCEEDED', at(0, 'document')],
    ['a blank name', [{ document: WHO, name: ' ' }], 'BAD_USER_INPUT', at(0, 'name')],
    ['a long name', [{ document: WHO, name: 'x'.repeat(257) }], 'LIMIT_EXCEEDED', at(0, 'name')],
    ['101 documents', Array(101).fill({ document: WHO }), 'LIMIT_EXCEEDED', 'input.documents'],
  ])('%s', async (_what, documents, code, inputPath) => {
    const tenant = await server.newTenant()
    const { data, errors } = await tenant.ask(REGISTER, { input: { documents } })
    expect(data ?? null).toBeNull()
    expect(errors).toEqual([expect.objectContaining({ extensions: expect.objectContaining({ code, inputPath }) })])
    expect((await tenant.ask(LIST)).data.trustedDocuments.totalCount).toBe(0)
  })

  test.each<[what: string, sha256Hashes: string[], code: string, inputPath: string]>([
    ['what is no hash', [sha256(WHO), 'abc'], 'BAD_USER_INPUT', 'input.sha256Hashes[1]'],
    ['a hash in capitals', [sha256(WHO).toUpperCase()], 'BAD_USER_INPUT', 'input.sha256Hashes[0]'],
    ['101 hashes', Array(101).fill(sha256(WHO)), 'LIMIT_EXCEEDED', 'input.sha256Hashes'],
  ])('%s', async (_what, sha256Hashes, code, inputPath) => {
    const tenant = await server.newTenant()
    const { errors } = await tenant.ask(DELETE, { input: { sha256Hashes } })
    expect(errors).toEqual([expect.objectContaining({ extensions: expect.objectContaining({ code, inputPath }) })])
  })
})

test('a tenant has up to 1,000 documents, however many calls register them at once', async () => {
  const tenant = await server.newTenant()
  await server.owner(`
    INSERT INTO trusted_documents (tenant_id, id, sha256, document)
    SELECT '${tenant.id}', gen_random_uuid(), encode(sha256(n::text::bytea), 'hex'), '{ viewer { name } }'
    FROM generate_series(1, 998) n`)
  const two = (n: number) => register(tenant.ask, `query A${n} { viewer { name } }`, `query B${n} { viewer { name } }`)
  const answers = await Promise.all([1, 2, 3].map(two))
  const refused = answers.filter(({ errors }) => errors)
  expect(refused.map(({ errors }) => errors?.[0]?.extensions)).toEqual(
    Array(2).fill(expect.objectContaining({ code: 'LIMIT_EXCEEDED', inputPath: 'input.documents', limit: 1_000 })),
  )
  expect((await tenant.ask(LIST)).data.trustedDocuments.totalCount).toBe(1_000)
})

test('who registered and deleted what is in the audit log', async () => {
  const tenant = await server.newTenant()
  await register(tenant.ask, WHO, LIMITS)
  await remove(tenant.ask, LIMITS, '{ nothing }')
  const [deleted, registered] = await eventsOf(server, { tenantIds: [tenant.id] })
  expect(registered).toMatchObject({
    ...{ action: 'DOCUMENTS_REGISTERED', objectType: 'DOCUMENT', outcome: 'DONE', objectId: null },
    ...{ actor: { kind: 'TENANT_KEY' }, details: { sha256Hashes: [sha256(WHO), sha256(LIMITS)] } },
  })
  expect(deleted).toMatchObject({ action: 'DOCUMENTS_DELETED', details: { sha256Hashes: [sha256(LIMITS)] } })
})

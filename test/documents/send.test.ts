import { expect, test } from 'vitest'
import {
  makeKey,
  newIssuerName,
  register as registerIssuer,
  sign,
  UPDATE,
} from '../credentials/token-issuers/issuer.ts'
import { log } from '../live/conversations.ts'
import { follow } from '../support/live.ts'
import { codes, startTestServer } from '../support/server.ts'
import { byHash, register, remove, send, sha256, strictToken } from './documents.ts'

/** What is answered for a hash, and what a token may send that is limited to registered documents. */

const server = await startTestServer()

const WHO = 'query Who { viewer { name } }'
const SUBSCRIBE = 'subscription { conversationsChanged { resumeToken changes { conversationId } } }'

test('every credential may send the hash of a registered document, by POST and GET', async () => {
  const tenant = await server.newTenant()
  const several = 'query A { viewer { name } } query B($id: ID!) { node(id: $id) { id } }'
  await register(tenant.ask, WHO, several)
  const token = await strictToken(tenant.ask, { subject: 'ada' })
  for (const [key, name] of [
    [tenant.key, 'test'],
    [token, 'ada'],
  ] as const) {
    expect(await send(server, key, byHash(WHO))).toMatchObject({ status: 200, data: { viewer: { name } } })
    expect(await send(server, key, byHash(WHO), { method: 'GET' })).toMatchObject({ data: { viewer: { name } } })
    expect(await send(server, key, { query: WHO, ...byHash(WHO) })).toMatchObject({ data: { viewer: { name } } })
    const b = { ...byHash(several), operationName: 'B', variables: { id: tenant.id } }
    expect(await send(server, key, b)).toMatchObject({ data: { node: { id: tenant.id } } })
  }
})

test('an unknown hash is not found, as Apollo expects it; the document with it runs, and is not kept', async () => {
  const tenant = await server.newTenant()
  const notFound = { message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }
  for (const [params, method] of [
    [byHash(WHO), 'POST'],
    [{ operationName: 'Who', variables: {}, ...byHash(WHO) }, 'POST'],
    [byHash(WHO), 'GET'],
  ] as const) {
    const answer = await send(server, tenant.key, params, { method })
    expect(answer).toMatchObject({ status: 200, errors: [notFound] })
  }
  const both = await send(server, tenant.key, { query: WHO, ...byHash(WHO) })
  expect(both).toMatchObject({ data: { viewer: { name: 'test' } } })
  expect(codes(await send(server, tenant.key, byHash(WHO)))).toEqual(['PERSISTED_QUERY_NOT_FOUND'])
})

test('a hash that is none, or that of another document, is bad input', async () => {
  const tenant = await server.newTenant()
  await register(tenant.ask, WHO)
  const hashes = ['', 'abc', 1, null, sha256(WHO).toUpperCase()]
  const params = [
    { query: `${WHO} `, ...byHash(WHO) },
    ...hashes.map((sha256Hash) => ({ query: WHO, extensions: { persistedQuery: { version: 1, sha256Hash } } })),
    ...[{}, 'abc', [], true].map((persistedQuery) => ({ query: WHO, extensions: { persistedQuery } })),
    { extensions: { persistedQuery: {} } },
  ]
  for (const each of params) {
    const answer = await send(server, tenant.key, each)
    expect([answer.status, answer.errors?.[0]?.extensions]).toEqual([
      400,
      { code: 'BAD_USER_INPUT', inputPath: 'extensions.persistedQuery.sha256Hash' },
    ])
  }
})

test('a hash without a credential is unauthenticated', async () => {
  await register(server.admin, WHO)
  expect(await send(server, null, byHash(WHO))).toMatchObject({ status: 401 })
  await remove(server.admin, WHO)
})

test('a limited token sends registered documents in their text too, and is refused all others before they are parsed', async () => {
  const tenant = await server.newTenant()
  await register(tenant.ask, WHO, SUBSCRIBE)
  const token = await strictToken(tenant.ask)
  expect(await send(server, token, { query: WHO })).toMatchObject({
    status: 200,
    data: { viewer: { name: 'embed token' } },
  })
  const others = [
    `${WHO} `,
    WHO.replace('{ viewer', '{  viewer'),
    WHO.replace('name', 'alias: name'),
    `${WHO}\n# a comment`,
    '{ __schema { queryType { name } } }',
    '{ __typename }',
    '{ viewer',
    '',
    SUBSCRIBE.replace('resumeToken ', ''),
  ]
  const refused = {
    status: 403,
    errors: [expect.objectContaining({ message: expect.stringMatching(/only registered/) })],
  }
  for (const query of others) {
    for (const method of ['POST', 'GET']) {
      for (const accept of ['application/json', 'application/graphql-response+json']) {
        const answer = await send(server, token, { query }, { method, accept })
        expect([answer.status, codes(answer), answer.data], query).toEqual([403, ['DOCUMENT_NOT_TRUSTED'], undefined])
      }
      const events = await send(server, token, { query }, { method, accept: 'text/event-stream' })
      expect(codes(events)).toEqual(['DOCUMENT_NOT_TRUSTED'])
    }
  }
  expect(await send(server, token, { query: `${WHO} ` })).toMatchObject(refused)
  expect(codes(await send(server, token, { query: `${WHO} `, ...byHash(`${WHO} `) }))).toEqual(['DOCUMENT_NOT_TRUSTED'])
  expect(codes(await send(server, token, byHash(`${WHO} `)))).toEqual(['PERSISTED_QUERY_NOT_FOUND'])
  // Neither what is no document nor a batch is a way around.
  expect((await send(server, token, { query: { kind: 'Document' } })).status).toBe(403)
  expect((await send(server, token, {})).status).toBe(403)
  expect((await send(server, token, [{ query: WHO }, { query: '{ __typename }' }])).status).toBe(400)
})

test('text that is not valid Unicode does not pass for the registered one with the same hash', async () => {
  const tenant = await server.newTenant()
  await register(tenant.ask, `${WHO} # \ufffd`)
  const token = await strictToken(tenant.ask)
  expect(codes(await send(server, token, { query: `${WHO} # \ufffd` }))).toEqual([])
  expect(codes(await send(server, token, { query: `${WHO} # \ud800` }))).toEqual(['DOCUMENT_NOT_TRUSTED'])
})

test('the tenant’s other credentials send what they like', async () => {
  const tenant = await server.newTenant()
  await register(tenant.ask, WHO)
  const token = await strictToken(tenant.ask, { documents: 'ANY' })
  const VIEWER = '{ viewer { documents } }'
  expect((await send(server, token, { query: VIEWER })).data).toEqual({ viewer: { documents: 'ANY' } })
  expect((await tenant.ask(VIEWER)).data).toEqual({ viewer: { documents: 'ANY' } })
  await register(tenant.ask, VIEWER)
  const strict = await strictToken(tenant.ask)
  expect((await send(server, strict, byHash(VIEWER))).data).toEqual({ viewer: { documents: 'REGISTERED' } })
})

test('a tenant’s documents are its own, and those of the account everybody’s', async () => {
  const [tenant, other] = [await server.newTenant(), await server.newTenant()]
  const ofAccount = 'query OfAccount { viewer { name } }'
  await register(server.admin, ofAccount)
  await register(tenant.ask, WHO)
  const [token, otherToken] = [await strictToken(tenant.ask), await strictToken(other.ask)]
  // First those that may, so that it would be found in a cache.
  expect(codes(await send(server, token, byHash(WHO)))).toEqual([])
  expect(codes(await send(server, token, byHash(ofAccount)))).toEqual([])
  for (const key of [otherToken, other.key, server.adminKey]) {
    expect(codes(await send(server, key, byHash(WHO)))).toEqual(['PERSISTED_QUERY_NOT_FOUND'])
    expect(codes(await send(server, key, byHash(ofAccount)))).toEqual([])
  }
  expect(codes(await send(server, otherToken, { query: WHO }))).toEqual(['DOCUMENT_NOT_TRUSTED'])
})

test('a deleted document is refused from the next request on, of the tenant or of the account', async () => {
  const tenant = await server.newTenant()
  const ofAccount = 'query OfAccountToo { viewer { name } }'
  await register(tenant.ask, WHO)
  await register(server.admin, ofAccount)
  const token = await strictToken(tenant.ask)
  for (const [ask, document] of [
    [tenant.ask, WHO],
    [server.admin, ofAccount],
  ] as const) {
    expect(codes(await send(server, token, { query: document }))).toEqual([])
    await remove(ask, document)
    expect(codes(await send(server, token, { query: document }))).toEqual(['DOCUMENT_NOT_TRUSTED'])
    expect(codes(await send(server, token, byHash(document)))).toEqual(['PERSISTED_QUERY_NOT_FOUND'])
    await register(ask, document)
    expect(codes(await send(server, token, byHash(document)))).toEqual([])
  }
})

test('a subscription may be registered, and ends when its document is deleted; that of a key goes on', async () => {
  const tenant = await server.newTenant()
  await register(tenant.ask, SUBSCRIBE)
  const token = await strictToken(tenant.ask)
  const ending = await follow(server, { key: token }, SUBSCRIBE)
  const staying = await follow(server, { key: tenant.key }, SUBSCRIBE)
  for (const live of [ending, staying]) await live.data()
  await log(tenant.ask)
  expect((await ending.data()).conversationsChanged.changes).toHaveLength(1)
  await remove(tenant.ask, SUBSCRIBE)
  const last = await ending.next()
  expect(last?.errors?.map(({ extensions }) => extensions.code)).toEqual(['DOCUMENT_NOT_TRUSTED'])
  expect(await ending.next()).toBeNull()
  expect((await staying.data()).conversationsChanged.changes).toHaveLength(1)
})

test('an issuer may be limited, or a token of it by its claim, which never lifts the limit of the issuer', async () => {
  const tenant = await server.newTenant()
  await register(tenant.ask, WHO)
  const key = await makeKey('one')
  const issuer = newIssuerName()
  const id = await registerIssuer(server, { issuer, keys: [key.publicJwk] })
  const token = (claims: object = {}) => sign(key, { iss: issuer, tenant: tenant.id, ...claims })
  const sends = async (claims: object, query = '{ __typename }') => send(server, await token(claims), { query })
  expect(codes(await sends({}))).toEqual([])
  expect(codes(await sends({ parley_documents: 'ANY' }))).toEqual([])
  expect(codes(await sends({ parley_documents: 'REGISTERED' }))).toEqual(['DOCUMENT_NOT_TRUSTED'])
  expect(codes(await sends({ parley_documents: 'REGISTERED' }, WHO))).toEqual([])
  for (const claims of [
    { parley_documents: 'registered' },
    { parley_documents: true },
    { parley_documents: null },
    { Parley_Documents: 'REGISTERED' },
    { parley_document: 'REGISTERED' },
  ]) {
    expect(codes(await sends(claims, WHO)), JSON.stringify(claims)).toEqual(['UNAUTHENTICATED'])
  }
  await server.admin(UPDATE, { input: { id, documents: 'REGISTERED' } })
  for (const claims of [{}, { parley_documents: 'ANY' }]) {
    expect(codes(await sends(claims))).toEqual(['DOCUMENT_NOT_TRUSTED'])
    expect(codes(await sends(claims, WHO))).toEqual([])
  }
  const tested = await server.admin(
    'mutation ($token: String!) { testToken(input: { token: $token }) { accepted restrictedBy } }',
    { token: await token() },
  )
  expect(tested.data.testToken).toEqual({ accepted: true, restrictedBy: ['documents'] })
})

test('a key with an expiry may limit an issuer, and not lift the limit', async () => {
  const id = await registerIssuer(server, { issuer: newIssuerName(), keys: [(await makeKey('one')).publicJwk] })
  const scopes = ['ADMIN', 'ANALYTICS_READ', 'CONVERSATIONS_READ', 'INTERNALS_READ']
  const { secret } = await server.newKey({ scopes, expiresAt: new Date(Date.now() + 3_600_000).toISOString() })
  const update = (documents: string | null) => server.ask({ key: secret }, UPDATE, { input: { id, documents } })
  expect(codes(await update('REGISTERED'))).toEqual([])
  expect(codes(await update('ANY'))).toEqual(['FORBIDDEN'])
  expect(codes(await update(null))).toEqual(['BAD_USER_INPUT'])
})

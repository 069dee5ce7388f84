import { describe, expect, test } from 'vitest'
import { COMPONENT_DOCUMENTS, VIEWER } from '../../src/embed/documents.ts'
import {
  makeKey,
  newIssuerName,
  register as registerIssuer,
  sign,
  UPDATE,
} from '../credentials/token-issuers/issuer.ts'
import { log } from '../live/conversations.ts'
import { readEvents } from '../support/live.ts'
import { codes, startTestServer } from '../support/server.ts'
import { isSubscription, SENT } from './component-documents.ts'
import { byHash, register, send, strictToken } from './documents.ts'

/** What a token may send that is limited to the documents of the components. */

const server = await startTestServer()
const tenant = await server.newTenant()
const id = await log(tenant.ask)
const token = await strictToken(tenant.ask, { documents: 'COMPONENTS' })

const OTHERS = Object.entries({
  'one more space': `${VIEWER} `,
  'one more field': VIEWER.replace('scopes', 'scopes kind'),
  ...Object.fromEntries(
    Object.entries(SENT).map(([name, { document }]) => [`${name}, changed`, document.replace('{', '{ __typename')]),
  ),
  'several documents in one': COMPONENT_DOCUMENTS.join('\n'),
  introspection: '{ __schema { queryType { name } } }',
  'another field': '{ limits { maxCost } }',
  'half a document': '{ viewer',
  nothing: '',
})

test('the table here has every document of the components', () => {
  expect(Object.values(SENT).map(({ document }) => document)).toEqual(COMPONENT_DOCUMENTS)
})

const QUERIES = Object.entries(SENT).filter(([, sent]) => !isSubscription(sent))

test.each(QUERIES)('it sends %s, as text or by its hash, by POST and GET', async (_name, { document, variables }) => {
  for (const named of [{ query: document }, byHash(document), { query: document, ...byHash(document) }]) {
    for (const method of ['POST', 'GET']) {
      const answer = await send(server, token, { ...named, variables: variables(id) }, { method })
      expect([answer.status, codes(answer)]).toEqual([200, []])
      expect(Object.values(answer.data)).not.toContain(null)
      const events = await send(
        server,
        token,
        { ...named, variables: variables(id) },
        {
          method,
          accept: 'text/event-stream',
        },
      )
      expect(events.data).toEqual(answer.data)
    }
  }
})

const subscribe = (credential: string, params: object, method = 'POST') => {
  const inUrl = Object.entries(params).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
  const headers = {
    accept: 'text/event-stream',
    'content-type': 'application/json',
    authorization: `Bearer ${credential}`,
  }
  return method === 'GET'
    ? server.fetch(`/graphql?${new URLSearchParams(inUrl)}`, { headers })
    : server.fetch('/graphql', { method, headers, body: JSON.stringify(params) })
}

const SUBSCRIPTIONS = Object.entries(SENT).filter(([, sent]) => isSubscription(sent))

test.each(SUBSCRIPTIONS)('it follows %s', async (_name, { document, variables }) => {
  for (const named of [{ query: document }, byHash(document)]) {
    for (const method of ['POST', 'GET']) {
      const live = readEvents(await subscribe(token, { ...named, variables: variables(id) }, method))
      const { conversationsChanged } = await live.data()
      expect(conversationsChanged.resumeToken).toEqual(expect.any(String))
      await live.close()
    }
  }
})

describe('anything else', () => {
  test.each(OTHERS)('is refused before it is parsed: %s', async (_name, query) => {
    for (const method of ['POST', 'GET']) {
      for (const accept of ['application/json', 'application/graphql-response+json']) {
        const answer = await send(server, token, { query }, { method, accept })
        expect([answer.status, codes(answer), answer.data]).toEqual([403, ['DOCUMENT_NOT_TRUSTED'], undefined])
        expect(answer.errors?.[0]?.message).toMatch(/only the documents of the web components/)
      }
      const events = await send(server, token, { query }, { method, accept: 'text/event-stream' })
      expect(codes(events)).toEqual(['DOCUMENT_NOT_TRUSTED'])
    }
    expect(codes(await send(server, token, { query, ...byHash(query) }))).toEqual(['DOCUMENT_NOT_TRUSTED'])
    if (query) expect(codes(await send(server, token, byHash(query)))).toEqual(['PERSISTED_QUERY_NOT_FOUND'])
  })

  test('is refused, even if it is registered', async () => {
    const registered = '{ limits { maxCost } }'
    await register(tenant.ask, registered)
    expect(codes(await send(server, tenant.key, byHash(registered)))).toEqual([])
    expect(codes(await send(server, token, { query: registered }))).toEqual(['DOCUMENT_NOT_TRUSTED'])
    expect(codes(await send(server, token, byHash(registered)))).toEqual(['PERSISTED_QUERY_NOT_FOUND'])
  })
})

test('every other credential sends them by their hash, but not one that is limited to registered documents', async () => {
  const any = await strictToken(tenant.ask, { documents: 'ANY' })
  for (const key of [any, tenant.key]) expect(codes(await send(server, key, byHash(VIEWER)))).toEqual([])
  const registered = await strictToken(tenant.ask)
  expect(codes(await send(server, registered, { query: VIEWER }))).toEqual(['DOCUMENT_NOT_TRUSTED'])
  expect(codes(await send(server, registered, byHash(VIEWER)))).toEqual(['PERSISTED_QUERY_NOT_FOUND'])
  expect((await send(server, null, byHash(VIEWER))).status).toBe(401)
})

test('a registered component document is sent by a token that is limited to registered ones', async () => {
  const other = await server.newTenant()
  await register(other.ask, VIEWER)
  const registered = await strictToken(other.ask)
  expect(codes(await send(server, registered, byHash(VIEWER)))).toEqual([])
})

test.each(['COMPONENTS', 'REGISTERED', 'ANY'])('a token with %s makes no other token', async (documents) => {
  const CREATE = 'mutation { createEmbedToken(input: { documents: ANY }) { token } }'
  const own = await server.newTenant()
  await register(own.ask, CREATE)
  const made = await strictToken(own.ask, { documents })
  const answer = await send(server, made, { query: CREATE })
  expect(codes(answer)).toEqual([documents === 'COMPONENTS' ? 'DOCUMENT_NOT_TRUSTED' : 'FORBIDDEN'])
  expect(answer.data?.createEmbedToken).toBeUndefined()
})

test('the audit log says of a token that its documents are limited', async () => {
  const AUDIT = '{ auditEvents(filter: { actions: [EMBED_TOKEN_CREATED] }) { nodes { details } } }'
  const own = await server.newTenant()
  await strictToken(own.ask, { documents: 'COMPONENTS' })
  const { data } = await own.asAccount(AUDIT)
  expect(data.auditEvents.nodes[0].details).toMatchObject({ restrictedBy: ['documents'] })
})

describe('the tokens of an issuer', () => {
  const WHO = 'query Who { viewer { name } }'
  const issued = async (documents: string) => {
    await register(tenant.ask, WHO)
    const key = await makeKey('one')
    const issuer = newIssuerName()
    const issuerId = await registerIssuer(server, { issuer, documents, keys: [key.publicJwk] })
    const sends = async (claims: object, query: string) =>
      codes(await send(server, await sign(key, { iss: issuer, tenant: tenant.id, ...claims }), { query }))
    return { issuerId, sends }
  }

  test('are limited by their claim', async () => {
    const { sends } = await issued('ANY')
    expect(await sends({ parley_documents: 'COMPONENTS' }, VIEWER)).toEqual([])
    expect(await sends({ parley_documents: 'COMPONENTS' }, WHO)).toEqual(['DOCUMENT_NOT_TRUSTED'])
    expect(await sends({ parley_documents: 'components' }, VIEWER)).toEqual(['UNAUTHENTICATED'])
  })

  test('are limited by the issuer, whatever they claim', async () => {
    const { sends } = await issued('COMPONENTS')
    for (const claims of [{}, { parley_documents: 'ANY' }, { parley_documents: 'COMPONENTS' }]) {
      expect(await sends(claims, VIEWER)).toEqual([])
      expect(await sends(claims, WHO)).toEqual(['DOCUMENT_NOT_TRUSTED'])
    }
  })

  test.each([
    ['REGISTERED', 'COMPONENTS'],
    ['COMPONENTS', 'REGISTERED'],
  ])('are refused if the issuer says %s and the claim %s: neither may lift the other', async (documents, claimed) => {
    const { issuerId, sends } = await issued(documents)
    for (const query of [VIEWER, WHO]) {
      expect(await sends({ parley_documents: claimed }, query)).toEqual(['UNAUTHENTICATED'])
    }
    await server.admin(UPDATE, { input: { id: issuerId, documents: 'ANY' } })
    expect(await sends({ parley_documents: claimed }, claimed === 'COMPONENTS' ? VIEWER : WHO)).toEqual([])
  })

  test('may be limited by a key with an expiry, which can’t change the limit', async () => {
    const { issuerId } = await issued('ANY')
    const scopes = ['ADMIN', 'ANALYTICS_READ', 'CONVERSATIONS_READ', 'INTERNALS_READ']
    const { secret } = await server.newKey({ scopes, expiresAt: new Date(Date.now() + 3_600_000).toISOString() })
    const update = async (documents: string) =>
      codes(await server.ask({ key: secret }, UPDATE, { input: { id: issuerId, documents } }))
    expect(await update('COMPONENTS')).toEqual([])
    expect(await update('COMPONENTS')).toEqual([])
    expect(await update('REGISTERED')).toEqual(['FORBIDDEN'])
    expect(await update('ANY')).toEqual(['FORBIDDEN'])
  })
})

import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'

/** What common clients send besides a document and its variables. */

const server = await startTestServer()
const { key } = await server.newTenant()

const post = async (body: object) => {
  const response = await server.fetch('/graphql', {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: response.status, ...((await response.json()) as { data?: unknown; errors?: object[] }) }
}

const query = 'query Who { viewer { name } }'
const persistedQuery = { version: 1, sha256Hash: hash('sha256', query, 'hex') }

test('the hash of an unknown document is answered so that Apollo sends the document', async () => {
  expect(await post({ operationName: 'Who', variables: {}, extensions: { persistedQuery } })).toEqual({
    status: 200,
    errors: [{ message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }],
  })
  const url = `/graphql?${new URLSearchParams({ extensions: JSON.stringify({ persistedQuery }) })}`
  const got = await server.fetch(url, { headers: { authorization: `Bearer ${key}`, accept: 'application/json' } })
  expect(await got.json()).toMatchObject({ errors: [{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }] })
  expect(await post({ query, operationName: 'Who', extensions: { persistedQuery } })).toMatchObject({
    ...{ status: 200, data: { viewer: { name: 'test' } } },
  })
})

test('neither a document nor a hash is no request', async () => {
  for (const body of [{}, { extensions: {} }, { extensions: { persistedQuery: null } }]) {
    expect(await post(body)).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] })
  }
})

test('Apollo’s whole operation is accepted, with its type', async () => {
  const query = 'query Who { viewer { name } }'
  const whole = { query, operationName: 'Who', variables: {}, extensions: {}, operationType: 'query' }
  expect(await post(whole)).toMatchObject({ status: 200, data: { viewer: { name: 'test' } } })
  expect(await post({ ...whole, more: 1 })).toMatchObject({ status: 400 })
})

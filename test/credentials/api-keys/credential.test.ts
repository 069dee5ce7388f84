import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { makeSecret } from '../../../src/auth/api-key.ts'
import { codes, serveTestDatabase, startTestServer } from '../../support/server.ts'

const server = await startTestServer()
const tenant = await server.newTenant()

/** The answer to `{ viewer { credentialId } }` with these headers, as they are. */
async function ask(headers: Record<string, string>) {
  const response = await server.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: '{ viewer { credentialId } }' }),
  })
  return { status: response.status, challenge: response.headers.get('www-authenticate'), body: await response.json() }
}

const unauthenticated = (reason: string, message: string) => ({
  status: 401,
  challenge: 'Bearer',
  body: { errors: [{ message, extensions: { code: 'UNAUTHENTICATED', reason } }] },
})

test('the scheme may be written in any case, with any number of spaces', async () => {
  for (const authorization of [
    `Bearer ${tenant.key}`,
    `bearer ${tenant.key}`,
    `BEARER ${tenant.key}`,
    `Bearer     ${tenant.key}`,
    `  Bearer ${tenant.key}  `,
  ]) {
    expect(await ask({ authorization })).toMatchObject({
      status: 200,
      challenge: null,
      body: { data: { viewer: { credentialId: tenant.keyId } } },
    })
  }
})

test('no credential is told apart from a wrong one', async () => {
  expect(await ask({})).toMatchObject(unauthenticated('MISSING', 'Send an API key as "Authorization: Bearer …".'))
})

test('another scheme, no scheme or more than one credential is refused', async () => {
  const basic = Buffer.from(`user:${tenant.key}`).toString('base64')
  for (const authorization of [
    '',
    'Bearer',
    'Bearer ',
    tenant.key,
    `Basic ${basic}`,
    `Token ${tenant.key}`,
    `Bearer: ${tenant.key}`,
    `Bearer${tenant.key}`,
    `Bearer ${tenant.key} ${tenant.key}`,
    `Bearer ${tenant.key}, Bearer ${tenant.key}`,
  ]) {
    expect(await ask({ authorization }), authorization).toEqual(
      unauthenticated('INVALID', 'Send the credential as "Authorization: Bearer …".'),
    )
  }
})

test('what is neither an API key nor a token is refused', async () => {
  for (const credential of ['secret', 'sk_live_1234', 'PARLEY_1', `"${tenant.key}"`]) {
    expect(await ask({ authorization: `Bearer ${credential}` })).toEqual(
      unauthenticated('INVALID', 'This is neither a Parley API key nor a token.'),
    )
  }
})

test('a malformed key is refused without a question to the database', async () => {
  const query = () => Promise.reject(new Error('the database was asked'))
  const untouched = serveTestDatabase({ ...server, database: { ...server.database, query } }, server.adminKey)
  for (const key of [tenant.key.slice(0, -1), `${tenant.key.slice(0, -1)}!`, `${tenant.key}0`, 'parley_']) {
    expect((await untouched.ask({ key }, '{ viewer { credentialId } }')).errors).toEqual([
      {
        message: 'This API key is malformed. Was it copied completely?',
        extensions: { code: 'UNAUTHENTICATED', reason: 'INVALID' },
      },
    ])
  }
  expect(codes(await untouched.ask({ key: tenant.key }, '{ viewer { credentialId } }'))).toEqual([
    'INTERNAL_SERVER_ERROR',
  ])
})

test('a wrong secret of a key that exists and of one that does not are answered alike', async () => {
  const known = (await server.owner(`SELECT id::text AS id FROM api_keys WHERE tenant_id = '${tenant.id}'`))[0]?.['id']
  const answers = [
    await ask({ authorization: `Bearer ${makeSecret(String(known))}` }),
    await ask({ authorization: `Bearer ${makeSecret(randomUUID())}` }),
  ]
  expect(answers[0]).toEqual(unauthenticated('INVALID', 'This API key is not valid.'))
  expect(answers[1]).toEqual(answers[0])
})

test('an account key names a tenant with X-Tenant-Id', async () => {
  const document = '{ viewer { tenant { id } } agents { totalCount } }'
  expect((await server.ask({ key: server.adminKey, tenantId: tenant.id }, document)).data).toEqual({
    viewer: { tenant: { id: tenant.id } },
    agents: { totalCount: 0 },
  })
})

test('an account key that names no tenant reads and writes none', async () => {
  const key = (await server.newKey({ scopes: ['CONVERSATIONS_READ', 'CONVERSATIONS_WRITE'] })).secret
  for (const credential of [{ key: server.adminKey }, { key }]) {
    const read = await server.ask(credential, '{ conversations { totalCount } }')
    expect(read.data).toEqual({ conversations: null })
    expect(read.errors).toEqual([
      expect.objectContaining({
        message: 'With an account key, name the tenant in the header X-Tenant-Id.',
        extensions: { code: 'TENANT_REQUIRED' },
      }),
    ])
    const write = await server.ask(credential, 'mutation { createAgent(input: { name: "lost" }) { agent { id } } }')
    expect(codes(write)).toEqual(['TENANT_REQUIRED'])
  }
})

test('an account key that names a tenant that does not exist is refused', async () => {
  for (const tenantId of ['nobody', 'x'.repeat(65), tenant.id.toUpperCase(), `${tenant.id}%`, `${tenant.id},other`]) {
    const answer = await server.ask({ key: server.adminKey, tenantId }, '{ conversations { totalCount } }')
    expect(answer.errors).toEqual([
      { message: 'No such tenant.', extensions: { code: 'NOT_FOUND', inputPath: 'X-Tenant-Id' } },
    ])
  }
})

test('an empty X-Tenant-Id names no tenant that exists', async () => {
  const answer = await ask({ authorization: `Bearer ${server.adminKey}`, 'x-tenant-id': '' })
  expect(answer.body).toEqual({
    errors: [{ message: 'No such tenant.', extensions: { code: 'NOT_FOUND', inputPath: 'X-Tenant-Id' } }],
  })
})

test('a tenant key may name its own tenant', async () => {
  const answer = await server.ask({ key: tenant.key, tenantId: tenant.id }, '{ viewer { tenant { id } } }')
  expect(answer.data).toEqual({ viewer: { tenant: { id: tenant.id } } })
})

test('a tenant key that names another tenant is refused, whether that one exists or not', async () => {
  const other = await server.newTenant()
  for (const tenantId of [other.id, 'nobody']) {
    const answer = await server.ask({ key: tenant.key, tenantId }, '{ viewer { credentialId } }')
    expect(answer.errors).toEqual([
      {
        message: 'X-Tenant-Id names a different tenant from the one this credential is bound to.',
        extensions: { code: 'FORBIDDEN' },
      },
    ])
  }
})

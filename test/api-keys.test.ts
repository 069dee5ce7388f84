import { expect, test } from 'vitest'
import { codes, startTestServer } from './support/server.ts'

const server = await startTestServer()
const { admin } = server

const GENERATE = `mutation ($input: GenerateApiKeyInput!) {
  generateApiKey(input: $input) { secret apiKey { id name status hint tenantId scopes } }
}`

test('a key is generated and its secret shown once', async () => {
  const { data } = await admin(GENERATE, { input: { name: 'Back end', scopes: ['CONVERSATIONS_READ'] } })
  const { secret, apiKey } = data.generateApiKey
  expect(secret).toMatch(/^parley_[0-9A-Za-z]{22}_[0-9A-Za-z]{49}$/)
  expect(apiKey).toEqual({
    id: expect.stringMatching(/^key_/),
    name: 'Back end',
    status: 'ACTIVE',
    hint: `${secret.slice(0, 30)}…${secret.slice(-4)}`,
    tenantId: null,
    scopes: ['CONVERSATIONS_READ'],
  })
  const stored = await server.owner('SELECT * FROM api_keys')
  expect(JSON.stringify(stored)).not.toContain(secret.slice(30))
})

test('a revoked key is refused from the next request on', async () => {
  const key = await server.newKey({ scopes: ['CONVERSATIONS_READ'] })
  const viewer = () => server.ask({ key: key.secret }, '{ viewer { name } }')
  expect((await viewer()).data.viewer.name).toBe('test')
  await admin('mutation ($id: ID!) { revokeApiKey(id: $id) { apiKey { status } } }', { id: key.id })
  const answer = await viewer()
  expect(answer.status).toBe(401)
  expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'REVOKED' })
})

test('no credential is told apart from a wrong one', async () => {
  const answer = await server.ask({}, '{ viewer { name } }')
  expect(answer.status).toBe(401)
  expect(codes(answer)).toEqual(['UNAUTHENTICATED'])
})

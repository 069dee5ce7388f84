import { expect, test } from 'vitest'
import { makeKey, newIssuerName, register, sign } from '../credentials/token-issuers/issuer.ts'
import { follow, type Live, type LiveAnswer } from '../support/live.ts'
import { startTestServer, type TestTenant } from '../support/server.ts'
import { isStory } from '../support/story.ts'
import { changesOf, followChanges } from './changes.ts'
import { append, log } from './conversations.ts'

isStory()

const server = await startTestServer()

async function newToken({ ask }: TestTenant, input: object = {}): Promise<string> {
  const { data } = await ask(
    'mutation ($input: CreateEmbedTokenInput!) { createEmbedToken(input: $input) { token } }',
    { input },
  )
  return data.createEmbedToken.token
}

/** Followed up to where there is nothing more to tell. */
async function followed(key: string): Promise<Live> {
  const live = await followChanges(server, { key })
  expect(await changesOf(live)).toEqual([])
  return live
}

async function expectEnd(live: Live, reason: string) {
  const answer: LiveAnswer | null = await live.next()
  expect(answer?.data).toBeUndefined()
  expect(answer?.errors?.map(({ extensions }) => [extensions.code, extensions['reason']])).toEqual([
    ['UNAUTHENTICATED', reason],
  ])
  expect(await live.next()).toBeNull()
}

test('a stream ends when its key is revoked, and those of other keys go on', async () => {
  const tenant = await server.newTenant()
  const { id, secret } = await server.newKey({ scopes: ['CONVERSATIONS_READ'], tenantId: tenant.id })
  const [ending, staying] = [await followed(secret), await followed(tenant.key)]
  await server.admin('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { status } } }', { id })
  await expectEnd(ending, 'REVOKED')
  await log(tenant.ask)
  expect(await changesOf(staying)).toHaveLength(1)
})

test('a stream ends when its key is given another secret', async () => {
  const { id: tenantId } = await server.newTenant()
  const { id, secret } = await server.newKey({ scopes: ['CONVERSATIONS_READ'], tenantId })
  const live = await followed(secret)
  await server.admin('mutation ($id: ID!) { regenerateApiKey(input: { id: $id }) { secret } }', { id })
  await expectEnd(live, 'INVALID')
})

test('the streams of a tenant’s tokens end when these are revoked, and those of its keys and of other tenants go on', async () => {
  const [tenant, other] = [await server.newTenant(), await server.newTenant()]
  const ending = await followed(await newToken(tenant))
  const staying = [await followed(tenant.key), await followed(await newToken(other))]
  await tenant.ask('mutation { revokeEmbedTokens { tenant { id } } }')
  await expectEnd(ending, 'REVOKED')
  for (const { ask } of [tenant, other]) await log(ask)
  for (const live of staying) expect(await changesOf(live)).toHaveLength(1)
})

test('a token’s stream ends with the key that made it', async () => {
  const { id: tenantId } = await server.newTenant()
  const scopes = ['CONVERSATIONS_READ', 'ANALYTICS_READ', 'EMBED_TOKENS_CREATE']
  const { id, secret } = await server.newKey({ scopes, tenantId })
  const live = await followed(await newToken({ ask: server.as({ key: secret }) } as TestTenant))
  await server.admin('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { status } } }', { id })
  await expectEnd(live, 'REVOKED')
})

/** A token that an issuer signed, and the issuer. */
async function issuerToken({ id: tenant }: TestTenant): Promise<{ id: string; token: string }> {
  const [iss, key] = [newIssuerName(), await makeKey('key')]
  const id = await register(server, { issuer: iss, keys: [key.publicJwk] })
  return { id, token: await sign(key, { iss, tenant, scopes: ['CONVERSATIONS_READ', 'INTERNALS_READ'] }) }
}

test('the streams of an issuer’s tokens end when it is deleted', async () => {
  const { id, token } = await issuerToken(await server.newTenant())
  const live = await followed(token)
  await server.admin('mutation ($id: ID!) { deleteTokenIssuer(input: { id: $id }) { deletedId } }', { id })
  await expectEnd(live, 'INVALID')
})

test('an open stream tells no more than the issuer may still give', async () => {
  const tenant = await server.newTenant()
  const { id, token } = await issuerToken(tenant)
  const conversation = await log(tenant.ask, { messages: [] })
  const APPENDED = `subscription ($id: ID!) { messagesAppended(conversationId: $id) {
    messages { sequence ... on ToolCall { output } } } }`
  const narrow = (scopes: string[]) =>
    server.admin(
      'mutation ($input: UpdateTokenIssuerInput!) { updateTokenIssuer(input: $input) { tokenIssuer { scopes } } }',
      { input: { id, scopes } },
    )
  const live = await follow(server, { key: token }, APPENDED, { id: conversation })
  const call = () => append(tenant.ask, conversation, [{ tool: { name: 'look', output: 'found' } }])
  await call()
  expect((await live.data()).messagesAppended.messages).toEqual([{ sequence: 0, output: 'found' }])
  await narrow(['CONVERSATIONS_READ'])
  await call()
  expect((await live.data()).messagesAppended.messages).toEqual([{ sequence: 1, output: null }])
  await narrow(['ANALYTICS_READ'])
  await call()
  const { data, errors } = (await live.next()) ?? {}
  expect([data, errors?.map(({ extensions }) => extensions.code)]).toEqual([undefined, ['FORBIDDEN']])
  expect(await live.next()).toBeNull()
})

test('a stream ends at the moment its credential expires, although nothing changes', async () => {
  const { id: tenantId } = await server.newTenant()
  const expiresAt = new Date(Date.now() + 1_500)
  const { secret } = await server.newKey({
    ...{ scopes: ['CONVERSATIONS_READ'], tenantId },
    expiresAt: expiresAt.toISOString(),
  })
  const live = await followed(secret)
  await expectEnd(live, 'EXPIRED')
  expect(Date.now()).toBeGreaterThanOrEqual(expiresAt.getTime())
})

test('an expired token is told nothing more, whatever changed in its last moment', async () => {
  const tenant = await server.newTenant()
  const live = await followed(await newToken(tenant, { expiresInSeconds: 60 }))
  server.clock.now = new Date(Date.now() + 61_000)
  try {
    await log(tenant.ask)
    await expectEnd(live, 'EXPIRED')
  } finally {
    server.clock.now = null
  }
})

test('when the server stops, streams are told to go on elsewhere, and complete', async () => {
  // The last test of this file: its server takes no subscription any more.
  const { key } = await server.newTenant()
  const live = await followed(key)
  void server.changes.close()
  expect((await live.next())?.errors?.[0]?.extensions).toEqual({ code: 'SERVER_STOPPING' })
  expect(await live.next()).toBeNull()
})

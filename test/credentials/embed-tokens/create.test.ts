import { TypeID } from 'typeid-js'
import { describe, expect, test } from 'vitest'
import { SigningKeys } from '../../../src/auth/signing-keys.ts'
import type { Client } from '../../../src/database/tenant-scope.ts'
import { transaction } from '../../../src/database/transaction.ts'
import { codes, startTestServer } from '../../support/server.ts'
import { CREATE, newToken, partOf } from './tokens.ts'

/** What a token can be made to be, and that none is stronger than the key that made it. */

const server = await startTestServer()
const tenant = await server.newTenant()
const VIEWER = '{ viewer { kind name scopes tenant { id } } }'

test('a token says whose it is, and reads unless told otherwise', async () => {
  server.clock.now = new Date('2031-01-01T00:00:00.900Z')
  const { data } = await tenant.ask(`mutation { createEmbedToken { token expiresAt expiresInSeconds } }`)
  const { token, expiresAt, expiresInSeconds } = data.createEmbedToken
  expect(expiresAt).toBe('2031-01-01T01:00:00.000Z')
  expect(expiresInSeconds).toBe(3_600)
  expect(partOf(token, 0)).toEqual({ alg: 'EdDSA', typ: 'parley-embed+jwt', kid: expect.any(String) })
  expect(partOf(token, 1)).toMatchObject({ iss: 'parley', aud: 'parley-embed', tenant: tenant.id })
  const viewer = (await server.ask({ key: token }, VIEWER)).data.viewer
  expect(viewer).toEqual({
    ...{ kind: 'EMBED_TOKEN', name: 'embed token', tenant: { id: tenant.id } },
    scopes: ['ANALYTICS_READ', 'CONVERSATIONS_READ'],
  })
  server.clock.now = null
})

test('a subject is shown as its name', async () => {
  const token = await newToken(tenant.ask, { subject: 'ada' })
  expect((await server.ask({ key: token }, VIEWER)).data.viewer.name).toBe('ada')
})

describe('refused, by name', () => {
  test.each<[what: string, input: object, code: string, inputPath: string]>([
    ['a scope that writes', { scopes: ['CONVERSATIONS_WRITE'] }, 'BAD_USER_INPUT', 'input.scopes[0]'],
    ['ADMIN', { scopes: ['ANALYTICS_READ', 'ADMIN'] }, 'BAD_USER_INPUT', 'input.scopes[1]'],
    ['a scope that makes tokens', { scopes: ['EMBED_TOKENS_CREATE'] }, 'BAD_USER_INPUT', 'input.scopes[0]'],
    ['no scope', { scopes: [] }, 'BAD_USER_INPUT', 'input.scopes'],
    ['59 seconds', { expiresInSeconds: 59 }, 'BAD_USER_INPUT', 'input.expiresInSeconds'],
    ['more than a day', { expiresInSeconds: 86_401 }, 'BAD_USER_INPUT', 'input.expiresInSeconds'],
    [
      'an agent that is not there',
      { agents: [{ id: 'agent_01890a5dac96774bbcceb302099' }] },
      'NOT_FOUND',
      'input.agents[0].id',
    ],
    ['an unknown external id', { agents: [{ externalId: 'nobody' }] }, 'NOT_FOUND', 'input.agents[0].externalId'],
    ['51 agents', { agents: Array(51).fill({ externalId: 'a' }) }, 'LIMIT_EXCEEDED', 'input.agents'],
    ['51 end users', { endUserIds: Array(51).fill('a') }, 'LIMIT_EXCEEDED', 'input.endUserIds'],
    ['an end user without an id', { endUserIds: ['ada', ''] }, 'BAD_USER_INPUT', 'input.endUserIds[1]'],
    ['a long end user id', { endUserIds: ['x'.repeat(257)] }, 'LIMIT_EXCEEDED', 'input.endUserIds[0]'],
    [
      'a lock that would make the token too long',
      { endUserIds: Array(50).fill('x'.repeat(256)) },
      'LIMIT_EXCEEDED',
      'input',
    ],
    ['a lock without a key', { metadata: {} }, 'BAD_USER_INPUT', 'input.metadata'],
    ['a lock to an object', { metadata: { a: { b: 1 } } }, 'BAD_USER_INPUT', 'input.metadata.a'],
    ['a lock to a list', { metadata: { a: [1] } }, 'BAD_USER_INPUT', 'input.metadata.a'],
    [
      'a lock of eleven keys',
      { metadata: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`k${i}`, i])) },
      ...(['LIMIT_EXCEEDED', 'input.metadata'] as const),
    ],
    ['a lock to a long text', { metadata: { a: 'x'.repeat(128) } }, 'LIMIT_EXCEEDED', 'input.metadata.a'],
    ['a long subject', { subject: 'x'.repeat(257) }, 'LIMIT_EXCEEDED', 'input.subject'],
  ])('%s', async (_what, input, code, inputPath) => {
    const answer = await tenant.ask(CREATE, { input })
    expect(codes(answer)).toEqual([code])
    expect(answer.errors?.[0]?.extensions['inputPath']).toBe(inputPath)
  })

  test('another tenant’s agent, as one that is not there', async () => {
    const other = await server.newTenant()
    const { data } = await other.ask('mutation { createAgent(input: { name: "theirs" }) { agent { id } } }')
    const answer = await tenant.ask(CREATE, { input: { agents: [{ id: data.createAgent.agent.id }] } })
    expect(codes(answer)).toEqual(['NOT_FOUND'])
  })
})

test('agents are named by either id, and end users by their own; the token holds UUIDs and the claim that older versions refuse', async () => {
  const other = await server.newTenant()
  const create = async (externalId: string) => {
    const CREATE_AGENT = 'mutation ($input: CreateAgentInput!) { createAgent(input: $input) { agent { id } } }'
    return (await other.ask(CREATE_AGENT, { input: { name: 'x', externalId } })).data.createAgent.agent.id
  }
  const [first, second] = [await create('first'), await create('second')]
  const uuid = (id: string) => TypeID.fromString(id).toUUID()
  const agents = [{ id: first }, { externalId: 'second' }, { externalId: 'first' }]
  const claims = partOf(await newToken(other.ask, { agents, endUserIds: ['ada', 'bob'] }), 1)
  expect(claims).toMatchObject({ parley_end_user_ids: ['ada', 'bob'] })
  expect([...(claims['agents'] as string[])].sort()).toEqual([uuid(first), uuid(second)].sort())
  expect(partOf(await newToken(other.ask, { agents: [], endUserIds: [] }), 1)).toMatchObject({
    ...{ agents: [], parley_end_user_ids: [] },
  })
})

describe('no token is stronger than the key that makes it', () => {
  test('in scopes', async () => {
    const { secret } = await server.newKey({ scopes: ['EMBED_TOKENS_CREATE', 'ANALYTICS_READ'], tenantId: tenant.id })
    const ask = server.as({ key: secret })
    expect(codes(await ask(CREATE, { input: { scopes: ['CONVERSATIONS_READ'] } }))).toEqual(['FORBIDDEN'])
    const token = await newToken(ask, { scopes: ['ANALYTICS_READ'] })
    expect((await server.ask({ key: token }, VIEWER)).data.viewer.scopes).toEqual(['ANALYTICS_READ'])
  })

  test('in time', async () => {
    const expiresAt = new Date(Date.now() + 600_000).toISOString()
    const scopes = ['EMBED_TOKENS_CREATE', 'CONVERSATIONS_READ', 'ANALYTICS_READ']
    const { secret } = await server.newKey({ scopes, tenantId: tenant.id, expiresAt })
    const ask = server.as({ key: secret })
    expect(codes(await ask(CREATE, { input: { expiresInSeconds: 700 } }))).toEqual(['BAD_USER_INPUT'])
    await newToken(ask, { expiresInSeconds: 300 })
  })

  test('and one without EMBED_TOKENS_CREATE makes none, nor does a token', async () => {
    const { secret } = await server.newKey({ scopes: ['CONVERSATIONS_READ', 'ANALYTICS_READ'], tenantId: tenant.id })
    expect(codes(await server.ask({ key: secret }, CREATE, { input: {} }))).toEqual(['FORBIDDEN'])
    const token = await newToken(tenant.ask)
    expect(codes(await server.ask({ key: token }, CREATE, { input: {} }))).toEqual(['FORBIDDEN'])
  })

  test('nor made without a tenant', async () => {
    expect(codes(await server.admin(CREATE, { input: {} }))).toEqual(['TENANT_REQUIRED'])
  })
})

test('under another SIGNING_KEY_SECRET than before it says so, and what to do; a rotation does it', async () => {
  const keys = new SigningKeys(server.database, 'another secret, of 32 characters or more')
  const inside = <Result>(work: (account: Client) => Promise<Result>) =>
    transaction(server.database, { tenantId: null, admin: true, rowRestriction: null, readOnly: false }, work)
  const refusal = await inside((account) => keys.signingKey(account)).catch((error) => error)
  expect(refusal).toMatchObject({ extensions: { code: 'NOT_CONFIGURED' } })
  expect(refusal.message).toMatch(
    /^The signing key was encrypted with another SIGNING_KEY_SECRET.* rotateSigningKey\.$/,
  )
  const id = await inside((account) => keys.rotate(account, new Date()))
  expect(await inside((account) => keys.signingKey(account))).toMatchObject({ id })
})

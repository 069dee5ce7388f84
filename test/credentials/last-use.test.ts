import { expect, test } from 'vitest'
import { type Answer, type Credential, startTestServer } from '../support/server.ts'
import { makeKey, newIssuerName, register, sign } from './token-issuers/issuer.ts'

/** When a key or an issuer's token was last used, from where, and by what. */

const server = await startTestServer()
const origin = await server.listen()
const tenant = await server.newTenant()
const VIEWER = '{ viewer { name } }'
const MINUTE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:00\.000Z$/

const KEY = 'query ($id: ID!) { apiKey(id: $id) { lastUsedAt lastUsedAddress lastUsedUserAgent } }'
const ISSUER =
  'query ($id: ID!) { node(id: $id) { ... on TokenIssuer { lastUsedAt lastUsedAddress lastUsedUserAgent } } }'
const NEVER = { lastUsedAt: null, lastUsedAddress: null, lastUsedUserAgent: null }

const useOf = async (id: string) => {
  const { data, errors } = await server.admin(id.startsWith('key_') ? KEY : ISSUER, { id })
  expect(errors).toBeUndefined()
  return data.apiKey ?? data.node
}

const headersOf = ({ key, tenantId }: Credential, userAgent: string) => ({
  ...{ 'content-type': 'application/json', authorization: `Bearer ${key}`, 'user-agent': userAgent },
  ...(tenantId ? { 'x-tenant-id': tenantId } : {}),
})

/** One use over a socket, whose address is that of this machine. */
const uses: Record<string, (credential: Credential, userAgent: string) => Promise<Response>> = {
  'by POST': (credential, userAgent) =>
    fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: headersOf(credential, userAgent),
      body: JSON.stringify({ query: VIEWER }),
    }),
  'by GET': (credential, userAgent) =>
    fetch(`${origin}/graphql?query=${encodeURIComponent(VIEWER)}`, { headers: headersOf(credential, userAgent) }),
  'as a stream': async (credential, userAgent) => {
    const response = await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: { ...headersOf(credential, userAgent), accept: 'text/event-stream' },
      body: JSON.stringify({ query: 'subscription { conversationsChanged { resumeToken } }' }),
    })
    await response.body?.cancel()
    return response
  },
}

/** The code of the error; null if it is accepted. */
const post = async (credential: Credential, userAgent: string): Promise<string | null> => {
  const answer = (await (await uses['by POST']?.(credential, userAgent))?.json()) as Pick<Answer, 'errors'>
  return answer.errors?.[0]?.extensions.code ?? null
}

const signingKey = await makeKey('key-1')
async function newIssuer() {
  const issuer = newIssuerName()
  const id = await register(server, { issuer, keys: [signingKey.publicJwk] })
  return { id, token: (claims: object = {}) => sign(signingKey, { iss: issuer, tenant: tenant.id, ...claims }) }
}

/** Credentials that were never used, and what records their use. */
const CREDENTIALS: Record<string, () => Promise<{ id: string; credential: Credential }>> = {
  'a key of a tenant': async () => {
    const { id, secret } = await server.newKey({ scopes: ['CONVERSATIONS_READ'], tenantId: tenant.id })
    return { id, credential: { key: secret } }
  },
  'an account key': async () => {
    const { id, secret } = await server.newKey({ scopes: ['CONVERSATIONS_READ'] })
    return { id, credential: { key: secret, tenantId: tenant.id } }
  },
  'an issuer’s token': async () => {
    const { id, token } = await newIssuer()
    return { id, credential: { key: await token() } }
  },
}

/** Time passes for the process and the database, which compares with its own clock. */
let minutes = 0
async function passMinute() {
  minutes += 1
  server.clock.now = new Date(Date.now() + minutes * 60_000)
  for (const table of ['api_keys', 'token_issuers'])
    await server.owner(`UPDATE ${table} SET last_used_at = last_used_at - interval '1 minute'`)
}

for (const [what, make] of Object.entries(CREDENTIALS)) {
  test.each(Object.keys(uses))(`a use of ${what} %s is recorded with its address and user agent`, async (how) => {
    const { id, credential } = await make()
    expect(await useOf(id)).toEqual(NEVER)
    const response = await uses[how]?.(credential, 'crm/2.1')
    expect(response?.status).toBe(200)
    // It is recorded after the answer.
    await expect
      .poll(() => useOf(id))
      .toEqual({
        lastUsedAt: expect.stringMatching(MINUTE),
        ...{ lastUsedAddress: '127.0.0.1', lastUsedUserAgent: 'crm/2.1' },
      })
  })

  test(`the last use of ${what} replaces the one before, also by what is unknown`, async () => {
    const { id, credential } = await make()
    expect(await post(credential, 'crm/2.1')).toBeNull()
    await expect.poll(() => useOf(id)).toMatchObject({ lastUsedUserAgent: 'crm/2.1' })
    await passMinute()
    expect(await post(credential, `${'x'.repeat(256)}y`)).toBeNull()
    await expect.poll(() => useOf(id)).toMatchObject({ lastUsedUserAgent: 'x'.repeat(256) })
    await passMinute()
    // From within the process, so that it has neither an address nor a user agent.
    expect((await server.ask(credential, VIEWER)).errors).toBeUndefined()
    await expect.poll(() => useOf(id)).toEqual({ ...NEVER, lastUsedAt: expect.stringMatching(MINUTE) })
    await passMinute()
    expect(await post(credential, '')).toBeNull()
    await expect.poll(() => useOf(id)).toMatchObject({ lastUsedAddress: '127.0.0.1', lastUsedUserAgent: null })
  })
}

test('a token that is refused, or only tested, is no use of its issuer', async () => {
  const { id, token } = await newIssuer()
  const now = Math.floor(Date.now() / 1000)
  expect(await post({ key: await token({ iat: now - 7_200, exp: now - 3_600 }) }, 'page')).toBe('UNAUTHENTICATED')
  expect(await post({ key: await token(), tenantId: 'other' }, 'page')).toBe('FORBIDDEN')
  const TEST = 'mutation ($token: String!) { testToken(input: { token: $token }) { accepted } }'
  expect((await server.admin(TEST, { token: await token() })).data).toEqual({ testToken: { accepted: true } })
  // A use that is recorded, of the same kind and after these: by then, they would have been.
  const later = await newIssuer()
  expect(await post({ key: await later.token() }, 'page')).toBeNull()
  await expect.poll(() => useOf(later.id)).toMatchObject({ lastUsedUserAgent: 'page' })
  expect(await useOf(id)).toEqual(NEVER)
})

test('a use that an earlier version records has no address', async () => {
  const { id, secret } = await server.newKey({ scopes: ['CONVERSATIONS_READ'] })
  expect(await post({ key: secret }, 'crm/2.1')).toBeNull()
  await expect.poll(() => useOf(id)).toMatchObject({ lastUsedUserAgent: 'crm/2.1' })
  await passMinute()
  await server.owner('SELECT touch_api_key(id) FROM api_keys')
  expect(await useOf(id)).toEqual({ ...NEVER, lastUsedAt: expect.stringMatching(MINUTE) })
})

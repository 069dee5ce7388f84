import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'

const OURS = 'https://dashboard.example.com'
const server = await startTestServer({ corsOrigins: [OURS] })

const UPDATE = 'mutation ($input: UpdateTenantInput!) { updateTenant(input: $input) { tenant { allowedOrigins } } }'

/** A tenant whose pages are at an origin of their own. */
async function newTenant() {
  const tenant = await server.newTenant()
  const origin = `https://${tenant.id}.example.com`
  await server.admin(UPDATE, { input: { id: tenant.id, allowedOrigins: [origin] } })
  return { ...tenant, origin }
}

const tenant = await newTenant()
const other = await newTenant()

const preflight = (origin: string, path = '/graphql') =>
  server.fetch(path, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  })

async function post(origin: string | null, authorization: string | null, query = '{ viewer { name } }') {
  const headers = {
    'content-type': 'application/json',
    ...(origin && { origin }),
    ...(authorization && { authorization }),
  }
  return server.fetch('/graphql', { method: 'POST', headers, body: JSON.stringify({ query }) })
}

const bearer = (key: string) => `Bearer ${key}`

/** What a browser is told about who may read this. */
function told({ status, headers }: Response) {
  const cors = [...headers].filter(([name]) => name.startsWith('access-control-'))
  return { status, vary: headers.get('vary'), ...Object.fromEntries(cors) }
}

const EXPOSED = 'x-request-id, retry-after, ratelimit, ratelimit-policy'
const readable = (origin: string, status = 200) => ({
  ...{ status, vary: expect.stringMatching(/\bOrigin\b/) },
  ...{ 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED },
})
const unreadable = (status = 200) => ({ status, vary: expect.stringMatching(/\bOrigin\b/) })

test('a preflight is answered for an origin of the deployment or of any tenant, to be remembered', async () => {
  for (const origin of [OURS, tenant.origin, other.origin]) {
    expect(told(await preflight(origin))).toEqual({
      ...{ status: 204, vary: 'Origin', 'access-control-allow-origin': origin },
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'authorization, content-type, x-tenant-id',
      'access-control-max-age': '7200',
    })
  }
})

test.each([
  ['https://evil.example.com'],
  ['null'],
  [''],
  ['http://dashboard.example.com'],
  [`${OURS}.evil.com`],
  [`${OURS}:444`],
  ['https://DASHBOARD.example.com'],
  ['https://evil.com/https://dashboard.example.com'],
  ["https://x.example.com' OR '1'='1"],
  ['https://*.example.com'],
  [`https://${'x'.repeat(5_000)}.example.com`],
])('%s: an origin that nobody allows gets nothing', async (origin) => {
  expect(told(await preflight(origin))).toEqual({ status: 403, vary: 'Origin' })
  expect(told(await post(origin, bearer(tenant.key)))).toEqual(unreadable())
})

test('an answer can be read by pages of the deployment and of the tenant that it is about, and by no other’s', async () => {
  expect(told(await post(OURS, bearer(tenant.key)))).toEqual(readable(OURS))
  expect(told(await post(tenant.origin, bearer(tenant.key)))).toEqual(readable(tenant.origin))
  expect(told(await post(other.origin, bearer(tenant.key)))).toEqual(unreadable())
  expect(told(await post(null, bearer(tenant.key)))).toEqual(unreadable())
})

test('what the account’s key is answered without a tenant can be read by pages of the deployment alone', async () => {
  expect(told(await post(OURS, bearer(server.adminKey)))).toEqual(readable(OURS))
  expect(told(await post(tenant.origin, bearer(server.adminKey)))).toEqual(unreadable())
})

test('a page can read why its credential or its document was refused, which is about no tenant', async () => {
  expect(told(await post(tenant.origin, bearer('parley_nonsense')))).toEqual(readable(tenant.origin, 401))
  expect(told(await post(tenant.origin, null))).toEqual(readable(tenant.origin, 401))
  expect(told(await post(tenant.origin, null, '{'))).toEqual(readable(tenant.origin))
  expect(told(await post('https://evil.example.com', null))).toEqual(unreadable(401))
})

test('GET is answered like POST', async () => {
  const get = (origin: string) =>
    server.fetch(`/graphql?query=${encodeURIComponent('{ viewer { name } }')}`, {
      headers: { origin, authorization: bearer(tenant.key), accept: 'application/json' },
    })
  expect(told(await get(tenant.origin))).toEqual(readable(tenant.origin))
  expect(told(await get(other.origin))).toEqual(unreadable())
})

test('a browser is never told to send credentials of its own, nor that anybody may read', async () => {
  for (const answer of [await preflight(OURS), await post(OURS, bearer(tenant.key))]) {
    expect(answer.headers.has('access-control-allow-credentials')).toBe(false)
    expect(answer.headers.get('access-control-allow-origin')).not.toBe('*')
  }
})

test('the keys to verify tokens with are everybody’s to read', async () => {
  const response = await server.fetch('/.well-known/jwks.json', { headers: { origin: 'https://evil.example.com' } })
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
})

test('health and readiness are nobody’s', async () => {
  for (const path of ['/health', '/ready']) {
    expect(
      (await server.fetch(path, { headers: { origin: OURS } })).headers.get('access-control-allow-origin'),
    ).toBeNull()
    expect((await preflight(OURS, path)).headers.get('access-control-allow-origin')).toBeNull()
  }
})

test('an origin that was taken off the list is refused seconds later', async () => {
  const mine = await newTenant()
  const start = new Date('2030-01-01T00:00:00Z')
  server.clock.now = start
  expect((await preflight(mine.origin)).status).toBe(204)
  expect(told(await post(mine.origin, bearer(mine.key)))).toEqual(readable(mine.origin))
  await server.admin(UPDATE, { input: { id: mine.id, allowedOrigins: [] } })
  server.clock.now = new Date(start.getTime() + 5_001)
  expect((await preflight(mine.origin)).status).toBe(403)
  expect(told(await post(mine.origin, bearer(mine.key)))).toEqual(unreadable())
  server.clock.now = null
})

import { afterAll, describe, expect, inject, test } from 'vitest'
import { logged, said, stored, write } from '../conversations/writes.ts'
import { FaultyProxy } from '../support/faulty-proxy.ts'
import { type Answer, startTestServer } from '../support/server.ts'

const onPostgres = inject('databaseKind') === 'postgresql'

/** What PostgreSQL says to who connects: stopping, crashed, starting or recovering, out of connections, no such role. */
const AT_CONNECT = ['57P01', '57P02', '57P03', '53300', '08006', '28P01', '28000', '3D000']

/** What it says of a statement: no disk, no memory, no room, an I/O error, a failed-over primary, a stop. */
const IN_STATEMENT = ['53100', '53200', '53000', '53400', '58030', '25006', '57P01', '57P04', '55P03', '08000']

/** What is no reason to try again. */
const OURS = ['XX000', '23514', '42501', '22012', 'P0001']

describe.skipIf(!onPostgres)('PostgreSQL that says "not now"', async () => {
  if (!onPostgres) return
  const proxy = await FaultyProxy.start(String(inject('postgresTemplate')?.ownerUrl))
  afterAll(() => proxy.close())
  const server = await startTestServer({ database: { through: (url) => proxy.through(url) } })
  const tenant = await server.newTenant()
  const TABLES = [
    ...['conversations', 'messages', 'agents', 'conversation_agents', 'conversation_metadata', 'idempotency_keys'],
    ...['conversation_changes', 'conversation_rollups'],
  ]
  const heal = async () => {
    for (const table of TABLES) await server.owner(`DROP TRIGGER IF EXISTS faulty ON ${table}`)
  }
  afterAll(heal)

  const expectUnavailable = (answer: Answer) => {
    expect(answer.errors?.map(({ extensions }) => extensions)).toEqual([
      { code: 'UNAVAILABLE', retryAfterSeconds: Number(answer.headers.get('retry-after')) },
    ])
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toMatch(/^[1-5]$/)
  }

  test.for(AT_CONNECT)(
    'to a new connection (%s): every request is UNAVAILABLE, and the next is answered',
    async (code) => {
      proxy.refuse(code)
      proxy.cutAll('CLOSE')
      expectUnavailable(await tenant.ask('{ conversations(first: 1) { nodes { id } } }'))
      expectUnavailable(await write(tenant.ask, 'logConversation', { messages: [said('a')] }))
      const ready = await server.fetch('/ready')
      expect(ready.status).toBe(503)
      proxy.refuse(false)
      expect((await tenant.ask('{ conversations(first: 1) { nodes { id } } }')).errors).toBeUndefined()
    },
  )

  test('to a request for the JWKS, before the keys were ever read and after', async () => {
    const jwks = () => server.fetch('/.well-known/jwks.json')
    proxy.refuse('57P03')
    proxy.cutAll('CLOSE')
    const unread = await jwks()
    expect(unread.status).toBe(503)
    expect(unread.headers.get('retry-after')).toMatch(/^[1-5]$/)
    expect(await unread.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAVAILABLE' } }] })
    proxy.refuse(false)
    const { keys } = (await (await jwks()).json()) as { keys: unknown[] }
    expect(keys).toHaveLength(1)
    proxy.refuse('57P03')
    proxy.cutAll('CLOSE')
    expect(await (await jwks()).json()).toEqual({ keys })
    proxy.refuse(false)
  })

  test('to a page: it can read the error if its origin was allowed before, and no other page can', async () => {
    const ORIGIN = 'https://app.example.com'
    const UPDATE = 'mutation ($input: UpdateTenantInput!) { updateTenant(input: $input) { tenant { id } } }'
    await server.admin(UPDATE, { input: { id: tenant.id, allowedOrigins: [ORIGIN] } })
    const headers = (origin: string) => ({
      origin,
      authorization: `Bearer ${tenant.key}`,
      'content-type': 'application/json',
    })
    const asked = (origin: string) =>
      server.fetch('/graphql', { method: 'POST', headers: headers(origin), body: '{ "query": "{ viewer { name } }" }' })
    const preflight = (origin: string) =>
      server.fetch('/graphql', { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } })
    expect((await preflight(ORIGIN)).status).toBe(204)
    // What the database said is no longer believed by itself.
    server.clock.now = new Date(Date.now() + 60_000)
    proxy.refuse('57P03')
    proxy.cutAll('CLOSE')
    expect((await preflight(ORIGIN)).status).toBe(204)
    const answer = await asked(ORIGIN)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN)
    expect(answer.headers.get('access-control-expose-headers')).toContain('retry-after')
    const OTHER = 'https://other.example.com'
    expect((await preflight(OTHER)).status).toBe(503)
    expect((await asked(OTHER)).headers.get('access-control-allow-origin')).toBeNull()
    proxy.refuse(false)
    server.clock.now = null
  })

  async function failInserts(code: string, table = 'conversations') {
    await server.owner(`CREATE OR REPLACE FUNCTION faulty() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'not now' USING ERRCODE = '${code}'; END $$`)
    await heal()
    await server.owner(
      `CREATE TRIGGER faulty BEFORE INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION faulty()`,
    )
  }

  const { id: openId } = await logged(tenant.ask, { status: 'ACTIVE' })
  const writes = [
    () => write(tenant.ask, 'logConversation', { messages: [said('a')], idempotencyKey: 'k' }),
    () => write(tenant.ask, 'appendMessages', { by: { id: openId }, messages: [said('a')], idempotencyKey: 'l' }),
    () => write(tenant.ask, 'updateConversation', { by: { id: openId }, description: 'x', idempotencyKey: 'm' }),
    () =>
      tenant.ask(
        'mutation ($inputs: [LogConversationInput!]!) { logConversations(input: { conversations: $inputs }) { results { created } } }',
        {
          inputs: [{ messages: [said('a')] }],
        },
      ),
  ]

  test.for(IN_STATEMENT)('to a statement (%s): the write is UNAVAILABLE, and nothing is stored', async (code) => {
    await failInserts(code)
    const before = await stored(server)
    for (const one of writes) expectUnavailable(await one())
    expect(await stored(server)).toEqual(before)
  })

  test.for(TABLES)(
    'to a write of %s, wherever in a large call it comes: it is UNAVAILABLE, and nothing is stored',
    async (table) => {
      await failInserts('53100', table)
      const before = await stored(server)
      const one = { agents: [{ externalId: 'bot' }], metadata: { a: 1 }, messages: [said('a')] }
      const inputs = Array.from({ length: 200 }, (_, i) => ({ ...one, idempotencyKey: `many ${i}` }))
      const LOG_MANY =
        'mutation ($inputs: [LogConversationInput!]!) { logConversations(input: { conversations: $inputs }) { results { created } } }'
      expectUnavailable(await tenant.ask(LOG_MANY, { inputs }))
      expectUnavailable(await write(tenant.ask, 'logConversation', inputs[0]))
      expect(await stored(server)).toEqual(before)
    },
  )

  test.for(OURS)('an error of any other kind (%s) is an internal one', async (code) => {
    await failInserts(code)
    for (const one of writes) {
      const answer = await one()
      expect(answer.status).toBe(500)
      expect(answer.errors).toMatchObject([
        { message: 'Internal server error.', extensions: { code: 'INTERNAL_SERVER_ERROR' } },
      ])
    }
  })
})

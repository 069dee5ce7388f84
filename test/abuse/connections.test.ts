import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, inject, test, vi } from 'vitest'
import { logged } from '../conversations/writes.ts'
import { newToken } from '../credentials/embed-tokens/tokens.ts'
import { type Ask, codes, startTestServer, type TestServer } from '../support/server.ts'

const LIST = '{ conversations(first: 1) { totalCount } }'

/** How many of the server's connections have a statement that sleeps. */
const SLEEPING = `SELECT count(*)::int AS count FROM pg_stat_activity
  WHERE datname = current_database() AND application_name = 'parley' AND state = 'active' AND wait_event = 'PgSleep'`

const send = (ask: Ask, times: number, document = LIST) => Array.from({ length: times }, () => ask(document))

function slowTenants(server: TestServer) {
  const sleeping = async () => (await server.owner(SLEEPING))[0]?.['count']

  const untilSleeping = (count: number) =>
    vi.waitFor(async () => expect(await sleeping()).toBe(count), { timeout: 5_000, interval: 20 })

  /** Makes each read of a tenant's conversations take this long. */
  const slowDown = (tenantId: string, seconds: number) =>
    server.owner(`CREATE POLICY "slow ${tenantId}" ON conversations AS RESTRICTIVE FOR SELECT
      USING (tenant_id <> '${tenantId}' OR (SELECT pg_sleep(
        CASE WHEN current_setting('app.tenant_id', true) = '${tenantId}' THEN ${seconds} ELSE 0 END)::text) IS NOT NULL)`)

  async function open(seconds: number) {
    const tenant = await server.newTenant()
    await logged(tenant.ask)
    await slowDown(tenant.id, seconds)
    return tenant
  }

  return { sleeping, untilSleeping, open }
}

describe.runIf(inject('databaseKind') === 'postgresql')('a tenant whose reads are slow in the database', async () => {
  const server = await startTestServer({ database: { statementTimeoutMs: 2_500 } })
  const { sleeping, untilSleeping, open } = slowTenants(server)

  test('holds half of the connections, and each of its credentials half of that; everybody else is answered', async () => {
    const slow = await open(0.5)
    const neighbour = await server.newTenant()
    const other = await server.newKey({ scopes: ['CONVERSATIONS_READ', 'ANALYTICS_READ'], tenantId: slow.id })
    // While others are active, a tenant that keeps the database busy has less.
    await sleep(1_100)
    const one = send(slow.ask, 6)
    await untilSleeping(3)
    const two = send(server.as({ key: other.secret }), 6)
    await untilSleeping(5)
    expect(codes(await neighbour.ask(LIST))).toEqual([])
    expect((await server.fetch('/ready')).status).toBe(200)
    expect(
      (await server.ask({ key: `${slow.key.slice(0, -1)}${slow.key.endsWith('x') ? 'y' : 'x'}` }, LIST)).status,
    ).toBe(401)
    expect(await sleeping()).toBe(5)
    expect((await Promise.all([...one, ...two])).flatMap(codes)).toEqual([])
  })

  test('does not shut out its own back end with a flood of tokens', async () => {
    const slow = await open(0.1)
    const tokens = await Promise.all(Array.from({ length: 8 }, (_, i) => newToken(slow.ask, { subject: `user ${i}` })))
    const flood = tokens.flatMap((key) => send(server.as({ key }), 12))
    await untilSleeping(3)
    expect(codes(await slow.ask(LIST))).toEqual([])
    const refused = (await Promise.all(flood)).flatMap(codes)
    expect(new Set(refused)).toEqual(new Set(['OVERLOADED']))
  })

  test('has no more database time for a request than one statement may take', async () => {
    const slow = await open(0.2)
    const asking = (lists: number) =>
      `{ ${Array.from({ length: lists }, (_, i) => `l${i}: ${LIST.slice(2, -2)}`).join(' ')} }`
    expect(codes(await slow.ask(asking(1)))).toEqual([])
    const [error, ...others] = (await slow.ask(asking(20))).errors ?? []
    expect(error).toMatchObject({
      message: expect.stringContaining('statement timeout'),
      extensions: { code: 'LIMIT_EXCEEDED' },
    })
    expect(others).toEqual([])
    await untilSleeping(0)
  })
})

describe.runIf(inject('databaseKind') === 'postgresql')('clients that leave', async () => {
  const server = await startTestServer()
  const { sleeping, untilSleeping, open } = slowTenants(server)

  const origin = await server.listen()

  test.each<[string, TestServer['fetch']]>([
    ['over HTTP', (path, init) => fetch(origin + path, init)],
    ['within the process', server.fetch],
  ])('%s: only their statements are ended', async (_, send) => {
    const slow = await open(12)
    const neighbours = await Promise.all([1, 2, 3, 4].map(() => server.newTenant()))
    let isOver = false
    const answers = neighbours.map(async ({ ask }) => {
      const refused: string[] = []
      while (!isOver) {
        refused.push(...codes(await ask(LIST)))
        await sleep(5)
      }
      return refused
    })
    server.logged.length = 0
    for (let round = 0; round < 3; round += 1) {
      const leaving = new AbortController()
      const abandoned = Array.from({ length: 12 }, () =>
        send('/graphql', {
          method: 'POST',
          headers: { authorization: `Bearer ${slow.key}`, 'content-type': 'application/json' },
          body: JSON.stringify({ query: LIST }),
          signal: leaving.signal,
        }),
      )
      const ended = Promise.allSettled(abandoned)
      // Beside neighbours, one or more of them have their turn.
      await vi.waitFor(async () => expect(await sleeping()).toBeGreaterThan(0), { timeout: 5_000, interval: 20 })
      leaving.abort()
      await ended
      await untilSleeping(0)
      // The requests that waited did not begin.
      await sleep(50)
      expect(await sleeping()).toBe(0)
    }
    isOver = true
    expect((await Promise.all(answers)).flat()).toEqual([])
    expect(server.logged.filter(({ level }) => level === 'error')).toEqual([])
  })
})

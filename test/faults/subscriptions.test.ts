import { afterAll, describe, expect, inject, test, vi } from 'vitest'
import { connect } from '../../src/database/connect.ts'
import { changesOf, followChanges } from '../live/changes.ts'
import { log } from '../live/conversations.ts'
import { FaultyProxy } from '../support/faulty-proxy.ts'
import type { LiveAnswer } from '../support/live.ts'
import { serveTestDatabase, startTestServer, type TestServer } from '../support/server.ts'

const onPostgres = inject('databaseKind') === 'postgresql'

describe.skipIf(!onPostgres)('subscribers of a process that loses its connections', async () => {
  if (!onPostgres) return
  const proxy = await FaultyProxy.start(String(inject('postgresTemplate')?.ownerUrl))
  afterAll(() => proxy.close())
  const server = await startTestServer({ database: { through: (url) => proxy.through(url) } })
  const other = await serveDirectly(server)
  const LISTENING = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'parley listen'`

  const listens = () => expect.poll(() => server.owner(LISTENING), { timeout: 20_000 }).toHaveLength(1)

  test.for(['CLOSE', 'RESET'] as const)(
    'are told of a write of another process once they are back (%s)',
    async (ending) => {
      const { key, ask } = await server.newTenant()
      const live = await followChanges(server, { key })
      const { resumeToken } = (await live.data()).conversationsChanged
      await listens()
      proxy.cutAll(ending)
      const id = await log((document, variables) => other.ask({ key }, document, variables))
      // A read that was under way ends the stream with its error. Otherwise the stream goes on by itself.
      const answer = await live.next()
      const isEnded = answer?.errors?.[0]?.extensions.code === 'UNAVAILABLE'
      const told = isEnded
        ? await changesOf(await followChanges(server, { key }, { after: resumeToken }))
        : changesIn(answer)
      expect(told).toMatchObject([{ kind: 'CREATED', conversationId: id }])
      await listens()
      expect((await ask('{ viewer { name } }')).errors).toBeUndefined()
    },
  )

  test('are told UNAVAILABLE while it has none, and lose no change if they go on from the last resume token', async () => {
    const { key } = await server.newTenant()
    const live = await followChanges(server, { key })
    const { resumeToken } = (await live.data()).conversationsChanged
    proxy.refuse(true)
    proxy.cutAll('RESET')
    const missed = await log((document, variables) => other.ask({ key }, document, variables))
    // What another process would tell it, and what it looks up by itself every few seconds.
    server.database.wakeups.publish({ tenantIds: null, credentials: true })
    const answer = await live.next()
    expect(answer?.errors?.map(({ extensions }) => extensions.code)).toEqual(['UNAVAILABLE'])
    expect(await live.next()).toBeNull()
    const refused = await server.fetch('/graphql', {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, accept: 'text/event-stream', 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'subscription { conversationsChanged { resumeToken } }' }),
    })
    expect(await refused.text()).toContain('"UNAVAILABLE"')
    proxy.refuse(false)
    await vi.waitFor(async () => {
      const again = await followChanges(server, { key }, { after: resumeToken })
      expect(await changesOf(again)).toMatchObject([{ kind: 'CREATED', conversationId: missed }])
    })
  })
})

const changesIn = (answer: LiveAnswer | null) => answer?.data?.conversationsChanged.changes

/** A process on the same database that keeps its connections. */
async function serveDirectly(server: TestServer): Promise<TestServer> {
  const { statementTimeoutMs, connectTimeoutMs } = server.database
  const database = await connect({
    ...{
      url: String(server.url),
      ownerUrl: undefined,
      dataDir: '',
      fsync: false,
      poolSize: 4,
      statementTimeoutMs,
      connectTimeoutMs,
    },
  })
  const direct = serveTestDatabase({ ...server, database }, server.adminKey)
  afterAll(async () => {
    await direct.changes.close()
    await database.close()
  })
  return direct
}

import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { RestartDelays } from '../../src/process/workers.ts'
import { changesOf, followChanges } from '../live/changes.ts'
import { Connection, holdOpen, knock } from '../support/connection.ts'
import {
  FIRST_KEY_VIEWER,
  type Line,
  migratedDatabase,
  newPostgres,
  newRole,
  ServerProcess,
  type Settings,
  useProcesses,
  VIEWER,
} from '../support/process.ts'
import { isStory } from '../support/story.ts'
import { asOwner } from '../support/template.ts'

isStory()

useProcesses()

const LIMIT = 60
const LOG = `mutation ($input: LogConversationInput!) { logConversation(input: $input) { conversation { id } } }`

const conversation = (externalId: string) => ({
  input: { externalId, idempotencyKey: externalId, messages: [{ chat: { role: 'USER', content: 'Hello?' } }] },
})

test('a worker that dies again and again is started at once, then ever later, up to half a minute', () => {
  const delays = new RestartDelays()
  const afterLives = (...lives: number[]) => lives.map((livedMs) => delays.afterLife(livedMs))
  const rising = [0, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]
  expect(afterLives(...rising.map(() => 10))).toEqual(rising)
  // One that lived for a minute did not die of how it started.
  expect(afterLives(59_999, 60_000, 10, 10, 3_600_000, 10)).toEqual([30_000, 0, 500, 1_000, 0, 500])
})

// In this order: each test finds the processes as the one before has left them.
describe.skipIf(inject('databaseKind') === 'pglite')('PROCESSES=2 on one PostgreSQL', () => {
  let settings: Settings
  let server: ServerProcess
  let key: string
  /** A connection to each of the two. */
  let one: Connection
  let other: Connection

  beforeAll(async () => {
    // A credential has half of its tenant's limit.
    settings = { ...(await migratedDatabase()), PROCESSES: '2', RATE_LIMIT_TENANT_PER_MINUTE: String(2 * LIMIT) }
    server = new ServerProcess(settings)
    key = await server.adminKey()
    const [first = 0, second = 0] = workers()
    one = await connectionTo(first)
    other = await connectionTo(second)
  })

  /** The workers that have begun to serve, those that ended since among them. */
  const workers = () =>
    server.lines.filter(({ msg }) => msg === 'a worker serves').map((line) => Number(line['worker']))

  /** Which process answered: each says so in its line of the log. */
  async function processOf({ headers }: { headers: Headers }): Promise<number> {
    const requestId = headers.get('x-request-id')
    return Number((await server.line((line) => line['requestId'] === requestId))['pid'])
  }

  async function connectionTo(worker: number): Promise<Connection> {
    for (let tries = 0; tries < 50; tries += 1) {
      const connection = new Connection(await server.url())
      if ((await processOf(await connection.ask(key, VIEWER))) === worker) return connection
    }
    throw new Error(`process ${worker} was handed no connection`)
  }

  async function newTenant(id: string) {
    const CREATE = 'mutation ($input: CreateTenantInput!) { createTenant(input: $input) { created } }'
    const { body } = await server.ask(key, CREATE, { variables: { input: { id, name: id } } })
    expect(body).toMatchObject({ data: { createTenant: { created: true } } })
    return { key, tenantId: id }
  }

  /** Writes until it is acknowledged, with a connection of its own each time. */
  async function write(externalId: string): Promise<string> {
    const connection = new Connection(await server.url())
    try {
      const { body } = await connection.ask(key, LOG, { tenantId: 'kept', variables: conversation(externalId) })
      if (!body.data) throw new Error(JSON.stringify(body))
      return externalId
    } catch (error) {
      if ((error as { code?: string }).code !== 'ECONNRESET') throw error
      return write(externalId)
    } finally {
      connection.close()
    }
  }

  /** Whether a process may look if the database is migrated, without which it does not start. */
  async function letStart(may: boolean) {
    const role = new URL(String(settings['DATABASE_URL'])).username
    await asOwner(String(settings['DATABASE_OWNER_URL']), (owner) =>
      owner.query(`${may ? 'GRANT' : 'REVOKE'} SELECT ON _prisma_migrations ${may ? 'TO' : 'FROM'} ${role}`),
    )
  }

  test('both answer behind the one port, and the first key was printed once', async () => {
    const answers = [await one.ask(key, VIEWER), await other.ask(key, VIEWER)]
    for (const { body } of answers) expect(body).toMatchObject(FIRST_KEY_VIEWER)
    expect((await Promise.all(answers.map(processOf))).sort()).toEqual(workers().sort())
    expect(server.lines.filter((line) => 'adminKey' in line)).toHaveLength(1)
    expect(server.lines.filter((line) => 'url' in line)).toHaveLength(1)
  })

  test('what one revokes, the other refuses from the next request on', async () => {
    const { body } = await one.ask(
      key,
      'mutation { generateApiKey(input: { name: "k", scopes: [CONVERSATIONS_READ] }) { secret apiKey { id } } }',
    )
    const { secret, apiKey } = body.data.generateApiKey
    expect((await other.ask(secret, VIEWER)).body).toMatchObject({ data: { viewer: { name: 'k' } } })
    await one.ask(key, `mutation { revokeApiKey(input: { id: "${apiKey.id}" }) { apiKey { status } } }`)
    const refused = await other.ask(secret, VIEWER)
    expect(refused.status).toBe(401)
    expect(refused.body.errors[0].extensions).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'REVOKED' })
  })

  test('what is written through one is told by the other', async () => {
    const credential = await newTenant('told')
    const live = await followChanges(await connectionTo(workers()[1] ?? 0), credential)
    expect(await changesOf(live)).toEqual([])
    const { body } = await one.ask(key, LOG, { tenantId: 'told', variables: conversation('c-1') })
    const { id } = body.data.logConversation.conversation
    expect(await changesOf(live)).toMatchObject([{ kind: 'CREATED', conversationId: id }])
  })

  test('together they keep one rate limit', async () => {
    const minute = () => Math.floor(Date.now() / 60_000)
    let began: number
    let statuses: number[]
    do {
      began = minute()
      const { tenantId } = await newTenant(`limited-${began}`)
      const asked = Array.from({ length: 2 * LIMIT }, (_, i) => (i % 2 ? one : other).ask(key, VIEWER, { tenantId }))
      statuses = (await Promise.all(asked)).map(({ status }) => status)
      // Half in one minute and half in the next they would be right to let through twice as many.
    } while (minute() !== began)
    const taken = statuses.filter((status) => status === 200).length
    expect(taken).toBeGreaterThanOrEqual(LIMIT)
    expect(taken).toBeLessThanOrEqual(LIMIT + 2 * (LIMIT / 20))
    expect(statuses.filter((status) => status === 429)).toHaveLength(2 * LIMIT - taken)
  })

  test('nothing is lost that was acknowledged when a process is killed, and no client is left waiting', async () => {
    await newTenant('kept')
    const victim = workers()[0] ?? 0
    await letStart(false)
    const written: string[] = []
    const some = Promise.withResolvers<void>()
    const lanes = Array.from({ length: 4 }, async (_, lane) => {
      for (let i = 0; i < 8; i += 1) {
        written.push(await write(`${lane}-${i}`))
        if (written.length === 8) some.resolve()
      }
    })
    await some.promise
    process.kill(victim, 'SIGSTOP')
    // Of these and of the writes, one connection is on its way to the process that will not take it any more.
    const knocks = Array.from({ length: 3 }, () => knock(server))
    expect(await Promise.race(knocks)).toBe('served')
    process.kill(victim, 'SIGKILL')
    for (const met of await Promise.all(knocks)) expect(['served', 'ECONNRESET']).toContain(met)
    await Promise.all(lanes)
    const { body } = await other.ask(key, '{ conversations(first: 100) { totalCount nodes { externalId } } }', {
      tenantId: 'kept',
    })
    const kept = body.data.conversations.nodes.map(({ externalId }: { externalId: string }) => externalId)
    expect(kept.sort()).toEqual(written.sort())
    expect(body.data.conversations.totalCount).toBe(32)
  })

  test('what takes its place is started again until it serves', async () => {
    const { worker } = await server.line(({ delayMs }) => Number(delayMs) > 0)
    expect(worker).not.toBe(workers()[0])
    await letStart(true)
    const initial = workers().slice(0, 2)
    const isNew = (line: Line) => line.msg === 'a worker serves' && !initial.includes(Number(line['worker']))
    one = await connectionTo(Number((await server.line(isNew))['worker']))
    expect((await one.ask(key, VIEWER)).body).toMatchObject(FIRST_KEY_VIEWER)
  })

  test('a second start at the same address is refused, and the first goes on', async () => {
    const { port } = new URL(await server.url())
    const second = new ServerProcess({ ...settings, PORT: port })
    expect(await second.ended).toBe(1)
    expect(second.stdout).toBe('')
    expect(second.stderr).toMatch(/^HOST, PORT: can't listen there: listen EADDRINUSE/)
    expect((await one.ask(key, VIEWER)).body).toMatchObject(FIRST_KEY_VIEWER)
  })

  test('SIGTERM lets the requests in flight on each finish, refuses new ones, and ends all with 0', async () => {
    const held = []
    for (let i = 0; i < 4; i += 1) held.push(await holdOpen(server, key))
    const serving = workers().slice(1)
    server.signal('SIGTERM')
    for (const pid of serving) await server.line((line) => line['pid'] === pid && line.msg.startsWith('stopping'))
    // A connection that is under way to a worker when it stops listening is not answered before the primary ends.
    const met = () => Promise.race([knock(server), sleep(500, 'no answer')])
    await expect.poll(met).toBe('ECONNREFUSED')

    const answers = await Promise.all(held.map(({ finish }) => finish()))
    for (const answer of answers) expect(await answer.json()).toMatchObject(FIRST_KEY_VIEWER)
    expect(new Set(await Promise.all(answers.map(processOf)))).toEqual(new Set(serving))
    expect(await server.ended).toBe(0)
    const stopped = server.lines.filter(({ msg }) => msg === 'stopped').map(({ pid }) => pid)
    expect(stopped).toHaveLength(3)
    expect(stopped.slice(0, 2).sort()).toEqual(serving.sort())
    // One log of all of them, in which each line is whole and says whose it is.
    expect(server.lines).toHaveLength(server.stdout.split('\n').length - 1)
    expect(server.lines.every(({ pid }) => pid === stopped[2] || workers().includes(Number(pid)))).toBe(true)
    // What kept a worker from starting, and nothing else.
    expect(server.stderr).toMatch(/^(DATABASE_URL: its role has no access .*\n)+$/)
  })
})

test.skipIf(inject('databaseKind') === 'pglite')(
  'a start whose workers can’t serve fails as a whole, and leaves the key for the next',
  async () => {
    const ownerUrl = await newPostgres({ migrated: true })
    // The one connection is the primary's.
    const url = await newRole(ownerUrl, 'CONNECTION LIMIT 1')
    const failed = new ServerProcess({ DATABASE_OWNER_URL: ownerUrl, DATABASE_URL: url, PROCESSES: '2' })
    expect(await failed.ended).toBe(1)
    expect(failed.stdout).toBe('')
    expect(failed.stderr).toMatch(
      /^(DATABASE_URL: the database can't be reached: too many connections .*\n)+A worker exited before it served\.\n$/,
    )
    expect(await asOwner(ownerUrl, (owner) => owner.query('SELECT 1 FROM api_keys'))).toHaveProperty('rowCount', 0)
  },
)

import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, describe, expect, inject, test, vi } from 'vitest'
import { makeFirstKey } from '../../src/credentials/bootstrap-keys.ts'
import { serveEmbedded } from '../../src/database/connect.ts'
import { openEmbedded } from '../../src/database/embedded/open.ts'
import { logged, said, write } from '../conversations/writes.ts'
import { runAsOwner } from '../support/newer-version.ts'
import { migratedDatabase, ServerProcess, useProcesses } from '../support/process.ts'
import { type Answer, codes, serveTestDatabase, startTestServer, type TestServer } from '../support/server.ts'
import { isStory } from '../support/story.ts'

isStory()

/** Longer than an honest statement takes on a busy machine. */
const STATEMENT_TIMEOUT_MS = 6_000
const CONNECT_TIMEOUT_MS = 60_000
const PATIENT = { timeout: CONNECT_TIMEOUT_MS }
const TIMEOUTS = { statementTimeoutMs: STATEMENT_TIMEOUT_MS, connectTimeoutMs: CONNECT_TIMEOUT_MS }

/** Makes the database run for ever on a tenant's rows: when they are read, written, or committed. */
const FOR_EVER = `
  CREATE FUNCTION for_ever() RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN PERFORM count(*) FROM generate_series(1, 1000000000000); RETURN true; END $$;
  CREATE FUNCTION write_for_ever() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM for_ever(); RETURN NEW; END $$;
  CREATE POLICY read_for_ever ON conversations AS RESTRICTIVE FOR SELECT
    USING (company_name IS DISTINCT FROM 'read for ever' OR for_ever());
  CREATE TRIGGER write_for_ever BEFORE INSERT ON conversations FOR EACH ROW
    WHEN (NEW.description = 'write for ever') EXECUTE FUNCTION write_for_ever();
  CREATE CONSTRAINT TRIGGER commit_for_ever AFTER INSERT ON conversations DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.description = 'commit for ever') EXECUTE FUNCTION write_for_ever();`

const LIST = '{ conversations(first: 10) { nodes { description } } }'
const log = (tenant: Pick<TestServer, never> & { ask: TestServer['admin'] }, description: string, input = {}) =>
  write(tenant.ask, 'logConversation', { description, messages: [said('Hello')], ...input }, 'created')

const count = async (server: TestServer, description: string) =>
  (await server.owner(`SELECT count(*)::int AS count FROM conversations WHERE description = '${description}'`))[0]?.[
    'count'
  ]

const isCommit = (sent: Buffer) => sent.equals(Buffer.from('Q\0\0\0\u000bCOMMIT\0'))
const isWrite = (sent: Buffer) => sent.includes('write for ever')
const isList = (sent: Buffer) => sent.includes('FROM conversations')

/** The thread of the database, once a matching message was sent to it. */
function whenSent(fits: (sent: Buffer) => boolean): Promise<Worker> {
  const { promise, resolve } = Promise.withResolvers<Worker>()
  const { postMessage } = Worker.prototype
  const post = vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker, ...sent) {
    postMessage.apply(this, sent)
    const [bytes] = sent
    if (!(bytes instanceof Uint8Array) || !fits(Buffer.from(bytes))) return
    post.mockRestore()
    resolve(this)
  })
  return promise
}

const statusOf = async (server: TestServer, path: string) => (await server.fetch(path)).status

describe.skipIf(inject('databaseKind') === 'postgresql')(
  'a statement that never ends, in the embedded database',
  async () => {
    // Each of these waits for the time-out, and for the database to be opened again.
    vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })
    afterAll(() => vi.resetConfig())
    const failures: unknown[] = []
    const server = await startTestServer({
      database: {
        embeddedTimeouts: TIMEOUTS,
        onBackgroundFailure: (work, error) => void (work === 'run the embedded database' && failures.push(error)),
      },
    })
    await server.owner(FOR_EVER)
    const [attacker, neighbour] = await Promise.all([server.newTenant(), server.newTenant()])
    await logged(neighbour.ask, { description: 'kept' })
    const theirs = { conversations: { nodes: [{ description: 'kept' }] } }

    const planRead = async () => {
      await logged(attacker.ask, { description: 'read' })
      await server.owner(`UPDATE conversations SET company_name = 'read for ever' WHERE description = 'read'`)
    }
    const forgetRead = () => server.owner(`DELETE FROM conversations WHERE description = 'read'`)

    /**
     * Waits until the thread was ended. The process answers what needs no database, and the neighbour is served
     * afterwards.
     */
    async function besideNeighbour(fits: (sent: Buffer) => boolean, attack: () => Promise<Answer>): Promise<Answer> {
      const lost = failures.length
      const sent = whenSent(fits)
      let isOver = false
      const over = attack().finally(() => {
        isOver = true
      })
      await sent
      expect(await statusOf(server, '/health')).toBe(200)
      expect(isOver).toBe(false)
      await expect.poll(() => failures.length, PATIENT).toBe(lost + 1)
      expect(String(failures.at(-1))).toContain('The embedded database was stopped')
      expect([await statusOf(server, '/ready'), await statusOf(server, '/health')]).toEqual([503, 200])
      await expect.poll(async () => (await neighbour.ask(LIST)).data, PATIENT).toEqual(theirs)
      // The answer may be that of a check within the last second.
      await expect.poll(() => statusOf(server, '/ready'), { timeout: 3_000 }).toBe(200)
      return over
    }

    test('a read is refused, and ends', async () => {
      await planRead()
      const compiled = await besideNeighbour(isList, () => attacker.ask(LIST))
      expect(codes(compiled)).toEqual(['LIMIT_EXCEEDED'])
      const throughPrisma = `{ viewer { name } ${LIST.slice(1)}`
      const other = await besideNeighbour(isList, () => attacker.ask(throughPrisma))
      expect(codes(other)).toEqual(['LIMIT_EXCEEDED'])
      await forgetRead()
    })

    test('a write is refused, and stores nothing', async () => {
      const answer = await besideNeighbour(isWrite, () => log(attacker, 'write for ever'))
      expect(codes(answer)).toEqual(['LIMIT_EXCEEDED'])
      expect(await count(server, 'write for ever')).toBe(0)
    })

    test('the outcome of a commit that never ends is unknown', async () => {
      const answer = await besideNeighbour(isCommit, () => log(attacker, 'commit for ever'))
      expect(codes(answer)).toEqual(['OUTCOME_UNKNOWN'])
      expect(await count(server, 'commit for ever')).toBe(0)
    })

    test('with an idempotency key, the write can be retried and is stored once', async () => {
      const sent = whenSent(isCommit)
      const logOnce = () => log(attacker, 'commit for ever', { idempotencyKey: 'once' })
      const first = logOnce()
      await sent
      // The retry by the server waits for the commit, too.
      await server.owner('ALTER TABLE conversations DISABLE TRIGGER commit_for_ever')
      // The request has used up its database time, so the client has to retry.
      expect(codes(await first)).toEqual(['OUTCOME_UNKNOWN'])
      expect((await logOnce()).data).toEqual({ logConversation: { created: true } })
      expect(await count(server, 'commit for ever')).toBe(1)
      await server.owner('ALTER TABLE conversations ENABLE TRIGGER commit_for_ever')
    })

    test('afterwards the connection has the role that sees nothing by itself', async () => {
      expect(await server.database.query('SELECT current_user AS role')).toEqual([{ role: 'parley_server' }])
      await expect(server.database.query('SELECT * FROM conversations')).rejects.toThrow('permission denied')
    })

    describe('a thread that ends by itself', () => {
      async function endDuring(fits: (sent: Buffer) => boolean, send: () => Promise<Answer>): Promise<Answer> {
        const lost = failures.length
        const sent = whenSent(fits)
        const answer = send()
        await (await sent).terminate()
        await expect.poll(() => failures.length, PATIENT).toBe(lost + 1)
        expect(String(failures.at(-1))).toContain('ended with exit code')
        return answer
      }

      test('makes a read fail as UNAVAILABLE, and leaves the outcome of a write that was being committed unknown', async () => {
        await planRead()
        expect(codes(await endDuring(isList, () => attacker.ask(LIST)))).toEqual(['UNAVAILABLE'])
        await expect.poll(async () => (await neighbour.ask(LIST)).data, PATIENT).toEqual(theirs)
        await forgetRead()
        const commit = () => log(attacker, 'commit for ever')
        expect(codes(await endDuring(isCommit, commit))).toEqual(['OUTCOME_UNKNOWN'])
        await expect.poll(async () => (await neighbour.ask(LIST)).data, PATIENT).toEqual(theirs)
      })
    })
  },
)

describe.skipIf(inject('databaseKind') === 'postgresql')('an embedded database that can’t be opened again', () => {
  useProcesses()

  test('is UNAVAILABLE at once, is not replaced by an empty one, and is served again once it can be opened', async () => {
    const { DATA_DIR = '' } = await migratedDatabase()
    const embedded = await openEmbedded({ dataDir: DATA_DIR, connectTimeoutMs: CONNECT_TIMEOUT_MS })
    const failures: string[] = []
    const onBackgroundFailure = (_work: string, error: unknown) => void failures.push(String(error))
    const database = await serveEmbedded(embedded, TIMEOUTS, { onBackgroundFailure })
    afterAll(() => database.close())
    const adminKey = (await makeFirstKey(database, undefined)) ?? ''
    const server = serveTestDatabase({ database, statements: () => [], owner: async () => [] }, adminKey)
    const { ask } = await server.newTenant()
    await logged(ask, { description: 'kept' })

    const sent = whenSent(isList)
    await ask(LIST)
    const thread = await sent
    renameSync(join(DATA_DIR, 'database'), join(DATA_DIR, 'away'))
    await thread.terminate()
    await expect.poll(() => failures.at(-1), PATIENT).toContain('could not be opened again')
    expect(codes(await ask(LIST))).toEqual(['UNAVAILABLE'])
    expect([await statusOf(server, '/ready'), await statusOf(server, '/health')]).toEqual([503, 200])

    renameSync(join(DATA_DIR, 'away'), join(DATA_DIR, 'database'))
    await expect.poll(() => statusOf(server, '/ready'), PATIENT).toBe(200)
    expect((await ask(LIST)).data).toEqual({ conversations: { nodes: [{ description: 'kept' }] } })
  })

  test('SIGTERM ends the process during a statement that never ends, and what was committed is kept', async () => {
    const settings = await migratedDatabase()
    await runAsOwner(settings, FOR_EVER)
    const server = new ServerProcess({
      ...settings,
      SHUTDOWN_TIMEOUT_MS: '100',
      DATABASE_STATEMENT_TIMEOUT_MS: '600000',
    })
    const key = await server.adminKey()
    const ask = (query: string) => server.ask(key, query, { tenantId: 'acme' })
    await server.ask(key, 'mutation { createTenant(input: { id: "acme", name: "Acme" }) { created } }')
    const logOne = (description: string) =>
      ask(
        `mutation { logConversation(input: { description: "${description}", messages: [{ chat: { role: USER, content: "Hello" } }] }) { created } }`,
      )
    await logOne('kept')
    const cut = logOne('write for ever').then(
      ({ body }) => body,
      () => 'cut off',
    )
    await ask('{ __typename }')
    expect((await server.fetch('/health')).status).toBe(200)
    expect(await server.stop()).toBe(0)
    expect(await cut).toBe('cut off')

    const embedded = await openEmbedded({ dataDir: settings['DATA_DIR'] ?? '', connectTimeoutMs: CONNECT_TIMEOUT_MS })
    const rows = embedded.session.query('SELECT description FROM conversations').finally(() => embedded.close())
    expect(await rows).toEqual([{ description: 'kept' }])
  })
})

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { makeSecret } from '../../src/auth/api-key.ts'
import { createLog } from '../../src/log.ts'
import { announceFirstKey } from '../../src/process/announce-first-key.ts'
import { EVENT } from '../audit/events.ts'
import {
  Command,
  FIRST_KEY_VIEWER,
  migratedDatabase,
  ServerProcess,
  type Settings,
  useProcesses,
  VIEWER,
} from '../support/process.ts'
import { isStory } from '../support/story.ts'

isStory()

useProcesses()

const onPGlite = inject('databaseKind') === 'pglite'

const makeAdminKey = (settings: Settings, ...names: string[]) => new Command('admin-key', settings, { args: names })

/** What a shell would make of the printed curl command. */
async function runCurl(command: string): Promise<unknown> {
  const words = [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, ...quoted]) => quoted.find((text) => text))
  const after = (option: string) => words.filter((_, i) => words[i - 1] === option).map(String)
  const headers = after('-H').map((header) => header.split(/:\s*/, 2) as [string, string])
  const response = await fetch(String(words[1]), { method: 'POST', headers, body: String(after('-d')[0]) })
  return response.json()
}

// In this order: each test finds the database, and what serves it, as the one before has left them.
describe('a database, from its first start on', async () => {
  const settings = await migratedDatabase()
  let server: ServerProcess
  let firstKey: string
  let secondKey: string

  test('a start that can’t listen names the setting, ends, and leaves the key for the next start', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const failed = new ServerProcess({ ...settings, PORT: String(port) })
    expect(await failed.ended).toBe(1)
    taken.close()
    expect(failed.stdout).toBe('')
    expect(failed.stderr).toBe(
      `HOST, PORT: can't listen there: listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`,
    )
  })

  test('the first start prints the key once, and the first call it prints works', async () => {
    server = new ServerProcess(settings)
    firstKey = await server.adminKey()
    expect(firstKey).toMatch(/^parley_[0-9A-Za-z]{22}_[0-9A-Za-z]{49}$/)
    const { firstCall } = await server.line((line) => 'firstCall' in line)
    expect(String(firstCall).split('<<')[0]).not.toContain('parley_')
    expect(await runCurl(String(firstCall))).toMatchObject({
      data: { createTenant: { tenant: { id: 'acme', timeZone: 'Europe/Berlin' } } },
    })
    expect((await server.ask(firstKey, VIEWER)).body).toMatchObject(FIRST_KEY_VIEWER)
    expect(await server.stop('SIGINT')).toBe(0)
    expect(server.lines.filter((line) => JSON.stringify(line).includes('parley_'))).toHaveLength(1)
    expect(server.stderr).toBe('')
  })

  test('npm run admin-key prints one more ADMIN key, and nothing else', async () => {
    const command = makeAdminKey(settings, 'Found again')
    expect(await command.ended).toBe(0)
    expect(command.stdout).toMatch(/^parley_[0-9A-Za-z]{22}_[0-9A-Za-z]{49}\n$/)
    secondKey = command.stdout.trim()
  })

  test('the next start prints no key, and takes both', async () => {
    server = new ServerProcess(settings)
    const WHO = '{ viewer { name scopes } }'
    const { viewer } = (await server.ask(firstKey, WHO)).body.data
    expect(viewer.name).toBe('First admin key')
    expect((await server.ask(secondKey, WHO)).body).toMatchObject({
      data: { viewer: { ...viewer, name: 'Found again' } },
    })
    expect(server.stdout).not.toContain('parley_')
  })

  test('the audit log tells of both keys, which nobody’s credential made', async () => {
    const { nodes } = (await server.ask(firstKey, `{ auditEvents(first: 100) { nodes { ${EVENT} } } }`)).body.data
      .auditEvents
    const { scopes } = (await server.ask(firstKey, '{ viewer { scopes } }')).body.data.viewer
    const made = (name: string, by: string) => ({
      id: expect.any(String),
      occurredAt: expect.any(String),
      actor: { kind: 'NONE', credentialId: null, name: by, subject: null },
      tenantId: null,
      action: 'API_KEY_GENERATED',
      objectType: 'API_KEY',
      objectId: expect.stringMatching(/^key_/),
      outcome: 'DONE',
      errorCode: null,
      requestId: null,
      clientAddress: null,
      details: { name, scopes },
    })
    expect(nodes.filter(({ action }: { action: string }) => action === 'API_KEY_GENERATED')).toEqual([
      made('Found again', 'npm run admin-key'),
      made('First admin key', 'the first start'),
    ])
  })

  test('an acknowledged write survives kill -9, and the next start opens at once', async () => {
    const LOG = `mutation { logConversation(input: {
      externalId: "c-1", messages: [{ chat: { role: USER, content: "Hello?" } }] }) { conversation { externalId } } }`
    const logged = await server.ask(firstKey, LOG, { tenantId: 'acme' })
    expect(logged.body).toMatchObject({ data: { logConversation: { conversation: { externalId: 'c-1' } } } })
    expect(await server.stop('SIGKILL')).toBe('SIGKILL')

    server = new ServerProcess(settings)
    const READ = '{ conversations { nodes { externalId messages { nodes { __typename } } } } }'
    expect((await server.ask(firstKey, READ, { tenantId: 'acme' })).body).toMatchObject({
      data: { conversations: { nodes: [{ externalId: 'c-1', messages: { nodes: [{ __typename: 'ChatMessage' }] } }] } },
    })
  })

  test('a start names the keys that expire soon', async () => {
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString()
    const GENERATE = `mutation { generateApiKey(input: {
      name: "Short-lived", scopes: [ANALYTICS_READ], expiresAt: "${expiresAt}" }) { apiKey { id } } }`
    const { id } = (await server.ask(firstKey, GENERATE)).body.data.generateApiKey.apiKey
    expect(await server.stop()).toBe(0)
    server = new ServerProcess(settings)
    expect(await server.line((line) => 'apiKeys' in line)).toMatchObject({
      ...{ level: 'warn', count: 1, apiKeys: [{ id, name: 'Short-lived', tenantId: null, expiresAt }] },
    })
  })

  test.runIf(onPGlite)('a second process on the same DATA_DIR is refused, and the first goes on', async () => {
    for (const second of [new ServerProcess(settings), makeAdminKey(settings)]) {
      expect(await second.ended).toBe(1)
      expect(second.stdout).toBe('')
      expect(second.stderr).toBe(
        `DATA_DIR: another process uses ${settings['DATA_DIR']}. Stop it, or give this one a directory of its own.\n`,
      )
    }
    expect((await server.ask(firstKey, VIEWER)).body).toMatchObject(FIRST_KEY_VIEWER)
  })

  test.skipIf(onPGlite)('npm run admin-key makes one where a server uses the database, too', async () => {
    const command = makeAdminKey(settings)
    expect(await command.ended).toBe(0)
    expect((await server.ask(command.stdout.trim(), '{ viewer { name } }')).body).toMatchObject({
      data: { viewer: { name: 'Admin key made by npm run admin-key' } },
    })
  })
})

test('ADMIN_KEY is the first key and is never printed', async () => {
  const ADMIN_KEY = makeSecret(randomUUID())
  const server = new ServerProcess({ ...(await migratedDatabase()), ADMIN_KEY })
  const { firstCall } = await server.line((line) => 'firstCall' in line)
  expect(firstCall).toContain('Bearer $ADMIN_KEY"')
  expect(String(firstCall).split('<<')[0]).not.toContain('ADMIN_KEY')
  expect((await server.ask(ADMIN_KEY, VIEWER)).body).toMatchObject(FIRST_KEY_VIEWER)
  expect(await runCurl(String(firstCall).replace('$ADMIN_KEY', ADMIN_KEY))).toHaveProperty('data.createTenant')
  await server.stop()
  expect(server.stdout + server.stderr).not.toContain('parley_')
})

test('the key is printed where the log keeps nothing else', () => {
  const lines: string[] = []
  const log = createLog('silent', { write: (line) => void lines.push(line) })
  log.info('Parley serves')
  const url = 'http://localhost:4000/graphql'
  announceFirstKey({ secret: 'parley_secret', url, consoleUrl: null, brought: false, log })
  expect(lines.map((line) => JSON.parse(line)['adminKey'])).toEqual(['parley_secret'])
})

test.runIf(onPGlite)('a first start that was killed while it made the database is begun again', async () => {
  const settings = await migratedDatabase()
  // As it looks then: some of the files, and the mark of a database that is not whole.
  rmSync(join(String(settings['DATA_DIR']), 'database/global'), { recursive: true })
  writeFileSync(join(String(settings['DATA_DIR']), 'database-unfinished'), '')
  const server = new ServerProcess(settings)
  expect((await server.ask(await server.adminKey(), VIEWER)).body).toMatchObject(FIRST_KEY_VIEWER)
})

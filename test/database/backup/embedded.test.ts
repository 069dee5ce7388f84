import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { tokenAfter } from '../../isolation/plant.ts'
import { Command, migratedDatabase, newDirectory, ServerProcess, useProcesses } from '../../support/process.ts'
import { answersOf, createEmbedToken, fill, PATIENT } from './fifty-queries.ts'
import { commandsOf, paste } from './page.ts'

useProcesses()

const LOG = 'mutation ($input: LogConversationInput!) { logConversation(input: $input) { created } }'

/** Logs one conversation after the other until it is stopped. */
function keepWriting(server: ServerProcess, key: string) {
  let isStopped = false
  /** External ids of what was acknowledged. */
  const acknowledged: string[] = []
  const run = async () => {
    for (let i = 0; !isStopped; i += 1) {
      const input = { externalId: `written-${i}`, messages: [{ chat: { role: 'USER', content: 'Hello' } }] }
      const { body } = await server.ask(key, LOG, { variables: { input } })
      if (body.errors) throw new Error(JSON.stringify(body.errors))
      acknowledged.push(`written-${i}`)
    }
  }
  const running = run()
  return {
    acknowledged,
    stop() {
      isStopped = true
      return running
    },
  }
}

const has = async (server: ServerProcess, key: string, externalId: string) => {
  const { body } = await server.ask(
    key,
    'query ($id: String) { conversation(by: { externalId: $id }) { externalId } }',
    {
      variables: { id: externalId },
    },
  )
  return body.data.conversation !== null
}

const backup = (DATA_DIR: string, directory: string) => new Command('backup', { DATA_DIR }, { args: [directory] })
const restore = (DATA_DIR: string, directory: string) => new Command('restore', { DATA_DIR }, { args: [directory] })

describe.skipIf(inject('databaseKind') === 'postgresql')('of the embedded database', () => {
  const [backUp = '', restoreIt = ''] = commandsOf('sh', 'Of the embedded database')

  test('a backup that is made while the server writes has all that was acknowledged before, and answers the same', async () => {
    const [DATA_DIR, directory] = [newDirectory(), newDirectory()]
    const directories = { '/var/backups/parley': join(directory, 'backups'), '/var/lib/parley': join(directory, 'lib') }
    const server = new ServerProcess({ DATA_DIR, ...PATIENT })
    const filled = await fill(server)
    const [tenant, other] = filled.tenants
    const { body } = await server.ask(
      filled.adminKey,
      'mutation { createTenant(input: { id: "writer", name: "Writer" }) { created } generateApiKey(input: { name: "w", tenantId: "writer", scopes: [CONVERSATIONS_READ, CONVERSATIONS_WRITE] }) { secret } }',
    )
    const writerKey = body.data.generateApiKey.secret
    const expected = await answersOf(server, filled)
    const resumeToken = await tokenAfter(server, tenant.secret, null)

    const writing = keepWriting(server, writerKey)
    await expect.poll(() => writing.acknowledged.length).toBeGreaterThan(5)
    const before = [...writing.acknowledged]
    const command = new Command('backup', { DATA_DIR }, { args: [join(directory, 'backups/embedded')] })
    expect(await command.ended).toBe(0)
    const countThen = writing.acknowledged.length
    // The server goes on.
    await expect.poll(() => writing.acknowledged.length).toBeGreaterThan(countThen)
    await writing.stop()
    await server.stop()

    expect(paste(restoreIt, directories)).toEqual({ status: 0, stderr: expect.stringContaining('Start the server') })
    const restored = new ServerProcess({ DATA_DIR: join(directory, 'lib'), ...PATIENT })
    for (const id of before) expect(await has(restored, writerKey, id)).toBe(true)
    const answers = await answersOf(restored, filled)
    expect(expected.size).toBeGreaterThanOrEqual(50)
    expect(answers).toEqual(expected)
    expect([...answers.values()].join()).toContain(other.marker)
    await expect(tokenAfter(restored, tenant.secret, resumeToken)).rejects.toThrow('RESUME_TOKEN_EXPIRED')
    await createEmbedToken(restored, tenant)
    await restored.stop()

    // The page's command for a backup, of a server that is stopped.
    const again = { ...directories, '/var/backups/parley': join(directory, 'again') }
    expect(paste(backUp, again, { DATA_DIR })).toEqual({ status: 0, stderr: expect.stringContaining('has everything') })
  })

  test('nothing is overwritten, and what is no backup is not restored', async () => {
    const [DATA_DIR, directory] = [newDirectory(), newDirectory()]
    const server = new ServerProcess({ DATA_DIR })
    await server.adminKey()
    const outcome = async (command: Command) => ({ code: await command.ended, stderr: command.stderr.trim() })
    expect(await outcome(backup(DATA_DIR, directory))).toEqual({
      code: 1,
      stderr: `${directory} exists already. Name a directory that doesn't.`,
    })
    const target = join(directory, 'one')
    expect(await backup(DATA_DIR, target).ended).toBe(0)
    expect(readdirSync(directory)).toEqual(['one'])
    expect(await outcome(restore(DATA_DIR, target))).toEqual({
      code: 1,
      stderr: `DATA_DIR: another process uses ${DATA_DIR}. Stop it, or give this one a directory of its own.`,
    })
    await server.stop()
    expect(await outcome(restore(DATA_DIR, target))).toEqual({
      code: 1,
      stderr: `DATA_DIR: ${DATA_DIR} is not empty: it has database. Name a directory that is empty or missing.`,
    })
    mkdirSync(join(directory, 'none'))
    const empty = newDirectory()
    expect(await outcome(restore(empty, join(directory, 'none')))).toEqual({
      code: 1,
      stderr: `${directory}/none is not a backup, or an incomplete one: ${directory}/none/backup.json is missing.`,
    })
    expect(readdirSync(empty)).toEqual([])
    expect(await outcome(backup(empty, join(directory, 'two')))).toEqual({
      code: 1,
      stderr: `DATA_DIR: there is no database in ${empty}.`,
    })
    expect(readdirSync(directory).sort()).toEqual(['none', 'one'])
    expect(readdirSync(empty)).toEqual([])
  })

  test('a restore that was cut short is not served, and can be done again', async () => {
    const [original, directory, DATA_DIR] = [newDirectory(), newDirectory(), newDirectory()]
    const server = new ServerProcess({ DATA_DIR: original })
    const key = await server.adminKey()
    await server.stop()
    const target = join(directory, 'backup')
    expect(await backup(original, target).ended).toBe(0)
    mkdirSync(join(DATA_DIR, 'database-restoring'))
    writeFileSync(join(DATA_DIR, 'signing-key-secret'), 'half')

    const started = new ServerProcess({ DATA_DIR })
    expect(await started.ended).toBe(1)
    expect(started.stderr).toContain(`a restore into ${DATA_DIR} was cut short. Run npm run restore again`)
    expect(existsSync(join(DATA_DIR, 'database'))).toBe(false)
    expect(await restore(DATA_DIR, target).ended).toBe(0)
    const restored = new ServerProcess({ DATA_DIR })
    expect((await restored.ask(key, '{ viewer { name } }')).status).toBe(200)
    await restored.stop()
  })

  test('a damaged backup is not put in place', async () => {
    const [original, directory, DATA_DIR] = [newDirectory(), newDirectory(), newDirectory()]
    const server = new ServerProcess({ DATA_DIR: original })
    await server.adminKey()
    await server.stop()
    const target = join(directory, 'backup')
    expect(await backup(original, target).ended).toBe(0)
    writeFileSync(join(target, 'database/global/pg_control'), '')
    const command = restore(DATA_DIR, target)
    expect(await command.ended).toBe(1)
    expect(command.stderr).toContain('are damaged')
    expect(readdirSync(DATA_DIR)).toEqual(['lock'])
  })

  test('only the server’s user can ask it for a copy, and a copy that nobody waits for is removed', async () => {
    const [DATA_DIR, directory] = [newDirectory(), newDirectory()]
    const server = new ServerProcess({ DATA_DIR })
    await server.adminKey()
    expect(statSync(join(DATA_DIR, 'control')).mode & 0o777).toBe(0o700)
    const socket = connect(join(DATA_DIR, 'control/socket'))
    await once(socket, 'connect')
    const abandoned = join(directory, 'abandoned')
    socket.write(`${abandoned}\n`)
    await expect.poll(() => existsSync(abandoned), { interval: 1, timeout: 20_000 }).toBe(true)
    socket.destroy()
    // It waits for its turn behind the other.
    expect(await backup(DATA_DIR, join(directory, 'backup')).ended).toBe(0)
    expect(readdirSync(directory)).toEqual(['backup'])
    await server.stop()
    expect(existsSync(join(DATA_DIR, 'control/socket'))).toBe(false)
  })

  test('what the server can’t copy leaves nothing, and the reason is given', async () => {
    const [DATA_DIR, directory] = [newDirectory(), newDirectory()]
    const server = new ServerProcess({ DATA_DIR })
    const key = await server.adminKey()
    const socket = connect(join(DATA_DIR, 'control/socket'))
    socket.write(`${directory}\n`)
    const [answer] = await once(socket, 'data')
    expect(JSON.parse(String(answer))).toEqual({
      error: expect.stringMatching(/^EEXIST: /),
      tookMs: expect.any(Number),
    })
    expect((await server.ask(key, '{ viewer { name } }')).status).toBe(200)
    expect(readdirSync(directory)).toEqual([])
    await server.stop()
  })

  test('a database is not copied into itself', async () => {
    const { DATA_DIR = '' } = await migratedDatabase()
    const command = backup(DATA_DIR, join(DATA_DIR, 'database/inside'))
    expect(await command.ended).toBe(1)
    expect(command.stderr).toContain(`is inside ${DATA_DIR}/database, which is to be copied.`)
    expect(readdirSync(join(DATA_DIR, 'database')).filter((name) => name.startsWith('inside'))).toEqual([])
  })

  test('after a server was killed, the next one can be asked again', async () => {
    const [DATA_DIR, directory] = [newDirectory(), newDirectory()]
    const killed = new ServerProcess({ DATA_DIR })
    await killed.adminKey()
    await killed.stop('SIGKILL')
    expect(existsSync(join(DATA_DIR, 'control/socket'))).toBe(true)
    const server = new ServerProcess({ DATA_DIR })
    await server.url()
    const command = backup(DATA_DIR, join(directory, 'backup'))
    expect(await command.ended).toBe(0)
    expect(command.stderr).toMatch(/^Requests to the server waited for up to \d+ ms\.\n/)
    await server.stop()
  })

  test('a server whose directory has too long a path says that it has to be stopped for a backup', async () => {
    const DATA_DIR = join(newDirectory(), 'long'.repeat(25))
    const server = new ServerProcess({ DATA_DIR })
    await server.adminKey()
    expect(server.lines.filter(({ level }) => level === 'warn').map(({ msg }) => msg)).toEqual([
      expect.stringContaining('npm run backup works only while this server is stopped: '),
    ])
    const directory = newDirectory()
    const whileItRuns = backup(DATA_DIR, join(directory, 'backup'))
    expect(await whileItRuns.ended).toBe(1)
    expect(whileItRuns.stderr).toContain(`another process uses ${DATA_DIR} and can't be asked for a backup`)
    await server.stop()
    expect(await backup(DATA_DIR, join(directory, 'backup')).ended).toBe(0)
  })
})

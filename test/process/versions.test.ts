import { beforeAll, describe, expect, inject, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { migrationOfNewerVersion, runAsOwner } from '../support/newer-version.ts'
import {
  Command,
  FIRST_KEY_VIEWER,
  type Line,
  migratedDatabase,
  ServerProcess,
  type Settings,
  useProcesses,
  VIEWER,
} from '../support/process.ts'

useProcesses()

const { version } = packageJson
/** Whose release candidate this version may be. */
const [release = ''] = version.split('-')
const NEWER = '20990101000000_newer'
const WARNING = `The database has migrations that are newer than Parley ${version} and allow it to run: ${NEWER}.`
const REFUSAL = `Parley ${version} is too old for this database: migration ${NEWER} needs 9.0.0. Start a newer version.\n`

const isWarning = ({ level, msg }: Line) => level === 'warn' && msg === WARNING

describe('a database that a newer version has migrated', () => {
  test('is served, with one warning, if its migration lets this version run', async () => {
    const settings = await migratedDatabase()
    await runAsOwner(settings, migrationOfNewerVersion(NEWER, '0.1.0'))
    const server = new ServerProcess(settings)
    const key = await server.adminKey()
    expect((await server.ask(key, VIEWER)).body).toMatchObject(FIRST_KEY_VIEWER)
    await server.stop()
    expect(server.lines.filter(isWarning)).toHaveLength(1)
    expect(server.stderr).toBe('')

    const command = new Command('admin-key', settings)
    expect(await command.ended).toBe(0)
    expect(command.stdout).toMatch(/^parley_\w+\n$/)
    expect(command.stderr).toContain(`${WARNING}\n`)
  })

  test('is left alone if its migration needs a newer version', async () => {
    const settings = await migratedDatabase()
    await runAsOwner(settings, migrationOfNewerVersion(NEWER, '9.0.0'))
    for (const start of [() => new ServerProcess(settings), () => new Command('admin-key', settings)]) {
      const refused = start()
      expect(await refused.ended).toBe(1)
      expect(refused.stdout).toBe('')
      expect(refused.stderr).toBe(REFUSAL)
    }
  })
})

// In this order: each test finds the processes as the one before has left them.
describe.skipIf(inject('databaseKind') === 'pglite')('with PROCESSES=2, while a newer version migrates', () => {
  let settings: Settings
  let server: ServerProcess
  let key: string

  beforeAll(async () => {
    settings = await migratedDatabase()
    server = new ServerProcess({ ...settings, PROCESSES: '2' })
    key = await server.adminKey()
  })

  const workers = () =>
    server.lines.filter(({ msg }) => msg === 'a worker serves').map((line) => Number(line['worker']))

  const setVersion = (oldest: string) =>
    runAsOwner(
      settings,
      `UPDATE migration_compatibility SET oldest_code_version = '${oldest}' WHERE migration_name = '${NEWER}'`,
    )

  test('a worker that dies is started again, with a warning, if the migration lets it run', async () => {
    const [first, second] = workers()
    await runAsOwner(settings, migrationOfNewerVersion(NEWER, '0.1.0'))
    process.kill(first ?? 0, 'SIGKILL')
    const isNew = (line: Line) => line.msg === 'a worker serves' && ![first, second].includes(Number(line['worker']))
    const { worker } = await server.line(isNew)
    expect(server.lines.filter(isWarning)).toEqual([expect.objectContaining({ pid: worker })])
    process.kill(second ?? 0, 'SIGKILL')
    await server.line((line) => isNew(line) && line['worker'] !== worker)
    expect((await server.ask(key, VIEWER)).body).toMatchObject(FIRST_KEY_VIEWER)
    expect(server.stderr).toBe('')
  })

  test('it is refused if the migration needs a newer version; the other serves, is not ready, and says why', async () => {
    const [victim, survivor] = workers().slice(2)
    await setVersion('9.0.0')
    process.kill(victim ?? 0, 'SIGKILL')
    await server.line((line) => Number(line['delayMs']) > 500)
    expect(server.stderr.replaceAll(REFUSAL, '')).toBe('')
    expect(server.stderr).not.toBe('')

    expect((await server.ask(key, VIEWER)).body).toMatchObject(FIRST_KEY_VIEWER)
    expect((await server.fetch('/ready')).status).toBe(503)
    const failures = server.lines.filter(({ msg }) => msg === 'background work failed')
    expect(failures).toEqual([
      expect.objectContaining({
        ...{ pid: survivor, work: 'check readiness' },
        err: expect.objectContaining({ stack: expect.stringContaining(REFUSAL.trim()) }),
      }),
    ])
  })

  test('it serves again once the migration lets it', async () => {
    const before = workers()
    await setVersion(release)
    await server.line((line) => line.msg === 'a worker serves' && !before.includes(Number(line['worker'])))
    await expect.poll(async () => (await server.fetch('/ready')).status, { timeout: 10_000 }).toBe(200)
    expect(await server.stop()).toBe(0)
  })
})

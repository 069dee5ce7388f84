import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, expect, inject, test } from 'vitest'
import { holdOpen } from '../support/connection.ts'
import { FIRST_KEY_VIEWER, migratedDatabase, ServerProcess, useProcesses } from '../support/process.ts'

useProcesses()

/** Code that every process of a server runs before anything else. */
const preload = (code: string) => ({
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}`,
})

/** Faults, as a mistake in our own code would make them. These wait for a signal. */
const THROWS = `process.on('SIGUSR2', () => { throw new TypeError('planted') })`
const REJECTS = `process.on('SIGUSR2', () => void Promise.reject(new TypeError('planted')))`
const THROWS_A_SECRET = `process.on('SIGUSR2', () => { throw { secret: 'hunter2' } })`
const HANGS = `import { Server } from 'node:http'
  process.on('SIGUSR2', () => { Server.prototype.close = () => {}; throw new TypeError('planted') })`
const GOES_ON = `process.on('SIGUSR2', () => setInterval(() => { throw new TypeError('planted') }, 50))`

const FATAL = {
  level: 'fatal',
  time: expect.any(String),
  err: { name: 'TypeError', stack: expect.stringMatching(/^TypeError: planted\n +at /) },
}

const fatalLines = ({ lines }: ServerProcess) => lines.filter(({ level }) => level === 'fatal')
const stopping = ({ lines }: ServerProcess) => lines.filter(({ msg }) => msg.startsWith('stopping'))

test.each([
  ['uncaughtException', THROWS],
  ['unhandledRejection', REJECTS],
])('%s: it is logged, requests in flight are answered, and the process ends with 1', async (fault, code) => {
  const settings = { ...(await migratedDatabase()), ...preload(code), SHUTDOWN_DELAY_MS: '600000' }
  const server = new ServerProcess(settings)
  const { finish } = await holdOpen(server, await server.adminKey())
  server.signal('SIGUSR2')
  await server.line(({ msg }) => msg.startsWith('stopping'))
  server.signal('SIGUSR2')
  await expect.poll(() => fatalLines(server)).toHaveLength(2)
  expect(await (await finish()).json()).toMatchObject(FIRST_KEY_VIEWER)
  expect(await server.ended).toBe(1)
  for (const line of fatalLines(server)) expect(line).toEqual({ ...FATAL, msg: expect.stringContaining(fault) })
  expect(stopping(server)).toHaveLength(1)
  expect(server.lines.at(-1)).toMatchObject({ msg: 'stopped' })
  expect(server.stderr).toBe('')
})

test('a fault that repeats does not keep the process alive', async () => {
  const server = new ServerProcess({ ...(await migratedDatabase()), ...preload(GOES_ON) })
  await server.url()
  server.signal('SIGUSR2')
  expect(await server.ended).toBe(1)
  expect(fatalLines(server)[0]).toMatchObject(FATAL)
  expect(server.lines.at(-1)).toMatchObject({ msg: 'stopped' })
})

test('a stop that hangs ends seconds after SHUTDOWN_TIMEOUT_MS', async () => {
  const server = new ServerProcess({ ...(await migratedDatabase()), ...preload(HANGS), SHUTDOWN_TIMEOUT_MS: '0' })
  await server.url()
  server.signal('SIGUSR2')
  expect(await server.ended).toBe(1)
  expect(server.lines.at(-1)).toMatchObject({ level: 'error', msg: 'not everything stopped in time: exiting' })
})

test('a fault during the delay after SIGTERM ends the delay', async () => {
  const settings = { ...(await migratedDatabase()), ...preload(THROWS_A_SECRET), SHUTDOWN_DELAY_MS: '600000' }
  const server = new ServerProcess(settings)
  await server.url()
  server.signal('SIGTERM')
  await server.line(({ msg }) => msg.startsWith('draining'))
  server.signal('SIGUSR2')
  expect(await server.ended).toBe(1)
  expect(fatalLines(server)).toMatchObject([{ err: { stack: expect.stringContaining('a value of type object') } }])
  expect(server.stdout + server.stderr).not.toContain('hunter2')
})

test('a fault before the server serves ends the start with 1', async () => {
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const server = new ServerProcess({ ...preload(THROWS), DATABASE_URL: `postgres://nobody@127.0.0.1:${port}/nothing` })
  const [connection] = (await once(silent, 'connection')) as [Socket]
  server.signal('SIGUSR2')
  expect(await server.ended).toBe(1)
  expect(server.lines).toMatchObject([FATAL])
  expect(server.stderr).toBe('')
  connection.destroy()
  silent.close()
})

describe.skipIf(inject('databaseKind') === 'pglite')('PROCESSES=2', () => {
  test('a worker with a fault is replaced, and a fault of the primary ends all processes in order', async () => {
    const server = new ServerProcess({ ...(await migratedDatabase()), ...preload(THROWS), PROCESSES: '2' })
    const key = await server.adminKey()
    const serving = () => server.lines.filter(({ msg }) => msg === 'a worker serves').map(({ worker }) => worker)
    const [victim, other] = serving()
    const held = [await holdOpen(server, key), await holdOpen(server, key)]
    process.kill(Number(victim), 'SIGUSR2')
    await server.line((line) => line['pid'] === victim && line.msg.startsWith('stopping'))
    for (const { finish } of held) expect(await (await finish()).json()).toMatchObject(FIRST_KEY_VIEWER)
    expect(await server.line((line) => line['exitCode'] === 1)).toMatchObject({ worker: victim })
    await expect.poll(serving, { timeout: 30_000 }).toHaveLength(3)
    const replacement = serving()[2]

    server.signal('SIGUSR2')
    expect(await server.ended).toBe(1)
    const stopped = server.lines.filter(({ msg }) => msg === 'stopped').map(({ pid }) => pid)
    expect(stopped.slice(0, 3).sort()).toEqual([victim, other, replacement].sort())
    expect(fatalLines(server).map(({ pid }) => pid)).toEqual([victim, stopped[3]])
    expect(server.stderr).toBe('')
  })
})

import { describe, expect, inject, test } from 'vitest'
import { Connection } from '../support/connection.ts'
import { FIRST_KEY_VIEWER, migratedDatabase, ServerProcess, useProcesses, VIEWER } from '../support/process.ts'

useProcesses()

const FOREVER = { SHUTDOWN_DELAY_MS: '600000' }

const statusOf = async (server: ServerProcess, path: string) => (await server.fetch(path)).status

const timeOf = async (server: ServerProcess, message: string) =>
  Date.parse(String((await server.line(({ msg }) => msg.startsWith(message)))['time']))

test('after SIGTERM /ready answers 503 while everything else is served, until SIGINT ends the delay', async () => {
  const server = new ServerProcess({ ...(await migratedDatabase()), ...FOREVER })
  const key = await server.adminKey()
  expect(await statusOf(server, '/ready')).toBe(200)
  server.signal('SIGTERM')
  await expect.poll(() => statusOf(server, '/ready')).toBe(503)
  expect(await statusOf(server, '/health')).toBe(200)
  expect((await server.ask(key, VIEWER)).body).toMatchObject(FIRST_KEY_VIEWER)
  server.signal('SIGINT')
  expect(await server.ended).toBe(0)
  expect(server.lines.at(-1)).toMatchObject({ msg: 'stopped' })
})

test('the server stops by itself once SHUTDOWN_DELAY_MS has passed', async () => {
  const server = new ServerProcess({ ...(await migratedDatabase()), SHUTDOWN_DELAY_MS: '1000' })
  await server.url()
  expect(await server.stop('SIGTERM')).toBe(0)
  expect((await timeOf(server, 'stopping')) - (await timeOf(server, 'draining'))).toBeGreaterThanOrEqual(990)
})

describe.skipIf(inject('databaseKind') === 'pglite')('PROCESSES=2', () => {
  const workersOf = (server: ServerProcess) =>
    server.lines.filter(({ msg }) => msg === 'a worker serves').map((line) => line['worker'])

  /** Which processes answered a request for this path with this status. */
  const processesOf = (server: ServerProcess, path: string, status: number) =>
    new Set(server.lines.filter((line) => line['path'] === path && line['status'] === status).map(({ pid }) => pid))

  test('every worker answers 503 to /ready and serves on, and none is killed before the delay has passed', async () => {
    // Longer than the primary waits for its workers beyond SHUTDOWN_TIMEOUT_MS.
    const delay = { SHUTDOWN_DELAY_MS: '8000', SHUTDOWN_TIMEOUT_MS: '0' }
    const server = new ServerProcess({ ...(await migratedDatabase()), ...delay, PROCESSES: '2' })
    const key = await server.adminKey()
    const url = await server.url()
    const workers = new Set(workersOf(server))
    server.signal('SIGTERM')
    for (const pid of workers) await server.line((line) => line['pid'] === pid && line.msg.startsWith('draining'))

    // Each is handed to the next worker.
    const connections = Array.from({ length: 4 }, () => new Connection(url))
    for (const connection of connections) {
      expect((await connection.fetch('/ready')).status).toBe(503)
      expect((await connection.fetch('/health')).status).toBe(200)
      expect((await connection.ask(key, VIEWER)).body).toMatchObject(FIRST_KEY_VIEWER)
      connection.close()
    }
    expect(processesOf(server, '/ready', 503)).toEqual(workers)
    expect(processesOf(server, '/graphql', 200)).toEqual(workers)
    expect(await server.ended).toBe(0)
    const stopped = server.lines.filter(({ msg }) => msg === 'stopped').map(({ pid }) => pid)
    expect(stopped).toHaveLength(3)
    expect(stopped).toEqual(expect.arrayContaining([...workers]))
  })

  test('SIGINT stops all of them without a delay', async () => {
    const server = new ServerProcess({ ...(await migratedDatabase()), ...FOREVER, PROCESSES: '2' })
    await server.url()
    expect(await server.stop('SIGINT')).toBe(0)
    expect(server.stdout).not.toContain('draining')
  })
})

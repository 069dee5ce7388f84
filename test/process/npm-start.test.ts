import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { constants } from 'node:os'
import { expect, test } from 'vitest'
import { migratedDatabase, ServerProcess, useProcesses } from '../support/process.ts'

useProcesses()

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s to npm start ends the server, and frees its port and its data directory',
  async (signal) => {
    const settings = await migratedDatabase()
    const server = new ServerProcess(settings, { throughNpm: true })
    const { port } = new URL(await server.url())
    server.signal(signal)
    expect(await server.ended).toBe(0)
    expect(server.lines.at(-1)).toMatchObject({ level: 'info', msg: 'stopped' })

    const next = new ServerProcess({ ...settings, PORT: port })
    expect((await next.fetch('/ready')).status).toBe(200)
    expect(await next.stop()).toBe(0)
  },
)

test('a signal ends a start at once, even as PID 1, for which signals have no default action', async () => {
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const server = new ServerProcess({ DATABASE_URL: `postgres://nobody@127.0.0.1:${port}/nothing` })
  const [connection] = (await once(silent, 'connection')) as [Socket]
  server.signal('SIGTERM')
  expect(await server.ended).toBe(128 + constants.signals.SIGTERM)
  expect(server.stdout + server.stderr).toBe('')
  connection.destroy()
  silent.close()
})

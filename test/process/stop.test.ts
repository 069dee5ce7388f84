import { once } from 'node:events'
import { expect, test } from 'vitest'
import { holdOpen, knock } from '../support/connection.ts'
import { FIRST_KEY_VIEWER, migratedDatabase, ServerProcess, useProcesses } from '../support/process.ts'

useProcesses()

test('SIGTERM lets a request in flight finish, refuses new ones, and ends with 0', async () => {
  const server = new ServerProcess(await migratedDatabase())
  const { finish } = await holdOpen(server, await server.adminKey())
  server.signal('SIGTERM')
  await server.line((line) => line.msg.startsWith('stopping'))
  await expect.poll(() => knock(server)).toBe('ECONNREFUSED')

  const response = await finish()
  expect(await response.json()).toEqual(FIRST_KEY_VIEWER)
  // So that a client that keeps connections does not send the next request into a closing one.
  expect(response.headers.get('connection')).toBe('close')
  expect(await server.ended).toBe(0)
  expect(server.lines.at(-1)).toMatchObject({ level: 'info', msg: 'stopped' })
  expect(server.stderr).toBe('')
})

test('a request that never finishes is cut off after SHUTDOWN_TIMEOUT_MS', async () => {
  const server = new ServerProcess({ ...(await migratedDatabase()), SHUTDOWN_TIMEOUT_MS: '50' })
  const { held } = await holdOpen(server, await server.adminKey())
  const cut = once(held, 'error')
  expect(await server.stop('SIGINT')).toBe(0)
  expect(await cut).toEqual([expect.objectContaining({ code: 'ECONNRESET' })])
})

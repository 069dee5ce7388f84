import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { FIRST_KEY_VIEWER, migratedDatabase, ServerProcess, useProcesses, VIEWER } from '../support/process.ts'

useProcesses()

const BODY = JSON.stringify({ query: VIEWER })

/** A request that the server has begun to read: half of its body is still to come. */
async function holdOpen(server: ServerProcess, key: string): Promise<ClientRequest> {
  const held = request(await server.url(), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'content-length': BODY.length,
      authorization: `Bearer ${key}`,
      // Answered as soon as the head was read: that is how this side knows.
      expect: '100-continue',
    },
  })
  held.flushHeaders()
  await once(held, 'continue')
  held.write(BODY.slice(0, 10))
  return held
}

test('SIGTERM lets a request in flight finish, refuses new ones, and ends with 0', async () => {
  const server = new ServerProcess(await migratedDatabase())
  const held = await holdOpen(server, await server.adminKey())
  server.signal('SIGTERM')
  await server.line((line) => line.msg.startsWith('stopping'))
  const knock = () =>
    server.fetch('/health').then(
      () => 'served',
      (error) => error.cause.code ?? error.cause.errors?.[0].code,
    )
  await expect.poll(knock).toBe('ECONNREFUSED')

  held.end(BODY.slice(10))
  const [response] = (await once(held, 'response')) as [IncomingMessage]
  expect(JSON.parse(await text(response))).toEqual(FIRST_KEY_VIEWER)
  // So that a client that keeps connections does not send the next request into a closing one.
  expect(response.headers.connection).toBe('close')
  expect(await server.ended).toBe(0)
  expect(server.lines.at(-1)).toMatchObject({ level: 'info', msg: 'stopped' })
  expect(server.stderr).toBe('')
})

test('a request that never finishes is cut off after SHUTDOWN_TIMEOUT_MS', async () => {
  const server = new ServerProcess({ ...(await migratedDatabase()), SHUTDOWN_TIMEOUT_MS: '50' })
  const held = await holdOpen(server, await server.adminKey())
  const cut = once(held, 'error')
  expect(await server.stop('SIGINT')).toBe(0)
  expect(await cut).toEqual([expect.objectContaining({ code: 'ECONNRESET' })])
})

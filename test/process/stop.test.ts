import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { Connection, holdOpen, knock } from '../support/connection.ts'
import { follow } from '../support/live.ts'
import { FIRST_KEY_VIEWER, migratedDatabase, ServerProcess, useProcesses } from '../support/process.ts'
import { useServices } from '../support/services.ts'

useProcesses()
const services = await useServices()

test('SIGTERM lets a request in flight finish, ends streams, refuses new requests, and ends with 0', async () => {
  const server = new ServerProcess(await migratedDatabase())
  const key = await server.adminKey()
  await server.ask(key, 'mutation { createTenant(input: { id: "acme", name: "Acme" }) { created } }')
  const FOLLOW = 'subscription { conversationsChanged { changes { kind } } }'
  const live = await follow(server, { key, tenantId: 'acme' }, FOLLOW)
  expect(await live.data()).toEqual({ conversationsChanged: { changes: [] } })
  const { finish } = await holdOpen(server, key)
  server.signal('SIGTERM')
  await server.line((line) => line.msg.startsWith('stopping'))
  await expect.poll(() => knock(server)).toBe('ECONNREFUSED')
  expect((await live.next())?.errors?.[0]?.extensions).toEqual({ code: 'SERVER_STOPPING' })
  expect(await live.next()).toBeNull()

  const response = await finish()
  expect(await response.json()).toMatchObject(FIRST_KEY_VIEWER)
  // So that a client that keeps connections does not send the next request into a closing one.
  expect(response.headers.get('connection')).toBe('close')
  expect(await server.ended).toBe(0)
  expect(server.lines.at(-1)).toMatchObject({ level: 'info', msg: 'stopped' })
  expect(server.stderr).toBe('')
})

test('a request that never finishes is cut off after SHUTDOWN_TIMEOUT_MS', async () => {
  const server = await services.start({ SHUTDOWN_TIMEOUT_MS: '50' })
  const { held } = await holdOpen(server, services.adminKey)
  const cut = once(held, 'error')
  await server.stop()
  expect(await cut).toEqual([expect.objectContaining({ code: 'ECONNRESET' })])
})

test('stopping closes idle connections at once, even those that were never used', async () => {
  const server = await services.start({ SHUTDOWN_TIMEOUT_MS: '600000' })
  const { port } = new URL(await server.url())
  const unused = connect(Number(port), '127.0.0.1')
  const closed = once(unused, 'close')
  // Connections are taken in turn: the server has the first one by now.
  const used = new Connection(await server.url())
  expect((await used.fetch('/health')).status).toBe(200)
  await server.stop()
  await closed
})

test('a request whose headers were under way is answered, and its connection closed', async () => {
  const server = await services.start({ SHUTDOWN_TIMEOUT_MS: '600000' })
  const { port } = new URL(await server.url())
  const socket = connect(Number(port), '127.0.0.1')
  socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\n')
  expect(await knock(server)).toBe('served')
  const stopped = server.stop()
  await expect.poll(() => knock(server)).toBe('ECONNREFUSED')
  socket.write('\r\n')
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n(.+\r\n)*connection: close\r\n/i)
  await stopped
})

test('what was refused just before the end is recorded all the same', async () => {
  const server = await services.start()
  const GENERATE = 'mutation { generateApiKey(input: { name: "reader", scopes: [CONVERSATIONS_READ] }) { secret } }'
  const { secret } = (await server.ask(GENERATE)).body.data.generateApiKey
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${secret}` }
  const body = JSON.stringify({ query: '{ tenants { totalCount } }' })
  for (let i = 0; i < 3; i++) await server.fetch('/graphql', { method: 'POST', headers, body })
  await server.stop()
  const again = await services.start()
  const EVENTS = '{ auditEvents(first: 100, filter: { outcomes: [REFUSED] }) { nodes { action details } } }'
  const { nodes } = (await again.ask(EVENTS)).body.data.auditEvents
  const counts = nodes.map(({ details }: { details: { suppressed?: number } }) => 1 + (details.suppressed ?? 0))
  expect(nodes.map(({ action }: { action: string }) => action)).toEqual(nodes.map(() => 'ACCOUNT_READ'))
  expect(counts.reduce((sum: number, count: number) => sum + count, 0)).toBe(3)
})

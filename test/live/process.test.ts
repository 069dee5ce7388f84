import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { expect, test } from 'vitest'
import { follow } from '../support/live.ts'
import { migratedDatabase, ServerProcess, useProcesses } from '../support/process.ts'

useProcesses()

const FOLLOW = 'subscription { conversationsChanged { changes { kind } } }'
const FIRST = { data: { conversationsChanged: { changes: [] } } }

async function startWithTenant(settings: Record<string, string> = {}) {
  const server = new ServerProcess({ ...(await migratedDatabase()), ...settings })
  const key = await server.adminKey()
  await server.ask(key, 'mutation { createTenant(input: { id: "acme", name: "Acme" }) { created } }')
  return { server, credential: { key, tenantId: 'acme' } }
}

test('SIGTERM ends open streams, and the process with 0', async () => {
  const { server, credential } = await startWithTenant()
  const live = await follow(server, credential, FOLLOW)
  expect(await live.next()).toEqual(FIRST)
  server.signal('SIGTERM')
  expect((await live.next())?.errors?.[0]?.extensions).toEqual({ code: 'SERVER_STOPPING' })
  expect(await live.next()).toBeNull()
  expect(await server.ended).toBe(0)
  expect(server.lines.at(-1)).toMatchObject({ level: 'info', msg: 'stopped' })
})

test('a page that is closed makes room at once', async () => {
  const { server, credential } = await startWithTenant({ MAX_SUBSCRIPTIONS_PER_TENANT: '1' })
  const url = new URL(await server.url())
  url.searchParams.set('query', FOLLOW)
  const headers = {
    accept: 'text/event-stream',
    authorization: `Bearer ${credential.key}`,
    'x-tenant-id': credential.tenantId,
  }
  const page = request(url, { headers })
  page.on('error', () => {})
  page.end()
  const [response] = (await once(page, 'response')) as [IncomingMessage]
  for await (const chunk of response) if (String(chunk).includes('data:')) break
  const first = async () => {
    const live = await follow(server, credential, FOLLOW)
    const answer = await live.next()
    await live.close()
    return answer?.errors?.[0]?.extensions.code ?? answer
  }
  // Leaving the loop above has destroyed the connection, as a closed page does.
  await expect.poll(first, { timeout: 10_000 }).toEqual(FIRST)
  await server.stop()
})

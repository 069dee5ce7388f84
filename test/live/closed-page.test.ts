import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { expect, test } from 'vitest'
import { follow } from '../support/live.ts'
import { useServices } from '../support/services.ts'

const FOLLOW = 'subscription { conversationsChanged { changes { kind } } }'
const FIRST = { data: { conversationsChanged: { changes: [] } } }

const { adminKey, start } = await useServices()

test('a page that is closed makes room at once', async () => {
  const server = await start({ MAX_SUBSCRIPTIONS_PER_TENANT: '1' })
  await server.ask('mutation { createTenant(input: { id: "acme", name: "Acme" }) { created } }')
  const url = new URL(await server.url())
  url.searchParams.set('query', FOLLOW)
  const headers = { accept: 'text/event-stream', authorization: `Bearer ${adminKey}`, 'x-tenant-id': 'acme' }
  const page = request(url, { headers })
  page.on('error', () => {})
  page.end()
  const [response] = (await once(page, 'response')) as [IncomingMessage]
  const another = async () => {
    const live = await follow(server, { key: adminKey, tenantId: 'acme' }, FOLLOW)
    const answer = await live.next()
    await live.close()
    return answer?.errors?.[0]?.extensions.code ?? answer
  }
  for await (const chunk of response) {
    if (!String(chunk).includes('data:')) continue
    expect(await another()).toBe('LIMIT_EXCEEDED')
    break
  }
  // Leaving the loop above has destroyed the connection, as a closed page does.
  await expect.poll(another, { timeout: 10_000 }).toEqual(FIRST)
})

import { expect, test } from 'vitest'
import { follow } from '../support/live.ts'
import { startTestServer } from '../support/server.ts'

const server = await startTestServer()

const headersOf = ({ headers }: { headers: Headers }) => [
  headers.get('x-accel-buffering'),
  headers.get('cache-control'),
]

test('an event stream tells proxies not to buffer it; other answers do not', async () => {
  const { key, asAccount } = await server.newTenant()
  const stream = await follow(server, { key }, 'subscription { conversationsChanged { changes { kind } } }')
  expect(headersOf(stream)).toEqual(['no', 'no-cache, no-transform'])
  expect(headersOf(await asAccount('{ viewer { name } }'))).toEqual([null, null])
})

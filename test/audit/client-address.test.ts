import { expect, test } from 'vitest'
import { type ListeningHere, useServices } from '../support/services.ts'

const { adminKey, start } = await useServices()

/** The address that a request with this header is recorded with. */
async function recordedAddress(server: ListeningHere, forwardedFor?: string): Promise<string | null> {
  await server.fetch('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${adminKey}`,
      ...(forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor }),
    },
    body: JSON.stringify({ query: 'mutation { rotateSigningKey { keyId } }' }),
  })
  const { body } = await server.ask('{ auditEvents(first: 1) { nodes { clientAddress } } }')
  return body.data.auditEvents.nodes[0].clientAddress
}

test('the address is the socket’s, whatever a client says', async () => {
  const server = await start()
  expect(await recordedAddress(server)).toBe('127.0.0.1')
  expect(await recordedAddress(server, '203.0.113.7')).toBe('127.0.0.1')
})

test('behind trusted proxies it is what the outermost of them saw, and never what a client claims before that', async () => {
  const server = await start({ TRUST_PROXY: '2' })
  expect(await recordedAddress(server, '198.51.100.1, 203.0.113.7, 10.0.0.2')).toBe('203.0.113.7')
  expect(await recordedAddress(server, '203.0.113.7,10.0.0.2')).toBe('203.0.113.7')
  expect(await recordedAddress(server, '2001:db8::1, 10.0.0.2')).toBe('2001:db8::1')
  expect(await recordedAddress(server, '::ffff:203.0.113.7, 10.0.0.2')).toBe('203.0.113.7')
  expect(await recordedAddress(server, 'fe80::1%eth0, 10.0.0.2')).toBe('fe80::1')
  expect(await recordedAddress(server, '2001:db8::1%10.1.1.1, 10.0.0.2')).toBe('2001:db8::1')
  // Fewer than there should be: the farthest that is known.
  expect(await recordedAddress(server, '10.0.0.2')).toBe('10.0.0.2')
  expect(await recordedAddress(server)).toBe('127.0.0.1')
  expect(await recordedAddress(server, '<script>, 10.0.0.2')).toBeNull()
})

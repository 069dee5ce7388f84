import { expect, test } from 'vitest'
import { Command, migratedDatabase, ServerProcess, type Settings, useProcesses } from '../support/process.ts'
import { type AuditEventShape, EVENT } from './events.ts'

useProcesses()

/** What only a process of its own has: a start, a command, a socket, and an end. */

async function eventsOf(server: ServerProcess, key: string): Promise<AuditEventShape[]> {
  const { body } = await server.ask(key, `{ auditEvents(first: 100) { nodes { ${EVENT} } } }`)
  if (body.errors) throw new Error(JSON.stringify(body.errors))
  return body.data.auditEvents.nodes
}

const ALL_SCOPES = '{ viewer { scopes } }'

test('the first key, made at the first start, and one that a command makes', async () => {
  const settings = await migratedDatabase()
  const first = new ServerProcess(settings)
  const key = await first.adminKey()
  await first.stop()
  const command = new Command('src/cli/admin-key.ts', settings, ['Found again'])
  await command.ended
  const again = new ServerProcess(settings)
  const { scopes } = (await again.ask(key, ALL_SCOPES)).body.data.viewer
  const made = (name: string, by: string) => ({
    id: expect.any(String),
    at: expect.any(String),
    actor: { kind: 'NONE', id: null, name: by, subject: null },
    tenantId: null,
    action: 'API_KEY_GENERATED',
    objectType: 'API_KEY',
    objectId: expect.stringMatching(/^key_/),
    outcome: 'DONE',
    errorCode: null,
    requestId: null,
    clientAddress: null,
    details: { name, scopes },
  })
  expect(await eventsOf(again, key)).toEqual([
    made('Found again', 'npm run admin-key'),
    made('First admin key', 'the first start'),
  ])
  await again.stop()
})

/** The address that a request with this header is recorded with. */
async function recordedAddress(server: ServerProcess, key: string, forwardedFor?: string): Promise<string | null> {
  await server.fetch('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${key}`,
      ...(forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor }),
    },
    body: JSON.stringify({ query: 'mutation { rotateSigningKey { keyId } }' }),
  })
  return (await eventsOf(server, key))[0]?.clientAddress ?? null
}

const SECRET: Settings = { SIGNING_KEY_SECRET: 'a secret for tests, of 32 characters or more' }

test('the address is the socket’s, whatever a client says', async () => {
  const server = new ServerProcess({ ...(await migratedDatabase()), ...SECRET })
  const key = await server.adminKey()
  expect(await recordedAddress(server, key)).toBe('127.0.0.1')
  expect(await recordedAddress(server, key, '203.0.113.7')).toBe('127.0.0.1')
  await server.stop()
})

test('behind trusted proxies it is what the outermost of them saw, and never what a client claims before that', async () => {
  const server = new ServerProcess({ ...(await migratedDatabase()), ...SECRET, TRUST_PROXY: '2' })
  const key = await server.adminKey()
  expect(await recordedAddress(server, key, '198.51.100.1, 203.0.113.7, 10.0.0.2')).toBe('203.0.113.7')
  expect(await recordedAddress(server, key, '203.0.113.7,10.0.0.2')).toBe('203.0.113.7')
  expect(await recordedAddress(server, key, '2001:db8::1, 10.0.0.2')).toBe('2001:db8::1')
  expect(await recordedAddress(server, key, '::ffff:203.0.113.7, 10.0.0.2')).toBe('203.0.113.7')
  // Fewer than there should be: the farthest that is known.
  expect(await recordedAddress(server, key, '10.0.0.2')).toBe('10.0.0.2')
  expect(await recordedAddress(server, key)).toBe('127.0.0.1')
  expect(await recordedAddress(server, key, '<script>, 10.0.0.2')).toBeNull()
  await server.stop()
})

test('what was refused just before the end is recorded all the same', async () => {
  const settings = await migratedDatabase()
  const server = new ServerProcess(settings)
  const key = await server.adminKey()
  const GENERATE = 'mutation { generateApiKey(input: { name: "reader", scopes: [CONVERSATIONS_READ] }) { secret } }'
  const { secret } = (await server.ask(key, GENERATE)).body.data.generateApiKey
  for (let i = 0; i < 3; i++) await server.ask(secret, '{ tenants { totalCount } }')
  expect(await server.stop()).toBe(0)
  const again = new ServerProcess(settings)
  const refused = (await eventsOf(again, key)).filter(({ action }) => action === 'ACCOUNT_READ')
  const recorded = refused.reduce((sum, { details }) => sum + 1 + Number(details['suppressed'] ?? 0), 0)
  expect(recorded).toBe(3)
  await again.stop()
})

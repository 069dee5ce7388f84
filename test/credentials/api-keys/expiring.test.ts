import { expect, test } from 'vitest'
import { ExpiringKeys } from '../../../src/jobs/expiring-keys.ts'
import { createLog } from '../../../src/log.ts'
import { startTestServer } from '../../support/server.ts'

const server = await startTestServer()
const logged: Record<string, unknown>[] = []
const job = new ExpiringKeys(
  server.database,
  createLog('info', { write: (line) => void logged.push(JSON.parse(line)) }),
)

const NOW = new Date('2040-01-01T00:00:00Z')
const newKey = (name: string, expiresAt: string, tenantId?: string) =>
  server.newKey({ name, scopes: ['ANALYTICS_READ'], expiresAt, ...(tenantId ? { tenantId } : {}) })

test('keys that expire within 14 days are logged, the first ones first, and no others', async () => {
  await job.runOnce(NOW)
  expect(logged).toEqual([])
  const { id: tenantId } = await server.newTenant()
  const last = await newKey('last', '2040-01-15T00:00:00Z', tenantId)
  const first = await newKey('first', '2040-01-01T00:00:00.001Z')
  await newKey('later', '2040-01-15T00:00:00.001Z')
  await newKey('expired', '2040-01-01T00:00:00Z')
  const { id: revoked } = await newKey('revoked', '2040-01-02T00:00:00Z')
  await server.admin('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id } } }', { id: revoked })
  await job.runOnce(NOW)
  expect(logged).toEqual([
    {
      level: 'warn',
      time: expect.any(String),
      count: 2,
      apiKeys: [
        { id: first.id, name: 'first', tenantId: null, expiresAt: '2040-01-01T00:00:00.001Z' },
        { id: last.id, name: 'last', tenantId, expiresAt: '2040-01-15T00:00:00.000Z' },
      ],
      msg: 'API keys expire within 14 days: replace them, or give them a later expiry with updateApiKey',
    },
  ])
})

test('the viewer sees when its credential expires', async () => {
  const viewer = async (key: string) => (await server.ask({ key }, '{ viewer { expiresAt } }')).data.viewer
  expect(await viewer(server.adminKey)).toEqual({ expiresAt: null })
  const expiring = await newKey('expiring', '2100-01-01T00:00:00Z')
  expect(await viewer(expiring.secret)).toEqual({ expiresAt: '2100-01-01T00:00:00.000Z' })
})

import { randomBytes, randomUUID } from 'node:crypto'
import { afterEach, expect, inject, test } from 'vitest'
import { SealedSecrets } from '../../../src/jobs/sealed-secrets.ts'
import { refusals, write } from '../../conversations/writes.ts'
import { type Answer, type Ask, serveTestDatabase, startTestServer, TENANT_SCOPES } from '../../support/server.ts'

/** A secret whose answer was lost is not: the same request with the same idempotency key gets it again. */

const server = await startTestServer()
const { admin } = server
afterEach(() => {
  server.clock.now = null
})

const SELECTION = 'secret apiKey { id name regeneratedAt }'
const newIdempotencyKey = () => randomBytes(32).toString('hex')
const generate = (input: object, ask: Ask = admin) =>
  write(ask, 'generateApiKey', { name: 'n', scopes: ['ANALYTICS_READ'], ...input }, SELECTION)
const regenerate = (input: object, ask: Ask = admin) => write(ask, 'regenerateApiKey', input, SELECTION)
const revoke = (id: string) => write(admin, 'revokeApiKey', { id }, 'apiKey { id }')
const update = (input: object) => write(admin, 'updateApiKey', input, 'apiKey { id }')
const isAccepted = async (key: string) => (await server.ask({ key }, '{ viewer { name } }')).errors === undefined

function dataOf({ data, errors }: Answer) {
  expect(errors).toBeUndefined()
  return data.generateApiKey ?? data.regenerateApiKey
}

const stored = async () => {
  // Otherwise keys that an earlier step saw refused would be recorded in between.
  await server.refusals.flush()
  const [keys] = await server.owner(
    `SELECT json_agg((to_jsonb(k) - 'last_used_at') ORDER BY id)::text AS keys,
      (SELECT count(*) FROM audit_events WHERE NOT details ? 'repeated')::int AS events FROM api_keys k`,
  )
  return keys
}

const CONFLICT = ['IDEMPOTENCY_CONFLICT input.idempotencyKey']

test.each([0, 60])(
  'a repeated regeneration with %i seconds of overlap gives the secret of the first',
  async (overlapSeconds) => {
    const { id, secret: before } = await server.newKey({ scopes: ['ANALYTICS_READ'] })
    const input = { id, overlapSeconds, idempotencyKey: newIdempotencyKey() }
    const first = dataOf(await regenerate(input))
    const after = await stored()
    for (let i = 0; i < 2; i += 1) expect(dataOf(await regenerate(input))).toEqual(first)
    expect(dataOf(await regenerate(Object.fromEntries(Object.entries(input).reverse())))).toEqual(first)
    expect(await stored()).toEqual(after)
    expect([await isAccepted(first.secret), await isAccepted(before)]).toEqual([true, overlapSeconds > 0])
  },
)

test('a repeated generation makes one key', async () => {
  const input = { note: 'a note', expiresAt: '2100-01-01T00:00:00+01:00', idempotencyKey: newIdempotencyKey() }
  const first = dataOf(await generate(input))
  const after = await stored()
  expect(dataOf(await generate({ ...input, expiresAt: '2099-12-31T23:00:00Z' }))).toEqual(first)
  expect(await stored()).toEqual(after)
  expect(await isAccepted(first.secret)).toBe(true)
  expect(dataOf(await generate({ ...input, idempotencyKey: newIdempotencyKey() })).apiKey.id).not.toBe(first.apiKey.id)
  expect(dataOf(await generate({ ...input, idempotencyKey: null })).apiKey.id).not.toBe(first.apiKey.id)
})

test('the audit log has each repetition', async () => {
  const eventsOf = async (objectId: string) => {
    const { data } = await admin('{ auditEvents(first: 20) { nodes { action objectId outcome details } } }')
    return data.auditEvents.nodes.filter((event: { objectId: string }) => event.objectId === objectId)
  }
  const input = { idempotencyKey: newIdempotencyKey() }
  const { apiKey } = dataOf(await generate(input))
  dataOf(await generate(input))
  const [again, first, ...others] = await eventsOf(apiKey.id)
  expect(first).toMatchObject({ action: 'API_KEY_GENERATED', outcome: 'DONE' })
  expect([again, others]).toEqual([{ ...first, details: { ...first.details, repeated: true } }, []])

  const renewal = { id: apiKey.id, idempotencyKey: newIdempotencyKey() }
  for (let i = 0; i < 3; i += 1) dataOf(await regenerate(renewal))
  const regenerated = { action: 'API_KEY_REGENERATED', objectId: apiKey.id, outcome: 'DONE' }
  const details = { name: 'n', overlapSeconds: 0 }
  expect((await eventsOf(apiKey.id)).slice(0, 3)).toEqual([
    { ...regenerated, details: { ...details, repeated: true } },
    { ...regenerated, details: { ...details, repeated: true } },
    { ...regenerated, details },
  ])
})

test('within one mutation too', async () => {
  const field = 'generateApiKey(input: { name: "n", scopes: [ANALYTICS_READ], idempotencyKey: $key }) { secret }'
  const { data } = await admin(`mutation ($key: String) { a: ${field} b: ${field} }`, { key: newIdempotencyKey() })
  expect(data.a).toEqual(data.b)
})

test('the same key with another input or mutation is refused, and changes nothing', async () => {
  const { id } = await server.newKey({ scopes: ['ANALYTICS_READ'] })
  const { id: other } = await server.newKey({ scopes: ['ANALYTICS_READ'] })
  const idempotencyKey = newIdempotencyKey()
  dataOf(await regenerate({ id, idempotencyKey }))
  const after = await stored()
  for (const input of [{ id: other }, { id, overlapSeconds: 1 }])
    expect(refusals(await regenerate({ ...input, idempotencyKey }))).toEqual(CONFLICT)
  expect(refusals(await generate({ idempotencyKey }))).toEqual(CONFLICT)
  expect(await stored()).toEqual(after)
})

test('each credential has its own: nobody gets a secret by the idempotency key of somebody else', async () => {
  const other = server.as({ key: (await server.newKey({ scopes: ['ADMIN', ...TENANT_SCOPES] })).secret })
  const idempotencyKey = newIdempotencyKey()
  const mine = dataOf(await generate({ idempotencyKey }))
  const theirs = dataOf(await generate({ idempotencyKey }, other))
  expect(theirs.apiKey.id).not.toBe(mine.apiKey.id)
  expect(theirs.secret).not.toBe(mine.secret)
})

test('for ten minutes, whether it was deleted by then or not; then the same request is a new one', async () => {
  server.clock.now = new Date('2040-01-01T00:00:00Z')
  const idempotencyKey = newIdempotencyKey()
  const first = dataOf(await generate({ idempotencyKey }))
  const job = new SealedSecrets(server.database)
  server.clock.now = new Date('2040-01-01T00:09:59.999Z')
  await job.runOnce(server.clock.now)
  expect(dataOf(await generate({ idempotencyKey }))).toEqual(first)
  server.clock.now = new Date('2040-01-01T00:10:00Z')
  const second = dataOf(await generate({ idempotencyKey }))
  expect(second.apiKey.id).not.toBe(first.apiKey.id)
  expect(dataOf(await generate({ idempotencyKey }))).toEqual(second)
  const count = async () => (await server.owner('SELECT count(*)::int AS count FROM sealed_secrets'))[0]?.['count']
  await job.runOnce(new Date('2040-01-01T00:19:59.999Z'))
  expect(await count()).toBe(1)
  await job.runOnce(new Date('2040-01-01T00:20:00Z'))
  expect(await count()).toBe(0)
})

test('a secret that is no longer accepted is not given again', async () => {
  const idempotencyKey = newIdempotencyKey()
  const { apiKey, secret } = dataOf(await generate({ idempotencyKey }))
  dataOf(await regenerate({ id: apiKey.id, overlapSeconds: 60 }))
  expect(dataOf(await generate({ idempotencyKey })).secret).toBe(secret)
  dataOf(await regenerate({ id: apiKey.id }))
  const again = await generate({ idempotencyKey })
  expect(again.errors?.[0]?.message).toBe(
    'input.idempotencyKey: was used for a secret that is no longer accepted. Use another one.',
  )
  expect(refusals(again)).toEqual(CONFLICT)

  const key = newIdempotencyKey()
  const revoked = dataOf(await generate({ idempotencyKey: key }))
  await revoke(revoked.apiKey.id)
  expect(refusals(await generate({ idempotencyKey: key }))).toEqual(CONFLICT)
})

test('a key that was given more rights since is not given to somebody who has fewer', async () => {
  const weak = await server.newKey({ scopes: ['ADMIN', 'ANALYTICS_READ'] })
  const asWeak = server.as({ key: weak.secret })
  const idempotencyKey = newIdempotencyKey()
  const { apiKey } = dataOf(await generate({ idempotencyKey }, asWeak))
  await update({ id: apiKey.id, scopes: ['ANALYTICS_READ', 'CONVERSATIONS_ERASE'] })
  expect(refusals(await generate({ idempotencyKey }, asWeak))).toEqual(['FORBIDDEN'])
})

test('a key that regenerates itself repeats that with its old secret, while it overlaps', async () => {
  const { id, secret: before } = await server.newKey({ scopes: ['ADMIN'] })
  const input = { id, overlapSeconds: 60, idempotencyKey: newIdempotencyKey() }
  const first = dataOf(await regenerate(input, server.as({ key: before })))
  for (const key of [before, first.secret]) expect(dataOf(await regenerate(input, server.as({ key })))).toEqual(first)
})

test('a request that was refused does not use up its key', async () => {
  const idempotencyKey = newIdempotencyKey()
  expect(refusals(await generate({ scopes: [], idempotencyKey }))).toEqual(['BAD_USER_INPUT input.scopes'])
  dataOf(await generate({ idempotencyKey }))
})

test.each([
  ['', 'BAD_USER_INPUT', 'has fewer than 32 characters'],
  ['x'.repeat(31), 'BAD_USER_INPUT', 'has fewer than 32 characters'],
  [randomUUID(), 'BAD_USER_INPUT', 'is a UUID, which has fewer than 128 random bits'],
  [randomUUID().toUpperCase(), 'BAD_USER_INPUT', 'is a UUID, which has fewer than 128 random bits'],
  [randomUUID().replaceAll('-', ''), 'BAD_USER_INPUT', 'is a UUID, which has fewer than 128 random bits'],
  ['0190b7a6c3d57E4f8a1b2c3d4e5f6071', 'BAD_USER_INPUT', 'is a UUID, which has fewer than 128 random bits'],
  ['x'.repeat(257), 'LIMIT_EXCEEDED', 'is longer than 256 characters'],
])('idempotency key %# is refused', async (idempotencyKey, code, message) => {
  const { id } = await server.newKey({ scopes: ['ANALYTICS_READ'] })
  for (const answer of [await generate({ idempotencyKey }), await regenerate({ id, idempotencyKey })]) {
    expect(refusals(answer)).toEqual([`${code} input.idempotencyKey`])
    expect(answer.errors?.[0]?.message).toContain(`input.idempotencyKey: ${message}`)
  }
})

test.each(['0190b7a6c3d50e4f8a1b2c3d4e5f6071', '0190b7a6c3d57e4fca1b2c3d4e5f6071', 'f'.repeat(32), '4'.repeat(48)])(
  '%s, which is no UUID, is accepted',
  async (idempotencyKey) => {
    dataOf(await generate({ idempotencyKey }))
  },
)

test('neither the secret nor the idempotency key is stored, logged or audited', async () => {
  const idempotencyKey = newIdempotencyKey()
  const { secret } = dataOf(await generate({ idempotencyKey }))
  const tables = await server.owner(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'`,
  )
  const rows = await Promise.all(
    tables.map(({ name }) => server.owner(`SELECT string_agg(to_jsonb(t)::text, '') AS rows FROM ${name} t`)),
  )
  const everything = JSON.stringify([rows, server.logged])
  expect(rows.flat().filter(({ rows: text }) => text !== null).length).toBeGreaterThan(3)
  for (const hidden of [secret.slice(30), idempotencyKey]) {
    for (const form of [hidden, Buffer.from(hidden).toString('base64url'), Buffer.from(hidden).toString('hex')])
      expect(everything).not.toContain(form)
  }
})

// The embedded database has one connection, so nothing happens at the same time.
test.skipIf(inject('databaseKind') === 'pglite')(
  'retries at the same time get one secret, from any process',
  async () => {
    const another = serveTestDatabase(server, server.adminKey)
    for (let round = 0; round < 5; round += 1) {
      const { id } = await server.newKey({ scopes: ['ANALYTICS_READ'] })
      const [one, two] = [newIdempotencyKey(), newIdempotencyKey()]
      const asks = [admin, another.admin, admin, another.admin]
      const generated = await Promise.all(asks.map((ask) => generate({ idempotencyKey: one }, ask)))
      expect(new Set(generated.map((answer) => dataOf(answer).secret)).size).toBe(1)
      const regenerated = await Promise.all(asks.map((ask) => regenerate({ id, idempotencyKey: two }, ask)))
      const secrets = new Set<string>(regenerated.map((answer) => dataOf(answer).secret))
      expect(secrets.size).toBe(1)
      for (const secret of secrets) expect(await isAccepted(secret)).toBe(true)
    }
  },
)

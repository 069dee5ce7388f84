import { expect, test } from 'vitest'
import { makeKey, newIssuerName, register, sign } from '../credentials/token-issuers/issuer.ts'
import { type Credential, codes, startTestServer, TENANT_SCOPES } from '../support/server.ts'
import { isStory } from '../support/story.ts'
import { type Attack, attack, dumpOf, isTenantField, requestsOf, secretsOf } from './attack.ts'
import { isAccountField } from './cases.ts'
import { plantAttacker, plantVictim } from './plant.ts'
import { rootFields } from './select-everything.ts'
import { send } from './send.ts'

isStory()

const server = await startTestServer({ maxQueryCost: 5_000_000 })
const victim = await plantVictim(server)
const attacker = await plantAttacker(server)
const dump = await dumpOf(server, victim.tenantId)

type Sight = Pick<Attack, 'fields' | 'brief'> & { secretsAre?: 'data' }

/** Runs an attack with a credential for its tenant, a fresh one each time: an attack leaves names behind. */
async function expectNothingSeen(
  credentialFor: (tenantId: string) => Promise<Credential>,
  { secretsAre, ...sight }: Sight = { brief: true },
) {
  const own = await plantAttacker(server)
  const secrets = secretsOf(secretsAre === 'data' ? dump.data : dump.data + dump.account)
  const credential = await credentialFor(own.tenantId)
  const attempts = await attack(server, { credential, other: victim, own, secrets, ...sight })
  expect(attempts.length).toBeGreaterThan(0)
  expect(attempts.filter(({ leaked }) => leaked.length > 0)).toEqual([])
  expect(await dumpOf(server, victim.tenantId)).toEqual(dump)
}

test.each(TENANT_SCOPES)('a tenant’s key that lacks %s sees nothing of another tenant', async (lacked) => {
  const scopes = TENANT_SCOPES.filter((scope) => scope !== lacked)
  // Filters are compiled by the scope INTERNALS_READ, and by no other.
  const sight = { brief: lacked !== 'INTERNALS_READ' }
  await expectNothingSeen(async (tenantId) => ({ key: (await server.newKey({ scopes, tenantId })).secret }), sight)
})

test('an account’s key that names one tenant sees nothing of another', async () => {
  const { secret } = await server.newKey({ scopes: TENANT_SCOPES })
  await expectNothingSeen(async (tenantId) => ({ key: secret, tenantId }))
})

test('an account’s key that names no tenant sees nothing of any', async () => {
  const { secret } = await server.newKey({ scopes: TENANT_SCOPES })
  await expectNothingSeen(async () => ({ key: secret }))
})

/** A token for a browser, with every scope that one can have. */
async function tokenFor(tenantId: string): Promise<string> {
  const answer = await server.ask(
    { key: server.adminKey, tenantId },
    'mutation ($input: CreateEmbedTokenInput!) { createEmbedToken(input: $input) { token } }',
    { input: { scopes: ['ANALYTICS_READ', 'CONVERSATIONS_READ', 'INTERNALS_READ'] } },
  )
  return answer.data.createEmbedToken.token
}

const issuer = { iss: newIssuerName(), key: await makeKey('key') }
await register(server, { issuer: issuer.iss, keys: [issuer.key.publicJwk] })

/** The same, signed by an issuer that an administrator registered. */
const issuerTokenFor = (tenantId: string) =>
  sign(issuer.key, { iss: issuer.iss, tenant: tenantId, scope: 'ANALYTICS_READ CONVERSATIONS_READ INTERNALS_READ' })

/** An administrator may read every tenant's name and keys, and change them: its own writes are left out here. */
const administrator: Sight = {
  fields: (field) => isTenantField(field) || field.startsWith('Query.'),
  secretsAre: 'data',
  brief: true,
}

test('an administrator who names one tenant sees no conversation of another', async () => {
  await expectNothingSeen(async (tenantId) => ({ key: server.adminKey, tenantId }), administrator)
})

test('an administrator who names no tenant sees no conversation of any', async () => {
  await expectNothingSeen(async () => ({ key: server.adminKey }), administrator)
})

/** One request for each root field. */
const oneEach = requestsOf({ other: victim, own: attacker }).filter(({ name, field }) => name === `${field} #0`)

const answersOf = (credential: Credential) =>
  Promise.all(oneEach.map(async ({ field, document }) => ({ field, ...(await send(server, credential, document)) })))

/** What every root field answers, but for the place in the document. */
async function expectOfEveryField(credential: Credential, expected: { status: number; code: string; reason?: string }) {
  const answers = await answersOf(credential)
  const told = answers.map(({ field, status, text }) => {
    const { data, errors } = JSON.parse(text)
    return { field, status, data: data ?? null, errors: errors.length, ...reasonOf(errors[0].extensions) }
  })
  expect(told).toEqual(
    [...rootFields.keys()].map((field) => ({ field, data: null, errors: 1, ...expected })).sort(byField(told)),
  )
}

const reasonOf = ({ code, reason }: { code: string; reason?: string }) => ({ code, ...(reason ? { reason } : {}) })

/** In the order of the answers: cases have their own. */
const byField = (order: { field: string }[]) => (a: { field: string }, b: { field: string }) =>
  order.findIndex(({ field }) => field === a.field) - order.findIndex(({ field }) => field === b.field)

test('no root field answers without a credential', async () => {
  await expectOfEveryField({}, { status: 401, code: 'UNAUTHENTICATED', reason: 'MISSING' })
})

test('no root field answers a revoked key', async () => {
  const key = await server.newKey({ scopes: TENANT_SCOPES, tenantId: attacker.tenantId })
  await server.admin('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id } } }', { id: key.id })
  await expectOfEveryField({ key: key.secret }, { status: 401, code: 'UNAUTHENTICATED', reason: 'REVOKED' })
})

test('no root field answers an expired key', async () => {
  const expiresAt = new Date(Date.now() + 60_000)
  const key = await server.newKey({
    ...{ scopes: TENANT_SCOPES, tenantId: attacker.tenantId },
    expiresAt: expiresAt.toISOString(),
  })
  server.clock.now = expiresAt
  await expectOfEveryField({ key: key.secret }, { status: 401, code: 'UNAUTHENTICATED', reason: 'EXPIRED' })
  server.clock.now = null
})

test('no root field answers a tenant’s credential that names another tenant, whether that one exists or not', async () => {
  for (const key of [attacker.secret, await tokenFor(attacker.tenantId), await issuerTokenFor(attacker.tenantId)]) {
    const named = { key, tenantId: victim.tenantId }
    await expectOfEveryField(named, { status: 200, code: 'FORBIDDEN' })
    expect(await answersOf(named)).toEqual(await answersOf({ ...named, tenantId: 'nobody' }))
  }
})

test('no root field of the account answers a key without ADMIN', async () => {
  const answers = (await answersOf({ key: attacker.secret })).filter(({ field }) => isAccountField(field))
  const codesOf = (text: string) =>
    JSON.parse(text).errors.map((error: { extensions: { code: string } }) => error.extensions.code)
  expect(answers.map(({ field, text }) => ({ field, codes: codesOf(text) }))).toEqual(
    answers.map(({ field }) => ({ field, codes: ['FORBIDDEN'] })),
  )
})

test('a tenant whose id is SQL, or another’s id in other letters, is a tenant of its own', async () => {
  const ids = [
    `';SET/**/ROLE/**/parley_admin;--`,
    `'||'${victim.tenantId}`,
    `\\';--`,
    victim.tenantId.toUpperCase(),
    `%`,
  ]
  for (const id of ids) {
    await server.admin('mutation ($input: CreateTenantInput!) { createTenant(input: $input) { created } }', {
      input: { id, name: 'A name' },
    })
    const { secret } = await server.newKey({ scopes: TENANT_SCOPES, tenantId: id })
    for (const credential of [{ key: secret }, { key: server.adminKey, tenantId: id }]) {
      const answer = await server.ask(
        credential,
        '{ viewer { tenant { id } } conversations { totalCount nodes { id } } agents { totalCount } metadataKeys { path } }',
      )
      expect(codes(answer)).toEqual([])
      expect(answer.data).toEqual({
        viewer: { tenant: { id } },
        conversations: { totalCount: 0, nodes: [] },
        agents: { totalCount: 0 },
        metadataKeys: [],
      })
    }
  }
})

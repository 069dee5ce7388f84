import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { attack, dumpOf, isRead, requestsOf, secretsOf, withoutIdentity } from './attack.ts'
import { isAccountField } from './cases.ts'
import { ghostOf, plantAttacker, plantVictim } from './plant.ts'

/** What analytics tell of a tenant holds none of its texts. */
const NUMBERS = /"(?:total|conversationCount|callCount|endUserCount)":[1-9]/

const server = await startTestServer({ maxQueryCost: 5_000_000 })
const victim = await plantVictim(server)
const { data, account } = await dumpOf(server, victim.tenantId)
const secrets = secretsOf(data + account)

test('a tenant sees nothing of another, changes nothing of it, and is answered as if it did not exist', {
  timeout: 120_000,
}, async () => {
  const ghost = ghostOf(victim)
  // Two attackers with the same data do the same, one to a tenant that exists, one to a tenant that never did.
  const [attacker, twin] = [await plantAttacker(server), await plantAttacker(server)]
  const real = { credential: { key: attacker.secret }, other: victim, own: attacker, secrets }
  const imagined = { credential: { key: twin.secret }, other: ghost, own: twin, secrets }
  server.logged.length = 0
  const [attempts, ghostAttempts] = [await attack(server, real), await attack(server, imagined)]

  expect(attempts.filter(({ leaked }) => leaked.length > 0)).toEqual([])
  expect(await dumpOf(server, victim.tenantId)).toEqual({ data, account })
  expect(withoutIdentity(attempts, real)).toEqual(withoutIdentity(ghostAttempts, imagined))
  expect(attempts.filter(({ text }) => text.includes('INTERNAL_SERVER_ERROR'))).toEqual([])
  // What is asked for with several arguments at once shows nothing where one of them fails.
  expect(attempts.filter(({ name, text }) => name.includes('>') && text.includes('"errors"'))).toEqual([])
  expect(secrets.filter((secret) => JSON.stringify(server.logged).includes(secret))).toEqual([])
})

test('every case asks for something: its own tenant is shown what another is not', { timeout: 120_000 }, async () => {
  const credential = { key: server.adminKey, tenantId: victim.tenantId }
  const asked = await attack(server, { credential, other: victim, own: victim, secrets, readsOnce: true })
  const malformed = asked.filter(({ text }) =>
    /"code":"(BAD_USER_INPUT|GRAPHQL_\w+|QUERY_TOO_COMPLEX|INTERNAL_\w+)"/.test(text),
  )
  expect(malformed).toEqual([])
  const reads = requestsOf({ other: victim, own: victim }).filter(({ field }) => isRead(field))
  // What belongs to the account holds no row of a tenant's that could show.
  const accountIds = ['AuditEvent', 'TokenIssuer'].map((type) => victim.nodeIds[type] ?? '')
  const idle = reads.filter(({ name, field, document }) => {
    const sent = JSON.stringify(document.variables)
    if (isAccountField(field) || accountIds.some((id) => sent.includes(id))) return false
    const attempt = asked.find((candidate) => candidate.name === name)
    return !attempt || (attempt.leaked.length === 0 && !NUMBERS.test(attempt.text))
  })
  expect(idle.map(({ name }) => name)).toEqual(['Query.limits #0', 'Query.availableSeries #0'])
})

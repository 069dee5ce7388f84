import { expect, test, vi } from 'vitest'
import type { PrismaClient } from '../../src/database/generated/client/client.ts'
import { startTestServer } from '../support/server.ts'
import { type Attempt, attack, dumpOf, isTenantField, secretsOf, withoutIdentity } from './attack.ts'
import { cases } from './cases.ts'
import { ghostOf, plantAttacker, plantVictim } from './plant.ts'
import { takeDownRowLevelSecurity, tenantsSeen } from './walls.ts'

// The application forgets the tenant in every query: Prisma's client is not narrowed, hand-written SQL not conditioned.
vi.mock('../../src/database/tenant-scope.ts', async (importOriginal) => {
  const { Prisma } = await import('../../src/database/generated/client/client.ts')
  return {
    ...(await importOriginal<object>()),
    scopeToTenant: (prisma: PrismaClient) => prisma,
    ownRows: () => Prisma.sql`TRUE`,
  }
})

const server = await startTestServer({ maxQueryCost: 5_000_000 })

/** `between`: once both have their rows, which are logged with row-level security on. */
async function attackTwice({ brief = false, between = async () => {} } = {}) {
  const victim = await plantVictim(server)
  const ghost = ghostOf(victim)
  const [attacker, twin] = [await plantAttacker(server), await plantAttacker(server)]
  await between()
  const seen = await tenantsSeen(server, attacker.tenantId)
  const before = await dumpOf(server, victim.tenantId)
  const secrets = secretsOf(before.data + before.account)
  const real = { credential: { key: attacker.secret }, other: victim, own: attacker, secrets, brief }
  const imagined = { credential: { key: twin.secret }, other: ghost, own: twin, secrets, brief }
  // The ghost's attacker first: the other may do harm here.
  const [ghostAttempts, attempts] = [await attack(server, imagined), await attack(server, real)]
  return {
    ...{ victim, attacker, seen, attempts, before, after: await dumpOf(server, victim.tenantId) },
    answers: withoutIdentity(attempts, real),
    ghostAnswers: withoutIdentity(ghostAttempts, imagined),
  }
}

test('without the application’s conditions, row-level security alone keeps tenants apart', {
  timeout: 120_000,
}, async () => {
  const { attacker, seen, attempts, before, after, answers, ghostAnswers } = await attackTwice()
  expect(seen).toEqual({ sql: [attacker.tenantId], prisma: [attacker.tenantId] })
  expect(attempts.filter(({ leaked }) => leaked.length > 0)).toEqual([])
  expect(after).toEqual(before)
  expect(answers).toEqual(ghostAnswers)
})

/** Where a tenant names no row but its own, so that there is nothing to give away. */
const NAMES_NO_OTHER = [
  // Looks up its idempotency key alone, by a table's key that begins with the tenant.
  'Mutation.createAgent',
  'Mutation.revokeEmbedTokens',
  'Query.availableSeries',
  'Query.limits',
  'Query.viewer',
]

test('with both walls down, every field gives the other tenant away: so the tests above could fail', {
  timeout: 120_000,
}, async () => {
  const { victim, seen, attempts, before, after, answers, ghostAnswers } = await attackTwice({
    // One request of a field that gives something away is enough.
    brief: true,
    between: () => takeDownRowLevelSecurity(server),
  })
  expect(seen.sql).toContain(victim.tenantId)
  expect(seen.prisma).toContain(victim.tenantId)
  expect(after).not.toEqual(before)
  // What one field gives away shifts the numbers of all ids behind it: those tell nothing of the next field.
  const unnumbered = (answer = '') => answer.replace(/<id \d+>/g, '<id>')
  const givesAway = ({ leaked }: Attempt, i: number) =>
    leaked.length > 0 || unnumbered(answers[i]) !== unnumbered(ghostAnswers[i])
  const fields = new Set(attempts.filter(givesAway).map(({ field }) => field))
  const silent = Object.keys(cases).filter((field) => isTenantField(field) && !fields.has(field))
  expect(silent.sort()).toEqual(NAMES_NO_OTHER)
})

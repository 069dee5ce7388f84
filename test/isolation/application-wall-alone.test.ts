import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'
import { attack, dumpOf, secretsOf, withoutIdentity } from './attack.ts'
import { ghostOf, plantAttacker, plantVictim } from './plant.ts'
import { takeDownRowLevelSecurity, tenantsSeen } from './walls.ts'

const server = await startTestServer({ maxQueryCost: 5_000_000 })
await takeDownRowLevelSecurity(server)
const victim = await plantVictim(server)
const ghost = ghostOf(victim)
const attacker = await plantAttacker(server)
const twin = await plantAttacker(server)

test('row-level security is really down: SQL without a condition sees every tenant, and Prisma still one', {
  timeout: 120_000,
}, async () => {
  const all = [victim, attacker, twin].map(({ tenantId }) => tenantId).sort()
  expect(await tenantsSeen(server, attacker.tenantId)).toEqual({ sql: all, prisma: [attacker.tenantId] })
})

test('without row-level security, the application alone keeps tenants apart', { timeout: 120_000 }, async () => {
  const before = await dumpOf(server, victim.tenantId)
  const secrets = secretsOf(before.data + before.account)
  const real = { credential: { key: attacker.secret }, other: victim, own: attacker, secrets }
  const imagined = { credential: { key: twin.secret }, other: ghost, own: twin, secrets }
  const [attempts, ghostAttempts] = [await attack(server, real), await attack(server, imagined)]
  expect(attempts.filter(({ leaked }) => leaked.length > 0)).toEqual([])
  expect(await dumpOf(server, victim.tenantId)).toEqual(before)
  expect(withoutIdentity(attempts, real)).toEqual(withoutIdentity(ghostAttempts, imagined))
})

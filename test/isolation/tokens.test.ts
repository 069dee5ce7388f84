import { expect, test } from 'vitest'
import { schema } from '../../src/schema/schema.ts'
import { makeKey, newIssuerName, register, sign } from '../credentials/token-issuers/issuer.ts'
import { startTestServer } from '../support/server.ts'
import { attack, dumpOf, scopeOf, secretsOf } from './attack.ts'
import { isAccountField } from './cases.ts'
import { mark, must, plantAttacker, plantVictim } from './plant.ts'
import { rootFields } from './select-everything.ts'

/** Tokens of every kind, whole and with each scope missing, against another tenant. They write nothing, so all share two tenants. */

const server = await startTestServer({ maxQueryCost: 5_000_000 })
const [victim, attacker] = [await plantVictim(server), await plantAttacker(server)]
const dump = await dumpOf(server, victim.tenantId)
const secrets = secretsOf(dump.data + dump.account)

const issuer = { iss: newIssuerName(), key: await makeKey('key') }
await register(server, { issuer: issuer.iss, keys: [issuer.key.publicJwk] })

const READS = ['ANALYTICS_READ', 'CONVERSATIONS_READ', 'INTERNALS_READ']
const METADATA = { customer: mark(attacker, 'open-customer') }
const END_USER = mark(attacker, 'open-end-user')

const own = async (input: object) => {
  const CREATE = 'mutation ($input: CreateEmbedTokenInput!) { createEmbedToken(input: $input) { token } }'
  return String((await must(attacker.ask, CREATE, { input })).createEmbedToken.token)
}
const issued = (claims: object) => sign(issuer.key, { iss: issuer.iss, tenant: attacker.tenantId, ...claims })

const KINDS: Record<string, (scopes: string[]) => Promise<string>> = {
  'a token': (scopes) => own({ scopes }),
  'a token locked to metadata': (scopes) => own({ scopes, metadata: METADATA }),
  'a token locked to an agent': (scopes) => own({ scopes, agents: [{ id: attacker.agentId }] }),
  'a token locked to an end user': (scopes) => own({ scopes, endUserIds: [END_USER] }),
  'an issuer’s token': (scopes) => issued({ scopes }),
  'an issuer’s token locked to all': (scopes) =>
    issued({
      ...{ scopes, parley_metadata: METADATA, parley_end_user_ids: [END_USER] },
      parley_agents: [mark(attacker, 'open-agent'), mark(victim, 'open-agent'), victim.agentId],
    }),
}

/** With each scope missing: the least and the most that decides what a token sees. */
const NARROWED = ['a token', 'an issuer’s token locked to all']
const cases = Object.keys(KINDS).flatMap((kind) =>
  [null, ...(NARROWED.includes(kind) ? READS : [])].map((lacked) => [kind, lacked] as const),
)

test.each(cases)(
  '%s without %s sees nothing of another tenant, and is answered by no field that takes more',
  {
    timeout: 60_000,
  },
  async (kind, lacked) => {
    const scopes = READS.filter((scope) => scope !== lacked)
    const credential = { key: (await KINDS[kind]?.(scopes)) ?? '' }
    const attempts = await attack(server, { credential, other: victim, own: attacker, secrets, brief: true })
    expect(attempts.filter(({ leaked }) => leaked.length > 0)).toEqual([])
    expect(new Set(attempts.map(({ field }) => field))).toEqual(new Set(rootFields.keys()))
    const refused = attempts.filter(({ text }) => {
      const { data, errors } = JSON.parse(text)
      return (
        Object.values(data ?? {}).every((value) => value === null) &&
        errors?.length === 1 &&
        errors[0].extensions.code === 'FORBIDDEN'
      )
    })
    const needsMore = attempts.filter(({ field }) => {
      const scope = scopeOf(field)
      return scope !== undefined && !scopes.includes(scope)
    })
    expect(needsMore.filter((attempt) => !refused.includes(attempt))).toEqual([])
    // `node` and `nodes` ask for more with an administrator's ids, a series with a measure of internals.
    const others = refused.filter((attempt) => !needsMore.includes(attempt)).map(({ name }) => name)
    const measures = lacked === 'INTERNALS_READ' ? ['Query.conversationSeries #0 (again)'] : []
    expect(others.filter((name) => !/^Query.nodes? /.test(name))).toEqual(measures)
    expect(await dumpOf(server, victim.tenantId)).toEqual(dump)
  },
)

test('what is asked by these tokens takes a scope: writing is for none, the account for none, reading for some', () => {
  const writes = Object.keys(schema.getMutationType()?.getFields() ?? {}).map((name) => `Mutation.${name}`)
  const scopes = [...rootFields.keys()].map((field) => [field, scopeOf(field)] as const)
  const taken = scopes.filter(([, scope]) => scope !== undefined && READS.includes(scope)).map(([field]) => field)
  expect(taken.filter((field) => writes.includes(field) || isAccountField(field))).toEqual([])
  const open = scopes.filter(([, scope]) => scope === undefined).map(([field]) => field)
  expect(open).toEqual(['Query.viewer', 'Query.limits', 'Query.node', 'Query.nodes'])
})

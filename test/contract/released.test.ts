import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  CONTRACT_FILE,
  type Contract,
  currentContract,
  mayBeWritten,
  RELEASED_SCHEMA_FILE,
} from '../../src/cli/released-contract.ts'
import { ERROR_CODES } from '../../src/errors.ts'
import { printedSchema } from '../../src/schema/schema.ts'
import { breakingChanges, problemsOf, type Version } from './breaking-changes.ts'

/** What others rely on is only broken in a new major version, and not without a word in the changelog. */

const ROOT = join(import.meta.dirname, '../..')
const released: Version = {
  contract: JSON.parse(readFileSync(CONTRACT_FILE, 'utf8')),
  schema: readFileSync(RELEASED_SCHEMA_FILE, 'utf8'),
}
const current: Version = { contract: currentContract(), schema: printedSchema() }

test('nothing of the released version is broken without a new major version and a line in the changelog', async () => {
  const changelog = readFileSync(join(ROOT, '.github/CHANGELOG.md'), 'utf8')
  expect(await problemsOf(released, current, changelog)).toEqual([])
})

describe('the gate', () => {
  const version = (number: string) => ({ ...current.contract, version: number })
  const one: Version = { contract: version('1.0.0'), schema: current.schema }
  const without = (text: string | RegExp, by = '') => {
    const schema = current.schema.replace(text, by)
    expect(schema).not.toBe(current.schema)
    return { ...one, schema }
  }
  const but = (changed: Partial<Contract>) => ({ ...one, contract: { ...one.contract, ...changed } })
  const { errorCodes, claims } = one.contract
  const { CONVERSATION_CLOSED, ...otherCodes } = errorCodes
  const CHANGELOG = '# Changes\n\n## Unreleased\n\n- Something.\n\n## 1.0.0\n\n- `Tenant.timeZone`.\n'

  test.each<[what: string, changed: () => Version, named: string]>([
    [
      'a field that is gone',
      () => without(/ {2}"""[^"]*"""\n {2}autoCreateTenants: Boolean!\n/),
      'ApiKey.autoCreateTenants',
    ],
    [
      'a field that may be null',
      () => without('  created: Boolean!', '  created: Boolean'),
      'CreateTenantPayload.created',
    ],
    [
      'an argument that is required',
      () => without('    groupBy: SeriesGroupBy\n', '    groupBy: SeriesGroupBy!\n'),
      'Query.conversationSeries.groupBy',
    ],
    [
      'an argument that is required, because it lost its default',
      () => without('    interval: SeriesInterval! = DAY\n', '    interval: SeriesInterval!\n'),
      'Query.conversationSeries.interval',
    ],
    [
      'another default of an argument',
      () => without('    weeks: Int! = 8\n', '    weeks: Int! = 9\n'),
      'Query.retention.weeks',
    ],
    [
      'a default of an argument that had none',
      () => without('    groupBy: SeriesGroupBy\n', '    groupBy: SeriesGroupBy = {}\n'),
      'Query.conversationSeries.groupBy',
    ],
    [
      'an input field that is required, because it lost its default',
      () => without('  timeZone: String! = "UTC"\n', '  timeZone: String!\n'),
      'CreateTenantInput.timeZone',
    ],
    [
      'another default of an input field',
      () => without('  tenantClaim: String! = "tenant"\n', '  tenantClaim: String! = "org"\n'),
      'RegisterTokenIssuerInput.tenantClaim',
    ],
    [
      'an input of which any number of fields may be given',
      () => without('input AgentBy @oneOf {', 'input AgentBy {'),
      'AgentBy @oneOf',
    ],
    [
      'an input of which one field may be given',
      () => without('input TimeRange {', 'input TimeRange @oneOf {'),
      'TimeRange @oneOf',
    ],
    [
      'a scalar that is written otherwise',
      () => without(/(?<=scalar DateTime @specifiedBy\(url: ")[^"]*/, 'https://example.com'),
      'DateTime @specifiedBy',
    ],
    [
      'a type without an interface',
      () => without('type Tenant implements Node {', 'type Tenant {'),
      'Tenant implements Node',
    ],
    ['an enum value that is gone', () => without('  """Email."""\n  EMAIL\n'), 'Channel.EMAIL'],
    ['an error code that is gone', () => but({ errorCodes: otherCodes }), 'CONVERSATION_CLOSED'],
    [
      'another HTTP status of an error code',
      () => but({ errorCodes: { ...errorCodes, FORBIDDEN: { status: 403, retry: 'no' } } }),
      'FORBIDDEN',
    ],
    [
      'an error code after which a request may not be sent again',
      () => but({ errorCodes: { ...errorCodes, RATE_LIMITED: { status: 429, retry: 'no' } } }),
      'RATE_LIMITED',
    ],
    ['a route that is gone', () => but({ routes: ['/graphql'] }), '/ready'],
    ['a claim that is gone', () => but({ claims: { ...claims, optional: ['sub'] } }), 'parley_metadata'],
    [
      'a claim that tokens must have',
      () => but({ claims: { ...claims, required: [...claims.required, 'jti'] } }),
      'jti',
    ],
    ['a setting that is gone', () => but({ settings: [] }), 'DATABASE_URL'],
  ])('notices %s', async (_what, change, named) => {
    const changed = change()
    const names = await breakingChanges(one, changed)
    const missing = names.map((name) => `the changelog does not name ${name} above 1.0.0`)
    expect(names).toContain(named)
    expect(await problemsOf(one, changed, CHANGELOG)).toEqual(['1.0.0 promised what 1.0.0 breaks', ...missing])
    const two = { ...changed, contract: { ...changed.contract, version: '2.0.0' } }
    expect(await problemsOf(one, two, CHANGELOG)).toEqual(missing)
    const said = CHANGELOG.replace('Something', names.map((name) => `\`${name}\``).join(', '))
    expect(await problemsOf(one, two, said)).toEqual([])
  })

  test('lets through what is added: fields, optional arguments, defaults of what was required, enum values, codes, claims', async () => {
    const more: Version = {
      contract: {
        ...version('1.1.0'),
        errorCodes: { ...errorCodes, NEW: { status: 200, retry: 'no' } },
        claims: { required: [], optional: [...claims.required, ...claims.optional, 'jti'] },
      },
      schema: without('  """Email."""\n  EMAIL\n', '  """Email."""\n  EMAIL\n  FAX\n')
        .schema.replace('    weeks: Int! = 8\n', '    weeks: Int! = 8\n    days: Int! = 1\n')
        .replace('    measures: [SeriesMeasure!]!\n', '    measures: [SeriesMeasure!]! = [CONVERSATIONS]\n'),
    }
    expect(more.schema).toContain('  FAX\n')
    expect(more.schema).toContain('days: Int! = 1')
    expect(more.schema).toContain('= [CONVERSATIONS]')
    expect(await problemsOf(one, more, CHANGELOG)).toEqual([])
  })

  test('wants a line above the section of the released version', async () => {
    const two = but({ errorCodes: otherCodes, version: '2.0.0' })
    const line = '- `CONVERSATION_CLOSED` is gone.\n'
    const problem = ['the changelog does not name CONVERSATION_CLOSED above 1.0.0']
    const problems = (changelog: string) => problemsOf(one, two, changelog)
    expect(await problems(`## 2.0.0\n\n${line}\n## 1.0.0\n`)).toEqual([])
    expect(await problems(`## Unreleased\n\n${line}\n## 1.0.0\n`)).toEqual([])
    expect(await problems(`## 2.0.0\n\n- Other.\n\n## 1.0.0\n\n${line}`)).toEqual(problem)
    expect(await problems(`${line}\n## 1.0.0\n`)).toEqual(problem)
    // Without the section of the released version, nothing is known to be above it.
    expect(await problems(`## 2.0.0\n\n${line}`)).toEqual(problem)
    // The section of a release candidate is not that of its version.
    expect(await problems(`## 1.0.0-rc.1\n\n${line}`)).toEqual(problem)
  })

  test.each([
    ['1.0.0-rc.1', '1.0.0-rc.1', true],
    ['1.0.0-rc.1', '1.0.0-rc.2', true],
    ['1.0.0-rc.1', '1.0.0', true],
    ['1.0.0', '1.0.1', false],
    ['1.0.0', '2.0.0-rc.1', true],
    // A candidate of a minor version has to keep what the versions before it promised.
    ['1.1.0-rc.1', '1.1.0', false],
  ])('of the contract of %s, %s may break something that a line names: %s', async (from, to, may) => {
    const before = { ...one, contract: version(from) }
    const routes = version(to).routes.filter((route) => route !== '/.well-known/jwks.json')
    const after = { ...one, contract: { ...version(to), routes } }
    const problems = (section: string) =>
      problemsOf(before, after, `## ${section}\n\n- \`/.well-known/jwks.json\`.\n\n## ${from}\n\n- Old.\n`)
    const promised = may ? [] : [`${from} promised what ${to} breaks`]
    expect(await problems('Unreleased')).toEqual(promised)
    if (from !== to) expect(await problems(to)).toEqual(promised)
    expect(await problemsOf(before, after, `## ${from}\n\n- \`/.well-known/jwks.json\`.\n`)).toEqual([
      ...promised,
      `the changelog does not name /.well-known/jwks.json above ${from}`,
    ])
  })
})

test.each([
  ['1.0.0-rc.1', '1.0.0-rc.1', true],
  ['1.0.0-rc.1', '1.0.0', true],
  ['1.0.0', '1.0.0', false],
  ['1.0.0', '1.1.0', true],
  ['1.1.0-rc.1', '1.1.0-rc.1', false],
])('over the contract of %s, that of %s may be written: %s', (released, current, may) => {
  expect(mayBeWritten(released, current)).toBe(may)
})

test('the contract has every claim that is read from the tokens of issuers', () => {
  expect(current.contract.claims).toEqual({
    required: ['TokenIssuer.tenantClaim', 'aud', 'exp', 'iat', 'iss'],
    optional: [
      'nbf',
      'parley_agents',
      'parley_documents',
      'parley_end_user_ids',
      'parley_metadata',
      'scope',
      'scopes',
      'sub',
    ],
  })
})

test('the page lists every error code, with its status and whether to try again', () => {
  const page = readFileSync(join(ROOT, 'src/http/README.md'), 'utf8')
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| (\d+) \| ([^|]+) \|/gm)].map(([, code, status, retry]) => [
    code,
    Number(status),
    retry,
  ])
  expect(rows).toEqual(Object.entries(ERROR_CODES).map(([code, { status, retry }]) => [code, status, retry]))
})

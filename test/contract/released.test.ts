import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { CONTRACT_FILE, currentContract, RELEASED_SCHEMA_FILE } from '../../src/cli/released-contract.ts'
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
  const without = (text: string | RegExp, by = '') => ({ ...one, schema: current.schema.replace(text, by) })
  const CHANGELOG = '# Changes\n\n## Unreleased\n\n- Something.\n\n## 1.0.0\n\n- `Tenant.timeZone`.\n'

  test.each<[what: string, changed: Version, named: string]>([
    ['a field that is gone', without(/ {2}"""[^"]*"""\n {2}autoCreateTenants: Boolean!\n/), 'ApiKey.autoCreateTenants'],
    ['a field that may be null', without('  created: Boolean!', '  created: Boolean'), 'CreateTenantPayload.created'],
    [
      'an argument that is required',
      without('    groupBy: SeriesGroupBy\n', '    groupBy: SeriesGroupBy!\n'),
      'Query.conversationSeries.groupBy',
    ],
    ['an enum value that is gone', without('  """Email."""\n  EMAIL\n'), 'Channel.EMAIL'],
    [
      'an error code that is gone',
      { ...one, contract: { ...one.contract, errorCodes: one.contract.errorCodes.slice(1) } },
      'BAD_USER_INPUT',
    ],
    ['a route that is gone', { ...one, contract: { ...one.contract, routes: ['/graphql'] } }, '/ready'],
    ['a claim that is gone', { ...one, contract: { ...one.contract, claims: [] } }, 'parley_metadata'],
    ['a setting that is gone', { ...one, contract: { ...one.contract, settings: [] } }, 'DATABASE_URL'],
  ])('notices %s', async (_what, changed, named) => {
    expect(await breakingChanges(one, changed)).toContain(named)
    expect(await problemsOf(one, changed, CHANGELOG)).toContain('1.0.0 promised what 1.0.0 breaks')
    expect(await problemsOf(one, changed, CHANGELOG)).toContain(`the changelog does not name ${named}`)
    const two = { ...changed, contract: { ...changed.contract, version: '2.0.0' } }
    const names = (await breakingChanges(one, two)).map((name) => `\`${name}\``).join(', ')
    expect(await problemsOf(one, two, CHANGELOG)).toContain(`the changelog does not name ${named}`)
    expect(await problemsOf(one, two, CHANGELOG.replace('Something', names))).toEqual([])
  })

  test('lets through what is added: fields, optional arguments, enum values, codes', async () => {
    const more = {
      contract: { ...version('1.1.0'), errorCodes: [...current.contract.errorCodes, 'NEW'] },
      schema: current.schema.replace('  """Email."""\n  EMAIL\n', '  """Email."""\n  EMAIL\n  FAX\n'),
    }
    expect(more.schema).not.toBe(current.schema)
    expect(await problemsOf(one, more, CHANGELOG)).toEqual([])
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

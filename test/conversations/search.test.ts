import { expect, test } from 'vitest'
import { codes, startTestServer } from '../support/server.ts'
import { fitting, list, log } from './conversations.ts'

const server = await startTestServer()

const said = (...contents: string[]) => ({ messages: contents.map((content) => ({ chat: { role: 'USER', content } })) })

test('words, phrases, alternatives and exclusions are found within one message', async () => {
  const { ask } = await server.newTenant()
  await log(ask, { externalId: 'red', ...said('The Red car, quickly!', 'and then') })
  await log(ask, { externalId: 'blue', ...said('the blue car') })
  await log(ask, { externalId: 'apart', ...said('red', 'car') })
  await log(ask, { externalId: 'words', ...said('Größe 42, Straße und 東京 — déjà vu') })
  await log(ask, { externalId: 'tool', messages: [{ tool: { name: 'car', thought: 'red car' } }] })
  const cases: [string, string[]][] = [
    ['car', ['apart', 'blue', 'red']],
    ['CAR', ['apart', 'blue', 'red']],
    ['car red', ['red']],
    ['"red car"', ['red']],
    ['"car red"', []],
    ['red or blue', ['apart', 'blue', 'red']],
    ['car -red', ['apart', 'blue']],
    ['car -"red car"', ['apart', 'blue']],
    ['quick', []],
    ['the', ['blue', 'red']],
    ['größe', ['words']],
    ['déjà', ['words']],
    ['東京', ['words']],
    ['42', ['words']],
  ]
  for (const [search, expected] of cases) expect(await fitting(ask, { search }), search).toEqual(expected)
  expect(await fitting(ask, { not: { search: 'car' } })).toEqual(['tool', 'words'])
  expect(await fitting(ask, { search: 'car', externalIds: ['blue', 'tool'] })).toEqual(['blue'])
})

test("another tenant's text is not found, whatever the query", async () => {
  const [mine, other] = [await server.newTenant(), await server.newTenant()]
  await log(other.ask, { externalId: 'other', ...said('confidential') })
  await log(mine.ask, { externalId: 'mine', ...said('hello') })
  for (const ask of [mine.ask, mine.asAccount]) {
    expect(await fitting(ask, { search: 'confidential' })).toEqual([])
    expect(await fitting(ask, { search: '-hello or confidential' })).toEqual([])
    expect(await fitting(ask, { not: { search: 'confidential' } })).toEqual(['mine'])
  }
})

test('no query makes an error, and none is read as SQL', async () => {
  const { ask } = await server.newTenant()
  await log(ask, { externalId: 'a', ...said("it's 100% a & b | c") })
  const hostile = [
    '"',
    '"""',
    "'",
    "''; DROP TABLE messages; --",
    '&',
    '|',
    '!',
    '!!a',
    '(',
    ')(',
    '<->',
    'a:*',
    'a <-> b',
  ]
  const more = [
    '\\',
    '\\\\',
    '-',
    '--',
    '- -',
    '-"',
    'or',
    'or or',
    '%',
    '_',
    ':',
    '*',
    '\n\t',
    '\u2212',
    'a'.repeat(9_000),
  ]
  for (const search of [...hostile, ...more]) expect(codes(await list(ask, { search })), search).toEqual([])
  expect(await fitting(ask, { search: "it's" })).toEqual(['a'])
  expect(await fitting(ask, { search: '100% & |' })).toEqual(['a'])
  expect(codes(await list(ask, { search: 'a'.repeat(10_001) }))).toEqual(['LIMIT_EXCEEDED'])
  expect(codes(await list(ask, { search: 'a\u0000' }))).toEqual(['BAD_USER_INPUT'])
})

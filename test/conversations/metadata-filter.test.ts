import { expect, test } from 'vitest'
import { codes, startTestServer } from '../support/server.ts'
import { fitting, list, log } from './conversations.ts'

const server = await startTestServer()

/** A tenant with a conversation for each entry: its name, and its metadata. */
async function tenantWith(all: Record<string, unknown>) {
  const { ask } = await server.newTenant()
  for (const [externalId, metadata] of Object.entries(all)) await log(ask, { externalId, metadata })
  return async (condition: object, path = ['k']) => fitting(ask, { metadata: [{ path, ...condition }] })
}

test('a value equals itself in its own type alone', async () => {
  const values = { number: 245, text: '245', yes: true, yesText: 'true', nothing: null, nothingText: 'null', empty: '' }
  const fits = await tenantWith({
    ...Object.fromEntries(Object.entries(values).map(([name, k]) => [name, { k }])),
    missing: {},
    list: { k: [245, '245', true, null] },
    object: { k: { a: 245 } },
  })
  for (const [name, eq] of Object.entries(values)) {
    expect(await fits({ eq })).toEqual([name])
    expect(await fits({ ne: eq })).not.toContain(name)
    expect(await fits({ ne: eq })).toHaveLength(9)
  }
  expect(await fits({ exists: true })).not.toContain('missing')
  expect(await fits({ exists: false })).toEqual(['missing'])
  expect(await fits({ in: [245, 'true', null] })).toEqual(['nothing', 'number', 'yesText'])
  expect(await fits({ in: [] })).toEqual([])
})

test('objects and arrays are equal as a whole', async () => {
  const fits = await tenantWith({
    object: { k: { a: 1, b: [2] } },
    more: { k: { a: 1, b: [2], c: null } },
    array: { k: [1, 2] },
    reversed: { k: [2, 1] },
    none: { k: [] },
    nothing: { k: {} },
  })
  expect(await fits({ eq: { b: [2], a: 1 } })).toEqual(['object'])
  expect(await fits({ eq: [1, 2] })).toEqual(['array'])
  expect(await fits({ eq: [] })).toEqual(['none'])
  expect(await fits({ eq: {} })).toEqual(['nothing'])
  expect(await fits({ ne: { a: 1, b: [2] } })).toEqual(['array', 'more', 'none', 'nothing', 'reversed'])
  expect(await fits({ in: [[2, 1], {}, 'x'] })).toEqual(['nothing', 'reversed'])
})

test('numbers sort as numbers', async () => {
  const numbers = [-1.5e-300, -245.5, -1, 0, 5e-324, 0.1, 0.25, 9, 10, 245, 9_007_199_254_740_991]
  const name = (number: number) => `n${numbers.indexOf(number)}`
  const fits = await tenantWith({
    ...Object.fromEntries(numbers.map((k) => [name(k), { k }])),
    text: { k: '5' },
    nothing: { k: null },
  })
  const where = (holds: (number: number) => boolean) => numbers.filter(holds).map(name).sort()
  for (const bound of numbers) {
    expect(await fits({ gt: bound })).toEqual(where((number) => number > bound))
    expect(await fits({ gte: bound })).toEqual(where((number) => number >= bound))
    expect(await fits({ lt: bound })).toEqual(where((number) => number < bound))
    expect(await fits({ lte: bound })).toEqual(where((number) => number <= bound))
  }
  expect(await fits({ gte: -1, lt: 0.25 })).toEqual(where((number) => number >= -1 && number < 0.25))
})

test('minus zero is zero', async () => {
  const { ask } = await server.newTenant()
  await ask(
    'mutation { logConversation(input: { externalId: "a", transcript: "User: hi", metadata: { k: -0.0 } }) { created } }',
  )
  await log(ask, { externalId: 'b', metadata: { k: 0 } })
  const { data } = await ask('{ conversations(filter: { metadata: [{ path: ["k"], eq: -0.0 }] }) { totalCount } }')
  expect(data.conversations.totalCount).toBe(2)
  expect(await fitting(ask, { metadata: [{ path: ['k'], gte: 0, lte: 0 }] })).toEqual(['a', 'b'])
  expect(await fitting(ask, { metadata: [{ path: ['k'], lt: 0 }] })).toEqual([])
})

test('a whole number that would lose digits is refused, stored or compared', async () => {
  const { ask } = await server.newTenant()
  await expect(log(ask, { metadata: { k: 1e300 } })).rejects.toThrow('beyond 2^53')
  expect(codes(await list(ask, { metadata: [{ path: ['k'], gt: 1e300 }] }))).toEqual(['BAD_USER_INPUT'])
})

test('strings sort by code point, whatever their length', async () => {
  const long = 'ä'.repeat(127)
  const texts = ['', 'A', 'a', 'a%', long, `${long}x`, `${long}xa`, `${long}xb`, `${long}y`, '\uffee', '𝄞', '𝄞𝄞']
  const name = (text: string) => `t${texts.indexOf(text)}`
  const fits = await tenantWith({ ...Object.fromEntries(texts.map((k) => [name(k), { k }])), number: { k: 1 } })
  const where = (holds: (order: number) => boolean, bound: string) =>
    texts
      .filter((text) => holds(Buffer.compare(Buffer.from(text), Buffer.from(bound))))
      .map(name)
      .sort()
  for (const bound of texts) {
    expect(await fits({ eq: bound })).toEqual([name(bound)])
    expect(await fits({ in: [bound, 1] })).toEqual(['number', name(bound)])
    expect(await fits({ gt: bound })).toEqual(where((order) => order > 0, bound))
    expect(await fits({ lte: bound })).toEqual(where((order) => order <= 0, bound))
    expect(await fits({ startsWith: bound })).toEqual(
      texts
        .filter((text) => text.startsWith(bound))
        .map(name)
        .sort(),
    )
  }
})

test('a prefix is text, not a pattern, and ends at the last character there is', async () => {
  const fits = await tenantWith({
    percent: { k: '%a' },
    under: { k: '_a' },
    last: { k: 'z\u{10ffff}\u{10ffff}!' },
    surrogates: { k: '\ud7ff\u{10ffff}' },
    behind: { k: '\ue000' },
    array: { k: ['%a'] },
  })
  expect(await fits({ startsWith: '%' })).toEqual(['percent'])
  expect(await fits({ startsWith: '_' })).toEqual(['under'])
  expect(await fits({ startsWith: 'z' })).toEqual(['last'])
  expect(await fits({ startsWith: 'z\u{10ffff}' })).toEqual(['last'])
  expect(await fits({ startsWith: '\ud7ff' })).toEqual(['surrogates'])
  expect(await fits({ startsWith: '' })).toEqual(['behind', 'last', 'percent', 'surrogates', 'under'])
})

test('a path leads through objects, by keys of any characters', async () => {
  const keys = [
    'a/b',
    'a~1b',
    '~0',
    '"',
    "'; DROP TABLE conversations; --",
    '%',
    'x.y',
    '',
    '0',
    'größe',
    '𝄞',
    'toString',
  ]
  const names = keys.map((_, i) => `c${String(i).padStart(2, '0')}`)
  const fits = await tenantWith({
    ...Object.fromEntries(keys.map((key, i) => [names[i], { [key]: { [key]: 1 } }])),
    nested: { a: { b: 1 }, list: [{ b: 1 }], '1': 'x' },
  })
  for (const [i, key] of keys.entries()) {
    expect(await fits({ eq: 1 }, [key, key])).toEqual([names[i]])
    expect(await fits({ exists: true }, [key])).toEqual([names[i]])
    expect(await fits({ eq: 1 }, [key])).toEqual([])
  }
  expect(await fits({ exists: true }, ['a', 'b'])).toEqual(['nested'])
  expect(await fits({ exists: true }, ['list', '0'])).toEqual([])
  expect(await fits({ exists: true }, ['list', '0', 'b'])).toEqual([])
  expect(await fits({ exists: true }, ['a', 'b', 'c'])).toEqual([])
})

test('an array contains its elements; objects and arrays contain their parts', async () => {
  const long = 'l'.repeat(130)
  const fits = await tenantWith({
    scalars: { k: ['a', 1, true, null, `${long}x`] },
    objects: { k: [{ a: 1, b: 2 }, [7]] },
    object: { k: { a: 1, b: { c: [1, 2] } } },
    scalar: { k: 'a' },
    other: { k: ['A', '1', 'true', 'null', 0, `${long}y`] },
  })
  const cases: [unknown, string[]][] = [
    ['a', ['scalars']],
    [1, ['scalars']],
    ['1', ['other']],
    [true, ['scalars']],
    [null, ['scalars']],
    [`${long}x`, ['scalars']],
    [long, []],
    [['a', null], ['scalars']],
    [[], ['objects', 'other', 'scalars']],
    [{ a: 1 }, ['object', 'objects']],
    [{ a: 1, b: 2 }, ['objects']],
    [[{ b: 2 }], ['objects']],
    [[7], ['objects']],
    [{ b: { c: [2] } }, ['object']],
    [{}, ['object', 'objects']],
    [{ a: '1' }, []],
  ]
  for (const [contains, expected] of cases) expect(await fits({ contains }), JSON.stringify(contains)).toEqual(expected)
})

test('all conditions at one path must hold, and all paths', async () => {
  const { ask } = await server.newTenant()
  await log(ask, { externalId: 'a', metadata: { n: 5, s: 'x' } })
  await log(ask, { externalId: 'b', metadata: { n: 7, s: 'x' } })
  const s = { path: ['s'], eq: 'x' }
  expect(await fitting(ask, { metadata: [{ path: ['n'], gt: 4, lt: 6, ne: 4 }, s] })).toEqual(['a'])
  expect(await fitting(ask, { metadata: [{ path: ['n'], gt: 4, lt: 6, in: [7] }, s] })).toEqual([])
})

test('hundreds of long or nested values fit into one filter', async () => {
  const fits = await tenantWith({ a: { k: { i: 3 } }, b: { k: 'x'.repeat(200) }, c: { k: 1 } })
  const many = Array.from({ length: 498 }, (_, i) => (i % 2 ? { i: i + 10 } : 'x'.repeat(201 + i)))
  expect(await fits({ in: [...many, { i: 3 }, 'x'.repeat(200)] })).toEqual(['a', 'b'])
})

test('a condition that says nothing, or what can not be compared, is refused with its place', async () => {
  const { ask } = await server.newTenant()
  const refused = async (condition: object) => {
    const { extensions } = (await list(ask, { or: [{ metadata: [condition] }] })).errors?.[0] ?? {}
    return [extensions?.code, extensions?.['inputPath']]
  }
  const place = 'filter.or[0].metadata[0]'
  expect(await refused({ path: ['k'] })).toEqual(['BAD_USER_INPUT', place])
  expect(await refused({ path: ['k'], gt: null, exists: null })).toEqual(['BAD_USER_INPUT', place])
  expect(await refused({ path: [], eq: 1 })).toEqual(['BAD_USER_INPUT', `${place}.path`])
  for (const lte of [true, [1], { a: 1 }])
    expect(await refused({ path: ['k'], lte })).toEqual(['BAD_USER_INPUT', `${place}.lte`])
  expect(await refused({ path: ['k'], in: Array.from({ length: 1_001 }, () => 1) })).toEqual([
    'LIMIT_EXCEEDED',
    `${place}.in`,
  ])
})

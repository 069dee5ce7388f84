import { expect, test } from 'vitest'
import { refusals, said } from '../conversations/writes.ts'
import { followChanges } from '../live/changes.ts'
import { log } from '../live/conversations.ts'
import { codes, serveTestDatabase, startTestServer } from '../support/server.ts'

const server = await startTestServer()
const uncompiled = serveTestDatabase(server, server.adminKey, { compilesReads: false })
const tenant = await server.newTenant()
const neighbour = await server.newTenant()
await log(tenant.ask, { externalId: 'a', metadata: { list: [{ a: 1 }] } })

const many = <Item>(count: number, item: (i: number) => Item) => Array.from({ length: count }, (_, i) => item(i))
const words = (count: number) => many(count, (i) => `w${i}`).join(' ')
const tests = (count: number) => many(count, () => ({ isTest: true }))
const path = (keys: number) => many(keys, (i) => `k${i}`)

const LIST = 'query ($filter: ConversationFilter) { conversations(filter: $filter) { nodes { id } } }'

/**
 * The errors of a request whose fields are refused, which are the same from the server that compiles reads and the one
 * that doesn't.
 */
async function refused(document: string, variables?: Record<string, unknown>) {
  const answers = [
    await tenant.ask(document, variables),
    await uncompiled.ask({ key: tenant.key }, document, variables),
  ] as const
  // Neither keeps the server from answering others.
  expect((await neighbour.ask('{ viewer { name } }')).errors).toBeUndefined()
  for (const { data, status, errors } of answers) {
    expect(status).toBe(200)
    for (const { path = [], ...error } of errors ?? []) {
      expect(data[path[0] as string]).toBeNull()
      expect(JSON.stringify(error).length).toBeLessThan(1_000)
    }
  }
  expect(refusals(answers[1])).toEqual(refusals(answers[0]))
  return refusals(answers[0])
}

test.each<[string, object, string]>([
  ['words', { search: words(33) }, 'filter.search'],
  ['unclosed phrases', { search: '"a '.repeat(3_300) }, 'filter.search'],
  ['words split by punctuation', { search: 'a,b.c/d_e-'.repeat(7) }, 'filter.search'],
  ['symbols that PostgreSQL takes for letters', { search: 'Ⓐ '.repeat(33) }, 'filter.search'],
  ['such symbols in a phrase', { search: `"${'🄰 '.repeat(33)}"` }, 'filter.search'],
  ['a search of dashes', { search: `${'-'.repeat(100)}a` }, 'filter.search'],
  ['dashes with spaces and quotes', { search: `${'- -" '.repeat(40)}a` }, 'filter.search'],
  ['a list', { labels: path(501) }, 'filter.labels'],
  ['a list of enums', { channels: many(501, () => 'CHAT') }, 'filter.channels'],
  ['a list of JSON', { metadata: [{ path: ['a'], in: path(501) }] }, 'filter.metadata[0].in'],
  ['a path', { metadata: [{ path: path(33), exists: true }] }, 'filter.metadata[0].path'],
  [
    'a path in nested filters',
    { not: { or: [{ metadata: [{ path: path(33), eq: 1 }] }] } },
    'filter.not.or[0].metadata[0].path',
  ],
  ['conditions', { and: tests(101) }, 'filter'],
  ['filters without conditions', { or: many(101, () => ({})) }, 'filter'],
  ['conditions at all depths', { not: { and: tests(50), or: tests(50), isTest: true } }, 'filter'],
  ['bounds', { and: many(26, () => ({ sentiment: { gt: 0, gte: 0, lt: 1, lte: 1 } })) }, 'filter'],
  ['operators', { metadata: many(51, () => ({ path: ['a'], gt: 1, lt: 2 })) }, 'filter'],
  ['searches', { and: many(4, () => ({ search: words(26) })) }, 'filter'],
  ['objects', { metadata: [{ path: ['list'], contains: many(20_000, () => ({})) }] }, 'filter.metadata[0].contains'],
  ['a text', { metadata: [{ path: ['list'], eq: 'x'.repeat(8_191) }] }, 'filter.metadata[0].eq'],
  ['a text with two bytes per letter', { metadata: [{ path: ['a'], ne: 'é'.repeat(4_096) }] }, 'filter.metadata[0].ne'],
  ['objects in parts', { metadata: many(9, () => ({ path: ['a'], contains: path(200) })) }, 'filter'],
  ['objects in a list', { metadata: [{ path: ['a'], in: many(499, () => ({ key: 'x'.repeat(10) })) }] }, 'filter'],
  ['a prefix', { metadata: [{ path: ['a'], startsWith: 'x'.repeat(10_001) }] }, 'filter.metadata[0].startsWith'],
])('%s: a filter beyond the limit is refused', async (_what, filter, inputPath) => {
  expect(await refused(LIST, { filter })).toEqual([`LIMIT_EXCEEDED ${inputPath}`])
})

test.each<[string, object]>([
  ['words', { search: words(32) }],
  ['negated words', { search: many(32, (i) => `-w${i}`).join(' ') }],
  ['phrases', { search: many(16, (i) => `"v${i} w${i}"`).join(' ') }],
  ['dashes', { search: `${'-'.repeat(32)}a` }],
  ['a list', { labels: path(500), metadata: [{ path: path(32), in: many(500, (i) => `value number ${i}`) }] }],
  ['conditions', { and: tests(100) }],
  ['objects', { metadata: [{ path: ['list'], contains: many(2_000, () => ({})) }] }],
])('%s: a filter at the limit is answered', async (_what, filter) => {
  expect(await refused(LIST, { filter })).toEqual([])
})

test('values count wherever they are: in the document, in defaults of variables, in a list of one', async () => {
  const filter = `{ metadata: { path: [${path(33).map((key) => `"${key}"`)}], exists: true } }`
  const expected = ['LIMIT_EXCEEDED filter.metadata[0].path']
  expect(await refused(`{ conversations(filter: ${filter}) { nodes { id } } }`)).toEqual(expected)
  expect(
    await refused(`query ($f: ConversationFilter = ${filter}) { conversations(filter: $f) { nodes { id } } }`),
  ).toEqual(expected)
  const inPart =
    'query ($p: [String!]!) { conversations(filter: { metadata: { path: $p, exists: true } }) { nodes { id } } }'
  expect(await refused(inPart, { p: path(33) })).toEqual(expected)
  expect(await refused(inPart, { p: path(32) })).toEqual([])
  const inFragment =
    'query ($f: ConversationFilter) { ...F } fragment F on Query { conversations(filter: $f) { nodes { id } } }'
  expect(await refused(inFragment, { f: { search: words(33) } })).toEqual(['LIMIT_EXCEEDED filter.search'])
  const skipped = 'query ($f: ConversationFilter) { conversations(filter: $f) @skip(if: false) { nodes { id } } }'
  expect(await refused(skipped, { f: { search: words(33) } })).toEqual(['LIMIT_EXCEEDED filter.search'])
})

test('the conditions of all fields count together, and those beyond the limit are refused', async () => {
  const lists = (count: number) =>
    `query ($filter: ConversationFilter) { ${many(count, (i) => `a${i}: conversations(first: 1, filter: $filter) { nodes { id } }`).join(' ')} }`
  expect(await refused(lists(50), { filter: { and: tests(49) } })).toEqual(Array(48).fill('LIMIT_EXCEEDED filter'))
  expect(await refused(lists(2), { filter: { and: tests(51) } })).toEqual(['LIMIT_EXCEEDED filter'])
  expect(await refused(lists(2), { filter: { and: tests(50) } })).toEqual([])
  const spread = `query ($filter: ConversationFilter) { ${many(3, (i) => `a${i}: agents { nodes { ...A } }`).join(' ')} }
    fragment A on Agent { totals(filter: $filter) { conversationCount } }`
  expect(await refused(spread, { filter: { and: tests(34) } })).toEqual(['LIMIT_EXCEEDED filter'])
  expect(await refused(spread, { filter: { and: tests(33) } })).toEqual([])
})

const FOUND =
  'query ($filter: ConversationFilter) { conversations(first: 100, filter: $filter) { nodes { externalId } } }'

test('conditions are part of what a query costs', async () => {
  const strict = await startTestServer({ maxQueryCost: 5_000 })
  const { ask } = await strict.newTenant()
  const lists = (count: number) =>
    `query ($filter: ConversationFilter) { ${many(count, (i) => `a${i}: conversations(first: 1, filter: $filter) { nodes { id } }`).join(' ')} }`
  expect(codes(await ask(lists(4), { filter: { and: tests(4) } }))).toEqual([])
  const { errors } = await ask(lists(5), { filter: { and: tests(4) } })
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'QUERY_TOO_COMPLEX', limitName: 'maxCost', limit: 5_000 })
})

test('groups by metadata have a path of 32 keys at most', async () => {
  const SERIES = `query ($path: [String!]) { conversationSeries(measures: CONVERSATIONS, groupBy: { metadataPath: $path }) { lines { group { label } } } }`
  for (const keys of [33, 5_000]) {
    expect(await refused(SERIES, { path: path(keys) })).toEqual(['LIMIT_EXCEEDED groupBy.metadataPath'])
  }
  expect(await refused(SERIES, { path: path(32) })).toEqual([])
})

test('a filter that is refused for a list is refused for a subscription', async () => {
  const { key } = tenant
  const live = await followChanges(server, { key }, { filter: { search: words(33) } })
  expect(await live.next()).toMatchObject({
    errors: [{ extensions: { code: 'LIMIT_EXCEEDED', inputPath: 'filter.search' } }],
  })
})

test('of many conditions on other tables, only a few become joins, which take long to plan, and all of them apply', async () => {
  const { ask } = await server.newTenant()
  const keys = path(20)
  const metadata = Object.fromEntries(keys.map((key) => [key, 1]))
  for (const missing of [null, ...keys]) {
    await log(ask, { externalId: missing ?? 'all', metadata: { ...metadata, ...(missing ? { [missing]: 2 } : {}) } })
  }
  const found = async (filter: object) => {
    server.statements()
    const { data } = await ask(FOUND, { filter })
    const [joins = 0] = server.statements().flatMap((sql) => {
      const conditions = sql.match(/c\.id IN \(/g)?.length
      return conditions ? [conditions - (sql.match(/ IS TRUE\)/g)?.length ?? 0)] : []
    })
    return { joins, found: data.conversations.nodes.map((node: { externalId: string }) => node.externalId).sort() }
  }
  const equal = { metadata: keys.map((key) => ({ path: [key], eq: 1 })) }
  expect(await found(equal)).toEqual({ joins: 8, found: ['all'] })
  expect(await found({ not: equal })).toEqual({ joins: 8, found: keys.toSorted() })
  expect(await found({ metadata: keys.map((key) => ({ path: [key], ne: 2 })) })).toEqual({ joins: 8, found: ['all'] })
  expect(await found({ metadata: [{ path: ['k19'], eq: 2 }] })).toEqual({ joins: 1, found: ['k19'] })
})

test('a search among many conditions, or among others, becomes no join: it would be run for each row', async () => {
  const { ask } = await server.newTenant()
  await log(ask, { externalId: 'found', messages: [said('a blue whale')], metadata: { a: 1 } })
  await log(ask, { externalId: 'without', messages: [said('a blue bird')], metadata: { a: 1 } })
  const joins = async (filter: object) => {
    server.statements()
    const { data } = await ask(FOUND, { filter })
    expect(data.conversations.nodes).toEqual([{ externalId: 'found' }])
    const sql = server.statements().find((one) => one.includes('search_messages')) ?? ''
    return (
      (sql.match(/search_messages/g)?.length ?? 0) - (sql.match(/search_messages\([^)]*\)\) IS TRUE/g)?.length ?? 0)
    )
  }
  const equal = (count: number) => Array.from({ length: count }, () => ({ path: ['a'], eq: 1 }))
  expect(await joins({ search: 'whale' })).toBe(1)
  expect(await joins({ search: 'whale', metadata: equal(4) })).toBe(1)
  expect(await joins({ search: 'whale', metadata: equal(5) })).toBe(0)
  expect(await joins({ search: 'whale', and: Array.from({ length: 5 }, () => ({ isTest: false })) })).toBe(0)
  expect(await joins({ and: [{ search: 'whale' }, { search: 'blue' }] })).toBe(0)
  expect(await joins({ search: 'whale', or: [{ search: 'bird' }, { isTest: false }] })).toBe(0)
})

import { type GraphQLArgument, type GraphQLInputType, getNamedType, isInputObjectType, isObjectType } from 'graphql'
import { expect, test } from 'vitest'
import { schema } from '../../src/schema/schema.ts'
import { logged, refusals } from '../conversations/writes.ts'
import { follow } from '../support/live.ts'
import { type Answer, serveTestDatabase, startTestServer } from '../support/server.ts'

/** Wherever a range is an input, it takes dates, and refuses the same values with the path of each. */

const server = await startTestServer()
const resolved = serveTestDatabase(server, server.adminKey, { compilesReads: false })
const tenant = await server.newTenant({ timeZone: 'Asia/Tokyo' })
const MIDNIGHT = '2026-01-31T15:00:00Z'
server.clock.now = resolved.clock.now = new Date(MIDNIGHT)
for (const startedAt of ['2026-01-31T14:59:59.999Z', MIDNIGHT, '2026-01-31T16:00:00Z'])
  await logged(tenant.ask, {
    ...{ startedAt, endUserId: startedAt, metadata: { at: startedAt } },
    messages: [
      { chat: { role: 'USER', content: 'Hello' } },
      { chat: { role: 'ASSISTANT', content: 'Hi', agent: { externalId: 'a' } } },
      { tool: { name: 'search' } },
    ],
  })
await tenant.ask('mutation { revokeEmbedTokens { tenant { id } } }')
server.clock.now = resolved.clock.now = new Date('2026-02-01T12:00:00Z')

/** A document for each argument that takes dates, and where in it they are. */
const PLACES: Record<string, [document: string, path: string]> = {
  'Query.conversations(filter:)': [
    '{ conversations(filter: { startedAt: RANGE }) { totalCount } }',
    'filter.startedAt',
  ],
  'Query.conversationSeries(range:)': [
    '{ conversationSeries(measures: [CONVERSATIONS], range: RANGE) { timeZone from to lines { total } } }',
    'range',
  ],
  'Query.conversationSeries(filter:)': [
    '{ conversationSeries(measures: [CONVERSATIONS], filter: { and: [{ startedAt: RANGE }] }) { lines { total } } }',
    'filter.and[0].startedAt',
  ],
  'Query.conversationMetrics(range:)': [
    '{ conversationMetrics(range: RANGE) { current { from to conversationCount } } }',
    'range',
  ],
  'Query.conversationMetrics(filter:)': [
    '{ conversationMetrics(filter: { or: [{ startedAt: RANGE }] }) { current { conversationCount } } }',
    'filter.or[0].startedAt',
  ],
  'Query.intentMetrics(range:)': ['{ intentMetrics(range: RANGE) { conversationCount } }', 'range'],
  'Query.intentMetrics(filter:)': [
    '{ intentMetrics(filter: { startedAt: RANGE }) { conversationCount } }',
    'filter.startedAt',
  ],
  'Query.languageMetrics(range:)': ['{ languageMetrics(range: RANGE) { language messageCount } }', 'range'],
  'Query.languageMetrics(filter:)': [
    '{ languageMetrics(filter: { startedAt: RANGE }) { language messageCount } }',
    'filter.startedAt',
  ],
  'Query.toolMetrics(range:)': ['{ toolMetrics(range: RANGE) { callCount } }', 'range'],
  'Query.toolMetrics(filter:)': ['{ toolMetrics(filter: { startedAt: RANGE }) { callCount } }', 'filter.startedAt'],
  'Query.endUsers(range:)': ['{ endUsers(range: RANGE) { nodes { endUserId } } }', 'range'],
  'Query.endUsers(filter:)': ['{ endUsers(filter: { startedAt: RANGE }) { totalCount } }', 'filter.startedAt'],
  'Query.retention(filter:)': [
    '{ retention(weeks: 1, filter: { startedAt: RANGE }) { endUserCount } }',
    'filter.startedAt',
  ],
  'Query.metadataKeys(filter:)': [
    '{ metadataKeys(filter: { not: { not: { startedAt: RANGE } } }) { topValues { value } } }',
    'filter.not.not.startedAt',
  ],
  'Query.conversationFacets(filter:)': [
    '{ conversationFacets(fields: [END_USER], filter: { or: [{ startedAt: RANGE }] }) { topValues { key conversationCount } } }',
    'filter.or[0].startedAt',
  ],
  'Query.auditEvents(filter:)': [
    '{ auditEvents(filter: { actions: [EMBED_TOKENS_REVOKED], occurredAt: RANGE }) { totalCount } }',
    'filter.occurredAt',
  ],
  'EndUser.metrics(range:)': ['{ endUsers { nodes { metrics(range: RANGE) { conversationCount } } } }', 'range'],
  'EndUser.metrics(filter:)': [
    '{ endUsers { nodes { metrics(range: { from: "2026-01-01" }, filter: { startedAt: RANGE }) { conversationCount } } } }',
    'filter.startedAt',
  ],
  'EndUser.conversations(filter:)': [
    '{ endUsers { nodes { conversations(filter: { startedAt: RANGE }) { totalCount } } } }',
    'filter.startedAt',
  ],
  'Agent.conversations(filter:)': [
    '{ agents { nodes { conversations(filter: { startedAt: RANGE }) { nodes { id } } } } }',
    'filter.startedAt',
  ],
  'Agent.totals(filter:)': [
    '{ agents { nodes { totals(filter: { startedAt: RANGE }) { conversationCount } } } }',
    'filter.startedAt',
  ],
}

/** `until` is one date, and what a subscription follows is tested with other subscriptions. */
const ELSEWHERE = ['Query.retention(until:)', 'Subscription.conversationsChanged(filter:)']

test('every argument that takes dates is tested', () => {
  const holdsDates = (given: GraphQLInputType, visited: GraphQLInputType[] = []): boolean => {
    const type = getNamedType(given)
    if (!isInputObjectType(type)) return type.name === 'DateOrDateTime'
    const isNew = !visited.includes(type)
    return isNew && Object.values(type.getFields()).some((field) => holdsDates(field.type, [...visited, type]))
  }
  const withDates = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })))
    .flatMap(({ type, field }) =>
      field.args
        .filter((argument: GraphQLArgument) => holdsDates(argument.type))
        .map(({ name }) => `${type.name}.${field.name}(${name}:)`),
    )
  expect(withDates.sort()).toEqual([...Object.keys(PLACES), ...ELSEWHERE].sort())
})

/** Asks both ways, which must answer the same. An administrator may use all the fields. */
async function ask(document: string, range: string, variables?: Record<string, unknown>): Promise<Answer> {
  const credential = { key: server.adminKey, tenantId: tenant.id }
  const query = document.replace('RANGE', range)
  const answer = await server.ask(credential, query, variables)
  const other = await resolved.ask(credential, query, variables)
  expect({ ...other, headers: null }).toEqual({ ...answer, headers: null })
  return answer
}

const places = Object.entries(PLACES).map(([name, [document, path]]) => ({ name, document, path }))

test.each(places)('$name: a date is the midnight of the tenant, or of its own zone', async ({ document }) => {
  const data = async (range: string) => {
    const answer = await ask(document, range)
    expect(answer.errors).toBeUndefined()
    return answer.data
  }
  const moments = await data(`{ from: "${MIDNIGHT}", to: "2026-02-01T15:00:00Z" }`)
  expect(await data('{ from: "2026-02-01", to: "2026-02-02" }')).toEqual(moments)
  const before = await data('{ from: "2026-01-30T15:00:00Z", to: "2026-01-31T15:00:00Z" }')
  expect(await data('{ from: "2026-01-31", to: "2026-02-01" }')).toEqual(before)
  expect(before).not.toEqual(moments)
  const inUtc = await data('{ from: "2026-01-31T00:00:00Z", to: "2026-02-01T00:00:00Z", timeZone: "UTC" }')
  expect(await data('{ from: "2026-01-31", to: "2026-02-01", timeZone: "UTC" }')).toEqual(inUtc)
})

test.each(places)('$name: what no range can be is refused with its path', async ({ document, path }) => {
  const refused = async (range: string) => new Set(refusals(await ask(document, range)))
  expect(await refused('{ timeZone: "Nowhere" }')).toEqual(new Set([`BAD_USER_INPUT ${path}.timeZone`]))
  expect(await refused('{ from: "2026-01-01", timeZone: "+01:00" }')).toEqual(
    new Set([`BAD_USER_INPUT ${path}.timeZone`]),
  )
  expect(await refused('{ from: "2026-01-31", to: "2026-01-31" }')).toEqual(new Set([`BAD_USER_INPUT ${path}`]))
  expect(await refused('{ from: "2026-02-01", to: "2026-01-31" }')).toEqual(new Set([`BAD_USER_INPUT ${path}`]))
  expect(await refused('{ from: "0000-12-31" }')).toEqual(new Set([`BAD_USER_INPUT ${path}.from`]))
  // Year 1 begins in year 0 of UTC.
  expect(await refused('{ to: "0001-01-01" }')).toEqual(new Set([`BAD_USER_INPUT ${path}.to`]))
})

const LIST =
  'query ($value: DateOrDateTime) { conversations(filter: { not: { or: [{ endedAt: RANGE }] } }) { totalCount } }'
const SERIES = 'query ($value: DateOrDateTime) { conversationMetrics(range: RANGE) { current { from } } }'

test.each([
  '2026-02-30',
  '2026-1-5',
  '2026-01-05T00:00:00',
  '2026-01-05T00:00',
  '2026-01-05Z',
  '2026-13-01',
  '2026-01',
  '20260105',
  '2026-W01-1',
  '12026-01-05',
  '-2026-01-05',
  ' 2026-01-05',
  '٢٠٢٦-٠١-٠٥',
  'today',
  '',
  5,
  true,
  ['2026-01-05', '2026-01-06'],
  { date: '2026-01-05' },
])('%j is neither a date nor a time with an offset', async (value) => {
  for (const [document, path] of [
    [LIST, 'filter.not.or[0].endedAt.from'],
    [SERIES, 'range.from'],
  ] as const) {
    expect(refusals(await ask(document, '{ from: $value }', { value }))).toEqual([`BAD_USER_INPUT ${path}`])
    const literal = typeof value === 'object' ? '["2026-01-05", 2]' : JSON.stringify(value)
    const { errors } = await ask(document.replace(/\(\$value.*?\)/, ''), `{ from: ${literal} }`)
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['GRAPHQL_VALIDATION_FAILED'])
  }
})

test.each(['2026-01-05', '2026-01-05T00:00:00+09:00', '9998-12-31', '2000-02-29'])('%j is one', async (value) => {
  expect((await ask(LIST, '{ from: $value }', { value })).errors).toBeUndefined()
})

test('the error for a range of one day says how to include it, and that for another wrong order does not', async () => {
  const messages = async (range: string) =>
    (await ask('{ conversationMetrics(range: RANGE) { current { from } } }', range)).errors?.map(
      ({ message }) => message,
    )
  expect(await messages('{ from: "2026-01-31", to: "2026-01-31" }')).toEqual([
    'range: `from` must be before `to`, which is exclusive: to include 2026-01-31, end with 2026-02-01.',
  ])
  expect(await messages('{ from: "2026-02-01", to: "2026-01-31" }')).toEqual(['range: `from` must be before `to`.'])
  expect(await messages('{ from: "2026-02-01", to: "2026-01-31T00:00:00Z" }')).toEqual([
    'range: `from` must be before `to`.',
  ])
})

test('an unknown zone of the query is refused where it is, with and without dates', async () => {
  const document = '{ conversationMetrics(timeZone: "Nowhere", range: RANGE) { current { from } } }'
  expect(refusals(await ask(document, '{ from: "2026-01-01" }'))).toEqual(['BAD_USER_INPUT timeZone'])
  expect(refusals(await ask(document, '{ from: "2026-01-01T00:00:00Z" }'))).toEqual(['BAD_USER_INPUT timeZone'])
})

test('who may not ask is told so, and nothing about dates', async () => {
  const { key } = await server.newTenant({ scopes: ['CONVERSATIONS_WRITE'] })
  const query = '{ conversations(filter: { startedAt: { from: "2026-01-01" } }) { totalCount } }'
  const codesOf = async (credential: object) =>
    (await server.ask(credential, query)).errors?.map(({ extensions }) => extensions.code)
  expect(await codesOf({ key })).toEqual(['FORBIDDEN'])
  expect(await codesOf({ key: server.adminKey })).toEqual(['TENANT_REQUIRED'])
  expect(await codesOf({ key: server.adminKey, tenantId: 'nobody' })).toEqual(['NOT_FOUND'])
  expect(await codesOf({})).toEqual(['UNAUTHENTICATED'])
})

test('a date takes as many conditions of a filter as a moment, and a zone none', async () => {
  const filtered = (range: string, count: number) =>
    ask(`{ conversations(filter: { and: [${`{ endedAt: ${range} },`.repeat(count)}] }) { totalCount } }`, '')
  for (const range of ['{ from: "2026-01-01T00:00:00Z" }', '{ from: "2026-01-01", timeZone: "UTC" }']) {
    expect((await filtered(range, 100)).errors).toBeUndefined()
    expect(refusals(await filtered(range, 101))).toEqual(['LIMIT_EXCEEDED filter'])
  }
})

test('without a tenant, dates of the audit log are in UTC', async () => {
  const AT = '2033-05-05T23:30:00Z'
  server.clock.now = new Date(AT)
  await tenant.ask('mutation { revokeEmbedTokens { tenant { id } } }')
  server.clock.now = new Date('2026-02-01T12:00:00Z')
  const query = `query ($from: DateOrDateTime, $to: DateOrDateTime, $timeZone: String) {
    auditEvents(filter: { actions: [EMBED_TOKENS_REVOKED], occurredAt: { from: $from, to: $to, timeZone: $timeZone } }) { totalCount }
  }`
  const count = async (tenantId: string | undefined, variables: Record<string, unknown>) => {
    const { data } = await server.ask({ key: server.adminKey, ...(tenantId ? { tenantId } : {}) }, query, variables)
    return data.auditEvents.totalCount
  }
  const [fifth, sixth] = [
    { from: '2033-05-05', to: '2033-05-06' },
    { from: '2033-05-06', to: '2033-05-07' },
  ]
  expect([await count(undefined, fifth), await count(undefined, sixth)]).toEqual([1, 0])
  expect([await count(tenant.id, fifth), await count(tenant.id, sixth)]).toEqual([0, 1])
  expect(await count(undefined, { ...sixth, timeZone: 'Asia/Tokyo' })).toBe(1)
})

const CHANGED = `subscription ($range: TimeRange) {
  conversationsChanged(filter: { startedAt: $range }) { changes { conversation { startedAt } } }
}`

test('a subscription refuses the same ranges as a list', async () => {
  const refused = async (range: object) => {
    const live = await follow(server, { key: tenant.key }, CHANGED, { range })
    return (await live.next())?.errors?.map(({ extensions: { code, inputPath } }) => `${code} ${inputPath}`)
  }
  expect(await refused({ from: '2026-02-30' })).toEqual(['BAD_USER_INPUT filter.startedAt.from'])
  expect(await refused({ timeZone: 'Nowhere' })).toEqual(['BAD_USER_INPUT filter.startedAt.timeZone'])
  expect(await refused({ from: '2026-01-31', to: '2026-01-31' })).toEqual(['BAD_USER_INPUT filter.startedAt'])
  expect(await refused({ to: '0001-01-01' })).toEqual(['BAD_USER_INPUT filter.startedAt.to'])
})

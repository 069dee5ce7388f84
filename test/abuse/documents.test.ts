import { expect, test, vi } from 'vitest'
import { Context } from '../../src/context.ts'
import { DOCUMENT_LIMITS } from '../../src/input/limits.ts'
import { startTestServer } from '../support/server.ts'

/**
 * Each document here also names a field that there is not. That it is refused for its size and for nothing else shows
 * that it never got as far as being validated, which is where it would have burnt time.
 */
const WRONG = 'noSuchField'

const server = await startTestServer()
const tenant = await server.newTenant()

async function refusal(document: string, variables?: Record<string, unknown>): Promise<Record<string, unknown>> {
  const { status, data, errors } = await tenant.ask(document, variables)
  expect(data).toBeUndefined()
  expect(errors).toHaveLength(1)
  const [{ extensions } = { extensions: {} }] = errors ?? []
  return { status, ...extensions }
}

const tooComplex = (limitName: string, limit: number, value: unknown) => ({
  ...{ status: 400, code: 'QUERY_TOO_COMPLEX', limitName, limit, value },
})

const nested = (depth: number, inside: string) => `${'{ node '.repeat(depth)}{ ${inside} }${' }'.repeat(depth)}`
const times = (count: number, each: (i: number) => string) => Array.from({ length: count }, (_, i) => each(i)).join(' ')

test('deep nesting, in the document and through fragments', async () => {
  expect(await refusal(nested(20, WRONG))).toEqual(tooComplex('maxDepth', DOCUMENT_LIMITS.depth, 21))
  const chain = times(20, (i) => `fragment F${i} on Query { node { ...F${i + 1} } }`)
  expect(await refusal(`{ ...F0 } ${chain} fragment F20 on Query { ${WRONG} }`)).toEqual(
    tooComplex('maxDepth', DOCUMENT_LIMITS.depth, 21),
  )
})

test.each(['viewer { name }', '__typename', '__schema { __typename }'])('an alias flood of %s', async (field) => {
  const flood = times(101, (i) => `a${i}: ${field}`)
  // Inside a field of their own: at the top, their number is refused already.
  expect(await refusal(`{ ${WRONG} { ${flood} } }`)).toEqual(tooComplex('maxAliases', 100, 101))
})

test('an alias flood through fragments', async () => {
  const fragment = `fragment F on Query { ${times(10, (i) => `a${i}: ${WRONG}`)} }`
  const spread = times(11, (i) => `n${i}: node { ...F }`)
  expect(await refusal(`{ ${spread} } ${fragment}`)).toEqual(tooComplex('maxAliases', 100, 121))
})

test('many fields at the top, each of which would run', async () => {
  expect(await refusal(`{ ${WRONG} ${times(50, (i) => `a${i}: viewer { name }`)} }`)).toEqual(
    tooComplex('maxRootFields', 50, 51),
  )
  const create = (i: number) => `a${i}: createAgent(input: { name: "a" }) { agent { id } }`
  expect(await refusal(`mutation { ${times(51, create)} }`)).toEqual(tooComplex('maxRootFields', 50, 51))
  expect((await tenant.ask('{ agents { totalCount } }')).data).toEqual({ agents: { totalCount: 0 } })
})

test.each([
  ['on one field', `{ ${WRONG} ${'@skip(if: false) '.repeat(51)} }`],
  ['on an operation', `query ${'@a '.repeat(51)} { ${WRONG} }`],
  ['on a variable', `query ($a: Int ${'@a '.repeat(51)}) { ${WRONG} }`],
  ['on a fragment', `{ ...F } fragment F on Query ${'@a '.repeat(51)} { ${WRONG} }`],
  ['on spreads', `{ ${WRONG} viewer { ${'...@include(if: true) { id } '.repeat(51)} } }`],
])('a directive flood %s', async (_where, document) => {
  expect(await refusal(document)).toEqual(tooComplex('maxDirectives', 50, 51))
})

test('fragments that fan out: thirty lines, a thousand million fields', async () => {
  const chain = times(30, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)
  const { value, ...rest } = await refusal(`{ ...F0 } ${chain} fragment F30 on Query { ${WRONG} }`)
  expect(rest).toEqual({ status: 400, code: 'QUERY_TOO_COMPLEX', limitName: 'maxSelections', limit: 5_000 })
  expect(value).toBeGreaterThan(2 ** 30)
})

test('fragments that fan out beyond what a number holds, and that select nothing in the end', async () => {
  const chain = times(180, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)
  expect(await refusal(`{ ...F0 } ${chain}`)).toEqual(
    tooComplex('maxSelections', DOCUMENT_LIMITS.selections, Number.MAX_SAFE_INTEGER),
  )
})

test.each([
  ['inline fragments', `{ ${WRONG} ${'... on Query { viewer { name credentialId scopes } } '.repeat(45)} }`],
  ['a field again and again', `{ viewer { ${WRONG} ${'name '.repeat(100)} } }`],
  [
    'a field again and again, in a fragment that nobody spreads',
    `{ ${WRONG} } fragment F on Query { viewer { ${'name '.repeat(100)} } }`,
  ],
  [
    'inline fragments inside each other',
    `{ ${WRONG} viewer { ${'... { ... { ... on Viewer { name } } } '.repeat(50)} } }`,
  ],
  ['one alias for all', `{ ${WRONG} viewer { ${'a: name '.repeat(60)} } }`],
])('overlapping: %s', async (_what, document) => {
  const { value, ...rest } = await refusal(document)
  expect(rest).toEqual({ status: 400, code: 'QUERY_TOO_COMPLEX', limitName: 'maxOverlaps', limit: 1_000 })
  expect(value).toBeGreaterThan(1_000)
})

test('a thousand operations, or one long text', async () => {
  const tokens = { status: 400, code: 'QUERY_TOO_COMPLEX', limitName: 'maxDocumentTokens', limit: 2_000 }
  expect(await refusal(times(1_000, (i) => `query Q${i} { viewer { name } }`))).toEqual(tokens)
  const characters = { status: 400, code: 'LIMIT_EXCEEDED', limitName: 'maxDocumentCharacters', limit: 65_536 }
  for (const padding of [`# ${'x'.repeat(70_000)}\n`, ' '.repeat(70_000), `"${'x'.repeat(70_000)}" `]) {
    const document = `${padding}{ ${WRONG} }`
    expect(await refusal(document)).toEqual({ ...characters, value: document.length })
  }
})

test('fragments in a circle are named as such, however they spread', async () => {
  for (const circle of [
    'fragment A on Query { ...A }',
    'fragment A on Query { ...B } fragment B on Query { ...C ...C } fragment C on Query { viewer { ...A ...B } }',
    `${times(150, (i) => `fragment F${i} on Query { ...F${(i + 1) % 150} ...F${(i + 75) % 150} }`)} fragment A on Query { ...F0 }`,
  ]) {
    const { data, errors } = await tenant.ask(`{ ...A ${WRONG} } ${circle}`)
    expect(data).toBeUndefined()
    expect(new Set(errors?.map(({ extensions }) => extensions.code))).toEqual(new Set(['GRAPHQL_VALIDATION_FAILED']))
    expect(errors?.filter(({ message }) => !/^Cannot spread fragment "\w+" within itself/.test(message))).toEqual([])
  }
})

test('what graphql-js makes of rows counts for the tenant, after the first of them came', async () => {
  const { ask, id } = await server.newTenant()
  const inputs = Array.from({ length: 100 }, () => ({ messages: [{ chat: { role: 'USER', content: 'Hi' } }] }))
  const LOG = `mutation ($inputs: [LogConversationInput!]!) {
    logConversations(input: { conversations: $inputs }) { results { created } }
  }`
  expect((await ask(LOG, { inputs })).errors).toBeUndefined()
  const counted = vi.spyOn(Context.prototype, 'countTurn')
  try {
    const aliases = Array.from({ length: 40 }, (_, i) => `a${i}: metadata`).join(' ')
    const { data } = await ask(`{ conversations(first: 100) { nodes { intents { name } ${aliases} } } }`)
    expect(data.conversations.nodes.length).toBe(100)
    expect(counted.mock.contexts.every((context) => (context as Context).tenantId === id)).toBe(true)
    const [mostMs] = counted.mock.calls.map(([ms]) => ms).toSorted((a, b) => b - a)
    // 4,000 fields, of which each takes a microsecond at least.
    expect(mostMs).toBeGreaterThan(1)
  } finally {
    counted.mockRestore()
  }
})

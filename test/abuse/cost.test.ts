import { getIntrospectionQuery } from 'graphql'
import { expect, test } from 'vitest'
import { startTestServer } from '../support/server.ts'

const server = await startTestServer({ maxQueryCost: 1_000 })
const { ask } = await server.newTenant()

/** What the document would cost; 0: it was let through. */
async function refusedCost(document: string, variables?: Record<string, unknown>): Promise<number> {
  const { status, data, errors } = await ask(document, variables)
  const [error] = errors ?? []
  if (error?.extensions['limitName'] !== 'maxCost') return 0
  expect({ status, data, errors }).toEqual({
    status: 400,
    data: undefined,
    errors: [
      {
        message: expect.stringContaining(`${error.extensions['value']}; at most 1000 are accepted`),
        extensions: {
          ...{ code: 'QUERY_TOO_COMPLEX', limitName: 'maxCost', limit: 1_000, value: expect.any(Number) },
        },
      },
    ],
  })
  return Number(error.extensions['value'])
}

const LIST = 'conversations(first: $n) { nodes { id messages(first: $m) { nodes { id sequence } } } }'

test('page sizes are multiplied: written out, as variables, as defaults of variables, in fragments', async () => {
  const sizes = { n: 50, m: 50 }
  // The list; 50 conversations, each with an id and a list; and in that 50 messages, each with two fields.
  const cost = 1 + 50 * (3 + 50 * 3)
  expect(await refusedCost(`query ($n: Int, $m: Int) { ${LIST} }`, sizes)).toBe(cost)
  expect(await refusedCost(`{ ${LIST.replace('$n', '50').replace('$m', '50')} }`)).toBe(cost)
  expect(await refusedCost(`query ($n: Int = 50, $m: Int = 50) { ${LIST} }`)).toBe(cost)
  expect(await refusedCost(`query ($n: Int = 1, $m: Int = 1) { ${LIST} }`, sizes)).toBe(cost)
  const inFragments = `query ($n: Int, $m: Int) { conversations(first: $n) { ...C } }
    fragment C on ConversationConnection { nodes { ... { id } messages(first: $m) { ... on MessageConnection { ...M } } } }
    fragment M on MessageConnection { nodes { id sequence } }`
  expect(await refusedCost(inFragments, sizes)).toBe(cost)
})

test('one document costs what its variables make of it, whatever it cost the time before', async () => {
  const document = `query ($n: Int, $m: Int, $filter: ConversationFilter) { ${LIST.replace('first: $n', 'first: $n, filter: $filter')} }`
  const cost = (n: number, m: number) => 1 + n * (3 + m * 3)
  const asked: [Record<string, unknown>, number][] = [
    [{ n: 50, m: 50 }, cost(50, 50)],
    [{ n: 1, m: 1 }, 0],
    [{ n: 50, m: 50 }, cost(50, 50)],
    [{ n: 50, m: 51 }, cost(50, 51)],
    [{ n: 1, m: 1, filter: null }, 0],
    [{ n: 1, m: 1, filter: { status: 'ACTIVE', labels: ['a'], channels: [], search: 'a' } }, 0],
    [{ n: 100, m: 20 }, cost(100, 20)],
    [{ m: 100 }, cost(20, 100)],
    [{}, cost(20, 20)],
  ]
  for (const [variables, expected] of [...asked, ...asked]) {
    expect([variables, await refusedCost(document, variables)]).toEqual([variables, expected])
  }
})

test('backward pages, edges and aliases count as well', async () => {
  const edges = '{ edges { node { id messages(last: $n) { edges { node { id } } } } } }'
  expect(await refusedCost(`query ($n: Int) { conversations(last: $n) ${edges} }`, { n: 40 })).toBeGreaterThan(40 * 40)
  const page = 'conversations(first: 100) { nodes { id status } }'
  expect(await refusedCost(`{ ${page} }`)).toBe(0)
  expect(await refusedCost(`{ a: ${page} b: ${page} c: ${page} d: ${page} e: ${page} }`)).toBe(5 * 301)
})

test('where no page size is given, the default page counts; where none can be, ten entries', async () => {
  const document = '{ conversations { nodes { id messages { nodes { id sequence role: __typename } } } } }'
  expect(await refusedCost(document)).toBe(1 + 20 * (3 + 20 * 4))
  const agents = (count: number) =>
    `{ conversations(first: 50) { nodes { agents { ${Array.from({ length: count }, (_, i) => `a${i}: name`).join(' ')} } } } }`
  expect(await refusedCost(agents(1))).toBe(0)
  expect(await refusedCost(agents(2))).toBe(1 + 50 * (2 + 10 * 2))
})

test('ids that are asked for count one by one', async () => {
  const ids = Array.from({ length: 90 }, (_, i) => `conv_${i}`)
  const fields =
    '__typename ... on Conversation { id status labels startedAt endedAt language model channel campaign outcome feedback }'
  expect(await refusedCost(`query ($ids: [ID!]!) { nodes(ids: $ids) { ${fields} } }`, { ids })).toBe(1 + 90 * 12)
})

test.each([
  [{ n: 2_000_000_000, m: 2_000_000_000 }],
  [{ n: 100, m: 1e308 }],
  [{ n: '100', m: ['100'] }],
  [{ n: null, m: {} }],
  [{ n: -5, m: -5 }],
  [JSON.parse('{ "n": 1, "m": 1, "__proto__": { "n": 100, "m": 100 } }')],
])('no page size gets by: %j', async (variables) => {
  const { data, errors } = await ask(`query ($n: Int, $m: Int) { ${LIST} }`, variables)
  if (errors) expect(data?.conversations ?? null).toBeNull()
  else expect(data).toEqual({ conversations: { nodes: [] } })
  expect(errors?.[0]?.extensions.code ?? 'fine').not.toBe('INTERNAL_SERVER_ERROR')
})

test('entries of a list in an argument count for each time that it is applied', async () => {
  const exclude = (count: number) => ({ names: Array.from({ length: count }, (_, i) => `intent ${i}`) })
  const document = `query ($names: [String!]!) { conversations(first: 20) { nodes { firstMeaningfulIntent(exclude: $names) { name } } } }`
  expect(await refusedCost(document, exclude(5))).toBe(0)
  expect(await refusedCost(document, exclude(100))).toBe(1 + 20 * (2 + 100 + 1))
})

test('an excerpt of a search match costs as much as fifty fields, and so do its highlights', async () => {
  const document = (selection: string) =>
    `{ conversations(first: 5) { nodes { searchMatches(search: "a", first: 4) { nodes { ${selection} } } } } }`
  expect(await refusedCost(document('message { id sequence }'))).toBe(0)
  // The condition; the list; and five conversations, each with a list, and in that four matches.
  expect(await refusedCost(document('excerpt'))).toBe(250 + 1 + 5 * (2 + 4 * (1 + 50)))
  expect(await refusedCost(document('excerpt highlights { start end }'))).toBe(
    250 + 1 + 5 * (2 + 4 * (1 + 50 + 50 + 20)),
  )
})

test('with the limit that is set by default, what clients ask passes', async () => {
  const lenient = await startTestServer()
  const tenant = await lenient.newTenant()
  const everything = `{ conversations(first: 100) { totalCount nodes {
    id externalId status channel startedAt endedAt labels metadata agents { id name }
    messages(first: 100) { nodes { __typename id sequence timestamp ... on ChatMessage { role content rating sentiment } ... on ToolCall { name input output error } ... on ConversationEvent { name payload } } pageInfo { hasNextPage } }
  } pageInfo { endCursor hasNextPage } } }`
  expect((await tenant.ask(everything)).errors).toBeUndefined()
  const introspection = getIntrospectionQuery({
    ...{ specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, inputValueDeprecation: true },
  })
  expect((await tenant.ask(introspection)).errors).toBeUndefined()
  expect((await lenient.as({})(introspection)).data.__schema.queryType.name).toBe('Query')
})

test('what costs the limit is let through, and one more is not', async () => {
  // Each a list, and so many conversations with so many fields.
  const of250 = 'conversations(first: 83) { nodes { id status } }'
  const of251 = 'conversations(first: 50) { nodes { id status channel direction } }'
  expect(await refusedCost(`{ a: ${of250} b: ${of250} c: ${of250} d: ${of250} }`)).toBe(0)
  expect(await refusedCost(`{ a: ${of250} b: ${of250} c: ${of250} d: ${of251} }`)).toBe(1_001)
})

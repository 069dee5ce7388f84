import '../support/property-tests.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Ask, startTestServer } from '../support/server.ts'
import { read, refusals, stored, write } from './writes.ts'

const server = await startTestServer()

const priced = (cost: number) => ({ chat: { role: 'USER', content: 'a', costUsd: cost } })
const COSTS = 'costUsd messages(first: 100) { nodes { ... on ChatMessage { costUsd } } }'

async function log(ask: Ask, costs: readonly number[], more: object = {}) {
  const { data, errors } = await write(
    ask,
    'logConversation',
    { messages: costs.map(priced), ...more },
    `conversation { id ${COSTS} }`,
  )
  if (errors) throw new Error(JSON.stringify(errors))
  return data.logConversation.conversation
}

const SERIES = `query ($range: TimeRange!, $interval: SeriesInterval!, $filter: ConversationFilter) {
  conversationSeries(measures: [COST_SUM, COST_MEAN], range: $range, interval: $interval, filter: $filter) {
    lines { total points { value } } } }`

/** Both measures over March 2026: in all, and by day; from the roll-ups, and from the conversations. */
async function seriesOf(ask: Ask) {
  const range = { from: '2026-03-01T00:00:00Z', to: '2026-04-01T00:00:00Z' }
  const ways = [null, { statuses: ['COMPLETED', 'ACTIVE'] }].map(async (filter) => {
    const { data, errors } = await ask(SERIES, { range, interval: 'DAY', filter })
    if (errors) throw new Error(JSON.stringify(errors))
    return data.conversationSeries.lines as { total: number; points: { value: number }[] }[]
  })
  const [rolledUp, filtered] = await Promise.all(ways)
  expect(filtered).toEqual(rolledUp)
  return rolledUp ?? []
}

test.each([
  0.000123456789123,
  0.123456789012,
  1e-12,
  1.5e-20,
  1e-300,
  123456789012e-20,
  12345.678901234567 - 0.000000000000567,
  999_999_998.5,
  0.1,
  0,
  123456.123456789,
])('a cost of %s is given back as it was given', async (given) => {
  const { ask } = await server.newTenant()
  const cost = Number(given.toPrecision(12)) === given ? given : Number(given.toFixed(12))
  const { id, ...found } = await log(ask, [cost])
  expect(found).toEqual({ costUsd: cost, messages: { nodes: [{ costUsd: cost }] } })
  expect(await read(ask, id, COSTS)).toEqual(found)
})

test.each([0.1 + 0.2, 1.0000000000001, 0.0001234567891234, 1e-13 + 1])('%s has more than 12 decimals', async (cost) => {
  const { ask } = await server.newTenant()
  const { id } = await log(ask, [1], { status: 'ACTIVE' })
  const before = await stored(server)
  const expected = ['BAD_USER_INPUT input.messages[0].chat.costUsd']
  const answer = await write(ask, 'logConversation', { messages: [priced(cost)] })
  expect(refusals(answer)).toEqual(expected)
  expect(answer.errors?.[0]?.message).toBe(
    'input.messages[0].chat.costUsd: must have at most 12 decimal places or 12 significant digits.',
  )
  expect(refusals(await write(ask, 'appendMessages', { by: { id }, messages: [priced(cost)] }))).toEqual(expected)
  expect(await stored(server)).toEqual(before)
})

test('sums are those of the decimals, at once, appended, and over conversations', async () => {
  const { ask } = await server.newTenant()
  const startedAt = '2026-03-05T12:00:00Z'
  const { id, costUsd } = await log(ask, [0.1, 0.2], { status: 'ACTIVE', startedAt })
  expect(costUsd).toBe(0.3)
  for (const more of [[0.1], [0.2, 0.000000000001]])
    await write(ask, 'appendMessages', { by: { id }, messages: more.map(priced) })
  expect(await read(ask, id, 'costUsd')).toEqual({ costUsd: 0.600000000001 })
  await log(ask, [0.7], { startedAt: '2026-03-06T12:00:00Z' })
  await log(ask, [0.000000000002], { startedAt: '2026-03-06T12:00:00Z' })
  const [sum, mean] = await seriesOf(ask)
  expect([sum?.total, mean?.total]).toEqual([1.300000000003, 1.300000000003 / 3])
  expect(sum?.points.filter(({ value }) => value > 0)).toEqual([{ value: 0.600000000001 }, { value: 0.700000000002 }])
})

test('sums of any costs, on any days, are the doubles nearest to the decimals', async () => {
  /** Trillionths of a dollar: with up to 12 decimals, and within what a double tells apart. */
  const trillionths = fc.bigInt({ min: 0n, max: 999_999_999_999_999n })
  const conversation = fc.record({
    day: fc.integer({ min: 1, max: 28 }),
    costs: fc.array(trillionths, { minLength: 1, maxLength: 5 }),
  })
  const dollars = (all: bigint) => Number(`${all}e-12`)
  await fc.assert(
    fc.asyncProperty(fc.array(conversation, { minLength: 1, maxLength: 6 }), async (conversations) => {
      const { ask } = await server.newTenant()
      const sumOf = (costs: readonly bigint[]) => costs.reduce((sum, cost) => sum + cost, 0n)
      for (const { day, costs } of conversations) {
        const startedAt = `2026-03-${String(day).padStart(2, '0')}T09:30:00Z`
        expect((await log(ask, costs.map(dollars), { startedAt })).costUsd).toBe(dollars(sumOf(costs)))
      }
      const [sum] = await seriesOf(ask)
      const inAll = (of: typeof conversations) => dollars(sumOf(of.flatMap(({ costs }) => costs)))
      expect(sum?.total).toBe(inAll(conversations))
      expect(sum?.points.slice(0, 28).map(({ value }) => value)).toEqual(
        Array.from({ length: 28 }, (_, i) => inAll(conversations.filter(({ day }) => day === i + 1))),
      )
    }),
    { numRuns: 20 },
  )
})

test('a conversation that costs too much in all is refused by itself, however it grows', async () => {
  const { ask } = await server.newTenant()
  await log(ask, [999_999_999], { status: 'ACTIVE', externalId: 'dear' })
  const query = `mutation ($inputs: [LogConversationInput!]!) { logConversations(input: { conversations: $inputs }) { results { error { code inputPath } } } }`
  const append = (cost: number) => ({
    externalId: 'dear',
    onConflict: 'APPEND',
    status: 'ACTIVE',
    messages: [priced(cost)],
  })
  const { data } = await ask(query, { inputs: [append(0), append(1), append(0)] })
  expect(data.logConversations.results.map(({ error }: { error: object | null }) => error)).toEqual([
    null,
    { code: 'LIMIT_EXCEEDED', inputPath: 'input.conversations[1].messages' },
    null,
  ])
  expect(refusals(await write(ask, 'appendMessages', { by: { externalId: 'dear' }, messages: [priced(1)] }))).toEqual([
    'LIMIT_EXCEEDED input.messages',
  ])
})

test('a conversation with too many tokens in all is refused by itself, however it grows', async () => {
  const { ask } = await server.newTenant()
  const counted = (tokenCount: number) => ({ chat: { role: 'ASSISTANT', content: 'A.', tokenCount } })
  const query = `mutation ($inputs: [LogConversationInput!]!) { logConversations(input: { conversations: $inputs }) { results { error { code inputPath } } } }`
  const add = (tokenCount: number, onConflict: string) => ({
    ...{ externalId: 'long', onConflict, status: 'ACTIVE', messages: [counted(tokenCount)] },
  })
  const inputs = [
    ...[add(2_147_483_000, 'ERROR'), add(600, 'APPEND'), add(47, 'APPEND')],
    ...[add(1, 'APPEND'), add(0, 'APPEND')],
  ]
  const { data } = await ask(query, { inputs })
  expect(data.logConversations.results.map(({ error }: { error: object | null }) => error)).toEqual([
    ...[null, null, null],
    { code: 'LIMIT_EXCEEDED', inputPath: 'input.conversations[3].messages' },
    null,
  ])
  expect(refusals(await write(ask, 'appendMessages', { by: { externalId: 'long' }, messages: [counted(1)] }))).toEqual([
    'LIMIT_EXCEEDED input.messages',
  ])
})

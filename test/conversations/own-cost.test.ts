import { expect, test } from 'vitest'
import { type Ask, startTestServer } from '../support/server.ts'
import { logged, read, refusals, write } from './writes.ts'

const server = await startTestServer()

const priced = (costUsd?: number) => ({ chat: { role: 'ASSISTANT', content: 'a', costUsd } })
const day = '2026-01-05'
const on = (more: object) => ({ startedAt: `${day}T10:00:00Z`, ...more })

/** The cost of one conversation, of all of them as a series with and without a filter, and those in order of their cost. */
async function costs(ask: Ask) {
  const range = `{ from: "${day}", to: "2026-01-06" }`
  const series = (more: string) =>
    `conversationSeries(measures: [COST_SUM, COST_MEAN], range: ${range}${more}) { lines { total totalSampleCount } }`
  const { data, errors } = await ask(`{
    conversations(orderBy: { field: COST, direction: ASC }) { nodes { externalId costUsd } }
    whole: ${series('')} filtered: ${series(', filter: { not: { channels: [EMAIL] } }')}
  }`)
  expect(errors).toBeUndefined()
  expect(data.filtered).toEqual(data.whole)
  const [sum, mean] = data.whole.lines
  return { nodes: data.conversations.nodes, sum: sum.total, mean: mean.total, count: mean.totalSampleCount }
}

test('a cost that is given for the whole conversation counts instead of the sum of its entries', async () => {
  const { ask } = await server.newTenant()
  const { id } = await logged(ask, on({ externalId: 'own', costUsd: 0.75, messages: [priced(0.1), priced(0.2)] }))
  await logged(ask, on({ externalId: 'sum', messages: [priced(0.25)] }))
  await logged(ask, on({ externalId: 'only', costUsd: 0.5, messages: [priced()] }))
  await logged(ask, on({ externalId: 'free', costUsd: 0, messages: [priced(4)] }))
  await logged(ask, on({ externalId: 'none', messages: [priced()] }))
  // (0 + 0.25 + 0.5 + 0.75) / 4
  expect(await costs(ask)).toEqual({
    nodes: [
      { externalId: 'free', costUsd: 0 },
      { externalId: 'sum', costUsd: 0.25 },
      { externalId: 'only', costUsd: 0.5 },
      { externalId: 'own', costUsd: 0.75 },
      { externalId: 'none', costUsd: null },
    ],
    ...{ sum: 1.5, mean: 0.375, count: 4 },
  })

  await write(ask, 'updateConversation', { by: { id }, costUsd: null })
  expect(await read(ask, id, 'costUsd')).toEqual({ costUsd: 0.3 })
  // (0 + 0.25 + 0.3 + 0.5) / 4
  expect(await costs(ask)).toMatchObject({ sum: 1.05, mean: 0.2625, count: 4 })

  await write(ask, 'updateConversation', { by: { externalId: 'none' }, costUsd: 0.000000000001 })
  expect(await costs(ask)).toMatchObject({ sum: 1.050000000001, count: 5 })
})

test('an append does not change a cost that was given', async () => {
  const { ask } = await server.newTenant()
  const { id } = await logged(ask, { status: 'ACTIVE', costUsd: 2, messages: [priced(1)] })
  await write(ask, 'appendMessages', { by: { id }, messages: [priced(5)] })
  expect(await read(ask, id, 'costUsd')).toEqual({ costUsd: 2 })
  await write(ask, 'updateConversation', { by: { id }, costUsd: null })
  expect(await read(ask, id, 'costUsd')).toEqual({ costUsd: 6 })
})

test.each([-0.01, 1_000_000_000, 0.12345678901234])('the cost %d is refused', async (costUsd) => {
  const { ask } = await server.newTenant()
  const { id } = await logged(ask)
  const input = { messages: [priced()], costUsd }
  expect(refusals(await write(ask, 'logConversation', input))).toEqual(['BAD_USER_INPUT input.costUsd'])
  expect(refusals(await write(ask, 'updateConversation', { by: { id }, costUsd }))).toEqual([
    'BAD_USER_INPUT input.costUsd',
  ])
})

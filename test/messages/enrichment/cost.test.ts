import fc from 'fast-check'
import { expect, test } from 'vitest'
import { startTestServer } from '../../support/server.ts'
import { log, logOne, write } from './chats.ts'

const server = await startTestServer()
const derive = async () => (await server.newTenant({ derives: true })).ask

/** Billionths of a dollar for a token. GPT-4o in January 2026: 2.50 dollars in and 10 out for a million. */
const GPT_4O = { in: 2_500n, out: 10_000n }
const TIME = '2026-01-05T09:00:00Z'

const say = (role: string, tokenCount: number, rest: Record<string, unknown> = {}) => ({
  chat: { role, content: 'x', tokenCount, timestamp: TIME, ...rest },
})

/** Dollars, to a billionth and exactly: a decimal that the nearest number reads as. */
const dollars = (billionths: bigint) => Number(billionths) / 1e9

test('what goes in costs all that stands before it, what comes out its own length', async () => {
  const { chats, costUsd } = await log(await derive(), {
    model: 'gpt-4o',
    messages: [
      say('SYSTEM', 100),
      say('USER', 20),
      say('ASSISTANT', 30),
      { tool: { name: 'look' } },
      say('HUMAN_AGENT', 7),
      say('USER', 5),
    ],
  })
  const expected = [100n * GPT_4O.in, 120n * GPT_4O.in, 30n * GPT_4O.out, null, 162n * GPT_4O.in]
  expect(chats.map((chat) => chat.costUsd)).toEqual(expected.map((value) => (value === null ? null : dollars(value))))
  expect(chats.map(({ enrichedFields }) => enrichedFields.includes('COST'))).toEqual(
    expected.map((value) => value !== null),
  )
  expect(costUsd).toBe(dollars(expected.reduce<bigint>((sum, value) => sum + (value ?? 0n), 0n)))
})

test('whether messages are logged at once or appended in turns, each costs the same', async () => {
  const ask = await derive()
  const message = fc.record({
    role: fc.constantFrom('SYSTEM', 'USER', 'ASSISTANT', 'HUMAN_AGENT'),
    content: fc.constantFrom('Where is my order?', 'It left our warehouse.', '', 'ok', 'Danke sehr, das war es schon'),
    model: fc.option(fc.constantFrom('gpt-4o-mini', 'claude-3-5-haiku-latest', 'nobody-knows'), { nil: undefined }),
    tokenCount: fc.option(fc.integer({ min: 0, max: 300_000 }), { nil: undefined }),
    costUsd: fc.option(
      fc.integer({ min: 0, max: 1e9 }).map((value) => value / 1e9),
      { nil: undefined, freq: 5 },
    ),
    timestamp: fc.constantFrom(TIME, '2025-06-01T00:00:00Z'),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(message, { minLength: 1, maxLength: 8 }),
      fc.constantFrom('gpt-4o', 'gemini-2.5-pro', undefined),
      fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 3 }),
      async (chats, model, cuts) => {
        const messages = chats.map((chat) => ({ chat }))
        const { id: _whole, ...whole } = await log(ask, { model, messages })
        const bounds = [...new Set([0, ...cuts.filter((cut) => cut < messages.length), messages.length])].sort(
          (a, b) => a - b,
        )
        let last = await log(ask, { model, status: 'ACTIVE', messages: messages.slice(0, bounds[1]) })
        for (const [i, from] of bounds.slice(1, -1).entries()) {
          const part = messages.slice(from, bounds[i + 2])
          last = await write(ask, 'appendMessages', { by: { id: last.id }, messages: part })
        }
        const { id: _parts, ...parts } = last
        expect(parts).toEqual(whole)
        const billionths = whole.chats.reduce((sum, { costUsd }) => sum + BigInt(Math.round((costUsd ?? 0) * 1e9)), 0n)
        const isPriced = whole.chats.some(({ costUsd }) => costUsd !== null)
        expect(whole.costUsd).toBe(isPriced ? dollars(billionths) : null)
      },
    ),
    { numRuns: 25 },
  )
})

test('tokens that were derived are paid like given ones', async () => {
  const ask = await derive()
  const { chats } = await log(ask, {
    model: 'gpt-4o',
    messages: [
      { chat: { role: 'USER', content: 'one two three' } },
      { chat: { role: 'ASSISTANT', content: 'four five' } },
    ],
  })
  expect(chats.map(({ tokenCount, costUsd }) => [tokenCount, costUsd])).toEqual([
    [3, dollars(3n * GPT_4O.in)],
    [2, dollars(2n * GPT_4O.out)],
  ])
})

test('a model that nobody knows costs null, and so does none', async () => {
  const ask = await derive()
  for (const model of [
    'nobody-knows',
    'gpt',
    'constructor',
    '',
    ' ',
    'x'.repeat(256),
    'openai/',
    '/gpt-4o',
    undefined,
  ]) {
    const chat = await logOne(ask, { content: 'Hello', tokenCount: 10 }, { model })
    expect(chat, model).toMatchObject({ costUsd: null, enrichedFields: [] })
  }
})

test('the model is the message’s, else the conversation’s, else that of its agent, else of the first agent that has one', async () => {
  const ask = await derive()
  const createAgent = (externalId: string, model?: string) =>
    ask('mutation ($input: CreateAgentInput!) { createAgent(input: $input) { agent { id } } }', {
      input: { externalId, name: externalId, model },
    })
  await createAgent('plain')
  await createAgent('mini', 'gpt-4o-mini')
  await createAgent('full', 'gpt-4o')
  const MINI = 150n
  const agents = ['plain', 'mini', 'full'].map((externalId) => ({ externalId }))
  const costOf = async (chat: Record<string, unknown>, input: Record<string, unknown>) =>
    (await logOne(ask, { content: 'x', tokenCount: 1_000, timestamp: TIME, ...chat }, input)).costUsd

  const agent = { externalId: 'full' }
  expect(await costOf({ model: 'gpt-4o-mini', agent }, { model: 'gpt-4o', agents })).toBe(dollars(1_000n * MINI))
  expect(await costOf({ agent }, { model: 'gpt-4o-mini', agents })).toBe(dollars(1_000n * MINI))
  expect(await costOf({ agent }, { agents })).toBe(dollars(1_000n * GPT_4O.in))
  expect(await costOf({}, { agents })).toBe(dollars(1_000n * MINI))
  expect(await costOf({}, { agents: agents.slice(0, 1) })).toBeNull()

  // Appended to a conversation that has its agents already.
  await log(ask, { externalId: 'grows', status: 'ACTIVE', agents, messages: [say('USER', 0)] })
  const { chats } = await write(ask, 'appendMessages', { by: { externalId: 'grows' }, messages: [say('USER', 1_000)] })
  expect(chats.at(-1)?.costUsd).toBe(dollars(1_000n * MINI))
})

test('a provider may stand before the name, and metadata may hold it', async () => {
  const ask = await derive()
  const chat = { content: 'x', tokenCount: 1_000, timestamp: TIME }
  const expected = dollars(1_000n * GPT_4O.in)
  expect((await logOne(ask, chat, { model: 'openai/gpt-4o' })).costUsd).toBe(expected)
  expect((await logOne(ask, chat, { model: 'GPT-4o' })).costUsd).toBe(expected)
  expect((await logOne(ask, chat, { model: 'gpt-4o-2024-08-06' })).costUsd).toBe(expected)
  expect((await logOne(ask, chat, { metadata: { model: 'gpt-4o' } })).costUsd).toBe(expected)
})

test('models that cost more where more is sent do so for the whole of it', async () => {
  const { chats } = await log(await derive(), {
    model: 'gemini-2.5-pro',
    messages: [say('USER', 200_000), say('ASSISTANT', 100), say('USER', 1), say('ASSISTANT', 100)],
  })
  // 1.25 dollars in and 10 out for a million, 2.50 and 15 beyond 200,000 tokens.
  const expected = [200_000n * 1_250n, 100n * 10_000n, 200_101n * 2_500n, 100n * 15_000n]
  expect(chats.map(({ costUsd }) => costUsd)).toEqual(expected.map(dollars))
})

test('without its length a message costs null, also where that of others is known', async () => {
  const { id, ask } = await server.newTenant({ derives: true })
  await server.admin('mutation ($input: UpdateTenantInput!) { updateTenant(input: $input) { tenant { id } } }', {
    input: { id, enrichment: { tokenCount: false } },
  })
  const { chats } = await log(ask, {
    model: 'gpt-4o',
    messages: [{ chat: { role: 'USER', content: 'Hello' } }, say('ASSISTANT', 10)],
  })
  expect(chats.map(({ tokenCount, costUsd }) => [tokenCount, costUsd])).toEqual([
    [null, null],
    [10, dollars(10n * GPT_4O.out)],
  ])
})

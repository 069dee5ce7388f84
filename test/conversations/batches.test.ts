import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Ask, startTestServer } from '../support/server.ts'
import { CONVERSATION, MESSAGE } from './writes.ts'

const server = await startTestServer()

const LOG = `mutation ($inputs: [LogConversationInput!]!) {
  logConversations(input: { conversations: $inputs }) { results { created error { code } conversation { externalId } } }
}`
const ALL = `{
  conversations(first: 3) { nodes { ${CONVERSATION.replace(' id ', ' ')} messages(first: 30) { nodes { ${MESSAGE.replace(' id ', ' ')} } } } }
  agents { nodes { externalId name model } }
}`

const time = (minute: number) => `2026-01-05T09:${String(minute).padStart(2, '0')}:00.000Z`
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })

const message = fc.record({
  role: fc.constantFrom('SYSTEM', 'USER', 'ASSISTANT'),
  content: fc.constantFrom('Where is my order?', 'It left our warehouse.', 'Danke sehr, das war es schon', 'ok'),
  // Known to the price table, and not.
  model: maybe(fc.constantFrom('gpt-4o-mini', 'nobody-knows')),
  tokenCount: maybe(fc.integer({ min: 0, max: 300_000 })),
  timestamp: fc.integer({ min: 0, max: 59 }).map(time),
  agent: maybe(fc.constantFrom({ externalId: 'bot' }, { externalId: 'other' })),
})

/** Most of the time this. */
const mostly = <Value>(usual: Value, ...others: Value[]) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) })

/** Logged again, a conversation is appended to, several times in one call; closed, it refuses. */
const input = fc.record({
  externalId: fc.constantFrom('a', 'a', 'a', 'b'),
  onConflict: mostly('APPEND', 'RETURN_EXISTING', 'ERROR'),
  status: mostly('ACTIVE', 'COMPLETED'),
  messages: fc.array(
    message.map((chat) => ({ chat })),
    { minLength: 1, maxLength: 2 },
  ),
  metadata: fc.dictionary(fc.constantFrom('x', 'y'), fc.integer({ min: 0, max: 3 }), { noNullPrototype: true }),
  model: maybe(fc.constant('gpt-4o')),
  endUserId: maybe(fc.constantFrom('ada', 'bob')),
})

type Input = typeof input extends fc.Arbitrary<infer Value> ? Value : never

const appended = (language: string, metadata: Record<string, unknown>, status = 'ACTIVE') => ({
  ...{ externalId: 'a', onConflict: 'APPEND', status, model: 'gpt-4o', metadata },
  messages: [{ chat: { role: 'USER', content: 'ok', tokenCount: 1_000, timestamp: time(1), language } }],
})

/** What an append must know of those before it in its call: metadata, who the user is, languages, tokens, the end. */
const KNOWS_THOSE_BEFORE = [
  appended('fr', {}),
  appended('de', { x: 1 }),
  appended('en', { y: 2, userId: 'ada' }),
  appended('en', { userId: 'bob' }),
  appended('fr', { x: 3 }, 'COMPLETED'),
  appended('en', { x: 4 }),
] as unknown as Input[]

/** Sends inputs in calls of so many; each outcome, and all that is there afterwards. */
async function logInCallsOf(ask: Ask, inputs: readonly object[], size: number) {
  const results: unknown[] = []
  for (let i = 0; i < inputs.length; i += size) {
    const { data, errors } = await ask(LOG, { inputs: inputs.slice(i, i + size) })
    expect(errors).toBeUndefined()
    results.push(...data.logConversations.results)
  }
  const { data, errors } = await ask(ALL)
  expect(errors).toBeUndefined()
  return { results, stored: data }
}

test('however many are logged in one call, each becomes what it would by itself, its derived costs included', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(input, { minLength: 6, maxLength: 9 }), async (inputs) => {
      const [one, all] = await Promise.all(
        [1, inputs.length].map(async (size) => {
          const { ask } = await server.newTenant({ derives: true })
          return logInCallsOf(ask, inputs, size)
        }),
      )
      expect(all).toEqual(one)
    }),
    { numRuns: 4, examples: [[KNOWS_THOSE_BEFORE]] },
  )
})

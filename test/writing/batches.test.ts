import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Ask, startTestServer } from '../support/server.ts'
import { CONVERSATION, MESSAGE } from './writes.ts'

const server = await startTestServer()

const LOG = `mutation ($inputs: [LogConversationInput!]!) {
  logConversations(inputs: $inputs) { results { created error { code } conversation { externalId } } }
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

/** Logged again, a conversation is appended to; closed, it refuses. */
const input = fc.record({
  externalId: fc.constantFrom('a', 'b', 'c'),
  onConflict: fc.constantFrom('APPEND', 'APPEND', 'APPEND', 'RETURN_EXISTING', 'ERROR'),
  status: fc.constantFrom('ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'COMPLETED'),
  messages: fc.array(
    message.map((chat) => ({ chat })),
    { minLength: 1, maxLength: 3 },
  ),
  metadata: fc.dictionary(fc.constantFrom('x', 'y'), fc.integer({ min: 0, max: 3 }), { noNullPrototype: true }),
  model: maybe(fc.constant('gpt-4o')),
  endUserId: maybe(fc.constantFrom('ada', 'bob')),
})

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
    fc.asyncProperty(fc.array(input, { minLength: 4, maxLength: 8 }), async (inputs) => {
      const [one, all] = await Promise.all(
        [1, inputs.length].map(async (size) => {
          const { ask } = await server.newTenant({ derives: true })
          return logInCallsOf(ask, inputs, size)
        }),
      )
      expect(all).toEqual(one)
    }),
    { numRuns: 5 },
  )
})

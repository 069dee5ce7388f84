import fc from 'fast-check'
import type { Ask } from '../support/server.ts'

/** Random histories of a tenant: logs, appends, late arrivals, edits, ratings, results and deletions. */

/** Two days before clocks are set forward in New York and Havana (there at midnight). */
export const START = Date.parse('2026-03-06T00:00:00Z')
export const MINUTE = 60_000
export const SPAN_MINUTES = 5 * 24 * 60

const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null })
const name = fc.constantFrom('a', 'b', 'c')

const message = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      chat: fc.record({
        role: fc.constantFrom('USER', 'ASSISTANT', 'USER', 'ASSISTANT', 'SYSTEM', 'HUMAN_AGENT'),
        content: fc.constantFrom('Hello', 'Where is it?', 'On its way.'),
        tokenCount: maybe(fc.nat(500)),
        cost: maybe(fc.constantFrom(0, 0.000000001, 0.1, 0.2, 1.5)),
        latencyMs: maybe(fc.constantFrom(0, 1.5, 100, 333.333, 5_000)),
        rating: maybe(fc.constantFrom(-1, 0, 1)),
        sentiment: maybe(fc.constantFrom(-1, -0.1, 0, 0.2, 0.7)),
        understood: maybe(fc.boolean()),
        intent: maybe(fc.record({ name })),
      }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ tool: fc.record({ name, error: maybe(fc.constant('it broke')) }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ event: fc.record({ name, visibility: fc.constantFrom('PUBLIC', 'INTERNAL') }) }),
  },
)

const results = {
  outcome: maybe(fc.constantFrom('BOT_HANDLED', 'AGENT', 'EMAIL', 'CUSTOM_ESCALATION', 'FAILED_ESCALATION')),
  resolution: maybe(fc.constantFrom('INFORMED', 'RESOLVED', 'ESCALATED', 'UNDEFINED')),
}
const facts = {
  ...results,
  isTest: fc.constantFrom(false, false, false, true),
  channel: maybe(fc.constantFrom('CHAT', 'VOICE')),
  direction: maybe(fc.constantFrom('INBOUND', 'WEB')),
  campaign: maybe(name),
  language: maybe(fc.constantFrom('en', 'pt-BR')),
  model: maybe(name),
  endUserId: maybe(name),
  labels: fc.array(name, { maxLength: 2 }),
}
const which = fc.nat(1_000)

/** To the millisecond, or on an hour, where buckets end. */
export const time = fc
  .oneof(
    fc.nat(SPAN_MINUTES * MINUTE),
    fc.nat(SPAN_MINUTES / 60).map((hour) => hour * 60 * MINUTE),
  )
  .map((since) => new Date(START + since).toISOString())

const write = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      mutation: fc.constant('logConversation' as const),
      input: fc.record({
        ...facts,
        startedAt: time,
        status: fc.constantFrom('ACTIVE', 'ACTIVE', 'COMPLETED', 'ABANDONED', 'FAILED'),
        metadata: fc.constantFrom(
          {},
          { plan: 'pro' },
          { plan: 245 },
          { plan: '245' },
          { plan: null },
          { plan: { a: 1 } },
        ),
        agents: fc.array(fc.record({ externalId: name }), { maxLength: 2 }),
        messages: fc.array(message, { minLength: 1, maxLength: 5 }),
      }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      mutation: fc.constant('appendMessages' as const),
      which,
      input: fc.record({
        messages: fc.array(message, { minLength: 1, maxLength: 3 }),
        status: maybe(fc.constant('COMPLETED')),
      }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ mutation: fc.constant('updateConversation' as const), which, input: fc.record(facts) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      mutation: fc.constant('completeConversation' as const),
      which,
      input: fc.record({ status: fc.constantFrom('COMPLETED', 'ABANDONED'), ...results }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      mutation: fc.constant('rateMessages' as const),
      which,
      rating: maybe(fc.constantFrom(-1, 0, 1)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ mutation: fc.constant('deleteConversation' as const), which }) },
)

export const history = fc.array(write, { minLength: 5, maxLength: 25 })
export type Write = typeof history extends fc.Arbitrary<(infer One)[]> ? One : never

const SELECTION = {
  logConversation: 'conversation { id messages(first: 100) { nodes { __typename id } } }',
  deleteConversation: 'deletedId',
}

/** Does it all, in order. Refused are only writes to what was closed. */
export async function replay(ask: Ask, writes: readonly Write[]): Promise<void> {
  const stored: { id: string; chats: string[] }[] = []
  for (const one of writes) {
    const at = 'which' in one ? one.which % Math.max(stored.length, 1) : -1
    const target = stored[at]
    if ('which' in one && !target) continue
    const named = { conversationId: target?.id }
    const input =
      one.mutation === 'logConversation'
        ? one.input
        : one.mutation === 'deleteConversation'
          ? named
          : one.mutation === 'rateMessages'
            ? { ...named, ratings: target?.chats.slice(0, 2).map((messageId) => ({ messageId, rating: one.rating })) }
            : { ...named, ...one.input }
    if ('ratings' in input && input.ratings?.length === 0) continue
    const type = `${one.mutation[0]?.toUpperCase()}${one.mutation.slice(1)}Input!`
    const selection = SELECTION[one.mutation as keyof typeof SELECTION] ?? 'conversation { id }'
    const { data, errors } = await ask(
      `mutation ($input: ${type}) { ${one.mutation}(input: $input) { ${selection} } }`,
      { input },
    )
    if (errors && errors[0]?.extensions.code !== 'CONVERSATION_CLOSED') throw new Error(JSON.stringify({ one, errors }))
    if (one.mutation === 'logConversation') {
      const { id, messages } = data.logConversation.conversation
      const chats = messages.nodes.filter((node: { __typename: string }) => node.__typename === 'ChatMessage')
      stored.push({ id, chats: chats.map((node: { id: string }) => node.id) })
    }
    if (one.mutation === 'deleteConversation') stored.splice(at, 1)
  }
}

import fc from 'fast-check'
import type { Ask } from '../support/server.ts'

/** Random histories of a tenant: logs, appends, late arrivals, edits, ratings, results and deletions. */

/** Two days before clocks are set forward in New York and Havana (there at midnight). */
export const START = Date.parse('2026-03-06T00:00:00Z')
export const MINUTE = 60_000
export const SPAN_MINUTES = 5 * 24 * 60

const VOICE_START = START + SPAN_MINUTES * MINUTE

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
        costUsd: maybe(fc.constantFrom(0, 0.000000001, 0.1, 0.200000003, 1.5)),
        latencyMs: maybe(fc.constantFrom(0, 1.5, 100, 333.333, 5_000)),
        rating: maybe(fc.constantFrom(-1, 0, 1)),
        sentiment: maybe(fc.constantFrom(-1, -0.1, 0, 0.2, 0.7)),
        understood: maybe(fc.boolean()),
        intent: maybe(fc.record({ name })),
      }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      tool: fc.record({ name, error: maybe(fc.constant('it broke')), costUsd: maybe(fc.constantFrom(0.1, 0.25)) }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ event: fc.record({ name, visibility: fc.constantFrom('PUBLIC', 'INTERNAL') }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      event: fc.record({
        name: fc.constantFrom('STT_FINAL', 'LLM_REQUEST', 'LLM_FIRST_TOKEN', 'TTS_STREAM', 'INTERRUPTION'),
        visibility: fc.constantFrom('INTERNAL', 'INTERNAL', 'INTERNAL', 'PUBLIC'),
        // Few, after the start of any conversation: some are equal, and most are in another order than they are sent.
        timestamp: fc.constantFrom(0, 1, 250, 1_337, 9_000).map((ms) => new Date(VOICE_START + ms).toISOString()),
      }),
    }),
  },
)

const results = {
  outcome: maybe(fc.constantFrom('BOT_HANDLED', 'HUMAN_AGENT', 'EMAIL', 'CUSTOM_ESCALATION', 'FAILED_ESCALATION')),
  resolution: maybe(fc.constantFrom('INFORMED', 'RESOLVED', 'ESCALATED', 'UNDEFINED')),
}
const facts = {
  ...results,
  isTest: fc.constantFrom(false, false, false, true),
  channel: maybe(fc.constantFrom('CHAT', 'VOICE')),
  direction: maybe(fc.constantFrom('INBOUND', 'WEB')),
  campaign: maybe(name),
  endReason: maybe(name),
  language: maybe(fc.constantFrom('en', 'pt-BR')),
  model: maybe(name),
  endUserId: maybe(name),
  companyName: maybe(name),
  analysis: maybe(fc.record({ tags: maybe(fc.array(name, { maxLength: 3 })) })),
  labels: fc.array(name, { maxLength: 2 }),
}
const which = fc.nat(1_000)

/** A conversation that is over may have an end: without one it ends when it began, as no message has a time. */
const lasting = <Fields extends { startedAt: string; status: string }>(
  fields: { [Name in keyof Fields]: fc.Arbitrary<Fields[Name]> },
) =>
  fc.tuple(fc.record(fields), maybe(fc.constantFrom(0, 1, 1_500, 333_333, 90 * MINUTE))).map(([one, lastedMs]) => ({
    ...(one as Fields),
    ...(lastedMs !== null && one.status !== 'ACTIVE'
      ? { endedAt: new Date(Date.parse(one.startedAt) + lastedMs).toISOString() }
      : {}),
  }))

/** Where buckets of some zone begin, or its clocks are set forward: few, so that what is drawn meets. */
const EDGES = [
  ...['2026-03-07T00:00Z', '2026-03-08T00:00Z', '2026-03-09T00:00Z'],
  // Midnight in Havana, which leaps to one o'clock, and in New York; there the leap, and the next midnight.
  ...['2026-03-08T05:00Z', '2026-03-08T07:00Z', '2026-03-09T04:00Z'],
  // Midnight in Kathmandu, in Berlin, on Lord Howe Island.
  ...['2026-03-07T18:15Z', '2026-03-07T23:00Z', '2026-03-08T13:00Z'],
].map((edge) => Date.parse(edge) - START)

/** Mostly where buckets end, to the millisecond before or after. */
export const time = fc
  .oneof(
    { weight: 1, arbitrary: fc.nat(SPAN_MINUTES * MINUTE) },
    { weight: 1, arbitrary: fc.nat(SPAN_MINUTES / 15).map((quarter) => quarter * 15 * MINUTE) },
    {
      weight: 4,
      arbitrary: fc.tuple(fc.constantFrom(...EDGES), fc.constantFrom(-1, 0, 0, 0, 1)).map(([edge, ms]) => edge + ms),
    },
  )
  .map((since) => new Date(START + since).toISOString())

const write = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      mutation: fc.constant('logConversation' as const),
      input: lasting({
        ...facts,
        startedAt: time,
        status: fc.constantFrom('ACTIVE', 'ACTIVE', 'COMPLETED', 'ABANDONED', 'FAILED'),
        metadata: fc.constantFrom(
          {},
          { plan: 'pro' },
          { plan: 245 },
          { plan: '245' },
          { plan: null },
          { plan: false },
          { plan: 0 },
          { plan: '' },
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
      mutation: fc.constant('updateMessages' as const),
      which,
      found: fc.record({
        rating: fc.constantFrom(-1, 0, 1, null),
        sentiment: fc.constantFrom(-0.5, 0.25, null),
        understood: fc.constantFrom(true, false, null),
        language: fc.constantFrom('en', 'de', null),
      }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ mutation: fc.constant('deleteConversation' as const), which }) },
)

export const history = fc.array(write, { minLength: 10, maxLength: 25 })
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
    const named = { by: { id: target?.id } }
    const input =
      one.mutation === 'logConversation'
        ? one.input
        : one.mutation === 'deleteConversation'
          ? named
          : one.mutation === 'updateMessages'
            ? { ...named, messages: target?.chats.slice(0, 2).map((id) => ({ by: { id }, ...one.found })) }
            : { ...named, ...one.input }
    if (one.mutation === 'updateMessages' && target?.chats.length === 0) continue
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

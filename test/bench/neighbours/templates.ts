/**
 * Conversations that are written through the server once, so that everything it derives, redacts and sums up is there,
 * and then copied with other ids, times and tenants (data.ts).
 */

/** Texts that each copy replaces with values of its own; nothing else in a template looks like them. */
export const PLACES = { order: '81818181', customer: '82828282', user: '83838383' } as const

export const TEMPLATES = 60

/** All templates begin at this time. */
export const BEGIN_MS = Date.parse('2026-01-05T00:00:00Z')

const QUESTIONS = [
  'where is my parcel and when will it finally arrive? I am really disappointed',
  'I would like to change the address of my delivery please',
  'the lamp came broken, and I need a refund as soon as possible',
  'can you tell me whether the blue chair is available again',
  'my voucher is refused when I pay, what am I doing wrong',
  'I want to cancel this because it takes far too long',
]
const ANSWERS = [
  'your order has left our warehouse this morning and should be with you tomorrow before noon',
  'I have changed the address, nothing more is needed from you',
  'I am sorry about that, the refund will be on your account within three days',
  'it will be available again next week, shall I send you a message then',
]
const CLOSINGS = [
  'thank you very much for the quick and friendly help',
  'that is not what I hoped for',
  'wonderful, this was easy',
]
const INTENTS = ['track_order', 'change_address', 'refund', 'availability', 'voucher', 'cancel']

/** One of several, for the `n`-th template. */
const pick = <Value>(values: readonly Value[], n: number): Value => values[n % values.length] as Value

/** The `n`-th template, as a `LogConversationInput`. */
export function templateInput(n: number): Record<string, unknown> {
  const at = (seconds: number) => new Date(BEGIN_MS + seconds * 1_000).toISOString()
  const chat = (seconds: number, role: 'USER' | 'ASSISTANT', content: string, more: object = {}) => ({
    chat: { role, content, timestamp: at(seconds), ...more },
  })
  const outcome = pick(['BOT_HANDLED', 'HUMAN_AGENT', 'EMAIL', null], n)
  const resolution = pick(['RESOLVED', 'INFORMED', null], n)
  return {
    externalId: `order-${PLACES.order}-${n}`,
    status: pick(['COMPLETED', 'COMPLETED', 'COMPLETED', 'ABANDONED', 'FAILED'], n),
    channel: pick(['CHAT', 'VOICE', 'EMAIL'], n),
    direction: pick(['INBOUND', 'WEB'], n),
    campaign: `campaign-${n % 7}`,
    endUserId: `user-${PLACES.user}`,
    model: pick(['gpt-4o', 'claude-3-5-sonnet-20241022', 'gemini-1.5-pro'], n),
    labels: [`label-${n % 11}`],
    metadata: {
      plan: pick(['free', 'pro', 'team', 'enterprise'], n),
      customer: `c${PLACES.customer}`,
      score: n,
      shop: { country: pick(['DE', 'US', 'BR'], n) },
    },
    ...(outcome ? { outcome } : {}),
    ...(resolution ? { resolution } : {}),
    messages: [
      chat(0, 'USER', `Hello, it is about order ${PLACES.order}: ${pick(QUESTIONS, n)}`, {
        intent: { name: pick(INTENTS, n) },
      }),
      chat(20, 'ASSISTANT', 'Let me have a look, this will only take a moment.', { latencyMs: 600 + n }),
      { tool: { name: 'find_order', input: { order: PLACES.order }, output: { found: true }, timestamp: at(40) } },
      chat(60, 'ASSISTANT', `About order ${PLACES.order}: ${pick(ANSWERS, n)}`, { latencyMs: 900 + n }),
      chat(100, 'USER', pick(CLOSINGS, n), { understood: n % 9 !== 0 }),
      chat(120, 'ASSISTANT', 'You are very welcome. Is there anything else that I can do for you?', {
        ...(n % 5 === 0 ? { rating: n % 2 ? 1 : -1 } : {}),
        latencyMs: 700 + n,
      }),
    ],
  }
}

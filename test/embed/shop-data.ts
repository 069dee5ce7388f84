import type { Answer } from '../support/server.ts'

/** What customers of a shop ask, and what they are told. */
const TOPICS = [
  [
    'Where is my order?',
    'It left our warehouse this morning and should be with you tomorrow before noon.',
    'find_order',
  ],
  [
    'I would like to send something back',
    'Of course. I have sent a return label to your email address.',
    'create_return',
  ],
  [
    'My discount code is not accepted',
    'That code expired yesterday. I have added a new one to your basket.',
    'check_coupon',
  ],
  ['Do you ship to Norway?', 'Yes, we do. It takes three to five days and costs €9.90.', 'find_rates'],
  ['Can I change the delivery address?', 'I have changed it. You will get a confirmation in a minute.', 'update_order'],
  ['The invoice is missing', 'Here it is.', 'find_invoice'],
] as const
const CHANNELS = ['CHAT', 'CHAT', 'CHAT', 'CHAT', 'EMAIL', 'EMAIL', 'VOICE', 'TICKET'] as const
const AGENTS = ['Order bot', 'Returns bot', 'Concierge'] as const
const DAY_MS = 86_400_000

/** Logs conversations of the last sixty days, more of them on weekdays and lately. Always the same but for their dates. */
export async function logShopData(ask: (document: string, variables: object) => Promise<Answer>): Promise<void> {
  const conversations = daysBack().flatMap((day) =>
    Array.from({ length: countOn(day) }, (_, index) => conversation(day, index)),
  )
  for (let from = 0; from < conversations.length; from += 200) {
    const input = { conversations: conversations.slice(from, from + 200) }
    const { data, errors } = await ask(
      'mutation ($input: LogConversationsInput!) { logConversations(input: $input) { results { error { message } } } }',
      { input },
    )
    const refused = errors ?? data.logConversations.results.filter(({ error }: { error: unknown }) => error)
    if (refused.length > 0) throw new Error(JSON.stringify(refused.slice(0, 3)))
  }
}

const daysBack = () => Array.from({ length: 60 }, (_, day) => day)

function countOn(daysAgo: number) {
  const weekday = new Date(Date.now() - daysAgo * DAY_MS).getUTCDay()
  const isWeekend = weekday === 0 || weekday === 6
  return Math.max(1, Math.round((isWeekend ? 5 : 13) + 4 * Math.sin(daysAgo / 3) - daysAgo / 12))
}

function conversation(daysAgo: number, index: number) {
  const mixed = daysAgo * 7 + index * 13
  const [question, answer, tool] = TOPICS[mixed % TOPICS.length] ?? TOPICS[0]
  const startedAtMs = Date.now() - daysAgo * DAY_MS - index * 1_900_000 - 240_000
  const at = (seconds: number) => new Date(startedAtMs + seconds * 1_000).toISOString()
  const isOpen = daysAgo === 0 && index < 2
  const agent = { externalId: AGENTS[mixed % AGENTS.length] }
  const isBad = mixed % 9 === 0
  return {
    externalId: `shop-${daysAgo}-${index}`,
    status: isOpen ? 'ACTIVE' : mixed % 11 === 0 ? 'ABANDONED' : 'COMPLETED',
    channel: CHANNELS[mixed % CHANNELS.length],
    endUserId: `customer-${mixed % 41}`,
    startedAt: at(0),
    messages: [
      { chat: { role: 'USER', content: question, timestamp: at(1), sentiment: isBad ? -0.7 : 0.1 } },
      {
        tool: {
          name: tool,
          input: { order: 1000 + mixed },
          ...(isBad ? { error: 'The service did not answer.' } : { output: { status: 'found' } }),
          durationMs: 320 + mixed,
          timestamp: at(4),
        },
      },
      {
        chat: {
          role: 'ASSISTANT',
          content: answer,
          agent,
          timestamp: at(6),
          tokenCount: 90,
          costUsd: 0.004,
          latencyMs: 900 + mixed * 3,
          ...(tool === 'find_invoice'
            ? {
                attachments: [
                  { url: 'https://files.example/invoice.pdf', name: 'invoice.pdf', mediaType: 'application/pdf' },
                ],
              }
            : {}),
        },
      },
      {
        chat: {
          role: 'USER',
          content: isBad
            ? 'That is no help at all. I have been waiting for a week, and nobody can tell me where it is.'
            : 'Great, thank you!',
          timestamp: at(60),
          sentiment: isBad ? -0.8 : 0.9,
        },
      },
      {
        chat: {
          role: 'ASSISTANT',
          content: 'Is there anything else that I can do for you?',
          agent,
          timestamp: at(64),
          tokenCount: 40,
          costUsd: 0.002,
          rating: isBad ? -1 : 1,
        },
      },
    ],
  }
}

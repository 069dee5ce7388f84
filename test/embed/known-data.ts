import type { Ask } from '../support/server.ts'

const DAY_MS = 86_400_000
const CHANNELS = ['CHAT', 'CHAT', 'CHAT', 'EMAIL', 'VOICE'] as const
const SENTIMENTS = [0.8, 0.1, -0.6] as const

export interface KnownData {
  /** How many conversations. */
  count: number
  /** A word that is in every text of theirs, by which they are told from those of others. */
  canary: string
  /** When the newest began. The others are spread over 28 days before it. */
  now?: Date
}

/** Logs conversations of which a canary is in every text that somebody wrote, with everything that a transcript can hold. */
export async function logKnownData(ask: Ask, data: KnownData): Promise<void> {
  const conversations = Array.from({ length: data.count }, (_, index) => conversation(index, data))
  const document = `mutation ($input: LogConversationsInput!) {
    logConversations(input: $input) { results { error { code message } } }
  }`
  const { data: answer, errors } = await ask(document, { input: { conversations } })
  const refused = errors ?? answer.logConversations.results.filter(({ error }: { error: unknown }) => error)
  if (refused.length > 0) throw new Error(JSON.stringify(refused))
}

function conversation(index: number, { count, canary, now = new Date() }: KnownData) {
  const startedAtMs = now.getTime() - 60_000 - (index * 28 * DAY_MS) / count
  const at = (seconds: number) => new Date(startedAtMs + seconds * 1_000).toISOString()
  const open = index === 0
  return {
    externalId: `${canary}-external-${index}`,
    status: open ? 'ACTIVE' : 'COMPLETED',
    channel: CHANNELS[index % CHANNELS.length],
    title: `${canary} title ${index}`,
    description: `${canary} description`,
    endUserId: `${canary}-customer-${index % 7}`,
    companyName: `${canary} Ltd`,
    campaign: `${canary} campaign`,
    model: `${canary}-model`,
    feedback: `${canary} feedback`,
    labels: [`${canary}-label`],
    metadata: { [`${canary}Key`]: `${canary} value` },
    startedAt: at(0),
    ...(open ? {} : { endedAt: at(90), endReason: `${canary} end`, outcome: 'BOT_HANDLED', resolution: 'RESOLVED' }),
    messages: messages(index, canary, at),
  }
}

const messages = (index: number, canary: string, at: (seconds: number) => string) => [
  {
    chat: {
      role: 'USER',
      content: `${canary} question ${index} <b onclick="x">bold</b> & ${'long'.repeat(30)}`,
      authorName: `${canary} visitor`,
      sentiment: SENTIMENTS[index % SENTIMENTS.length],
      timestamp: at(1),
      intent: { name: `${canary} intent` },
    },
  },
  {
    tool: {
      name: `${canary}_tool`,
      input: { text: `${canary} input` },
      output: { text: `${canary} output` },
      thought: `${canary} thought`,
      ...(index % 4 === 0 ? { error: `${canary} error` } : {}),
      durationMs: 120,
      timestamp: at(2),
    },
  },
  { event: { name: `${canary}_event`, payload: { text: `${canary} payload` }, timestamp: at(3) } },
  {
    chat: {
      role: 'ASSISTANT',
      content: `${canary} answer ${index}. שלום, see https://shop.example/${canary}`,
      agent: { externalId: `${canary}-agent-${index % 2}` },
      attachments: [
        { url: `https://files.example/${canary}.pdf`, name: `${canary} file.pdf`, mediaType: 'application/pdf' },
      ],
      rating: index % 3 === 0 ? 1 : -1,
      tokenCount: 20,
      costUsd: 0.01,
      timestamp: at(5),
    },
  },
]

import { metadataEntries } from '../../../src/metadata/metadata-entries.ts'

/** A conversation as it is sent to be written, in no system's own form. Times: ISO 8601. */
export interface GivenConversation {
  externalId: string
  status: 'ACTIVE' | 'COMPLETED'
  channel: 'CHAT'
  endUserId: string
  model: string
  metadata: Record<string, unknown>
  messages: GivenMessage[]
}

export type GivenMessage = GivenChat | GivenTool

export interface GivenChat {
  kind: 'CHAT'
  timestamp: string
  role: 'USER' | 'ASSISTANT'
  content: string
  latencyMs?: number
}

export interface GivenTool {
  kind: 'TOOL'
  timestamp: string
  name: string
  input: unknown
  output: unknown
}

/** Eight digits in each of these places are written over before sending: every conversation has an external id of its own. */
export const STAMP = '00000000'

/** English, with a feeling and an e-mail address: there is something to derive, and something to take out. */
const SAID: (['USER' | 'ASSISTANT', string] | null)[] = [
  [
    'USER',
    'Hello, I am Ada Lovelace, you can reach me at ada.lovelace@example.com. My order 4711 has still not arrived, and I am really disappointed because I needed it for my birthday.',
  ],
  [
    'ASSISTANT',
    'I am sorry to hear that, Ada. Let me have a look at where your parcel is right now, this will only take a moment.',
  ],
  null,
  [
    'ASSISTANT',
    'Your parcel left our warehouse this morning and is on its way to you. It should be with you tomorrow before noon.',
  ],
  ['USER', 'That is wonderful news, thank you so much for the quick and friendly help!'],
  ['ASSISTANT', 'You are very welcome. Is there anything else that I can do for you today?'],
]

/** All at about the same time, as what is logged while it happens: in the sums by time they meet in the same rows. */
export function conversationToWrite(status: GivenConversation['status'] = 'COMPLETED'): GivenConversation {
  const begin = Math.floor(Date.now() / 900_000) * 900_000 - 900_000
  return {
    externalId: `bench-${STAMP}`,
    status,
    channel: 'CHAT',
    endUserId: 'ada',
    model: 'gpt-4o',
    metadata: { plan: 'pro', customer: 'c17', score: 7, shop: { country: 'DE' } },
    messages: SAID.map((said, i): GivenMessage => {
      const timestamp = new Date(begin + i * 20_000).toISOString()
      if (!said)
        return {
          ...{ kind: 'TOOL', timestamp, name: 'find_order', input: { order: 4711 } },
          output: { status: 'shipped', carrier: 'DHL' },
        }
      const [role, content] = said
      return { kind: 'CHAT', timestamp, role, content, ...(role === 'ASSISTANT' ? { latencyMs: 812.5 } : {}) }
    }),
  }
}

/** One more message of it. */
export function messageToAppend(): GivenChat {
  const timestamp = new Date(Math.floor(Date.now() / 1_000) * 1_000).toISOString()
  return { kind: 'CHAT', timestamp, role: 'USER', content: SAID[4]?.[1] ?? '' }
}

/** What of a conversation counts; a server has read its times or not. */
interface Countable {
  status: string
  metadata: unknown
  messages: {
    kind: string
    timestamp: string | Date
    role?: string | null | undefined
    latencyMs?: number | null | undefined
  }[]
}

/** What Parley's tables keep beside what is given: the peers fill it in as well. */
export function keptBeside({ status, messages, metadata }: Countable) {
  const count = (fits: (message: Countable['messages'][number]) => boolean) => messages.filter(fits).length
  const latencies = messages.flatMap(({ role, latencyMs }) => (role === 'ASSISTANT' ? (latencyMs ?? []) : []))
  const times = messages.map(({ timestamp }) => new Date(timestamp).getTime())
  const last = new Date(Math.max(...times)).toISOString()
  return {
    startedAt: new Date(Math.min(...times)).toISOString(),
    endedAt: status === 'COMPLETED' ? last : null,
    lastMessageAt: last,
    messageCount: messages.length,
    userMessageCount: count(({ role }) => role === 'USER'),
    assistantMessageCount: count(({ role }) => role === 'ASSISTANT'),
    toolCallCount: count(({ kind }) => kind === 'TOOL'),
    latencyCount: latencies.length,
    latencySumMs: latencies.reduce((sum, latency) => sum + latency, 0),
    entries: metadataEntries(metadata as Record<string, unknown>),
  }
}

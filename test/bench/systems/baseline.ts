import { type Question, type SeenConversation, type SeenMessage, type System, startServer } from './system.ts'

interface Conversation extends Omit<SeenConversation, 'startedAt' | 'messages'> {
  startedAt: string
  messages: (Omit<SeenMessage, 'timestamp'> & { timestamp: string })[]
}

/** `pg` with prepared statements behind bare `node:http`, as the owner of the tables: no wall. */
export async function startBaseline(ownerUrl: string): Promise<System> {
  const serving = await startServer('baseline-server.ts', ownerUrl)
  const question = (path: string, given: object): Question => ({ path, headers: {}, body: JSON.stringify(given) })
  return {
    ...serving,
    name: 'baseline',
    list({ tenantId, where, after }) {
      if (where) return question('/where', { tenantId, path: `/${where.key}`, value: `s${where.value}` })
      if (after) return question('/after', { tenantId, startedAt: after.startedAt, id: after.id })
      return question('/list', { tenantId })
    },
    readList(answer) {
      const { conversations, hasNextPage } = JSON.parse(answer) as {
        conversations: Conversation[]
        hasNextPage: boolean
      }
      return { conversations: conversations.map(seen), hasNextPage }
    },
    get: ({ tenantId, id }) => question('/get', { tenantId, id }),
    readGet: (answer) => seen(JSON.parse(answer) as Conversation),
    log: (tenantId, conversation) => question('/log', { tenantId, conversation }),
    append: (tenantId, id, message) => question('/append', { tenantId, id, message }),
  }
}

const seen = (conversation: Conversation): SeenConversation => ({
  ...conversation,
  startedAt: Date.parse(conversation.startedAt),
  messages: conversation.messages.map((message) => ({ ...message, timestamp: Date.parse(message.timestamp) })),
})

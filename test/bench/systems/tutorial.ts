import { formatPrismaCursor } from '@pothos/plugin-prisma'
import { graphql, type SeenConversation, type SeenMessage, type System, startServer } from './system.ts'

const MESSAGE = 'edges { node { kind sequence timestamp role content name output } }'
const CONVERSATION = 'id externalId status startedAt metadata'

const LIST = `query ($after: String, $path: String, $value: String) {
  conversations(first: 20, after: $after, metadataPath: $path, metadataValue: $value) {
    edges { node { ${CONVERSATION} messages(first: 6) { ${MESSAGE} } } }
    pageInfo { hasNextPage endCursor }
  }
}`
const GET = `query ($id: ID!) {
  conversation(id: $id) {
    ${CONVERSATION}
    opening: messages(first: 100) { ${MESSAGE} }
    closing: messages(last: 100) { ${MESSAGE} }
  }
}`

const LOG = `mutation ($input: ConversationInput!) { logConversation(input: $input) { id } }`
const APPEND = `mutation ($id: ID!, $message: MessageInput!) { appendMessage(conversationId: $id, message: $message) { sequence } }`

interface Messages {
  edges: { node: Omit<SeenMessage, 'timestamp'> & { timestamp: string } }[]
}
interface Conversation extends Omit<SeenConversation, 'startedAt' | 'messages'> {
  startedAt: string
}

/** The plain Pothos + Prisma way, as the owner of the tables. */
export async function startTutorial(ownerUrl: string): Promise<System> {
  const serving = await startServer('tutorial-server.ts', ownerUrl)
  return {
    ...serving,
    name: 'Pothos + Prisma',
    list: ({ tenantId, where, after }) =>
      graphql(tenantId, LIST, {
        ...(after ? { after: formatPrismaCursor({ tenantId, id: after.id }, ['tenantId', 'id']) } : {}),
        ...(where ? { path: `/${where.key}`, value: `s${where.value}` } : {}),
      }),
    readList(answer) {
      const page = JSON.parse(answer).data.conversations
      const conversations = page.edges.map(({ node }: { node: Conversation & { messages: Messages } }) =>
        seen(node, node.messages),
      )
      return { conversations, hasNextPage: page.pageInfo.hasNextPage }
    },
    get: ({ tenantId, id }) => graphql(tenantId, GET, { id }),
    readGet(answer) {
      const node = JSON.parse(answer).data.conversation
      return seen(node, node.opening, node.closing)
    },
    log: (tenantId, input) => graphql(tenantId, LOG, { input }),
    append: (tenantId, id, message) => graphql(tenantId, APPEND, { id, message }),
  }
}

const seen = (node: Conversation, ...pages: Messages[]): SeenConversation => ({
  id: node.id,
  externalId: node.externalId,
  status: node.status,
  startedAt: Date.parse(node.startedAt),
  metadata: node.metadata,
  messages: pages.flatMap(({ edges }) =>
    edges.map(({ node: message }) => ({ ...message, timestamp: Date.parse(message.timestamp) })),
  ),
})

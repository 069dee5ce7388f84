import {
  ask,
  graphql,
  type Place,
  type SeenConversation,
  type SeenMessage,
  type System,
  startServer,
} from './system.ts'

const MESSAGE = 'nodes { kind sequence timestamp role content name output }'
const CONVERSATION = 'rowId externalId status startedAt metadata'
const ORDER = 'orderBy: [STARTED_AT_DESC, ROW_ID_DESC]'

const LIST = `query ($after: Cursor, $filter: ConversationFilter) {
  allConversations(first: 20, after: $after, filter: $filter, ${ORDER}) {
    nodes { ${CONVERSATION} messagesByTenantIdAndConversationId(first: 6) { ${MESSAGE} } }
    pageInfo { hasNextPage endCursor }
  }
}`
const GET = `query ($tenantId: String!, $id: UUID!) {
  conversationByTenantIdAndRowId(tenantId: $tenantId, rowId: $id) {
    ${CONVERSATION}
    opening: messagesByTenantIdAndConversationId(first: 100) { ${MESSAGE} }
    closing: messagesByTenantIdAndConversationId(last: 100) { ${MESSAGE} }
  }
}`
const CURSOR = `query ($id: UUID!) {
  allConversations(first: 1, condition: { rowId: $id }, ${ORDER}) { edges { cursor } }
}`

interface Messages {
  nodes: (Omit<SeenMessage, 'timestamp'> & { timestamp: string })[]
}
interface Conversation extends Omit<SeenConversation, 'id' | 'startedAt' | 'messages'> {
  rowId: string
  startedAt: string
}

/** `servingUrl` names a role that row-level security holds. */
export async function startPostgraphile(servingUrl: string): Promise<System> {
  const serving = await startServer('postgraphile-server.ts', servingUrl)
  const cursorOf = async (tenantId: string, { id }: Place): Promise<string> => {
    const answer = JSON.parse(await ask(serving.origin, graphql(tenantId, CURSOR, { id })))
    return answer.data.allConversations.edges[0].cursor
  }
  return {
    ...serving,
    name: 'PostGraphile 5',
    async list({ tenantId, where, after }) {
      const entry = where && { path: { equalTo: `/${where.key}` }, value: { equalTo: `s${where.value}` } }
      return graphql(tenantId, LIST, {
        ...(after ? { after: await cursorOf(tenantId, after) } : {}),
        ...(entry ? { filter: { conversationMetadataByTenantIdAndConversationId: { some: entry } } } : {}),
      })
    },
    readList(answer) {
      const page = JSON.parse(answer).data.allConversations
      const conversations = page.nodes.map((node: Conversation & { messagesByTenantIdAndConversationId: Messages }) =>
        seen(node, node.messagesByTenantIdAndConversationId),
      )
      return { conversations, hasNextPage: page.pageInfo.hasNextPage }
    },
    get: ({ tenantId, id }) => graphql(tenantId, GET, { tenantId, id }),
    readGet(answer) {
      const node = JSON.parse(answer).data.conversationByTenantIdAndRowId
      return seen(node, node.opening, node.closing)
    },
  }
}

const seen = (node: Conversation, ...pages: Messages[]): SeenConversation => ({
  id: node.rowId,
  externalId: node.externalId,
  status: node.status,
  startedAt: Date.parse(node.startedAt),
  metadata: node.metadata,
  messages: pages.flatMap(({ nodes }) =>
    nodes.map((message) => ({ ...message, timestamp: Date.parse(message.timestamp) })),
  ),
})

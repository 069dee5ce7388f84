import { queryFromInfo } from '@pothos/plugin-prisma'
import type { GraphQLResolveInfo } from 'graphql'
import { Agent } from '../agents/agent.graphql.ts'
import { AuditEvent } from '../audit/audit.graphql.ts'
import type { Context } from '../context.ts'
import { Conversation } from '../conversations/conversation.graphql.ts'
import { filterScope } from '../conversations/conversation-filter.graphql.ts'
import { conversationRows } from '../conversations/conversation-list.sql.ts'
import { loadConversations } from '../conversations/load-conversations.ts'
import { ApiKey } from '../credentials/api-key.graphql.ts'
import { TokenIssuer } from '../credentials/token-issuer.graphql.ts'
import { badInput } from '../errors.ts'
import { builder } from '../graphql/builder.ts'
import { Node } from '../graphql/node.ts'
import type { InputLimits } from '../graphql/read-limits.ts'
import { asRow } from '../graphql/rows.ts'
import { decodeAnyId, type IdType } from '../input/ids.ts'
import { ChatMessage, ConversationEvent, ToolCall, visibleMessages } from '../messages/message.graphql.ts'

type Row = { id: string }

const MESSAGE_TYPES = { CHAT: ChatMessage, TOOL: ToolCall, EVENT: ConversationEvent } as const

/**
 * Loads the objects of one type with these ids in one statement, through the same walls and scopes as the type's own
 * query.
 */
async function loadRows(type: IdType, uuids: string[], context: Context, info: GraphQLResolveInfo): Promise<Row[]> {
  const where = { id: { in: uuids } }
  const query = () => queryFromInfo({ context, info, typeName: type })
  switch (type) {
    case 'ApiKey':
      return (await context.account.apiKey.findMany({ where })).map((row) => ApiKey.addBrand(row))
    case 'AuditEvent':
      return (await context.account.auditEvent.findMany({ where })).map((row) => AuditEvent.addBrand(row))
    case 'TokenIssuer':
      return (await context.account.tokenIssuer.findMany({ where })).map((row) => TokenIssuer.addBrand(row))
    case 'Agent':
      context.require('CONVERSATIONS_READ')
      return (await context.db.agent.findMany({ ...query(), where })).map((row) => Agent.addBrand(row))
    case 'Conversation':
      context.require('CONVERSATIONS_READ')
      return (await loadConversations(conversationRows(uuids, filterScope(context)), context, query())).map((row) =>
        Conversation.addBrand(asRow(row)),
      )
    case 'Message': {
      context.require('CONVERSATIONS_READ')
      const rows = await context.db.message.findMany({ where: { AND: [where, visibleMessages(null, context)] } })
      return rows.map((row) => MESSAGE_TYPES[row.kind].addBrand(row))
    }
  }
}

/** The objects with these ids, in the same order; null for each that does not exist. */
function loadNodes(ids: readonly string[], context: Context, info: GraphQLResolveInfo): Promise<Row | null>[] {
  const decoded = ids.map(decodeAnyId)
  const ofType = Map.groupBy(
    decoded.flatMap((id) => id ?? []),
    ({ type }) => type,
  )
  const rows = new Map(
    [...ofType].map(([type, named]) => {
      const read = loadRows(type, [...new Set(named.map(({ uuid }) => uuid))], context, info)
      return [type, read.then((found) => new Map(found.map((row) => [row.id, row])))]
    }),
  )
  // A promise for each, so that an object that may not be read is an error of its own.
  return decoded.map(async (id) => (id && (await rows.get(id.type))?.get(id.uuid)) ?? null)
}

const MAX_NODES = 100

builder.queryFields((t) => ({
  node: t.field({
    type: Node,
    nullable: true,
    description:
      'An object by its id. Null if it does not exist. Needs the scope ADMIN for `key_…`, `issuer_…` and `audit_…`, and CONVERSATIONS_READ for all others.',
    authScopes: { credential: true },
    args: {
      id: t.arg.id({
        required: true,
        description: 'Id of the object: `conv_…`, `msg_…`, `agent_…`, `key_…`, `issuer_…` or `audit_…`.',
      }),
    },
    resolve: (_root, { id }, context, info) => loadNodes([id], context, info)[0] ?? null,
  }),
  nodes: t.field({
    type: [Node],
    nullable: { list: false, items: true },
    description:
      'Several objects by their ids, in the same order. Null for each that does not exist or, with an error, that the credential may not read. Needs the same scopes as `node`.',
    authScopes: { credential: true },
    args: {
      ids: t.arg.idList({
        required: true,
        description: `Ids of the objects, at most ${MAX_NODES}.`,
        extensions: { hasOwnLimit: true } satisfies InputLimits,
      }),
    },
    resolve: (_root, { ids }, context, info) => {
      if (ids.length > MAX_NODES)
        throw badInput(['ids'], `has ${ids.length} entries; at most ${MAX_NODES} are accepted.`)
      return loadNodes(ids, context, info)
    },
  }),
}))

import { queryFromInfo } from '@pothos/plugin-prisma'
import type { GraphQLResolveInfo } from 'graphql'
import type { Context } from '../context.ts'
import { decodeAnyId } from '../domain/ids.ts'
import { badInput } from '../errors.ts'
import { Agent } from './agent.ts'
import { ApiKey } from './api-key.ts'
import { AuditEvent } from './audit.ts'
import { builder } from './builder.ts'
import { Conversation } from './conversation.ts'
import { ChatMessage, ConversationEvent, ToolCall, visibleMessages } from './message.ts'
import { Node } from './node.ts'
import { TokenIssuer } from './token-issuer.ts'

const MESSAGE_TYPES = { CHAT: ChatMessage, TOOL: ToolCall, EVENT: ConversationEvent } as const

/** Reads what an id names, through the same walls and scopes as the type's own query. Null for what is not there. */
async function readNode(id: string, context: Context, info: GraphQLResolveInfo) {
  const decoded = decodeAnyId(id)
  if (decoded === null) return null
  const where = { id: decoded.uuid }
  const query = (typeName: string) => queryFromInfo({ context, info, typeName })
  switch (decoded.type) {
    case 'ApiKey': {
      const row = await context.account.apiKey.findUnique({ where })
      return row && ApiKey.addBrand(row)
    }
    case 'AuditEvent': {
      const row = await context.account.auditEvent.findUnique({ where })
      return row && AuditEvent.addBrand(row)
    }
    case 'TokenIssuer': {
      const row = await context.account.tokenIssuer.findUnique({ where })
      return row && TokenIssuer.addBrand(row)
    }
    case 'Agent': {
      context.require('CONVERSATIONS_READ')
      const row = await context.db.agent.findFirst({ ...query('Agent'), where })
      return row && Agent.addBrand(row)
    }
    case 'Conversation': {
      context.require('CONVERSATIONS_READ')
      const row = await context.db.conversation.findFirst({ ...query('Conversation'), where })
      return row && Conversation.addBrand(row)
    }
    case 'Message': {
      context.require('CONVERSATIONS_READ')
      const row = await context.db.message.findFirst({ where: { AND: [where, visibleMessages(null, context)] } })
      return row && MESSAGE_TYPES[row.kind].addBrand(row)
    }
  }
}

const MAX_NODES = 100

builder.queryFields((t) => ({
  node: t.field({
    type: Node,
    nullable: true,
    description: 'Anything by its id, or null. Asks for the scope that the type’s own query asks for.',
    authScopes: { credential: true },
    args: {
      id: t.arg.id({
        required: true,
        description: 'Its id: `conv_…`, `msg_…`, `agent_…`, `key_…`, `issuer_…` or `audit_…`.',
      }),
    },
    resolve: (_root, { id }, context, info) => readNode(id, context, info),
  }),
  nodes: t.field({
    type: [Node],
    nullable: { list: false, items: true },
    description: 'Several of them, in the order of the ids; null for each that is not there.',
    authScopes: { credential: true },
    args: { ids: t.arg.idList({ required: true, description: `At most ${MAX_NODES}.` }) },
    resolve: (_root, { ids }, context, info) => {
      if (ids.length > MAX_NODES) throw badInput(['ids'], `has ${ids.length} entries; at most ${MAX_NODES} are taken.`)
      // Promises, not one of all: one that may not be read is an error of its own.
      return ids.map((id) => readNode(id, context, info))
    },
  }),
}))

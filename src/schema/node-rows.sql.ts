import { uuidsOf } from '../agents/agents.sql.ts'
import type { Context } from '../context.ts'
import { filterScope } from '../conversations/conversation-filter.graphql.ts'
import { filterConversations } from '../conversations/conversation-filter.sql.ts'
import { Prisma } from '../database/generated/client/client.ts'
import { ownRows } from '../database/tenant-scope.ts'
import { visibleMessages } from '../messages/message.graphql.ts'
import { conditionsOf, rowsById } from '../rows/row-selection.sql.ts'

const { sql, join } = Prisma

/** The models whose rows are nodes that a tenant owns. */
export type NodeModel = 'Agent' | 'Conversation' | 'Message'

/** The visible rows of a model with these UUIDs, as a page of a `RowSelection`. */
export const nodeRows = (model: NodeModel, ids: readonly string[], context: Context): Prisma.Sql =>
  sql`SELECT n.* FROM (${rowsById(model, ids, context.tenantId)}) n
      WHERE ${join([sql`TRUE`, ...CONDITIONS[model](context)], ' AND ')}`

/** On a node `n`, in addition to its tenant. */
const CONDITIONS: Record<NodeModel, (context: Context) => Prisma.Sql[]> = {
  Conversation: (context) => inRestriction(sql`n.id`, context),
  Message: (context) => [
    ...conditionsOf('Message', 'n', visibleMessages(null, context)),
    ...inRestriction(sql`n.conversation_id`, context),
  ],
  Agent: (context) => {
    const { agents, endUserIds, metadata = [] } = context.rowRestriction ?? {}
    return [
      ...(agents ? [sql`n.id = ANY(${uuidsOf(context.tenantId, agents)})`] : []),
      ...(endUserIds || metadata.length > 0
        ? [
            sql`EXISTS (SELECT 1 FROM conversation_agents l WHERE ${ownRows(context.tenantId, 'l')} AND l.agent_id = n.id
              AND ${join(inRestriction(sql`l.conversation_id`, context))})`,
          ]
        : []),
    ]
  },
}

/** That the row restriction, if there is one, includes the conversation. */
const inRestriction = (id: Prisma.Sql, context: Context): Prisma.Sql[] =>
  context.rowRestriction
    ? [
        sql`EXISTS (SELECT 1 FROM conversations c WHERE c.id = ${id} AND ${filterConversations({}, filterScope(context))})`,
      ]
    : []

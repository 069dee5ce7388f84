import type { ObjectRef } from '@pothos/core'
import type { Context } from '../context.ts'
import { notFound } from '../errors.ts'
import { WRITERS_SEE } from '../graphql/access.ts'
import { builder, type Types } from '../graphql/builder.ts'
import { treeOf } from '../rows/row-selection.sql.ts'
import { Conversation } from './conversation.graphql.ts'
import { writeBatchOf } from './write-batch.ts'

/** What every write of a conversation keeps for a retry: which one it was, by its UUID. */
export interface Written {
  conversationId: string
}

export const conversationField = <Row extends Written>(payload: ObjectRef<Types, Row>, description: string) =>
  builder.objectField(payload, 'conversation', (t) =>
    t.prismaField({
      type: Conversation,
      description: `${description} ${WRITERS_SEE.conversation}`,
      resolve: async (query, { conversationId }, _args, context) => {
        const conversation = await loadWritten(context, query, conversationId)
        // A retry of a write whose conversation was deleted since.
        if (!conversation) throw notFound('conversation')
        return conversation
      },
    }),
  )

type ConversationQuery = { select?: object; include?: object }

/** A conversation that was written, as it is now; null where it was deleted since. */
export async function loadWritten(
  context: Context,
  query: ConversationQuery,
  conversationId: string,
): Promise<never | null> {
  // In the shape that Pothos asked Prisma for.
  return (await writeBatchOf(context).read(conversationId, treeOf('Conversation', query))) as never
}

import type { ObjectRef } from '@pothos/core'
import type { Context } from '../context.ts'
import { notFound } from '../errors.ts'
import { WRITERS_SEE } from '../graphql/access.ts'
import { builder, type Types } from '../graphql/builder.ts'
import { asRow } from '../graphql/rows.ts'
import { treeOf } from '../rows/row-tree.ts'
import { Conversation } from './conversation.graphql.ts'
import { writeBatchOf } from './write-batch.ts'

/** What every write of a conversation stores for a retry: the UUID of the conversation. */
export interface Written {
  conversationId: string
}

/** For descriptions of `duplicateCount`. */
export const DUPLICATES =
  'Number of entries that were left out because the conversation had one with the same external id.'

export const conversationField = <Row extends Written>(payload: ObjectRef<Types, Row>, description: string) =>
  builder.objectField(payload, 'conversation', (t) =>
    t.prismaField({
      type: Conversation,
      description: `${description} ${WRITERS_SEE.conversation}`,
      resolve: async (query, { conversationId }, _args, context) => {
        const conversation = await loadWritten(context, query, conversationId)
        // This is a retry of a write whose conversation was deleted since.
        if (!conversation) throw notFound('conversation')
        return conversation
      },
    }),
  )

type ConversationQuery = { select?: object; include?: object }

/** Loads a written conversation as it is now; null if it was deleted since. */
export async function loadWritten(
  context: Context,
  query: ConversationQuery,
  conversationId: string,
): Promise<never | null> {
  // In the shape that Pothos requested from Prisma.
  return asRow(await writeBatchOf(context).read(conversationId, treeOf('Conversation', query)))
}

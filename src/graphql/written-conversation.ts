import type { ObjectRef } from '@pothos/core'
import DataLoader from 'dataloader'
import type { Context } from '../context.ts'
import type { Client } from '../database/tenant-scope.ts'
import { notFound } from '../errors.ts'
import { builder, type Types } from './builder.ts'
import { Conversation } from './conversation.ts'

/** What every write of a conversation keeps for a retry: which one it was, by its UUID. */
export interface Written {
  conversationId: string
}

/** What a credential that may write and not read is told of a conversation: enough to go on writing to it. */
const WRITER_SEES: ReadonlySet<string> = new Set(['tenantId', 'id', 'externalId', 'status', 'createdAt', 'updatedAt'])

export const WRITER_SEES_ONLY = 'Without the scope CONVERSATIONS_READ: its ids, status, createdAt and updatedAt alone.'

export const conversationField = <Row extends Written>(payload: ObjectRef<Types, Row>, description: string) =>
  builder.objectField(payload, 'conversation', (t) =>
    t.prismaField({
      type: Conversation,
      description: `${description} ${WRITER_SEES_ONLY}`,
      resolve: async (query, { conversationId }, _args, context) => {
        const conversation = await readWritten(context, query, conversationId)
        // A retry of a write whose conversation was deleted since.
        if (!conversation) throw notFound('conversation')
        return conversation
      },
    }),
  )

type ConversationQuery = { select?: object; include?: object }

const readers = new WeakMap<Client, Map<string, DataLoader<string, never>>>()

/** Reads a conversation that was written; all that is asked the same of in one transaction in one statement. */
export async function readWritten(
  context: Context,
  query: ConversationQuery,
  conversationId: string,
): Promise<never | null> {
  if (!Object.keys(query.select ?? {}).every((column) => WRITER_SEES.has(column))) context.require('CONVERSATIONS_READ')
  const { db } = context
  const ofTransaction = readers.get(db) ?? new Map<string, DataLoader<string, never>>()
  readers.set(db, ofTransaction)
  const shape = JSON.stringify(query)
  const reader =
    ofTransaction.get(shape) ??
    new DataLoader(async (ids: readonly string[]) => {
      const found = await db.conversation.findMany({ ...query, where: { id: { in: [...ids] } } })
      const byId = new Map(found.map((row) => [row.id, row]))
      return ids.map((id) => (byId.get(id) ?? null) as never)
    })
  ofTransaction.set(shape, reader)
  return reader.load(conversationId)
}

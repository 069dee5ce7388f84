import { queryFromInfo } from '@pothos/plugin-prisma'
import { conversationVersion } from '../database/conversation-changes.ts'
import { isFinal } from '../domain/conversations.ts'
import { decodeId } from '../domain/ids.ts'
import { badInput, notFound } from '../errors.ts'
import { builder } from './builder.ts'
import { Conversation } from './conversation.ts'
import { filterScope } from './conversation-filter.ts'
import { LIVE_SCOPE, LiveQuery } from './live-query.ts'
import { Message, visibleMessages } from './message.ts'

/** One conversation as it goes on: its state, or its messages. */

export const LIVE_READ = { $all: { scope: LIVE_SCOPE, tenant: true } } as const

/** The whole state at each change: whoever comes back is told all of it at once. */
function liveConversation(id: string): LiveQuery<{ id: string }> {
  const uuid = decodeId('Conversation', id)
  let told: string | null = null
  return new LiveQuery(uuid, async (context) => {
    const version = uuid && (await conversationVersion(context.db, uuid, filterScope(context)))
    if (!uuid || (!version && told === null)) throw notFound('conversation', ['id'])
    if (!version) return { event: null, next: 'END' }
    if (version === told) return { event: null, next: 'WAIT' }
    told = version
    return { event: { id: uuid }, next: 'WAIT' }
  })
}

interface AppendedBatch {
  conversationId: string
  sequences: number[]
}

const MAX_MESSAGES = 100

function liveMessages(id: string, afterSequence: number | null | undefined): LiveQuery<AppendedBatch> {
  if (afterSequence != null && afterSequence < -1) throw badInput(['afterSequence'], 'must be at least -1.')
  const conversationId = decodeId('Conversation', id)
  let behind = afterSequence ?? null
  let found = false
  return new LiveQuery(conversationId, async (context) => {
    const where = { id: conversationId ?? '' }
    const conversation =
      conversationId &&
      (await context.db.conversation.findFirst({ where, select: { status: true, messageCount: true } }))
    if (!conversationId || (!conversation && !found)) throw notFound('conversation', ['conversationId'])
    found = true
    if (!conversation) return { event: null, next: 'END' }
    const last = conversation.messageCount - 1
    behind ??= last
    const messages =
      behind >= last
        ? []
        : await context.db.message.findMany({
            where: { AND: [visibleMessages(null, context), { conversationId, sequence: { gt: behind } }] },
            orderBy: { sequence: 'asc' },
            take: MAX_MESSAGES,
            select: { sequence: true },
          })
    const sequences = messages.map(({ sequence }) => sequence)
    const more = sequences.length === MAX_MESSAGES
    // Sequences are dense, and given out in the order of commits: none can still come before the last.
    behind = more ? (sequences.at(-1) ?? last) : Math.max(behind, last)
    const next = more ? 'MORE' : isFinal(conversation.status) ? 'END' : 'WAIT'
    return { event: sequences.length > 0 ? { conversationId, sequences } : null, next }
  })
}

interface Appended {
  messages: unknown[]
  lastSequence: number
}

const MessagesAppended = builder.objectRef<Appended>('MessagesAppended').implement({
  description: 'Messages that were appended to a conversation.',
  fields: (t) => ({
    messages: t.field({
      type: [Message],
      description: `In order, behind those told before; at most ${MAX_MESSAGES} at once.`,
      resolve: ({ messages }) => messages as never,
    }),
    lastSequence: t.exposeInt('lastSequence', {
      description: 'The sequence of the last of them: give it as `afterSequence` to go on from here.',
    }),
  }),
})

builder.subscriptionFields((t) => ({
  conversationUpdated: t.field({
    type: Conversation,
    description:
      'One conversation: as it is now, and again after each change. Completes when it is deleted. Needs the scope CONVERSATIONS_READ.',
    authScopes: LIVE_READ,
    args: { id: t.arg.id({ required: true, description: 'Its id, `conv_…`.' }) },
    subscribe: (_root, { id }) => liveConversation(id),
    resolve: ({ id }, _args, context, info) =>
      context.db.conversation.findFirstOrThrow({ ...queryFromInfo({ context, info }), where: { id } }) as never,
  }),
  messagesAppended: t.field({
    type: MessagesAppended,
    description:
      'The messages of a conversation as they are appended, each once. Completes when the conversation is closed or deleted. Needs the scope CONVERSATIONS_READ.',
    authScopes: LIVE_READ,
    args: {
      conversationId: t.arg.id({ required: true, description: 'Its id, `conv_…`.' }),
      afterSequence: t.arg.int({
        required: false,
        description: 'Only messages behind this one; -1: from the first. Default: those appended from now on.',
      }),
    },
    subscribe: (_root, { conversationId, afterSequence }) => liveMessages(conversationId, afterSequence),
    resolve: async ({ conversationId, sequences }, _args, context, info) => ({
      messages: await context.db.message.findMany({
        ...queryFromInfo({ context, info, typeName: 'Message', paths: [['messages']] }),
        where: { conversationId, sequence: { in: sequences } },
        orderBy: { sequence: 'asc' },
      }),
      lastSequence: sequences.at(-1) ?? -1,
    }),
  }),
}))

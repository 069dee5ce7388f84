import { queryFromInfo } from '@pothos/plugin-prisma'
import type { Context } from '../context.ts'
import { Conversation } from '../conversations/conversation.graphql.ts'
import { filterScope } from '../conversations/conversation-filter.graphql.ts'
import { conversationRow } from '../conversations/conversation-list.sql.ts'
import { isFinal } from '../conversations/conversation-reference.ts'
import { badInput, notFound } from '../errors.ts'
import { builder } from '../graphql/builder.ts'
import { readsConversations } from '../graphql/read-extensions.ts'
import { asRow } from '../graphql/rows.ts'
import { decodeId } from '../input/ids.ts'
import { Message, visibleMessages } from '../messages/message.graphql.ts'
import { loadRows } from '../rows/load-rows.ts'
import { conversationVersion } from './change-log.sql.ts'
import { LIVE_SCOPE, LiveQuery, type PollResult, type Reading } from './live-query.ts'

/** Follows one conversation: its state, or its messages. */

export const LIVE_READ = { $all: { scope: LIVE_SCOPE, tenant: true } } as const

/**
 * Sends the whole state at each change, so that a client that reconnects gets all of it at once. The cursor is the
 * version that was sent.
 */
function liveConversation(id: string): LiveQuery<string, { id: string }> {
  const conversationId = decodeId('Conversation', id)
  const versionIn = async ({ statements, context }: Reading) =>
    conversationId && (await conversationVersion(statements, conversationId, filterScope(context)))
  return new LiveQuery<string, { id: string }>({
    conversationId,
    resumeArgument: null,
    // Each answer contains everything that earlier ones did.
    maxRecent: 1,
    syncPoint: (version) => version,
    // Versions have no order, but a read always returns the newest one.
    compare: (version, other) => (version === other ? 'SAME' : 'BEFORE'),
    begin: async (reading) => {
      const version = await versionIn(reading)
      if (!conversationId || !version) throw notFound('conversation', ['id'])
      return { event: { id: conversationId }, cursor: version, next: 'WAIT' }
    },
    poll: async (reading, sent) => {
      const version = await versionIn(reading)
      if (!conversationId || !version) return { event: null, cursor: sent, next: 'END' }
      return { event: version === sent ? null : { id: conversationId }, cursor: version, next: 'WAIT' }
    },
  })
}

interface AppendedBatch {
  conversationId: string
  sequences: number[]
}

const MAX_MESSAGES = 100

/** How many answers are kept for slower subscribers. */
const MAX_RECENT = 64

/** The sequences of the last message that was read, and of the last that existed then. */
interface Cursor {
  sequence: number
  last: number
}

function liveMessages(id: string, afterSequence: number | null | undefined): LiveQuery<Cursor, AppendedBatch> {
  if (afterSequence != null && afterSequence < -1) throw badInput(['afterSequence'], 'must be at least -1.')
  const conversationId = decodeId('Conversation', id)
  return new LiveQuery<Cursor, AppendedBatch>({
    conversationId,
    resumeArgument: { field: 'messagesAppended', name: 'afterSequence' },
    maxRecent: MAX_RECENT,
    // A subscriber that reads the existing messages meets the others at the last of them.
    syncPoint: (cursor) => (cursor.sequence < cursor.last ? { ...cursor, sequence: cursor.last } : cursor),
    compare: ({ sequence }, other) => {
      if (sequence === other.sequence) return 'SAME'
      return sequence < other.sequence ? 'BEFORE' : 'AFTER'
    },
    begin: async ({ context }) => {
      const conversation = conversationId && (await findConversation(context, conversationId))
      if (!conversation) throw notFound('conversation', ['conversationId'])
      const { last } = conversation
      const from = { sequence: afterSequence ?? last, last }
      // A subscriber that begins after messages that don't exist yet must not make others wait for them.
      const variant = from.sequence > last ? `after ${from.sequence}` : ''
      return { ...(await loadAppended(context, conversation, from, null)), variant }
    },
    poll: async ({ context }, from, upTo) => {
      const conversation = conversationId && (await findConversation(context, conversationId))
      if (!conversation) return { event: null, cursor: from, next: 'END' }
      return loadAppended(context, conversation, from, upTo)
    },
  })
}

interface Followed {
  id: string
  isFinal: boolean
  /** The sequence of its last message. */
  last: number
}

async function findConversation({ db }: Context, id: string): Promise<Followed | null> {
  const found = await db.conversation.findFirst({ where: { id }, select: { status: true, messageCount: true } })
  return found && { id, isFinal: isFinal(found.status), last: found.messageCount - 1 }
}

async function loadAppended(
  context: Context,
  { id: conversationId, isFinal, last }: Followed,
  { sequence: after }: Cursor,
  upTo: Cursor | null,
): Promise<PollResult<Cursor, AppendedBatch>> {
  const end = Math.min(last, upTo?.sequence ?? last)
  const messages =
    after >= end
      ? []
      : await context.db.message.findMany({
          where: { AND: [visibleMessages(null, context), { conversationId, sequence: { gt: after, lte: end } }] },
          orderBy: { sequence: 'asc' },
          take: MAX_MESSAGES,
          select: { sequence: true },
        })
  const sequences = messages.map(({ sequence }) => sequence)
  const isFull = sequences.length === MAX_MESSAGES
  // Sequences are dense and assigned in the order of commits, so none can still appear before the last.
  const sequence = isFull ? (sequences.at(-1) ?? end) : Math.max(after, end)
  const next = sequence < last ? 'MORE' : isFinal ? 'END' : 'WAIT'
  return { event: sequences.length > 0 ? { conversationId, sequences } : null, cursor: { sequence, last }, next }
}

interface Appended {
  messages: unknown[]
  lastSequence: number
}

const MessagesAppended = builder.objectRef<Appended>('MessagesAppended').implement({
  description: 'Transcript entries appended to a conversation.',
  fields: (t) => ({
    messages: t.field({
      type: [Message],
      description: `The entries in order, continuing those of the previous event; at most ${MAX_MESSAGES}.`,
      resolve: ({ messages }) => asRow(messages),
    }),
    lastSequence: t.exposeInt('lastSequence', {
      description: 'Sequence of the last of these entries: pass it as `afterSequence` to continue from here.',
    }),
  }),
})

builder.subscriptionFields((t) => ({
  conversationUpdated: t.field({
    type: Conversation,
    description:
      'The current state of one conversation: sent at once, and again after each change. Completes when it is deleted. Needs the scope CONVERSATIONS_READ.',
    authScopes: LIVE_READ,
    args: {
      id: t.arg.id({
        required: true,
        description: 'Id of the conversation, `conv_…`.',
      }),
    },
    subscribe: (_root, { id }) => liveConversation(id),
    resolve: readsConversations(
      {
        idsIn: ({ id }: { id: string }) => [id],
        toAnswer: ({ id }: { id: string }, rowOf) => rowOf.get(id),
      },
      async ({ id }, _args, context, info) => {
        const page = conversationRow({ id }, filterScope(context))
        return asRow((await loadRows('Conversation', page, context, queryFromInfo({ context, info })))[0])
      },
    ),
  }),
  messagesAppended: t.field({
    type: MessagesAppended,
    description:
      'The entries of a transcript as they are appended, each once. Completes when the conversation is closed or deleted. Needs the scope CONVERSATIONS_READ.',
    authScopes: LIVE_READ,
    args: {
      conversationId: t.arg.id({
        required: true,
        description: 'Id of the conversation, `conv_…`.',
      }),
      afterSequence: t.arg.int({
        required: false,
        description:
          'Returns only entries after this sequence; `-1` returns all. Default: only those appended from now on.',
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

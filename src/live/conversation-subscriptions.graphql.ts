import { queryFromInfo } from '@pothos/plugin-prisma'
import type { Context } from '../context.ts'
import { Conversation } from '../conversations/conversation.graphql.ts'
import { filterScope } from '../conversations/conversation-filter.graphql.ts'
import { isFinal } from '../conversations/conversation-reference.ts'
import { badInput, notFound } from '../errors.ts'
import { builder } from '../graphql/builder.ts'
import { readsConversations } from '../graphql/read-extensions.ts'
import { decodeId } from '../input/ids.ts'
import { Message, visibleMessages } from '../messages/message.graphql.ts'
import { conversationVersion } from './change-log.sql.ts'
import { LIVE_SCOPE, LiveQuery, type PollResult, type Reading } from './live-query.ts'

/** One conversation as it goes on: its state, or its messages. */

export const LIVE_READ = { $all: { scope: LIVE_SCOPE, tenant: true } } as const

/** The whole state at each change: whoever comes back gets all of it at once. Its cursor: the version that was sent. */
function liveConversation(id: string): LiveQuery<string, { id: string }> {
  const conversationId = decodeId('Conversation', id)
  const versionIn = async ({ statements, context }: Reading) =>
    conversationId && (await conversationVersion(statements, conversationId, filterScope(context)))
  return new LiveQuery<string, { id: string }>({
    conversationId,
    resumeArgument: null,
    // Each answer says all that those before it said.
    maxRecent: 1,
    syncPoint: (version) => version,
    // Nobody knows which of two versions is the older: to read is to have the newest.
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

/** Answers that wait for slower subscribers. */
const MAX_RECENT = 64

/** The last message that was read, and the last that there was. */
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
    // Whoever reads what there was meets the others at its end.
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
      // Nobody else is to wait for messages that are yet to be written.
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
  // Sequences are dense, and given out in the order of commits: none can still come before the last.
  const sequence = isFull ? (sequences.at(-1) ?? end) : Math.max(after, end)
  const next = sequence < last ? 'MORE' : isFinal ? 'END' : 'WAIT'
  return { event: sequences.length > 0 ? { conversationId, sequences } : null, cursor: { sequence, last }, next }
}

interface Appended {
  messages: unknown[]
  lastSequence: number
}

const MessagesAppended = builder.objectRef<Appended>('MessagesAppended').implement({
  description: 'Messages appended to a conversation.',
  fields: (t) => ({
    messages: t.field({
      type: [Message],
      description: `In order, after those of the last answer; at most ${MAX_MESSAGES}.`,
      resolve: ({ messages }) => messages as never,
    }),
    lastSequence: t.exposeInt('lastSequence', {
      description: 'The sequence of the last of them: pass it as `afterSequence` to continue from here.',
    }),
  }),
})

builder.subscriptionFields((t) => ({
  conversationUpdated: t.field({
    type: Conversation,
    description:
      'One conversation: as it is now, and again after each change. Completes when it is deleted. Needs the scope CONVERSATIONS_READ.',
    authScopes: LIVE_READ,
    args: { id: t.arg.id({ required: true, description: 'Id of the conversation, `conv_…`.' }) },
    subscribe: (_root, { id }) => liveConversation(id),
    resolve: readsConversations(
      {
        idsIn: ({ id }: { id: string }) => [id],
        toAnswer: ({ id }: { id: string }, rowOf) => rowOf.get(id),
      },
      ({ id }, _args, context, info) =>
        context.db.conversation.findFirstOrThrow({ ...queryFromInfo({ context, info }), where: { id } }) as never,
    ),
  }),
  messagesAppended: t.field({
    type: MessagesAppended,
    description:
      'The messages of a conversation as they are appended, each once. Completes when the conversation is closed or deleted. Needs the scope CONVERSATIONS_READ.',
    authScopes: LIVE_READ,
    args: {
      conversationId: t.arg.id({ required: true, description: 'Id of the conversation, `conv_…`.' }),
      afterSequence: t.arg.int({
        required: false,
        description: 'Only messages after this sequence; -1: from the first. Default: those appended from now on.',
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

import { queryFromInfo } from '@pothos/plugin-prisma'
import type { GraphQLResolveInfo } from 'graphql'
import { recordAudit } from '../audit/record-audit.ts'
import type { Context } from '../context.ts'
import { WRITERS_SEE } from '../graphql/access.ts'
import { builder } from '../graphql/builder.ts'
import { writeOnce } from '../idempotency/idempotency.graphql.ts'
import { encodeId } from '../input/ids.ts'
import { Message } from '../messages/message.graphql.ts'
import { type Row, treeOf } from '../rows/row-selection.sql.ts'
import type { AppendedMessages } from './append-messages.ts'
import { completeConversation, deleteConversation, rateMessages, updateConversation } from './change-conversation.ts'
import {
  AppendMessagesInput,
  CompleteConversationInput,
  DeleteConversationInput,
  LogConversationInput,
  RateMessagesInput,
  UpdateConversationInput,
} from './conversation-inputs.graphql.ts'
import { conversationField, type Written } from './conversation-payload.graphql.ts'
import type { LoggedConversation } from './log-conversations.ts'
import { writeBatchOf } from './write-batch.ts'

const LogConversationPayload = builder.objectRef<LoggedConversation>('LogConversationPayload').implement({
  description: 'The answer of `logConversation`.',
  fields: (t) => ({
    created: t.exposeBoolean('created', { description: 'False where a conversation of this external id existed.' }),
  }),
})
conversationField(LogConversationPayload, 'The conversation: the new one, or the one that existed.')

const AppendMessagesPayload = builder.objectRef<AppendedMessages>('AppendMessagesPayload').implement({
  description: 'The answer of `appendMessages`.',
  fields: (t) => ({
    created: t.exposeBoolean('created', { description: 'Whether these messages began the conversation.' }),
    appendedMessages: t.field({
      type: [Message],
      description: `The messages that were added, in order (system prompts and internal events too: they are yours). ${WRITERS_SEE.message}`,
      resolve: async ({ messageIds }, _args, context, info) => (await loadMessages(context, messageIds, info)) as never,
    }),
  }),
})
conversationField(AppendMessagesPayload, 'The conversation, with them.')

const RateMessagesPayload = builder.objectRef<Written & { messageIds: string[] }>('RateMessagesPayload').implement({
  description: 'The answer of `rateMessages`.',
  fields: (t) => ({
    messages: t.field({
      type: [Message],
      description: `The rated messages that this credential may see, in the order given. ${WRITERS_SEE.message}`,
      resolve: async ({ messageIds }, _args, context, info) => {
        const messages = await loadMessages(context, messageIds, info)
        return messages.filter(({ role }) => role !== 'SYSTEM' || context.has('INTERNALS_READ')) as never
      },
    }),
  }),
})
conversationField(RateMessagesPayload, 'The conversation of the messages.')

const CompleteConversationPayload = builder.objectRef<Written>('CompleteConversationPayload').implement({
  description: 'The answer of `completeConversation`.',
})
conversationField(CompleteConversationPayload, 'The conversation, closed.')

const UpdateConversationPayload = builder.objectRef<Written>('UpdateConversationPayload').implement({
  description: 'The answer of `updateConversation`.',
})
conversationField(UpdateConversationPayload, 'The conversation, changed.')

const DeleteConversationPayload = builder.objectRef<Written>('DeleteConversationPayload').implement({
  description: 'The answer of `deleteConversation`.',
  fields: (t) => ({
    deletedId: t.id({
      description: 'The id that the conversation had, `conv_…`.',
      resolve: ({ conversationId }) => encodeId('Conversation', conversationId),
    }),
  }),
})

/** Messages that were written, in order; without those that were deleted since. */
async function loadMessages(context: Context, ids: readonly string[], info: GraphQLResolveInfo): Promise<Row[]> {
  // In the shape that Pothos would have requested from Prisma.
  const tree = treeOf('Message', queryFromInfo({ context, info, typeName: 'Message' }))
  tree.columns.add('role')
  const rows = await Promise.all(ids.map((id) => writeBatchOf(context).read(id, tree)))
  return rows.filter((row) => row !== null)
}

const WRITE = { $all: { scope: 'CONVERSATIONS_WRITE', tenant: true } } as const
const ERASE = { $all: { scope: 'CONVERSATIONS_ERASE', tenant: true } } as const

builder.mutationFields((t) => ({
  logConversation: t.field({
    type: LogConversationPayload,
    description:
      'Stores a whole conversation, or begins one that grows (status ACTIVE). Needs the scope CONVERSATIONS_WRITE.',
    authScopes: WRITE,
    args: { input: t.arg({ type: LogConversationInput, required: true, description: 'The conversation.' }) },
    resolve: async (_root, { input }, context) => {
      const logged = await writeBatchOf(context).log({ input, path: ['input'], now: context.now })
      context.wrote = true
      return logged
    },
  }),
  appendMessages: t.field({
    type: AppendMessagesPayload,
    description: 'Adds messages to an open conversation; may set its status. Needs the scope CONVERSATIONS_WRITE.',
    authScopes: WRITE,
    args: { input: t.arg({ type: AppendMessagesInput, required: true, description: 'The messages, and where to.' }) },
    resolve: async (_root, { input }, context) => {
      const appended = await writeBatchOf(context).append({ input, path: ['input'], now: context.now })
      context.wrote = true
      return appended
    },
  }),
  completeConversation: t.field({
    type: CompleteConversationPayload,
    description:
      'Closes a conversation, once: the same result again changes nothing, another one is CONVERSATION_CLOSED. Needs the scope CONVERSATIONS_WRITE.',
    authScopes: WRITE,
    args: {
      input: t.arg({ type: CompleteConversationInput, required: true, description: 'Which, and how it ended.' }),
    },
    resolve: (_root, { input }, context) =>
      writeOnce(context, 'completeConversation', input, () =>
        completeConversation(context.db, context.tenantId, input, context.now),
      ),
  }),
  updateConversation: t.field({
    type: UpdateConversationPayload,
    description: 'Changes what is said of a conversation, open or closed. Needs the scope CONVERSATIONS_WRITE.',
    authScopes: WRITE,
    args: {
      input: t.arg({
        type: UpdateConversationInput,
        required: true,
        description: 'The conversation to update, and its new values.',
      }),
    },
    resolve: (_root, { input }, context) =>
      writeOnce(context, 'updateConversation', input, () =>
        updateConversation(context.db, context.tenantId, input, context.now),
      ),
  }),
  rateMessages: t.field({
    type: RateMessagesPayload,
    description: 'Rates messages of a conversation, open or closed: all or none. Needs the scope CONVERSATIONS_WRITE.',
    authScopes: WRITE,
    args: { input: t.arg({ type: RateMessagesInput, required: true, description: 'The ratings.' }) },
    resolve: (_root, { input }, context) =>
      writeOnce(context, 'rateMessages', input, () => rateMessages(context.db, context.tenantId, input, context.now)),
  }),
  deleteConversation: t.field({
    type: DeleteConversationPayload,
    description: 'Deletes a conversation and its transcript, for good. Needs the scope CONVERSATIONS_ERASE.',
    authScopes: ERASE,
    args: { input: t.arg({ type: DeleteConversationInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, context) =>
      writeOnce(context, 'deleteConversation', input, async () => {
        const deleted = await deleteConversation(context.db, context.tenantId, input)
        await recordAudit(context, {
          action: 'CONVERSATION_DELETED',
          tenantId: context.tenantId,
          objectType: 'CONVERSATION',
          objectId: encodeId('Conversation', deleted.conversationId),
        })
        return deleted
      }),
  }),
}))

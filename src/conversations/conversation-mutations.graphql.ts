import { queryFromInfo } from '@pothos/plugin-prisma'
import type { GraphQLResolveInfo } from 'graphql'
import { recordAudit } from '../audit/record-audit.ts'
import type { Context } from '../context.ts'
import { WRITERS_SEE } from '../graphql/access.ts'
import { builder, type Types } from '../graphql/builder.ts'
import { asRow } from '../graphql/rows.ts'
import { writeOnce } from '../idempotency/idempotency.graphql.ts'
import { encodeId } from '../input/ids.ts'
import { Message } from '../messages/message.graphql.ts'
import { type Row, treeOf } from '../rows/row-tree.ts'
import type { AppendedMessages } from './append-messages.ts'
import {
  completeConversation,
  deleteConversation,
  reopenConversation,
  updateConversation,
} from './change-conversation.ts'
import {
  AppendMessagesInput,
  CompleteConversationInput,
  DeleteConversationInput,
  LogConversationInput,
  ReopenConversationInput,
  UpdateConversationInput,
  UpdateMessagesInput,
} from './conversation-inputs.graphql.ts'
import { conversationField, DUPLICATES, type Written } from './conversation-payload.graphql.ts'
import type { LoggedConversation } from './log-conversations.ts'
import { updateMessages } from './update-messages.ts'
import { writeBatchOf } from './write-batch.ts'

const duplicateCount = (t: PothosSchemaTypes.ObjectFieldBuilder<Types, { duplicateCount?: number }>) =>
  t.int({
    description: DUPLICATES,
    // An answer that an earlier version stored has none.
    resolve: ({ duplicateCount = 0 }) => duplicateCount,
  })

const LogConversationPayload = builder.objectRef<LoggedConversation>('LogConversationPayload').implement({
  description: 'Result of `logConversation`.',
  fields: (t) => ({
    created: t.exposeBoolean('created', {
      description: 'Whether the conversation was created. False if the external id already existed.',
    }),
    duplicateCount: duplicateCount(t),
  }),
})
conversationField(LogConversationPayload, 'The new conversation, or the existing one.')

const AppendMessagesPayload = builder.objectRef<AppendedMessages>('AppendMessagesPayload').implement({
  description: 'Result of `appendMessages`.',
  fields: (t) => ({
    created: t.exposeBoolean('created', {
      description: 'Whether the conversation was created. False if it already existed.',
    }),
    duplicateCount: duplicateCount(t),
    appendedMessages: t.field({
      type: [Message],
      description: `The entries that were appended, in order, including your own system prompts and internal events even without the scope INTERNALS_READ. ${WRITERS_SEE.message}`,
      resolve: async ({ messageIds }, _args, context, info) => asRow(await loadMessages(context, messageIds, info)),
    }),
  }),
})
conversationField(AppendMessagesPayload, 'The conversation, including these messages.')

const UpdateMessagesPayload = builder.objectRef<Written & { messageIds: string[] }>('UpdateMessagesPayload').implement({
  description: 'Result of `updateMessages`.',
  fields: (t) => ({
    messages: t.field({
      type: [Message],
      description: `The updated messages that this credential may see, in the order given. ${WRITERS_SEE.message}`,
      resolve: async ({ messageIds }, _args, context, info) => {
        const messages = await loadMessages(context, messageIds, info)
        return asRow(messages.filter(({ role }) => role !== 'SYSTEM' || context.has('INTERNALS_READ')))
      },
    }),
  }),
})
conversationField(UpdateMessagesPayload, 'The conversation that the messages belong to.')

const CompleteConversationPayload = builder.objectRef<Written>('CompleteConversationPayload').implement({
  description: 'Result of `completeConversation`.',
})
conversationField(CompleteConversationPayload, 'The closed conversation.')

const UpdateConversationPayload = builder.objectRef<Written>('UpdateConversationPayload').implement({
  description: 'Result of `updateConversation`.',
})
conversationField(UpdateConversationPayload, 'The updated conversation.')

const ReopenConversationPayload = builder.objectRef<Written>('ReopenConversationPayload').implement({
  description: 'Result of `reopenConversation`.',
})
conversationField(ReopenConversationPayload, 'The open conversation.')

const DeleteConversationPayload = builder.objectRef<Written>('DeleteConversationPayload').implement({
  description: 'Result of `deleteConversation`.',
  fields: (t) => ({
    deletedId: t.id({
      description: 'Id of the deleted conversation, `conv_…`.',
      resolve: ({ conversationId }) => encodeId('Conversation', conversationId),
    }),
  }),
})

/** Loads written messages in order, except those that were deleted since. */
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
      'Stores a whole conversation, or starts one that `appendMessages` continues (with an open status, such as ACTIVE). Needs the scope CONVERSATIONS_WRITE.',
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
    description:
      'Appends messages to an open conversation, and optionally changes its status. Fails with CONVERSATION_CLOSED if it is closed, unless it was only closed as idle (see `Tenant.abandonAfterMinutes`) or has all of the messages already. Needs the scope CONVERSATIONS_WRITE.',
    authScopes: WRITE,
    args: {
      input: t.arg({
        type: AppendMessagesInput,
        required: true,
        description: 'The messages, and the conversation to append them to.',
      }),
    },
    resolve: async (_root, { input }, context) => {
      const appended = await writeBatchOf(context).append({ input, path: ['input'], now: context.now })
      context.wrote = true
      return appended
    },
  }),
  completeConversation: t.field({
    type: CompleteConversationPayload,
    description:
      'Closes an open conversation. Repeating the call with the same result changes nothing; a different result is refused with CONVERSATION_CLOSED, unless the conversation was only closed as idle. Needs the scope CONVERSATIONS_WRITE.',
    authScopes: WRITE,
    args: {
      input: t.arg({
        type: CompleteConversationInput,
        required: true,
        description: 'The conversation to close, and how it ended.',
      }),
    },
    resolve: (_root, { input }, context) =>
      writeOnce(context, 'completeConversation', input, () =>
        completeConversation(context.db, context.tenantId, input, context.now),
      ),
  }),
  updateConversation: t.field({
    type: UpdateConversationPayload,
    description:
      'Updates the fields of a conversation, open or closed, and moves the status of an open one forward. Needs the scope CONVERSATIONS_WRITE.',
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
        updateConversation(context.db, context.tenantId, input, { now: context.now, timeSlice: context.timeSlice() }),
      ),
  }),
  reopenConversation: t.field({
    type: ReopenConversationPayload,
    description:
      'Makes a closed conversation ACTIVE again, such as a ticket that goes on, and clears its end. Its outcome, resolution, end reason and analysis stay until they are changed. An open conversation does not change. Needs the scope CONVERSATIONS_WRITE.',
    authScopes: WRITE,
    args: {
      input: t.arg({ type: ReopenConversationInput, required: true, description: 'The conversation to reopen.' }),
    },
    resolve: (_root, { input }, context) =>
      writeOnce(context, 'reopenConversation', input, () =>
        reopenConversation(context.db, context.tenantId, input, context.now),
      ),
  }),
  updateMessages: t.field({
    type: UpdateMessagesPayload,
    description:
      'Stores what was found out about chat messages after they were logged, such as ratings, sentiment and intents; of a conversation open or closed. Stores all or nothing. Needs the scope CONVERSATIONS_WRITE.',
    authScopes: WRITE,
    args: {
      input: t.arg({ type: UpdateMessagesInput, required: true, description: 'The messages, and their new values.' }),
    },
    resolve: (_root, { input }, context) =>
      writeOnce(context, 'updateMessages', input, () =>
        updateMessages(context.db, context.tenantId, input, { now: context.now, timeSlice: context.timeSlice() }),
      ),
  }),
  deleteConversation: t.field({
    type: DeleteConversationPayload,
    description: 'Permanently deletes a conversation and its transcript. Needs the scope CONVERSATIONS_ERASE.',
    authScopes: ERASE,
    args: {
      input: t.arg({ type: DeleteConversationInput, required: true, description: 'The conversation to delete.' }),
    },
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

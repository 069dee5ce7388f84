import { builder } from '../graphql/builder.ts'
import { FROM_ROW } from '../graphql/read-extensions.ts'
import { PER_PARENT } from '../graphql/read-limits.ts'
import { asRow } from '../graphql/rows.ts'
import { Message } from '../messages/message.graphql.ts'
import { Conversation, ConversationConnection } from './conversation.graphql.ts'
import { conversationListArgs } from './conversation-list.graphql.ts'
import { conversationsOf } from './conversations-of.ts'

/** Fields that lead from other types to conversations. */

builder.prismaInterfaceField(Message, 'conversation', (t) =>
  t.field({
    type: Conversation,
    description: 'The conversation whose transcript it is in.',
    select: (_args, _context, nestedSelection) => ({ conversation: nestedSelection(true) }),
    extensions: FROM_ROW,
    resolve: ({ conversation }) => asRow(conversation),
  }),
)

const conversationsOfAgent = conversationsOf('AGENT')

builder.prismaObjectField('Agent', 'conversations', (t) =>
  t.field({
    type: ConversationConnection,
    description:
      'The conversations that the agent took part in, including tests, by default those that began last first.',
    args: conversationListArgs,
    select: { id: true },
    extensions: PER_PARENT,
    resolve: ({ id }, args, context, info) => conversationsOfAgent(id, args, context, info),
  }),
)

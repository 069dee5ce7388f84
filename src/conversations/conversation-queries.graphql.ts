import { queryFromInfo } from '@pothos/plugin-prisma'
import { builder } from '../graphql/builder.ts'
import { NODE_PATHS } from '../graphql/connection.ts'
import { readsRows } from '../graphql/read-extensions.ts'
import { asRow } from '../graphql/rows.ts'
import { loadRows } from '../rows/load-rows.ts'
import { ConversationConnection } from './conversation.graphql.ts'
import { conversationListArgs, parseConversationList } from './conversation-list.graphql.ts'
import { conversationCount, conversationPage } from './conversation-list.sql.ts'

builder.queryField('conversations', (t) =>
  t.field({
    type: ConversationConnection,
    nullable: true,
    description:
      "The tenant's conversations, including tests, by default those that began last first. Needs the scope CONVERSATIONS_READ.",
    authScopes: { $all: { scope: 'CONVERSATIONS_READ', tenant: true } },
    args: conversationListArgs,
    resolve: readsRows(
      {
        models: ['Conversation'],
        read: async (args, context, { rows, count }) => {
          const list = parseConversationList(args, context)
          const page = await rows(conversationPage(list.options, 'c.*'), ['id', 'value'])
          const total = await count?.(conversationCount(list.options.filter, list.options.scope))
          return list.connection(asRow(page), total === undefined ? undefined : () => total)
        },
      },
      async (_root, args, context, info) => {
        const list = parseConversationList(args, context)
        const query = queryFromInfo({ context, info, paths: NODE_PATHS })
        const page = conversationPage(list.options, 'c.*')
        return list.connection(asRow(await loadRows('Conversation', page, context, query, ['id', 'value'])))
      },
    ),
  }),
)

import { queryFromInfo } from '@pothos/plugin-prisma'
import type { Context } from '../context.ts'
import { builder } from '../graphql/builder.ts'
import {
  type ConnectionArguments,
  type Cursor,
  connectionArgs,
  MAX_COUNT,
  MAX_TIME,
  NODE_PATHS,
  parsePage,
  toConnection,
} from '../graphql/connection.ts'
import { OrderDirection } from '../graphql/ranges.ts'
import { readsRows } from '../graphql/read-extensions.ts'
import { asRow } from '../graphql/rows.ts'
import { loadRows } from '../rows/load-rows.ts'
import { ConversationConnection } from './conversation.graphql.ts'
import {
  ConversationFilter,
  type ConversationFilterInput,
  filterScope,
  parseFilter,
} from './conversation-filter.graphql.ts'
import {
  type ConversationOrderField as ConversationOrderFieldName,
  conversationCount,
  conversationPage,
  countConversations,
  type Position,
} from './conversation-list.sql.ts'

const ConversationOrderField = builder.enumType('ConversationOrderField', {
  description: 'Fields that conversations can be sorted by.',
  values: {
    STARTED_AT: { description: 'When the conversation began.' },
    CREATED_AT: { description: 'When the conversation was first stored.' },
    UPDATED_AT: { description: 'When the conversation was last changed.' },
    MESSAGE_COUNT: { description: 'Number of transcript entries that this credential may see.' },
  } as const,
})

const ConversationOrder = builder.inputType('ConversationOrder', {
  description: 'Sort order of conversations. Ties are sorted by id.',
  fields: (t) => ({
    field: t.field({
      type: ConversationOrderField,
      required: true,
      defaultValue: 'STARTED_AT',
      description: 'Field to sort by.',
    }),
    direction: t.field({ type: OrderDirection, required: true, defaultValue: 'DESC', description: 'Sort direction.' }),
  }),
})

const toPosition = (cursor: Cursor | null): Position | null => cursor && { value: cursor[1], id: cursor[2] }

builder.queryField('conversations', (t) =>
  t.field({
    type: ConversationConnection,
    nullable: true,
    description:
      "The tenant's conversations, including tests, by default those that began last first. Needs the scope CONVERSATIONS_READ.",
    authScopes: { $all: { scope: 'CONVERSATIONS_READ', tenant: true } },
    args: {
      ...connectionArgs,
      filter: t.arg({
        type: ConversationFilter,
        required: false,
        description: 'Filters the conversations. Default: all, including tests.',
      }),
      orderBy: t.arg({
        type: ConversationOrder,
        required: false,
        description: 'Sort order. Default: STARTED_AT, DESC.',
      }),
    },
    resolve: readsRows(
      {
        models: ['Conversation'],
        read: async (args, context, { rows, count }) => {
          const list = parseList(args, context)
          const page = await rows(conversationPage(list.options, 'c.*'), ['id', 'value'])
          const total = await count?.(conversationCount(list.options.filter, list.options.scope))
          return list.connection(asRow(page), total)
        },
      },
      async (_root, args, context, info) => {
        const list = parseList(args, context)
        const query = queryFromInfo({ context, info, paths: NODE_PATHS })
        const page = conversationPage(list.options, 'c.*')
        return list.connection(asRow(await loadRows('Conversation', page, context, query, ['id', 'value'])))
      },
    ),
  }),
)

interface ListArguments extends ConnectionArguments {
  filter?: ConversationFilterInput | null
  orderBy?: { field: ConversationOrderFieldName; direction: 'ASC' | 'DESC' } | null
}

/** The options of the statement that a list runs, and how the rows that it finds become a connection. */
function parseList(args: ListArguments, context: Context) {
  const { field, direction } = args.orderBy ?? { field: 'STARTED_AT', direction: 'DESC' }
  const page = parsePage(args, field, undefined, field === 'MESSAGE_COUNT' ? MAX_COUNT : MAX_TIME)
  const filter = parseFilter(args.filter)
  const scope = filterScope(context)
  const { backward } = page
  const options = {
    filter,
    scope,
    field,
    descending: (direction === 'DESC') !== backward,
    after: toPosition(backward ? page.before : page.after),
    before: toPosition(backward ? page.after : page.before),
    limit: page.limit + 1,
  }
  const connection = (rows: Position[], total?: number) =>
    asRow(
      toConnection(
        page,
        rows,
        (row) => [field, row.value, row.id],
        () => total ?? countConversations(context.db, filter, scope),
      ),
    )
  return { options, connection }
}

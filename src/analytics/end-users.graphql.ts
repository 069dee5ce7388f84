import { filterScope } from '../conversations/conversation-filter.graphql.ts'
import { badInput } from '../errors.ts'
import { builder } from '../graphql/builder.ts'
import {
  type ConnectionArguments,
  type Cursor,
  connectionArgs,
  connectionType,
  parsePage,
  toConnection,
} from '../graphql/connection.ts'
import { OrderDirection, TimeRange } from '../graphql/ranges.ts'
import { FROM_ROW, readsNumbers } from '../graphql/read-extensions.ts'
import { type AnalyticsArguments, analyticsArgs, parseAnalyticsFilter } from './analytics-arguments.graphql.ts'
import { countEndUsersOf, type EndUserRow, listEndUsers, type EndUserOrder as Order } from './breakdowns.sql.ts'
import { EndUser, type EndUserKey } from './end-user.graphql.ts'
import { withoutTests } from './series.ts'

const EndUserConnection = connectionType<EndUserKey, EndUserRow>(EndUser, {
  name: 'EndUser',
  of: 'end users',
  edgeFields: (t) => ({
    conversationCount: t.int({
      description: 'Number of their conversations that match the range and filter of the list, as for all fields here.',
      extensions: FROM_ROW,
      resolve: ({ node }) => node.conversations,
    }),
    messageCount: t.int({
      description: 'Number of transcript entries in these conversations that this credential may see.',
      extensions: FROM_ROW,
      resolve: ({ node }) => node.messages,
    }),
    userMessageCount: t.int({
      description: 'Number of user messages in these conversations.',
      extensions: FROM_ROW,
      resolve: ({ node }) => node.user_messages,
    }),
    meanSentiment: t.float({
      nullable: true,
      description: 'Mean sentiment (-1 to 1) of the user messages that have one. Null if none has.',
      extensions: FROM_ROW,
      resolve: ({ node }) => node.sentiment,
    }),
    meanRating: t.float({
      nullable: true,
      description:
        'Mean rating (-1 to 1) of the AI agent messages in these conversations that are rated. Null if none is.',
      extensions: FROM_ROW,
      resolve: ({ node }) => node.rating,
    }),
    firstSeenAt: t.field({
      type: 'DateTime',
      description: 'When the first of these conversations began.',
      extensions: FROM_ROW,
      resolve: ({ node }) => node.first_seen_at,
    }),
    lastSeenAt: t.field({
      type: 'DateTime',
      description: 'When the latest of these conversations began.',
      extensions: FROM_ROW,
      resolve: ({ node }) => node.last_seen_at,
    }),
  }),
})

const EndUserOrderField = builder.enumType('EndUserOrderField', {
  description: 'What end users can be sorted by.',
  values: {
    LAST_SEEN: { description: 'When the latest of these conversations began.' },
    FIRST_SEEN: { description: 'When the first of these conversations began.' },
    CONVERSATIONS: { description: 'How many conversations they had.' },
  } as const satisfies Record<Order, unknown>,
})

const EndUserOrder = builder.inputType('EndUserOrder', {
  description: 'Sort order of end users. Ties have an arbitrary but stable order.',
  fields: (t) => ({
    field: t.field({
      type: EndUserOrderField,
      required: true,
      defaultValue: 'LAST_SEEN',
      description: 'Field to sort by.',
    }),
    direction: t.field({ type: OrderDirection, required: true, defaultValue: 'DESC', description: 'Sort direction.' }),
  }),
})

const toPlace = (cursor: Cursor | null) => cursor && { place: cursor[1], key: cursor[2] }

interface EndUsersArguments extends ConnectionArguments, Pick<AnalyticsArguments, 'range' | 'filter' | 'includeTests'> {
  orderBy?: { field: Order; direction: 'ASC' | 'DESC' } | null | undefined
}

builder.queryField('endUsers', (t) =>
  t.field({
    type: EndUserConnection,
    nullable: true,
    description:
      "The tenant's end users, by default the most recently seen first. Their numbers for the range and filter of the list are in `edges`. Conversations without an `endUserId` are left out. Needs the scope ANALYTICS_READ.",
    authScopes: { $all: { scope: 'ANALYTICS_READ', tenant: true } },
    args: {
      ...connectionArgs,
      range: t.arg({
        type: TimeRange,
        required: false,
        description:
          'Counts only conversations that began in this range. Default: all conversations, not just the last seven days.',
      }),
      filter: analyticsArgs.filter,
      includeTests: analyticsArgs.includeTests,
      orderBy: t.arg({ type: EndUserOrder, required: false, description: 'Sort order. Default: LAST_SEEN, DESC.' }),
    },
    resolve: readsNumbers(async (args: EndUsersArguments, context, statements, { isCounted }) => {
      const { field, direction } = args.orderBy ?? { field: 'LAST_SEEN', direction: 'DESC' }
      const order = `END_USERS_${field}`
      const page = parsePage(args, order)
      const filter = withoutTests(parseAnalyticsFilter(context, args.filter), args.includeTests)
      const period = args.range ? { from: args.range.from ?? new Date(0), to: args.range.to ?? LATEST } : null
      if (period && period.from >= period.to) throw badInput(['range'], '`from` must be before `to`.')
      const conversations = { filter, period, scope: filterScope(context) }
      const rows = await listEndUsers(statements, conversations, {
        order: field,
        descending: (direction === 'DESC') !== page.backward,
        after: toPlace(page.backward ? page.before : page.after),
        before: toPlace(page.backward ? page.after : page.before),
        limit: page.limit + 1,
      })
      const total = isCounted ? await countEndUsersOf(statements, conversations) : null
      return toConnection(
        page,
        rows,
        ({ place, key }) => [order, Number(place), key],
        () => total ?? countEndUsersOf(statements, conversations),
      )
    }),
  }),
)

const LATEST = new Date('9999-12-31T23:59:59.999Z')

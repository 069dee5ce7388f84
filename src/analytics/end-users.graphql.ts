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
import { readsNumbers } from '../graphql/read-extensions.ts'
import { type AnalyticsArguments, analyticsArgs, parseAnalyticsFilter } from './analytics-arguments.graphql.ts'
import { countEndUsersOf, type EndUserRow, listEndUsers, type EndUserOrder as Order } from './breakdowns.sql.ts'
import { withoutTests } from './series.ts'

const EndUser = builder.objectRef<EndUserRow>('EndUser').implement({
  description:
    'An end user, identified by the `endUserId` of conversations. All figures, including `firstSeenAt`, cover only the conversations that match the range and filter of the query.',
  fields: (t) => ({
    endUserId: t.exposeString('id', { description: "The caller's own id for the end user, up to 256 characters." }),
    conversationCount: t.exposeInt('conversations', { description: 'Number of their conversations.' }),
    messageCount: t.exposeInt('messages', {
      description: 'Number of transcript entries in these conversations that this credential may see.',
    }),
    userMessageCount: t.exposeInt('user_messages', { description: 'Number of user messages in these conversations.' }),
    meanSentiment: t.exposeFloat('sentiment', {
      nullable: true,
      description: 'Mean sentiment (-1 to 1) of the user messages that have one. Null if none has.',
    }),
    meanRating: t.exposeFloat('rating', {
      nullable: true,
      description:
        'Mean rating (-1 to 1) of the AI agent messages in these conversations that are rated. Null if none is.',
    }),
    firstSeenAt: t.expose('first_seen_at', {
      type: 'DateTime',
      description: 'When the first of these conversations began.',
    }),
    lastSeenAt: t.expose('last_seen_at', {
      type: 'DateTime',
      description: 'When the latest of these conversations began.',
    }),
  }),
})

const EndUserConnection = connectionType(EndUser, { name: 'EndUser', of: 'end users' })

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
      "The tenant's end users, by default the most recently seen first. Conversations without an `endUserId` are left out. Needs the scope ANALYTICS_READ.",
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

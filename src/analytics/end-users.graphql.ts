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
  description: 'Somebody who talked with the agents, by the id that conversations gave.',
  fields: (t) => ({
    endUserId: t.exposeString('id', { description: 'The id, as it was given.' }),
    conversations: t.exposeInt('conversations', { description: 'Their conversations.' }),
    messages: t.exposeInt('messages', { description: 'Entries of the transcripts (that this credential may see).' }),
    userMessages: t.exposeInt('user_messages', { description: 'What they themselves said.' }),
    meanSentiment: t.exposeFloat('sentiment', { nullable: true, description: 'Mean sentiment of it, −1 … 1.' }),
    meanRating: t.exposeFloat('rating', { nullable: true, description: "Mean rating of AI agents' messages, −1 … 1." }),
    firstSeenAt: t.expose('first_seen_at', { type: 'DateTime', description: 'When the first of them began.' }),
    lastSeenAt: t.expose('last_seen_at', { type: 'DateTime', description: 'When the latest of them began.' }),
  }),
})

const EndUserConnection = connectionType(EndUser, { name: 'EndUser', of: 'the end users' })

const EndUserOrderField = builder.enumType('EndUserOrderField', {
  description: 'What end users can be sorted by.',
  values: {
    LAST_SEEN: { description: 'When their latest conversation began.' },
    FIRST_SEEN: { description: 'When their first conversation began.' },
    CONVERSATIONS: { description: 'How many conversations they had.' },
  } as const satisfies Record<Order, unknown>,
})

const EndUserOrder = builder.inputType('EndUserOrder', {
  description: 'How end users are sorted; equal ones in an order of their own, always the same.',
  fields: (t) => ({
    field: t.field({ type: EndUserOrderField, required: true, defaultValue: 'LAST_SEEN', description: 'By what.' }),
    direction: t.field({ type: OrderDirection, required: true, defaultValue: 'DESC', description: 'Which way.' }),
  }),
})

const toPlace = (cursor: Cursor | null) => cursor && { place: cursor[1], key: cursor[2] }

interface EndUsersArguments extends ConnectionArguments, Pick<AnalyticsArguments, 'range' | 'filter' | 'includeTests'> {
  orderBy?: { field: Order; direction: 'ASC' | 'DESC' } | null | undefined
}

builder.queryField('endUsers', (t) =>
  t.field({
    type: EndUserConnection,
    description: "The tenant's end users, latest seen first unless sorted otherwise. Needs the scope ANALYTICS_READ.",
    authScopes: { $all: { scope: 'ANALYTICS_READ', tenant: true } },
    args: {
      ...connectionArgs,
      range: t.arg({
        type: TimeRange,
        required: false,
        description: 'Of conversations that began then. Absent: of all.',
      }),
      filter: analyticsArgs.filter,
      includeTests: analyticsArgs.includeTests,
      orderBy: t.arg({ type: EndUserOrder, required: false, description: 'Default: LAST_SEEN, DESC.' }),
    },
    resolve: readsNumbers(async (args: EndUsersArguments, context, statements, isCounted) => {
      const { field, direction } = args.orderBy ?? { field: 'LAST_SEEN', direction: 'DESC' }
      const order = `END_USERS_${field}`
      const page = parsePage(args, order)
      const filter = withoutTests(parseAnalyticsFilter(context, args.filter), args.includeTests)
      const period = args.range ? { from: args.range.from ?? new Date(0), to: args.range.to ?? LATEST } : null
      if (period && period.from >= period.to) throw badInput(['range'], 'ends before it begins.')
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

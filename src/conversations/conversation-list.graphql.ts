import type { Context } from '../context.ts'
import { builder } from '../graphql/builder.ts'
import {
  type ConnectionArguments,
  type Cursor,
  connectionArgs,
  MAX_COUNT,
  MAX_TIME,
  parsePage,
  type SortValues,
  toConnection,
} from '../graphql/connection.ts'
import { OrderDirection } from '../graphql/ranges.ts'
import { asRow } from '../graphql/rows.ts'
import { LIMITS } from '../input/limits.ts'
import {
  ConversationFilter,
  type ConversationFilterInput,
  filterScope,
  parseFilter,
} from './conversation-filter.graphql.ts'
import {
  type ConversationOrderField as ConversationOrderFieldName,
  countConversations,
  type ListOptions,
  type Position,
} from './conversation-list.sql.ts'

const ConversationOrderField = builder.enumType('ConversationOrderField', {
  description: 'Fields that conversations can be sorted by.',
  values: {
    STARTED_AT: { description: 'When the conversation began.' },
    CREATED_AT: { description: 'When the conversation was first stored.' },
    UPDATED_AT: { description: 'When the conversation was last changed.' },
    ENDED_AT: { description: 'When the conversation ended. Open ones come last in both directions.' },
    DURATION: {
      description: 'The value of `durationMs`. Conversations without one come last in both directions.',
    },
    MESSAGE_COUNT: { description: 'Number of transcript entries that this credential may see.' },
    COST: { description: 'The value of `costUsd`. Conversations without one come last in both directions.' },
  } as const satisfies Record<ConversationOrderFieldName, object>,
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

const SORT_VALUES: Record<ConversationOrderFieldName, SortValues> = {
  STARTED_AT: { max: MAX_TIME },
  CREATED_AT: { max: MAX_TIME },
  UPDATED_AT: { max: MAX_TIME },
  ENDED_AT: { max: MAX_TIME, hasNulls: true },
  DURATION: { max: MAX_TIME, hasNulls: true },
  MESSAGE_COUNT: { max: MAX_COUNT },
  COST: { max: LIMITS.costOfConversation, hasNulls: true, hasFractions: true },
}

/** The arguments of every list of conversations. */
export const conversationListArgs = builder.args((t) => ({
  ...connectionArgs,
  filter: t.field({
    type: ConversationFilter,
    required: false,
    description: 'Filters the conversations. Default: all, including tests.',
  }),
  orderBy: t.field({
    type: ConversationOrder,
    required: false,
    description: 'Sort order. Default: STARTED_AT, DESC.',
  }),
}))

export interface ConversationListArguments extends ConnectionArguments {
  filter?: ConversationFilterInput | null | undefined
  orderBy?: { field: ConversationOrderFieldName; direction: 'ASC' | 'DESC' } | null | undefined
}

const toPosition = (cursor: Cursor<number | null> | null): Position | null =>
  cursor && { value: cursor[1], id: cursor[2] }

/** The options of the statement that a list runs, and how the rows that it finds become a connection. */
export function parseConversationList(args: ConversationListArguments, context: Context) {
  const { field, direction } = args.orderBy ?? { field: 'STARTED_AT', direction: 'DESC' }
  const page = parsePage<number | null>(args, field, undefined, SORT_VALUES[field])
  const filter = parseFilter(args.filter)
  const scope = filterScope(context)
  const { backward } = page
  const options: ListOptions = {
    filter,
    scope,
    field,
    descending: (direction === 'DESC') !== backward,
    nullsFirst: backward,
    after: toPosition(backward ? page.before : page.after),
    before: toPosition(backward ? page.after : page.before),
    limit: page.limit + 1,
  }
  const count = () => countConversations(context.db, filter, scope)
  const connection = (rows: Position[], total: () => number | Promise<number> = count) =>
    asRow(toConnection(page, rows, (row) => [field, row.value, row.id], total))
  return { options, connection }
}

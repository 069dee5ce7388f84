import { brandWithType } from '@pothos/core'
import type { Scope } from '../auth/principal.ts'
import type { Context } from '../context.ts'
import { ConversationConnection } from '../conversations/conversation.graphql.ts'
import { filterScope } from '../conversations/conversation-filter.graphql.ts'
import { conversationListArgs } from '../conversations/conversation-list.graphql.ts'
import { conversationsOf } from '../conversations/conversations-of.ts'
import { throughPrisma } from '../database/sql-transactions.ts'
import { loaderFor } from '../graphql/batch-loader.ts'
import { builder } from '../graphql/builder.ts'
import { Node } from '../graphql/node.ts'
import { FROM_ROW } from '../graphql/read-extensions.ts'
import { PER_PARENT } from '../graphql/read-limits.ts'
import { checkInput } from '../input/check-input.ts'
import { encodeEndUserId } from '../input/ids.ts'
import { type AnalyticsArguments, analyticsArgs } from './analytics-arguments.graphql.ts'
import { endUsersSeen } from './breakdowns.sql.ts'
import { conversationKeys } from './dimensions.sql.ts'
import { ConversationMetrics, loadMetricsOf } from './metrics.graphql.ts'

export interface EndUserKey {
  /** The caller's own id. */
  id: string
}

/** Either leads to end users: the list of them, or their conversations. */
const SCOPES: Scope[] = ['ANALYTICS_READ', 'CONVERSATIONS_READ']

/** Those of these end users that exist: that have a conversation that the credential may see. */
export async function loadEndUsers(context: Context, endUserIds: readonly string[]) {
  context.requireAny(SCOPES)
  const found = await endUsersSeen(throughPrisma(context.db), endUserIds, filterScope(context))
  for (const row of found) brandWithType(row, EndUser)
  return found
}

const loadSeen = loaderFor(async (context, endUserIds) => {
  const found = await endUsersSeen(throughPrisma(context.db), endUserIds, filterScope(context))
  return new Map(found.map((row) => [row.id, row]))
})

const conversationsOfEndUser = conversationsOf('END_USER')

/** One series with a line for each of the end users, and as many statements as for one of them. */
const loadMetrics = loaderFor(async (context, endUserIds, args: AnalyticsArguments) => {
  checkInput(args, [])
  const grouping = { by: conversationKeys('END_USER', filterScope(context)), keys: [...endUserIds] }
  // On the outside, `isTest` still says whether tests count.
  const filter = { ...args.filter, and: [...(args.filter?.and ?? []), { endUserIds: [...endUserIds] }] }
  const metricsOf = await loadMetricsOf(grouping, { ...args, filter }, context, throughPrisma(context.db))
  return new Map(endUserIds.map((id) => [id, metricsOf(id).current]))
})

export const EndUser = builder.objectRef<EndUserKey>('EndUser').implement({
  description:
    'An end user, identified by the `endUserId` of conversations. It exists if this credential can see at least one of their conversations, including tests, and only those count.',
  interfaces: [Node],
  authScopes: { anyScope: SCOPES },
  fields: (t) => ({
    id: t.id({
      description: 'Opaque id, `user_…`.',
      extensions: FROM_ROW,
      resolve: ({ id }) => encodeEndUserId(id),
    }),
    endUserId: t.exposeString('id', { description: "The caller's own id for the end user, up to 256 characters." }),
    firstSeenAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When the first of their conversations began. As in all analytics, tests do not count: null if there are only tests.',
      resolve: async ({ id }, _args, context) => (await loadSeen(context, id))?.first_seen_at ?? null,
    }),
    lastSeenAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the latest of their conversations began, tests left out. Null if there are only tests.',
      resolve: async ({ id }, _args, context) => (await loadSeen(context, id))?.last_seen_at ?? null,
    }),
    conversations: t.field({
      type: ConversationConnection,
      nullable: true,
      description:
        'Their conversations, including tests, by default those that began last first. Null without the scope CONVERSATIONS_READ.',
      args: conversationListArgs,
      extensions: PER_PARENT,
      resolve: ({ id }, args, context, info) =>
        context.has('CONVERSATIONS_READ') ? conversationsOfEndUser(id, args, context, info) : null,
    }),
    metrics: t.field({
      type: ConversationMetrics,
      nullable: true,
      description: 'Key figures of their conversations. Null without the scope ANALYTICS_READ.',
      args: analyticsArgs,
      resolve: ({ id }, args, context) => (context.has('ANALYTICS_READ') ? loadMetrics(context, id, args) : null),
    }),
  }),
})

builder.prismaObjectField('Conversation', 'endUser', (t) =>
  t.field({
    type: EndUser,
    nullable: true,
    description: 'The end user. Null if there is no `endUserId`.',
    select: { endUserId: true },
    extensions: FROM_ROW,
    resolve: ({ endUserId }) => (endUserId === null ? null : { id: endUserId }),
  }),
)

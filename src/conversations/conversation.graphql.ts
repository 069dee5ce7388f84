import { queryFromInfo } from '@pothos/plugin-prisma'
import type { GraphQLResolveInfo } from 'graphql'
import { AGENT_IDS, Agent, isVisibleAgent } from '../agents/agent.graphql.ts'
import type { Context } from '../context.ts'
import type { MessageKind } from '../database/generated/client/client.ts'
import { READERS_AND_WRITERS, READERS_ONLY } from '../graphql/access.ts'
import { builder } from '../graphql/builder.ts'
import {
  type ConnectionArguments,
  connectionArgs,
  connectionType,
  keyset,
  MAX_COUNT,
  NODE_PATHS,
  parsePage,
  toConnection,
} from '../graphql/connection.ts'
import { anyOf } from '../graphql/filter-lists.ts'
import { ConversationBy } from '../graphql/look-ups.ts'
import { Node } from '../graphql/node.ts'
import { FROM_ROW, fromRow, readsRows } from '../graphql/read-extensions.ts'
import { asRow } from '../graphql/rows.ts'
import type { ToRow } from '../input/exactly-one.ts'
import { encodeId } from '../input/ids.ts'
import { Message, visibleMessages } from '../messages/message.graphql.ts'
import { MessageType } from '../messages/message-enums.graphql.ts'
import { loadRows } from '../rows/load-rows.ts'
import { ConversationStatus } from './conversation-enums.graphql.ts'
import { filterScope } from './conversation-filter.graphql.ts'
import { conversationRow } from './conversation-list.sql.ts'
import { Analysis, type AnalysisRow, Recording } from './conversation-parts.graphql.ts'
import { findConversation } from './conversation-reference.ts'
import { PLAIN_TYPES } from './plain-fields.graphql.ts'
import { plainEntries } from './plain-fields.ts'

const MessageConnection = connectionType(Message, { name: 'Message', of: 'transcript entries' })

/** A message's cursor is its sequence. */
const NO_ID = /^$/

/** The parent that the field `messages` is resolved from. */
type MessagesRow = Counts & { messages: { sequence: number }[] }

interface MessagesArguments extends ConnectionArguments {
  types?: MessageKind[] | null | undefined
}

const COUNTS = {
  messageCount: true,
  systemMessageCount: true,
  userMessageCount: true,
  assistantMessageCount: true,
  humanAgentMessageCount: true,
  toolCallCount: true,
  publicEventCount: true,
  internalEventCount: true,
} as const

type Counts = Record<keyof typeof COUNTS, number>

/** Counts from the conversation's own columns, so that a list of conversations needs no statement per row. */
function countVisible(counts: Counts, types: MessageKind[] | null | undefined, context: Context): number {
  const internals = context.has('INTERNALS_READ')
  const byKind: Record<MessageKind, number> = {
    CHAT:
      counts.userMessageCount +
      counts.assistantMessageCount +
      counts.humanAgentMessageCount +
      (internals ? counts.systemMessageCount : 0),
    TOOL: counts.toolCallCount,
    EVENT: counts.publicEventCount + (internals ? counts.internalEventCount : 0),
  }
  return [...new Set(types ?? (Object.keys(byKind) as MessageKind[]))].reduce((sum, kind) => sum + byKind[kind], 0)
}

const messagesFrom = fromRow(
  (conversation: MessagesRow, args: MessagesArguments, context: Context) =>
    asRow(
      toConnection(
        parsePage(args, 'MESSAGES', NO_ID, { max: MAX_COUNT }),
        conversation.messages,
        (message) => ['MESSAGES', message.sequence, ''],
        () => countVisible(conversation, args.types, context),
      ),
    ),
  { countsBy: COUNTS },
)

export const Conversation = builder.prismaObject('Conversation', {
  description:
    'A conversation of one tenant, with its transcript. Fields that were not given are null, unless their description says otherwise.',
  interfaces: [Node],
  authScopes: READERS_ONLY,
  select: { id: true },
  fields: (t) => ({
    id: t.id({
      ...READERS_AND_WRITERS,
      description: 'Opaque id, `conv_…`.',
      extensions: FROM_ROW,
      resolve: (conversation) => encodeId('Conversation', conversation.id),
    }),
    externalId: t.exposeString('externalId', {
      ...READERS_AND_WRITERS,
      nullable: true,
      description: "External id: the caller's own id for the conversation, unique within the tenant.",
    }),
    status: t.expose('status', { ...READERS_AND_WRITERS, type: ConversationStatus, description: 'Lifecycle status.' }),
    ...Object.fromEntries(
      plainEntries.map(([name, { type, description }]) => [
        name,
        t.expose(name, { type: PLAIN_TYPES[type], nullable: true, description }),
      ]),
    ),
    isTest: t.exposeBoolean('isTest', { description: 'Whether it is a test. Analytics exclude tests by default.' }),
    language: t.exposeString('language', {
      nullable: true,
      description:
        'BCP 47 language tag, such as en or pt-BR. If none was given, it is the most frequent language of the user messages; on a tie, the one that came first. Null if unknown.',
    }),
    labels: t.exposeStringList('labels', { description: "The caller's labels." }),
    metadata: t.expose('metadata', { type: 'JSONObject', description: "The caller's metadata, `{}` by default." }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      description:
        'When the conversation began: the given start or, without one, the earliest known time; failing that, the given end, or when it was logged. Without a given start, a message with an earlier time that arrives later moves it back. Known times are those given for messages (and as the ends of utterances). If the conversation is live, the arrival of the call that created it and of messages without a time are known too. It is live if it was created open, by a call in which no time was more than an hour old, and once it was reopened; reopening does not move its start.',
    }),
    endedAt: t.expose('endedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When the conversation ended: the given end or, without one, the latest known time of a message (see `startedAt`), or else the start. Null while it is open.',
    }),
    durationMs: t.float({
      nullable: true,
      description:
        'Time from start to end in milliseconds. Null while the conversation is open, or if fewer than two different times are known.',
      select: { startedAt: true, endedAt: true },
      extensions: FROM_ROW,
      resolve: ({ startedAt, endedAt }) => durationMs(startedAt, endedAt),
    }),
    lastMessageAt: t.expose('lastMessageAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'Latest `timestamp` of all transcript entries, including those that this credential may not see. Null if there are none.',
    }),
    createdAt: t.expose('createdAt', {
      ...READERS_AND_WRITERS,
      type: 'DateTime',
      description: 'When the conversation was first stored.',
    }),
    updatedAt: t.expose('updatedAt', {
      ...READERS_AND_WRITERS,
      type: 'DateTime',
      description: 'When the conversation was last changed.',
    }),
    recording: t.field({
      type: Recording,
      nullable: true,
      description: 'Audio or video recording of the conversation, hosted elsewhere. Null if there is none.',
      select: {
        ...{ recordingUrl: true, recordingContentType: true },
        ...{ recordingDurationMs: true, recordingDurationSeconds: true },
      },
      extensions: FROM_ROW,
      resolve: (row) =>
        row.recordingUrl === null
          ? null
          : {
              url: row.recordingUrl,
              contentType: row.recordingContentType,
              durationMs:
                row.recordingDurationMs ?? (row.recordingDurationSeconds && row.recordingDurationSeconds * 1_000),
            },
    }),
    analysis: t.field({
      type: Analysis,
      nullable: true,
      description: "The results of the caller's own analysis. Null if there is none.",
      select: { analysis: true },
      // Only ever written from AnalysisInput.
      extensions: FROM_ROW,
      resolve: ({ analysis }) => analysis as AnalysisRow | null,
    }),
    agents: t.field({
      type: [Agent],
      description: 'The agents that took part and that this credential may see, in the order in which they were given.',
      select: (_args, _context, nestedSelection) => ({
        agentLinks: {
          orderBy: { position: 'asc' as const },
          select: { agent: nestedSelection(AGENT_IDS) },
        },
      }),
      extensions: FROM_ROW,
      resolve: ({ agentLinks }, _args, context) =>
        asRow(agentLinks.map(({ agent }) => agent).filter((agent) => isVisibleAgent(agent, context))),
    }),
    messageCount: t.int({
      description: 'Number of transcript entries that this credential may see.',
      select: COUNTS,
      extensions: FROM_ROW,
      resolve: (counts, _args, context) => countVisible(counts, null, context),
    }),
    userMessageCount: t.exposeInt('userMessageCount', { description: 'Number of user messages.' }),
    assistantMessageCount: t.exposeInt('assistantMessageCount', { description: 'Number of AI agent messages.' }),
    humanAgentMessageCount: t.exposeInt('humanAgentMessageCount', { description: 'Number of human agent messages.' }),
    toolCallCount: t.exposeInt('toolCallCount', { description: 'Number of tool calls.' }),
    toolErrorCount: t.exposeInt('toolErrorCount', { description: 'Number of tool calls that failed.' }),
    eventCount: t.int({
      description: 'Number of events that this credential may see.',
      select: COUNTS,
      extensions: FROM_ROW,
      resolve: (counts, _args, context) => countVisible(counts, ['EVENT'], context),
    }),
    notUnderstoodCount: t.exposeInt('notUnderstoodCount', {
      description:
        "Number of user messages whose `understood` is false. (`llmStats.notUnderstoodCount` is the caller's own count.)",
    }),
    tokenCount: t.exposeInt('tokenCount', {
      description:
        'Total tokens of all chat messages that have a count, including system prompts that this credential may not see.',
    }),
    costUsd: t.float({
      nullable: true,
      description:
        'Cost in US dollars: what was given for the whole conversation, or else the sum of all chat messages and tool calls that have a cost, including system prompts that this credential may not see. Null if nothing has one.',
      select: { givenCost: true, cost: true, pricedMessageCount: true },
      extensions: FROM_ROW,
      resolve: ({ givenCost, cost, pricedMessageCount }) =>
        (givenCost ?? (pricedMessageCount === 0 ? null : cost))?.toNumber(),
    }),
    messages: t.field({
      type: MessageConnection,
      description: 'The transcript: the entries that this credential may see, in order.',
      args: {
        ...connectionArgs,
        types: t.arg({
          type: [MessageType],
          required: false,
          description: anyOf('Is of one of these types. Default: all.'),
        }),
      },
      select: (args, context, nestedSelection) => {
        const { where, ...query } = keyset(parsePage(args, 'MESSAGES', NO_ID, { max: MAX_COUNT }), 'sequence', 'value')
        return {
          ...COUNTS,
          messages: nestedSelection(
            { ...query, where: { AND: [visibleMessages(args.types, context), where] }, select: { sequence: true } },
            // Pothos's type allows one path, but it accepts several in the form of a type's own extension.
            { paths: NODE_PATHS.map((path) => path.map((name) => ({ name }))), getType: () => 'Message' } as never,
          ) as { select: { sequence: true } },
        }
      },
      // TypeScript would infer the type of `select` from it, instead of the other way round.
      resolve: asRow(messagesFrom),
    }),
  }),
})

export const ConversationConnection = connectionType(Conversation, { name: 'Conversation', of: 'conversations' })

builder.queryField('conversation', (t) =>
  t.field({
    type: Conversation,
    nullable: true,
    description: 'One conversation. Null if it does not exist. Needs the scope CONVERSATIONS_READ.',
    authScopes: { $all: { scope: 'CONVERSATIONS_READ', tenant: true } },
    args: {
      by: t.arg({ type: ConversationBy, required: true, description: 'Which conversation.' }),
    },
    resolve: readsRows(
      {
        models: ['Conversation'],
        findsByKey: true,
        read: async ({ by }: ToRow, context, { rows }) => {
          const where = findConversation(by, ['by'])
          return where && (await rows(conversationRow(where, filterScope(context))))[0]
        },
      },
      async (_root: object, { by }: ToRow, context: Context, info: GraphQLResolveInfo) => {
        const where = findConversation(by, ['by'])
        if (!where) return null
        const page = conversationRow(where, filterScope(context))
        return asRow((await loadRows('Conversation', page, context, queryFromInfo({ context, info })))[0] ?? null)
      },
    ),
  }),
)

/** Null unless the start and the end are two different times: only then are both known. */
function durationMs(startedAt: Date, endedAt: Date | null): number | null {
  const ms = endedAt === null ? 0 : endedAt.getTime() - startedAt.getTime()
  return ms === 0 ? null : ms
}

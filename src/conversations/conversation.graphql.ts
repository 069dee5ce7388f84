import { queryFromInfo } from '@pothos/plugin-prisma'
import type { GraphQLResolveInfo } from 'graphql'
import { Agent, visibleAgents } from '../agents/agent.graphql.ts'
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
import { Node } from '../graphql/node.ts'
import { FROM_ROW, fromRow, readsRows } from '../graphql/read-extensions.ts'
import { encodeId } from '../input/ids.ts'
import { Message, visibleMessages } from '../messages/message.graphql.ts'
import { MessageType } from '../messages/message-enums.graphql.ts'
import { Channel, ConversationStatus, Direction, Outcome, Resolution } from './conversation-enums.graphql.ts'
import { filterScope } from './conversation-filter.graphql.ts'
import { conversationRow } from './conversation-list.sql.ts'
import { Analysis, type AnalysisRow, Recording } from './conversation-parts.graphql.ts'
import { findConversation } from './conversation-reference.ts'

const MessageConnection = connectionType(Message, { name: 'Message', of: 'the entries of a transcript' })

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

/** Counted from the conversation's own columns, so that a list of conversations needs no statement each. */
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
    toConnection(
      parsePage(args, 'MESSAGES', NO_ID, MAX_COUNT),
      conversation.messages,
      (message) => ['MESSAGES', message.sequence, ''],
      () => countVisible(conversation, args.types, context),
    ) as never,
  { countsBy: COUNTS },
)

export const Conversation = builder.prismaObject('Conversation', {
  description: 'One conversation of one tenant, with its transcript.',
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
      description: "The caller's own id, unique in the tenant.",
    }),
    status: t.expose('status', {
      ...READERS_AND_WRITERS,
      type: ConversationStatus,
      description: 'Lifecycle status.',
    }),
    channel: t.expose('channel', {
      type: Channel,
      nullable: true,
      description: 'Channel the conversation took place on.',
    }),
    direction: t.expose('direction', { type: Direction, nullable: true, description: 'Which side started it.' }),
    campaign: t.exposeString('campaign', { nullable: true, description: 'The campaign it belongs to.' }),
    isTest: t.exposeBoolean('isTest', { description: 'A test: left out of analytics unless asked for.' }),
    endUserId: t.exposeString('endUserId', {
      nullable: true,
      description: "Whom the agent talked to: the caller's id.",
    }),
    companyName: t.exposeString('companyName', { nullable: true, description: "The end user's company." }),
    language: t.exposeString('language', {
      nullable: true,
      description:
        'BCP 47 language tag, such as en or pt-BR: as given, else that of most of its user messages; of equally many, the one that came first.',
    }),
    model: t.exposeString('model', { nullable: true, description: 'The language model that answered.' }),
    labels: t.exposeStringList('labels', { description: 'Labels of the caller.' }),
    description: t.exposeString('description', { nullable: true, description: 'What it is about, in free text.' }),
    feedback: t.exposeString('feedback', {
      nullable: true,
      description: 'What the end user said about it, in free text.',
    }),
    metadata: t.expose('metadata', { type: 'JSONObject', description: 'As given by the caller; `{}` by default.' }),
    outcome: t.expose('outcome', { type: Outcome, nullable: true, description: 'Who or what handled it in the end.' }),
    resolution: t.expose('resolution', {
      type: Resolution,
      nullable: true,
      description: 'What the end user got out of it.',
    }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      description:
        'When it began: as given, else the earliest time that is known, else the given end, else when it was logged. An earlier message that arrives late moves it. Known are the times that were given, of utterances their ends as well, and in a conversation that grows while it takes place the arrival of its creation and of messages without a time.',
    }),
    endedAt: t.expose('endedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When it ended: as given, else the latest time that is known of a message, else the start. Null while open.',
    }),
    durationSeconds: t.float({
      nullable: true,
      description:
        'From start to end, seconds to the millisecond. Null while open, and if fewer than two different times are known.',
      select: { startedAt: true, endedAt: true },
      extensions: FROM_ROW,
      resolve: ({ startedAt, endedAt }) => durationSeconds(startedAt, endedAt),
    }),
    lastMessageAt: t.expose('lastMessageAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time of its latest message.',
    }),
    createdAt: t.expose('createdAt', {
      ...READERS_AND_WRITERS,
      type: 'DateTime',
      description: 'When it was first stored.',
    }),
    updatedAt: t.expose('updatedAt', {
      ...READERS_AND_WRITERS,
      type: 'DateTime',
      description: 'When it was last changed.',
    }),
    recording: t.field({
      type: Recording,
      nullable: true,
      description: 'Its audio or video recording, stored elsewhere.',
      select: { recordingUrl: true, recordingContentType: true, recordingDurationSeconds: true },
      extensions: FROM_ROW,
      resolve: (row) =>
        row.recordingUrl === null
          ? null
          : {
              url: row.recordingUrl,
              contentType: row.recordingContentType,
              durationSeconds: row.recordingDurationSeconds,
            },
    }),
    analysis: t.field({
      type: Analysis,
      nullable: true,
      description: "The results of the caller's own analysis.",
      select: { analysis: true },
      // Written from AnalysisInput alone.
      extensions: FROM_ROW,
      resolve: ({ analysis }) => analysis as AnalysisRow | null,
    }),
    agents: t.field({
      type: [Agent],
      description: 'The agents that took part (that this credential may see), in the order given.',
      select: (_args, context, nestedSelection) => ({
        agentLinks: {
          where: visibleAgents(context),
          orderBy: { position: 'asc' as const },
          select: { agent: nestedSelection(true) },
        },
      }),
      extensions: FROM_ROW,
      resolve: ({ agentLinks }) => agentLinks.map((link) => link.agent) as never,
    }),
    messageCount: t.int({
      description: 'How many entries the transcript has (that this credential may see).',
      select: COUNTS,
      extensions: FROM_ROW,
      resolve: (counts, _args, context) => countVisible(counts, null, context),
    }),
    userMessageCount: t.exposeInt('userMessageCount', { description: 'Messages of the end user.' }),
    assistantMessageCount: t.exposeInt('assistantMessageCount', { description: 'Messages of the AI agent.' }),
    humanAgentMessageCount: t.exposeInt('humanAgentMessageCount', { description: 'Messages of people who took over.' }),
    toolCallCount: t.exposeInt('toolCallCount', { description: 'Tool calls.' }),
    toolErrorCount: t.exposeInt('toolErrorCount', { description: 'Tool calls that went wrong.' }),
    eventCount: t.int({
      description: 'Events (that this credential may see).',
      select: COUNTS,
      extensions: FROM_ROW,
      resolve: (counts, _args, context) => countVisible(counts, ['EVENT'], context),
    }),
    notUnderstoodCount: t.exposeInt('notUnderstoodCount', {
      description: 'User messages that the agent did not understand.',
    }),
    tokenCount: t.exposeInt('tokenCount', {
      description: 'Tokens of all messages that have a count, system prompts included.',
    }),
    cost: t.float({
      nullable: true,
      description: 'Cost of all messages that have one, system prompts included, US dollars; null: none has.',
      select: { cost: true, pricedMessageCount: true },
      extensions: FROM_ROW,
      resolve: ({ cost, pricedMessageCount }) => (pricedMessageCount === 0 ? null : cost.toNumber()),
    }),
    messages: t.field({
      type: MessageConnection,
      description: 'The transcript, in order.',
      args: {
        ...connectionArgs,
        types: t.arg({ type: [MessageType], required: false, description: 'Only these kinds of entries.' }),
      },
      select: (args, context, nestedSelection) => {
        const { where, ...query } = keyset(parsePage(args, 'MESSAGES', NO_ID, MAX_COUNT), 'sequence', 'value')
        return {
          ...COUNTS,
          messages: nestedSelection(
            { ...query, where: { AND: [visibleMessages(args.types, context), where] }, select: { sequence: true } },
            // Two paths: Pothos types the argument for one, and takes the same form as a type's own extension.
            { paths: NODE_PATHS.map((path) => path.map((name) => ({ name }))), getType: () => 'Message' } as never,
          ) as { select: { sequence: true } },
        }
      },
      // TypeScript would infer the type of `select` from it, instead of the other way round.
      resolve: messagesFrom as never,
    }),
  }),
})

export const ConversationConnection = connectionType(Conversation, { name: 'Conversation', of: 'the conversations' })

interface ConversationArguments {
  id?: string | null | undefined
  externalId?: string | null | undefined
}

builder.queryField('conversation', (t) =>
  t.field({
    type: Conversation,
    nullable: true,
    description:
      'One conversation of the tenant, by `id` or by `externalId`, or null. Needs the scope CONVERSATIONS_READ.',
    authScopes: { $all: { scope: 'CONVERSATIONS_READ', tenant: true } },
    args: {
      id: t.arg.id({ required: false, description: 'Its id, `conv_…`.' }),
      externalId: t.arg.string({ required: false, description: "The caller's own id." }),
    },
    resolve: readsRows(
      {
        model: 'Conversation',
        findsByKey: true,
        read: async ({ id, externalId }: ConversationArguments, context, { rows }) => {
          const where = findConversation({ conversationId: id, externalId }, ['id', 'externalId'])
          return where && (await rows(conversationRow(where, filterScope(context))))[0]
        },
      },
      async (_root: object, { id, externalId }: ConversationArguments, context: Context, info: GraphQLResolveInfo) => {
        const where = findConversation({ conversationId: id, externalId }, ['id', 'externalId'])
        return where && (context.db.conversation.findFirst({ ...queryFromInfo({ context, info }), where }) as never)
      },
    ),
  }),
)

/** Of two different instants, which are then known. */
function durationSeconds(startedAt: Date, endedAt: Date | null): number | null {
  const ms = endedAt === null ? 0 : endedAt.getTime() - startedAt.getTime()
  return ms === 0 ? null : ms / 1_000
}

import { AGENT_IDS, Agent, isVisibleAgent } from '../agents/agent.graphql.ts'
import type { Context } from '../context.ts'
import type { MessageKind, Prisma } from '../database/generated/client/client.ts'
import { READERS_AND_WRITERS, READERS_ONLY } from '../graphql/access.ts'
import { builder } from '../graphql/builder.ts'
import { Node } from '../graphql/node.ts'
import type { OfKind } from '../graphql/read-extensions.ts'
import { column, FROM_ROW, fromRow, idColumn, internalColumn, requiredColumn } from '../graphql/read-extensions.ts'
import { asRow } from '../graphql/rows.ts'
import { EnrichedField, MessageRole, Redactions, Visibility } from './message-enums.graphql.ts'
import type { RedactionCounts } from './redaction/redact-text.ts'

/** Without INTERNALS_READ, system prompts and internal events are left out completely. */
export function visibleMessages(
  types: MessageKind[] | null | undefined,
  context: Pick<Context, 'has'>,
): Prisma.MessageWhereInput {
  const kinds = types ? { kind: { in: types } } : {}
  if (context.has('INTERNALS_READ')) return kinds
  return {
    AND: [
      kinds,
      {
        OR: [
          { kind: 'TOOL' },
          { kind: 'CHAT', role: { in: ['USER', 'ASSISTANT', 'HUMAN_AGENT'] } },
          { kind: 'EVENT', visibility: 'PUBLIC' },
        ],
      },
    ],
  }
}

/** For descriptions of fields that only INTERNALS_READ shows. */
const INTERNAL = 'Null without the scope INTERNALS_READ.'

export const Message = builder.prismaInterface('Message', {
  name: 'Message',
  description:
    'One transcript entry: a chat message, a tool call or an event. Called "entry" in these descriptions; "message" alone means a chat message.',
  interfaces: [Node],
  authScopes: READERS_ONLY,
  select: { id: true, kind: true },
  resolveType: fromRow((message: { kind: MessageKind }) => TYPE_NAMES[message.kind]),
  fields: (t) => ({
    id: t.id({
      ...READERS_AND_WRITERS,
      description: 'Opaque id, `msg_…`.',
      ...idColumn('Message'),
    }),
    sequence: t.int({
      ...column('sequence'),
      ...READERS_AND_WRITERS,
      description:
        'Position in the transcript, counted from 0 over all entries. Entries that this credential may not see count too, so it may see gaps.',
    }),
    timestamp: t.field({
      ...column('timestamp'),
      type: 'DateTime',
      description:
        'When it happened: the given time, or else the default that `ChatMessageInput.timestamp` describes. Entries are ordered by `sequence`, not by this.',
    }),
    agent: t.field({
      type: Agent,
      nullable: true,
      description:
        'The agent it came from. Null if there is none, or if this credential is restricted to other agents.',
      select: (_args, _context, nestedSelection) => ({ agent: nestedSelection(AGENT_IDS) }),
      extensions: FROM_ROW,
      resolve: ({ agent }, _args, context) => asRow(agent !== null && isVisibleAgent(agent, context) ? agent : null),
    }),
    metadata: t.field({
      type: 'JSONObject',
      description: "The caller's metadata, `{}` by default. For a tool call, `{}` without the scope INTERNALS_READ.",
      select: { metadata: true, kind: true },
      extensions: FROM_ROW,
      resolve: (message, _args, context) =>
        message.kind === 'TOOL' && !context.has('INTERNALS_READ') ? {} : message.metadata,
    }),
    redactions: t.field({
      type: Redactions,
      nullable: true,
      description:
        'What was redacted before it was stored. Null if nothing was, and for a tool call without the scope INTERNALS_READ.',
      select: { redactions: true, kind: true },
      // Only ever written by redactMessage().
      extensions: FROM_ROW,
      resolve: (message, _args, context) =>
        message.kind === 'TOOL' && !context.has('INTERNALS_READ')
          ? null
          : (message.redactions as RedactionCounts | null),
    }),
  }),
})

const TYPE_NAMES = { CHAT: 'ChatMessage', TOOL: 'ToolCall', EVENT: 'ConversationEvent' } as const

const Intent = builder.objectRef<{ name: string; meaningful: boolean }>('Intent').implement({
  description: 'The intent that was recognised in a message.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the intent.' }),
    meaningful: t.exposeBoolean('meaningful', {
      description: 'False for greetings, thanks and the like, which do not show what a conversation is about.',
    }),
  }),
})

export const ChatMessage = builder.prismaObject('Message', {
  variant: 'ChatMessage',
  extensions: { kind: { column: 'kind', value: 'CHAT' } } satisfies OfKind,
  description:
    'A chat message from the end user, the AI agent or a person who took over, or a system prompt (instructions to the agent). Fields that were not given are null, unless they are derived.',
  interfaces: [Node, Message],
  authScopes: READERS_ONLY,
  select: { id: true, kind: true },
  fields: (t) => ({
    role: t.field({
      type: MessageRole,
      description: 'Who the message is from.',
      // A CHECK constraint of the table: every chat message has a role and content.
      ...requiredColumn('role'),
    }),
    content: t.string({
      description: 'Text of the message.',
      ...requiredColumn('content'),
    }),
    model: t.string({
      ...column('model'),
      nullable: true,
      description:
        'The language model that wrote it, up to 256 characters. Default for deriving the cost: the model of the conversation or agent.',
    }),
    tokenCount: t.int({
      ...column('tokenCount'),
      nullable: true,
      description: 'Length in tokens, given or derived. Null if unknown.',
    }),
    costUsd: t.float({
      nullable: true,
      description: 'Cost in US dollars, given or derived. Null if unknown.',
      select: { cost: true },
      extensions: FROM_ROW,
      resolve: (message) => message.cost?.toNumber(),
    }),
    latencyMs: t.float({
      ...column('latencyMs'),
      nullable: true,
      description: 'How long the AI agent took to answer, in milliseconds. Null if unknown.',
    }),
    rating: t.int({
      ...column('rating'),
      nullable: true,
      description: 'Rating: -1 is bad, 0 neutral, 1 good. Null if it is not rated.',
    }),
    sentiment: t.float({
      ...column('sentiment'),
      nullable: true,
      description: 'Sentiment from -1 (negative) to 1 (positive), given or derived. Null if unknown.',
    }),
    language: t.string({
      ...column('language'),
      nullable: true,
      description: 'BCP 47 language tag, such as en or pt-BR, given or derived. Null if unknown.',
    }),
    translation: t.string({
      ...column('translation'),
      nullable: true,
      description: 'Translation of the content into another language, as given by the caller. Null if there is none.',
    }),
    understood: t.boolean({
      ...column('understood'),
      nullable: true,
      description:
        'Whether the AI agent understood this user message, as given by the caller. Null if not given; analytics then count it as understood.',
    }),
    intent: t.field({
      type: Intent,
      nullable: true,
      description: 'The intent that was recognised in it.',
      select: { intentName: true, intentMeaningful: true },
      extensions: FROM_ROW,
      resolve: ({ intentName, intentMeaningful }) =>
        intentName === null ? null : { name: intentName, meaningful: intentMeaningful ?? true },
    }),
    participantId: t.string({
      ...column('participantId'),
      nullable: true,
      description: 'Id of the speaker, if the conversation has several.',
    }),
    endedAt: t.field({
      ...column('endedAt'),
      type: 'DateTime',
      nullable: true,
      description: 'For speech: when the utterance ended.',
    }),
    enrichedFields: t.field({
      type: [EnrichedField],
      description: 'The fields that Parley derived because the caller did not give them.',
      select: { derived: true },
      extensions: FROM_ROW,
      resolve: (message) => message.derived,
    }),
  }),
})

export const ToolCall = builder.prismaObject('Message', {
  variant: 'ToolCall',
  extensions: { kind: { column: 'kind', value: 'TOOL' } } satisfies OfKind,
  description: 'A tool call by an agent, and its result.',
  interfaces: [Node, Message],
  authScopes: READERS_ONLY,
  select: { id: true, kind: true },
  fields: (t) => ({
    name: t.string({
      description: 'Name of the tool.',
      ...requiredColumn('name'),
    }),
    input: t.field({
      type: 'JSON',
      nullable: true,
      description: `Input of the call. ${INTERNAL}`,
      ...internalColumn('input'),
    }),
    output: t.field({
      type: 'JSON',
      nullable: true,
      description: `Output of the call. ${INTERNAL}`,
      ...internalColumn('output'),
    }),
    thought: t.string({
      nullable: true,
      description: `Why the agent called it. ${INTERNAL}`,
      ...internalColumn('thought'),
    }),
    error: t.string({
      nullable: true,
      description: 'Error message. Null if the call succeeded, or without the scope INTERNALS_READ; see `failed`.',
      ...internalColumn('error'),
    }),
    failed: t.boolean({
      description: 'Whether the call failed.',
      select: { error: true },
      extensions: FROM_ROW,
      resolve: (message) => message.error !== null,
    }),
    durationMs: t.float({
      ...column('durationMs'),
      nullable: true,
      description: 'Duration of the call in milliseconds. Null if not given.',
    }),
  }),
})

export const ConversationEvent = builder.prismaObject('Message', {
  variant: 'ConversationEvent',
  extensions: { kind: { column: 'kind', value: 'EVENT' } } satisfies OfKind,
  description:
    'An event, such as a handover, a submitted form or a voice trace. Internal events are visible only with the scope INTERNALS_READ.',
  interfaces: [Node, Message],
  authScopes: READERS_ONLY,
  select: { id: true, kind: true },
  fields: (t) => ({
    name: t.string({
      description: 'Name of the event.',
      ...requiredColumn('name'),
    }),
    visibility: t.field({
      type: Visibility,
      description: 'Who may see it.',
      ...requiredColumn('visibility'),
    }),
    payload: t.field({ ...column('payload'), type: 'JSON', nullable: true, description: 'Details of the event.' }),
  }),
})

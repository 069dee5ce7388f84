import { Agent, isVisibleAgent } from '../agents/agent.graphql.ts'
import type { Context } from '../context.ts'
import type { MessageKind, Prisma } from '../database/generated/client/client.ts'
import { READERS_AND_WRITERS, READERS_ONLY } from '../graphql/access.ts'
import { builder } from '../graphql/builder.ts'
import { Node } from '../graphql/node.ts'
import type { OfKind } from '../graphql/read-extensions.ts'
import { column, FROM_ROW, fromRow, idColumn, internalColumn, requiredColumn } from '../graphql/read-extensions.ts'
import { DerivedField, MessageRole, Redactions, Visibility } from './message-enums.graphql.ts'
import type { RedactionCounts } from './redaction/redact-text.ts'

/** Without INTERNALS_READ, system prompts and internal events are not there at all. */
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

/** Absent for those who may not see internals. */
const INTERNAL = 'Null without the scope INTERNALS_READ.'

export const Message = builder.prismaInterface('Message', {
  name: 'Message',
  description: 'One entry of a transcript: what somebody said, a tool that was called, or something that happened.',
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
        'Its place in the transcript, from 0 without gaps. (What a credential may not see leaves its place.)',
    }),
    timestamp: t.field({
      ...column('timestamp'),
      type: 'DateTime',
      description: 'When it happened: as given, else when it was stored. The order is `sequence`, not this.',
    }),
    agent: t.field({
      type: Agent,
      nullable: true,
      description: 'The agent it came from. Null where this credential is locked to others.',
      select: (_args, _context, nestedSelection) => ({ agentId: true, agent: nestedSelection(true) }),
      extensions: FROM_ROW,
      resolve: ({ agentId, agent }, _args, context) =>
        (agentId !== null && isVisibleAgent(agentId, context) ? agent : null) as never,
    }),
    metadata: t.field({
      type: 'JSONObject',
      description: "As given by the caller; `{}` by default, and a tool call's without the scope INTERNALS_READ.",
      select: { metadata: true, kind: true },
      extensions: FROM_ROW,
      resolve: (message, _args, context) =>
        message.kind === 'TOOL' && !context.has('INTERNALS_READ') ? {} : message.metadata,
    }),
    redactions: t.field({
      type: Redactions,
      nullable: true,
      description:
        "What was taken out before it was stored; null: nothing. A tool call's: null without the scope INTERNALS_READ.",
      select: { redactions: true, kind: true },
      // Written by redactMessage() alone.
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
  description: 'What a message was recognised to be about.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name of the intent.' }),
    meaningful: t.exposeBoolean('meaningful', {
      description: 'False for greetings, thanks and the like, which say nothing about what a conversation is about.',
    }),
  }),
})

export const ChatMessage = builder.prismaObject('Message', {
  variant: 'ChatMessage',
  extensions: { kind: { column: 'kind', value: 'CHAT' } } satisfies OfKind,
  description: 'Something said: by the end user, the AI agent, a person who took over, or as instructions.',
  interfaces: [Node, Message],
  authScopes: READERS_ONLY,
  select: { id: true, kind: true },
  fields: (t) => ({
    role: t.field({
      type: MessageRole,
      description: 'Who said it.',
      // A CHECK of the table: every chat message has a role and a content.
      ...requiredColumn('role'),
    }),
    content: t.string({
      description: 'What was said.',
      ...requiredColumn('content'),
    }),
    model: t.string({ ...column('model'), nullable: true, description: 'The language model that wrote it.' }),
    tokenCount: t.int({
      ...column('tokenCount'),
      nullable: true,
      description: 'Its length in tokens: given, or derived.',
    }),
    cost: t.float({
      nullable: true,
      description: 'What it cost, US dollars: given, or derived.',
      select: { cost: true },
      extensions: FROM_ROW,
      resolve: (message) => message.cost?.toNumber(),
    }),
    latencyMs: t.float({
      ...column('latencyMs'),
      nullable: true,
      description: 'How long the answer took, milliseconds.',
    }),
    rating: t.int({ ...column('rating'), nullable: true, description: '−1 bad, 0 neutral, 1 good; null: none given.' }),
    sentiment: t.float({
      ...column('sentiment'),
      nullable: true,
      description: 'From −1 (negative) to 1 (positive): given, or derived.',
    }),
    language: t.string({
      ...column('language'),
      nullable: true,
      description: 'BCP 47 language tag, such as en or pt-BR.',
    }),
    translation: t.string({
      ...column('translation'),
      nullable: true,
      description: 'The content in another language.',
    }),
    understood: t.boolean({
      ...column('understood'),
      nullable: true,
      description: 'Whether the agent understood it; null: unknown.',
    }),
    intent: t.field({
      type: Intent,
      nullable: true,
      description: 'What it was recognised to be about.',
      select: { intentName: true, intentMeaningful: true },
      extensions: FROM_ROW,
      resolve: ({ intentName, intentMeaningful }) =>
        intentName === null ? null : { name: intentName, meaningful: intentMeaningful ?? true },
    }),
    participantId: t.string({
      ...column('participantId'),
      nullable: true,
      description: 'Which speaker, where there are several.',
    }),
    endedAt: t.field({
      ...column('endedAt'),
      type: 'DateTime',
      nullable: true,
      description: 'When it was said to the end, in speech.',
    }),
    derived: t.field({
      type: [DerivedField],
      description: 'Which of these Parley filled in, since the caller gave none.',
      select: { derived: true },
      extensions: FROM_ROW,
      resolve: (message) => message.derived,
    }),
  }),
})

export const ToolCall = builder.prismaObject('Message', {
  variant: 'ToolCall',
  extensions: { kind: { column: 'kind', value: 'TOOL' } } satisfies OfKind,
  description: 'A tool that an agent called, and what came back.',
  interfaces: [Node, Message],
  authScopes: READERS_ONLY,
  select: { id: true, kind: true },
  fields: (t) => ({
    name: t.string({
      description: 'Which tool.',
      ...requiredColumn('name'),
    }),
    input: t.field({
      type: 'JSON',
      nullable: true,
      description: `What it was called with. ${INTERNAL}`,
      ...internalColumn('input'),
    }),
    output: t.field({
      type: 'JSON',
      nullable: true,
      description: `What it answered. ${INTERNAL}`,
      ...internalColumn('output'),
    }),
    thought: t.string({
      nullable: true,
      description: `Why the agent called it. ${INTERNAL}`,
      ...internalColumn('thought'),
    }),
    error: t.string({
      nullable: true,
      description: `What went wrong, in words. ${INTERNAL}`,
      ...internalColumn('error'),
    }),
    failed: t.boolean({
      description: 'Whether it went wrong.',
      select: { error: true },
      extensions: FROM_ROW,
      resolve: (message) => message.error !== null,
    }),
    durationMs: t.float({ ...column('durationMs'), nullable: true, description: 'How long it took, milliseconds.' }),
  }),
})

export const ConversationEvent = builder.prismaObject('Message', {
  variant: 'ConversationEvent',
  extensions: { kind: { column: 'kind', value: 'EVENT' } } satisfies OfKind,
  description:
    'Something that happened: a hand-over, a form that was sent, a voice trace. Internal ones need INTERNALS_READ.',
  interfaces: [Node, Message],
  authScopes: READERS_ONLY,
  select: { id: true, kind: true },
  fields: (t) => ({
    name: t.string({
      description: 'What happened.',
      ...requiredColumn('name'),
    }),
    visibility: t.field({
      type: Visibility,
      description: 'Who may see it.',
      ...requiredColumn('visibility'),
    }),
    payload: t.field({ ...column('payload'), type: 'JSON', nullable: true, description: 'More about it, as given.' }),
  }),
})

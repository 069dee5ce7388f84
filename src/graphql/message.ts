import type { Context } from '../context.ts'
import type { MessageKind, Prisma } from '../database/generated/client/client.ts'
import { encodeId } from '../domain/ids.ts'
import type { RedactionCounts } from '../domain/redaction/redact-text.ts'
import { Agent, isVisibleAgent } from './agent.ts'
import { builder } from './builder.ts'
import { DerivedField, Redactions } from './derivation.ts'
import { MessageRole, Visibility } from './message-enums.ts'
import { Node } from './node.ts'
import type { OfColumn, OfKind } from './text-plan.ts'

/** Without INTERNALS_READ, system prompts and internal events are not there at all. */
export function visibleMessages(types: MessageKind[] | null | undefined, context: Context): Prisma.MessageWhereInput {
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
  select: { id: true, kind: true },
  resolveType: (message) => TYPE_NAMES[message.kind],
  fields: (t) => ({
    id: t.id({
      description: 'Opaque id, `msg_…`.',
      extensions: { column: 'id', idOf: 'Message' } satisfies OfColumn,
      resolve: (message) => encodeId('Message', message.id),
    }),
    sequence: t.exposeInt('sequence', {
      description:
        'Its place in the transcript, from 0 without gaps. (What a credential may not see leaves its place.)',
    }),
    timestamp: t.expose('timestamp', {
      type: 'DateTime',
      description: 'When it happened: as given, else when it was stored. The order is `sequence`, not this.',
    }),
    agent: t.field({
      type: Agent,
      nullable: true,
      description: 'The agent it came from. Null where this credential is locked to others.',
      select: (_args, _context, nestedSelection) => ({ agentId: true, agent: nestedSelection(true) }),
      resolve: ({ agentId, agent }, _args, context) =>
        (agentId !== null && isVisibleAgent(agentId, context) ? agent : null) as never,
    }),
    metadata: t.field({
      type: 'JSONObject',
      description: "As given by the caller; `{}` by default, and a tool call's without the scope INTERNALS_READ.",
      select: { metadata: true, kind: true },
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
  select: { id: true, kind: true },
  fields: (t) => ({
    role: t.field({
      type: MessageRole,
      description: 'Who said it.',
      select: { role: true },
      extensions: { column: 'role' } satisfies OfColumn,
      // A CHECK of the table: every chat message has a role and a content.
      resolve: (message) => message.role ?? 'USER',
    }),
    content: t.string({
      description: 'What was said.',
      select: { content: true },
      extensions: { column: 'content' } satisfies OfColumn,
      resolve: (message) => message.content ?? '',
    }),
    model: t.exposeString('model', { nullable: true, description: 'The language model that wrote it.' }),
    tokenCount: t.exposeInt('tokenCount', { nullable: true, description: 'Its length in tokens: given, or derived.' }),
    cost: t.float({
      nullable: true,
      description: 'What it cost, US dollars: given, or derived.',
      select: { cost: true },
      resolve: (message) => message.cost?.toNumber(),
    }),
    latencyMs: t.exposeFloat('latencyMs', { nullable: true, description: 'How long the answer took, milliseconds.' }),
    rating: t.exposeInt('rating', { nullable: true, description: '−1 bad, 0 neutral, 1 good; null: none given.' }),
    sentiment: t.exposeFloat('sentiment', {
      nullable: true,
      description: 'From −1 (negative) to 1 (positive): given, or derived.',
    }),
    language: t.exposeString('language', { nullable: true, description: 'BCP 47 language tag, such as en or pt-BR.' }),
    translation: t.exposeString('translation', { nullable: true, description: 'The content in another language.' }),
    understood: t.exposeBoolean('understood', {
      nullable: true,
      description: 'Whether the agent understood it; null: unknown.',
    }),
    intent: t.field({
      type: Intent,
      nullable: true,
      description: 'What it was recognised to be about.',
      select: { intentName: true, intentMeaningful: true },
      resolve: ({ intentName, intentMeaningful }) =>
        intentName === null ? null : { name: intentName, meaningful: intentMeaningful ?? true },
    }),
    participantId: t.exposeString('participantId', {
      nullable: true,
      description: 'Which speaker, where there are several.',
    }),
    endedAt: t.expose('endedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was said to the end, in speech.',
    }),
    derived: t.field({
      type: [DerivedField],
      description: 'Which of these Parley filled in, since the caller gave none.',
      select: { derived: true },
      resolve: (message) => message.derived,
    }),
  }),
})

export const ToolCall = builder.prismaObject('Message', {
  variant: 'ToolCall',
  extensions: { kind: { column: 'kind', value: 'TOOL' } } satisfies OfKind,
  description: 'A tool that an agent called, and what came back.',
  interfaces: [Node, Message],
  select: { id: true, kind: true },
  fields: (t) => ({
    name: t.string({
      description: 'Which tool.',
      select: { name: true },
      extensions: { column: 'name' } satisfies OfColumn,
      resolve: (message) => message.name ?? '',
    }),
    input: t.field({
      type: 'JSON',
      nullable: true,
      description: `What it was called with. ${INTERNAL}`,
      select: { input: true },
      extensions: { column: 'input', isInternal: true } satisfies OfColumn,
      resolve: (message, _args, context) => (context.has('INTERNALS_READ') ? message.input : null),
    }),
    output: t.field({
      type: 'JSON',
      nullable: true,
      description: `What it answered. ${INTERNAL}`,
      select: { output: true },
      extensions: { column: 'output', isInternal: true } satisfies OfColumn,
      resolve: (message, _args, context) => (context.has('INTERNALS_READ') ? message.output : null),
    }),
    thought: t.string({
      nullable: true,
      description: `Why the agent called it. ${INTERNAL}`,
      select: { thought: true },
      extensions: { column: 'thought', isInternal: true } satisfies OfColumn,
      resolve: (message, _args, context) => (context.has('INTERNALS_READ') ? message.thought : null),
    }),
    error: t.string({
      nullable: true,
      description: `What went wrong, in words. ${INTERNAL}`,
      select: { error: true },
      extensions: { column: 'error', isInternal: true } satisfies OfColumn,
      resolve: (message, _args, context) => (context.has('INTERNALS_READ') ? message.error : null),
    }),
    failed: t.boolean({
      description: 'Whether it went wrong.',
      select: { error: true },
      resolve: (message) => message.error !== null,
    }),
    durationMs: t.exposeFloat('durationMs', { nullable: true, description: 'How long it took, milliseconds.' }),
  }),
})

export const ConversationEvent = builder.prismaObject('Message', {
  variant: 'ConversationEvent',
  extensions: { kind: { column: 'kind', value: 'EVENT' } } satisfies OfKind,
  description:
    'Something that happened: a hand-over, a form that was sent, a voice trace. Internal ones need INTERNALS_READ.',
  interfaces: [Node, Message],
  select: { id: true, kind: true },
  fields: (t) => ({
    name: t.string({
      description: 'What happened.',
      select: { name: true },
      extensions: { column: 'name' } satisfies OfColumn,
      resolve: (message) => message.name ?? '',
    }),
    visibility: t.field({
      type: Visibility,
      description: 'Who may see it.',
      select: { visibility: true },
      extensions: { column: 'visibility' } satisfies OfColumn,
      resolve: (message) => message.visibility ?? 'INTERNAL',
    }),
    payload: t.expose('payload', { type: 'JSON', nullable: true, description: 'More about it, as given.' }),
  }),
})

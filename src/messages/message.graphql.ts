import { AGENT_IDS, Agent, isVisibleAgent } from '../agents/agent.graphql.ts'
import type { Context } from '../context.ts'
import type { MessageKind, Prisma } from '../database/generated/client/client.ts'
import { READERS_AND_WRITERS, READERS_ONLY } from '../graphql/access.ts'
import { builder } from '../graphql/builder.ts'
import { Node } from '../graphql/node.ts'
import type { OfKind } from '../graphql/read-extensions.ts'
import { column, FROM_ROW, fromRow, idColumn, internalColumn, requiredColumn } from '../graphql/read-extensions.ts'
import { asRow } from '../graphql/rows.ts'
import { Redactions, Visibility } from './message-enums.graphql.ts'
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
    externalId: t.string({
      ...column('externalId'),
      ...READERS_AND_WRITERS,
      nullable: true,
      description: "External id: the caller's own id for the entry, unique within the conversation. Null if not given.",
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
    costUsd: t.float({
      nullable: true,
      description: 'Cost in US dollars. Null if not given.',
      select: { cost: true },
      extensions: FROM_ROW,
      resolve: (message) => message.cost?.toNumber(),
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

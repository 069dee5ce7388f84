import { WRITERS_SEE } from '../graphql/access.ts'
import { builder, type InputFields, type Types } from '../graphql/builder.ts'
import { AgentBy } from '../graphql/look-ups.ts'
import { idempotencyKey, writeOnce } from '../idempotency/idempotency.graphql.ts'
import { Agent, AgentStatus } from './agent.graphql.ts'
import { archiveAgent, createAgent, updateAgent, upsertAgent } from './change-agent.ts'

/** Fields that creating sets and updating changes. */
const agentFields = (t: InputFields) => ({
  description: t.string({ required: false, description: 'What the agent is for, up to 10,000 characters.' }),
  systemPrompt: t.string({ required: false, description: 'Instructions to the agent, up to 262,144 characters.' }),
  model: t.string({
    required: false,
    description:
      'The language model that the agent runs on, up to 256 characters. Costs are derived from it if neither the message nor the conversation names a model.',
  }),
})

/** Fields that can be absent in an update, and are then kept. */
const changedFields = (t: InputFields) => ({
  tags: t.stringList({
    required: false,
    description: 'Up to 50 tags of up to 256 characters each, none of them blank, which replace the current ones.',
  }),
  status: t.field({ type: AgentStatus, required: false, description: 'Lifecycle status.' }),
})

const UPDATED =
  "Absent fields keep their value. Null clears a field, except `name` and `status`, which can't be cleared."

const CreateAgentInput = builder.inputType('CreateAgentInput', {
  description: 'An agent to create.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Display name, up to 256 characters.' }),
    externalId: t.string({
      required: false,
      description: "External id: the caller's own id for the agent, unique within the tenant, up to 256 characters.",
    }),
    ...agentFields(t),
    tags: t.stringList({
      required: false,
      description: 'Up to 50 tags of up to 256 characters each, none of them blank.',
    }),
    status: t.field({
      type: AgentStatus,
      required: true,
      defaultValue: 'ACTIVE',
      description: 'Lifecycle status.',
    }),
    idempotencyKey: idempotencyKey(t),
  }),
})

const UpsertAgentInput = builder.inputType('UpsertAgentInput', {
  description: `An agent to create, or to update if one with this external id exists. A new one is ACTIVE by default. ${UPDATED}`,
  fields: (t) => ({
    externalId: t.string({ required: true, description: 'External id of the agent, up to 256 characters.' }),
    name: t.string({
      required: false,
      description: 'Display name, up to 256 characters. Default in a new agent: the external id.',
    }),
    ...agentFields(t),
    ...changedFields(t),
    idempotencyKey: idempotencyKey(t),
  }),
})

const UpdateAgentInput = builder.inputType('UpdateAgentInput', {
  description: `The agent to update, and its new values. ${UPDATED}`,
  fields: (t) => ({
    by: t.field({ type: AgentBy, required: true, description: 'Which agent.' }),
    name: t.string({ required: false, description: 'Display name, up to 256 characters.' }),
    ...agentFields(t),
    ...changedFields(t),
    idempotencyKey: idempotencyKey(t),
  }),
})

const ArchiveAgentInput = builder.inputType('ArchiveAgentInput', {
  description: 'An agent to archive.',
  fields: (t) => ({
    by: t.field({ type: AgentBy, required: true, description: 'Which agent.' }),
    idempotencyKey: idempotencyKey(t),
  }),
})

const agentField = (t: PothosSchemaTypes.ObjectFieldBuilder<Types, { agentId: string }>) =>
  t.prismaField({
    type: Agent,
    description: `The agent. ${WRITERS_SEE.agent}`,
    resolve: (query, { agentId }, _args, context) =>
      context.db.agent.findFirstOrThrow({ ...query, where: { id: agentId } }),
  })

const payload = (name: string, mutation: string) =>
  builder.objectRef<{ agentId: string }>(name).implement({
    description: `Result of \`${mutation}\`.`,
    fields: (t) => ({ agent: agentField(t) }),
  })

const UpsertAgentPayload = builder.objectRef<{ agentId: string; created?: boolean }>('UpsertAgentPayload').implement({
  description: 'Result of `upsertAgent`.',
  fields: (t) => ({
    created: t.boolean({
      description: 'Whether the agent was created. False if it already existed.',
      // An answer that an earlier version stored does not say.
      resolve: ({ created = false }) => created,
    }),
    agent: agentField(t),
  }),
})

const WRITE = { $all: { scope: 'CONVERSATIONS_WRITE', tenant: true } } as const

builder.mutationFields((t) => ({
  createAgent: t.field({
    type: payload('CreateAgentPayload', 'createAgent'),
    description:
      'Creates an agent. Fails with EXTERNAL_ID_TAKEN if its external id exists; `upsertAgent` updates the existing one instead. Needs the scope CONVERSATIONS_WRITE.',
    authScopes: WRITE,
    args: { input: t.arg({ type: CreateAgentInput, required: true, description: 'The agent to create.' }) },
    resolve: (_root, { input }, context) =>
      writeOnce(context, 'createAgent', input, () => createAgent(context.db, context.tenantId, input)),
  }),
  upsertAgent: t.field({
    type: UpsertAgentPayload,
    description: 'Creates an agent, or updates the one with this external id. Needs the scope CONVERSATIONS_WRITE.',
    authScopes: WRITE,
    args: { input: t.arg({ type: UpsertAgentInput, required: true, description: 'The agent to create or update.' }) },
    resolve: (_root, { input }, context) =>
      writeOnce(context, 'upsertAgent', input, () => upsertAgent(context.db, context.tenantId, input, context.now)),
  }),
  updateAgent: t.field({
    type: payload('UpdateAgentPayload', 'updateAgent'),
    description: 'Updates an agent. Needs the scope CONVERSATIONS_WRITE.',
    authScopes: WRITE,
    args: {
      input: t.arg({ type: UpdateAgentInput, required: true, description: 'The agent to update, and its new values.' }),
    },
    resolve: (_root, { input }, context) =>
      writeOnce(context, 'updateAgent', input, () => updateAgent(context.db, input, context.now)),
  }),
  archiveAgent: t.field({
    type: payload('ArchiveAgentPayload', 'archiveAgent'),
    description:
      'Archives an agent; its history stays. Archiving it again changes nothing. Needs the scope CONVERSATIONS_WRITE.',
    authScopes: WRITE,
    args: { input: t.arg({ type: ArchiveAgentInput, required: true, description: 'The agent to archive.' }) },
    resolve: (_root, { input }, context) =>
      writeOnce(context, 'archiveAgent', input, () => archiveAgent(context.db, input, context.now)),
  }),
}))

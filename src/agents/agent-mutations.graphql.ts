import { WRITERS_SEE } from '../graphql/access.ts'
import { builder } from '../graphql/builder.ts'
import { idempotencyKey, writeOnce } from '../idempotency/idempotency.graphql.ts'
import { Agent, AgentStatus } from './agent.graphql.ts'
import { archiveAgent, createAgent, registerAgent, updateAgent } from './change-agent.ts'

const CreateAgentInput = builder.inputType('CreateAgentInput', {
  description: 'An agent to register.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'A name for people, up to 256 characters.' }),
    externalId: t.string({ required: false, description: "The caller's own id, unique in the tenant." }),
    description: t.string({ required: false, description: 'What it is for.' }),
    systemPrompt: t.string({ required: false, description: 'Its instructions.' }),
    model: t.string({ required: false, description: 'The language model it runs on.' }),
    tags: t.stringList({ required: false, description: 'Up to 50 labels.' }),
    status: t.field({
      type: AgentStatus,
      required: true,
      defaultValue: 'ACTIVE',
      description: 'Lifecycle status.',
    }),
    idempotencyKey: idempotencyKey(t),
  }),
})

const RegisterAgentInput = builder.inputType('RegisterAgentInput', {
  description: "An agent to find by the caller's own id, or to register.",
  fields: (t) => ({
    externalId: t.string({ required: true, description: "The caller's own id." }),
    name: t.string({ required: false, description: 'Its name where it is new. Default: the external id.' }),
    idempotencyKey: idempotencyKey(t),
  }),
})

const UpdateAgentInput = builder.inputType('UpdateAgentInput', {
  description: 'What to change of an agent: absent keeps, null clears.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Its id, `agent_…`.' }),
    name: t.string({ required: false, description: 'A name for people, up to 256 characters.' }),
    description: t.string({ required: false, description: 'What it is for.' }),
    systemPrompt: t.string({ required: false, description: 'Its instructions.' }),
    model: t.string({ required: false, description: 'The language model it runs on.' }),
    tags: t.stringList({ required: false, description: 'Up to 50 labels: these instead.' }),
    status: t.field({ type: AgentStatus, required: false, description: 'Lifecycle status.' }),
    idempotencyKey: idempotencyKey(t),
  }),
})

const ArchiveAgentInput = builder.inputType('ArchiveAgentInput', {
  description: 'An agent to archive.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Its id, `agent_…`.' }),
    idempotencyKey: idempotencyKey(t),
  }),
})

const payload = (name: string, mutation: string) =>
  builder.objectRef<{ agentId: string }>(name).implement({
    description: `The answer of \`${mutation}\`.`,
    fields: (t) => ({
      agent: t.prismaField({
        type: Agent,
        description: `The agent. ${WRITERS_SEE.agent}`,
        resolve: (query, { agentId }, _args, context) =>
          context.db.agent.findFirstOrThrow({ ...query, where: { id: agentId } }),
      }),
    }),
  })

const WRITE = { $all: { scope: 'CONVERSATIONS_WRITE', tenant: true } } as const

builder.mutationFields((t) => ({
  createAgent: t.field({
    type: payload('CreateAgentPayload', 'createAgent'),
    description: 'Registers an agent. Needs the scope CONVERSATIONS_WRITE.',
    authScopes: WRITE,
    args: { input: t.arg({ type: CreateAgentInput, required: true, description: 'The agent.' }) },
    resolve: (_root, { input }, context) =>
      writeOnce(context, 'createAgent', input, () => createAgent(context.db, context.tenantId, input)),
  }),
  registerAgent: t.field({
    type: payload('RegisterAgentPayload', 'registerAgent'),
    description: "Finds an agent by the caller's own id, or registers it. Needs the scope CONVERSATIONS_WRITE.",
    authScopes: WRITE,
    args: { input: t.arg({ type: RegisterAgentInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, context) =>
      writeOnce(context, 'registerAgent', input, () => registerAgent(context.db, context.tenantId, input)),
  }),
  updateAgent: t.field({
    type: payload('UpdateAgentPayload', 'updateAgent'),
    description: 'Changes an agent. Needs the scope CONVERSATIONS_WRITE.',
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
      'Archives an agent: its history stays. Doing it again changes nothing. Needs the scope CONVERSATIONS_WRITE.',
    authScopes: WRITE,
    args: { input: t.arg({ type: ArchiveAgentInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, context) =>
      writeOnce(context, 'archiveAgent', input, () => archiveAgent(context.db, input.id, context.now)),
  }),
}))

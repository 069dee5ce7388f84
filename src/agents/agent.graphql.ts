import type { Context } from '../context.ts'
import type { AgentStatus as AgentStatusName } from '../database/generated/client/enums.ts'
import { READERS_AND_WRITERS, READERS_ONLY } from '../graphql/access.ts'
import { builder } from '../graphql/builder.ts'
import { connectionArgs, connectionType, keyset, parsePage, toConnection } from '../graphql/connection.ts'
import { Node } from '../graphql/node.ts'
import { FROM_ROW } from '../graphql/read-extensions.ts'
import { encodeId } from '../input/ids.ts'
import { findAgent } from './agent-directory.ts'

export const AgentStatus = builder.enumType('AgentStatus', {
  description: 'Where an agent is in its life.',
  values: {
    DRAFT: { description: 'Being made.' },
    ACTIVE: { description: 'In use.' },
    DEPRECATED: { description: 'Still in use, to be replaced.' },
    ARCHIVED: { description: 'No longer in use. Its history stays.' },
  } satisfies Record<AgentStatusName, { description: string }>,
})

/**
 * A conversation that a row restriction leaves may have other agents than those it names, and so may its messages: they are reached by
 * relations, which the tenant's client does not narrow. (A restriction to metadata leaves all agents of the conversations that it leaves.)
 */
export const visibleAgents = ({ rowRestriction }: Pick<Context, 'rowRestriction'>) =>
  rowRestriction?.agentIds ? { agentId: { in: [...rowRestriction.agentIds] } } : {}

export const isVisibleAgent = (id: string, { rowRestriction }: Context) =>
  rowRestriction?.agentIds?.includes(id) ?? true

export const Agent = builder.prismaObject('Agent', {
  description: "A tenant's AI agent. (People who answer are messages with the role HUMAN_AGENT.)",
  interfaces: [Node],
  authScopes: READERS_ONLY,
  select: { id: true },
  fields: (t) => ({
    id: t.id({
      ...READERS_AND_WRITERS,
      description: 'Opaque id, `agent_…`.',
      extensions: FROM_ROW,
      resolve: (agent) => encodeId('Agent', agent.id),
    }),
    externalId: t.exposeString('externalId', {
      ...READERS_AND_WRITERS,
      nullable: true,
      description: "The caller's own id, unique in the tenant.",
    }),
    name: t.exposeString('name', { description: 'A name for people.' }),
    description: t.exposeString('description', { nullable: true, description: 'What it is for.' }),
    systemPrompt: t.string({
      nullable: true,
      description: 'Its instructions. Null without the scope INTERNALS_READ.',
      select: { systemPrompt: true },
      extensions: FROM_ROW,
      resolve: (agent, _args, context) => (context.has('INTERNALS_READ') ? agent.systemPrompt : null),
    }),
    model: t.exposeString('model', { nullable: true, description: 'The language model it runs on.' }),
    tags: t.exposeStringList('tags', { description: 'Labels of the caller.' }),
    status: t.expose('status', { ...READERS_AND_WRITERS, type: AgentStatus, description: 'Lifecycle status.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was registered.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
  }),
})

const AgentConnection = connectionType(Agent, { name: 'Agent', of: 'the agents' })

const AgentFilter = builder.inputType('AgentFilter', {
  description: 'Which agents. Absent: no condition; an empty list: none fits.',
  fields: (t) => ({
    statuses: t.field({ type: [AgentStatus], required: false, description: 'With one of these statuses.' }),
    tags: t.stringList({ required: false, description: 'With at least one of these tags.' }),
    externalIds: t.stringList({ required: false, description: 'With one of these external ids.' }),
  }),
})

builder.queryFields((t) => ({
  agents: t.field({
    type: AgentConnection,
    description: "The tenant's agents, in the order they were registered. Needs the scope CONVERSATIONS_READ.",
    authScopes: { $all: { scope: 'CONVERSATIONS_READ', tenant: true } },
    args: { ...connectionArgs, filter: t.arg({ type: AgentFilter, required: false, description: 'Which agents.' }) },
    resolve: async (_root, args, context) => {
      const page = parsePage(args, 'AGENTS')
      const { where: place, ...query } = keyset(page, 'id', 'id')
      const where = {
        ...(args.filter?.statuses ? { status: { in: args.filter.statuses } } : {}),
        ...(args.filter?.tags ? { tags: { hasSome: args.filter.tags } } : {}),
        ...(args.filter?.externalIds ? { externalId: { in: args.filter.externalIds } } : {}),
      }
      const rows = await context.db.agent.findMany({ ...query, where: { AND: [where, place] } })
      return toConnection(
        page,
        rows,
        (row) => ['AGENTS', 0, row.id],
        () => context.db.agent.count({ where }),
      )
    },
  }),
  agent: t.prismaField({
    type: Agent,
    nullable: true,
    description: 'One agent of the tenant, by `id` or by `externalId`, or null. Needs the scope CONVERSATIONS_READ.',
    authScopes: { $all: { scope: 'CONVERSATIONS_READ', tenant: true } },
    args: {
      id: t.arg.id({ required: false, description: 'Its id, `agent_…`.' }),
      externalId: t.arg.string({ required: false, description: "The caller's own id." }),
    },
    resolve: async (query, _root, args, context) => {
      const id = await findAgent(context.db, args, [])
      return id === null ? null : context.db.agent.findFirst({ ...query, where: { id } })
    },
  }),
}))

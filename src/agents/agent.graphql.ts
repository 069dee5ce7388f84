import { queryFromInfo } from '@pothos/plugin-prisma'
import type { Context } from '../context.ts'
import type { Agent as Row } from '../database/generated/client/client.ts'
import type { AgentStatus as AgentStatusName } from '../database/generated/client/enums.ts'
import { READERS_AND_WRITERS, READERS_ONLY } from '../graphql/access.ts'
import { builder } from '../graphql/builder.ts'
import { connectionArgs, connectionType, keyset, NODE_PATHS, parsePage, toConnection } from '../graphql/connection.ts'
import { anyOf } from '../graphql/filter-lists.ts'
import { AgentBy } from '../graphql/look-ups.ts'
import { Node } from '../graphql/node.ts'
import { FROM_ROW } from '../graphql/read-extensions.ts'
import { encodeId } from '../input/ids.ts'
import { findAgent } from './agent-directory.ts'

export const AgentStatus = builder.enumType('AgentStatus', {
  description: 'Lifecycle status of an agent.',
  values: {
    DRAFT: { description: 'In development.' },
    ACTIVE: { description: 'In use.' },
    DEPRECATED: { description: 'Still in use, but to be replaced.' },
    ARCHIVED: { description: 'No longer in use. Its history stays.' },
  } satisfies Record<AgentStatusName, { description: string }>,
})

/** What `isVisibleAgent` needs of an agent. */
export const AGENT_IDS = { select: { id: true, externalId: true } } as const

/**
 * A conversation that a row restriction includes may have other agents than those that the restriction names, and so
 * may its messages. They are reached by relations, which the tenant's client does not filter. (A restriction to end
 * users or metadata includes all agents of its conversations.)
 */
export function isVisibleAgent({ id, externalId }: Pick<Row, 'id' | 'externalId'>, { rowRestriction }: Context) {
  if (!rowRestriction?.agents) return true
  const { ids, externalIds } = rowRestriction.agents
  return ids.includes(id) || (externalId !== null && externalIds.includes(externalId))
}

export const Agent = builder.prismaObject('Agent', {
  description:
    'An AI agent of a tenant. (People are not agents; their messages have the role HUMAN_AGENT.) Fields that were not given are null.',
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
      description: "External id: the caller's own id for the agent, unique within the tenant.",
    }),
    name: t.exposeString('name', { description: 'Display name.' }),
    description: t.exposeString('description', {
      nullable: true,
      description: 'What the agent is for, up to 10,000 characters.',
    }),
    systemPrompt: t.string({
      nullable: true,
      description: 'Instructions to the agent. Null if there are none, or without the scope INTERNALS_READ.',
      select: { systemPrompt: true },
      extensions: FROM_ROW,
      resolve: (agent, _args, context) => (context.has('INTERNALS_READ') ? agent.systemPrompt : null),
    }),
    model: t.exposeString('model', {
      nullable: true,
      description:
        'The language model that the agent runs on, up to 256 characters. Costs are derived from it if neither the message nor the conversation names a model.',
    }),
    tags: t.exposeStringList('tags', { description: "The caller's tags." }),
    status: t.expose('status', { ...READERS_AND_WRITERS, type: AgentStatus, description: 'Lifecycle status.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the agent was created.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When the agent was last changed.' }),
  }),
})

const AgentConnection = connectionType(Agent, { name: 'Agent', of: 'agents' })

const AgentFilter = builder.inputType('AgentFilter', {
  description: 'Filters agents. All given conditions must hold. Absent or null means no condition.',
  fields: (t) => ({
    statuses: t.field({ type: [AgentStatus], required: false, description: anyOf('Has one of these statuses.') }),
    tags: t.stringList({ required: false, description: anyOf('Has at least one of these tags.') }),
    externalIds: t.stringList({ required: false, description: anyOf('Has one of these external ids.') }),
  }),
})

builder.queryFields((t) => ({
  agents: t.field({
    type: AgentConnection,
    nullable: true,
    description:
      "The tenant's agents in every status, in the order in which they were created. Needs the scope CONVERSATIONS_READ.",
    authScopes: { $all: { scope: 'CONVERSATIONS_READ', tenant: true } },
    args: {
      ...connectionArgs,
      filter: t.arg({ type: AgentFilter, required: false, description: 'Filters the agents. Default: all.' }),
    },
    resolve: async (_root, args, context, info) => {
      const page = parsePage(args, 'AGENTS')
      const { where: place, ...query } = keyset(page, 'id', 'id')
      const selection = queryFromInfo({ context, info, select: AGENT_IDS.select, paths: NODE_PATHS })
      const where = {
        ...(args.filter?.statuses ? { status: { in: args.filter.statuses } } : {}),
        ...(args.filter?.tags ? { tags: { hasSome: args.filter.tags } } : {}),
        ...(args.filter?.externalIds ? { externalId: { in: args.filter.externalIds } } : {}),
      }
      const rows = await context.db.agent.findMany({ ...selection, ...query, where: { AND: [where, place] } })
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
    description: 'One agent. Null if it does not exist. Needs the scope CONVERSATIONS_READ.',
    authScopes: { $all: { scope: 'CONVERSATIONS_READ', tenant: true } },
    args: { by: t.arg({ type: AgentBy, required: true, description: 'Which agent.' }) },
    resolve: async (query, _root, { by }, context) => {
      const id = await findAgent(context.db, by, ['by'])
      return id === null ? null : context.db.agent.findFirst({ ...query, where: { id } })
    },
  }),
}))

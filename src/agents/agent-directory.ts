import { type Statements, throughPrisma } from '../database/sql-transactions.ts'
import type { Client } from '../database/tenant-scope.ts'
import { type InputPath, notFound } from '../errors.ts'
import { checkCount, checkName } from '../input/check-input.ts'
import { exactlyOne } from '../input/exactly-one.ts'
import { decodeId, newUuid } from '../input/ids.ts'
import { LIMITS } from '../input/limits.ts'
import type { ReadMessages as ParsedMessages } from '../messages/parse-messages.ts'
import { findAgents, insertAgents, type KnownAgent } from './agents.sql.ts'

/** An agent by Parley's id or by the caller's own. */
export interface AgentReference {
  id?: string | null | undefined
  externalId?: string | null | undefined
}

/** An agent that a write names, checked. */
export interface NamedAgent {
  name: 'id' | 'externalId'
  /** A UUID, null for what is no agent's id; or the external id. */
  key: string | null
  path: InputPath
}

/** The UUID of the agent, or null where the tenant has none such. */
export async function findAgent(db: Client, reference: AgentReference, path: InputPath): Promise<string | null> {
  const { name, value } = exactlyOne(reference, ['id', 'externalId'], path)
  const where = name === 'id' ? { id: decodeId('Agent', value) } : { externalId: value }
  if (where.id === null) return null
  const agent = await db.agent.findFirst({
    where: where as { id: string } | { externalId: string },
    select: { id: true },
  })
  return agent?.id ?? null
}

/** The agents that a write names: those of the conversation first, then those of single messages. */
export function parseAgents(
  agents: readonly AgentReference[],
  messages: ParsedMessages,
  path: InputPath,
): NamedAgent[] {
  checkCount(agents, LIMITS.agentsPerConversation, [...path, 'agents'])
  const references = agents.map((reference, i) => ({ reference, path: [...path, 'agents', i] }))
  const named = [...references, ...messages.agents].map(({ reference, path: agentPath }): NamedAgent => {
    const { name, value } = exactlyOne(reference, ['id', 'externalId'], agentPath)
    if (name === 'id') return { name, key: decodeId('Agent', value), path: agentPath }
    checkName(value, [...agentPath, 'externalId'])
    return { name, key: value, path: agentPath }
  })
  // Before unknown ones are registered: what is refused leaves nothing behind.
  checkCount([...new Set(named.map(({ name, key }) => `${name} ${key}`))], LIMITS.agentsPerConversation, path)
  return named
}

/** What is looked up to find them. */
export const keysOf = (named: readonly NamedAgent[], name: NamedAgent['name']): string[] => [
  ...new Set(named.flatMap((agent) => (agent.name === name && agent.key !== null ? [agent.key] : []))),
]

/** Agents that were looked up, and those that were registered since. */
export class AgentDirectory {
  readonly #byId = new Map<string, KnownAgent>()
  readonly #byExternalId = new Map<string, KnownAgent>()

  constructor(agents: readonly KnownAgent[]) {
    this.#add(agents)
  }

  #add(agents: readonly KnownAgent[]) {
    for (const agent of agents) {
      this.#byId.set(agent.id, agent)
      if (agent.externalId !== null) this.#byExternalId.set(agent.externalId, agent)
    }
  }

  #find({ name, key }: NamedAgent): KnownAgent | undefined {
    return (name === 'id' ? this.#byId : this.#byExternalId).get(key ?? '')
  }

  /** Throws at an id that the tenant has no agent of: the caller's mistake. An unknown external id is a new agent's. */
  checkIds(named: readonly NamedAgent[]) {
    const unknown = named.find((agent) => agent.name === 'id' && !this.#find(agent))
    if (unknown) throw notFound('agent', [...unknown.path, 'id'])
  }

  /** Registers agents under external ids that are unknown, each with that as its name. */
  async register(db: Statements, tenantId: string, named: readonly NamedAgent[]) {
    const unknown = keysOf(
      named.filter((agent) => !this.#find(agent)),
      'externalId',
    )
    if (unknown.length === 0) return
    const newcomers = unknown.map((externalId) => ({ id: newUuid(), externalId }))
    await insertAgents(db, tenantId, newcomers)
    this.#add(await findAgents(db, tenantId, unknown))
  }

  /** Sets the agents of single messages, and answers all that took part, each once. */
  place(named: readonly NamedAgent[], messages: ParsedMessages): KnownAgent[] {
    const agents = named.map((agent) => {
      const found = this.#find(agent)
      if (!found) throw notFound('agent', [...agent.path, agent.name])
      return found
    })
    const own = named.length - messages.agents.length
    for (const [i, { index }] of messages.agents.entries()) {
      const row = messages.rows[index]
      if (row) row.agent_id = agents[own + i]?.id
    }
    return [...new Set(agents)]
  }
}

/** All of it for one write; answers UUIDs. One statement, and two more where an agent is new. */
export async function assignAgents(
  db: Client,
  tenantId: string,
  agents: readonly AgentReference[],
  messages: ParsedMessages,
  path: InputPath,
): Promise<string[]> {
  const named = parseAgents(agents, messages, path)
  if (named.length === 0) return []
  const directory = new AgentDirectory(
    await db.agent.findMany({
      where: { OR: [{ id: { in: keysOf(named, 'id') } }, { externalId: { in: keysOf(named, 'externalId') } }] },
      select: { id: true, externalId: true, model: true },
    }),
  )
  directory.checkIds(named)
  await directory.register(throughPrisma(db), tenantId, named)
  return directory.place(named, messages).map(({ id }) => id)
}

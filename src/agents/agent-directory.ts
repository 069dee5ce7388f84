import { type Statements, throughPrisma } from '../database/sql-transactions.ts'
import type { Client } from '../database/tenant-scope.ts'
import { type InputPath, notFound } from '../errors.ts'
import { checkCount, checkName } from '../input/check-input.ts'
import { exactlyOne, type Reference } from '../input/exactly-one.ts'
import { decodeId, newUuid } from '../input/ids.ts'
import { LIMITS } from '../input/limits.ts'
import type { UntimedRow } from '../messages/message-row.ts'
import { NO_MESSAGES, type ReadMessages as ParsedMessages } from '../messages/parse-messages.ts'
import { findAgents, insertAgents, type KnownAgent } from './agents.sql.ts'

/** A checked reference to an agent that a write names. */
export interface NamedAgent {
  name: 'id' | 'externalId'
  /** A UUID, null if it can't be an agent's id; or the external id. */
  key: string | null
  /** The UUID of the entry that names it; null if the whole conversation does. */
  messageId: string | null
  path: InputPath
}

/** The UUID of the agent, or null if the tenant has no such agent. */
export async function findAgent(db: Client, reference: Reference, path: InputPath): Promise<string | null> {
  const { name, value } = exactlyOne(reference, path)
  const where = name === 'id' ? { id: decodeId('Agent', value) } : { externalId: value }
  if (where.id === null) return null
  const agent = await db.agent.findFirst({
    where: where as { id: string } | { externalId: string },
    select: { id: true },
  })
  return agent?.id ?? null
}

/** The agents that a write names: first those of the conversation, then those of its messages. */
export function parseAgents(agents: readonly Reference[], messages: ParsedMessages, path: InputPath): NamedAgent[] {
  checkCount(agents, LIMITS.agentsPerConversation, [...path, 'agents'])
  const references = agents.map((reference, i) => ({ reference, path: [...path, 'agents', i], messageId: null }))
  const named = [...references, ...messages.agents].map(({ reference, path: agentPath, messageId }): NamedAgent => {
    const { name, value } = exactlyOne(reference, agentPath)
    if (name === 'id') return { name, key: decodeId('Agent', value), messageId, path: agentPath }
    checkName(value, [...agentPath, 'externalId'])
    return { name, key: value, messageId, path: agentPath }
  })
  // Checked before unknown agents are registered, so that a refused write leaves nothing behind.
  checkCount([...new Set(named.map(({ name, key }) => `${name} ${key}`))], LIMITS.agentsPerConversation, path)
  return named
}

/** The keys that the agents are looked up by. */
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

  /**
   * Throws if the tenant has no agent with one of the ids. An unknown external id is no error: it becomes a new agent.
   */
  checkIds(named: readonly NamedAgent[]) {
    const unknown = named.find((agent) => agent.name === 'id' && !this.#find(agent))
    if (unknown) throw notFound('agent', [...unknown.path, 'id'])
  }

  /** Registers agents for unknown external ids, each with that id as its name. */
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

  /** Sets the agents of single messages, and returns all agents that took part, each once. */
  place(named: readonly NamedAgent[], rows: readonly UntimedRow[]): KnownAgent[] {
    const byMessage = new Map<string | null, KnownAgent>()
    const agents = named.map((agent) => {
      const found = this.#find(agent)
      if (!found) throw notFound('agent', [...agent.path, agent.name])
      byMessage.set(agent.messageId, found)
      return found
    })
    for (const row of rows) row.agent_id = byMessage.get(row.id)?.id
    return [...new Set(agents)]
  }
}

/** Does all of this for one write and returns UUIDs. It takes one statement, and two more if an agent is new. */
export async function assignAgents(
  db: Client,
  tenantId: string,
  agents: readonly Reference[],
  path: InputPath,
): Promise<string[]> {
  const named = parseAgents(agents, NO_MESSAGES, path)
  if (named.length === 0) return []
  const directory = new AgentDirectory(
    await db.agent.findMany({
      where: { OR: [{ id: { in: keysOf(named, 'id') } }, { externalId: { in: keysOf(named, 'externalId') } }] },
      select: { id: true, externalId: true, model: true },
    }),
  )
  directory.checkIds(named)
  await directory.register(throughPrisma(db), tenantId, named)
  return directory.place(named, []).map(({ id }) => id)
}

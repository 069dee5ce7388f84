import type { Client } from '../database/tenant-scope.ts'
import { badInput, type InputPath, notFound } from '../errors.ts'
import { checkCount, checkLength } from './check-input.ts'
import { decodeId, newUuid } from './ids.ts'
import { LIMITS } from './limits.ts'
import type { ReadMessages } from './message-rows.ts'
import { exactlyOne } from './one-of.ts'

/** An agent by Parley's id or by the caller's own. */
export interface AgentReference {
  id?: string | null | undefined
  externalId?: string | null | undefined
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

/**
 * The UUIDs of agents that a write names, in order. An unknown `externalId` registers an agent under that name;
 * an unknown id is the caller's mistake. Two statements at most, however many there are.
 */
export async function resolveAgents(
  db: Client,
  references: readonly { reference: AgentReference; path: InputPath }[],
  tenantId: string,
): Promise<string[]> {
  if (references.length === 0) return []
  const named = references.map(({ reference, path }) => ({
    path,
    ...exactlyOne(reference, ['id', 'externalId'], path),
  }))
  // Sorted, so that two writes that register the same agents wait for each other instead of locking each other out.
  const externalIds = [...new Set(named.filter(({ name }) => name === 'externalId').map(({ value }) => value))].sort()
  for (const { name, value, path } of named) {
    if (name !== 'externalId') continue
    if (value.trim() === '') throw badInput([...path, 'externalId'], 'must not be empty.')
    checkLength(value, LIMITS.name, [...path, 'externalId'])
  }
  if (externalIds.length > 0) {
    const data = externalIds.map((externalId) => ({ tenantId, id: newUuid(), externalId, name: externalId }))
    await db.agent.createMany({ data, skipDuplicates: true })
  }
  const keys = named.map(({ name, value }) => (name === 'id' ? (decodeId('Agent', value) ?? '') : value))
  const ids = [...new Set(keys.filter((key, i) => key !== '' && named[i]?.name === 'id'))]
  const known = await db.agent.findMany({
    where: { OR: [{ id: { in: ids } }, { externalId: { in: externalIds } }] },
    select: { id: true, externalId: true },
  })
  const byId = new Map(known.map(({ id }) => [id, id]))
  const byExternalId = new Map(known.map(({ externalId, id }) => [externalId, id]))
  return named.map(({ name, path }, i) => {
    const id = (name === 'id' ? byId : byExternalId).get(keys[i] ?? '')
    if (id === undefined) throw notFound('agent', [...path, name])
    return id
  })
}

/** Sets the agents of single messages, and answers the UUIDs of all that took part: the conversation's own first. */
export async function assignAgents(
  db: Client,
  tenantId: string,
  agents: readonly AgentReference[],
  messages: ReadMessages,
  path: InputPath,
): Promise<string[]> {
  checkCount(agents, LIMITS.agentsPerConversation, [...path, 'agents'])
  const references = agents.map((reference, i) => ({ reference, path: [...path, 'agents', i] }))
  const ids = await resolveAgents(db, [...references, ...messages.agents], tenantId)
  for (const [i, { index }] of messages.agents.entries()) {
    const row = messages.rows[index]
    if (row) row.agent_id = ids[agents.length + i]
  }
  const distinct = [...new Set(ids)]
  checkCount(distinct, LIMITS.agentsPerConversation, path)
  return distinct
}

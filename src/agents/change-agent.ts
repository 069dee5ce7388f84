import type { AgentStatus } from '../database/generated/client/enums.ts'
import type { Client } from '../database/tenant-scope.ts'
import { badInput, type InputPath, ParleyError } from '../errors.ts'
import { checkLabels, checkLength, checkName } from '../input/check-input.ts'
import { referenceNotFound, type ToRow } from '../input/exactly-one.ts'
import { newUuid } from '../input/ids.ts'
import { LIMITS } from '../input/limits.ts'
import { findAgent } from './agent-directory.ts'

type Maybe<Value> = Value | null | undefined

interface AgentFields {
  name?: Maybe<string>
  description?: Maybe<string>
  systemPrompt?: Maybe<string>
  model?: Maybe<string>
  tags?: Maybe<string[]>
  status?: Maybe<AgentStatus>
}

const path: InputPath = ['input']

function checkFields(input: AgentFields) {
  if (input.name != null) checkName(input.name, [...path, 'name'])
  checkLength(input.description, LIMITS.text, [...path, 'description'])
  checkLength(input.systemPrompt, LIMITS.content, [...path, 'systemPrompt'])
  checkLength(input.model, LIMITS.name, [...path, 'model'])
  checkLabels(input.tags, [...path, 'tags'])
}

export async function createAgent(
  db: Client,
  tenantId: string,
  input: AgentFields & { name: string; externalId?: Maybe<string> },
): Promise<{ agentId: string }> {
  checkFields(input)
  if (input.externalId != null) checkName(input.externalId, [...path, 'externalId'])
  const { name, externalId, description, systemPrompt, model } = input
  const data = {
    ...{ tenantId, id: newUuid(), name, externalId, description, systemPrompt, model },
    tags: [...new Set(input.tags ?? [])],
    status: input.status ?? ('ACTIVE' as const),
  }
  const { count } = await db.agent.createMany({ data: [data], skipDuplicates: true })
  if (count === 0) {
    throw new ParleyError('EXTERNAL_ID_TAKEN', `input.externalId: agent "${externalId}" already exists.`, {
      inputPath: 'input.externalId',
    })
  }
  return { agentId: data.id }
}

/** Creates the agent, or updates the one that exists. */
export async function upsertAgent(
  db: Client,
  tenantId: string,
  input: AgentFields & { externalId: string },
  now: Date,
): Promise<{ agentId: string; created: boolean }> {
  const { externalId } = input
  checkName(externalId, [...path, 'externalId'])
  const given = newValues(input)
  const id = newUuid()
  const { count } = await db.agent.createMany({
    data: [{ ...given, tenantId, id, externalId, name: given.name ?? externalId }],
    skipDuplicates: true,
  })
  if (count > 0) return { agentId: id, created: true }
  const agent = await db.agent.findFirstOrThrow({ where: { externalId }, select: { id: true } })
  // Without new values, it was not changed.
  if (Object.values(given).some((value) => value !== undefined))
    await db.agent.updateMany({ where: agent, data: { ...given, updatedAt: now } })
  return { agentId: agent.id, created: false }
}

export const updateAgent = (db: Client, input: AgentFields & ToRow, now: Date) =>
  change(db, input, { ...newValues(input), updatedAt: now })

/** The values that an update sets; undefined: it keeps the current one. */
function newValues(input: AgentFields) {
  checkFields(input)
  if (input.name === null) throw badInput([...path, 'name'], "can't be cleared.")
  if (input.status === null) throw badInput([...path, 'status'], "can't be cleared.")
  const { name, description, systemPrompt, model, status } = input
  const tags = input.tags === undefined ? undefined : [...new Set(input.tags ?? [])]
  return { name, description, systemPrompt, model, tags, status }
}

export const archiveAgent = (db: Client, input: ToRow, now: Date) =>
  change(db, input, { status: 'ARCHIVED', updatedAt: now }, { status: { not: 'ARCHIVED' } })

async function change(
  db: Client,
  { by }: ToRow,
  data: Parameters<Client['agent']['updateMany']>[0]['data'],
  unless: { status?: { not: AgentStatus } } = {},
): Promise<{ agentId: string }> {
  const agentId = await findAgent(db, by, [...path, 'by'])
  if (agentId === null) throw referenceNotFound('agent', by, [...path, 'by'])
  await db.agent.updateMany({ where: { id: agentId, ...unless }, data })
  return { agentId }
}

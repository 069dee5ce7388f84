import type { AgentStatus } from '../database/generated/client/enums.ts'
import type { Client } from '../database/tenant-scope.ts'
import { badInput, type InputPath, ParleyError } from '../errors.ts'
import { checkCount, checkLength, checkName } from '../input/check-input.ts'
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
  checkCount(input.tags, LIMITS.labels, [...path, 'tags'])
  for (const [index, tag] of (input.tags ?? []).entries()) checkLength(tag, LIMITS.name, [...path, 'tags', index])
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

export async function upsertAgent(
  db: Client,
  tenantId: string,
  input: { externalId: string; name?: Maybe<string> },
): Promise<{ agentId: string }> {
  checkFields(input)
  checkName(input.externalId, [...path, 'externalId'])
  const { externalId } = input
  await db.agent.createMany({
    data: [{ tenantId, id: newUuid(), externalId, name: input.name ?? externalId }],
    skipDuplicates: true,
  })
  const { id } = await db.agent.findFirstOrThrow({ where: { externalId }, select: { id: true } })
  return { agentId: id }
}

export async function updateAgent(db: Client, input: AgentFields & ToRow, now: Date): Promise<{ agentId: string }> {
  checkFields(input)
  if (input.name === null) throw badInput([...path, 'name'], "can't be cleared.")
  if (input.status === null) throw badInput([...path, 'status'], "can't be cleared.")
  const { name, description, systemPrompt, model, status } = input
  const tags = input.tags === undefined ? {} : { tags: [...new Set(input.tags ?? [])] }
  return change(db, input, { name, description, systemPrompt, model, status, ...tags, updatedAt: now })
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

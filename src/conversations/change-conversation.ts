import { assignAgents } from '../agents/agent-directory.ts'
import { Prisma } from '../database/generated/client/client.ts'
import type { ConversationStatus, Outcome, Resolution } from '../database/generated/client/enums.ts'
import { lockConversationRow } from '../database/locks.ts'
import { throughPrisma } from '../database/sql-transactions.ts'
import type { Client } from '../database/tenant-scope.ts'
import { badInput, type InputPath, notFound } from '../errors.ts'
import type { TimeSlice } from '../fairness/time-slice.ts'
import { checkCount, checkTime, unlessBlank } from '../input/check-input.ts'
import { type Reference, referenceNotFound, type ToRow } from '../input/exactly-one.ts'
import { LIMITS } from '../input/limits.ts'
import { loadSettings } from '../tenants/tenant-settings.sql.ts'
import { linkAgents, replaceEntries } from './append-conversations.sql.ts'
import { type ConversationFields, checkFields, checkMetadata } from './conversation-fields.ts'
import { checkForward, conversationClosed, findConversation, isFinal } from './conversation-reference.ts'
import { RULES_VERSION } from './insert-conversations.sql.ts'
import { checkEnd, endsBeforeStart } from './known-times.ts'
import { toPlainChanges } from './plain-fields.ts'
import { recomputeConversations } from './recompute-conversations.sql.ts'
import { hasTexts, redactConversation } from './redact-conversation.ts'
import { mostUsedLanguage, type UserLanguages } from './user-languages.ts'

type Maybe<Value> = Value | null | undefined

const path: InputPath = ['input']

/** Locks the conversation that a write names until the end of the transaction. */
export async function lockConversation(db: Client, tenantId: string, { by }: ToRow) {
  const where = findConversation(by, [...path, 'by'])
  const found = where && (await db.conversation.findFirst({ where, select: { id: true } }))
  if (!found) throw referenceNotFound('conversation', by, [...path, 'by'])
  await lockConversationRow(db, tenantId, found.id)
  // Read it again: it may have been deleted or changed while we waited.
  const conversation = await db.conversation.findFirst({ where: { id: found.id } })
  if (!conversation) throw notFound('conversation', path)
  if (conversation.rulesVersion >= RULES_VERSION) return conversation
  await recomputeConversations(throughPrisma(db), tenantId, [conversation.id])
  return db.conversation.findFirstOrThrow({ where: { id: found.id } })
}

export interface CompleteConversationInput extends ToRow {
  status: ConversationStatus
  outcome?: Maybe<Outcome>
  resolution?: Maybe<Resolution>
  endedAt?: Maybe<Date>
}

/** Closes a conversation once. Repeating the same result is not an error and changes nothing. */
export async function completeConversation(db: Client, tenantId: string, input: CompleteConversationInput, now: Date) {
  if (!isFinal(input.status)) throw badInput([...path, 'status'], `must be a final status; ${input.status} is not.`)
  checkTime(input.endedAt, now, [...path, 'endedAt'])
  const conversation = await lockConversation(db, tenantId, input)
  if (isFinal(conversation.status) && !conversation.isAbandonedAsIdle) {
    const same =
      conversation.status === input.status &&
      (input.outcome == null || input.outcome === conversation.outcome) &&
      (input.resolution == null || input.resolution === conversation.resolution) &&
      (input.endedAt == null || input.endedAt.getTime() === conversation.endedAt?.getTime())
    if (!same) throw conversationClosed(conversation.status)
    return { conversationId: conversation.id }
  }
  const { endedAt: givenEndedAt = null } = input
  checkEnd({ ...conversation, givenEndedAt }, path)
  await db.conversation.updateMany({
    where: { id: conversation.id },
    data: {
      status: input.status,
      isAbandonedAsIdle: false,
      givenEndedAt,
      updatedAt: now,
      ...(input.outcome ? { outcome: input.outcome } : {}),
      ...(input.resolution ? { resolution: input.resolution } : {}),
    },
  })
  return { conversationId: conversation.id }
}

export interface UpdateConversationInput extends ToRow, ConversationFields {
  status?: Maybe<ConversationStatus>
  startedAt?: Maybe<Date>
  endedAt?: Maybe<Date>
  agents?: Maybe<Reference[]>
  metadata?: Maybe<Record<string, unknown>>
  deleteMetadataKeys?: Maybe<string[]>
}

/** Updates a conversation, open or closed: absent fields keep their value, and null clears it. */
export async function updateConversation(
  db: Client,
  tenantId: string,
  input: UpdateConversationInput,
  { now, timeSlice }: { now: Date; timeSlice: TimeSlice },
) {
  checkFields(input, path)
  checkCount(input.deleteMetadataKeys, LIMITS.deletedMetadataKeys, [...path, 'deleteMetadataKeys'])
  for (const name of ['startedAt', 'endedAt'] as const) checkTime(input[name], now, [...path, name])
  // Locks the conversation before agents, as an append does.
  const conversation = await lockConversation(db, tenantId, input)
  const agentIds = input.agents && (await assignAgents(db, tenantId, input.agents, path))
  const { id } = conversation
  const changes = {
    ...changesOf(await withoutPersonalData(db, tenantId, input, timeSlice)),
    ...statusOf(input, conversation),
    ...timesOf(input, conversation),
    ...languageOf(input, conversation),
  }
  await db.conversation.updateMany({ where: { id }, data: { ...changes, updatedAt: now } })
  if (input.metadata !== undefined || input.deleteMetadataKeys) {
    const metadata = {
      ...(input.metadata === null ? {} : (conversation.metadata as Record<string, unknown>)),
      ...input.metadata,
    }
    for (const key of input.deleteMetadataKeys ?? []) delete metadata[key]
    checkMetadata(metadata, [...path, 'metadata'])
    await Promise.all(replaceEntries(throughPrisma(db), tenantId, [{ id, metadata }]))
    await db.conversation.updateMany({ where: { id }, data: { metadata: metadata as Prisma.InputJsonObject } })
  }
  if (input.agents !== undefined) {
    await db.conversationAgent.deleteMany({ where: { conversationId: id } })
    await Promise.all(linkAgents(throughPrisma(db), tenantId, [{ id, agentIds: agentIds ?? [] }]))
  }
  return { conversationId: id }
}

type Stored = Awaited<ReturnType<typeof lockConversation>>

/** The open status that the conversation moves forward to. */
function statusOf({ status }: UpdateConversationInput, stored: Stored) {
  if (status == null || status === stored.status) return {}
  if (isFinal(status))
    throw badInput([...path, 'status'], `can't be ${status}: completeConversation closes a conversation.`)
  if (isFinal(stored.status)) throw conversationClosed(stored.status)
  checkForward(stored.status, status, [...path, 'status'])
  return { status }
}

/** The given start and end after the update. Null lets them be derived again. */
function timesOf({ startedAt, endedAt }: UpdateConversationInput, stored: Stored) {
  if (endedAt && !isFinal(stored.status)) throw badInput([...path, 'endedAt'], 'requires a final status.')
  const times = {
    givenStartedAt: startedAt === undefined ? stored.givenStartedAt : startedAt,
    givenEndedAt: endedAt === undefined ? stored.givenEndedAt : endedAt,
  }
  const after = { ...stored, ...times }
  if (endedAt) checkEnd(after, path)
  else if (endsBeforeStart(after))
    throw badInput([...path, 'startedAt'], 'would make the conversation start after its end.')
  return times
}

/** The language after the update. Null lets it be derived again. */
function languageOf({ language }: UpdateConversationInput, { userLanguages }: Stored) {
  if (language === undefined) return {}
  const givenLanguage = unlessBlank(language)
  return { givenLanguage, language: givenLanguage ?? mostUsedLanguage(userLanguages as UserLanguages) }
}

async function withoutPersonalData(db: Client, tenantId: string, input: UpdateConversationInput, timeSlice: TimeSlice) {
  if (!hasTexts(input)) return input
  return redactConversation(input, await loadSettings(throughPrisma(db), tenantId), timeSlice, path)
}

function changesOf(input: UpdateConversationInput): Prisma.ConversationUpdateManyMutationInput {
  return {
    ...toPlainChanges(input),
    ...(input.isTest === undefined ? {} : { isTest: input.isTest ?? false }),
    ...(input.labels === undefined ? {} : { labels: [...new Set(input.labels ?? [])] }),
    ...(input.analysis === undefined
      ? {}
      : { analysis: (input.analysis as Prisma.InputJsonObject | null) ?? Prisma.DbNull }),
    ...(input.costUsd === undefined ? {} : { givenCost: input.costUsd }),
    ...(input.isLlmConversation === undefined ? {} : { isLlmConversation: input.isLlmConversation }),
    ...(input.llmStats === undefined ? {} : { llmStats: input.llmStats ?? Prisma.DbNull }),
    ...(input.recording === undefined
      ? {}
      : {
          recordingUrl: input.recording?.url ?? null,
          recordingContentType: input.recording?.contentType ?? null,
          recordingDurationMs: input.recording?.durationMs ?? null,
        }),
  }
}

/** Makes a closed conversation active again, without an end. An open one does not change. */
export async function reopenConversation(db: Client, tenantId: string, input: ToRow, now: Date) {
  const { id, status, startedAt, givenStartedAt, firstKnownAt } = await lockConversation(db, tenantId, input)
  // From now on, it grows while it takes place. Its start stays, even if nothing but the end was known.
  const changes = {
    status: 'ACTIVE',
    firstKnownAt: firstKnownAt ?? (givenStartedAt ? null : startedAt),
    givenEndedAt: null,
    isLive: true,
    isAbandonedAsIdle: false,
    updatedAt: now,
  } as const
  if (isFinal(status)) await db.conversation.updateMany({ where: { id }, data: changes })
  return { conversationId: id }
}

/** Deletes a conversation and everything that belongs to it. */
export async function deleteConversation(db: Client, tenantId: string, input: ToRow) {
  const { id } = await lockConversation(db, tenantId, input)
  await db.conversation.deleteMany({ where: { id } })
  return { conversationId: id }
}

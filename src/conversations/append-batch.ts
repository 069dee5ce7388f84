import { AgentDirectory, keysOf } from '../agents/agent-directory.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { ParleyError, rowLocked } from '../errors.ts'
import type { TimeSlice } from '../fairness/time-slice.ts'
import { redactMessages } from '../messages/enrichment/enrich-messages.ts'
import {
  loadAppendPrerequisites,
  loadEntryIds,
  loadExisting,
  type OpenRow,
  writeAppended,
} from './append-conversations.sql.ts'
import { RULES_VERSION } from './insert-conversations.sql.ts'
import { type Append, type AppendOutcome, OpenConversation } from './open-conversation.ts'
import { recomputeConversations } from './recompute-conversations.sql.ts'

/**
 * Appends to open conversations, in as many statements as for one. Several appends to the same conversation are applied
 * in order. The conversations are locked first, so that concurrent appends queue up and each takes the next sequences:
 * none is lost or given twice. An entry whose external id the conversation has already is left out. Returns for each
 * append what came of it, why it is refused, or null if there is no such conversation. If locked rows are skipped, an
 * append to one is refused with RowSkipped.
 */
export async function appendBatch(
  db: Statements,
  tenantId: string,
  appends: readonly Append[],
  timeSlice: TimeSlice,
): Promise<(AppendOutcome | ParleyError | null)[]> {
  const named = appends.flatMap(({ agents }) => agents)
  const prerequisites = await loadCurrentPrerequisites(db, tenantId, {
    ids: appends.flatMap(({ to }) => ('id' in to ? to.id : [])),
    externalIds: appends.flatMap(({ to }) => ('id' in to ? [] : to.externalId)),
    agentIds: keysOf(named, 'id'),
    agentExternalIds: keysOf(named, 'externalId'),
    withMetadata: appends.some(({ metadata }) => metadata !== null),
  })
  const directory = new AgentDirectory(prerequisites.agents)
  const known = await loadKnownEntries(db, tenantId, prerequisites.conversations, appends)
  const open = prerequisites.conversations.map((row) => {
    const models = prerequisites.models.filter(({ conversationId }) => conversationId === row.id)
    const ids = known.flatMap(({ conversationId, externalId }) => (conversationId === row.id ? externalId : []))
    return new OpenConversation(row, models, ids)
  })
  const skipped = await skippedBy(
    db,
    tenantId,
    appends.filter(({ to }) => !open.some((one) => one.is(to))),
  )
  const accepted: [Append, OpenConversation][] = []
  const accept = async (append: Append) => {
    const conversation = open.find((one) => one.is(append.to))
    if (!conversation) return skipped.has(append) ? new RowSkipped() : null
    const { messages, ...fresh } = conversation.withoutKnown(append)
    try {
      directory.checkIds(fresh.agents)
      const rows = await redactMessages(messages.rows, prerequisites.settings, messages.paths, timeSlice)
      const redacted = { ...fresh, messages: { ...messages, rows } }
      conversation.accept(redacted)
      accepted.push([redacted, conversation])
    } catch (error) {
      if (error instanceof ParleyError) return error
      throw error
    }
    const messageIds = messages.rows.map(({ id }) => id)
    return { conversationId: conversation.appended.id, messageIds, duplicateCount: messages.duplicateCount }
  }
  const outcomes: (AppendOutcome | ParleyError | null)[] = []
  for (const append of appends) outcomes.push(await accept(append))
  if (accepted.length === 0) return outcomes
  const newcomers = accepted.flatMap(([{ agents }]) => agents)
  await directory.register(db, tenantId, newcomers)
  for (const [append, conversation] of accepted) {
    await conversation.add(
      append,
      directory.place(append.agents, conversation.timed(append)),
      prerequisites.settings,
      timeSlice,
    )
  }
  const touched = new Set(accepted.map(([, { appended }]) => appended))
  await writeAppended(db, tenantId, [...touched])
  return outcomes
}

/** Loads the prerequisites of an append, after conversations from earlier versions are brought up to date. */
async function loadCurrentPrerequisites(
  db: Statements,
  tenantId: string,
  keys: Parameters<typeof loadAppendPrerequisites>[2],
) {
  const prerequisites = await loadAppendPrerequisites(db, tenantId, keys)
  const outdated = prerequisites.conversations.filter(({ rulesVersion }) => rulesVersion < RULES_VERSION)
  if (outdated.length === 0) return prerequisites
  const ids = outdated.map(({ id }) => id)
  await recomputeConversations(db, tenantId, ids)
  return loadAppendPrerequisites(db, tenantId, keys)
}

/** The external ids of these appends that the conversations have already. Read after the conversations are locked. */
async function loadKnownEntries(
  db: Statements,
  tenantId: string,
  conversations: readonly OpenRow[],
  appends: readonly Append[],
) {
  const externalIds = appends.flatMap(({ messages }) => messages.rows.flatMap((row) => row.external_id ?? []))
  if (externalIds.length === 0 || conversations.length === 0) return []
  const ids = conversations.map(({ id }) => id)
  return loadEntryIds(db, tenantId, ids, externalIds)
}

/** Another transaction has locked the conversation, and this one must not wait for it. */
export class RowSkipped extends ParleyError {
  constructor() {
    const { message, extensions } = rowLocked()
    super('UNAVAILABLE', message, extensions)
    this.name = 'RowSkipped'
  }
}

/** The appends whose conversation was not found because another transaction has locked it. */
async function skippedBy(db: Statements, tenantId: string, missing: readonly Append[]): Promise<Set<Append>> {
  if (!db.skipsLockedRows || missing.length === 0) return new Set()
  const existing = await loadExisting(db, tenantId, {
    ids: missing.flatMap(({ to }) => ('id' in to ? to.id : [])),
    externalIds: missing.flatMap(({ to }) => ('id' in to ? [] : to.externalId)),
  })
  return new Set(
    missing.filter(({ to }) => existing.some((row) => ('id' in to ? row.id : row.externalId) === Object.values(to)[0])),
  )
}

import { parseAgents } from '../agents/agent-directory.ts'
import type { ConversationStatus } from '../database/generated/client/enums.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { badInput, type InputPath, ParleyError } from '../errors.ts'
import type { TimeSlice } from '../fairness/time-slice.ts'
import { checkName, checkTime } from '../input/check-input.ts'
import { type Reference, referenceNotFound, type ToRow } from '../input/exactly-one.ts'
import { type MessageInput, parseMessages } from '../messages/parse-messages.ts'
import { appendBatch } from './append-batch.ts'
import { messageIdsOf } from './append-conversations.sql.ts'
import { findConversation, sequenceConflict } from './conversation-reference.ts'
import { eachConversationOnce } from './deleted-since.ts'
import { logConversations } from './log-conversations.ts'
import type { Append, AppendOutcome } from './open-conversation.ts'

type Maybe<Value> = Value | null | undefined

export interface AppendMessagesInput extends ToRow {
  messages: MessageInput[]
  agents?: Maybe<Reference[]>
  status?: Maybe<ConversationStatus>
  metadata?: Maybe<Record<string, unknown>>
  endedAt?: Maybe<Date>
  expectedSequence?: Maybe<number>
  createIfMissing: boolean
}

export interface AppendedMessages extends AppendOutcome {
  created: boolean
}

/** Messages to append, and their path in the input. */
export interface GivenAppend {
  input: AppendMessagesInput & { idempotencyKey?: Maybe<string> }
  path: InputPath
  /** When the call arrived. */
  now: Date
}

type Outcome = AppendedMessages | ParleyError

interface Draft {
  given: GivenAppend
  append: Append
}

interface Progress {
  /** The outcomes so far. */
  outcomes: Map<GivenAppend, Outcome>
  timeSlice: TimeSlice
}

/** Appends messages. Each call succeeds or fails by itself: an error in one does not affect the others. */
export async function appendMessages(
  db: Statements,
  tenantId: string,
  given: readonly GivenAppend[],
  timeSlice: TimeSlice,
): Promise<Outcome[]> {
  const requests = given.map((one) => ({ operation: 'appendMessages', ...one }))
  return eachConversationOnce(db, tenantId, requests, async (due) => {
    const outcomes = new Map<GivenAppend, Outcome>()
    let drafts = due.flatMap((one) => parseDraft(one, outcomes))
    while (drafts.length > 0) drafts = await append(db, tenantId, drafts, { outcomes, timeSlice })
    return due.map((one) => outcomes.get(one) as Outcome)
  })
}

function parseDraft(given: GivenAppend, outcomes: Map<GivenAppend, Outcome>): Draft[] {
  try {
    return [{ given, append: parseAppend(given) }]
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error
    outcomes.set(given, error)
    return []
  }
}

function parseAppend({ input, path, now }: GivenAppend): Append {
  if (input.messages.length === 0) throw badInput([...path, 'messages'], 'must have at least one entry.')
  if (input.createIfMissing && input.by.externalId == null)
    throw badInput([...path, 'createIfMissing'], 'needs `by.externalId`.')
  if (input.by.externalId != null) checkName(input.by.externalId, [...path, 'by', 'externalId'])
  checkTime(input.endedAt, now, [...path, 'endedAt'])
  const to = findConversation(input.by, [...path, 'by'])
  const messages = parseMessages(input.messages, now, [...path, 'messages'])
  const agents = parseAgents(input.agents ?? [], messages, path)
  if (to === null) throw referenceNotFound('conversation', input.by, [...path, 'by'])
  const { status = null, metadata = null, endedAt = null, expectedSequence = null } = input
  return { to, messages, agents, status, metadata, endedAt, expectedSequence, path, now }
}

/** Settles what it can and returns the rest: appends to conversations that somebody else created in the meantime. */
async function append(
  db: Statements,
  tenantId: string,
  drafts: readonly Draft[],
  { outcomes, timeSlice }: Progress,
): Promise<Draft[]> {
  const appended = await appendBatch(
    db,
    tenantId,
    drafts.map((draft) => draft.append),
    timeSlice,
  )
  const missing: Draft[] = []
  for (const [i, draft] of drafts.entries()) {
    const outcome = appended[i]
    const { expectedSequence, path } = draft.append
    if (outcome instanceof ParleyError) outcomes.set(draft.given, outcome)
    else if (outcome) outcomes.set(draft.given, { ...outcome, created: false })
    else if (!draft.given.input.createIfMissing) {
      outcomes.set(draft.given, referenceNotFound('conversation', draft.given.input.by, [...path, 'by']))
    } else if (expectedSequence) outcomes.set(draft.given, sequenceConflict(expectedSequence, 0))
    else missing.push(draft)
  }
  return missing.length > 0 ? begin(db, tenantId, missing, { outcomes, timeSlice }) : []
}

/**
 * Creates conversations with these messages. Returns those whose external id was taken meanwhile: they are appended.
 */
async function begin(
  db: Statements,
  tenantId: string,
  drafts: readonly Draft[],
  { outcomes, timeSlice }: Progress,
): Promise<Draft[]> {
  const logged = await logConversations(
    db,
    tenantId,
    drafts.map(({ given: { input, path, now } }) => {
      const { messages, agents, metadata, endedAt } = input
      const { externalId } = input.by
      const status = input.status ?? 'ACTIVE'
      const begun = { externalId, messages, agents, metadata, endedAt, status, onConflict: 'RETURN_EXISTING' } as const
      return { input: begun, path, now }
    }),
    timeSlice,
  )
  const ids = logged.flatMap((one) => (one instanceof ParleyError || !one.created ? [] : one.conversationId))
  const messageIds = ids.length > 0 ? await messageIdsOf(db, tenantId, ids) : new Map<string, string[]>()
  for (const [i, { given }] of drafts.entries()) {
    const outcome = logged[i]
    if (outcome instanceof ParleyError) outcomes.set(given, outcome)
    else if (outcome?.created)
      outcomes.set(given, { ...outcome, messageIds: messageIds.get(outcome.conversationId) ?? [] })
  }
  return drafts.filter(({ given }) => !outcomes.has(given))
}

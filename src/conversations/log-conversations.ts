import { AgentDirectory, keysOf } from '../agents/agent-directory.ts'
import type { Statements } from '../database/sql-transactions.ts'
import { formatInputPath, type InputPath, notFound, ParleyError } from '../errors.ts'
import type { TimeSlice } from '../fairness/time-slice.ts'
import { prepareMessages, redactMessages } from '../messages/enrichment/enrich-messages.ts'
import type { DerivationSettings } from '../tenants/tenant-settings.sql.ts'
import { appendBatch } from './append-batch.ts'
import { eachConversationOnce } from './deleted-since.ts'
import { insertConversations } from './insert-conversations.sql.ts'
import { checkEnd } from './known-times.ts'
import { type LogConversationInput, parseConversation, type ReadConversation } from './parse-conversation.ts'
import { redactConversation } from './redact-conversation.ts'
import { loadLogPrerequisites } from './write-prerequisites.sql.ts'

export interface LoggedConversation {
  /** UUID. */
  conversationId: string
  created: boolean
  /** How many entries it had already. */
  duplicateCount: number
}

/** The outcome for one: the stored conversation, or why it was refused. */
export type LogOutcome = LoggedConversation | ParleyError

/** A conversation to log, and its path in the input. */
export interface GivenConversation {
  input: LogConversationInput
  path: InputPath
  /** When the call arrived. */
  now: Date
}

/**
 * Stores conversations. Each succeeds or fails by itself: an error in one does not affect the others. One statement
 * stores up to 64 of them; those that are appended to an existing one take statements of their own.
 */
export async function logConversations(
  db: Statements,
  tenantId: string,
  given: readonly GivenConversation[],
  timeSlice: TimeSlice,
): Promise<LogOutcome[]> {
  const requests = given.map((one) => ({ operation: 'logConversation', ...one }))
  return eachConversationOnce(db, tenantId, requests, async (due) => {
    const batch = new Batch(db, tenantId, timeSlice)
    let drafts: Draft[] = due.flatMap((one) =>
      batch.attempt(one, () => ({ ...parseConversation(one.input, one.now, one.path), given: one })),
    )
    while (drafts.length > 0) drafts = await batch.log(drafts)
    return due.map((one) => batch.outcomes.get(one) as LogOutcome)
  })
}

/** How many are stored in one statement. While the database stores them, the next are prepared. */
const MAX_PART = 64

/** Batches in the order of their external ids, whatever order they were given in: see `insertConversations`. */
function partsOf(drafts: readonly Draft[]): Draft[][] {
  const inOrder = drafts.toSorted((a, b) => compare(a.row.external_id ?? '', b.row.external_id ?? ''))
  const count = Math.ceil(drafts.length / MAX_PART)
  return Array.from({ length: count }, (_, i) => inOrder.slice(i * MAX_PART, (i + 1) * MAX_PART))
}

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b))

interface Draft extends ReadConversation {
  given: GivenConversation
}

interface RedactedDraft extends Draft {
  /** As it was given. */
  draft: Draft
}

/** Checks that apply only to a new conversation: one that is appended to began before this call. */
function checkNew({ row, given, agents }: Draft, directory: AgentDirectory) {
  const { given_started_at: givenStartedAt, first_known_at: firstKnownAt, given_ended_at: givenEndedAt } = row
  checkEnd({ givenStartedAt, firstKnownAt, givenEndedAt }, given.path)
  directory.checkIds(agents)
}

class Batch {
  readonly outcomes = new Map<GivenConversation, LogOutcome>()
  readonly #db: Statements
  readonly #tenantId: string
  readonly #timeSlice: TimeSlice

  constructor(db: Statements, tenantId: string, timeSlice: TimeSlice) {
    this.#db = db
    this.#tenantId = tenantId
    this.#timeSlice = timeSlice
  }

  /** The result in a list. If the caller's input is refused, settles the outcome and returns an empty list. */
  attempt<Result>(given: GivenConversation, work: () => Result): Result[] {
    try {
      return [work()]
    } catch (error) {
      this.#refuse(given, error)
      return []
    }
  }

  #refuse(given: GivenConversation, error: unknown) {
    if (!(error instanceof ParleyError)) throw error
    this.outcomes.set(given, error)
  }

  /**
   * Settles what it can and returns the rest: those whose external id occurs earlier, or was taken by somebody else in
   * the meantime. The next time, it is found to exist.
   */
  async log(drafts: readonly Draft[]): Promise<Draft[]> {
    const named = drafts.flatMap(({ agents }) => agents)
    const prerequisites = await loadLogPrerequisites(this.#db, this.#tenantId, {
      externalIds: drafts.flatMap(({ row }) => row.external_id ?? []),
      agentIds: keysOf(named, 'id'),
      agentExternalIds: keysOf(named, 'externalId'),
    })
    const directory = new AgentDirectory(prerequisites.agents)
    const existing = new Map(prerequisites.conversations.map(({ id, externalId }) => [externalId, id]))
    const begun = new Set<string>()
    const fresh: RedactedDraft[] = []
    const appended: (Draft & { existingId: string })[] = []
    const again: Draft[] = []
    for (const draft of drafts) {
      const { external_id: externalId } = draft.row
      const existingId = externalId == null ? undefined : existing.get(externalId)
      if (externalId != null && begun.has(externalId)) again.push(draft)
      else if (existingId !== undefined && draft.given.input.onConflict === 'APPEND')
        appended.push({ ...draft, existingId })
      else if (existingId !== undefined) this.#leave(draft, existingId)
      // Checked before any agent is registered, so that a refused conversation leaves nothing behind.
      else if (this.attempt(draft.given, () => checkNew(draft, directory)).length > 0) {
        const redacted = await this.#redact(draft, prerequisites.settings)
        if (!redacted) continue
        fresh.push(redacted)
        if (externalId != null) begun.add(externalId)
      }
    }
    const newcomers = fresh.flatMap(({ agents }) => agents)
    await directory.register(this.#db, this.#tenantId, newcomers)
    again.push(...(await this.#insert(fresh, directory, prerequisites.settings)))
    if (appended.length > 0) await this.#append(appended)
    return again
  }

  /** Settles one that exists and is not appended to. */
  #leave({ given, row }: Draft, conversationId: string) {
    const { input, path } = given
    if (input.onConflict === 'RETURN_EXISTING') {
      this.outcomes.set(given, { conversationId, created: false, duplicateCount: 0 })
      return
    }
    const inputPath = formatInputPath([...path, 'externalId'])
    const message = `${inputPath}: conversation "${row.external_id}" already exists.`
    this.outcomes.set(given, new ParleyError('EXTERNAL_ID_TAKEN', message, { inputPath }))
  }

  /** Returns those that somebody else created in the meantime. While some are stored, the next are prepared. */
  async #insert(
    drafts: readonly RedactedDraft[],
    directory: AgentDirectory,
    settings: DerivationSettings,
  ): Promise<Draft[]> {
    const storing: Promise<Set<string>>[] = []
    for (const part of partsOf(drafts)) {
      const conversations = []
      for (const draft of part) conversations.push(await this.#prepare(draft, directory, settings))
      const stored = insertConversations(this.#db, this.#tenantId, conversations)
      // Awaited below, with the others.
      stored.catch(() => {})
      storing.push(stored)
    }
    const stored = new Set((await Promise.all(storing)).flatMap((ids) => [...ids]))
    for (const { given, row, messages } of drafts) {
      const { duplicateCount } = messages
      if (stored.has(row.id)) this.outcomes.set(given, { conversationId: row.id, created: true, duplicateCount })
    }
    return drafts.flatMap(({ row, draft }) => (stored.has(row.id) ? [] : draft))
  }

  /** Null if it is too large once it is redacted, or the tenant's patterns take too long: then it is refused. */
  async #redact(draft: Draft, settings: DerivationSettings): Promise<RedactedDraft | null> {
    const { given, timed, messages } = draft
    const { recording_url: url, ...fields } = draft.row
    try {
      const { recording, ...row } = await redactConversation(
        { ...fields, recording: url == null ? null : { url } },
        settings,
        this.#timeSlice,
        given.path,
      )
      return {
        ...draft,
        draft,
        row: { ...row, recording_url: recording?.url },
        timed: await redactMessages(timed, settings, messages.paths, this.#timeSlice),
      }
    } catch (error) {
      this.#refuse(given, error)
      return null
    }
  }

  async #prepare({ row, timed, agents: named }: Draft, directory: AgentDirectory, settings: DerivationSettings) {
    const agents = directory.place(named, timed)
    const surroundings = { model: row.model, language: row.given_language, tokenCount: 0 }
    const agentModels = agents.flatMap(({ id, model }) => (model === null ? [] : [{ id, model }]))
    return {
      row,
      messages: await prepareMessages(timed, { settings, agentModels }, surroundings, this.#timeSlice),
      agentIds: agents.map(({ id }) => id),
    }
  }

  /** Appends to existing conversations, in the order given. */
  async #append(drafts: readonly (Draft & { existingId: string })[]) {
    const appends = drafts.map(({ given: { input, path, now }, existingId, messages, agents }) => ({
      ...{ to: { id: existingId }, messages, agents, path, now, expectedSequence: null },
      ...{ status: input.status ?? null, metadata: input.metadata ?? null, endedAt: input.endedAt ?? null },
    }))
    const outcomes = await appendBatch(this.#db, this.#tenantId, appends, this.#timeSlice)
    for (const [i, { given }] of drafts.entries()) {
      const outcome = outcomes[i]
      // No outcome: somebody else deleted it in the meantime.
      if (!outcome || outcome instanceof ParleyError) this.outcomes.set(given, outcome ?? notFound('conversation'))
      else {
        const { conversationId, duplicateCount } = outcome
        this.outcomes.set(given, { conversationId, created: false, duplicateCount })
      }
    }
  }
}

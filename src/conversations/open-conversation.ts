import type { NamedAgent } from '../agents/agent-directory.ts'
import type { KnownAgent } from '../agents/agents.sql.ts'
import type { ConversationStatus } from '../database/generated/client/enums.ts'
import { badInput, type InputPath } from '../errors.ts'
import type { TimeSlice } from '../fairness/time-slice.ts'
import { LIMITS } from '../input/limits.ts'
import { prepareMessages } from '../messages/enrichment/enrich-messages.ts'
import { earliest, latest, type NewMessageRow } from '../messages/message-row.ts'
import { checkSum, type ReadMessages, sumOf, withoutKnown } from '../messages/parse-messages.ts'
import type { DerivationSettings } from '../tenants/tenant-settings.sql.ts'
import type { Appended, OpenRow } from './append-conversations.sql.ts'
import { checkMetadata, reservedFields } from './conversation-fields.ts'
import { checkForward, conversationClosed, isFinal, sequenceConflict } from './conversation-reference.ts'
import { checkEnd, timeEntries } from './known-times.ts'
import { languagesOf, mostUsedLanguage } from './user-languages.ts'

/** Messages to add to a conversation, after all checks that need no lookup. */
export interface Append {
  to: { id: string } | { externalId: string }
  messages: ReadMessages
  agents: readonly NamedAgent[]
  /** Null: no change. */
  status: ConversationStatus | null
  /** Merged into the metadata, key by key; later ones win. */
  metadata: Record<string, unknown> | null
  endedAt: Date | null
  expectedSequence: number | null
  /** When the call arrived. */
  now: Date
  /** Its path in the input. */
  path: InputPath
}

/** What was appended. */
export interface AppendOutcome {
  /** UUID. */
  conversationId: string
  /** UUIDs of the entries that were added, in order. */
  messageIds: string[]
  duplicateCount: number
}

/** A locked conversation, as it will be once all accepted appends are written. */
export class OpenConversation {
  readonly appended: Appended
  readonly #row: OpenRow
  #models: { id: string; model: string }[]
  #status: ConversationStatus
  #isAbandonedAsIdle: boolean
  #count: number
  #sequence: number
  #tokenCount: number
  /** Those stored, and those given by accepted appends. */
  #givenTokens: number
  #cost: number
  /** The entries of accepted appends, with their times. */
  readonly #timed = new Map<Append, NewMessageRow[]>()
  /** The external ids of its entries, as far as the appends have them. */
  readonly #known: Set<string>

  constructor(row: OpenRow, models: { id: string; model: string }[], known: readonly string[]) {
    this.appended = {
      id: row.id,
      messages: [],
      status: null,
      givenEndedAt: null,
      firstKnownAt: toDate(row.firstKnownAt),
      lastKnownAt: toDate(row.lastKnownAt),
      lastEntryAt: toDate(row.lastEntryAt),
      language: row.givenLanguage ?? mostUsedLanguage(row.userLanguages),
      userLanguages: row.userLanguages,
      metadata: null,
      endUserId: null,
      model: null,
      agentIds: [],
    }
    this.#row = row
    this.#models = models
    this.#known = new Set(known)
    this.#status = row.status
    this.#isAbandonedAsIdle = row.isAbandonedAsIdle
    this.#count = row.messageCount
    this.#sequence = row.messageCount
    this.#tokenCount = row.tokenCount
    this.#givenTokens = row.tokenCount
    this.#cost = row.cost
  }

  /** The entries of an accepted append, each with its time. */
  timed = (append: Append): NewMessageRow[] => this.#timed.get(append) ?? []

  /** The append without the entries that the conversation has already. */
  withoutKnown(append: Append): Append {
    const messages = withoutKnown(append.messages, this.#known)
    if (messages === append.messages) return append
    const kept = new Set<string | null>([null, ...messages.rows.map(({ id }) => id)])
    return { ...append, messages, agents: append.agents.filter(({ messageId }) => kept.has(messageId)) }
  }

  is(to: Append['to']): boolean {
    return 'id' in to ? to.id === this.#row.id : to.externalId === this.#row.externalId
  }

  /** Throws if the append can't be accepted, and then changes nothing. */
  accept(append: Append) {
    const { messages, metadata, endedAt, expectedSequence, path, now } = append
    // A report of entries that are all known may come after the conversation was closed.
    const addsNothing = messages.rows.length === 0 && messages.duplicateCount > 0
    // Whoever appends to a conversation that was only idle goes on with it.
    const goesOn = this.#isAbandonedAsIdle && !(addsNothing && append.status === null)
    const status = append.status ?? (goesOn ? 'ACTIVE' : null)
    if (isFinal(this.#status) && !goesOn && !(addsNothing && (status === null || status === this.#status)))
      throw conversationClosed(this.#status, path)
    if (status) checkForward(this.#status, status, [...path, 'status'])
    if (endedAt && !(status && isFinal(status))) throw badInput([...path, 'endedAt'], 'requires a final status.')
    if (expectedSequence !== null && !addsNothing && expectedSequence !== this.#count)
      throw sequenceConflict(expectedSequence, this.#count)
    const givenStartedAt = toDate(this.#row.givenStartedAt)
    const { rows, known } = timeEntries(messages.rows, {
      ...{ isLive: this.#row.isLive, arrival: now, before: this.appended.lastEntryAt, startedAt: givenStartedAt },
    })
    const firstKnownAt = earliest([this.appended.firstKnownAt, known.first])
    checkEnd({ givenStartedAt, firstKnownAt, givenEndedAt: endedAt }, path)
    const cost = this.#cost + sumOf(rows, 'cost')
    checkSum(cost, 'cost', LIMITS.costOfConversation, [...path, 'messages'])
    const givenTokens = this.#givenTokens + sumOf(rows, 'token_count')
    checkSum(givenTokens, 'token count', LIMITS.tokensOfConversation, [...path, 'messages'])
    const merged = metadata && { ...(this.appended.metadata ?? this.#row.metadata), ...metadata }
    if (merged) checkMetadata(merged, [...path, 'metadata'])
    const reserved = {
      endUserId: this.appended.endUserId ?? this.#row.endUserId,
      model: this.appended.model ?? this.#row.model,
    }
    const { endUserId, model } = reservedFields(reserved, merged ?? {}, [...path, 'metadata'])
    this.#count += messages.rows.length
    this.#cost = cost
    this.#givenTokens = givenTokens
    const isClosed = isFinal(this.#status) && !goesOn
    const ends = isClosed ? [this.appended.givenEndedAt, endedAt] : [endedAt, this.appended.givenEndedAt]
    this.appended.givenEndedAt = ends[0] ?? ends[1] ?? null
    this.#status = status ?? this.#status
    this.#isAbandonedAsIdle &&= !goesOn
    this.appended.status = status ?? this.appended.status
    this.appended.firstKnownAt = firstKnownAt
    this.appended.lastKnownAt = latest([this.appended.lastKnownAt, known.last])
    this.appended.lastEntryAt = rows.at(-1)?.timestamp ?? this.appended.lastEntryAt
    this.#timed.set(append, rows)
    for (const { external_id: externalId } of rows) if (externalId != null) this.#known.add(externalId)
    this.appended.metadata = merged ?? this.appended.metadata
    this.appended.endUserId = endUserId
    this.appended.model = model
  }

  /** Adds an accepted append, with its derived fields. */
  async add(append: Append, agents: readonly KnownAgent[], settings: DerivationSettings, timeSlice: TimeSlice) {
    const known = new Set(this.#models.map(({ id }) => id))
    const newcomers = agents.flatMap(({ id, model }) => (model === null || known.has(id) ? [] : [{ id, model }]))
    this.#models = [...this.#models, ...newcomers]
    const { givenLanguage } = this.#row
    const model = this.#row.model ?? this.appended.model
    const surroundings = { model, language: givenLanguage, tokenCount: this.#tokenCount }
    const added = this.appended.messages.length
    for (const row of await prepareMessages(
      this.timed(append),
      { settings, agentModels: this.#models },
      surroundings,
      timeSlice,
    )) {
      this.appended.messages.push({ ...row, sequence: this.#sequence })
      this.#sequence += 1
      this.#tokenCount += row.token_count ?? 0
    }
    const { userLanguages } = this.appended
    const languages = languagesOf(givenLanguage, this.appended.messages.slice(added), userLanguages)
    this.appended.language = languages.language
    this.appended.userLanguages = languages.user_languages
    this.appended.agentIds = [...new Set([...this.appended.agentIds, ...agents.map(({ id }) => id)])]
  }
}

const toDate = (time: string | null) => (time === null ? null : new Date(time))

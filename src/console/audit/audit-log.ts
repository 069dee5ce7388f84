import type { AuditEventFilter, Query } from '../../client/generated/schema-types.ts'
import type { Part } from '../part.ts'
import { ConnectionList } from '../parts/connection-list.ts'
import { AUDIT_EVENTS, type AuditEntry } from './documents.ts'

const PAGE_SIZE = 50
const POLL_SIZE = 100
/** An event may be stored after others that happened later, so each poll looks back this far. */
const OVERLAP_MS = 60_000
/** After more new events than this, the list is loaded again rather than growing for ever. */
const MAX_NEW = 2_000

export interface AuditLogOptions {
  filter(): AuditEventFilter
  /** Whether somebody is reading, so that no row may move. */
  isReading(): boolean
}

/** The events that are shown, newest first, and those that have arrived since. */
export class AuditLog {
  /** New events that wait until the reader asks for them, newest first. */
  waiting: readonly AuditEntry[] = []
  /** How many events were last added at the top. */
  addedCount = 0
  /** Whether too many new events have arrived to add them to the list. */
  isBehind = false
  readonly list: ConnectionList<AuditEntry>
  readonly #host: Part
  readonly #options: AuditLogOptions
  /** When the list was last complete, by the server's clock. */
  #completeAtMs = 0
  #newCount = 0
  /** Ends the polls for a list that is about to be replaced. */
  #replaced = new AbortController()

  constructor(host: Part, options: AuditLogOptions) {
    this.#host = host
    this.#options = options
    this.list = new ConnectionList<AuditEntry>(host, async (after, signal) => {
      const page = await this.#ask(this.#options.filter(), { first: PAGE_SIZE, after, signal })
      if (after !== null) return { ...page, nodes: this.#unknown(page.nodes) }
      this.#startAnew()
      return page
    })
  }

  /** Loads the first page, in place of what is there. */
  reload(): Promise<void> {
    this.#replaced.abort()
    return this.list.reload()
  }

  /** Loads new events: all of them, or none if a request fails. */
  async poll(signal: AbortSignal): Promise<void> {
    // The list is loading, or could not be loaded.
    if (this.list.nodes === null || this.#replaced.signal.aborted) return this.#loadAgain()
    if (this.isBehind) return this.#options.isReading() ? undefined : this.#loadAgain()
    const replaced = this.#replaced.signal
    const found = await this.#newEvents(AbortSignal.any([signal, replaced])).catch((error: unknown) => {
      if (!replaced.aborted) throw error
    })
    if (!found || replaced.aborted || signal.aborted) return
    this.#completeAtMs = found.completeAtMs
    this.#takeIn(found.events)
  }

  /** Moves the waiting events to the top of the list. */
  showWaiting(): void {
    this.addedCount = this.waiting.length
    this.list.nodes = newestFirst([...this.waiting, ...(this.list.nodes ?? [])])
    this.waiting = []
    this.#host.requestUpdate()
  }

  async #loadAgain() {
    if (this.list.isLoading) return
    await this.reload()
    if (this.list.error) throw this.list.error
  }

  #startAnew() {
    this.#replaced.abort()
    this.#replaced = new AbortController()
    this.#completeAtMs = this.#host.app.api.now()
    this.#newCount = 0
    this.addedCount = 0
    this.waiting = []
    this.isBehind = false
  }

  #takeIn(events: readonly AuditEntry[]) {
    const oldest = this.list.hasMore ? this.list.nodes?.at(-1) : undefined
    // What comes after the oldest one is on the next page, even if it happened at the same moment.
    const fresh = this.#unknown(events).filter((event) => !oldest || inOrder(event, oldest) < 0)
    this.#newCount += fresh.length
    this.isBehind = this.#newCount > MAX_NEW
    if (this.isBehind) return
    if (fresh.length > 0) this.waiting = newestFirst([...fresh, ...this.waiting])
    if (this.waiting.length > 0 && !this.#options.isReading()) this.showWaiting()
  }

  /** All events since the latest ones, some of which are known. */
  async #newEvents(signal: AbortSignal) {
    const { occurredAt, ...others } = this.#options.filter()
    const sinceMs = Math.max(this.#sinceMs(), timeOf(occurredAt?.from) ?? 0)
    const events: AuditEntry[] = []
    let completeAtMs = this.#completeAtMs
    // The period may be over.
    if ((timeOf(occurredAt?.to) ?? Infinity) <= sinceMs) return { events, completeAtMs }
    const filter = { ...others, occurredAt: { ...occurredAt, from: new Date(sinceMs).toISOString() } }
    for (let after: string | null = null; ; ) {
      const page = await this.#ask(filter, { first: POLL_SIZE, after, signal })
      // The first page has what was there then. What arrives while the others are loaded is for the next poll.
      if (after === null) completeAtMs = this.#host.app.api.now()
      events.push(...page.nodes)
      after = page.pageInfo.hasNextPage ? (page.pageInfo.endCursor ?? null) : null
      if (after === null || this.#unknown(events).length > MAX_NEW) return { events, completeAtMs }
    }
  }

  #sinceMs() {
    const shown = this.list.nodes ?? []
    const newest = [...this.waiting.slice(0, 1), ...shown.slice(0, 1)].map(msOf)
    // The clock of the server that recorded the newest event may be ahead of the others'.
    const sinceMs = Math.min(this.#completeAtMs, Math.max(...(newest.length > 0 ? newest : [Infinity]))) - OVERLAP_MS
    const oldest = shown.at(-1)
    // Events older than all that are loaded come with the next page.
    return this.list.hasMore && oldest ? Math.max(sinceMs, msOf(oldest)) : sinceMs
  }

  #unknown(events: readonly AuditEntry[]) {
    const known = new Set([...(this.list.nodes ?? []), ...this.waiting].map(({ id }) => id))
    return events.filter(({ id }) => !known.has(id))
  }

  async #ask(
    filter: AuditEventFilter,
    { first, after, signal }: { first: number; after: string | null; signal: AbortSignal },
  ) {
    const variables = { first, after, filter }
    const { auditEvents } = await this.#host.app.api.ask<Pick<Query, 'auditEvents'>>(AUDIT_EVENTS, variables, {
      signal,
    })
    return auditEvents ?? { nodes: [], pageInfo: { hasNextPage: false } }
  }
}

const timeOf = (time: string | Date | null | undefined) => (time ? new Date(time).getTime() : null)
const msOf = ({ occurredAt }: AuditEntry) => Date.parse(occurredAt)

/** The server's order: newest first. Later ids are greater. */
const inOrder = (a: AuditEntry, b: AuditEntry) => msOf(b) - msOf(a) || (a.id < b.id ? 1 : -1)
const newestFirst = (events: readonly AuditEntry[]) => events.toSorted(inOrder)

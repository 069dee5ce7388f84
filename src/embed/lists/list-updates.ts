import type { ConversationChange } from '../../client/generated/schema-types.ts'
import type { SharedSession } from '../shared-session.ts'
import type { ConversationPages } from './conversation-pages.ts'
import { retryAfterOf, Throttle } from './throttle.ts'

const PAUSE_MS = 2_000

/** What the updates need to know of the list that is shown. */
export interface ShownList {
  readonly pages: ConversationPages | null
  /** Whether other pages are about to be shown, which may be older than a change. */
  readonly isLoading: boolean
  /** Ids of the rows on screen. */
  visibleIds(): ReadonlySet<string>
  isAtStart(): boolean
  /** Whether a conversation that changes may begin to match, or find another place. */
  isMoving(): boolean
  changed(): void
  countChanged(): void
  failed(error: unknown): void
  reload(): Promise<void>
}

/**
 * Keeps a list up to date with the changes of a session: what is new is loaded at the start, what changed once it is on
 * screen, and never more often than every two seconds.
 */
export class ListUpdates {
  readonly shared: SharedSession
  readonly #list: ShownList
  readonly #throttle = new Throttle(PAUSE_MS, () => this.#update())
  readonly #unwatch: () => void
  readonly #stale = new Set<string>()
  #isStartStale = false

  constructor(shared: SharedSession, list: ShownList) {
    this.shared = shared
    this.#list = list
    this.#unwatch = shared.watch((changes) => this.#note(changes))
  }

  stop(): void {
    this.#unwatch()
    this.#throttle.stop()
  }

  /** It is not known what has changed until now. */
  missed(): void {
    this.#note(null)
  }

  /** Other rows are on screen. */
  scrolled(): void {
    if (this.#isStartStale || this.#visibleStale().size > 0) this.#throttle.request()
  }

  #note(changes: readonly ConversationChange[] | null) {
    const { pages } = this.#list
    const known = new Set(pages?.rows.map(({ id }) => id))
    if (!changes) {
      for (const id of known) this.#stale.add(id)
      this.#isStartStale = true
    }
    for (const { kind, conversationId } of changes ?? []) {
      if (kind === 'DELETED') this.#remove(conversationId)
      else if (this.#list.isLoading || known.has(conversationId)) this.#stale.add(conversationId)
      if (kind === 'CREATED' || this.#list.isMoving()) this.#isStartStale = true
    }
    this.scrolled()
  }

  #remove(id: string) {
    this.#stale.delete(id)
    if (!this.#list.pages?.remove(id)) return
    this.#list.countChanged()
    this.#list.changed()
    if (this.#list.pages.rows.length === 0) this.#isStartStale = true
  }

  #visibleStale(): Set<string> {
    return new Set([...this.#list.visibleIds()].filter((id) => this.#stale.has(id)))
  }

  async #update(): Promise<void> {
    const { pages } = this.#list
    if (!pages || this.#list.isLoading) return
    const stale = this.#visibleStale()
    const start = this.#isStartStale && !pages.hasGap
    if (start) this.#isStartStale = false
    for (const id of stale) this.#stale.delete(id)
    try {
      if (pages.rows.length === 0) return await this.#list.reload()
      const isWhole = await pages.refresh(stale, { start, isShown: () => this.#list.isAtStart() })
      if (pages !== this.#list.pages) return
      if (!isWhole || pages.rows.length === 0) return await this.#list.reload()
      if (start) this.#list.countChanged()
      this.#list.changed()
    } catch (error) {
      if (pages !== this.#list.pages) return
      for (const id of stale) this.#stale.add(id)
      this.#isStartStale ||= start
      this.#list.failed(error)
      this.#throttle.retry(retryAfterOf(error))
    }
  }
}

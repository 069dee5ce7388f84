import { repeat } from 'lit/directives/repeat.js'
import type { ConversationFilter } from '../../client/generated/schema-types.ts'
import { html, isAboutAccess, nothing, ParleyRequestError } from '../kit.ts'
import type { View, ViewHost } from '../lazy-element.ts'
import type { ParleyConversations } from '../parley-conversations.ts'
import type { SharedSession, Viewer } from '../shared-session.ts'
import { conversationsCsv } from './conversation-csv.ts'
import { type Chunk, ConversationPages } from './conversation-pages.ts'
import { type ConversationRow, renderRow, rowId } from './conversation-row.ts'
import { CONVERSATION_COUNT, CONVERSATIONS } from './documents.ts'
import { Formats } from './formats.ts'
import { listStyles } from './list.css.ts'
import { placeAfterKey } from './list-keys.ts'
import { ListUpdates, type ShownList } from './list-updates.ts'
import { RowScroller } from './row-scroller.ts'
import { Throttle } from './throttle.ts'

const COUNT_PAUSE_MS = 10_000
/** The next page is loaded when so many screens of rows are left. */
const SCREENS_AHEAD = 1.5

/** Draws `<parley-conversations>`. */
export class ConversationList implements View<ConversationPages>, ShownList {
  readonly styles = listStyles
  readonly #host: ViewHost<ParleyConversations>
  readonly #scroller = new RowScroller<ConversationRow>()
  pages: ConversationPages | null = null
  isLoading = false
  #shared: SharedSession | null = null
  #updates: ListUpdates | null = null
  /** Aborts the queries of the pages. */
  #over = new AbortController()
  #filter: ConversationFilter = {}
  #count: number | null = null
  #counting: Throttle | null = null
  #isLoadingMore = false
  #hasFailed = false
  /** The row with the keyboard focus. */
  #active: string | null = null

  constructor(host: ViewHost<ParleyConversations>) {
    this.#host = host
  }

  async load(shared: SharedSession, viewer: Viewer, signal: AbortSignal): Promise<ConversationPages> {
    this.#shared = shared
    this.isLoading = true
    // Before the query, so that no change is missed.
    this.#follow()
    try {
      const { pageSize, orderBy } = this.#host.element
      const filter = this.#host.element.conditions(viewer)
      const over = new AbortController()
      const options = { signal: AbortSignal.any([signal, over.signal]) }
      const pages = new ConversationPages(async (between) => {
        const variables = { ...between, filter, orderBy }
        return (await shared.session.query<{ conversations: Chunk }>(CONVERSATIONS, variables, options)).conversations
      }, pageSize)
      await pages.loadMore()
      signal.throwIfAborted()
      this.#over.abort()
      this.#over = over
      this.#counting?.stop()
      this.#counting = new Throttle(COUNT_PAUSE_MS, () => this.#loadCount({ filter }, options))
      this.#filter = filter
      this.#show(pages)
      return pages
    } finally {
      if (!signal.aborted) this.isLoading = false
    }
  }

  exportCsv(): string {
    return this.pages ? conversationsCsv(this.pages.rows, this.#filter) : ''
  }

  hostDisconnected(): void {
    this.#follow()
  }

  hostUpdated(): void {
    this.#follow()
    const { scroller, list } = this.#parts()
    if (!scroller || !list) return
    if (this.#scroller.place(scroller, list)) this.changed()
    this.#loadMoreIfNear()
    this.#updates?.scrolled()
  }

  isAtStart(): boolean {
    return this.#scroller.isAtStart()
  }

  isMoving(): boolean {
    const { filter, search, orderBy } = this.#host.element
    const isByStart = ['STARTED_AT', 'CREATED_AT'].includes(orderBy.field) && orderBy.direction === 'DESC'
    return !isByStart || Boolean(search) || Object.keys(filter ?? {}).length > 0
  }

  visibleIds(): ReadonlySet<string> {
    return new Set(this.#scroller.visible().map(({ id }) => id))
  }

  changed(): void {
    this.#host.element.requestUpdate()
  }

  countChanged(): void {
    this.#counting?.request()
  }

  /** It is tried again, unless the token may no longer have it. */
  failed(error: unknown): void {
    if (!(error instanceof ParleyRequestError)) reportError(error)
    else if (isAboutAccess(error.code)) void this.reload()
  }

  reload(): Promise<void> {
    return this.#host.element.reload()
  }

  render(pages: ConversationPages): unknown {
    const { element, text } = this.#host
    this.#scroller.prepare(pages.rows, this.#parts().scroller)
    const { first, last } = this.#scroller
    const context = { text, formats: Formats.of(element.language, element.zone), size: this.#size(pages) }
    const drawn = pages.rows.slice(first, last)
    const active = drawn.find(({ id }) => id === this.#active)
    const row = (conversation: ConversationRow, place: number) =>
      renderRow(conversation, {
        ...context,
        position: first + place + 1,
        isSelected: conversation.id === element.selected,
        isActive: conversation === active,
      })
    return html`<section class="conversations" part="list">
      ${this.#renderBar(pages, context.formats)}
      <div class="scroller" @scroll=${this.#onScroll}>
        <div
          class="listbox"
          role="listbox"
          tabindex="0"
          aria-label=${text('conversations')}
          aria-activedescendant=${active ? rowId(active.id) : nothing}
          @keydown=${this.#onKey}
          @focus=${this.#onFocus}
          @click=${this.#onClick}
        >${repeat(drawn, ({ id }) => id, row)}</div>
        <div class="end">${this.#renderEnd(pages)}</div>
      </div>
    </section>`
  }

  #renderBar({ fresh }: ConversationPages, { number }: Formats) {
    const { text } = this.#host
    const count = this.#count
    const counted =
      count === 1 ? text('conversationCountOne') : text('conversationCount', { count: number(count ?? 0) })
    const news = text('newConversations', { count: number(fresh.length) })
    return html`<div class="bar">
      <p class="count" part="title">${count === null ? nothing : counted}</p>
      <span role="status">${
        fresh.length > 0
          ? html`<button type="button" class="fresh" @click=${this.#showFresh}>${news}</button>`
          : nothing
      }</span>
    </div>`
  }

  #renderEnd(pages: ConversationPages) {
    const { text } = this.#host
    if (!this.#hasFailed) return pages.hasMore ? text('loading') : text('endOfList')
    const retry = () => this.#loadMore()
    return html`<span role="alert">${text('moreFailed')}</span> <button type="button" @click=${retry}>${text('retry')}</button>`
  }

  /** -1: not known. */
  #size({ rows, hasMore }: ConversationPages): number {
    if (!hasMore) return rows.length
    return this.#count !== null && this.#count > rows.length ? this.#count : -1
  }

  #show(pages: ConversationPages) {
    this.pages = pages
    this.#count = null
    this.#isLoadingMore = false
    this.#hasFailed = false
    this.#scroller.reset()
    this.#counting?.request()
  }

  #parts() {
    const { renderRoot } = this.#host.element
    return {
      scroller: renderRoot?.querySelector<HTMLElement>('.scroller') ?? null,
      list: renderRoot?.querySelector<HTMLElement>('.listbox') ?? null,
    }
  }

  /** Follows the changes of the session while that is wanted. */
  #follow() {
    const { element } = this.#host
    const shared = element.live && element.isConnected ? this.#shared : null
    if (shared === (this.#updates?.shared ?? null)) return
    this.#updates?.stop()
    this.#updates = shared && new ListUpdates(shared, this)
    // It was not followed until now.
    if (this.pages && !this.isLoading) this.#updates?.missed()
  }

  #loadMoreIfNear() {
    if (this.pages?.hasMore && !this.#hasFailed && this.#scroller.screensBelow < SCREENS_AHEAD) void this.#loadMore()
  }

  async #loadMore() {
    const { pages } = this
    if (!pages || this.#isLoadingMore) return
    this.#isLoadingMore = true
    this.#hasFailed = false
    this.changed()
    try {
      await pages.loadMore()
    } catch (error) {
      if (pages !== this.pages) return
      this.#hasFailed = true
      this.failed(error)
    }
    if (pages !== this.pages) return
    this.#isLoadingMore = false
    this.changed()
  }

  async #loadCount(variables: object, options: { signal: AbortSignal }) {
    try {
      type Counted = { conversations: { totalCount: number } }
      const { conversations } =
        (await this.#shared?.session.query<Counted>(CONVERSATION_COUNT, variables, options)) ?? {}
      this.#count = conversations?.totalCount ?? null
    } catch {
      // The list says what is wrong, if it is not the count alone, which may take too long.
      this.#count = null
    }
    if (!options.signal.aborted) this.changed()
  }

  #onScroll = ({ currentTarget }: Event) => {
    if (this.#scroller.scrolled(currentTarget as HTMLElement)) this.changed()
    this.#updates?.scrolled()
    if (this.isAtStart() && this.pages?.fresh.length) this.#showFresh()
    this.#loadMoreIfNear()
  }

  #showFresh = () => {
    if (this.pages?.hasGap) return this.isLoading ? undefined : void this.reload()
    this.pages?.showFresh()
    this.#scroller.scrollToStart()
    this.changed()
  }

  /** The keyboard begins where the reader is. */
  #onFocus = () => {
    const visible = this.#scroller.visible()
    const { selected } = this.#host.element
    if (visible.some(({ id }) => id === this.#active)) return
    this.#active = (visible.find(({ id }) => id === selected) ?? visible[0])?.id ?? null
    this.changed()
  }

  #onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const { rows, pageLength } = this.#scroller
    const place = this.#scroller.placeOf(this.#active)
    const isChosen = event.key === 'Enter' || event.key === ' '
    const next = placeAfterKey(event.key, place, { count: rows.length, pageLength })
    if (next === null && !isChosen) return
    event.preventDefault()
    if (isChosen) return this.#select(this.#active)
    this.#active = rows[next ?? 0]?.id ?? null
    this.#scroller.reveal(next ?? 0)
    this.changed()
  }

  #onClick = ({ target }: Event) => {
    const row = (target as Element).closest<HTMLElement>('.row')
    this.#active = row?.dataset['id'] ?? this.#active
    if (row) this.#select(this.#active)
  }

  #select(id: string | null) {
    const conversation = this.pages?.rows.find((row) => row.id === id)
    if (!conversation) return
    this.#host.element.selected = conversation.id
    this.changed()
    this.#host.emit('parley-select', { conversationId: conversation.id, conversation })
  }
}

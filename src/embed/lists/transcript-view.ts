import type { TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { ConversationChange } from '../../client/generated/schema-types.ts'
import { html, isAboutAccess, nothing, ParleyRequestError } from '../kit.ts'
import type { View, ViewHost } from '../lazy-element.ts'
import type { ParleyConversation } from '../parley-conversation.ts'
import type { SharedSession, Viewer } from '../shared-session.ts'
import { renderFacts } from './conversation-facts.ts'
import { CONVERSATION } from './documents.ts'
import { Formats } from './formats.ts'
import { labelOf, ROLE } from './labels.ts'
import { ReadingPlace } from './reading-place.ts'
import { retryAfterOf, Throttle } from './throttle.ts'
import { transcriptStyles } from './transcript.css.ts'
import { type Entry, type FetchEntries, Transcript } from './transcript.ts'
import { authorOf, renderEntry } from './transcript-entry.ts'

const PAUSE_MS = 500
const MAX_ANNOUNCED = 300

/** Draws `<parley-conversation>`. */
export class TranscriptView implements View<Transcript> {
  readonly styles = transcriptStyles
  readonly #host: ViewHost<ParleyConversation>
  readonly #place = new ReadingPlace()
  #transcript: Transcript | null = null
  /** Ends the queries of the transcript. */
  #over = new AbortController()
  #shared: SharedSession | null = null
  #watched: SharedSession | null = null
  #unwatch = () => {}
  #updating = new Throttle(PAUSE_MS, () => this.#update())
  #isChanged = false
  #isStale = false
  #isLoadingEarlier = false
  #hasFailed = false
  #hasUnread = false
  /** What a screen reader says. */
  #announced = ''
  readonly #open = new Set<string>()
  #drawn: readonly Entry[] | null = null

  constructor(host: ViewHost<ParleyConversation>) {
    this.#host = host
  }

  async load(shared: SharedSession, _viewer: Viewer, signal: AbortSignal): Promise<Transcript> {
    const id = this.#host.element.conversationId
    this.#shared = shared
    this.#over.abort()
    this.#over = new AbortController()
    this.#transcript = null
    this.#isChanged = false
    this.#isStale = false
    // Before the query, so that no change is missed.
    this.#follow()
    const options = { signal: AbortSignal.any([signal, this.#over.signal]) }
    const fetchEntries: FetchEntries = async (page) => {
      type Answer = { conversation: Awaited<ReturnType<FetchEntries>> }
      return (await shared.session.query<Answer>(CONVERSATION, { id, ...page }, options)).conversation
    }
    const transcript = new Transcript(fetchEntries)
    if (id) await transcript.loadLatest()
    signal.throwIfAborted()
    this.#show(transcript)
    return transcript
  }

  hostConnected(): void {
    this.#follow()
  }

  hostDisconnected(): void {
    this.#follow()
  }

  hostUpdate(): void {
    if (this.#transcript && this.#transcript.entries !== this.#drawn) this.#place.note(this.#scroller())
  }

  hostUpdated(): void {
    this.#follow()
    const scroller = this.#scroller()
    if (!scroller || !this.#transcript || this.#transcript.entries === this.#drawn) return
    this.#drawn = this.#transcript.entries
    this.#place.keep(scroller)
  }

  render(transcript: Transcript): unknown {
    const { element, text } = this.#host
    const { conversation, entries, hasEarlier } = transcript
    if (!conversation) return nothing
    const formats = Formats.of(element.language, element.zone)
    return html`<article class="conversation" part="conversation">
      ${renderFacts(conversation, { text, formats })}
      <div class="entries" role="region" tabindex="0" aria-label=${text('transcript')} @scroll=${this.#onScroll}>
        ${hasEarlier ? this.#renderEarlier() : nothing}
        ${entries.length === 0 ? html`<p class="message">${text('transcriptEmpty')}</p>` : nothing}
        <ol role="list">${repeat(
          this.#withDays(entries, formats),
          ({ key }) => key,
          ({ draw }) => draw(),
        )}</ol>
      </div>
      ${this.#hasUnread ? html`<button type="button" class="unread" @click=${this.#onShowNew}>${text('newMessages')}</button>` : nothing}
      <p class="visually-hidden" role="status">${this.#announced}</p>
    </article>`
  }

  #renderEarlier() {
    const { text } = this.#host
    return html`<p class="earlier">
      ${this.#hasFailed ? html`<span role="alert">${text('moreFailed')}</span>` : nothing}
      <button type="button" aria-disabled=${this.#isLoadingEarlier} @click=${this.#onEarlier}>${text('earlierMessages')}</button>
    </p>`
  }

  /** The entries, and a line before the first of each day. */
  #withDays(entries: readonly Entry[], formats: Formats): { key: string; draw(): TemplateResult }[] {
    const { text } = this.#host
    return entries.flatMap((entry, place) => {
      const before = entries[place - 1]
      const isNewDay = !before || !formats.isSameDay(before.timestamp, entry.timestamp)
      const day = () => html`<li class="day"><span>${formats.day(entry.timestamp)}</span></li>`
      const isOpen = this.#open.has(entry.id)
      const onToggle = ({ currentTarget }: Event) => this.#toggle(entry.id, currentTarget as HTMLDetailsElement)
      return [
        ...(isNewDay ? [{ key: `day-${entry.id}`, draw: day }] : []),
        { key: entry.id, draw: () => renderEntry(entry, { text, formats, isOpen, onToggle }) },
      ]
    })
  }

  #show(transcript: Transcript) {
    this.#transcript = transcript
    this.#drawn = null
    this.#hasUnread = false
    this.#hasFailed = false
    this.#isLoadingEarlier = false
    this.#announced = ''
    this.#open.clear()
    this.#place.isAtEnd = true
    if (this.#isChanged) this.#updating.request()
  }

  #scroller = () => this.#host.element.renderRoot?.querySelector<HTMLElement>('.entries') ?? null

  #changed = () => this.#host.element.requestUpdate()

  /** Follows the changes of the session while that is wanted. */
  #follow() {
    const { element } = this.#host
    const shared = element.live && element.isConnected ? this.#shared : null
    if (shared === this.#watched) return
    this.#unwatch()
    this.#watched = shared
    this.#unwatch = shared?.watch((changes) => this.#note(changes)) ?? (() => {})
    // It was not followed until now.
    if (shared && this.#transcript) this.#note(null)
  }

  #note(changes: readonly ConversationChange[] | null) {
    const id = this.#host.element.conversationId
    const mine = changes?.filter(({ conversationId }) => conversationId === id)
    if (mine?.length === 0) return
    this.#isChanged = true
    // Without new messages, something has changed in those that are there, or of the conversation itself.
    this.#isStale ||= !mine || mine.some(({ kind }) => kind !== 'MESSAGES')
    this.#updating.request()
  }

  async #update(): Promise<void> {
    const transcript = this.#transcript
    if (!transcript || !this.#isChanged) return
    const isStale = this.#isStale
    this.#isChanged = false
    this.#isStale = false
    try {
      // Such as one that is created, or deleted.
      if (!transcript.conversation) return await this.#host.element.reload()
      const added = await transcript.loadLater()
      if (isStale) await transcript.refresh()
      if (transcript !== this.#transcript) return
      if (!transcript.conversation) return await this.#host.element.reload()
      this.#announce(added)
    } catch (error) {
      if (transcript !== this.#transcript) return
      this.#isChanged = true
      this.#isStale ||= isStale
      this.#updating.retry(retryAfterOf(error))
      this.#report(error)
    }
    this.#changed()
  }

  #announce(added: readonly Entry[]) {
    const scroller = this.#scroller()
    if (scroller) this.#place.scrolled(scroller)
    if (added.length > 0 && !this.#place.isAtEnd) this.#hasUnread = true
    const chats = added.flatMap((entry) => (entry.__typename === 'ChatMessage' ? [entry] : []))
    if (chats.length === 0) return
    const say = (entry: (typeof chats)[number]) =>
      `${authorOf(entry) ?? labelOf(ROLE, entry.role, this.#host.text)}: ${entry.content.slice(0, MAX_ANNOUNCED)}`
    this.#announced = chats.map(say).join('\n')
  }

  /** It is tried again, unless the token may no longer have it. */
  #report(error: unknown) {
    if (!(error instanceof ParleyRequestError)) reportError(error)
    else if (isAboutAccess(error.code)) void this.#host.element.reload()
  }

  #onEarlier = async () => {
    const transcript = this.#transcript
    if (!transcript || this.#isLoadingEarlier) return
    this.#isLoadingEarlier = true
    this.#hasFailed = false
    this.#changed()
    try {
      await transcript.loadEarlier()
    } catch (error) {
      if (transcript !== this.#transcript) return
      this.#hasFailed = true
      this.#report(error)
    }
    if (transcript !== this.#transcript) return
    this.#isLoadingEarlier = false
    this.#changed()
  }

  #toggle(id: string, { open }: HTMLDetailsElement) {
    if (open === this.#open.has(id)) return
    if (open) this.#open.add(id)
    else this.#open.delete(id)
    this.#changed()
  }

  #onScroll = ({ currentTarget }: Event) => {
    this.#place.scrolled(currentTarget as HTMLElement)
    if (!this.#hasUnread || !this.#place.isAtEnd) return
    this.#hasUnread = false
    this.#changed()
  }

  #onShowNew = () => {
    const scroller = this.#scroller()
    if (scroller) this.#place.toEnd(scroller)
    this.#hasUnread = false
    this.#changed()
  }
}
